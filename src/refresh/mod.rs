//! Carries out one refresh, coordinated with the other tabs.
//!
//! ```text
//!  line up ──► ask the record ──► send the refresh ──► settle ──► landed
//!  for the lock   for admission                          │
//!     ▲                │                                 │
//!     └────────────────┴────────── pause ◄───────────────┘
//! ```
//!
//! Where the answer does not come in time, the flight lands without it and lets the lock go, and
//! settles the answer all the same when it comes. Until then the record says that its token is
//! not to be presented again.
//!
//! After every wait the storage is read anew: for the lock, for the record and for the
//! answer alike, another tab may have been faster.

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
use crate::protocol::{Act, Command, Moment, Protocol};
use crate::session::Epoch;
use crate::task::{Outcome, Wait};
use crate::values::{Note, Surroundings};

#[derive(Clone, Copy)]
enum Stage {
    LiningUp,
    RequestingAdmission,
    Asking,
    Settling,
    /// It lands without its answer.
    LeavingPending,
    LandingEarly,
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
    /// It has landed without its answer.
    is_late: bool,
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
            is_late: false,
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
                Break(Settled::Land) => self.land(at),
                Break(Settled::Retry(wait)) => self.pause(wait, at),
            },
            Stage::LeavingPending => match self.settlement.next(facts, at) {
                Continue(command) => command,
                Break(_) => {
                    // Nobody is to wait for the lock as long.
                    (facts.guard, self.lock) = (None, LockState::GoingWithout);
                    (self.is_late, self.stage) = (true, Stage::LandingEarly);
                    Command::LandEarly
                }
            },
            Stage::LandingEarly => {
                self.stage = Stage::Asking;
                Command::Wait(Wait::Answer { patience: at.policy.late_answer() })
            }
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
            Admitted::CopySpent => self.settle().begin_ending(facts, at),
        }
    }

    fn on_answer<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        self.tries += 1;
        match facts.answer.take() {
            Some(answer) => self.settle().begin(at.policy.judge(answer), facts, at),
            None if self.is_late => self.settle().give_up_waiting(at),
            None => {
                let command = self.settle().begin_late();
                self.stage = Stage::LeavingPending;
                command
            }
        }
    }

    fn land<S: Surroundings>(&self, at: &Moment<'_, S>) -> Command {
        if self.is_late {
            let late = &at.shared.late;
            late.set(late.get().filter(|(epoch, _)| *epoch != self.epoch));
        }
        Command::end(Outcome::Landed)
    }

    fn settle(&mut self) -> &mut Settlement {
        self.stage = Stage::Settling;
        // A late answer ends the refresh: nothing is tried again.
        let tries = if self.is_late { u32::MAX } else { self.tries };
        self.settlement = Settlement::of(self.epoch, tries);
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
