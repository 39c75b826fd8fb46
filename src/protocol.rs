//! The language of the decisions: a protocol is told what happened, and answers with one
//! command. It does no IO and waits for nothing, so that every schedule can be tried.

use crate::credential::{Grant, Presented};
use crate::flight::Flight;
use crate::policy::Policy;
use crate::record::{Admission, Attempt, Claim, KnownOutage};
use crate::session::Epoch;
use crate::shared::{Landing, SharedSession};
use crate::task::{Input, Wait};
use crate::values::{Surroundings, Values};

/// One sequence of decisions, such as a refresh or the way of a request.
pub trait Protocol<S: Surroundings> {
    /// Decides what to do, now that `reply` is there. The first one is [`Reply::Done`].
    fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S>;

    /// The request that it is about, if any.
    fn request(&self) -> Option<&S::Request> {
        None
    }
}

/// What to do next.
pub enum Command<V: Values> {
    /// Take note of what has changed in the storage. [`Reply::Done`].
    SyncWithStorage,
    /// Read the refresh token, when no write is pending. [`Reply::RefreshToken`].
    ReadRefreshToken,
    /// Do this to the record while no other tab has it. [`Reply::Acted`].
    Record(Act<V>),
    /// Join the flight that is under way, or start the one that replaces the token of `epoch`.
    /// [`Reply::Joined`], [`Reply::NothingToRefresh`] or [`Reply::CoolingDown`].
    Join {
        /// The epoch of the token that is to be replaced.
        epoch: Epoch,
        /// Whether somebody cannot go on without a new token.
        is_blocking: bool,
    },
    /// Begin a session with these tokens, or end the one there is; and write that, as far as it
    /// can be done at once. [`Reply::SessionLeft`].
    ChangeSession(Option<Grant<V::Token>>),
    /// Wait.
    Wait(Wait<V>),
}

/// What came of a command.
pub enum Reply<V: Values> {
    /// It is done, or the wait is over.
    Done,
    /// The refresh token in the storage.
    RefreshToken(Option<V::Token>),
    /// The record was read and changed.
    Acted(Acted),
    /// The flight to wait for.
    Joined(Flight<Landing<V>>),
    /// There is another token already.
    NothingToRefresh,
    /// No refresh is sent for now, since the token server was unavailable.
    CoolingDown(V::Failure),
    /// The tokens of the session before.
    SessionLeft(Presented),
    /// What a wait brought.
    Waited(Input<V>),
}

/// A change of the record, as a value.
pub enum Act<V: Values> {
    /// Look whether the holder of a lock is alive; supersede its lock if its heartbeat has not
    /// changed since `before`.
    InspectHolder {
        /// The generation of the lock.
        generation: u32,
        /// Its heartbeat as it was seen before.
        before: Option<u32>,
    },
    /// Ask whether these tokens may be presented.
    RequestAdmission(Presented, Attempt),
    /// Store a grant, if this tab may.
    Claim {
        /// The epoch in which the grant counts.
        epoch: Epoch,
        /// The tokens that were presented for it.
        presented: Presented,
        /// The new tokens.
        grant: Grant<V::Token>,
        /// Store it although another tab has rotated the tokens: what that tab stored is
        /// nowhere to be seen.
        is_forced: bool,
    },
    /// End the session, if it is still the one that was refused.
    End {
        /// The epoch of the refused token.
        epoch: Epoch,
        /// The tokens that were refused.
        presented: Presented,
        /// What all who need the session are rejected with.
        failure: V::Failure,
    },
    /// Take back a refresh that was refused; its tokens stay.
    Withdraw(Presented),
    /// Show that the holder of the lock is alive.
    Beat,
    /// Tell the other tabs of an outage.
    NoteOutage(KnownOutage),
    /// Begin a session, or end one, in the record as well.
    ChangeSession {
        /// The epoch that the change began.
        epoch: Epoch,
        /// The tokens of the session before.
        removed: Presented,
        /// The tokens of the next one, if any.
        grant: Option<Grant<V::Token>>,
    },
    /// Remove the tombstones, if they are those that were seen `before`.
    Forget {
        /// When the last session had ended, as it was seen before.
        before: Option<f64>,
    },
}

/// What came of an [`Act`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Acted {
    /// It is done.
    Done,
    /// The heartbeat of the lock's holder; `None` where that lock counts no more.
    Holder(Option<u32>),
    /// Whether a refresh may be sent, and the heartbeat at which that was said.
    Admission(Admission, u32),
    /// Whether this tab may act on its answer.
    Claimed(Claim),
    /// When the last session ended whose tombstones are still there, if any are.
    Remembered(Option<f64>),
}

/// What a decision may look at.
pub struct Moment<'a, S: Surroundings> {
    /// Time and chance.
    pub around: &'a S,
    /// The session.
    pub shared: &'a SharedSession<S>,
    /// The settings.
    pub policy: &'a Policy,
}

impl<S: Surroundings> Moment<'_, S> {
    /// How a flight of `epoch` ends because something else happened meanwhile.
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

/// Shows no token.
impl<V: Values> std::fmt::Debug for Command<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SyncWithStorage => "SyncWithStorage",
            Self::ReadRefreshToken => "ReadRefreshToken",
            Self::Record(_) => "Record",
            Self::Join { .. } => "Join",
            Self::ChangeSession(_) => "ChangeSession",
            Self::Wait(wait) => return wait.fmt(f),
        })
    }
}

/// Shows no token.
impl<V: Values> std::fmt::Debug for Reply<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done => "Done",
            Self::RefreshToken(_) => "RefreshToken",
            Self::Acted(_) => "Acted",
            Self::Joined(_) => "Joined",
            Self::NothingToRefresh => "NothingToRefresh",
            Self::CoolingDown(_) => "CoolingDown",
            Self::SessionLeft(_) => "SessionLeft",
            Self::Waited(input) => return input.fmt(f),
        })
    }
}

/// Shows no token.
impl<V: Values> std::fmt::Debug for Act<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::InspectHolder { .. } => "InspectHolder",
            Self::RequestAdmission(..) => "RequestAdmission",
            Self::Claim { .. } => "Claim",
            Self::End { .. } => "End",
            Self::Withdraw(_) => "Withdraw",
            Self::Beat => "Beat",
            Self::NoteOutage(_) => "NoteOutage",
            Self::ChangeSession { .. } => "ChangeSession",
            Self::Forget { .. } => "Forget",
        })
    }
}
