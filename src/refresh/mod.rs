//! Carries out one refresh, coordinated with the other tabs.
//!
//! ```text
//!  line up ──► ask the record ──► send the refresh ──► settle ──► landed
//!  for the lock   for admission                          │
//!     ▲                │                                 │
//!     └────────────────┴────────── pause ◄───────────────┘
//! ```
//!
//! After every wait (for the lock, the record or the answer) the storage is read again, because
//! another tab may have been faster.

mod admission;
mod lock_queue;
mod poll;
mod settlement;
mod watch;

use std::ops::ControlFlow::{Break, Continue};

use self::admission::{AdmissionRequest, Admitted};
use self::lock_queue::{LockQueue, LockState};
use self::poll::HAND_OVER;
use self::settlement::{Settled, Settlement};
use crate::facts::Facts;
use crate::millis::Millis;
use crate::policy::Verdict;
use crate::protocol::{Act, Command, Moment, Protocol};
use crate::session::Epoch;
use crate::task::{Outcome, Wait};
use crate::values::{Note, Surroundings};

const TOO_LONG: &str = "the refresh took longer than refreshTimeout (a refresh function has to use \
                        the fetch that it is given: the api's own waits for the refresh itself)";

#[derive(Clone, Copy)]
enum Stage {
    LiningUp,
    RequestingAdmission,
    Asking,
    Settling,
    Pausing,
    Beating,
}

/// One refresh: it replaces the token of an epoch.
pub struct Refresh {
    /// The epoch that it was asked for in; the session may have been left since.
    epoch: Epoch,
    stage: Stage,
    lock: LockState,
    queue: LockQueue,
    admission: AdmissionRequest,
    settlement: Settlement,
    /// The number of times that new tokens were asked for.
    tries: u32,
    /// The rest of the pause.
    pause: Millis,
}

impl Refresh {
    /// The refresh that replaces the token of `epoch`.
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            stage: Stage::Pausing,
            lock: LockState::NotHeld,
            queue: LockQueue::default(),
            admission: AdmissionRequest::of(epoch),
            settlement: Settlement::default(),
            tries: 0,
            pause: Millis::ZERO,
        }
    }
}

impl<S: Surroundings> Protocol<S> for Refresh {
    fn next(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        match self.stage {
            Stage::LiningUp => match self.queue.next(facts, at) {
                Continue(command) => command,
                Break((lock, catch_up)) => {
                    self.lock = lock;
                    match catch_up.is_zero() {
                        true => self.request_admission(at),
                        false => self.pause(catch_up, at),
                    }
                }
            },
            Stage::RequestingAdmission => match self.admission.next(self.lock, facts, at) {
                Continue(command) => command,
                Break(admitted) => self.on_admitted(admitted, facts, at),
            },
            Stage::Asking => self.on_answer(facts, at),
            Stage::Settling => match self.settlement.next(facts, at) {
                Continue(command) => command,
                Break(Settled::Land) => Command::end(Outcome::Landed),
                Break(Settled::Retry(wait)) => self.pause(wait, at),
            },
            Stage::Pausing if self.pause.is_zero() => self.line_up(facts, at),
            Stage::Pausing => {
                self.stage = Stage::Beating;
                Command::Record(Act::Beat)
            }
            Stage::Beating => self.pause(self.pause, at),
        }
    }
}

impl Refresh {
    fn line_up<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        // Where another epoch has begun, there is nothing left to lock for.
        if self.lock.is_settled(facts) || at.shared.session.epoch() != self.epoch {
            return self.request_admission(at);
        }
        self.lock = LockState::NotHeld;
        self.stage = Stage::LiningUp;
        self.queue.begin(self.epoch, facts, at)
    }

    fn request_admission<S: Surroundings>(&mut self, at: &Moment<'_, S>) -> Command {
        self.stage = Stage::RequestingAdmission;
        self.admission.begin(self.lock, at)
    }

    fn on_admitted<S: Surroundings>(
        &mut self,
        admitted: Admitted,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        match admitted {
            Admitted::Refresh => {
                at.around.trace(Note::Asks);
                self.stage = Stage::Asking;
                Command::Wait(Wait::Answer { patience: at.policy.refresh_timeout })
            }
            Admitted::Land => Command::end(Outcome::Landed),
            Admitted::LineUp => self.line_up(facts, at),
            Admitted::LockSuperseded => {
                self.lock = LockState::NotHeld;
                self.line_up(facts, at)
            }
            Admitted::Pause(wait) => self.pause(wait, at),
            Admitted::SessionEnded => self.settle().begin_leaving(),
        }
    }

    fn on_answer<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        self.tries += 1;
        let verdict = match facts.answer.take() {
            Some(answer) => at.policy.judge(answer),
            None => Verdict::Unavailable { reason: TOO_LONG, retry_after: None, cause: None },
        };
        self.settle().begin(verdict, facts, at)
    }

    fn settle(&mut self) -> &mut Settlement {
        self.stage = Stage::Settling;
        self.settlement = Settlement::of(self.epoch, self.tries);
        &mut self.settlement
    }

    /// Pauses with the lock, in steps that show the other tabs that its holder is alive.
    fn pause<S: Surroundings>(&mut self, wait: Millis, at: &Moment<'_, S>) -> Command {
        let step = wait.min((at.policy.lock_timeout / 2.0).max(HAND_OVER));
        self.stage = Stage::Pausing;
        self.pause = wait - step;
        Command::Wait(Wait::Sleep(step))
    }
}

impl std::fmt::Debug for Refresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresh").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
