//! The error classes of the npm package, which WebAssembly cannot declare.

use wasm_bindgen::prelude::*;

use super::ErrorOptions;
use crate::error::Error;

#[wasm_bindgen(module = "/src/npm/errors.js")]
extern "C" {
    type SignInRequiredError;
    #[wasm_bindgen(constructor)]
    fn new(message: &str, options: &ErrorOptions) -> SignInRequiredError;

    type RefreshUnavailableError;
    #[wasm_bindgen(constructor)]
    fn new(message: &str, options: &ErrorOptions) -> RefreshUnavailableError;

    type SessionChangedError;
    #[wasm_bindgen(constructor)]
    fn new(message: &str, options: &ErrorOptions) -> SessionChangedError;

    type HttpError;
    #[wasm_bindgen(constructor)]
    fn new(message: &str, options: &ErrorOptions) -> HttpError;

    type UnsupportedRuntimeError;
    #[wasm_bindgen(constructor)]
    fn new(message: &str) -> UnsupportedRuntimeError;
}

pub(super) fn own(error: &Error<JsValue>, options: &ErrorOptions) -> JsValue {
    let message = &error.message();
    match error {
        Error::SignInRequired { .. } => SignInRequiredError::new(message, options).into(),
        Error::RefreshUnavailable { .. } => RefreshUnavailableError::new(message, options).into(),
        Error::SessionChanged => SessionChangedError::new(message, options).into(),
    }
}

pub(super) fn http(message: &str, options: &ErrorOptions) -> JsValue {
    HttpError::new(message, options).into()
}

pub(super) fn unsupported(message: &str) -> JsValue {
    UnsupportedRuntimeError::new(message).into()
}
