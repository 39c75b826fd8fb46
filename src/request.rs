//! The way of one request.
//!
//! ```text
//!  depart ──► send ──► is it a 401? ──no──► the caller's response
//!    │                     │yes
//!    │ a flight is         ▼
//!    │ under way, or   policy::on_unauthorized
//!    │ the token is        ├─ Replay ─────────────┐
//!    ▼ about to end        ├─ Refresh ► the flight├──► send once more ──► the caller's response
//!  wait for the flight     └─ SessionChanged, SignIn ──► a rejection
//! ```
//!
//! A request is sent twice at most, whatever the second answer is: there is no loop.

use crate::error::Error;
use crate::flight::Flight;
use crate::millis::Millis;
use crate::policy::{self, Step};
use crate::protocol::{Command, Moment, Protocol, Reply};
use crate::session::{Epoch, SignOut};
use crate::shared::Landing;
use crate::task::{Input, Outcome, Wait};
use crate::values::{Note, Surroundings, Values};

#[derive(Clone, Copy)]
enum State {
    Starting,
    /// Before it is sent, and again before it is replayed.
    Departing,
    JoiningBeforeDeparture,
    WaitingBeforeDeparture,
    DepartingAfterWait,
    Sending,
    /// After a 401.
    Unauthorized,
    CountingRefreshTokens,
    Joining,
    Waiting,
}

/// One request, from `fetch` to its response.
pub struct Request<V: Values> {
    request: V::Request,
    state: State,
    /// The epoch in which it departed last.
    epoch: Epoch,
    /// The 401 that it got, and the epoch that it was sent in.
    unauthorized: Option<(V::Response, Epoch)>,
    flight: Option<Flight<Landing<V>>>,
    waits_since: Millis,
}

impl<V: Values> Request<V> {
    /// A request that is to be sent.
    pub fn new(request: V::Request) -> Self {
        Self {
            request,
            state: State::Starting,
            epoch: Epoch::default(),
            unauthorized: None,
            flight: None,
            waits_since: Millis::ZERO,
        }
    }

    /// A request that was sent in the epoch `sent`, and got a 401.
    pub fn unauthorized(request: V::Request, sent: Epoch, response: V::Response) -> Self {
        Self { unauthorized: Some((response, sent)), ..Self::new(request) }
    }
}

impl<S: Surroundings> Protocol<S> for Request<S> {
    fn on(&mut self, reply: Reply<S>, at: &Moment<'_, S>) -> Command<S> {
        match (self.state, reply) {
            (State::Starting, _) => match self.unauthorized {
                Some(_) => self.sync(State::Unauthorized),
                None => self.sync(State::Departing),
            },
            (State::Departing, _) => self.depart(at),
            (State::JoiningBeforeDeparture, Reply::Joined(flight)) => {
                self.wait(flight, State::WaitingBeforeDeparture, at)
            }
            (State::JoiningBeforeDeparture, _) => self.send(at),
            (State::WaitingBeforeDeparture, _) => {
                self.note_waited(at);
                self.sync(State::DepartingAfterWait)
            }
            (State::DepartingAfterWait, _) => self.depart_after_wait(at),
            (State::Sending, Reply::Waited(Input::Response(response, true))) => {
                self.unauthorized = Some((response, self.epoch));
                self.sync(State::Unauthorized)
            }
            (State::Sending, Reply::Waited(Input::Response(response, false))) => {
                end(Outcome::Response(response))
            }
            (State::Unauthorized, _) if at.shared.session.is_over() => {
                self.state = State::CountingRefreshTokens;
                Command::ReadRefreshToken
            }
            (State::Unauthorized, _) => self.on_unauthorized(false, at),
            (State::CountingRefreshTokens, Reply::RefreshToken(token)) => {
                self.on_unauthorized(token.is_some(), at)
            }
            (State::Joining, Reply::CoolingDown(failure)) => end(Outcome::Failed(failure)),
            (State::Joining, Reply::Joined(_)) if !self.may_replay(at) => self.give_back(),
            (State::Joining, Reply::Joined(flight)) => self.wait(flight, State::Waiting, at),
            (State::Joining, _) => self.replay(at),
            (State::Waiting, _) => self.on_landing(at),
            _ => self.give_back(),
        }
    }

    fn request(&self) -> Option<&S::Request> {
        Some(&self.request)
    }
}

impl<S: Surroundings> Request<S> {
    fn sync(&mut self, state: State) -> Command<S> {
        self.state = state;
        Command::SyncWithStorage
    }

    /// Sends the request, unless it has to wait: for the flight that is under way, or for one
    /// of its own where the token is about to end.
    fn depart(&mut self, at: &Moment<'_, S>) -> Command<S> {
        self.epoch = at.shared.session.epoch();
        if let Some(flight) = at.shared.flight.under_way() {
            return self.wait(flight, State::WaitingBeforeDeparture, at);
        }
        if !at.shared.is_due(at.policy, at.around.about_now()) {
            return self.send(at);
        }
        at.around.trace(Note::NearItsEnd(&self.request));
        self.state = State::JoiningBeforeDeparture;
        Command::Join { epoch: self.epoch, is_blocking: false }
    }

    fn depart_after_wait(&mut self, at: &Moment<'_, S>) -> Command<S> {
        let may_go = match self.flight.take().as_ref().and_then(Flight::peek) {
            Some(Landing::SignedOut(_)) if at.policy.returns_unauthorized => Ok(()),
            Some(Landing::Unavailable(_)) if at.shared.is_still_good(at.around.now()) => Ok(()),
            landing => self.may_go_on(self.epoch, landing, at),
        };
        match may_go {
            Ok(()) => {
                self.epoch = at.shared.session.epoch();
                self.send(at)
            }
            Err(command) => command,
        }
    }

    fn send(&mut self, at: &Moment<'_, S>) -> Command<S> {
        let token = at.shared.session.token();
        let Some((_, sent)) = &self.unauthorized else {
            self.state = State::Sending;
            return Command::Wait(Wait::Response { token });
        };
        if at.shared.session.has_moved_on_from(*sent) {
            return match self.may_return_unauthorized(at) {
                true => self.give_back(),
                false => self.left_behind(at),
            };
        }
        at.around.trace(Note::Replays(&self.request));
        Command::Wait(Wait::FinalResponse { token })
    }

    fn wait(&mut self, flight: Flight<Landing<S>>, state: State, at: &Moment<'_, S>) -> Command<S> {
        at.around.trace(Note::Waits(&self.request));
        self.waits_since = at.around.about_now();
        self.flight = Some(flight.clone());
        self.state = state;
        Command::Wait(Wait::Flight(flight))
    }

    fn note_waited(&self, at: &Moment<'_, S>) {
        let took = at.around.about_now() - self.waits_since;
        at.around.trace(Note::Waited(&self.request, took));
    }

    fn on_unauthorized(&mut self, has_refresh_token: bool, at: &Moment<'_, S>) -> Command<S> {
        let sent = self.sent();
        let step = policy::on_unauthorized(sent, &at.shared.session, has_refresh_token);
        at.around.trace(Note::Unauthorized(&self.request, step));
        match step {
            Step::Replay => self.replay(at),
            Step::SessionChanged => fail(at, Error::SessionChanged),
            Step::SignIn if at.policy.returns_unauthorized => self.give_back_at_login(at),
            Step::SignIn => self.sign_in_required(at),
            Step::Refresh => self.join(sent),
        }
    }

    fn join(&mut self, epoch: Epoch) -> Command<S> {
        self.state = State::Joining;
        Command::Join { epoch, is_blocking: true }
    }

    fn on_landing(&mut self, at: &Moment<'_, S>) -> Command<S> {
        self.note_waited(at);
        let sent = self.sent();
        match self.flight.take().as_ref().and_then(Flight::peek) {
            Some(Landing::SignedOut(_)) if at.policy.returns_unauthorized => self.give_back(),
            Some(Landing::Superseded) if self.may_return_unauthorized(at) => {
                self.give_back_at_login(at)
            }
            // Nobody needed it when it was refused; now this request does.
            Some(Landing::StillValid) => self.join(sent),
            landing => match self.may_go_on(sent, landing, at) {
                Ok(()) => self.replay(at),
                Err(command) => command,
            },
        }
    }

    fn may_replay(&self, at: &Moment<'_, S>) -> bool {
        at.around.may_replay(&self.request)
    }

    fn replay(&mut self, at: &Moment<'_, S>) -> Command<S> {
        match self.may_replay(at) {
            true => self.sync(State::Departing),
            false => self.give_back(),
        }
    }

    /// Returns whether a request of the epoch `sent` may be sent after a flight ended so, or
    /// the rejection.
    fn may_go_on(
        &mut self,
        sent: Epoch,
        landing: Option<&Landing<S>>,
        at: &Moment<'_, S>,
    ) -> Result<(), Command<S>> {
        match landing {
            Some(Landing::SignedOut(failure) | Landing::Unavailable(failure)) => {
                Err(end(Outcome::Failed(failure.clone())))
            }
            _ if at.shared.session.has_moved_on_from(sent) => Err(self.left_behind(at)),
            _ => Ok(()),
        }
    }

    fn may_return_unauthorized(&self, at: &Moment<'_, S>) -> bool {
        at.shared.session.is_over() && at.policy.returns_unauthorized
    }

    /// Rejects a request whose session was left.
    fn left_behind(&mut self, at: &Moment<'_, S>) -> Command<S> {
        match at.shared.session.has_ended_elsewhere() {
            true => self.sign_in_required(at),
            false => fail(at, Error::SessionChanged),
        }
    }

    fn sign_in_required(&mut self, at: &Moment<'_, S>) -> Command<S> {
        navigate_to_login_once(at);
        let make = || at.around.failure(Error::signed_out());
        end(Outcome::Failed(at.shared.session.ended_error(make)))
    }

    /// Gives the caller its own 401, and leads to the login page if that was not done yet.
    fn give_back_at_login(&mut self, at: &Moment<'_, S>) -> Command<S> {
        navigate_to_login_once(at);
        self.give_back()
    }

    /// Gives the caller its own 401.
    fn give_back(&mut self) -> Command<S> {
        match self.unauthorized.take() {
            Some((response, _)) => end(Outcome::Response(response)),
            None => end(Outcome::Done),
        }
    }

    fn sent(&self) -> Epoch {
        self.unauthorized.as_ref().map_or(self.epoch, |(_, sent)| *sent)
    }
}

/// Leads to the login page, if this page has not gone there since the session ended elsewhere.
fn navigate_to_login_once<S: Surroundings>(at: &Moment<'_, S>) {
    if at.shared.session.take_login_pending() {
        at.around.go_to_login(SignOut::Asked);
    }
}

fn fail<S: Surroundings>(at: &Moment<'_, S>, error: Error<S::Failure>) -> Command<S> {
    end(Outcome::Failed(at.around.failure(error)))
}

fn end<V: Values>(outcome: Outcome<V>) -> Command<V> {
    Command::Wait(Wait::End(outcome))
}

impl<V: Values> std::fmt::Debug for Request<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
