//! A refresh that the application asks for, or that runs in the background.

use crate::error::Error;
use crate::facts::Facts;
use crate::millis::Millis;
use crate::protocol::{Command, Moment, Protocol};
use crate::shared::Landing;
use crate::task::{Outcome, Wait};
use crate::values::Surroundings;

#[derive(Clone, Copy)]
enum Purpose {
    /// `api.refresh()`.
    ByHand,
    /// `api.getAccessToken()`: a token that is valid for so long.
    Token(Millis),
    /// `autoRefresh`: before the token ends, although nobody asks.
    Background,
}

#[derive(Clone, Copy)]
enum State {
    Starting,
    /// A flight was under way before the token is read.
    WaitingFirst,
    Syncing,
    Joining,
    Waiting,
    SyncingForToken,
}

/// Joins or starts a flight, where one is called for.
pub struct Renewal {
    purpose: Purpose,
    state: State,
}

impl Renewal {
    /// Refreshes now, or joins the flight that is under way.
    pub fn by_hand() -> Self {
        Self::of(Purpose::ByHand)
    }

    /// Brings the access token as it is stored, after the flight that is under way. One that
    /// ends before `min_validity` has passed is refreshed first; no more than three quarters of a
    /// lifetime are asked for, since that can be had at any time.
    pub fn access_token(min_validity: Millis) -> Self {
        Self::of(Purpose::Token(min_validity))
    }

    /// Refreshes a token that is about to end.
    pub fn in_background() -> Self {
        Self::of(Purpose::Background)
    }

    fn of(purpose: Purpose) -> Self {
        Self { purpose, state: State::Starting }
    }
}

impl<S: Surroundings> Protocol<S> for Renewal {
    fn next(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        match self.state {
            State::Starting => self.start(facts, at),
            State::WaitingFirst => self.sync(State::Syncing),
            State::Syncing => self.join_where_called_for(at),
            State::Joining if facts.failure.is_some() => Command::end(Outcome::Failed),
            State::Joining if facts.flight.is_some() => self.wait(State::Waiting, at),
            State::Joining => self.finish(),
            State::Waiting => self.on_landing(facts, at),
            State::SyncingForToken => {
                facts.access_token = at.shared.session.token();
                Command::end(Outcome::Token)
            }
        }
    }
}

impl Renewal {
    fn start<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        match self.purpose {
            Purpose::ByHand => {
                // An outage is no reason to wait for who asks by hand.
                at.shared.outage.wake(at.around.wall_clock());
                self.sync(State::Syncing)
            }
            Purpose::Token(_) => {
                facts.flight = at.shared.flight.under_way();
                if facts.flight.is_none() {
                    return self.sync(State::Syncing);
                }
                self.wait(State::WaitingFirst, at)
            }
            Purpose::Background => self.join_where_called_for(at),
        }
    }

    fn wait<S: Surroundings>(&mut self, state: State, at: &Moment<'_, S>) -> Command {
        at.shared.needs_session.set(true);
        self.state = state;
        Command::Wait(Wait::Flight)
    }

    fn sync(&mut self, state: State) -> Command {
        self.state = state;
        Command::SyncWithStorage
    }

    fn join_where_called_for<S: Surroundings>(&mut self, at: &Moment<'_, S>) -> Command {
        let session = &at.shared.session;
        let is_called_for = match self.purpose {
            Purpose::ByHand => true,
            Purpose::Token(min_validity) => {
                let is_short = at.shared.access_expiry.get().is_some_and(|expiry| {
                    let wanted = min_validity.min(expiry.total() * 0.75);
                    expiry.remaining(at.around.now()) < wanted
                });
                is_short && session.has_token()
            }
            Purpose::Background => at.shared.is_due(at.policy, at.around.about_now()),
        };
        if !is_called_for {
            return self.finish();
        }
        self.state = State::Joining;
        let is_blocking = !matches!(self.purpose, Purpose::Background);
        Command::Join { epoch: session.epoch(), is_blocking }
    }

    fn on_landing<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        facts.failure = match facts.take_landing() {
            Some(Landing::SignedOut(failure) | Landing::Unavailable(failure)) => Some(failure),
            Some(Landing::Superseded) => Some(at.around.failure(Error::SessionChanged)),
            _ => return self.finish(),
        };
        Command::end(Outcome::Failed)
    }

    fn finish(&mut self) -> Command {
        match self.purpose {
            Purpose::Token(_) => self.sync(State::SyncingForToken),
            Purpose::ByHand | Purpose::Background => Command::end(Outcome::Done),
        }
    }
}

impl std::fmt::Debug for Renewal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewal").finish_non_exhaustive()
    }
}
