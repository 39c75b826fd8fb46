//! Runs a protocol: carries out commands, and returns a [`Wait`] for the ones that take time.

use std::rc::Rc;

use crate::client::Client;
use crate::credential::Grant;
use crate::error::Error;
use crate::facts::Facts;
use crate::flight::{Boarding, EarlyLanding};
use crate::forget::Forget;
use crate::millis::Millis;
use crate::protocol::{Act, Command, Moment, Protocol};
use crate::record::Record;
use crate::refresh::Refresh;
use crate::renewal::Renewal;
use crate::request::Request;
use crate::session::Epoch;
use crate::session_change::SessionChange;
use crate::shared::Landing;
use crate::task::{Platform, Slot, Task, Wait};
use crate::transaction::perform;
use crate::values::Note;

/// Polling interval while a write is pending.
const PENDING_WRITE: Millis = Millis::new(4);

/// A protocol of one client, and its facts.
pub struct Machine<P: Platform> {
    client: Rc<Client<P>>,
    facts: Facts<P>,
    protocol: Box<dyn Protocol<P>>,
    /// The command that waits for a slow storage, or for a pending write.
    deferred: Option<Command>,
    /// The act that waits for the record.
    act: Option<Act>,
    /// Where a refresh lands while its answer may still come.
    early: Option<Rc<EarlyLanding<Landing<P>>>>,
    /// When it landed there.
    landed_early: Option<Millis>,
}

impl<P: Platform> Machine<P> {
    // Inlined copies would be larger than calls.
    #[inline(never)]
    fn new(
        client: &Rc<Client<P>>,
        request: Option<P::Request>,
        protocol: Box<dyn Protocol<P>>,
    ) -> Self {
        let facts = Facts::of(request);
        let client = client.clone();
        Self { client, facts, protocol, deferred: None, act: None, early: None, landed_early: None }
    }

    /// Sends `request`; after a 401, refreshes and sends it again if that may help.
    pub fn request(client: &Rc<Client<P>>, request: P::Request) -> Self {
        Self::new(client, Some(request), Box::new(Request::new()))
    }

    /// Goes on with a request that was sent in the epoch `sent` and got a 401.
    pub fn unauthorized(
        client: &Rc<Client<P>>,
        request: P::Request,
        sent: Epoch,
        response: P::Response,
    ) -> Self {
        let mut machine = Self::new(client, Some(request), Box::new(Request::unauthorized(sent)));
        machine.facts.response = Some(response);
        machine
    }

    /// Begins a session with the tokens that the application was given.
    pub fn sign_in(client: &Rc<Client<P>>, grant: Grant<P::Token>) -> Self {
        Self::change_session(client, Some(grant), false)
    }

    /// Goes on with newer tokens of the session that there is; begins one where there is none.
    pub fn set_tokens(client: &Rc<Client<P>>, grant: Grant<P::Token>) -> Self {
        Self::change_session(client, Some(grant), true)
    }

    /// Ends the session.
    pub fn sign_out(client: &Rc<Client<P>>) -> Self {
        Self::change_session(client, None, false)
    }

    /// Ends the session, and begins another one where there is a grant, or goes on with that.
    pub fn change_session(
        client: &Rc<Client<P>>,
        grant: Option<Grant<P::Token>>,
        is_same_session: bool,
    ) -> Self {
        let mut machine = Self::new(client, None, Box::new(SessionChange::new()));
        machine.facts.grant = grant;
        machine.facts.is_same_session = is_same_session;
        machine
    }

    /// Refreshes now, or joins the flight that is under way.
    pub fn refresh(client: &Rc<Client<P>>) -> Self {
        Self::renew(client, Renewal::by_hand())
    }

    /// Brings an access token that is valid for at least so long.
    pub fn access_token(client: &Rc<Client<P>>, min_validity: Millis) -> Self {
        Self::renew(client, Renewal::access_token(min_validity))
    }

    /// Refreshes a token that is about to end, although nobody asks.
    pub fn refresh_ahead(client: &Rc<Client<P>>) -> Self {
        Self::renew(client, Renewal::in_background())
    }

    /// Joins or starts a flight for the purpose of `renewal`.
    pub fn renew(client: &Rc<Client<P>>, renewal: Renewal) -> Self {
        Self::new(client, None, Box::new(renewal))
    }

    fn next(&mut self) -> Command {
        let Client { platform, shared, policy } = &*self.client;
        self.protocol.next(&mut self.facts, &Moment { around: platform, shared, policy })
    }

    /// Carries out a command. Returns a wait if it cannot be done at once.
    fn perform(&mut self, command: Command) -> Option<Wait> {
        match command {
            Command::Wait(wait) => return Some(wait),
            Command::Record(act) => {
                self.act = Some(act);
                return Some(Wait::Record);
            }
            Command::SyncWithStorage | Command::ReadRefreshToken => {
                if self.client.platform.is_slow() {
                    self.deferred = Some(command);
                    return Some(Wait::Storage);
                }
                return self.look(command);
            }
            Command::Join { epoch, is_blocking } => self.join(epoch, is_blocking),
            Command::LandEarly => {
                if let (Some(early), Some(landing)) = (&self.early, self.facts.landing.take()) {
                    early.land(landing);
                    self.landed_early = Some(self.client.platform.now());
                }
            }
            Command::ChangeSession => {
                let facts = &mut self.facts;
                (facts.presented, facts.is_same_session) =
                    self.client.change_session(facts.grant.as_ref(), facts.is_same_session);
            }
        }
        None
    }

    /// Reads the storage, whose content this page knows by now.
    fn look(&mut self, command: Command) -> Option<Wait> {
        if matches!(command, Command::SyncWithStorage) {
            self.client.sync_with_storage();
            return None;
        }
        // Until the write is done, the stored refresh token may belong to another session than
        // the access token that this page uses.
        if self.client.shared.has_pending_writes() {
            self.deferred = Some(command);
            return Some(Wait::Sleep(PENDING_WRITE));
        }
        self.facts.stored = self.client.platform.read(Slot::Refresh);
        None
    }

    fn join(&mut self, epoch: Epoch, is_blocking: bool) {
        let Client { platform, shared, .. } = &*self.client;
        (self.facts.flight, self.facts.failure) = (None, None);
        if shared.flight.under_way().is_none()
            && let Some(retry_after) = shared.cool_down(platform.now())
        {
            let error = Error::unavailable_still(retry_after);
            self.facts.failure = Some(platform.failure(error));
            return;
        }
        let boarding = shared.flight.join_or_start(|| {
            // Another flight may have landed while this task was waiting.
            (epoch == shared.session.epoch()).then(|| {
                shared.is_blocking.set(false);
                shared.needs_session.set(false);
                let refresh = Box::new(Refresh::new(epoch));
                let mut refresh = Self::new(&self.client, None, refresh);
                let early = refresh.early.insert(EarlyLanding::new()).clone();
                early.or(platform.launch(Box::new(refresh)))
            })
        });
        if is_blocking && boarding.is_some() {
            shared.is_blocking.set(true);
        }
        self.facts.flight = match boarding {
            None => None,
            Some(Boarding::Joined(flight)) => Some(flight),
            Some(Boarding::Started(flight)) => {
                platform.trace(Note::FlightStarted);
                let (client, started) = (self.client.clone(), platform.now());
                let landed = move |landing| client.announce_landing(landing, started);
                platform.see_through(flight.clone(), Box::new(landed));
                Some(flight)
            }
        };
    }
}

impl<P: Platform> Task<P> for Machine<P> {
    fn step(&mut self) -> Wait {
        let mut wait = match self.deferred.take() {
            Some(command) => self.look(command),
            None => None,
        };
        let wait = loop {
            match wait {
                Some(wait) => break wait,
                None => {
                    let command = self.next();
                    wait = self.perform(command);
                }
            }
        };
        forget_later(&self.client);
        if let (Wait::End(_), Some(since)) = (wait, self.landed_early)
            && let Some(landing) = self.facts.landing.take()
            // That much was told already.
            && !matches!(landing, Landing::Unavailable(_))
        {
            self.client.announce_landing(landing, since);
        }
        wait
    }

    fn on_record(&mut self, record: &mut Option<Record>) {
        if let Some(act) = self.act.take() {
            self.facts.acted = perform(act, &self.facts, record, &self.client);
        }
    }

    fn facts(&mut self) -> &mut Facts<P> {
        &mut self.facts
    }
}

/// Starts the task that removes the tombstones of an ended session once they are old enough.
/// Call it after everything that may have noticed the end of a session.
pub fn forget_later<P: Platform>(client: &Rc<Client<P>>) {
    let shared = &client.shared;
    if !shared.is_forgetting.get() && shared.has_tombstones.take() {
        let forget = Forget::new(shared.is_forgetting.clone());
        let forget = Machine::new(client, None, Box::new(forget));
        client.platform.spawn(Box::new(forget));
    }
}

impl<P: Platform> std::fmt::Debug for Machine<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").finish_non_exhaustive()
    }
}
