//! The way of one refresh.
//!
//! ```text
//!  lock the tabs ─► look again ─► ask for new tokens ─► Granted ─────► store them
//!                      │  ▲              │
//!                      │  │              ├─► Unavailable ─► wait, ask again, give up
//!                      │  └──────────────┤
//!                      ▼                 └─► Refused ─────► the session is over
//!            another token is there: adopt it
//! ```

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, select};

use crate::client::Client;
use crate::error::Error;
use crate::flight::{Boarding, Flight};
use crate::policy::Verdict;
use crate::ports::{Note, Platform, Slot};
use crate::session::{Epoch, Event, SignOut};
use crate::shared::Landing;

/// How many refused refresh tokens one flight replaces by those that it finds.
const MOST_REFUSALS: u32 = 3;

impl<P: Platform> Client<P> {
    /// Refreshes now, or joins the flight that is under way.
    ///
    /// # Errors
    ///
    /// [`Error`], as the platform puts it.
    pub async fn refresh(self: Rc<Self>) -> Result<(), P::Failure> {
        // Asked for by hand: a cool-down is no reason to wait.
        self.shared.outage.cool_down_until(Duration::ZERO);
        let sent = self.look().await.epoch;
        let Some(flight) = self.join_or_start_flight(sent).await? else {
            return Ok(());
        };
        match flight.await {
            Landing::Renewed(_) => Ok(()),
            Landing::SignedOut(failure) | Landing::Unavailable(failure) => Err(failure),
            Landing::Superseded => Err(self.platform.failure(Error::SessionChanged)),
        }
    }

    /// The access token as it is stored, after the flight that is under way.
    pub async fn access_token(self: Rc<Self>) -> Option<P::Token> {
        if let Some(flight) = self.shared.flight.under_way() {
            flight.await;
        }
        self.look().await.token
    }

    /// The flight that answers a 401 of the epoch `sent`; `None` where the token has
    /// changed meanwhile.
    ///
    /// # Errors
    ///
    /// During a cool-down: [`Error::RefreshUnavailable`].
    pub(crate) async fn join_or_start_flight(
        self: &Rc<Self>,
        sent: Epoch,
    ) -> Result<Option<Flight<Landing<P>>>, P::Failure> {
        let shared = &self.shared;
        if shared.flight.under_way().is_none()
            && let Some(retry_after) = shared.outage.remaining(self.platform.now())
        {
            let reason = "the token server was unavailable a moment ago";
            let error = Error::RefreshUnavailable { reason, retry_after, cause: None };
            return Err(self.platform.failure(error));
        }
        let boarding = shared.flight.join_or_start(|| {
            // Another flight may have landed while this request waited for the mutex.
            (sent == shared.session.epoch()).then(|| self.take_off(sent))
        });
        Ok(match boarding.await {
            None => None,
            Some(Boarding::Joined(flight)) => Some(flight),
            Some(Boarding::Started(flight)) => {
                self.see_through(flight.clone());
                Some(flight)
            }
        })
    }

    /// Begins a flight, in a task of its own: a `refresh` function that waits for the
    /// flight it is part of would otherwise be woken by its own waker, which `Shared`
    /// answers with a deadlock.
    fn take_off(self: &Rc<Self>, epoch: Epoch) -> LocalBoxFuture<'static, Landing<P>> {
        let (landed, landing) = oneshot::channel();
        let client = self.clone();
        self.platform.spawn(Box::pin(async move {
            // Where nobody waits any more, the tokens are stored all the same.
            landed.send(client.fly(epoch).await).ok();
        }));
        landing.map(|landing| landing.unwrap_or(Landing::Superseded)).boxed_local()
    }

    /// Waits for `flight`, so that its slot counts as empty even if everybody else has
    /// gone away, and tells of it afterwards.
    fn see_through(self: &Rc<Self>, flight: Flight<Landing<P>>) {
        let client = self.clone();
        let started = self.platform.now();
        self.platform.trace(Note::FlightStarted);
        self.platform.spawn(Box::pin(async move {
            let landing = flight.await;
            let took = client.platform.now().saturating_sub(started);
            client.platform.trace(Note::FlightLanded(landing.name(), took));
            match landing {
                Landing::Renewed(token) => client.platform.announce(Event::TokenRefreshed(token)),
                Landing::SignedOut(_) => {
                    client.platform.announce(Event::SignedOut(SignOut::Refused));
                }
                Landing::Unavailable(failure) => {
                    client.platform.announce(Event::RefreshUnavailable(failure));
                }
                Landing::Superseded => {}
            }
        }));
    }

    /// `epoch` is the one that the flight was asked for in; the session may have been
    /// left before this is polled for the first time.
    async fn fly(self: Rc<Self>, epoch: Epoch) -> Landing<P> {
        let _tabs = self.platform.lock().await;
        let mut tries = 0;
        loop {
            // After every wait the storage is read anew: for the lock and for the
            // answer alike, another tab may have been faster. The refresh token is read
            // first: where another session or a newer access token is there by the time
            // that is known, it is not sent.
            let spent = self.platform.read(Slot::Refresh).get().await;
            if let Some(landing) = self.what_changed_since(epoch).await {
                return landing;
            }
            let verdict = self.ask(spent.clone()).await;
            tries += 1;
            if let Some(landing) = self.what_changed_since(epoch).await {
                return landing;
            }
            match verdict {
                Verdict::Granted(grant) => return self.commit(epoch, grant).await,
                Verdict::Refused { reason, cause } => {
                    if !self.is_rotated_elsewhere(epoch, &spent).await {
                        return self.end_session(epoch, reason, cause).await;
                    }
                    if tries > MOST_REFUSALS {
                        return self.give_up(reason, None, cause);
                    }
                    // To send the other tab's refresh token at once would spend it under
                    // that tab's hands: its access token is about to be stored.
                    self.platform.sleep(self.policy.retry_delay).await;
                }
                Verdict::Unavailable { reason, retry_after, cause } => {
                    let random = self.platform.random();
                    let Some(wait) = self.policy.retry_in(tries, retry_after, random) else {
                        return self.give_up(reason, retry_after, cause);
                    };
                    self.platform.trace(Note::Retries(wait));
                    self.platform.sleep(wait).await;
                }
            }
        }
    }

    /// Whether the storage holds another refresh token than the one that was refused:
    /// another tab stores what it got, refresh token first.
    async fn is_rotated_elsewhere(&self, epoch: Epoch, spent: &Option<P::Token>) -> bool {
        let held = self.platform.read(Slot::Refresh).get().await;
        held.is_some() && held != *spent && !self.shared.session.has_moved_on_from(epoch)
    }

    /// How a flight of `epoch` ends because something else happened meanwhile.
    async fn what_changed_since(self: &Rc<Self>, epoch: Epoch) -> Option<Landing<P>> {
        let token = self.look().await.token;
        let session = &self.shared.session;
        if session.has_moved_on_from(epoch) {
            Some(Landing::Superseded)
        } else {
            (session.epoch() != epoch).then_some(Landing::Renewed(token))
        }
    }

    async fn ask(&self, refresh_token: Option<P::Token>) -> Verdict<P::Token, P::Failure> {
        let answer = self.platform.refresh(refresh_token);
        let deadline = pin!(self.platform.sleep(self.policy.refresh_timeout));
        let verdict = match select(answer, deadline).await {
            Either::Left((answer, _)) => self.policy.judge(answer),
            Either::Right(_) => Verdict::Unavailable {
                reason: "the refresh took longer than refreshTimeout (a refresh function has to use \
                         the fetch that it is given: the api's own waits for the refresh itself)",
                retry_after: None,
                cause: None,
            },
        };
        match verdict {
            Verdict::Granted(Some(grant))
                if self.shared.session.is_of_another_user(&grant.access) =>
            {
                let reason = "the token server answered with the token of another user";
                Verdict::Refused { reason, cause: None }
            }
            verdict => verdict,
        }
    }

    fn give_up(
        &self,
        reason: &'static str,
        retry_after: Option<Duration>,
        cause: Option<P::Failure>,
    ) -> Landing<P> {
        let outage = &self.shared.outage;
        let cool_down = self.policy.cool_down(outage.begin(), self.platform.random());
        let retry_after = retry_after
            .map_or(cool_down, |wait| wait.min(self.policy.max_retry_after).max(cool_down));
        outage.cool_down_until(self.platform.now() + retry_after);
        let error = Error::RefreshUnavailable { reason, retry_after, cause };
        Landing::Unavailable(self.platform.failure(error))
    }
}
