//! Holds everything that one task knows. Its protocol and its machine exchange objects here.

use crate::credential::{Grant, Presented};
use crate::flight::Flight;
use crate::policy::{Answer, Judgement};
use crate::record::{Admission, Claim};
use crate::shared::Landing;
use crate::values::Values;

/// The facts of one task. A protocol puts the objects of its next command here, and finds the
/// result here when it is asked again.
///
/// Commands themselves are plain values, which can be copied and compared; the objects that they
/// work on are these.
pub struct Facts<V: Values> {
    /// The request that the task is about.
    pub request: Option<V::Request>,
    /// The response to its last attempt.
    pub response: Option<V::Response>,
    /// The judgement of that response about the access token.
    pub judgement: Judgement,
    /// The access token to attach, or to return to the caller.
    pub access_token: Option<V::Token>,
    /// The refresh token, as it was read last.
    pub stored: Option<V::Token>,
    /// The refresh token that is presented to the token server.
    pub refresh_token: Option<V::Token>,
    /// The tokens that are presented, or that a change of session removes.
    pub presented: Presented,
    /// New tokens: from the token server, or from a sign-in.
    pub grant: Option<Grant<V::Token>>,
    /// True if the new tokens of the application belong to the current session.
    pub is_same_session: bool,
    /// The answer of the token server; none where it came too late.
    pub answer: Option<Answer<V::Token, V::Failure>>,
    /// The error behind a refusal or an outage.
    pub cause: Option<V::Failure>,
    /// The error that the caller, or everybody who waits, is rejected with.
    pub failure: Option<V::Failure>,
    /// The flight that was joined; none where there is nothing to refresh.
    pub flight: Option<Flight<Landing<V>>>,
    /// The landing of a refresh, once it is decided.
    pub landing: Option<Landing<V>>,
    /// The lock, once it is granted.
    pub guard: Option<V::Guard>,
    /// True if tabs cannot lock each other out here: there are no Web Locks.
    pub has_no_locks: bool,
    /// The heartbeat of the record at which this refresh was admitted last.
    pub admitted_at: Option<u32>,
    /// The result of the last act on the record.
    pub acted: Acted,
}

/// The result of an act on the record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Acted {
    /// It is done.
    Done,
    /// The heartbeat of the lock's holder; `None` once that lock is superseded.
    Holder(Option<u32>),
    /// The answer to a request for admission.
    Admission {
        /// The answer.
        admission: Admission,
        /// The heartbeat of the record before the request.
        before: u32,
        /// The same after it.
        after: u32,
    },
    /// The answer to a claim: may this tab store its grant?
    Claimed(Claim),
    /// When the last session ended whose tombstones are still there, if any are.
    Remembered(Option<f64>),
}

impl<V: Values> Facts<V> {
    /// Facts of a new task: nothing but its request, if it has one.
    #[inline(never)]
    pub fn of(request: Option<V::Request>) -> Self {
        Self {
            request,
            response: None,
            judgement: Judgement::Accepted,
            access_token: None,
            stored: None,
            refresh_token: None,
            presented: Presented::NOTHING,
            grant: None,
            is_same_session: false,
            answer: None,
            cause: None,
            failure: None,
            flight: None,
            landing: None,
            guard: None,
            has_no_locks: false,
            admitted_at: None,
            acted: Acted::Done,
        }
    }

    /// Takes the landing of the flight that was joined.
    pub(crate) fn take_landing(&mut self) -> Option<Landing<V>> {
        self.flight.take().and_then(|flight| flight.peek().cloned())
    }
}

impl<V: Values> std::fmt::Debug for Facts<V> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("acted", &self.acted).finish_non_exhaustive()
    }
}
