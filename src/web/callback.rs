//! Functions of the application, as the client underneath calls them.

use std::rc::Rc;

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
pub(super) fn asynchronous<F>(call: F) -> Function
where
    F: AsyncFn(JsValue) -> Result<JsValue, Error> + 'static,
{
    let call = Rc::new(call);
    let call = move |argument| -> Promise {
        // A call that is under way outlives the function.
        let call = call.clone();
        future_to_promise(async move { call(argument).await.map_err(Error::into_raw) })
    };
    Closure::<dyn Fn(JsValue) -> Promise>::new(call).into_js_value().unchecked_into()
}
