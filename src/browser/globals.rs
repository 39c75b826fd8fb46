//! Bindings of the platform's globals, as far as they are used here.
//!
//! Tokens, URLs and options stay on the JavaScript side: a `JsValue` is a reference,
//! while a Rust `String` would be copied in and out for each call. `window` is not
//! named anywhere, because workers and Node have none.

use js_sys::{Function, JsString, Object, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Object, js_name = assign, catch)]
    fn copy_members(target: &Object, source: &JsValue) -> Result<Object, JsValue>;

    #[wasm_bindgen(js_namespace = Object, js_name = getPrototypeOf)]
    pub(crate) fn prototype_of(value: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = String, catch)]
    pub(crate) fn to_string(value: &JsValue) -> Result<JsString, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    pub(crate) fn parse_json(text: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, js_name = stringify, catch)]
    pub(crate) fn to_json(value: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn atob(text: &str) -> Result<JsString, JsValue>;

    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    pub(crate) fn warn(message: &str);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(crate) fn log_error(error: &JsValue);

    #[wasm_bindgen(js_namespace = console, js_name = debug)]
    pub(crate) fn log_debug(message: &str);

    #[wasm_bindgen(js_namespace = Math)]
    pub(crate) fn random() -> f64;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn monotonic_ms() -> f64;

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub(crate) fn wall_clock_ms() -> f64;

    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    pub(crate) fn parse_date(text: &str) -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(callback: &Function, ms: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    pub(crate) fn clear_timeout(id: &JsValue);
}

#[wasm_bindgen]
extern "C" {
    /// A function, with the ways of calling and binding it that are used here.
    #[wasm_bindgen(extends = Function)]
    #[derive(Clone)]
    pub(crate) type Callable;

    #[wasm_bindgen(method, js_name = bind)]
    pub(crate) fn bind_this(this: &Callable, context: &JsValue) -> Function;
    #[wasm_bindgen(method, js_name = bind)]
    pub(crate) fn bind_first(this: &Callable, context: &JsValue, first: &JsValue) -> Function;
    #[wasm_bindgen(method, js_name = bind)]
    pub(crate) fn bind_request(
        this: &Callable,
        context: &JsValue,
        target: &JsValue,
        init: &JsValue,
        epoch: u32,
    ) -> Function;
    #[cfg(feature = "npm")]
    #[wasm_bindgen(method, js_name = bind)]
    pub(crate) fn bind_answer(
        this: &Callable,
        context: &JsValue,
        method: &JsValue,
        target: &JsValue,
        answer: &JsValue,
        reading: u32,
    ) -> Function;
    #[wasm_bindgen(method, js_name = call, catch)]
    pub(crate) fn call_fetch(
        this: &Callable,
        context: &JsValue,
        input: &JsValue,
        init: &JsValue,
    ) -> Result<JsValue, JsValue>;

    /// A promise whose handler is a function that JavaScript knows already.
    #[wasm_bindgen(extends = Promise)]
    pub(crate) type Pending;

    #[wasm_bindgen(method, js_name = then)]
    pub(crate) fn then_call(this: &Pending, on_fulfilled: &Function) -> Promise;
    #[wasm_bindgen(method, js_name = catch)]
    pub(crate) fn catch_call(this: &Pending, on_rejected: &Function) -> Promise;
    #[wasm_bindgen(method, js_name = then)]
    pub(crate) fn then_call_or(
        this: &Pending,
        on_fulfilled: &Function,
        on_rejected: &Function,
    ) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// An object whose members are read by name.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone)]
    pub(crate) type Init;

    #[wasm_bindgen(method, indexing_setter, structural)]
    pub(crate) fn set_member(this: &Init, name: &JsString, value: &JsValue);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn headers(this: &Init) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_headers(this: &Init, headers: &JsValue);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn body(this: &Init) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_body(this: &Init, body: &JsValue);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn method(this: &Init) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_method(this: &Init, method: &JsString);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn signal(this: &Init) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_signal(this: &Init, signal: &JsValue);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn credentials(this: &Init) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_credentials(this: &Init, credentials: &JsValue);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn auth(this: &Init) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn replay(this: &Init) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn timeout(this: &Init) -> JsValue;
    #[cfg(feature = "web")]
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_auth(this: &Init, auth: bool);
    #[cfg(feature = "web")]
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_replay(this: &Init, replay: bool);
    #[cfg(feature = "web")]
    #[wasm_bindgen(method, setter, structural)]
    pub(crate) fn set_timeout(this: &Init, ms: f64);
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn params(this: &Init) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn url(this: &Init) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn data(this: &Init) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = responseType)]
    pub(crate) fn response_type(this: &Init) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = globalThis, thread_local_v2)]
    static GLOBAL: Global;

    /// The global object, whatever it is.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone)]
    pub(crate) type Global;

    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn fetch(this: &Global) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn location(this: &Global) -> Option<Location>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn document(this: &Global) -> Option<Document>;
    #[wasm_bindgen(method, getter, structural, js_name = localStorage, catch)]
    pub(crate) fn local_storage(this: &Global) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = sessionStorage, catch)]
    pub(crate) fn session_storage(this: &Global) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = indexedDB, catch)]
    pub(crate) fn indexed_db(this: &Global) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn navigator(this: &Global) -> Option<Navigator>;
    #[wasm_bindgen(method, getter, structural, js_name = reportError)]
    pub(crate) fn report_error(this: &Global) -> JsValue;

    #[derive(Clone)]
    pub(crate) type Location;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn href(this: &Location) -> String;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn origin(this: &Location) -> String;
    #[wasm_bindgen(method, structural, catch)]
    pub(crate) fn assign(this: &Location, url: &str) -> Result<(), JsValue>;

    pub(crate) type Navigator;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn locks(this: &Navigator) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = onLine)]
    pub(crate) fn on_line(this: &Navigator) -> Option<bool>;

    #[derive(Clone)]
    pub(crate) type Document;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn hidden(this: &Document) -> bool;
    #[wasm_bindgen(method, getter, structural, js_name = baseURI)]
    pub(crate) fn base_uri(this: &Document) -> JsValue;
    #[wasm_bindgen(method, getter, structural)]
    pub(crate) fn cookie(this: &Document) -> Option<String>;
}

pub(crate) fn global() -> Global {
    GLOBAL.with(Clone::clone)
}

/// A copy of an object's own members; of nothing, an empty one.
///
/// # Errors
///
/// What a getter of `source` throws.
pub(crate) fn copy_of(source: &JsValue) -> Result<Init, JsValue> {
    Ok(copy_members(&Object::new(), source)?.unchecked_into())
}

/// `value` as an object whose members `T` names.
pub(crate) fn as_object<T: JsCast>(value: &JsValue) -> Option<&T> {
    value.is_object().then(|| value.unchecked_ref())
}

/// `value` if it can be called.
pub(crate) fn as_function(value: &JsValue) -> Option<Function> {
    value.is_function().then(|| value.clone().unchecked_into())
}

/// Hands an error of a callback to whoever watches the page for errors.
pub(crate) fn report(error: &JsValue) {
    match as_function(&global().report_error()) {
        Some(report) => drop(report.call1(&JsValue::UNDEFINED, error)),
        None => log_error(error),
    }
}
