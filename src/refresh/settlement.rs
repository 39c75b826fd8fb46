//! What follows from the answer to a refresh.
//!
//! ```text
//!  Granted ─────► claim ─► store ─────────────────► landed
//!  Refused ─────► is it still the same session? ──► the session is over
//!  Unavailable ─► pause and ask again ────────────► give up for now
//! ```
//!
//! **The order of reads, after an answer: the access token first, then the refresh token.** If
//! another tab stores its grant in between, the newer refresh token is seen and nothing is
//! stored over it. Read the other way round, the refresh token could still be the spent one
//! while the access token is already the next.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::credential::{Grant, Presented};
use crate::error::Error;
use crate::millis::Millis;
use crate::policy::Verdict;
use crate::protocol::{Act, Acted, Command, Moment, Reply};
use crate::record::{Claim, KnownOutage};
use crate::refresh::watch::Watch;
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::Wait;
use crate::values::{Note, Surroundings, Values};

/// Why a grant is refused here.
const ANOTHER_USER: &str = "the token server answered with the token of another user";

/// How many refused refresh tokens one flight replaces by those that it finds.
const MOST_REFUSALS: u32 = 3;

/// How a settlement ended.
pub(crate) enum Settled<V: Values> {
    /// The flight has landed.
    Land(Landing<V>),
    /// Ask once more after a pause.
    Retry(Millis),
}

type Flow<S> = ControlFlow<Settled<S>, Command<S>>;

#[derive(Clone, Copy)]
enum State {
    SyncingAfterGrant,
    SyncingAfterRefusal,
    SyncingAfterFailure,
    ReadingBeforeClaim,
    Claiming {
        is_forced: bool,
    },
    Storing,
    /// Watches for another tab's change.
    WatchingToLeave(Watch),
    WatchingToRefuse(Watch),
    WatchingToForce(Watch),
    ReadingBeforeEnd,
    Ending,
    Finishing,
}

/// One answer, and what it was given for.
pub(crate) struct Settlement<V: Values> {
    state: State,
    /// The epoch that the flight was started in.
    asked_in: Epoch,
    /// The epoch in which the grant counts.
    epoch: Epoch,
    presented: Presented,
    refresh_token: Option<V::Token>,
    /// How often this flight has asked.
    tries: u32,
    grant: Option<Grant<V::Token>>,
    reason: &'static str,
    cause: Option<V::Failure>,
    retry_after: Option<Millis>,
    /// Another epoch has begun meanwhile.
    changed: Option<Landing<V>>,
    /// How the flight lands when the last step is done.
    landing: Option<Landing<V>>,
}

impl<S: Surroundings> Settlement<S> {
    /// Of an answer to `presented`; see [`Settlement::begin`].
    pub(crate) fn new(
        epoch: Epoch,
        presented: Presented,
        refresh_token: Option<S::Token>,
        tries: u32,
    ) -> Self {
        Self {
            state: State::Finishing,
            asked_in: epoch,
            epoch,
            presented,
            refresh_token,
            tries,
            grant: None,
            reason: "",
            cause: None,
            retry_after: None,
            changed: None,
            landing: None,
        }
    }

    /// Begins with the verdict on the answer.
    pub(crate) fn begin(
        &mut self,
        verdict: Verdict<S::Token, S::Failure>,
        at: &Moment<'_, S>,
    ) -> Command<S> {
        self.state = match verdict {
            // That user may just be signing in, in another tab.
            Verdict::Granted(grant) if at.shared.session.is_of_another_user(&grant.access) => {
                self.reason = ANOTHER_USER;
                State::WatchingToRefuse(Watch::over(self.epoch))
            }
            Verdict::Granted(grant) => {
                self.grant = Some(grant);
                State::SyncingAfterGrant
            }
            Verdict::Refused { reason, cause } => {
                (self.reason, self.cause) = (reason, cause);
                State::SyncingAfterRefusal
            }
            Verdict::Unavailable { reason, retry_after, cause } => {
                (self.reason, self.cause, self.retry_after) = (reason, cause, retry_after);
                State::SyncingAfterFailure
            }
        };
        Command::SyncWithStorage
    }

    /// Begins where there is no answer: the session of the flight has ended, or was replaced,
    /// in another tab.
    pub(crate) fn begin_leaving(&mut self) -> Command<S> {
        self.state = State::WatchingToLeave(Watch::over(self.epoch));
        Command::SyncWithStorage
    }

    /// Goes on; breaks with what follows for the flight.
    pub(crate) fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Flow<S> {
        match (self.state, reply) {
            (State::SyncingAfterGrant, _) => {
                self.changed = at.changed_since(self.epoch);
                self.state = State::ReadingBeforeClaim;
                Continue(Command::ReadRefreshToken)
            }
            (State::SyncingAfterRefusal, _) => match at.changed_since(self.epoch) {
                Some(landing) => Break(Settled::Land(landing)),
                None => self.refuse(at),
            },
            (State::SyncingAfterFailure, _) => self.on_failure(at),
            (State::ReadingBeforeClaim, Reply::RefreshToken(stored)) => self.on_grant(&stored, at),
            (State::Claiming { is_forced }, Reply::Acted(Acted::Claimed(claim))) => {
                self.on_claim(claim, is_forced)
            }
            (State::Storing, _) => Break(Settled::Land(self.landing_after_store(at))),
            (State::WatchingToLeave(watch), reply) => self.watch(watch, reply, at),
            (State::WatchingToRefuse(watch), reply) => self.watch(watch, reply, at),
            (State::WatchingToForce(watch), reply) => self.watch(watch, reply, at),
            (State::ReadingBeforeEnd, Reply::RefreshToken(stored)) => self.end(stored, at),
            (State::Ending, Reply::Acted(Acted::Claimed(claim))) => self.on_end(claim, at),
            _ => Break(Settled::Land(self.landing.take().unwrap_or(Landing::Superseded))),
        }
    }

    /// New tokens are there, and `stored` is the refresh token in the storage.
    fn on_grant(&mut self, stored: &Option<S::Token>, at: &Moment<'_, S>) -> Flow<S> {
        let Some(grant) = &self.grant else {
            return Break(Settled::Land(Landing::Superseded));
        };
        if let Some(landing) = self.changed.clone() {
            let session = &at.shared.session;
            // Another access token beside the refresh token that was spent just now would soon
            // have nothing to be refreshed with: the grant is that session's.
            let is_spent_here = self.refresh_token.is_some()
                && grant.refresh.is_some()
                && grant.refresh != self.refresh_token
                && *stored == self.refresh_token
                && !at.shared.has_pending_writes()
                && !session.is_over()
                && !session.is_of_another_user(&grant.access);
            if !is_spent_here {
                return Break(Settled::Land(landing));
            }
            self.epoch = session.epoch();
        }
        self.claim(false)
    }

    fn claim(&mut self, is_forced: bool) -> Flow<S> {
        let Some(grant) = self.grant.clone() else {
            return Break(Settled::Land(Landing::Superseded));
        };
        self.state = State::Claiming { is_forced };
        let (epoch, presented) = (self.epoch, self.presented);
        Continue(Command::Record(Act::Claim { epoch, presented, grant, is_forced }))
    }

    fn on_claim(&mut self, claim: Claim, is_forced: bool) -> Flow<S> {
        match (claim, self.changed.take()) {
            (Claim::Mine, _) => {
                self.state = State::Storing;
                Continue(Command::Wait(Wait::Written))
            }
            (Claim::Rotated, Some(landing)) => Break(Settled::Land(landing)),
            (Claim::Rotated, None) if !is_forced => {
                self.state = State::WatchingToForce(Watch::over(self.epoch));
                Continue(Command::SyncWithStorage)
            }
            _ => Continue(self.begin_leaving()),
        }
    }

    fn landing_after_store(&mut self, at: &Moment<'_, S>) -> Landing<S> {
        match at.shared.session.has_moved_on_from(self.asked_in) {
            true => Landing::Superseded,
            false => Landing::Renewed(self.grant.take().map(|grant| grant.access)),
        }
    }

    fn watch(&mut self, mut watch: Watch, reply: Reply<S>, at: &Moment<'_, S>) -> Flow<S> {
        let step = watch.on(reply, at);
        match (&mut self.state, step) {
            (
                State::WatchingToLeave(known)
                | State::WatchingToRefuse(known)
                | State::WatchingToForce(known),
                Continue(command),
            ) => {
                *known = watch;
                Continue(command)
            }
            (_, Break(Some(landing))) => Break(Settled::Land(landing)),
            (State::WatchingToRefuse(_), _) => self.refuse(at),
            // The tokens that the other tab has got are nowhere to be seen. These are.
            (State::WatchingToForce(_), _) => self.claim(true),
            _ => Break(Settled::Land(leave_behind(at))),
        }
    }

    fn refuse(&mut self, at: &Moment<'_, S>) -> Flow<S> {
        if at.shared.is_still_good(at.around.now()) {
            at.shared.no_early_refresh.set(Some(self.epoch));
            self.state = State::Finishing;
            self.landing = Some(Landing::StillValid);
            return Continue(Command::Record(Act::Withdraw(self.presented)));
        }
        self.state = State::ReadingBeforeEnd;
        Continue(Command::ReadRefreshToken)
    }

    /// Ends the session, unless the storage holds another refresh token than the one that was
    /// refused: another tab stores its grant, refresh token first.
    fn end(&mut self, stored: Option<S::Token>, at: &Moment<'_, S>) -> Flow<S> {
        let has_moved_on = at.shared.session.has_moved_on_from(self.epoch);
        if stored.is_some() && stored != self.refresh_token && !has_moved_on {
            return self.try_the_next(at);
        }
        let (reason, cause) = (self.reason, self.cause.clone());
        let failure = at.around.failure(Error::SignInRequired { reason, cause });
        self.landing = Some(Landing::SignedOut(failure.clone()));
        self.state = State::Ending;
        let (epoch, presented) = (self.epoch, self.presented);
        Continue(Command::Record(Act::End { epoch, presented, failure }))
    }

    fn on_end(&mut self, claim: Claim, at: &Moment<'_, S>) -> Flow<S> {
        match claim {
            Claim::Mine => {
                self.state = State::Finishing;
                Continue(Command::Wait(Wait::Written))
            }
            Claim::SessionGone => Continue(self.begin_leaving()),
            Claim::Rotated => self.try_the_next(at),
        }
    }

    /// Tries the refresh token that is there now, after a pause. To present it at once would
    /// spend it under the hands of the tab that stored it: its access token is about to be
    /// stored.
    fn try_the_next(&mut self, at: &Moment<'_, S>) -> Flow<S> {
        match self.tries > MOST_REFUSALS {
            true => self.give_up(None, at),
            false => Break(Settled::Retry(at.policy.retry_delay)),
        }
    }

    fn on_failure(&mut self, at: &Moment<'_, S>) -> Flow<S> {
        if let Some(landing) = at.changed_since(self.epoch) {
            return Break(Settled::Land(landing));
        }
        match at.policy.retry_in(self.tries, self.retry_after, at.around.random()) {
            None => self.give_up(self.retry_after, at),
            Some(wait) => {
                at.around.trace(Note::Retries(wait, self.reason));
                Break(Settled::Retry(wait))
            }
        }
    }

    fn give_up(&mut self, retry_after: Option<Millis>, at: &Moment<'_, S>) -> Flow<S> {
        let outage = &at.shared.outage;
        let cool_down = at.policy.cool_down(outage.begin(), at.around.random());
        let retry_after = retry_after
            .map_or(cool_down, |wait| wait.min(at.policy.max_retry_after).max(cool_down));
        outage.cool_down_until(at.around.now() + retry_after);
        let (reason, cause) = (self.reason, self.cause.take());
        let error = Error::RefreshUnavailable { reason, retry_after, cause };
        self.landing = Some(Landing::Unavailable(at.around.failure(error)));
        self.state = State::Finishing;
        let now = at.around.wall_clock();
        let known = KnownOutage { at: now, until: now + retry_after };
        Continue(Command::Record(Act::NoteOutage(known)))
    }
}

/// Lands a flight whose session has ended, or was replaced, in another tab, where the change
/// is nowhere to be seen.
fn leave_behind<S: Surroundings>(at: &Moment<'_, S>) -> Landing<S> {
    let session = &at.shared.session;
    // Tokens of a session that has ended here, too, begin no other one.
    if session.is_over() {
        let make = || at.around.failure(Error::signed_out());
        return Landing::SignedOut(session.ended_error(make));
    }
    at.shared.leave_session();
    session.begin(session.token().as_ref());
    Landing::Superseded
}
