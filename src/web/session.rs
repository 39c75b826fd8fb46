//! The session as a front-end sees it, without waiting.

use std::time::Duration;

use js_sys::Object;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::raw::{as_object, from_millis};

/// A snapshot of the session, taken without a request and without waiting: [`Api::session`].
///
/// Nothing of it is verified: what a user may do, the server decides.
///
/// [`Api::session`]: super::Api::session
#[derive(Clone)]
pub struct Session(JsValue);

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// Somebody is signed in.
    SignedIn,
    /// Nobody is.
    SignedOut,
    /// Nothing has told yet: no script can read the tokens, or a storage of your own has not been
    /// read.
    Unknown,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type RawSession;
    #[wasm_bindgen(method, getter, structural)]
    fn status(this: &RawSession) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn subject(this: &RawSession) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn claims(this: &RawSession) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = expiresAt)]
    fn expires_at(this: &RawSession) -> Option<f64>;
}

impl Session {
    pub(super) fn from_raw(raw: JsValue) -> Self {
        Self(raw)
    }

    fn raw(&self) -> Option<&RawSession> {
        as_object(&self.0)
    }

    /// Tells if somebody is signed in.
    pub fn status(&self) -> SessionStatus {
        match self.raw().and_then(RawSession::status).as_deref() {
            Some("signedIn") => SessionStatus::SignedIn,
            Some("signedOut") => SessionStatus::SignedOut,
            _ => SessionStatus::Unknown,
        }
    }

    /// The claim `sub` of the access token, if that is a JWT (RFC 7519 §4.1.2).
    pub fn subject(&self) -> Option<String> {
        self.raw()?.subject()
    }

    /// The claims of the access token, as far as `T` names them. `None` if the token is no JWT, or
    /// its claims do not fit.
    pub fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        let claims = self.raw()?.claims();
        claims.is_object().then(|| serde_wasm_bindgen::from_value(claims).ok()).flatten()
    }

    /// When the access token ends, since 1970: its claim `exp`, or else what the server's
    /// `expires_in` said.
    pub fn expires_at(&self) -> Option<Duration> {
        self.raw()?.expires_at().map(from_millis)
    }
}

impl PartialEq for Session {
    /// Tells if nothing has changed between the two.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl std::fmt::Debug for Session {
    /// Shows neither the user nor the claims.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("status", &self.status())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
