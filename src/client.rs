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

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures::future::{Either, select};

use crate::error::Error;
use crate::expiry::Expiry;
use crate::flight::Flight;
use crate::policy::{self, Policy, Step};
use crate::ports::{Note, Platform, Slot};
use crate::refresh::Need;
use crate::session::{Epoch, Event, SignOut};
use crate::shared::{Landing, SharedSession};

/// What a request is sent with.
#[derive(Clone)]
pub struct Ticket<T> {
    /// The epoch of the token; a 401 is judged by it.
    pub epoch: Epoch,
    /// The access token, where there is one.
    pub token: Option<T>,
}

impl<T> std::fmt::Debug for Ticket<T> {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A client: a platform, the session that it shares, and its policy.
pub struct Client<P: Platform> {
    /// The surroundings.
    pub platform: P,
    /// What other clients of the same storage see as well.
    pub shared: Rc<SharedSession<P>>,
    /// The settings.
    pub policy: Policy,
}

impl<P: Platform> Client<P> {
    /// Sends `request`, refreshes and sends it again where that is called for.
    ///
    /// # Errors
    ///
    /// What the transport rejects with, the caller's own abort, and
    /// [`Error`] as the platform puts it.
    pub async fn fetch(self: Rc<Self>, request: P::Request) -> Result<P::Response, P::Failure> {
        let way = async {
            let ticket = self.depart(&request).await?;
            let response = self.platform.send(&request, ticket.token.as_ref()).await?;
            match self.platform.is_unauthorized(&response).await {
                true => self.go_on(&request, ticket.epoch, response).await,
                false => Ok(response),
            }
        };
        self.unless_aborted(&request, way).await
    }

    /// What a request may be sent with at once; `None` where it has to wait first,
    /// for a flight or for a slow storage.
    pub fn depart_now(self: &Rc<Self>) -> Option<Ticket<P::Token>> {
        match self.shared.flight.under_way() {
            Some(_) => None,
            None => self.look_now().filter(|_| !self.is_due()),
        }
    }

    async fn depart(self: &Rc<Self>, request: &P::Request) -> Result<Ticket<P::Token>, P::Failure> {
        let ticket = self.look().await;
        let Some(flight) = self.flight_before(request, ticket.epoch).await else {
            return Ok(ticket);
        };
        let landing = self.wait_for(flight, request).await;
        let now = self.look().await;
        match landing {
            Landing::SignedOut(_) if self.policy.returns_unauthorized => {}
            Landing::Unavailable(_) if self.is_still_good() => {}
            landing => self.may_go_on(ticket.epoch, landing)?,
        }
        Ok(now)
    }

    /// The flight that `request` has to wait for: the one under way, or one of its own
    /// where the token is about to end.
    async fn flight_before(
        self: &Rc<Self>,
        request: &P::Request,
        epoch: Epoch,
    ) -> Option<Flight<Landing<P>>> {
        if let Some(flight) = self.shared.flight.under_way() {
            return Some(flight);
        }
        if !self.is_due() {
            return None;
        }
        self.platform.trace(Note::NearItsEnd(request));
        self.join_or_start_flight(epoch, Need::Ahead).await.ok().flatten()
    }

    /// Goes on with a request whose answer was a 401. `sent` is the epoch that it was
    /// sent in.
    ///
    /// # Errors
    ///
    /// As [`Client::fetch`].
    pub async fn answer_unauthorized(
        self: Rc<Self>,
        request: P::Request,
        sent: Epoch,
        response: P::Response,
    ) -> Result<P::Response, P::Failure> {
        self.unless_aborted(&request, self.go_on(&request, sent, response)).await
    }

    async fn go_on(
        self: &Rc<Self>,
        request: &P::Request,
        sent: Epoch,
        response: P::Response,
    ) -> Result<P::Response, P::Failure> {
        let step = self.on_unauthorized(sent).await;
        self.platform.trace(Note::Unauthorized(request, step));
        match step {
            Step::Replay => {}
            Step::SessionChanged => return Err(self.platform.failure(Error::SessionChanged)),
            Step::SignIn => {
                self.pay_login();
                return match self.policy.returns_unauthorized {
                    true => Ok(response),
                    false => Err(self.sign_in_required()),
                };
            }
            // A flight that has nothing to refresh any more is no flight at all.
            Step::Refresh => {
                while let Some(flight) = self.join_or_start_flight(sent, Need::Now).await? {
                    if !self.platform.may_replay(request) {
                        return Ok(response);
                    }
                    match self.wait_for(flight, request).await {
                        Landing::SignedOut(_) if self.policy.returns_unauthorized => {
                            return Ok(response);
                        }
                        Landing::Superseded if self.may_return_unauthorized() => {
                            self.pay_login();
                            return Ok(response);
                        }
                        // Nobody needed it when it was refused; now this request does.
                        Landing::Kept => {}
                        landing => {
                            self.may_go_on(sent, landing)?;
                            break;
                        }
                    }
                }
            }
        }
        if !self.platform.may_replay(request) {
            return Ok(response);
        }
        let ticket = self.depart(request).await?;
        if self.shared.session.has_moved_on_from(sent) {
            return match self.may_return_unauthorized() {
                true => Ok(response),
                false => Err(self.left_behind()),
            };
        }
        self.platform.trace(Note::Replays(request));
        self.platform.send_at_last(request, ticket.token.as_ref()).await
    }

    async fn on_unauthorized(self: &Rc<Self>, sent: Epoch) -> Step {
        self.look().await;
        let has_refresh_token = match self.shared.session.is_over() {
            true => self.has_refresh_token().await,
            false => false,
        };
        policy::on_unauthorized(sent, &self.shared.session, has_refresh_token)
    }

    #[expect(
        clippy::await_holding_invalid_type,
        reason = "this mutex is for the storage; no flight is awaited under it"
    )]
    async fn has_refresh_token(&self) -> bool {
        let _storing = self.shared.storing.lock().await;
        let token = self.platform.read(Slot::Refresh).get().await;
        token.is_some() && self.shared.unwritten.get() == 0
    }

    async fn wait_for(&self, flight: Flight<Landing<P>>, request: &P::Request) -> Landing<P> {
        self.platform.trace(Note::Waits(request));
        let began = self.platform.about_now();
        let landing = flight.await;
        let took = self.platform.about_now().saturating_sub(began);
        self.platform.trace(Note::Waited(request, took));
        landing
    }

    /// Whether the token is so near its end that it is refreshed first.
    pub(crate) fn is_due(&self) -> bool {
        let Some(expiry) = self.shared.reign.expiry() else {
            return false;
        };
        let now = self.platform.about_now();
        now >= expiry.due(self.policy.refresh_ahead)
            && self.shared.kept.get() != Some(self.shared.session.epoch())
            && self.shared.outage.remaining(now).is_none()
            && !self.shared.session.is_over()
    }

    /// Whether nothing speaks against the token that reigns: no 401, and its time is not up.
    pub(crate) fn is_still_good(&self) -> bool {
        let is_alive = |expiry: Expiry| !expiry.remaining(self.platform.now()).is_zero();
        !self.shared.is_needed.get() && self.shared.reign.expiry().is_some_and(is_alive)
    }

    /// A session that ended elsewhere leads to the login page when a request of this page
    /// needs it, once.
    fn pay_login(self: &Rc<Self>) {
        if self.shared.owes_login.replace(false) {
            let client = self.clone();
            let way = async move { client.platform.lead_to_login(SignOut::Asked) };
            self.platform.spawn(Box::pin(way));
        }
    }

    /// Goes the `way` of `request` until the caller aborts it, wherever it waits then:
    /// for a flight, which goes on without it, or for a slow storage.
    async fn unless_aborted(
        &self,
        request: &P::Request,
        way: impl Future<Output = Result<P::Response, P::Failure>>,
    ) -> Result<P::Response, P::Failure> {
        match select(pin!(way), pin!(self.platform.aborted(request))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((reason, _)) => Err(reason),
        }
    }

    /// Whether a request of the epoch `sent` may be sent after a flight ended so.
    fn may_go_on(self: &Rc<Self>, sent: Epoch, landing: Landing<P>) -> Result<(), P::Failure> {
        match landing {
            Landing::SignedOut(failure) | Landing::Unavailable(failure) => Err(failure),
            Landing::Renewed(_) | Landing::Kept | Landing::Superseded => {
                match self.shared.session.has_moved_on_from(sent) {
                    true => Err(self.left_behind()),
                    false => Ok(()),
                }
            }
        }
    }

    fn may_return_unauthorized(&self) -> bool {
        self.shared.session.is_over() && self.policy.returns_unauthorized
    }

    /// What becomes of a request whose session was left.
    fn left_behind(self: &Rc<Self>) -> P::Failure {
        match self.shared.session.is_over() && self.shared.has_ended_elsewhere.get() {
            true => {
                self.pay_login();
                self.sign_in_required()
            }
            false => self.platform.failure(Error::SessionChanged),
        }
    }

    pub(crate) fn sign_in_required(&self) -> P::Failure {
        let shared = &self.shared.sign_in_required;
        shared
            .borrow_mut()
            .get_or_insert_with(|| {
                self.platform
                    .failure(Error::SignInRequired { reason: "it was signed out", cause: None })
            })
            .clone()
    }

    /// What was under way for the session before this one concerns it no more.
    pub(crate) fn leave_session(&self) {
        self.shared.flight.abandon();
        self.shared.forget_failures();
    }

    /// Listeners hear of it when the code that is running now is through.
    pub(crate) fn announce_later(self: &Rc<Self>, event: Event<P::Token, P::Failure>) {
        let client = self.clone();
        let announcement = async move { client.platform.announce(event) };
        self.platform.spawn(Box::pin(announcement));
    }
}

impl<P: Platform> std::fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("shared", &self.shared).finish_non_exhaustive()
    }
}
