//! Every decision, as a pure function: what a 401 means, how a refresh ended, when
//! it is tried again.

use crate::credential::{Credential, Grant};
use crate::millis::Millis;
use crate::session::{Epoch, Session};

/// The settings that decisions depend on.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long one refresh may take.
    pub refresh_timeout: Millis,
    /// How often an unavailable refresh is tried again.
    pub refresh_retries: u32,
    /// The longest wait before the first retry; it doubles for each further one.
    pub retry_delay: Millis,
    /// The longest `Retry-After` (RFC 9110 §10.2.3) that is waited for.
    pub max_retry_after: Millis,
    /// How long after an outage no refresh is sent; it doubles up to a minute.
    pub cool_down: Millis,
    /// How long before its end an access token is refreshed.
    pub refresh_ahead: Millis,
    /// How long another tab may hold up a refresh without anything happening.
    pub lock_timeout: Millis,
    /// True if the caller gets its own 401 when the session is over, in place of a rejection.
    pub returns_unauthorized: bool,
    /// True if the server is told of a sign-out.
    pub tells_sign_out: bool,
    /// True if the access token is a cookie that no script can read.
    pub is_cookie_session: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            refresh_timeout: Millis::new(10_000),
            refresh_retries: 2,
            retry_delay: Millis::new(300),
            max_retry_after: Millis::new(30_000),
            cool_down: Millis::new(1_000),
            refresh_ahead: Millis::from_secs(30),
            lock_timeout: Millis::new(10_000),
            returns_unauthorized: false,
            tells_sign_out: false,
            is_cookie_session: false,
        }
    }
}

/// The judgement of a response about the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing.
    Accepted,
    /// It is not accepted: a 401, or what the application's `isUnauthorized` takes for one.
    Unauthorized,
    /// `isUnauthorized` wants the request to be sent once more, without a refresh.
    Replay,
}

/// The step that a 401 calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The token has been replaced meanwhile: send again, without a refresh.
    Replay,
    /// It is for the current token: start or join a flight.
    Refresh,
    /// It is of a session that was left behind.
    SessionChanged,
    /// The session is over, and there is nothing to refresh with.
    SignIn,
    /// It is for a token that was refreshed in vain a moment ago: the response is the caller's.
    GiveBack,
}

/// Decides what to do about a 401 for a request that was sent in the epoch `sent`.
pub fn on_unauthorized<T: Credential, F: Clone>(
    sent: Epoch,
    session: &Session<T, F>,
    has_refresh_token: bool,
    is_futile: bool,
) -> Step {
    if session.is_over() && !has_refresh_token {
        Step::SignIn
    } else if session.has_moved_on_from(sent) {
        Step::SessionChanged
    } else if sent < session.epoch() {
        Step::Replay
    } else if is_futile {
        Step::GiveBack
    } else {
        Step::Refresh
    }
}

/// The answer to a refresh, as far as decisions need it.
#[derive(Clone, Debug)]
pub enum Answer<T, C> {
    /// An HTTP response, or what a `refresh` callback returned (as a 200).
    Response {
        /// The HTTP status.
        status: u16,
        /// The response's `Retry-After`.
        retry_after: Option<Millis>,
        /// The content of the body.
        body: Body<T>,
        /// The response as an error, to be attached as the cause.
        cause: Option<C>,
    },
    /// A `refresh` callback said that the session is over.
    SignInRequired(C),
    /// No answer: no network, or a `refresh` callback failed.
    Failed(C),
}

/// The body of an answer to a refresh.
#[derive(Clone, Debug)]
pub enum Body<T> {
    /// Neither JSON nor a page, or nothing at all.
    NotJson,
    /// A page for people: a firewall's challenge, a captive portal, a login page.
    Page,
    /// JSON without a usable access token.
    WithoutToken {
        /// The member `code` of the top level, where that is a number: an envelope's.
        code: Option<u16>,
        /// True if the error that it names passes by itself: `temporarily_unavailable` and
        /// `server_error` (RFC 6749 §4.1.2.1), `slow_down` (RFC 8628 §3.5), throttling.
        is_temporary: bool,
    },
    /// New tokens.
    Tokens(Grant<T>),
}

/// How a refresh ended.
#[derive(Clone, Debug)]
pub enum Verdict<T, C> {
    /// New tokens.
    Granted(Grant<T>),
    /// The session is over.
    Refused {
        /// Why, for a person.
        reason: &'static str,
        /// The error behind it.
        cause: Option<C>,
    },
    /// Nothing is known about the session; it stands.
    Unavailable {
        /// Why, for a person.
        reason: &'static str,
        /// When the server wants to be asked again.
        retry_after: Option<Millis>,
        /// The error behind it.
        cause: Option<C>,
    },
}

impl Policy {
    /// Judges the answer to a refresh: is the session renewed, refused, or is nothing known?
    pub fn judge<T, C>(&self, answer: Answer<T, C>) -> Verdict<T, C> {
        let (status, retry_after, body, cause) = match answer {
            Answer::SignInRequired(cause) => {
                let cause = Some(cause);
                return Verdict::Refused { reason: "the refresh function said so", cause };
            }
            Answer::Failed(cause) => {
                let (reason, cause) = ("the refresh failed", Some(cause));
                return Verdict::Unavailable { reason, retry_after: None, cause };
            }
            Answer::Response { status, retry_after, body, cause } => {
                (status, retry_after, body, cause)
            }
        };
        let refused = |reason, cause| Verdict::Refused { reason, cause };
        let unavailable = |reason, cause| Verdict::Unavailable { reason, retry_after, cause };
        match (status, body) {
            (200..=299, Body::Tokens(grant)) => Verdict::Granted(grant),
            (
                200..=299,
                Body::WithoutToken { code: Some(429 | 500..=599), .. }
                | Body::WithoutToken { is_temporary: true, .. },
            ) => unavailable("the token server's envelope tells of a failure", cause),
            (200..=299, Body::WithoutToken { .. }) => {
                refused("the token server's answer holds no usable access token", cause)
            }
            (200..=299, _) => unavailable("the token server's answer is not JSON", cause),
            // Two refreshes at once, a proxy, an overload: they say nothing about the session.
            (405 | 407 | 408 | 409 | 421 | 423 | 424 | 425 | 429, _)
            | (400..=499, Body::WithoutToken { is_temporary: true, .. }) => {
                unavailable("the token server cannot refresh now", cause)
            }
            // It was asked for JSON: somebody in between answers. 400, 401 and 422 are what
            // frameworks refuse with, whatever the body.
            (400..=499, Body::Page) if !matches!(status, 400 | 401 | 422) => {
                unavailable("a page came in place of the token server's answer", cause)
            }
            (400..=499, _) => refused("the token server refused to refresh", cause),
            _ => unavailable("the token server failed", cause),
        }
    }

    /// How long to wait before the try after `tries` failed ones; `None`: give up.
    ///
    /// Exponential with full jitter: `random` is uniform in 0..1. A `Retry-After`
    /// beyond the bound is not waited for; the caller is told of it instead.
    pub fn retry_in(&self, tries: u32, retry_after: Option<Millis>, random: f64) -> Option<Millis> {
        if tries > self.refresh_retries {
            return None;
        }
        match retry_after {
            Some(wait) => (wait <= self.max_retry_after).then_some(wait),
            None => Some(doubled(self.retry_delay, tries.saturating_sub(1)) * random),
        }
    }

    /// How long no refresh is sent after the `outages`-th outage in a row.
    ///
    /// The upper half of the range is random, so that tabs do not return as one.
    pub fn cool_down(&self, outages: u32, random: f64) -> Millis {
        let longest = LONGEST_COOL_DOWN.max(self.cool_down);
        doubled(self.cool_down, outages.saturating_sub(1)).min(longest) * (0.5 + random / 2.0)
    }

    /// No outage holds up anybody for longer, whatever is said of it.
    pub(crate) fn longest_cool_down(&self) -> Millis {
        LONGEST_COOL_DOWN.max(self.cool_down).max(self.max_retry_after).max(self.late_answer())
    }

    /// How long an answer may still come after `refresh_timeout`: a server may rotate the token
    /// and then be slow to say so.
    pub(crate) fn late_answer(&self) -> Millis {
        self.refresh_timeout * 2.0
    }
}

/// How long a 401 for a token that was just refreshed is given back, after so many refreshes in
/// a row that did not help.
pub(crate) fn futile_pause(in_a_row: u32) -> Millis {
    doubled(Millis::from_secs(1), in_a_row.saturating_sub(1)).min(LONGEST_COOL_DOWN)
}

pub(crate) const LONGEST_COOL_DOWN: Millis = Millis::from_secs(60);

fn doubled(base: Millis, times: u32) -> Millis {
    base * f64::from(1u32.checked_shl(times).unwrap_or(u32::MAX))
}
