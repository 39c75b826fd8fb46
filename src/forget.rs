//! Removes the tombstones of ended sessions, once every tab knows.
//!
//! Each tab that hears of an end sees to it: the one that brought it about may go away.

use std::cell::Cell;
use std::rc::Rc;

use crate::protocol::{Act, Acted, Command, Moment, Protocol, Reply};
use crate::record::TOMBSTONE_LIFE;
use crate::task::{Outcome, Wait};
use crate::values::Surroundings;

/// Waits until no session has ended for a while, and forgets those that have.
#[derive(Debug)]
pub struct Forget {
    is_forgetting: Rc<Cell<bool>>,
    /// When the last session had ended, as it was seen before.
    before: Option<f64>,
}

impl Forget {
    /// `is_forgetting` tells that there is one, until it is dropped.
    pub(crate) fn new(is_forgetting: Rc<Cell<bool>>) -> Self {
        is_forgetting.set(true);
        Self { is_forgetting, before: None }
    }
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.is_forgetting.set(false);
    }
}

impl<S: Surroundings> Protocol<S> for Forget {
    fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        match reply {
            Reply::Waited(_) => {
                // The record tells of all that have ended so far.
                at.shared.has_tombstones.set(false);
                return Command::Record(Act::Forget { before: self.before });
            }
            // Unless another session has ended since the record was read.
            Reply::Acted(Acted::Remembered(None)) if !at.shared.has_tombstones.get() => {
                return Command::Wait(Wait::End(Outcome::Done));
            }
            Reply::Acted(Acted::Remembered(before)) => self.before = before,
            _ => {}
        }
        Command::Wait(Wait::Rest(TOMBSTONE_LIFE))
    }
}
