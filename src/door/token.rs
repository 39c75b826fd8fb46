//! A token as JavaScript holds it.

use std::rc::Rc;

use js_sys::JsString;
use wasm_bindgen::JsValue;

use super::shell::{expires_at, fingerprint, is_mark, issued_at, subject};
use crate::credential::{Credential, Fingerprint, Lifetime};
use crate::millis::Millis;

/// An access or refresh token: a non-empty JavaScript string that is not copied into
/// wasm memory. Its `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct Token(Rc<JsValue>);

impl Token {
    pub(crate) fn new(token: JsString) -> Self {
        Self(Rc::new(token.into()))
    }

    /// Reads what the shell calls a token: a string, or nothing.
    pub(crate) fn from_raw(value: JsValue) -> Option<Self> {
        value.is_truthy().then(|| Self(Rc::new(value)))
    }

    /// The string itself.
    pub(crate) fn as_raw(&self) -> &JsValue {
        &self.0
    }

    /// The string, or null.
    pub(crate) fn into_raw(token: Option<&Self>) -> JsValue {
        token.map_or(JsValue::NULL, |token| token.as_raw().clone())
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        let (mine, theirs) = (subject(&self.0), subject(&other.0));
        !mine.is_undefined() && !theirs.is_undefined() && mine != theirs
    }

    fn is_of_same_user(&self, other: &Self) -> bool {
        let mine = subject(&self.0);
        !mine.is_undefined() && mine == subject(&other.0)
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from_raw(fingerprint(&self.0))
    }

    fn lifetime(&self) -> Option<Lifetime> {
        let (issued, ends) = (issued_at(&self.0), expires_at(&self.0));
        let issued = (issued > 0.0).then(|| Millis::from_raw(issued));
        (ends > 0.0).then(|| Lifetime { issued, ends: Millis::from_raw(ends) })
    }

    fn is_mark(&self) -> bool {
        is_mark(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
