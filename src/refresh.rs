//! How requests and the application come by a refresh: they start one flight, or join it.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;

use crate::client::Client;
use crate::error::Error;
use crate::flight::{Boarding, Flight};
use crate::ports::{Note, Platform};
use crate::session::{Epoch, Event, SignOut};
use crate::shared::Landing;

/// What a flight is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The token is not accepted any more, or the application wants another one.
    Now,
    /// The token is about to end.
    Ahead,
}

impl<P: Platform> Client<P> {
    /// Refreshes now, or joins the flight that is under way.
    ///
    /// # Errors
    ///
    /// [`Error`], as the platform puts it.
    pub async fn refresh(self: Rc<Self>) -> Result<(), P::Failure> {
        // Asked for by hand: an outage is no reason to wait.
        self.wake();
        let sent = self.look().await.epoch;
        self.land(sent).await
    }

    /// The access token as it is stored, after the flight that is under way. One that
    /// ends before `min_validity` has passed is refreshed first, in so far as tokens live
    /// that long: three quarters of a lifetime can be had at any time.
    ///
    /// # Errors
    ///
    /// As [`Client::refresh`].
    pub async fn access_token(
        self: Rc<Self>,
        min_validity: Duration,
    ) -> Result<Option<P::Token>, P::Failure> {
        if let Some(flight) = self.shared.flight.under_way() {
            flight.await;
        }
        let ticket = self.look().await;
        let is_too_short = self.shared.reign.expiry().is_some_and(|expiry| {
            let wanted = min_validity.min(expiry.total() / 4 * 3);
            expiry.remaining(self.platform.now()) < wanted
        });
        if ticket.token.is_none() || !is_too_short {
            return Ok(ticket.token);
        }
        self.land(ticket.epoch).await?;
        Ok(self.look().await.token)
    }

    async fn land(self: &Rc<Self>, epoch: Epoch) -> Result<(), P::Failure> {
        let Some(flight) = self.join_or_start_flight(epoch, Need::Now).await? else {
            return Ok(());
        };
        match flight.await {
            Landing::Renewed(_) | Landing::Kept => Ok(()),
            Landing::SignedOut(failure) | Landing::Unavailable(failure) => Err(failure),
            Landing::Superseded => Err(self.platform.failure(Error::SessionChanged)),
        }
    }

    /// The flight that replaces the token of the epoch `sent`; `None` where that has
    /// happened meanwhile.
    ///
    /// # Errors
    ///
    /// During a cool-down: [`Error::RefreshUnavailable`].
    pub(crate) async fn join_or_start_flight(
        self: &Rc<Self>,
        sent: Epoch,
        need: Need,
    ) -> Result<Option<Flight<Landing<P>>>, P::Failure> {
        let shared = &self.shared;
        if shared.flight.under_way().is_none()
            && let Some(retry_after) = shared.outage.remaining(self.platform.now())
        {
            return Err(self.unavailable_still(retry_after));
        }
        let boarding = shared.flight.join_or_start(|| {
            // Another flight may have landed while this request waited for the mutex.
            (sent == shared.session.epoch()).then(|| {
                shared.is_needed.set(false);
                self.take_off(sent)
            })
        });
        let boarding = boarding.await;
        if need == Need::Now && boarding.is_some() {
            shared.is_needed.set(true);
        }
        Ok(match boarding {
            None => None,
            Some(Boarding::Joined(flight)) => Some(flight),
            Some(Boarding::Started(flight)) => {
                self.see_through(flight.clone());
                Some(flight)
            }
        })
    }

    pub(crate) fn unavailable_still(&self, retry_after: Duration) -> P::Failure {
        let reason = "the token server was unavailable a moment ago";
        self.platform.failure(Error::RefreshUnavailable { reason, retry_after, cause: None })
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
                Landing::Renewed(Some(token)) => {
                    client.platform.announce(Event::TokenRefreshed(token));
                }
                Landing::SignedOut(_) => {
                    client.platform.announce(Event::SignedOut(SignOut::Refused));
                    client.platform.lead_to_login(SignOut::Refused);
                }
                Landing::Unavailable(failure) => {
                    client.platform.announce(Event::RefreshUnavailable(failure));
                }
                Landing::Renewed(None) | Landing::Kept | Landing::Superseded => {}
            }
        }));
    }
}
