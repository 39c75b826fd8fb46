//! The client of a Rust front-end.

use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::{Method, Request, Response};
use js_sys::Object;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::builder::Builder;
use super::callback;
use super::error::Error;
use super::event::{Event, Subscription};
use super::request::RequestBuilder;
use super::tokens::Tokens;
use crate::browser::abort::{AbortGuard, AbortSignal};
use crate::browser::events::EVENTS;
use crate::browser::fetch::{Arguments, read, send};
use crate::browser::globals::Init;
use crate::browser::token::Token;
use crate::session::Grant;
use crate::setup::Running;

/// A client that stays signed in. A clone is the same client.
///
/// Clients of the same storage and keys share one session and one refresh, in all tabs.
#[derive(Clone)]
pub struct Api(pub(super) Rc<Running>);

impl Api {
    /// A client with the defaults: the tokens in `localStorage` under `accessToken` and
    /// `refreshToken`, `POST /refresh-token`, `/login`, Bearer.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] where the runtime has no `fetch`.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with other settings.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Begins a `GET` request.
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// Begins a `HEAD` request.
    pub fn head(&self, url: &str) -> RequestBuilder {
        self.request(Method::HEAD, url)
    }

    /// Begins a `POST` request.
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// Begins a `PUT` request.
    pub fn put(&self, url: &str) -> RequestBuilder {
        self.request(Method::PUT, url)
    }

    /// Begins a `PATCH` request.
    pub fn patch(&self, url: &str) -> RequestBuilder {
        self.request(Method::PATCH, url)
    }

    /// Begins a `DELETE` request.
    pub fn delete(&self, url: &str) -> RequestBuilder {
        self.request(Method::DELETE, url)
    }

    /// Begins a request to `url`, which is joined to the `base_url` where it is relative.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), &method, url)
    }

    /// Sends a request of gloo's, as [`RequestBuilder::send`] does. Its URL is absolute by
    /// now: `base_url` concerns it no more.
    ///
    /// # Errors
    ///
    /// As [`RequestBuilder::send`].
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        let request: web_sys::Request = request.into();
        let signal = request.signal().unchecked_into();
        let init = Object::new().unchecked_into();
        self.send(&request.into(), init, Some(signal)).await
    }

    /// Begins a session with the tokens of a sign-in; with `None` where they are cookies
    /// that no script can read ([`Builder::cookie_session`]).
    ///
    /// # Errors
    ///
    /// [`Error::Token`].
    pub async fn sign_in(&self, tokens: impl Into<Option<Tokens>>) -> Result<(), Error> {
        let client = self.0.client.clone();
        let grant = match client.platform.is_cookie_session {
            true => Grant::of(Token::mark()),
            false => tokens.into().ok_or(Error::Token)?.into_grant()?,
        };
        client.sign_in(grant).await;
        Ok(())
    }

    /// Ends the session, in all tabs. It does not navigate.
    pub async fn sign_out(&self) {
        self.0.client.clone().sign_out().await;
    }

    /// Refreshes now, or waits for the refresh that is under way.
    ///
    /// # Errors
    ///
    /// [`Error::SignInRequired`], [`Error::RefreshUnavailable`], [`Error::SessionChanged`].
    pub async fn refresh(&self) -> Result<(), Error> {
        self.0.client.clone().refresh().await.map_err(Error::from_raw)
    }

    /// The access token as it is stored, refreshed first where it ends before
    /// `min_validity` has passed: for a WebSocket, say. `None` without one, and where it is
    /// a cookie that no script can read.
    ///
    /// # Errors
    ///
    /// As [`Api::refresh`].
    pub async fn access_token(&self, min_validity: Duration) -> Result<Option<String>, Error> {
        let client = self.0.client.clone();
        let token = client.clone().access_token(min_validity).await.map_err(Error::from_raw)?;
        let token = token.filter(|_| !client.platform.is_cookie_session);
        Ok(token.and_then(|token| token.as_raw().as_string()))
    }

    /// Calls `listener` with each event, after the refresh that it is about. It may use the
    /// client.
    pub fn on(&self, listener: impl Fn(Event) + 'static) -> Subscription {
        let common = self.0.client.platform.common.clone();
        let listener = callback::sync(move |raw| {
            if let Some(event) = Event::from_raw(&raw) {
                listener(event);
            }
        });
        let add = |event| common.listeners.add(event, listener.clone());
        let ids = (0..EVENTS.len()).map(add).collect();
        Subscription { common, ids }
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
        let client = self.0.client.clone();
        let response = match read(&client.platform.transport, input, &init) {
            Ok(Arguments::Ours(request)) => send(client, Rc::new(request)).await,
            Ok(Arguments::Settled(promise)) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
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
    /// Whether both are the same client: for the properties of a component, say.
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
