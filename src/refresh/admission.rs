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
use crate::facts::{Acted, Facts};
use crate::millis::Millis;
use crate::protocol::{Act, Command, Moment};
use crate::record::{Admission, Attempt, KnownOutage};
use crate::refresh::lock_queue::LockState;
use crate::refresh::poll::{CATCH_UP, HAND_OVER, Poll, THAWED};
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::Wait;
use crate::values::{Note, Surroundings};

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    ReadingToken,
    Syncing,
    Requesting,
    Polling,
    CatchingUp,
    Confirming,
}

/// The result of the request for admission.
#[derive(Clone, Copy)]
pub(crate) enum Admitted {
    /// The tokens may be presented.
    Refresh,
    /// There is nothing left to refresh; the landing is among the facts.
    Land,
    /// Line up for the lock again, if it is not held.
    LineUp,
    /// The lock that is held counts no more.
    LockSuperseded,
    /// Pause, and begin anew: what was read is old.
    Pause(Millis),
    /// The session has ended in another tab.
    SessionEnded,
    /// Another tab has spent its copy of the refresh token: it goes on alone.
    CopySpent,
}

type Flow = ControlFlow<Admitted, Command>;

/// A flight's request for admission. It is repeated until the record admits the flight.
#[derive(Clone, Copy, Default)]
pub(crate) struct AdmissionRequest {
    epoch: Epoch,
    state: State,
    /// The poll for the tokens that another tab has stored, and the heartbeat that was seen last.
    hand_over: Option<(Poll, u32)>,
    /// The heartbeat during which that poll was over, before the tokens were read.
    waited_out: Option<u32>,
    began: Millis,
    /// True if the storage was read once more.
    is_confirmed: bool,
}

impl AdmissionRequest {
    /// A request for a flight of `epoch`.
    pub(crate) fn of(epoch: Epoch) -> Self {
        Self { epoch, ..Self::default() }
    }

    /// Begins, or begins anew: reads the tokens.
    pub(crate) fn begin<S: Surroundings>(
        &mut self,
        lock: LockState,
        at: &Moment<'_, S>,
    ) -> Command {
        // Without a lock, the other tab may still be waiting for its answer.
        let patience = match lock {
            LockState::Held(_) => HAND_OVER,
            LockState::NotHeld | LockState::GoingWithout => HAND_OVER + at.policy.refresh_timeout,
        };
        self.waited_out = self
            .hand_over
            .filter(|(poll, _)| poll.is_over(patience))
            .map(|(_, heartbeat)| heartbeat);
        self.is_confirmed = false;
        self.state = State::ReadingToken;
        Command::ReadRefreshToken
    }

    /// Goes on; breaks when it is admitted, or why it cannot be.
    pub(crate) fn next<S: Surroundings>(
        &mut self,
        lock: LockState,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Flow {
        match self.state {
            State::ReadingToken => {
                facts.refresh_token = facts.stored.take();
                self.state = State::Syncing;
                Continue(Command::SyncWithStorage)
            }
            State::Syncing => self.request(lock, facts, at),
            State::Requesting => self.on_admission(facts, at),
            State::Polling => {
                let now = at.around.now();
                if !self.hand_over.as_mut().is_some_and(|(poll, _)| poll.finish(now)) {
                    return Break(Admitted::LineUp);
                }
                self.state = State::CatchingUp;
                Continue(Command::Wait(Wait::Sleep(CATCH_UP)))
            }
            State::CatchingUp => Break(Admitted::LineUp),
            // Something may have arrived while the record was asked.
            State::Confirming => {
                facts.landing = at.changed_since(self.epoch);
                let has_waited = at.around.now() - self.began >= THAWED;
                if facts.landing.is_none() && (has_waited || !lock.is_settled(facts)) {
                    // It was a slow storage, or the page was frozen or put away meanwhile:
                    // whether another tab was admitted since, the record knows.
                    self.is_confirmed = true;
                    return self.request(lock, facts, at);
                }
                Break(match facts.landing {
                    Some(_) => Admitted::Land,
                    None => Admitted::Refresh,
                })
            }
        }
    }

    fn request<S: Surroundings>(
        &mut self,
        lock: LockState,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Flow {
        facts.landing = at.changed_since(self.epoch);
        if facts.landing.is_some() {
            return Break(Admitted::Land);
        }
        let lock_generation = match lock {
            // It may have been lost since: the page was put away for a moment.
            _ if !lock.is_settled(facts) => return Break(Admitted::LineUp),
            LockState::Held(generation) => Some(generation),
            LockState::NotHeld | LockState::GoingWithout => None,
        };
        let refresh = facts.refresh_token.as_ref();
        // Of copies, the refresh token alone tells which of them may go on.
        let tells = refresh.is_none() || !at.around.is_storage_copied();
        let access = at.shared.session.token().filter(|_| tells);
        facts.presented = Presented::of(access.as_ref(), refresh);
        self.began = at.around.now();
        self.state = State::Requesting;
        let attempt = Attempt {
            lock_generation,
            admitted_at: facts.admitted_at,
            waited_out: self.waited_out,
            now: at.around.wall_clock(),
            woken: at.shared.outage.woken(),
            longest_outage: at.policy.longest_cool_down() + HAND_OVER,
            is_of_copy: at.around.is_storage_copied(),
        };
        Continue(Command::Record(Act::RequestAdmission { epoch: self.epoch, attempt }))
    }

    fn on_admission<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Flow {
        let Acted::Admission { admission, before, after } = facts.acted else {
            return Break(Admitted::LineUp);
        };
        match admission {
            Admission::Clear if at.around.now() - self.began >= THAWED => {
                Break(Admitted::Pause(CATCH_UP))
            }
            Admission::Clear => {
                facts.admitted_at = Some(after);
                self.hand_over = None;
                if self.is_confirmed {
                    return Break(Admitted::Refresh);
                }
                self.state = State::Confirming;
                Continue(Command::SyncWithStorage)
            }
            Admission::LockSuperseded => Break(Admitted::LockSuperseded),
            Admission::Rotated
                if at.around.is_storage_copied() && facts.refresh_token.is_some() =>
            {
                Break(Admitted::CopySpent)
            }
            Admission::Ended if self.waited_out.is_some() => Break(Admitted::SessionEnded),
            Admission::Ended | Admission::Rotated | Admission::Orphaned => {
                Continue(self.poll(before, after, at))
            }
            Admission::Outage(outage) => {
                facts.landing = Some(share_outage(outage, at));
                Break(Admitted::Land)
            }
        }
    }

    /// Polls for the tokens that another tab stored. Whenever another tab does something, the wait
    /// begins anew.
    fn poll<S: Surroundings>(&mut self, before: u32, after: u32, at: &Moment<'_, S>) -> Command {
        let known = self.hand_over.filter(|(_, seen)| *seen == before);
        if known.is_none() {
            at.around.trace(Note::WaitsForHandOver);
        }
        let (mut poll, _) = known.unwrap_or_default();
        let interval = poll.start(at.around.now());
        self.hand_over = Some((poll, after));
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
