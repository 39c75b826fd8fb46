//! The consequences of the answer to a refresh.
//!
//! ```text
//!  Granted ─────► claim ─► store ─────────────────► landed
//!  Refused ─────► is it still the same session? ──► the session is over
//!  Unavailable ─► pause and ask again ────────────► give up for now
//! ```
//!
//! **The order of reads, in the claim: the access token first, then the refresh token.** If
//! another tab stores its grant in between, the newer refresh token is seen and nothing is
//! stored over it. Read the other way round, the refresh token could still be the spent one
//! while the access token is already the next.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::error::Error;
use crate::facts::{Acted, Facts};
use crate::millis::Millis;
use crate::policy::Verdict;
use crate::protocol::{Act, Command, Moment};
use crate::record::{Claim, KnownOutage};
use crate::refresh::poll::HAND_OVER;
use crate::refresh::watch::Watch;
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::Wait;
use crate::values::{Note, Surroundings};

/// Why a grant is refused here.
const ANOTHER_USER: &str = "the token server answered with the token of another user";

/// Why a copy of a session ends.
const COPY_SPENT: &str = "this tab was duplicated, and the other one has used the refresh token";

const TOO_LONG: &str = "the refresh took longer than refreshTimeout (a refresh function has to use \
                        the fetch that it is given: the api's own waits for the refresh itself)";

/// How many refused refresh tokens one flight replaces by those that it finds.
const MOST_REFUSALS: u32 = 3;

/// The result of a settlement.
#[derive(Clone, Copy)]
pub(crate) enum Settled {
    /// The flight has landed; the landing is among the facts.
    Land,
    /// Ask once more after a pause.
    Retry(Millis),
}

type Flow = ControlFlow<Settled, Command>;

/// The next step if no change by another tab is seen in time.
#[derive(Clone, Copy)]
enum Unseen {
    Leave,
    Refuse,
    Force,
    End,
}

#[derive(Clone, Copy, Default)]
enum State {
    SyncingAfterGrant,
    SyncingAfterRefusal,
    SyncingAfterFailure,
    SyncingAfterTimeout,
    Claiming {
        is_forced: bool,
    },
    Storing,
    Watching(Unseen),
    ReadingBeforeEnd,
    Ending,
    #[default]
    Finishing,
}

/// One answer, and what follows from it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settlement {
    state: State,
    /// The epoch that the flight was started in.
    epoch: Epoch,
    /// How often this flight has asked.
    tries: u32,
    reason: &'static str,
    retry_after: Option<Millis>,
    watch: Watch,
    /// True once it has waited for the tokens that the record says are current.
    has_watched: bool,
}

impl Settlement {
    /// Of a flight of `epoch` that has asked so often.
    pub(crate) fn of(epoch: Epoch, tries: u32) -> Self {
        Self { epoch, tries, ..Self::default() }
    }

    /// Begins with the verdict on the answer.
    pub(crate) fn begin<S: Surroundings>(
        &mut self,
        verdict: Verdict<S::Token, S::Failure>,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        (facts.grant, facts.cause, facts.landing) = (None, None, None);
        self.state = match verdict {
            Verdict::Granted(grant) => {
                let is_anothers = at.shared.session.is_of_another_user(&grant.access);
                facts.grant = Some(grant);
                // That user may just be signing in, in another tab.
                if is_anothers {
                    self.reason = ANOTHER_USER;
                    return self.begin_watch(Unseen::Refuse);
                }
                State::SyncingAfterGrant
            }
            Verdict::Refused { reason, cause } => {
                (self.reason, facts.cause) = (reason, cause);
                State::SyncingAfterRefusal
            }
            Verdict::Unavailable { reason, retry_after, cause } => {
                (self.reason, facts.cause, self.retry_after) = (reason, cause, retry_after);
                State::SyncingAfterFailure
            }
        };
        Command::SyncWithStorage
    }

    /// Begins where there is no answer yet.
    pub(crate) fn begin_late(&mut self) -> Command {
        self.state = State::SyncingAfterTimeout;
        Command::SyncWithStorage
    }

    /// Begins where there is no answer: the session of the flight has ended, or was replaced,
    /// in another tab.
    pub(crate) fn begin_leaving(&mut self) -> Command {
        self.begin_watch(Unseen::Leave)
    }

    /// Begins where no answer is asked for: another tab has spent its copy of the refresh token.
    pub(crate) fn begin_ending<S: Surroundings>(
        &mut self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        (self.reason, facts.cause) = (COPY_SPENT, None);
        self.end_session(facts, at)
    }

    fn begin_watch(&mut self, unseen: Unseen) -> Command {
        self.state = State::Watching(unseen);
        self.watch.begin(self.epoch)
    }

    /// Goes on; breaks with what follows for the flight.
    pub(crate) fn next<S: Surroundings>(
        &mut self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Flow {
        match self.state {
            State::SyncingAfterGrant => Continue(self.claim(false)),
            State::SyncingAfterRefusal => match self.has_changed(facts, at) {
                true => Break(Settled::Land),
                false => self.refuse(facts, at),
            },
            State::SyncingAfterFailure => self.on_failure(facts, at),
            State::SyncingAfterTimeout => Continue(self.leave_pending(facts, at)),
            State::Claiming { is_forced } => self.on_claim(is_forced, facts, at),
            State::Storing => {
                facts.landing = Some(self.landing_after_store(facts, at));
                Break(Settled::Land)
            }
            State::Watching(unseen) => self.on_watch(unseen, facts, at),
            State::ReadingBeforeEnd => self.end(facts, at),
            State::Ending => self.on_end(facts, at),
            State::Finishing => Break(Settled::Land),
        }
    }

    /// Tells if another epoch has begun meanwhile; the flight lands with it.
    fn has_changed<S: Surroundings>(&self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> bool {
        facts.landing = at.changed_since(self.epoch);
        facts.landing.is_some()
    }

    fn claim(&mut self, is_forced: bool) -> Command {
        self.state = State::Claiming { is_forced };
        Command::Record(Act::Claim { epoch: self.epoch, is_forced })
    }

    fn on_claim<S: Surroundings>(
        &mut self,
        is_forced: bool,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Flow {
        if let Acted::Claimed(Claim::Mine) = facts.acted {
            self.state = State::Storing;
            return Continue(Command::Wait(Wait::Written));
        }
        if self.has_changed(facts, at) {
            return Break(Settled::Land);
        }
        match facts.acted {
            // Another audience of the refresh token has rotated it, which is no other epoch here; or
            // another tab is about to, and what it gets is newer.
            Acted::Claimed(Claim::Rotated) if is_forced => self.try_the_next(facts, at),
            // A session that has ended may be forgotten already: that would be seen in time.
            Acted::Claimed(Claim::Rotated | Claim::Unknown) if !is_forced => {
                Continue(self.begin_watch(Unseen::Force))
            }
            _ => Continue(self.begin_leaving()),
        }
    }

    fn landing_after_store<S: Surroundings>(
        &self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Landing<S> {
        match at.shared.session.has_moved_on_from(self.epoch) {
            true => Landing::Superseded,
            false => Landing::Renewed(facts.grant.take().map(|grant| grant.access)),
        }
    }

    fn on_watch<S: Surroundings>(
        &mut self,
        unseen: Unseen,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Flow {
        if let Continue(command) = self.watch.next(at) {
            return Continue(command);
        }
        if self.has_changed(facts, at) {
            // The grant may be that of the tokens which are seen only now.
            if matches!(unseen, Unseen::Refuse) {
                return Continue(self.claim(false));
            }
            return Break(Settled::Land);
        }
        match unseen {
            Unseen::Refuse => self.refuse(facts, at),
            // The tokens that the other tab has got are nowhere to be seen. These are.
            Unseen::Force => Continue(self.claim(true)),
            Unseen::End => {
                self.has_watched = true;
                Continue(self.read_before_end())
            }
            Unseen::Leave => {
                facts.landing = Some(leave_behind(at));
                Break(Settled::Land)
            }
        }
    }

    fn refuse<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Flow {
        if at.shared.is_still_good(at.around.now()) {
            at.shared.no_early_refresh.set(Some(self.epoch));
            self.state = State::Finishing;
            facts.landing = Some(Landing::StillValid);
            return Continue(Command::Record(Act::Withdraw));
        }
        Continue(self.read_before_end())
    }

    fn read_before_end(&mut self) -> Command {
        self.state = State::ReadingBeforeEnd;
        Command::ReadRefreshToken
    }

    /// Ends the session, unless the storage holds another refresh token than the one that was
    /// refused: another tab stores its grant, refresh token first.
    fn end<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Flow {
        let is_replaced = facts.stored.is_some() && facts.stored != facts.refresh_token;
        if is_replaced && !at.shared.session.has_moved_on_from(self.epoch) {
            return self.try_the_next(facts, at);
        }
        Continue(self.end_session(facts, at))
    }

    fn end_session<S: Surroundings>(
        &mut self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        let (reason, cause) = (self.reason, facts.cause.clone());
        facts.failure = Some(at.around.failure(Error::SignInRequired { reason, cause }));
        self.state = State::Ending;
        Command::Record(Act::End { epoch: self.epoch, is_forced: self.has_watched })
    }

    fn on_end<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Flow {
        match facts.acted {
            Acted::Claimed(Claim::Mine) => {
                facts.landing = facts.failure.take().map(Landing::SignedOut);
                self.state = State::Finishing;
                Continue(Command::Wait(Wait::Written))
            }
            Acted::Claimed(Claim::Rotated) => self.try_the_next(facts, at),
            Acted::Claimed(Claim::Unseen) => Continue(self.begin_watch(Unseen::End)),
            _ => Continue(self.begin_leaving()),
        }
    }

    /// Tries the refresh token that is there now, after a pause. To present it at once would
    /// spend it under the hands of the tab that stored it: its access token is about to be
    /// stored.
    fn try_the_next<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Flow {
        if self.tries <= MOST_REFUSALS {
            return Break(Settled::Retry(at.policy.retry_delay));
        }
        self.retry_after = None;
        Continue(self.give_up(facts, at))
    }

    fn on_failure<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Flow {
        if self.has_changed(facts, at) {
            return Break(Settled::Land);
        }
        let retry_in = match self.retry_after {
            None if at.shared.outage.goes_on() => None,
            told => at.policy.retry_in(self.tries, told, at.around.random()),
        };
        match retry_in {
            None => Continue(self.give_up(facts, at)),
            Some(wait) => {
                at.around.trace(Note::Retries(wait, self.reason));
                Break(Settled::Retry(wait))
            }
        }
    }

    fn give_up<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        let outage = &at.shared.outage;
        let cool_down = at.policy.cool_down(outage.begin(), at.around.random());
        let retry_after = self.retry_after.unwrap_or_default().max(cool_down);
        outage.cool_down_until(at.around.now() + retry_after);
        let (reason, cause) = (self.reason, facts.cause.take());
        let error = Error::RefreshUnavailable { reason, retry_after, cause };
        facts.landing = Some(Landing::Unavailable(at.around.failure(error)));
        self.note_outage(retry_after, false, at)
    }

    /// Lands with what others have stored, or for want of an answer: the token is not presented
    /// again until that has come, or will come no more.
    fn leave_pending<S: Surroundings>(
        &mut self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        let rest = at.policy.late_answer();
        if !self.has_changed(facts, at) {
            let now = at.around.now();
            let cool_down = at.policy.cool_down(at.shared.outage.begin(), at.around.random());
            at.shared.outage.cool_down_until(now + cool_down);
            at.shared.late.set(Some((self.epoch, now + rest)));
            let (reason, retry_after) = (TOO_LONG, rest.max(cool_down));
            let error = Error::RefreshUnavailable { reason, retry_after, cause: None };
            facts.landing = Some(Landing::Unavailable(at.around.failure(error)));
        }
        // The tokens of a late answer take a while to be seen in other tabs.
        self.note_outage(rest + HAND_OVER, true, at)
    }

    /// Nothing will come any more: whoever needs a token may ask.
    pub(crate) fn give_up_waiting<S: Surroundings>(&mut self, at: &Moment<'_, S>) -> Command {
        self.note_outage(Millis::ZERO, false, at)
    }

    fn note_outage<S: Surroundings>(
        &mut self,
        lasts: Millis,
        is_late: bool,
        at: &Moment<'_, S>,
    ) -> Command {
        self.state = State::Finishing;
        let now = at.around.wall_clock();
        let (until, in_a_row) = (now + lasts, at.shared.outage.in_a_row());
        Command::Record(Act::NoteOutage(KnownOutage { at: now, until, in_a_row, is_late }))
    }
}

/// Lands a flight whose session has ended, or was replaced, in another tab, where the change
/// is nowhere to be seen.
fn leave_behind<S: Surroundings>(at: &Moment<'_, S>) -> Landing<S> {
    let session = &at.shared.session;
    // Tokens of a session that has ended here, too, begin no other one, and nobody is told again.
    if !session.is_over() {
        at.shared.leave_session();
        session.begin(session.token().as_ref());
    }
    Landing::Superseded
}
