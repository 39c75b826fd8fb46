//! A token as JavaScript holds it.

use wasm_bindgen::JsValue;

use super::globals::{Init, as_object, atob, parse_json};
use crate::session::Credential;

/// An access or refresh token: a non-empty JavaScript string that is not copied into
/// wasm memory. It has no `Debug` that could show it.
#[derive(Clone, PartialEq)]
pub(crate) struct Token(JsValue);

impl Token {
    /// `value` as a token; `None` unless it is a string that holds something.
    pub(crate) fn from_raw(value: JsValue) -> Option<Self> {
        // An empty string is the only one that is falsy.
        (value.is_string() && value.is_truthy()).then_some(Self(value))
    }

    /// The string itself.
    pub(crate) fn as_raw(&self) -> &JsValue {
        &self.0
    }

    /// The claim `sub` of a JWT (RFC 7519 §4.1.2), compared and never shown.
    fn subject(&self) -> Option<JsValue> {
        let token = self.0.as_string()?;
        let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
        // What atob gives is one character for each byte. Read as JSON it has a
        // distorted but equally comparable subject where that is not ASCII.
        let claims = parse_json(&atob(&payload).ok()?.into()).ok()?;
        let subject = js_sys::Reflect::get(as_object::<Init>(&claims)?, &"sub".into()).ok()?;
        subject.is_string().then_some(subject)
    }
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        matches!((self.subject(), other.subject()), (Some(a), Some(b)) if a != b)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
