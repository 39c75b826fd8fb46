//! The core of one client, as JavaScript calls it.
//!
//! It keeps no JavaScript object except tokens and errors. The platform is an argument of every
//! call, so that an api that nobody refers to can be collected.

use std::rc::Rc;

use gloo_storage::{LocalStorage, SessionStorage, Storage};
use wasm_bindgen::prelude::*;

use super::browser::Browser;
use super::planted::trap_at;
use super::shell::Platform;
use super::task::Task;
use super::token::Token;
use crate::client::Client;
use crate::credential::Grant;
use crate::machine::{Machine, forget_later};
use crate::millis::Millis;
use crate::policy::Policy;
use crate::session::{Epoch, Status};
use crate::shared::SharedSession;

/// One client: its settings, and the session that it shares.
#[wasm_bindgen(skip_typescript)]
#[derive(Default)]
pub struct Core {
    shared: Rc<SharedSession<Browser>>,
    policy: Rc<Policy>,
    is_debug: bool,
    is_slow: bool,
}

impl Core {
    fn client(&self, platform: Platform) -> Rc<Client<Browser>> {
        let (shared, is_debug, is_slow) = (self.shared.clone(), self.is_debug, self.is_slow);
        let platform = Browser { platform, shared: shared.clone(), is_debug, is_slow };
        Rc::new(Client { platform, shared, policy: self.policy.clone() })
    }

    fn task(
        &self,
        platform: Platform,
        make: impl FnOnce(&Rc<Client<Browser>>) -> Machine<Browser>,
    ) -> Task {
        let client = self.client(platform);
        Task::new(client.platform.clone(), Box::new(make(&client)))
    }

    /// Calls `entry`, then tells the shell if the epoch has changed, and plans the removal of
    /// tombstones.
    fn enter<T>(&self, platform: Platform, entry: impl FnOnce(&Client<Browser>) -> T) -> T {
        let (client, before) = (self.client(platform), self.shared.session.epoch());
        let result = entry(&client);
        if self.shared.session.epoch() != before {
            client.platform.platform.epoch_changed();
        }
        forget_later(&client);
        result
    }
}

#[wasm_bindgen]
impl Core {
    /// Shares the session of another client of the same storage and keys.
    pub fn join(&mut self, sibling: &Core) {
        self.shared = sibling.shared.clone();
    }

    /// Returns the window's `localStorage`, or its `sessionStorage`. There has to be a window
    /// that gives it.
    pub fn storage(&self, is_session: bool) -> JsValue {
        if is_session { SessionStorage::raw().into() } else { LocalStorage::raw().into() }
    }

    /// Takes over the settings that decisions depend on, and takes note of the tokens that are
    /// there now.
    ///
    /// The settings are arguments, since an import for each would have to be compiled before the
    /// first request. Times are in milliseconds. `is_slow`: the storage answers later.
    #[allow(clippy::too_many_arguments)]
    pub fn start(
        &mut self,
        platform: Platform,
        refresh_timeout: f64,
        refresh_retries: u32,
        retry_delay: f64,
        max_retry_after: f64,
        cool_down: f64,
        refresh_ahead: f64,
        lock_timeout: f64,
        returns_unauthorized: bool,
        tells_sign_out: bool,
        is_cookie_session: bool,
        is_debug: bool,
        is_slow: bool,
    ) {
        trap_at("start");
        (self.is_debug, self.is_slow) = (is_debug, is_slow);
        self.policy = Rc::new(Policy {
            refresh_timeout: Millis::from_raw(refresh_timeout),
            refresh_retries,
            retry_delay: Millis::from_raw(retry_delay),
            max_retry_after: Millis::from_raw(max_retry_after),
            cool_down: Millis::from_raw(cool_down),
            refresh_ahead: Millis::from_raw(refresh_ahead),
            lock_timeout: Millis::from_raw(lock_timeout),
            returns_unauthorized,
            tells_sign_out,
            is_cookie_session,
        });
        self.enter(platform, Client::start);
    }

    /// Returns the token to send a request with, or null if there is none. Returns undefined if
    /// the request has to wait before it can be sent.
    pub fn depart(&self, platform: Platform) -> JsValue {
        trap_at("depart");
        match self.enter(platform, Client::depart) {
            Some(ticket) => Token::into_raw(ticket.token.as_ref()),
            None => JsValue::UNDEFINED,
        }
    }

    /// The epoch of the token that [`Core::depart`] returned last.
    pub fn epoch(&self) -> u32 {
        self.shared.session.epoch().into_raw()
    }

    /// Makes the task that brings the response to a request. A request that was sent already, in
    /// `epoch`, and got a 401 comes with that `response`; otherwise that is undefined.
    pub fn fetch(
        &self,
        platform: Platform,
        request: JsValue,
        epoch: u32,
        response: JsValue,
    ) -> Task {
        let sent = Epoch::from_raw(epoch);
        self.task(platform, |client| match response.is_undefined() {
            true => Machine::request(client, request),
            false => Machine::unauthorized(client, request, sent, response),
        })
    }

    /// Begins a session, or goes on with newer tokens of it: where they are the same user's, or
    /// where that is said. Without an access token it ends the session. `expires_in` is in
    /// milliseconds; NaN: not known.
    #[wasm_bindgen(js_name = changeSession)]
    pub fn change_session(
        &self,
        platform: Platform,
        access: JsValue,
        refresh: JsValue,
        expires_in: f64,
        is_same_session: bool,
    ) -> Task {
        let expires_in = (expires_in > 0.0).then(|| Millis::from_raw(expires_in));
        let refresh = Token::from_raw(refresh);
        let grant = Token::from_raw(access).map(|access| Grant { access, refresh, expires_in });
        self.task(platform, |client| Machine::change_session(client, grant, is_same_session))
    }

    /// Brings an access token that stays valid for at least `min_validity` milliseconds; a new
    /// one, if that is infinite.
    #[wasm_bindgen(js_name = accessToken)]
    pub fn access_token(&self, platform: Platform, min_validity: f64) -> Task {
        self.task(platform, |client| match min_validity.is_infinite() {
            true => Machine::refresh(client),
            false => Machine::access_token(client, Millis::from_raw(min_validity)),
        })
    }

    /// Returns the snapshot of what is known of the session.
    pub fn session(&self, platform: Platform) -> JsValue {
        self.enter(platform, |client| {
            let (status, token) = match client.status() {
                Status::Unknown => ("unknown", None),
                Status::SignedIn(token) => ("signedIn", token),
                Status::SignedOut => ("signedOut", None),
            };
            let time_left = client.time_left().map_or(f64::NAN, Millis::into_raw);
            let epoch = self.shared.session.epoch().into_raw();
            let token = Token::into_raw(token.as_ref());
            client.platform.platform.snapshot(status, epoch, &token, time_left)
        })
    }

    /// Returns how long the background may sleep, in milliseconds. Infinity means until
    /// something changes.
    #[wasm_bindgen(js_name = untilDue)]
    pub fn until_due(&self, platform: Platform) -> f64 {
        trap_at("untilDue");
        self.enter(platform, Client::until_due).map_or(f64::INFINITY, Millis::into_raw)
    }

    /// Refreshes a token that is about to end.
    #[wasm_bindgen(js_name = refreshAhead)]
    pub fn refresh_ahead(&self, platform: Platform) -> Task {
        trap_at("refreshAhead");
        self.task(platform, Machine::refresh_ahead)
    }

    /// Reads the storage again: another tab has changed it.
    #[wasm_bindgen(js_name = noticeChange)]
    pub fn notice_change(&self, platform: Platform) {
        self.enter(platform, Client::notice_change);
    }

    /// Lets a cool-down end early: the network is back, or the page is visible again.
    pub fn wake(&self, platform: Platform) {
        trap_at("wake");
        self.enter(platform, Client::wake);
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
