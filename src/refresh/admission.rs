//! Asking the record whether the tokens that this tab reads may be presented.
//!
//! ```text
//!  read the refresh token ─► sync with the storage ─► ask the record ─┬─► sync once more ─► refresh
//!          ▲                                                          │
//!          └──────── poll: another tab has rotated them ◄─────────────┘
//! ```
//!
//! **The order of reads, before a refresh: the refresh token first, then the access token.** If
//! another tab stores its grant in between, the newer access token is seen and the refresh
//! token is not sent. Read the other way round, a refresh token of the next epoch would be
//! presented on behalf of this one.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::credential::Presented;
use crate::error::Error;
use crate::millis::Millis;
use crate::protocol::{Act, Acted, Command, Moment, Reply};
use crate::record::{Admission, Attempt, KnownOutage};
use crate::refresh::lock_queue::LockState;
use crate::refresh::poll::{CATCH_UP, HAND_OVER, Poll, THAWED};
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::Wait;
use crate::values::{Note, Surroundings, Values};

#[derive(Clone, Copy)]
enum State {
    ReadingToken,
    Syncing,
    Requesting,
    Polling,
    CatchingUp,
    Confirming,
}

/// How the request for admission ended.
pub(crate) enum Admitted<V: Values> {
    /// The tokens may be presented.
    Refresh,
    /// There is nothing left to refresh.
    Land(Landing<V>),
    /// Line up for the lock again, if it is not held.
    LineUp,
    /// The lock that is held counts no more.
    LockSuperseded,
    /// Pause, and begin anew: what was read is old.
    Pause(Millis),
    /// The session has ended in another tab.
    SessionEnded,
}

/// A flight's request for admission. It is repeated until the record admits the flight.
pub(crate) struct AdmissionRequest<V: Values> {
    epoch: Epoch,
    state: State,
    /// The tokens that are to be presented.
    pub(crate) presented: Presented,
    /// The refresh token among them.
    pub(crate) refresh_token: Option<V::Token>,
    /// The heartbeat at which this flight was admitted.
    admitted_at: Option<u32>,
    /// The poll for the tokens that another tab has stored, and the heartbeat since which it
    /// lasts.
    hand_over: Option<(Poll, u32)>,
    /// The heartbeat during which that poll was over, before the tokens were read.
    waited_out: Option<u32>,
    began: Millis,
}

impl<V: Values> AdmissionRequest<V> {
    /// A request for a flight of `epoch`.
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            state: State::ReadingToken,
            presented: Presented::NOTHING,
            refresh_token: None,
            admitted_at: None,
            hand_over: None,
            waited_out: None,
            began: Millis::ZERO,
        }
    }
}

impl<S: Surroundings> AdmissionRequest<S> {
    /// Begins, or begins anew: reads the tokens.
    pub(crate) fn begin(&mut self, lock: &LockState<S::Guard>, at: &Moment<'_, S>) -> Command<S> {
        // Without a lock, the other tab may still be waiting for its answer.
        let patience = match lock {
            LockState::Held(..) => HAND_OVER,
            LockState::NotHeld | LockState::GoingWithout => HAND_OVER + at.policy.refresh_timeout,
        };
        self.waited_out = self
            .hand_over
            .filter(|(poll, _)| poll.is_over(patience))
            .map(|(_, heartbeat)| heartbeat);
        self.state = State::ReadingToken;
        Command::ReadRefreshToken
    }

    /// Goes on; breaks when it is admitted, or why it cannot be.
    pub(crate) fn on(
        &mut self,
        reply: Reply<S>,
        lock: &LockState<S::Guard>,
        at: &Moment<'_, S>,
    ) -> ControlFlow<Admitted<S>, Command<S>> {
        match (self.state, reply) {
            (State::ReadingToken, Reply::RefreshToken(token)) => {
                self.refresh_token = token;
                self.state = State::Syncing;
                Continue(Command::SyncWithStorage)
            }
            (State::Syncing, _) => self.request(lock, at),
            (State::Requesting, Reply::Acted(Acted::Admission(admission, heartbeat))) => {
                self.on_admission(admission, heartbeat, at)
            }
            (State::Polling, _) => {
                let is_late =
                    self.hand_over.as_mut().is_some_and(|(poll, _)| poll.finish(at.around.now()));
                if !is_late {
                    return Break(Admitted::LineUp);
                }
                self.state = State::CatchingUp;
                Continue(Command::Wait(Wait::Sleep(CATCH_UP)))
            }
            // Something may have arrived while the record was asked.
            (State::Confirming, _) => match at.changed_since(self.epoch) {
                Some(landing) => Break(Admitted::Land(landing)),
                None => Break(Admitted::Refresh),
            },
            _ => Break(Admitted::LineUp),
        }
    }

    fn request(
        &mut self,
        lock: &LockState<S::Guard>,
        at: &Moment<'_, S>,
    ) -> ControlFlow<Admitted<S>, Command<S>> {
        if let Some(landing) = at.changed_since(self.epoch) {
            return Break(Admitted::Land(landing));
        }
        let lock_generation = match lock {
            LockState::NotHeld => return Break(Admitted::LineUp),
            LockState::Held(_, generation) => Some(*generation),
            LockState::GoingWithout => None,
        };
        let access = at.shared.session.token();
        self.presented = Presented::of(access.as_ref(), self.refresh_token.as_ref());
        self.began = at.around.now();
        self.state = State::Requesting;
        Continue(Command::Record(Act::RequestAdmission(
            self.presented,
            Attempt {
                lock_generation,
                admitted_at: self.admitted_at,
                waited_out: self.waited_out,
                now: at.around.wall_clock(),
                woken: at.shared.outage.woken(),
            },
        )))
    }

    fn on_admission(
        &mut self,
        admission: Admission,
        heartbeat: u32,
        at: &Moment<'_, S>,
    ) -> ControlFlow<Admitted<S>, Command<S>> {
        match admission {
            Admission::Clear if at.around.now() - self.began >= THAWED => {
                Break(Admitted::Pause(CATCH_UP))
            }
            Admission::Clear => {
                self.admitted_at = Some(heartbeat);
                self.hand_over = None;
                self.state = State::Confirming;
                Continue(Command::SyncWithStorage)
            }
            Admission::LockSuperseded => Break(Admitted::LockSuperseded),
            Admission::Ended if self.waited_out.is_some() => Break(Admitted::SessionEnded),
            Admission::Ended | Admission::Rotated | Admission::Orphaned => {
                Continue(self.poll(heartbeat, at))
            }
            Admission::Outage(outage) => Break(Admitted::Land(share_outage(outage, at))),
        }
    }

    /// Polls for the tokens that another tab stored. Whenever a tab does something, the wait
    /// begins anew.
    fn poll(&mut self, heartbeat: u32, at: &Moment<'_, S>) -> Command<S> {
        let known = self.hand_over.filter(|(_, since)| *since == heartbeat);
        if known.is_none() {
            at.around.trace(Note::WaitsForHandOver);
        }
        let (mut poll, _) = known.unwrap_or_default();
        let interval = poll.start(at.around.now());
        self.hand_over = Some((poll, heartbeat));
        self.state = State::Polling;
        Command::Wait(Wait::Sleep(interval))
    }
}

/// Lands with the outage that another tab has met a moment ago.
fn share_outage<S: Surroundings>(outage: KnownOutage, at: &Moment<'_, S>) -> Landing<S> {
    let retry_after = outage.until - at.around.wall_clock();
    at.shared.outage.cool_down_until(at.around.now() + retry_after);
    Landing::Unavailable(at.around.failure(Error::unavailable_still(retry_after)))
}
