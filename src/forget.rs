//! Removes the tombstones of ended sessions, once every tab knows.
//!
//! Each tab that notices the end of a session does this, because the tab that ended it may be
//! closed.

use std::cell::Cell;
use std::rc::Rc;

use crate::facts::{Acted, Facts};
use crate::protocol::{Act, Command, Moment, Protocol};
use crate::record::TOMBSTONE_LIFE;
use crate::task::{Outcome, Wait};
use crate::values::Surroundings;

#[derive(Clone, Copy, Debug)]
enum State {
    Starting,
    Resting,
    Acting,
}

/// Waits until no session has ended for a while, and forgets those that have.
#[derive(Debug)]
pub struct Forget {
    state: State,
    is_forgetting: Rc<Cell<bool>>,
    /// When the last session had ended, as it was seen before.
    before: Option<f64>,
}

impl Forget {
    /// `is_forgetting` tells that there is one, until it is dropped.
    pub(crate) fn new(is_forgetting: Rc<Cell<bool>>) -> Self {
        is_forgetting.set(true);
        Self { state: State::Starting, is_forgetting, before: None }
    }

    fn rest(&mut self) -> Command {
        self.state = State::Resting;
        Command::Wait(Wait::Rest(TOMBSTONE_LIFE))
    }
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.is_forgetting.set(false);
    }
}

impl<S: Surroundings> Protocol<S> for Forget {
    fn next(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        match (self.state, facts.acted) {
            (State::Starting, _) => self.rest(),
            (State::Resting, _) => {
                // The record tells of all that have ended so far.
                at.shared.has_tombstones.set(false);
                self.state = State::Acting;
                Command::Record(Act::Forget { before: self.before })
            }
            // Unless another session has ended since the record was read.
            (State::Acting, Acted::Remembered(None)) if !at.shared.has_tombstones.get() => {
                Command::end(Outcome::Done)
            }
            (State::Acting, acted) => {
                if let Acted::Remembered(before) = acted {
                    self.before = before;
                }
                self.rest()
            }
        }
    }
}
