//! The seam between decisions and the platform: a [`Task`] decides, and says what it waits for.
//!
//! ```text
//!   loop { wait for (task.step()), and leave what it brings in task.facts() }   until it ends
//! ```

use futures::future::LocalBoxFuture;

use crate::facts::Facts;
use crate::flight::Flight;
use crate::millis::Millis;
use crate::record::Record;
use crate::shared::Landing;
use crate::values::{Surroundings, Values};

/// Work that waits now and then. Whoever drives it does the waiting.
pub trait Task<V: Values> {
    /// Begins, or goes on now that the wait is over; returns what to wait for next. After
    /// [`Wait::End`] it is not called any more.
    fn step(&mut self) -> Wait;

    /// Reads and changes the record while no other tab has it: once for each
    /// [`Wait::Record`]. `None` is no record.
    ///
    /// Tokens that this writes are in the storage before another tab gets the record, unless
    /// the storage is slow.
    fn on_record(&mut self, record: &mut Option<Record>);

    /// Returns the facts: the driver reads the objects of a wait from them, and puts its result
    /// there.
    fn facts(&mut self) -> &mut Facts<V>;
}

/// Names the event that a task waits for, and the [`Facts`] that it reads and leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
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
    /// waits for anything but this and the record. Leaves the `guard`, or `has_no_locks`.
    Lock {
        /// Which lock.
        generation: u32,
        /// How long at most.
        patience: Millis,
    },
    /// For the record, which is handed to [`Task::on_record`] meanwhile.
    Record,
    /// For the answer to one refresh with the `refresh_token`, and no longer than `patience`.
    /// Leaves the `answer`. One that was not answered in time goes on: the next wait is for it,
    /// and it is aborted when the task has ended.
    Answer {
        /// How long at most.
        patience: Millis,
    },
    /// For the `flight` to land.
    Flight,
    /// For the `response` to one attempt of the `request`, and for the caller's
    /// `isUnauthorized` to judge it. Where the attempt fails, the task ends with that.
    Response,
    /// For nothing any more.
    End(Outcome),
}

/// Names how a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The `response` is the caller's.
    Response,
    /// The `access_token` is the caller's.
    Token,
    /// The caller is rejected with the `failure`.
    Failed,
    /// A refresh has landed: `landing`.
    Landed,
}

/// Which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// Gives the core what it needs from its surroundings. The browser is one platform; the tests
/// have others, with clocks, networks and storages of their own.
///
/// Nothing here waits. The storage is what this page knows of it: a slow one is known after a
/// [`Wait::Storage`], and what is written to it is read at once.
pub trait Platform: Surroundings + Sized {
    /// The token in `slot`.
    fn read(&self, slot: Slot) -> Option<Self::Token>;

    /// Puts `token` into `slot`; `None` empties it. It does not fail: a platform keeps in
    /// memory what its storage refuses.
    fn write(&self, slot: Slot, token: Option<&Self::Token>);

    /// Tells if the storage answers later.
    fn is_slow(&self) -> bool;

    /// Drives a refresh that belongs to no caller, beginning when the code that runs now is
    /// through; the future resolves when it has landed.
    fn launch(&self, refresh: Box<dyn Task<Self>>) -> LocalBoxFuture<'static, Landing<Self>>;

    /// Waits for a flight although nobody else may, and calls `landed` then.
    fn see_through(&self, flight: Flight<Landing<Self>>, landed: Box<dyn FnOnce(Landing<Self>)>);

    /// Drives a task that nobody waits for.
    fn spawn(&self, task: Box<dyn Task<Self>>);
}
