//! Defines how decisions are made: a protocol is asked for the next step, and answers with one
//! command. It does no IO and never waits, so that tests can try every schedule.

use crate::facts::Facts;
use crate::millis::Millis;
use crate::policy::Policy;
use crate::record::{Attempt, KnownOutage};
use crate::session::Epoch;
use crate::shared::{Landing, SharedSession};
use crate::task::{Outcome, Wait};
use crate::values::Surroundings;

/// One sequence of decisions, such as a refresh or the way of a request. It remembers in its
/// state which command was its last one.
pub trait Protocol<S: Surroundings> {
    /// Decides what to do next, now that the last command is done.
    fn next(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command;
}

/// The next thing to do, with the [`Facts`] of the task.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Take note of what has changed in the storage.
    SyncWithStorage,
    /// Read the refresh token, when no write is pending. Leaves it as `stored`.
    ReadRefreshToken,
    /// Do this to the record while no other tab has it. Leaves what has `acted`.
    Record(Act),
    /// Join the flight that is under way, or start the one that replaces the token of `epoch`.
    /// Leaves the `flight`, or the `failure` where no refresh is sent for now, or neither where
    /// there is another token already.
    Join {
        /// The epoch of the token that is to be replaced.
        epoch: Epoch,
        /// True if somebody cannot go on without a new token.
        is_blocking: bool,
    },
    /// Tell all who wait for this refresh its `landing`, although it goes on.
    LandEarly,
    /// Begin a session with the `grant`, or end the one there is, or go on with newer tokens of
    /// it; and write that, as far as it can be done at once. Leaves the tokens that were there
    /// as `presented`, and whether it `is_same_session`.
    ChangeSession,
    /// Wait.
    Wait(Wait),
}

impl Command {
    /// The last command.
    pub(crate) fn end(outcome: Outcome) -> Self {
        Self::Wait(Wait::End(outcome))
    }
}

/// A change of the record, as a value.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Look whether the holder of a lock is alive; supersede its lock if its heartbeat has not
    /// changed since `before`.
    InspectHolder {
        /// The generation of the lock.
        generation: u32,
        /// Its heartbeat as it was seen before.
        before: Option<u32>,
    },
    /// Ask whether the `presented` tokens may be presented.
    RequestAdmission {
        /// The epoch that they are of.
        epoch: Epoch,
        /// The attempt, which the record has to know as well.
        attempt: Attempt,
    },
    /// Store the `grant`, if this tab may.
    Claim {
        /// The epoch in which the grant counts.
        epoch: Epoch,
        /// Store it although another tab has rotated the tokens: those that it stored are
        /// nowhere to be seen.
        is_forced: bool,
    },
    /// End the session with the `failure`, if it is still the one that was refused.
    End {
        /// The epoch of the refused token.
        epoch: Epoch,
        /// End it although other tokens are current: they are nowhere to be seen.
        is_forced: bool,
    },
    /// Take back a refresh that was refused; its tokens stay.
    Withdraw,
    /// Show that the holder of the lock is alive.
    Beat,
    /// Tell the other tabs of an outage.
    NoteOutage(KnownOutage),
    /// Begin a session with the `grant`, or end one, in the record as well.
    ChangeSession {
        /// The epoch that the change began.
        epoch: Epoch,
        /// When its tokens were written, by the wall clock.
        since: Millis,
    },
    /// Remove the tombstones, if they are those that were seen `before`.
    Forget {
        /// When the last session had ended, as it was seen before.
        before: Option<f64>,
    },
}

/// Everything that a decision may look at.
pub struct Moment<'a, S: Surroundings> {
    /// Time and chance.
    pub around: &'a S,
    /// The session.
    pub shared: &'a SharedSession<S>,
    /// The settings.
    pub policy: &'a Policy,
}

impl<S: Surroundings> Moment<'_, S> {
    /// Returns the landing of a flight of `epoch` if the token or the session has changed since.
    pub(crate) fn changed_since(&self, epoch: Epoch) -> Option<Landing<S>> {
        let session = &self.shared.session;
        if session.has_moved_on_from(epoch) {
            return Some(Landing::Superseded);
        }
        (session.epoch() != epoch).then(|| Landing::Renewed(session.token()))
    }
}

impl<S: Surroundings> std::fmt::Debug for Moment<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("shared", self.shared).finish_non_exhaustive()
    }
}
