//! Events, and who listens to them.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::error::Error;
use super::raw::as_object;
use crate::session::SignOut;

/// A change of the session, in this tab or another one.
#[non_exhaustive]
pub enum Event {
    /// New tokens are stored.
    TokenRefreshed {
        /// The new access token; `None` where no script can read it.
        access_token: Option<String>,
    },
    /// The session is over.
    SignedOut(SignOut),
    /// A refresh could not be done now: [`Error::RefreshUnavailable`].
    RefreshUnavailable(Error),
    /// Another session has begun.
    SessionChanged,
}

impl std::fmt::Debug for Event {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TokenRefreshed { .. } => f.write_str("TokenRefreshed"),
            Self::SignedOut(why) => f.debug_tuple("SignedOut").field(why).finish(),
            Self::RefreshUnavailable(error) => {
                f.debug_tuple("RefreshUnavailable").field(error).finish()
            }
            Self::SessionChanged => f.write_str("SessionChanged"),
        }
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type RawEvent;
    #[wasm_bindgen(method, getter, structural, js_name = type)]
    fn kind(this: &RawEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, structural, js_name = accessToken)]
    fn access_token(this: &RawEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn reason(this: &RawEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn error(this: &RawEvent) -> JsValue;
}

impl Event {
    pub(super) fn from_raw(raw: &JsValue) -> Option<Self> {
        let raw = as_object::<RawEvent>(raw)?;
        Some(match raw.kind()?.as_str() {
            "tokenRefreshed" => Self::TokenRefreshed { access_token: raw.access_token() },
            "signedOut" if raw.reason().as_deref() == Some("refused") => {
                Self::SignedOut(SignOut::Refused)
            }
            "signedOut" => Self::SignedOut(SignOut::Asked),
            "refreshUnavailable" => Self::RefreshUnavailable(Error::from_raw(raw.error())),
            "sessionChanged" => Self::SessionChanged,
            _ => return None,
        })
    }
}

/// Listens until it is dropped.
#[must_use = "a subscription that is dropped listens no more"]
pub struct Subscription(pub(super) Vec<Function>);

impl Subscription {
    /// Listens as long as the page lives.
    pub fn forget(mut self) {
        self.0.clear();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for remove in self.0.drain(..) {
            // It only removes a listener, and does not throw.
            drop(remove.call0(&JsValue::UNDEFINED));
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
