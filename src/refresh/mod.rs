//! One refresh, past the other tabs.
//!
//! ```text
//!  line up ──► ask the record ──► send the refresh ──► settle ──► landed
//!  for the lock   for admission                          │
//!     ▲                │                                 │
//!     └────────────────┴────────── pause ◄───────────────┘
//! ```
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
use crate::millis::Millis;
use crate::policy::Verdict;
use crate::protocol::{Act, Command, Moment, Protocol, Reply};
use crate::session::Epoch;
use crate::shared::Landing;
use crate::task::{Input, Outcome, Wait};
use crate::values::{Note, Surroundings, Values};

const TOO_LONG: &str = "the refresh took longer than refreshTimeout (a refresh function has to use \
                        the fetch that it is given: the api's own waits for the refresh itself)";

#[derive(Clone, Copy)]
enum Stage {
    LiningUp,
    RequestingAdmission,
    Asking,
    Settling,
    Pausing,
}

/// One refresh: it replaces the token of an epoch.
pub struct Refresh<V: Values> {
    /// The epoch that it was asked for in; the session may have been left since.
    epoch: Epoch,
    stage: Stage,
    lock: LockState<V::Guard>,
    queue: LockQueue,
    admission: AdmissionRequest<V>,
    settlement: Option<Settlement<V>>,
    /// How often new tokens were asked for.
    tries: u32,
    /// How long the pause still lasts.
    pause: Millis,
}

impl<V: Values> Refresh<V> {
    /// The refresh that replaces the token of `epoch`.
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            stage: Stage::Pausing,
            lock: LockState::NotHeld,
            queue: LockQueue::default(),
            admission: AdmissionRequest::new(epoch),
            settlement: None,
            tries: 0,
            pause: Millis::ZERO,
        }
    }
}

impl<S: Surroundings> Protocol<S> for Refresh<S> {
    fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        match self.stage {
            Stage::LiningUp => match self.queue.on(reply, at) {
                Continue(command) => command,
                Break((lock, catch_up)) => {
                    self.lock = lock;
                    self.pause_before_admission(catch_up, at)
                }
            },
            Stage::RequestingAdmission => match self.admission.on(reply, &self.lock, at) {
                Continue(command) => command,
                Break(admitted) => self.on_admitted(admitted, at),
            },
            Stage::Asking => self.on_answer(reply, at),
            Stage::Settling => {
                let Some(settlement) = &mut self.settlement else {
                    return land(Landing::Superseded);
                };
                match settlement.on(reply, at) {
                    Continue(command) => command,
                    Break(Settled::Land(landing)) => land(landing),
                    Break(Settled::Retry(wait)) => self.pause(wait, at),
                }
            }
            Stage::Pausing => self.on_pause(reply, at),
        }
    }
}

impl<S: Surroundings> Refresh<S> {
    fn line_up(&mut self, at: &Moment<'_, S>) -> Command<S> {
        // Where another epoch has begun, there is nothing left to lock for.
        if self.lock.is_settled() || at.shared.session.epoch() != self.epoch {
            return self.request_admission(at);
        }
        self.lock = LockState::NotHeld;
        self.stage = Stage::LiningUp;
        let (queue, command) = LockQueue::begin(self.epoch, at);
        self.queue = queue;
        command
    }

    fn pause_before_admission(&mut self, catch_up: Millis, at: &Moment<'_, S>) -> Command<S> {
        match catch_up.is_zero() {
            true => self.request_admission(at),
            false => self.pause(catch_up, at),
        }
    }

    fn request_admission(&mut self, at: &Moment<'_, S>) -> Command<S> {
        self.stage = Stage::RequestingAdmission;
        self.admission.begin(&self.lock, at)
    }

    fn on_admitted(&mut self, admitted: Admitted<S>, at: &Moment<'_, S>) -> Command<S> {
        match admitted {
            Admitted::Refresh => {
                at.around.trace(Note::Asks);
                self.stage = Stage::Asking;
                let refresh_token = self.admission.refresh_token.clone();
                let patience = at.policy.refresh_timeout;
                Command::Wait(Wait::Answer { refresh_token, patience })
            }
            Admitted::Land(landing) => land(landing),
            Admitted::LineUp => self.line_up(at),
            Admitted::LockSuperseded => {
                self.lock = LockState::NotHeld;
                self.line_up(at)
            }
            Admitted::Pause(wait) => self.pause(wait, at),
            Admitted::SessionEnded => self.settlement().begin_leaving(),
        }
    }

    fn on_answer(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        self.tries += 1;
        let verdict = match reply {
            Reply::Waited(Input::Answered(answer)) => at.policy.judge(answer),
            _ => Verdict::Unavailable { reason: TOO_LONG, retry_after: None, cause: None },
        };
        self.settlement().begin(verdict, at)
    }

    fn settlement(&mut self) -> &mut Settlement<S> {
        self.stage = Stage::Settling;
        let presented = self.admission.presented;
        let token = self.admission.refresh_token.clone();
        self.settlement.insert(Settlement::new(self.epoch, presented, token, self.tries))
    }

    /// Pauses with the lock, in steps that show the other tabs that its holder is alive.
    fn pause(&mut self, wait: Millis, at: &Moment<'_, S>) -> Command<S> {
        let step = wait.min((at.policy.lock_timeout / 2.0).max(HAND_OVER));
        self.stage = Stage::Pausing;
        self.pause = wait - step;
        Command::Wait(Wait::Sleep(step))
    }

    fn on_pause(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        match reply {
            Reply::Acted(_) => self.pause(self.pause, at),
            _ if self.pause.is_zero() => self.line_up(at),
            _ => Command::Record(Act::Beat),
        }
    }
}

fn land<V: Values>(landing: Landing<V>) -> Command<V> {
    Command::Wait(Wait::End(Outcome::Landed(landing)))
}

impl<V: Values> std::fmt::Debug for Refresh<V> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresh").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
