//! The client of a Rust front-end. `builder.rs` makes it, and `request.rs` adds the methods that
//! begin a request.

use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::{Request, Response};
use js_sys::Object;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::callback;
use super::error::Error;
use super::event::{Event, Subscription};
use super::raw::{AbortGuard, Init, RawApi, set_member, to_millis};
use super::session::Session;
use super::tokens::Tokens;

/// A client that stays signed in. A clone is the same client.
///
/// Clients of the same storage and keys share one session and one refresh, in all tabs.
#[derive(Clone)]
pub struct Api(pub(super) Rc<RawApi>);

impl Api {
    /// Sends a request of gloo's, as [`RequestBuilder::send`](super::RequestBuilder::send) does. Its
    /// URL is absolute by now: `base_url` concerns it no more.
    ///
    /// # Errors
    ///
    /// As [`RequestBuilder::send`](super::RequestBuilder::send).
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        let request: web_sys::Request = request.into();
        let signal = request.signal();
        self.send(&request.into(), Init::empty(), Some(signal)).await
    }

    /// Begins a session with the tokens of a sign-in; with `None` where they are cookies
    /// that no script can read ([`Builder::cookie_session`](super::Builder::cookie_session)).
    ///
    /// # Errors
    ///
    /// [`Error::Token`].
    pub async fn sign_in(&self, tokens: impl Into<Option<Tokens>>) -> Result<(), Error> {
        let tokens = tokens.into().map(Tokens::into_raw).transpose()?.unwrap_or_default();
        let signed_in = JsFuture::from(self.0.sign_in(&tokens)).await;
        signed_in.map_or(Err(Error::Token), |_| Ok(()))
    }

    /// Goes on with newer tokens of the session that there is: a sliding session that each answer
    /// renews, a step-up. What waits or fails is sent again with them. Without a refresh token,
    /// the stored one stays. Where nobody is signed in, it does what [`Api::sign_in`] does.
    ///
    /// # Errors
    ///
    /// [`Error::Token`].
    pub async fn set_tokens(&self, tokens: impl Into<Option<Tokens>>) -> Result<(), Error> {
        let tokens = tokens.into().map(Tokens::into_raw).transpose()?.unwrap_or_default();
        JsFuture::from(self.0.set_tokens(&tokens)).await.map_or(Err(Error::Token), |_| Ok(()))
    }

    /// Ends the session, in all tabs. It does not navigate.
    pub async fn sign_out(&self) {
        drop(JsFuture::from(self.0.sign_out()).await);
    }

    /// Refreshes now, or waits for the refresh that is under way.
    ///
    /// # Errors
    ///
    /// [`Error::SignInRequired`], [`Error::RefreshUnavailable`], [`Error::SessionChanged`].
    pub async fn refresh(&self) -> Result<(), Error> {
        let refreshed = JsFuture::from(self.0.refresh()).await;
        refreshed.map(drop).map_err(Error::from_raw)
    }

    /// The access token as it is stored, refreshed first where it ends before
    /// `min_validity` has passed: for a WebSocket, say. `None` without one, and where it is
    /// a cookie that no script can read.
    ///
    /// # Errors
    ///
    /// As [`Api::refresh`].
    pub async fn access_token(&self, min_validity: Duration) -> Result<Option<String>, Error> {
        let options = Object::new();
        set_member(&options, "minValidity", &(to_millis(min_validity) / 1000.0).into());
        let token = JsFuture::from(self.0.access_token(&options)).await;
        token.map(|token| token.as_string()).map_err(Error::from_raw)
    }

    /// Calls `listener` with each event, after the refresh that it is about. It may use the
    /// client.
    pub fn on(&self, listener: impl Fn(Event) + 'static) -> Subscription {
        let listener = callback::sync(move |raw| {
            if let Some(event) = Event::from_raw(&raw) {
                listener(event);
            }
        });
        let events = ["tokenRefreshed", "signedOut", "refreshUnavailable", "sessionChanged"];
        Subscription(events.map(|event| self.0.on(event, &listener)).into())
    }

    /// Returns a snapshot of the session, without a request and without waiting.
    pub fn session(&self) -> Session {
        Session::from_raw(self.0.session())
    }

    /// Calls `listener` with the new [`Api::session`] after each change, whichever tab made it.
    pub fn subscribe(&self, listener: impl Fn(Session) + 'static) -> Subscription {
        let listener = callback::sync(move |raw| listener(Session::from_raw(raw)));
        Subscription(vec![self.0.subscribe(&listener)])
    }

    /// As `fetch` of JavaScript's. Dropping the future aborts the request.
    pub(super) async fn send(
        &self,
        input: &JsValue,
        init: Init,
        signal: Option<AbortSignal>,
    ) -> Result<Response, Error> {
        let guard = AbortGuard::new();
        init.set_signal(&guard.signal(signal.as_ref()));
        let response = JsFuture::from(self.0.fetch(input, &init)).await;
        guard.disarm();
        match response {
            Ok(response) => Ok(response.unchecked_into::<web_sys::Response>().into()),
            Err(_) if signal.as_ref().is_some_and(AbortSignal::aborted) => {
                Err(Error::Aborted(signal.map_or(JsValue::UNDEFINED, |signal| signal.reason())))
            }
            Err(error) => Err(Error::from_raw(error)),
        }
    }
}

impl PartialEq for Api {
    /// Tells if both are the same client: for the properties of a component, say.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Api {}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}
