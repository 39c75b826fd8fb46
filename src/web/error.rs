//! Errors, typed.

use std::time::Duration;

use gloo_net::http::{Headers, Response};
use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::raw::{as_object, from_millis};

/// The error of a request, a refresh or a builder.
///
/// No variant carries a token, whole or in part.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The session is over: the server refused to refresh, or the user has signed out. The
    /// user is on the way to the login page.
    SignInRequired {
        /// The message, for people.
        message: String,
        /// The error that the refresh failed with, if there was one.
        cause: Option<JsValue>,
    },
    /// The token could not be refreshed now. The user is still signed in.
    RefreshUnavailable {
        /// The message, for people.
        message: String,
        /// When a new try makes sense, counted from now.
        retry_after: Duration,
        /// The error that the refresh failed with, if there was one.
        cause: Option<JsValue>,
    },
    /// The session of this request has ended, or another user's has begun. The request was
    /// not sent again.
    SessionChanged,
    /// The server answered with a status outside 200–299
    /// ([`receive`](super::RequestBuilder::receive) only).
    Status(Box<StatusError>),
    /// A body that serde cannot write or read.
    Json(serde_json::Error),
    /// A token that is missing or empty, or cannot stand in a header (RFC 9110 §5.5).
    Token,
    /// An option of the builder that is wrong: the message names it as `createApi` does.
    Option(String),
    /// The headers had not arrived within the timeout of the attempt.
    Timeout,
    /// The request's signal was aborted, with this reason.
    Aborted(JsValue),
    /// The rejection of `fetch`: no network, a certificate, CORS, an argument that it
    /// refuses.
    Fetch(JsValue),
}

/// A response with a status outside 200–299.
#[derive(Debug)]
#[non_exhaustive]
pub struct StatusError {
    /// The HTTP status.
    pub status: u16,
    /// The response's headers.
    pub headers: Headers,
    /// The body, as text.
    pub body: String,
}

impl StatusError {
    /// The body, read by serde.
    ///
    /// # Errors
    ///
    /// [`Error::Json`].
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.body).map_err(Error::Json)
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type Thrown;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn code(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn name(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn message(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn cause(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, structural, catch, js_name = retryAfter)]
    fn retry_after(this: &Thrown) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_code(this: &Thrown, code: &str);
}

const SIGN_IN_REQUIRED: &str = "SIGN_IN_REQUIRED";

impl Error {
    /// Says that the session is over: what a refresh function returns when the server has
    /// refused.
    pub fn sign_in_required(message: impl Into<String>) -> Self {
        Self::SignInRequired { message: message.into(), cause: None }
    }

    /// Any other failure of a refresh function: nothing is known of the session then.
    pub fn other(message: impl AsRef<str>) -> Self {
        Self::Fetch(js_sys::Error::new(message.as_ref()).into())
    }

    /// The rejection of the platform, or of the client underneath.
    pub(super) fn from_raw(raw: JsValue) -> Self {
        let Some(thrown) = as_object::<Thrown>(&raw) else {
            return Self::Fetch(raw);
        };
        let text = |member: Result<JsValue, JsValue>| member.ok().and_then(|text| text.as_string());
        let message = text(thrown.message()).unwrap_or_default();
        let cause = thrown.cause().ok().filter(|cause| !cause.is_undefined());
        match text(thrown.code()).as_deref() {
            Some(SIGN_IN_REQUIRED) => return Self::SignInRequired { message, cause },
            Some("REFRESH_UNAVAILABLE") => {
                let millis = thrown.retry_after().ok().and_then(|millis| millis.as_f64());
                let retry_after = from_millis(millis.unwrap_or_default());
                return Self::RefreshUnavailable { message, retry_after, cause };
            }
            Some("SESSION_CHANGED") => return Self::SessionChanged,
            _ => {}
        }
        match text(thrown.name()).as_deref() {
            Some("TimeoutError") => Self::Timeout,
            Some("AbortError") => Self::Aborted(raw),
            _ => Self::Fetch(raw),
        }
    }

    /// For an invalid option of a builder.
    pub(super) fn of_option(raw: JsValue) -> Self {
        let message = as_object::<Thrown>(&raw).and_then(|thrown| thrown.message().ok());
        Self::Option(message.and_then(|text| text.as_string()).unwrap_or_default())
    }

    /// For a response outside 200–299.
    pub(super) fn of_status(response: &Response, body: String) -> Self {
        let (status, headers) = (response.status(), response.headers());
        Self::Status(Box::new(StatusError { status, headers, body }))
    }

    /// Converts it into the value that a JavaScript function throws in its place.
    pub(super) fn into_raw(self) -> JsValue {
        match self {
            Self::Aborted(raw) | Self::Fetch(raw) => raw,
            error => {
                let raw = js_sys::Error::new(&error.to_string());
                if let Self::SignInRequired { .. } = error {
                    raw.unchecked_ref::<Thrown>().set_code(SIGN_IN_REQUIRED);
                }
                raw.into()
            }
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SignInRequired { message, .. }
            | Self::RefreshUnavailable { message, .. }
            | Self::Option(message) => f.write_str(message),
            Self::SessionChanged => f.write_str(
                "The session of this request has ended or another one has begun. The request was \
                 not sent again; start it anew if it is still wanted.",
            ),
            Self::Status(error) => write!(f, "The server answered {}.", error.status),
            Self::Json(error) => write!(f, "The body is not the JSON that was expected: {error}"),
            Self::Token => {
                f.write_str("A token is missing or empty, or holds what no header can hold.")
            }
            Self::Timeout => f.write_str("The request took longer than its timeout."),
            Self::Aborted(_) => f.write_str("The request was aborted."),
            Self::Fetch(raw) => {
                let message = as_object::<Thrown>(raw).and_then(|thrown| thrown.message().ok());
                let message = message.and_then(|message| message.as_string());
                f.write_str(message.as_deref().unwrap_or("The request failed."))
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            _ => None,
        }
    }
}

impl From<gloo_net::Error> for Error {
    fn from(error: gloo_net::Error) -> Self {
        match error {
            gloo_net::Error::SerdeError(error) => Self::Json(error),
            error => Self::Fetch(js_sys::Error::new(&error.to_string()).into()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}
