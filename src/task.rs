//! The seam between decisions and the platform: a [`Task`] decides, and says what it waits for.
//!
//! ```text
//!   loop { input = wait for (task.step(input)) }      until it ends
//! ```

use futures::future::LocalBoxFuture;

use crate::flight::Flight;
use crate::millis::Millis;
use crate::policy::Answer;
use crate::record::Record;
use crate::shared::Landing;
use crate::values::{Surroundings, Values};

/// Work that waits now and then. Whoever drives it does the waiting.
pub trait Task<V: Values> {
    /// Goes on, now that `input` has happened; returns what to wait for next. The first input
    /// is [`Input::Done`]. After [`Wait::End`] it is not called any more.
    fn step(&mut self, input: Input<V>) -> Wait<V>;

    /// Reads and changes the record while no other tab has it: once for each
    /// [`Wait::Record`]. `None` is no record.
    ///
    /// Tokens that this writes are in the storage before another tab gets the record, unless
    /// the storage is slow.
    fn on_record(&mut self, record: &mut Option<Record>);

    /// The request that it is about, if any.
    fn request(&self) -> Option<&V::Request> {
        None
    }
}

/// What a task waits for. The answer is [`Input::Done`] where nothing else is said.
pub enum Wait<V: Values> {
    /// Until this page knows what a slow storage holds.
    Storage,
    /// Until everything that was written is stored.
    Written,
    /// This long.
    Sleep(Millis),
    /// This long, before work that nobody waits for: where that is all that is left to do, a
    /// process may end.
    Rest(Millis),
    /// For the lock of a generation, and no longer than `patience`; it ends early when another
    /// epoch begins. A request for the same lock that is open goes on; it ends when the task
    /// waits for anything but this and the record. [`Input::Locked`], [`Input::NoLocks`], or
    /// [`Input::Done`] where it was not granted.
    Lock {
        /// Which lock.
        generation: u32,
        /// How long at most.
        patience: Millis,
    },
    /// For the record, which is handed to [`Task::on_record`] meanwhile.
    Record,
    /// For the answer to one refresh, and no longer than `patience`. [`Input::Answered`], or
    /// [`Input::TimedOut`].
    Answer {
        /// The refresh token to present.
        refresh_token: Option<V::Token>,
        /// How long at most.
        patience: Millis,
    },
    /// For a flight to land.
    Flight(Flight<Landing<V>>),
    /// For the response to one attempt of the request, and for the caller's `isUnauthorized` to
    /// judge it. [`Input::Response`]; where the attempt fails, the task ends with that.
    Response {
        /// The access token to attach.
        token: Option<V::Token>,
    },
    /// Sends the request once more; the task ends with what comes of that.
    FinalResponse {
        /// The access token to attach.
        token: Option<V::Token>,
    },
    /// For nothing any more: this is the outcome.
    End(Outcome<V>),
}

/// What happened.
pub enum Input<V: Values> {
    /// The task begins, or its wait is over.
    Done,
    /// The lock is this task's until it drops the guard.
    Locked(V::Guard),
    /// Tabs cannot lock each other out here.
    NoLocks,
    /// The token server, or a `refresh` function, has answered.
    Answered(Answer<V::Token, V::Failure>),
    /// It has not, in time.
    TimedOut,
    /// The request was answered, and whether that says that the access token is not accepted.
    Response(V::Response, bool),
}

/// How a task ended.
pub enum Outcome<V: Values> {
    /// It is done.
    Done,
    /// The response for the caller.
    Response(V::Response),
    /// The access token for the caller.
    Token(Option<V::Token>),
    /// A rejection.
    Failed(V::Failure),
    /// A refresh has landed.
    Landed(Landing<V>),
}

/// Which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// What the decisions need from their surroundings. The browser is one platform; the tests
/// bring others, with clocks, networks and storages of their own.
///
/// Nothing here waits. The storage is what this page knows of it: a slow one is known after a
/// [`Wait::Storage`], and what is written to it is read at once.
pub trait Platform: Surroundings + Sized {
    /// The token in `slot`.
    fn read(&self, slot: Slot) -> Option<Self::Token>;

    /// Puts `token` into `slot`; `None` empties it. It does not fail: a platform keeps in
    /// memory what its storage refuses.
    fn write(&self, slot: Slot, token: Option<&Self::Token>);

    /// Whether the storage has to be waited for.
    fn is_slow(&self) -> bool;

    /// Drives a refresh that belongs to no caller; the future resolves when it has landed.
    fn launch(&self, refresh: Box<dyn Task<Self>>) -> LocalBoxFuture<'static, Landing<Self>>;

    /// Waits for a flight although nobody else may, and calls `landed` then.
    fn see_through(&self, flight: Flight<Landing<Self>>, landed: Box<dyn FnOnce(Landing<Self>)>);

    /// Drives a task that nobody waits for.
    fn spawn(&self, task: Box<dyn Task<Self>>);
}

/// Shows no token.
impl<V: Values> std::fmt::Debug for Wait<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Storage => "Storage",
            Self::Written => "Written",
            Self::Sleep(_) => "Sleep",
            Self::Rest(_) => "Rest",
            Self::Lock { .. } => "Lock",
            Self::Record => "Record",
            Self::Answer { .. } => "Answer",
            Self::Flight(_) => "Flight",
            Self::Response { .. } => "Response",
            Self::FinalResponse { .. } => "FinalResponse",
            Self::End(_) => "End",
        })
    }
}

/// Shows no token.
impl<V: Values> std::fmt::Debug for Input<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done => "Done",
            Self::Locked(_) => "Locked",
            Self::NoLocks => "NoLocks",
            Self::Answered(_) => "Answered",
            Self::TimedOut => "TimedOut",
            Self::Response(..) => "Response",
        })
    }
}

/// Shows no token.
impl<V: Values> std::fmt::Debug for Outcome<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done => "Done",
            Self::Response(_) => "Response",
            Self::Token(_) => "Token",
            Self::Failed(_) => "Failed",
            Self::Landed(_) => "Landed",
        })
    }
}
