//! How sessions begin and end: sign-in and sign-out.
//!
//! The tokens are written at once, before anybody can navigate away, and once more while the
//! record is held: a flight of the session before may have stored its own a moment ago.

use crate::facts::Facts;
use crate::protocol::{Act, Command, Moment, Protocol};
use crate::session::{Event, SignOut};
use crate::shared::PendingWrite;
use crate::task::{Outcome, Wait};
use crate::values::Surroundings;

#[derive(Clone, Copy)]
enum State {
    Starting,
    Looking,
    LeavingSession,
    ChangingRecord,
    Writing,
}

/// A sign-in with the grant among the facts; a sign-out where there is none.
pub struct SessionChange {
    state: State,
    pending: Option<PendingWrite>,
}

impl SessionChange {
    /// A change that has not begun.
    pub fn new() -> Self {
        Self { state: State::Starting, pending: None }
    }
}

impl Default for SessionChange {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Surroundings> Protocol<S> for SessionChange {
    fn next(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        match self.state {
            // The server is told which tokens there were, and a slow storage has to be asked.
            State::Starting if facts.grant.is_none() && at.policy.tells_sign_out => {
                self.state = State::Looking;
                Command::SyncWithStorage
            }
            State::Starting | State::Looking => {
                self.state = State::LeavingSession;
                Command::ChangeSession
            }
            State::LeavingSession => {
                // The tokens that another tab stored a moment ago count no more.
                self.pending = Some(at.shared.begin_write());
                self.state = State::ChangingRecord;
                Command::Record(Act::ChangeSession { epoch: at.shared.session.epoch() })
            }
            State::ChangingRecord => {
                self.state = State::Writing;
                Command::Wait(Wait::Written)
            }
            State::Writing => {
                self.pending = None;
                at.around.announce(match facts.grant {
                    Some(_) => Event::SessionChanged,
                    None => Event::SignedOut(SignOut::Asked),
                });
                Command::end(Outcome::Done)
            }
        }
    }
}

impl std::fmt::Debug for SessionChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionChange").finish_non_exhaustive()
    }
}
