//! Takes one request from `fetch` to its response.
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
use crate::facts::Facts;
use crate::millis::Millis;
use crate::policy::{self, Judgement, Step};
use crate::protocol::{Command, Moment, Protocol};
use crate::session::{Epoch, SignOut};
use crate::shared::Landing;
use crate::task::{Outcome, Wait};
use crate::values::{Note, Surroundings};

#[derive(Clone, Copy)]
enum State {
    Starting,
    /// Before it is sent, and again before it is replayed.
    Departing,
    JoiningBeforeDeparture,
    WaitingBeforeDeparture,
    DepartingAfterWait,
    Sending,
    Replaying,
    /// After a 401.
    Unauthorized,
    CountingRefreshTokens,
    Joining,
    Waiting,
}

/// One request, from `fetch` to its response.
pub struct Request {
    state: State,
    /// The epoch in which it departed last.
    epoch: Epoch,
    /// The epoch in which it was sent, once it got a 401 for that.
    refused_in: Option<Epoch>,
    /// True if it has waited for a refresh since then.
    has_waited: bool,
    waits_since: Millis,
}

impl Request {
    /// A request that is to be sent.
    pub fn new() -> Self {
        Self {
            state: State::Starting,
            epoch: Epoch::default(),
            refused_in: None,
            has_waited: false,
            waits_since: Millis::ZERO,
        }
    }

    /// A request that was sent in the epoch `sent`, and got a 401.
    pub fn unauthorized(sent: Epoch) -> Self {
        Self { refused_in: Some(sent), ..Self::new() }
    }
}

impl Default for Request {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Surroundings> Protocol<S> for Request {
    fn next(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        match self.state {
            State::Starting => match self.refused_in {
                Some(_) => self.sync(State::Unauthorized),
                None => self.sync(State::Departing),
            },
            State::Departing => self.depart(facts, at),
            State::JoiningBeforeDeparture => match facts.flight {
                Some(_) => self.wait(State::WaitingBeforeDeparture, facts, at),
                None => self.send(facts, at),
            },
            State::WaitingBeforeDeparture => {
                self.note_waited(facts, at);
                self.sync(State::DepartingAfterWait)
            }
            State::DepartingAfterWait => self.depart_after_wait(facts, at),
            State::Sending => self.on_response(facts, at),
            State::Replaying => {
                if facts.judgement == Judgement::Accepted {
                    at.shared.futility.clear();
                } else if self.has_waited {
                    at.shared.futility.note(self.epoch);
                }
                Command::end(Outcome::Response)
            }
            // While the tokens of a session that has ended are still being removed, none counts.
            State::Unauthorized
                if !at.shared.has_pending_writes() && may_have_no_session(facts, at) =>
            {
                self.state = State::CountingRefreshTokens;
                Command::ReadRefreshToken
            }
            State::Unauthorized => self.on_unauthorized(false, facts, at),
            State::CountingRefreshTokens => self.on_unauthorized(facts.stored.is_some(), facts, at),
            State::Joining if facts.failure.is_some() => Command::end(Outcome::Failed),
            State::Joining => match facts.flight {
                Some(_) if may_replay(facts, at) => self.wait(State::Waiting, facts, at),
                Some(_) => {
                    note_need(facts, at);
                    Command::end(Outcome::Response)
                }
                None => self.replay(facts, at),
            },
            State::Waiting => self.on_landing(facts, at),
        }
    }
}

impl Request {
    fn sync(&mut self, state: State) -> Command {
        self.state = state;
        Command::SyncWithStorage
    }

    /// Sends the request, unless it has to wait: for the flight that is under way, or for one
    /// of its own where the token is about to end.
    fn depart<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        self.epoch = at.shared.session.epoch();
        facts.flight = at.shared.flight.under_way();
        if facts.flight.is_some() {
            return self.wait(State::WaitingBeforeDeparture, facts, at);
        }
        if !at.shared.is_due(at.policy, at.around.about_now()) {
            return self.send(facts, at);
        }
        note(facts, at, |request| Note::NearItsEnd(request));
        self.state = State::JoiningBeforeDeparture;
        Command::Join { epoch: self.epoch, is_blocking: false }
    }

    fn depart_after_wait<S: Surroundings>(
        &mut self,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        let may_go = match facts.take_landing() {
            Some(Landing::SignedOut(_)) if returns_unauthorized(facts, at) => None,
            Some(Landing::Unavailable(_)) if at.shared.is_still_good(at.around.now()) => None,
            landing => self.rejection(self.epoch, landing, facts, at),
        };
        may_go.unwrap_or_else(|| {
            self.epoch = at.shared.session.epoch();
            self.send(facts, at)
        })
    }

    fn send<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        facts.access_token = at.shared.session.token();
        let Some(sent) = self.refused_in else {
            self.state = State::Sending;
            return Command::Wait(Wait::Response);
        };
        if at.shared.session.has_moved_on_from(sent) {
            return match at.shared.session.is_over() && returns_unauthorized(facts, at) {
                true => Command::end(Outcome::Response),
                false => left_behind(facts, at),
            };
        }
        note(facts, at, |request| Note::Replays(request));
        self.state = State::Replaying;
        Command::Wait(Wait::Response)
    }

    fn wait<S: Surroundings>(
        &mut self,
        state: State,
        facts: &Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        note_need(facts, at);
        note(facts, at, |request| Note::Waits(request));
        if at.around.is_traced() {
            self.waits_since = at.around.about_now();
        }
        self.state = state;
        Command::Wait(Wait::Flight)
    }

    fn note_waited<S: Surroundings>(&self, facts: &Facts<S>, at: &Moment<'_, S>) {
        note(facts, at, |request| Note::Waited(request, at.around.about_now() - self.waits_since));
    }

    fn on_unauthorized<S: Surroundings>(
        &mut self,
        has_refresh_token: bool,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Command {
        let (sent, session) = (self.sent(), &at.shared.session);
        let now = || at.around.about_now();
        let is_futile = at.shared.futility.is_of(sent, now) && !at.shared.has_ended(now());
        let step = match policy::on_unauthorized(sent, session, has_refresh_token, is_futile) {
            // Nobody has signed in, and it does without.
            Step::Refresh
                if is_optional(facts, at) && !session.has_token() && !has_refresh_token =>
            {
                Step::GiveBack
            }
            step => step,
        };
        note(facts, at, |request| Note::Unauthorized(request, step));
        match step {
            Step::Replay => self.replay(facts, at),
            Step::SessionChanged => fail(Error::SessionChanged, facts, at),
            Step::SignIn if returns_unauthorized(facts, at) => give_back_at_login(facts, at),
            Step::SignIn => sign_in_required(facts, at),
            Step::Refresh => self.join(sent),
            Step::GiveBack => Command::end(Outcome::Response),
        }
    }

    fn on_response<S: Surroundings>(&mut self, facts: &Facts<S>, at: &Moment<'_, S>) -> Command {
        if facts.judgement == Judgement::Accepted {
            return Command::end(Outcome::Response);
        }
        self.refused_in = Some(self.epoch);
        match facts.judgement {
            Judgement::Replay => self.replay(facts, at),
            _ => self.sync(State::Unauthorized),
        }
    }

    fn join(&mut self, epoch: Epoch) -> Command {
        self.state = State::Joining;
        Command::Join { epoch, is_blocking: true }
    }

    fn on_landing<S: Surroundings>(&mut self, facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
        self.note_waited(facts, at);
        match facts.take_landing() {
            Some(Landing::SignedOut(_)) if returns_unauthorized(facts, at) => {
                Command::end(Outcome::Response)
            }
            Some(Landing::Superseded)
                if at.shared.session.is_over() && returns_unauthorized(facts, at) =>
            {
                give_back_at_login(facts, at)
            }
            // Nobody needed it when it was refused; now this request does.
            Some(Landing::StillValid) => self.join(self.sent()),
            landing => match self.rejection(self.sent(), landing, facts, at) {
                Some(rejection) => rejection,
                None => {
                    self.has_waited = true;
                    self.replay(facts, at)
                }
            },
        }
    }

    fn replay<S: Surroundings>(&mut self, facts: &Facts<S>, at: &Moment<'_, S>) -> Command {
        match may_replay(facts, at) {
            true => self.sync(State::Departing),
            false => Command::end(Outcome::Response),
        }
    }

    /// Rejects a request of the epoch `sent` if the landing of its flight rules out sending it;
    /// otherwise returns `None`.
    fn rejection<S: Surroundings>(
        &self,
        sent: Epoch,
        landing: Option<Landing<S>>,
        facts: &mut Facts<S>,
        at: &Moment<'_, S>,
    ) -> Option<Command> {
        match landing {
            Some(Landing::SignedOut(failure) | Landing::Unavailable(failure)) => {
                facts.failure = Some(failure);
                Some(Command::end(Outcome::Failed))
            }
            _ if at.shared.session.has_moved_on_from(sent) => Some(left_behind(facts, at)),
            // The page stays signed out: the session that it has refreshed is gone, too.
            Some(Landing::Superseded)
                if at.shared.session.is_over() && !returns_unauthorized(facts, at) =>
            {
                Some(sign_in_required(facts, at))
            }
            _ => None,
        }
    }

    fn sent(&self) -> Epoch {
        self.refused_in.unwrap_or(self.epoch)
    }
}

fn may_replay<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) -> bool {
    facts.request.as_ref().is_some_and(|request| at.around.may_replay(request))
}

fn is_optional<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) -> bool {
    facts.request.as_ref().is_some_and(|request| at.around.is_optional(request))
}

/// Tells if the caller gets its own 401 when the session is over.
fn returns_unauthorized<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) -> bool {
    at.policy.returns_unauthorized || is_optional(facts, at)
}

/// Tells if only the refresh token can show that there is a session.
fn may_have_no_session<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) -> bool {
    let session = &at.shared.session;
    session.is_over() || !session.has_token() && is_optional(facts, at)
}

/// Notes that a request needs the session: a flight that ends it then leads to the login page.
fn note_need<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) {
    let needs_session = &at.shared.needs_session;
    needs_session.set(needs_session.get() || !is_optional(facts, at));
}

/// Rejects a request whose session was left.
fn left_behind<S: Surroundings>(facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
    match at.shared.session.has_ended_elsewhere() {
        true => sign_in_required(facts, at),
        false => fail(Error::SessionChanged, facts, at),
    }
}

fn sign_in_required<S: Surroundings>(facts: &mut Facts<S>, at: &Moment<'_, S>) -> Command {
    navigate_to_login_once(at);
    let make = || at.around.failure(Error::signed_out());
    facts.failure = Some(at.shared.session.ended_error(make));
    Command::end(Outcome::Failed)
}

/// Gives the caller its own 401, and leads to the login page if that was not done yet.
fn give_back_at_login<S: Surroundings>(facts: &Facts<S>, at: &Moment<'_, S>) -> Command {
    if !is_optional(facts, at) {
        navigate_to_login_once(at);
    }
    Command::end(Outcome::Response)
}

/// Navigates to the login page, if this page has not gone there since the session ended elsewhere.
fn navigate_to_login_once<S: Surroundings>(at: &Moment<'_, S>) {
    let session = &at.shared.session;
    if session.take_login_pending() && !at.around.go_to_login(SignOut::Asked) {
        session.leave_login_pending();
    }
}

fn fail<S: Surroundings>(
    error: Error<S::Failure>,
    facts: &mut Facts<S>,
    at: &Moment<'_, S>,
) -> Command {
    facts.failure = Some(at.around.failure(error));
    Command::end(Outcome::Failed)
}

/// Tells of a decision about the request.
fn note<'a, S: Surroundings>(
    facts: &'a Facts<S>,
    at: &Moment<'_, S>,
    note: impl FnOnce(&'a S::Request) -> Note<'a, S>,
) {
    if let Some(request) = &facts.request
        && at.around.is_traced()
    {
        at.around.trace(note(request));
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
