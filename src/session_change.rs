//! How sessions begin and end, and go on with newer tokens: sign-in, sign-out, `setTokens`.
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

/// A sign-in with the grant among the facts, or newer tokens of the session; a sign-out where
/// there is none.
pub struct SessionChange {
    state: State,
    /// Its number among those of this page.
    number: u32,
    pending: Option<PendingWrite>,
}

impl SessionChange {
    /// A change that has not begun.
    pub fn new() -> Self {
        Self { state: State::Starting, number: 0, pending: None }
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
            State::Starting => {
                self.number = at.shared.count_change();
                match looks_first(facts, at) {
                    true => {
                        self.state = State::Looking;
                        Command::SyncWithStorage
                    }
                    false => self.leave(at),
                }
            }
            // What this page was asked for later, while a slow storage was read, counts.
            State::Looking
                if facts.is_same_session && at.shared.last_change.get() > self.number =>
            {
                Command::end(Outcome::Done)
            }
            State::Looking => self.leave(at),
            State::LeavingSession => {
                // The tokens that another tab stored a moment ago count no more.
                self.pending = Some(at.shared.begin_write());
                self.state = State::ChangingRecord;
                Command::Record(Act::ChangeSession {
                    epoch: at.shared.session.epoch(),
                    since: at.around.wall_clock(),
                })
            }
            State::ChangingRecord => {
                self.state = State::Writing;
                Command::Wait(Wait::Written)
            }
            State::Writing => {
                self.pending = None;
                tell(facts, at);
                Command::end(Outcome::Done)
            }
        }
    }
}

impl SessionChange {
    fn leave<S: Surroundings>(&mut self, at: &Moment<'_, S>) -> Command {
        at.shared.last_change.set(self.number);
        self.state = State::LeavingSession;
        Command::ChangeSession
    }
}

/// Tells if a slow storage is read first, since it may have changed, or was never read: the record,
/// and maybe the server, has to hear which tokens go on or end.
fn looks_first<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) -> bool {
    facts.is_same_session
        || facts.grant.is_none() && (at.policy.tells_sign_out || !at.shared.session.has_token())
}

/// Tells the listeners.
fn tell<S: Surroundings>(facts: &mut Facts<S>, at: &Moment<'_, S>) {
    match facts.grant.take() {
        None => at.around.announce(Event::SignedOut(SignOut::Asked)),
        Some(_) if !facts.is_same_session => at.around.announce(Event::SessionChanged),
        // A flight tells of it when it has landed.
        Some(_) if at.shared.flight.under_way().is_some() => {}
        Some(grant) => at.around.announce(Event::TokenRefreshed(grant.access)),
    }
}

impl std::fmt::Debug for SessionChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionChange").finish_non_exhaustive()
    }
}
