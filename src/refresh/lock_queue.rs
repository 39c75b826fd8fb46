//! Waiting for the lock between the tabs.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::millis::Millis;
use crate::protocol::{Act, Acted, Command, Moment, Reply};
use crate::refresh::poll::{CATCH_UP, THAWED};
use crate::session::Epoch;
use crate::task::{Input, Wait};
use crate::values::{Guard, Note, Surroundings};

/// How many holders of the lock one flight leaves behind before it goes on without.
const MOST_HOLDERS: u32 = 2;

/// A tab that waits longer looks whether the holder of the lock is alive.
const PROMPT: Millis = Millis::new(100);

/// The lock between the tabs, as one flight has it.
pub(crate) enum LockState<G> {
    NotHeld,
    /// The lock of this generation is held.
    Held(G, u32),
    /// There are no locks here, or the one there is cannot be had: the record alone decides.
    GoingWithout,
}

impl<G: Guard> LockState<G> {
    /// Whether there is nothing to wait for.
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::NotHeld => false,
            Self::Held(guard, _) => guard.is_held(),
            Self::GoingWithout => true,
        }
    }
}

/// Waits for the lock that counts, and no longer than `lock_timeout` for a holder that does
/// not move: one that is frozen would otherwise hold up everybody. Its lock is not stolen,
/// since then each one who waits would steal it from the one before. They agree on another
/// lock instead.
#[derive(Clone, Copy, Default)]
pub(crate) struct LockQueue {
    epoch: Epoch,
    began: Millis,
    holders: u32,
    generation: u32,
    /// The holder's heartbeat, once this tab has looked for it.
    heartbeat: Option<u32>,
}

impl LockQueue {
    /// Lines up on behalf of a flight of `epoch`.
    pub(crate) fn begin<S: Surroundings>(epoch: Epoch, at: &Moment<'_, S>) -> (Self, Command<S>) {
        let generation = at.shared.lock_generation.get();
        let queue = Self { epoch, began: at.around.now(), generation, ..Self::default() };
        (queue, queue.request(PROMPT.min(at.policy.lock_timeout)))
    }

    /// Goes on; breaks with the lock, and with how long to catch up first.
    pub(crate) fn on<S: Surroundings>(
        &mut self,
        reply: Reply<S>,
        at: &Moment<'_, S>,
    ) -> ControlFlow<(LockState<S::Guard>, Millis), Command<S>> {
        match reply {
            Reply::Waited(Input::Locked(guard)) => {
                Break((LockState::Held(guard, self.generation), self.catch_up(at)))
            }
            // Another epoch has begun, maybe while the record was asked: there is nothing left to
            // lock for.
            _ if at.shared.session.epoch() != self.epoch => {
                Break((LockState::NotHeld, Millis::ZERO))
            }
            Reply::Acted(Acted::Holder(Some(heartbeat))) => {
                self.heartbeat = Some(heartbeat);
                Continue(self.request(at.policy.lock_timeout))
            }
            // Tabs that share no record cannot agree on another lock.
            Reply::Acted(Acted::Holder(None)) if at.around.is_record_shared() => self.regroup(at),
            Reply::Waited(Input::Done) => {
                if self.heartbeat.is_none() {
                    at.around.trace(Note::WaitsForTabs);
                }
                let (generation, before) = (self.generation, self.heartbeat);
                Continue(Command::Record(Act::InspectHolder { generation, before }))
            }
            _ => Break((LockState::GoingWithout, self.catch_up(at))),
        }
    }

    fn request<S: Surroundings>(&self, patience: Millis) -> Command<S> {
        Command::Wait(Wait::Lock { generation: self.generation, patience })
    }

    /// Lines up for the lock that counts now.
    fn regroup<S: Surroundings>(
        &mut self,
        at: &Moment<'_, S>,
    ) -> ControlFlow<(LockState<S::Guard>, Millis), Command<S>> {
        self.holders += 1;
        if self.holders > MOST_HOLDERS {
            return Break((LockState::GoingWithout, self.catch_up(at)));
        }
        self.generation = at.shared.lock_generation.get();
        self.heartbeat = None;
        Continue(self.request(PROMPT.min(at.policy.lock_timeout)))
    }

    /// A page that was frozen meanwhile hears first what it has missed.
    fn catch_up<S: Surroundings>(&self, at: &Moment<'_, S>) -> Millis {
        match at.around.now() - self.began >= THAWED {
            true => CATCH_UP,
            false => Millis::ZERO,
        }
    }
}
