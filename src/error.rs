//! The errors that are tokenflight's own.
//!
//! Errors of the platform (no network, an abort) pass through untouched and are
//! not listed here.

use crate::millis::Millis;

/// An error of tokenflight's own. `C` is the platform's value for what caused it.
///
/// No variant carries a token, whole or in part.
#[derive(Clone, Debug, PartialEq)]
pub enum Error<C> {
    /// The session is over: the server refused to refresh, or there is nothing
    /// left to refresh with.
    SignInRequired {
        /// Why the refresh was refused.
        reason: &'static str,
        /// The error that the refresh failed with, if there was one.
        cause: Option<C>,
    },
    /// The token could not be refreshed now. The session stands.
    RefreshUnavailable {
        /// Why the refresh did not succeed.
        reason: &'static str,
        /// When a new try makes sense, counted from now.
        retry_after: Millis,
        /// The error that the refresh failed with, if there was one.
        cause: Option<C>,
    },
    /// The request belongs to a session that has ended.
    SessionChanged,
}

impl<C> Error<C> {
    /// The error of a request that needs a session after somebody has signed out.
    pub(crate) fn signed_out() -> Self {
        Self::SignInRequired { reason: "it was signed out", cause: None }
    }

    /// The error of a request that needs a refresh during the cool-down.
    pub(crate) fn unavailable_still(retry_after: Millis) -> Self {
        let reason = "the token server was unavailable a moment ago";
        Self::RefreshUnavailable { reason, retry_after, cause: None }
    }

    /// The error of all who waited for a refresh that ended with an exception.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn broke_off(cause: C) -> Self {
        let (reason, retry_after) = ("the refresh broke off", Millis::ZERO);
        Self::RefreshUnavailable { reason, retry_after, cause: Some(cause) }
    }

    /// The stable name of the JavaScript error class.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignInRequired { .. } => "SignInRequiredError",
            Self::RefreshUnavailable { .. } => "RefreshUnavailableError",
            Self::SessionChanged => "SessionChangedError",
        }
    }

    /// The stable code, for programs to compare.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignInRequired { .. } => "SIGN_IN_REQUIRED",
            Self::RefreshUnavailable { .. } => "REFRESH_UNAVAILABLE",
            Self::SessionChanged => "SESSION_CHANGED",
        }
    }

    /// Describes the error in a few words, with the remedy.
    pub fn message(&self) -> String {
        self.message_parts().concat()
    }

    /// The message in pieces, for whoever can join strings in less code.
    pub(crate) fn message_parts(&self) -> [&'static str; 3] {
        match self {
            Self::SignInRequired { reason, .. } => {
                ["The session is over: ", reason, ". Ask the user to sign in."]
            }
            Self::RefreshUnavailable { reason, .. } => [
                "The access token could not be refreshed now: ",
                reason,
                ". The user is still signed in; try again later.",
            ],
            Self::SessionChanged => [
                "The session of this request has ended or another one has begun",
                "",
                ". The request was not sent again; start it anew if it is still wanted.",
            ],
        }
    }

    /// The error that caused it, if there was one.
    pub fn cause(&self) -> Option<&C> {
        match self {
            Self::SignInRequired { cause, .. } | Self::RefreshUnavailable { cause, .. } => {
                cause.as_ref()
            }
            Self::SessionChanged => None,
        }
    }
}

impl<C> std::fmt::Display for Error<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl<C: std::fmt::Debug> std::error::Error for Error<C> {}
