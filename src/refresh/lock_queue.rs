//! Waiting for the lock between the tabs.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::facts::{Acted, Facts};
use crate::millis::Millis;
use crate::protocol::{Act, Command, Moment};
use crate::refresh::poll::{CATCH_UP, THAWED};
use crate::session::Epoch;
use crate::task::Wait;
use crate::values::{Guard, Note, Surroundings};

/// The number of unresponsive holders that one flight supersedes before it goes on without the
/// lock.
const MOST_HOLDERS: u32 = 2;

/// A tab that waits longer looks whether the holder of the lock is alive.
const PROMPT: Millis = Millis::new(100);

/// How long a live holder may show no heartbeat, at least: it catches up, reads the storage, and pauses
/// between two polls.
const SILENCE: Millis = Millis::new(1_000);

/// The lock between the tabs, as one flight has it.
#[derive(Clone, Copy)]
pub(crate) enum LockState {
    NotHeld,
    /// The lock of this generation was granted; the guard is among the facts.
    Held(u32),
    /// There are no locks here, or the one there is cannot be had: the record alone decides.
    GoingWithout,
}

impl LockState {
    /// Tells if there is nothing to wait for.
    pub(crate) fn is_settled<S: Surroundings>(self, facts: &Facts<S>) -> bool {
        match self {
            Self::NotHeld => false,
            Self::Held(_) => facts.guard.as_ref().is_some_and(Guard::is_held),
            Self::GoingWithout => true,
        }
    }
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Waiting,
    Inspecting,
}

/// Waits for the lock that counts, and no longer than `lock_timeout` for a holder that does
/// not move: one that is frozen would otherwise hold up everybody. Its lock is not stolen,
/// since then each one who waits would steal it from the one before. They agree on another
/// lock instead.
#[derive(Clone, Copy, Default)]
pub(crate) struct LockQueue {
    epoch: Epoch,
    state: State,
    began: Millis,
    holders: u32,
    /// A holder was left behind, and nothing has happened since.
    is_still: bool,
    generation: u32,
    /// The holder's heartbeat, once this tab has looked for it.
    heartbeat: Option<u32>,
}

impl LockQueue {
    /// Lines up on behalf of a flight of `epoch`.
    pub(crate) fn begin<S: Surroundings>(
        &mut self,
        epoch: Epoch,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        let generation = at.shared.lock_generation.get();
        *self = Self { epoch, began: at.around.now(), generation, ..Self::default() };
        facts.guard = None;
        self.request(PROMPT.min(at.policy.lock_timeout))
    }

    /// Goes on; breaks with the lock, and with how long to catch up first.
    pub(crate) fn next<S: Surroundings>(
        &mut self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> ControlFlow<(LockState, Millis), Command> {
        if facts.guard.is_some() {
            return Break((LockState::Held(self.generation), self.catch_up(at)));
        }
        // Another epoch has begun, maybe while the record was asked: there is nothing left to
        // lock for.
        if at.shared.session.epoch() != self.epoch {
            return Break((LockState::NotHeld, Millis::ZERO));
        }
        match (self.state, facts.acted) {
            (State::Inspecting, Acted::Holder(Some(heartbeat))) => {
                self.heartbeat = Some(heartbeat);
                self.is_still = false;
                Continue(self.request(at.policy.lock_timeout.max(SILENCE)))
            }
            // Tabs that share no record cannot agree on another lock.
            (State::Inspecting, _) if at.around.is_record_shared() => self.regroup(at),
            (State::Waiting, _) if !facts.has_no_locks => Continue(self.inspect(at)),
            _ => Break((LockState::GoingWithout, self.catch_up(at))),
        }
    }

    fn request(&mut self, patience: Millis) -> Command {
        self.state = State::Waiting;
        Command::Wait(Wait::Lock { generation: self.generation, patience })
    }

    fn inspect<S: Surroundings>(&mut self, at: &Moment<'_, S>) -> Command {
        if self.heartbeat.is_none() {
            at.around.trace(Note::WaitsForTabs);
        }
        self.state = State::Inspecting;
        let (generation, before) = (self.generation, self.heartbeat);
        Command::Record(Act::InspectHolder { generation, before })
    }

    /// Lines up for the lock that counts now.
    fn regroup<S: Surroundings>(
        &mut self,
        at: &Moment<'_, S>,
    ) -> ControlFlow<(LockState, Millis), Command> {
        self.holders += 1;
        // A lock that nobody is granted is no lock: it is not waited for once more.
        if self.is_still || self.holders > MOST_HOLDERS {
            return Break((LockState::GoingWithout, self.catch_up(at)));
        }
        self.generation = at.shared.lock_generation.get();
        self.is_still = self.heartbeat.is_some();
        let patience = if self.is_still { SILENCE } else { PROMPT.min(at.policy.lock_timeout) };
        Continue(self.request(patience))
    }

    /// A page that was frozen meanwhile hears first what it has missed.
    fn catch_up<S: Surroundings>(&self, at: &Moment<'_, S>) -> Millis {
        match at.around.now() - self.began >= THAWED {
            true => CATCH_UP,
            false => Millis::ZERO,
        }
    }
}
