//! Errors as JavaScript sees them: real `Error`s with a stable `name` and `code`.

#[cfg(feature = "npm")]
mod classes;
#[cfg(not(feature = "npm"))]
mod plain;

use js_sys::Object;
use wasm_bindgen::prelude::*;

#[cfg(feature = "npm")]
use self::classes as errors;
#[cfg(not(feature = "npm"))]
use self::plain as errors;

use super::clock::to_millis;
use super::globals::as_object;
use crate::error::Error;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type ErrorOptions;
    #[wasm_bindgen(method, setter, structural)]
    fn set_cause(this: &ErrorOptions, cause: &JsValue);
    #[wasm_bindgen(method, setter, structural, js_name = retryAfter)]
    fn set_retry_after(this: &ErrorOptions, ms: f64);
    #[cfg(feature = "npm")]
    #[wasm_bindgen(method, setter, structural)]
    fn set_status(this: &ErrorOptions, status: u16);
    #[cfg(feature = "npm")]
    #[wasm_bindgen(method, setter, structural)]
    fn set_data(this: &ErrorOptions, data: &JsValue);
    #[cfg(feature = "npm")]
    #[wasm_bindgen(method, setter, structural)]
    fn set_response(this: &ErrorOptions, response: &JsValue);

    #[wasm_bindgen(extends = Object)]
    type Coded;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn code(this: &Coded) -> Result<JsValue, JsValue>;

    type DOMException;
    #[wasm_bindgen(constructor)]
    fn new(message: &str, name: &str) -> DOMException;
}

fn options() -> ErrorOptions {
    Object::new().unchecked_into()
}

/// The JavaScript error for `error`.
pub(crate) fn to_js(error: &Error<JsValue>) -> JsValue {
    let options = options();
    if let Some(cause) = error.cause() {
        options.set_cause(cause);
    }
    if let Error::RefreshUnavailable { retry_after, .. } = error {
        options.set_retry_after(to_millis(*retry_after));
    }
    errors::own(error, &options)
}

/// The error of `api.get` and its siblings for a status outside 200–299.
#[cfg(feature = "npm")]
pub(crate) fn http_error(
    message: &str,
    status: u16,
    data: &JsValue,
    response: &JsValue,
    cause: Option<&JsValue>,
) -> JsValue {
    let options = options();
    options.set_status(status);
    options.set_data(data);
    options.set_response(response);
    if let Some(cause) = cause {
        options.set_cause(cause);
    }
    classes::http(message, &options)
}

/// The error of `createApi` where something is missing that it cannot do without.
pub(crate) fn unsupported(message: &str) -> JsValue {
    errors::unsupported(message)
}

/// What an attempt that took too long rejects with, as `AbortSignal.timeout` does.
pub(crate) fn timeout_error() -> JsValue {
    DOMException::new("The request took longer than its timeout.", "TimeoutError").into()
}

/// Whether a `refresh` callback threw a `SignInRequiredError`, of this or of another
/// copy of the module.
pub(crate) fn is_sign_in_required(error: &JsValue) -> bool {
    let code = as_object::<Coded>(error).and_then(|error| error.code().ok());
    code.is_some_and(|code| code == "SIGN_IN_REQUIRED")
}
