//! How sessions begin and end: sign-in and sign-out.
//!
//! The tokens are written at once, before anybody can navigate away, and once more while the
//! record is held: a flight of the session before may have stored its own a moment ago.

use crate::credential::Grant;
use crate::protocol::{Act, Command, Moment, Protocol, Reply};
use crate::session::{Event, SignOut};
use crate::shared::PendingWrite;
use crate::task::{Outcome, Wait};
use crate::values::{Surroundings, Values};

#[derive(Clone, Copy)]
enum State {
    Starting,
    LeavingSession,
    ChangingRecord,
    Writing,
}

/// A sign-in or a sign-out.
pub struct SessionChange<V: Values> {
    /// The tokens of the next session; none after a sign-out.
    grant: Option<Grant<V::Token>>,
    state: State,
    pending: Option<PendingWrite>,
}

impl<V: Values> SessionChange<V> {
    /// Begins a session with the tokens that the application was given.
    pub fn sign_in(grant: Grant<V::Token>) -> Self {
        Self { grant: Some(grant), state: State::Starting, pending: None }
    }

    /// Ends the session.
    pub fn sign_out() -> Self {
        Self { grant: None, state: State::Starting, pending: None }
    }
}

impl<S: Surroundings> Protocol<S> for SessionChange<S> {
    fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        match (self.state, reply) {
            (State::Starting, _) => {
                self.state = State::LeavingSession;
                Command::ChangeSession(self.grant.clone())
            }
            (State::LeavingSession, Reply::SessionLeft(removed)) => {
                // The tokens that another tab stored a moment ago count no more.
                self.pending = Some(at.shared.begin_write());
                self.state = State::ChangingRecord;
                let (epoch, grant) = (at.shared.session.epoch(), self.grant.clone());
                Command::Record(Act::ChangeSession { epoch, removed, grant })
            }
            (State::ChangingRecord, _) => {
                self.state = State::Writing;
                Command::Wait(Wait::Written)
            }
            _ => {
                self.pending = None;
                at.around.announce(match self.grant {
                    Some(_) => Event::SessionChanged,
                    None => Event::SignedOut(SignOut::Asked),
                });
                Command::Wait(Wait::End(Outcome::Done))
            }
        }
    }
}

impl<V: Values> std::fmt::Debug for SessionChange<V> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionChange").finish_non_exhaustive()
    }
}
