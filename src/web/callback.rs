//! Functions of the application, as the client underneath calls them.

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::error::Error;

/// A function with one argument.
pub(super) fn sync<F>(call: F) -> Function
where
    F: Fn(JsValue) + 'static,
{
    Closure::<dyn Fn(JsValue)>::new(call).into_js_value().unchecked_into()
}

/// A function with one argument that returns a promise.
pub(super) fn asynchronous<F, Answer>(call: F) -> Function
where
    F: Fn(JsValue) -> Answer + 'static,
    Answer: Future<Output = Result<JsValue, Error>> + 'static,
{
    let call = move |argument| -> Promise {
        let answer = call(argument);
        future_to_promise(async move { answer.await.map_err(Error::into_raw) })
    };
    Closure::<dyn Fn(JsValue) -> Promise>::new(call).into_js_value().unchecked_into()
}
