//! Runs a protocol: does at once what can be done at once, and returns what has to be waited
//! for.

use std::rc::Rc;

use futures::FutureExt;

use crate::client::Client;
use crate::credential::Grant;
use crate::error::Error;
use crate::flight::Boarding;
use crate::forget::Forget;
use crate::millis::Millis;
use crate::protocol::{Act, Acted, Command, Moment, Protocol, Reply};
use crate::record::Record;
use crate::refresh::Refresh;
use crate::renewal::Renewal;
use crate::request::Request;
use crate::session::Epoch;
use crate::session_change::SessionChange;
use crate::task::{Input, Platform, Slot, Task, Wait};
use crate::transaction::perform;
use crate::values::Note;

/// How soon it is looked again whether a write is still pending.
const PENDING_WRITE: Millis = Millis::new(4);

/// A protocol of one client.
pub struct Machine<P: Platform> {
    client: Rc<Client<P>>,
    protocol: Box<dyn Protocol<P>>,
    has_begun: bool,
    /// The command that waits for a slow storage, or for a pending write.
    deferred: Option<Command<P>>,
    /// The act that waits for the record, and what came of it.
    act: Option<Act<P>>,
    acted: Option<Acted>,
}

impl<P: Platform> Machine<P> {
    fn new(client: &Rc<Client<P>>, protocol: impl Protocol<P> + 'static) -> Self {
        Self {
            client: client.clone(),
            protocol: Box::new(protocol),
            has_begun: false,
            deferred: None,
            act: None,
            acted: None,
        }
    }

    /// Sends `request`, refreshes and sends it again where that is called for.
    pub fn request(client: &Rc<Client<P>>, request: P::Request) -> Self {
        Self::new(client, Request::new(request))
    }

    /// Goes on with a request that was sent in the epoch `sent` and got a 401.
    pub fn unauthorized(
        client: &Rc<Client<P>>,
        request: P::Request,
        sent: Epoch,
        response: P::Response,
    ) -> Self {
        Self::new(client, Request::unauthorized(request, sent, response))
    }

    /// Begins a session with the tokens that the application was given.
    pub fn sign_in(client: &Rc<Client<P>>, grant: Grant<P::Token>) -> Self {
        Self::new(client, SessionChange::sign_in(grant))
    }

    /// Ends the session.
    pub fn sign_out(client: &Rc<Client<P>>) -> Self {
        Self::new(client, SessionChange::sign_out())
    }

    /// Refreshes now, or joins the flight that is under way.
    pub fn refresh(client: &Rc<Client<P>>) -> Self {
        Self::new(client, Renewal::by_hand())
    }

    /// Brings an access token that is valid for at least so long.
    pub fn access_token(client: &Rc<Client<P>>, min_validity: Millis) -> Self {
        Self::new(client, Renewal::access_token(min_validity))
    }

    /// Refreshes a token that is about to end, although nobody asks.
    pub fn refresh_ahead(client: &Rc<Client<P>>) -> Self {
        Self::new(client, Renewal::in_background())
    }

    /// Runs the protocol until it has to wait.
    fn run(&mut self, mut reply: Reply<P>) -> Wait<P> {
        loop {
            let Client { platform, shared, policy } = &*self.client;
            let at = Moment { around: platform, shared, policy };
            let command = self.protocol.on(reply, &at);
            match self.perform(command) {
                Ok(next) => reply = next,
                Err(wait) => return wait,
            }
        }
    }

    /// Does what can be done at once; otherwise returns what to wait for first.
    fn perform(&mut self, command: Command<P>) -> Result<Reply<P>, Wait<P>> {
        match command {
            Command::Wait(wait) => Err(wait),
            Command::Record(act) => {
                self.act = Some(act);
                Err(Wait::Record)
            }
            Command::SyncWithStorage | Command::ReadRefreshToken
                if self.client.platform.is_slow() =>
            {
                self.deferred = Some(command);
                Err(Wait::Storage)
            }
            Command::SyncWithStorage | Command::ReadRefreshToken => self.look(command),
            Command::Join { epoch, is_blocking } => Ok(self.join(epoch, is_blocking)),
            Command::ChangeSession(grant) => {
                Ok(Reply::SessionLeft(self.client.change_session(grant.as_ref())))
            }
        }
    }

    /// Looks at the storage, of which this page knows what it holds.
    fn look(&mut self, command: Command<P>) -> Result<Reply<P>, Wait<P>> {
        let Command::ReadRefreshToken = command else {
            self.client.sync_with_storage();
            return Ok(Reply::Done);
        };
        // Until it is done, the refresh token could be of another session than the access
        // token that this page goes by.
        if self.client.shared.has_pending_writes() {
            self.deferred = Some(command);
            return Err(Wait::Sleep(PENDING_WRITE));
        }
        Ok(Reply::RefreshToken(self.client.platform.read(Slot::Refresh)))
    }

    fn join(&self, epoch: Epoch, is_blocking: bool) -> Reply<P> {
        let Client { platform, shared, .. } = &*self.client;
        if shared.flight.under_way().is_none()
            && let Some(retry_after) = shared.outage.remaining(platform.now())
        {
            return Reply::CoolingDown(platform.failure(Error::unavailable_still(retry_after)));
        }
        let boarding = shared.flight.join_or_start(|| {
            // Another flight may have landed while this task was waiting.
            (epoch == shared.session.epoch()).then(|| {
                shared.is_blocking.set(false);
                let refresh = Self::new(&self.client, Refresh::new(epoch));
                platform.launch(Box::new(refresh))
            })
        });
        // Nobody holds the mutex across a wait: it is free.
        let boarding = boarding.now_or_never().flatten();
        if is_blocking && boarding.is_some() {
            shared.is_blocking.set(true);
        }
        match boarding {
            None => Reply::NothingToRefresh,
            Some(Boarding::Joined(flight)) => Reply::Joined(flight),
            Some(Boarding::Started(flight)) => {
                platform.trace(Note::FlightStarted);
                let (client, started) = (self.client.clone(), platform.now());
                let landed = move |landing| client.announce_landing(landing, started);
                platform.see_through(flight.clone(), Box::new(landed));
                Reply::Joined(flight)
            }
        }
    }
}

impl<P: Platform> Task<P> for Machine<P> {
    fn step(&mut self, input: Input<P>) -> Wait<P> {
        let reply = match (self.deferred.take(), self.acted.take()) {
            (Some(command), _) => self.look(command),
            (None, Some(acted)) => Ok(Reply::Acted(acted)),
            (None, None) => Ok(match std::mem::replace(&mut self.has_begun, true) {
                true => Reply::Waited(input),
                false => Reply::Done,
            }),
        };
        let wait = match reply {
            Ok(reply) => self.run(reply),
            Err(wait) => wait,
        };
        forget_later(&self.client);
        wait
    }

    fn on_record(&mut self, record: &mut Option<Record>) {
        if let Some(act) = self.act.take() {
            self.acted = Some(perform(&act, record, &self.client));
        }
    }

    fn request(&self) -> Option<&P::Request> {
        self.protocol.request()
    }
}

/// Sees to it that the tombstones of a session that has ended are removed one day. Every entry
/// that may have found out about an end calls it.
pub fn forget_later<P: Platform>(client: &Rc<Client<P>>) {
    let shared = &client.shared;
    if !shared.is_forgetting.get() && shared.has_tombstones.take() {
        let forget = Forget::new(shared.is_forgetting.clone());
        client.platform.spawn(Box::new(Machine::new(client, forget)));
    }
}

impl<P: Platform> std::fmt::Debug for Machine<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").finish_non_exhaustive()
    }
}
