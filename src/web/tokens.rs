//! Tokens as the application has them.

use std::time::Duration;

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::error::Error;
use super::raw::to_millis;

/// The tokens that a sign-in or a refresh brings.
///
/// ```no_run,standalone_crate
/// use tokenflight::web::Tokens;
///
/// let tokens = Tokens::new("the access token").with_refresh_token("the refresh token");
/// ```
#[derive(Clone)]
pub struct Tokens {
    access: String,
    refresh: Option<String>,
    expires_in: Option<Duration>,
}

impl Tokens {
    /// An access token alone.
    pub fn new(access_token: impl Into<String>) -> Self {
        Self { access: access_token.into(), refresh: None, expires_in: None }
    }

    /// With a refresh token. A refresh that brings none leaves the one that is stored.
    pub fn with_refresh_token(self, refresh_token: impl Into<String>) -> Self {
        Self { refresh: Some(refresh_token.into()), ..self }
    }

    /// With the access token's lifetime (`expires_in` of RFC 6749 §5.1), where it is no JWT
    /// that says so itself.
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        Self { expires_in: Some(lifetime), ..self }
    }

    /// The tokens as JavaScript has them.
    pub(super) fn into_raw(self) -> Result<JsValue, Error> {
        let expires_in = self.expires_in.map(|lifetime| to_millis(lifetime) / 1000.0);
        let raw = RawTokens { access_token: self.access, refresh_token: self.refresh, expires_in };
        serde_wasm_bindgen::to_value(&raw).map_err(|error| Error::Fetch(error.into()))
    }
}

/// Tokens as JavaScript has them. [`Tokens`] itself is not for serde: nobody is to write it
/// where it does not belong.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RawTokens {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<f64>,
}

impl std::fmt::Debug for Tokens {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// The argument of a refresh function.
#[non_exhaustive]
pub struct RefreshContext {
    /// The refresh token; `None` where it is a cookie.
    pub refresh_token: Option<String>,
    /// Aborts when `refresh_timeout` is over.
    pub signal: web_sys::AbortSignal,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    pub(super) type RawContext;
    #[wasm_bindgen(method, getter, structural, js_name = refreshToken)]
    fn refresh_token(this: &RawContext) -> Option<String>;
    #[wasm_bindgen(method, getter, structural)]
    fn signal(this: &RawContext) -> web_sys::AbortSignal;
}

impl RefreshContext {
    pub(super) fn from_raw(raw: &RawContext) -> Self {
        Self { refresh_token: raw.refresh_token(), signal: raw.signal() }
    }
}

impl std::fmt::Debug for RefreshContext {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshContext").finish_non_exhaustive()
    }
}
