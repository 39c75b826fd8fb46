//! The same errors without classes of their own: a Rust front-end has no file of
//! JavaScript to bring along.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::ErrorOptions;
use crate::error::Error;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = js_sys::Error)]
    type CodedError;
    #[wasm_bindgen(method, setter, structural)]
    fn set_code(this: &CodedError, code: &str);
}

pub(super) fn own(error: &Error<JsValue>, options: &ErrorOptions) -> JsValue {
    let coded = coded(&error.message(), error.name(), error.code());
    Object::assign(&coded, options).into()
}

pub(super) fn unsupported(message: &str) -> JsValue {
    coded(message, "UnsupportedRuntimeError", "UNSUPPORTED_RUNTIME").into()
}

fn coded(message: &str, name: &str, code: &str) -> CodedError {
    let error: CodedError = js_sys::Error::new(message).unchecked_into();
    error.set_name(name);
    error.set_code(code);
    error
}
