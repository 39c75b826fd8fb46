//! Waiting, within bounds, for a change that another tab has made.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::protocol::{Command, Moment};
use crate::refresh::poll::{CATCH_UP, HAND_OVER, Poll};
use crate::session::Epoch;
use crate::task::Wait;
use crate::values::Surroundings;

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Syncing,
    Sleeping,
    CatchingUp,
}

/// Polls the storage until another epoch begins.
#[derive(Clone, Copy, Default)]
pub(crate) struct Watch {
    epoch: Epoch,
    state: State,
    poll: Poll,
}

impl Watch {
    /// Watches for the end of `epoch`.
    pub(crate) fn begin(&mut self, epoch: Epoch) -> Command {
        *self = Self { epoch, ..Self::default() };
        Command::SyncWithStorage
    }

    /// Goes on; breaks when there is a change, or when none was seen in time.
    pub(crate) fn next<S: Surroundings>(&mut self, at: &Moment<'_, S>) -> ControlFlow<(), Command> {
        match self.state {
            State::Syncing => {
                let has_changed = at.shared.session.epoch() != self.epoch;
                if has_changed || self.poll.is_over(HAND_OVER) {
                    return Break(());
                }
                self.state = State::Sleeping;
                Continue(Command::Wait(Wait::Sleep(self.poll.start(at.around.now()))))
            }
            State::Sleeping if self.poll.finish(at.around.now()) => {
                self.state = State::CatchingUp;
                Continue(Command::Wait(Wait::Sleep(CATCH_UP)))
            }
            State::Sleeping | State::CatchingUp => {
                self.state = State::Syncing;
                Continue(Command::SyncWithStorage)
            }
        }
    }
}
