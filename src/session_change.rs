//! How sessions begin and end, and go on with newer tokens: sign-in, sign-out, `setTokens`.
//!
//! The tokens are written at once, before anybody can navigate away, and once more while the
//! record is held: a flight of the session before may have stored its own a moment ago.

use crate::facts::Facts;
use crate::protocol::{Act, Command, Moment, Protocol};
use crate::session::{Epoch, Event, SignOut};
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
    /// The epoch in which it was asked for.
    epoch: Epoch,
    pending: Option<PendingWrite>,
}

impl SessionChange {
    /// A change that has not begun.
    pub fn new() -> Self {
        Self { state: State::Starting, epoch: Epoch::default(), pending: None }
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
            // The record, and maybe the server, has to hear which tokens go on or end. A slow storage
            // is asked for them, since it may have changed, or was never read.
            State::Starting
                if facts.is_same_session
                    || facts.grant.is_none()
                        && (at.policy.tells_sign_out || !at.shared.session.has_token()) =>
            {
                (self.epoch, self.state) = (at.shared.session.epoch(), State::Looking);
                Command::SyncWithStorage
            }
            State::Looking if self.is_overtaken(facts, at) => Command::end(Outcome::Done),
            State::Starting | State::Looking => {
                self.state = State::LeavingSession;
                Command::ChangeSession
            }
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
    /// Tells if this page has signed in or out while a slow storage was read: that was asked for
    /// last.
    fn is_overtaken<S: Surroundings>(&self, facts: &Facts<S>, at: &Moment<'_, S>) -> bool {
        facts.is_same_session
            && at.shared.has_pending_writes()
            && at.shared.session.has_moved_on_from(self.epoch)
    }
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
