//! Waiting, within bounds, for a change that another tab has made.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::protocol::{Command, Moment, Reply};
use crate::refresh::poll::{CATCH_UP, HAND_OVER, Poll};
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::Wait;
use crate::values::Surroundings;

#[derive(Clone, Copy)]
enum State {
    Syncing,
    Sleeping,
    CatchingUp,
}

/// Polls the storage until another epoch begins.
#[derive(Clone, Copy)]
pub(crate) struct Watch {
    epoch: Epoch,
    state: State,
    poll: Poll,
}

impl Watch {
    /// Watches for the end of `epoch`. The first command is to sync with the storage.
    pub(crate) fn over(epoch: Epoch) -> Self {
        Self { epoch, state: State::Syncing, poll: Poll::default() }
    }

    /// Goes on; breaks with the change, or with `None` where none was seen in time.
    pub(crate) fn on<S: Surroundings>(
        &mut self,
        _: Reply<S>,
        at: &Moment<'_, S>,
    ) -> ControlFlow<Option<Landing<S>>, Command<S>> {
        match self.state {
            State::Syncing => {
                if let Some(landing) = at.changed_since(self.epoch) {
                    return Break(Some(landing));
                }
                if self.poll.is_over(HAND_OVER) {
                    return Break(None);
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
