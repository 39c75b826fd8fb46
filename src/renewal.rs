//! A refresh that the application asks for, or that runs in the background.

use crate::error::Error;
use crate::flight::Flight;
use crate::millis::Millis;
use crate::protocol::{Command, Moment, Protocol, Reply};
use crate::shared::Landing;
use crate::task::{Outcome, Wait};
use crate::values::{Surroundings, Values};

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
pub struct Renewal<V: Values> {
    purpose: Purpose,
    state: State,
    flight: Option<Flight<Landing<V>>>,
}

impl<V: Values> Renewal<V> {
    /// Refreshes now, or joins the flight that is under way.
    pub fn by_hand() -> Self {
        Self::of(Purpose::ByHand)
    }

    /// Brings the access token as it is stored, after the flight that is under way. One that
    /// ends before `min_validity` has passed is refreshed first, in so far as tokens live that
    /// long: three quarters of a lifetime can be had at any time.
    pub fn access_token(min_validity: Millis) -> Self {
        Self::of(Purpose::Token(min_validity))
    }

    /// Refreshes a token that is about to end.
    pub fn in_background() -> Self {
        Self::of(Purpose::Background)
    }

    fn of(purpose: Purpose) -> Self {
        Self { purpose, state: State::Starting, flight: None }
    }
}

impl<S: Surroundings> Protocol<S> for Renewal<S> {
    fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        match (self.state, reply) {
            (State::Starting, _) => self.start(at),
            (State::WaitingFirst, _) => self.sync(State::Syncing),
            (State::Syncing, _) => self.join_where_called_for(at),
            (State::Joining, Reply::CoolingDown(failure)) => end(Outcome::Failed(failure)),
            (State::Joining, Reply::Joined(flight)) => {
                self.flight = Some(flight.clone());
                self.state = State::Waiting;
                Command::Wait(Wait::Flight(flight))
            }
            (State::Joining, _) => self.finish(),
            (State::Waiting, _) => match self.flight.as_ref().and_then(Flight::peek) {
                Some(Landing::SignedOut(failure) | Landing::Unavailable(failure)) => {
                    end(Outcome::Failed(failure.clone()))
                }
                Some(Landing::Superseded) => {
                    end(Outcome::Failed(at.around.failure(Error::SessionChanged)))
                }
                _ => self.finish(),
            },
            (State::SyncingForToken, _) => end(Outcome::Token(at.shared.session.token())),
        }
    }
}

impl<S: Surroundings> Renewal<S> {
    fn start(&mut self, at: &Moment<'_, S>) -> Command<S> {
        match (self.purpose, at.shared.flight.under_way()) {
            (Purpose::ByHand, _) => {
                // An outage is no reason to wait for who asks by hand.
                at.shared.outage.wake(at.around.wall_clock());
                self.sync(State::Syncing)
            }
            (Purpose::Token(_), Some(flight)) => {
                self.state = State::WaitingFirst;
                Command::Wait(Wait::Flight(flight))
            }
            (Purpose::Token(_), None) => self.sync(State::Syncing),
            (Purpose::Background, _) => self.join_where_called_for(at),
        }
    }

    fn sync(&mut self, state: State) -> Command<S> {
        self.state = state;
        Command::SyncWithStorage
    }

    fn join_where_called_for(&mut self, at: &Moment<'_, S>) -> Command<S> {
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

    fn finish(&mut self) -> Command<S> {
        match self.purpose {
            Purpose::Token(_) => self.sync(State::SyncingForToken),
            Purpose::ByHand | Purpose::Background => end(Outcome::Done),
        }
    }
}

fn end<V: Values>(outcome: Outcome<V>) -> Command<V> {
    Command::Wait(Wait::End(outcome))
}

impl<V: Values> std::fmt::Debug for Renewal<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewal").finish_non_exhaustive()
    }
}
