//! The browser as a platform.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::landings;
use super::shell::{LockRequest, Platform};
use super::task::Task;
use super::token::Token;
use crate::error::Error;
use crate::flight::Flight;
use crate::millis::Millis;
use crate::policy::Step;
use crate::session::{Event, SignOut};
use crate::shared::{Landing, SharedSession};
use crate::task::{self, Slot};
use crate::values::{Guard, Note, Surroundings, Values};

/// The browser as one client has it, for as long as one call or one task lasts.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) platform: Platform,
    pub(crate) shared: Rc<SharedSession<Self>>,
    pub(crate) is_debug: bool,
}

/// A lock, or the request for one. Dropping it lets it go.
pub(crate) struct Lock(pub(crate) LockRequest);

impl Guard for Lock {
    fn is_held(&self) -> bool {
        self.0.is_held()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Values for Browser {
    type Token = Token;
    type Request = JsValue;
    type Response = JsValue;
    type Failure = JsValue;
    type Guard = Lock;
}

impl Surroundings for Browser {
    fn now(&self) -> Millis {
        Millis::from_raw(self.platform.now())
    }

    fn about_now(&self) -> Millis {
        Millis::from_raw(self.platform.about_now())
    }

    fn wall_clock(&self) -> Millis {
        Millis::from_raw(self.platform.wall_clock())
    }

    fn random(&self) -> f64 {
        self.platform.random()
    }

    fn is_record_shared(&self) -> bool {
        self.platform.is_record_shared()
    }

    fn failure(&self, error: Error<JsValue>) -> JsValue {
        let (message, platform, none) = (error.message(), &self.platform, JsValue::UNDEFINED);
        let cause = error.cause().unwrap_or(&none);
        match &error {
            Error::SignInRequired { .. } => platform.sign_in_required_error(&message, cause),
            Error::RefreshUnavailable { retry_after, .. } => {
                platform.refresh_unavailable_error(&message, retry_after.into_raw(), cause)
            }
            Error::SessionChanged => platform.session_changed_error(&message),
        }
    }

    fn may_replay(&self, request: &JsValue) -> bool {
        self.platform.may_replay(request)
    }

    fn announce(&self, event: Event<Token, JsValue>) {
        match event {
            Event::TokenRefreshed(token) => self.platform.token_refreshed(token.as_raw()),
            Event::SignedOut(why) => self.platform.signed_out(why == SignOut::Refused),
            Event::RefreshUnavailable(error) => self.platform.refresh_unavailable(&error),
            Event::SessionChanged => self.platform.session_changed(),
        }
    }

    fn go_to_login(&self, why: SignOut) {
        self.platform.go_to_login(why == SignOut::Refused);
    }

    fn trace(&self, note: Note<'_, Self>) {
        if !self.is_debug {
            return;
        }
        let ((request, text, time), none) = (text_of(note), JsValue::UNDEFINED);
        let time = time.map_or(f64::NAN, Millis::into_raw);
        self.platform.log(request.unwrap_or(&none), text, time);
    }
}

/// Whom a note is about, what it says, and the time that it names.
fn text_of(note: Note<'_, Browser>) -> (Option<&JsValue>, &'static str, Option<Millis>) {
    match note {
        Note::Waits(request) => (Some(request), "waits for the refresh", None),
        Note::Waited(request, took) => (Some(request), "goes on after", Some(took)),
        Note::NearItsEnd(request) => (Some(request), "finds a token that is about to end", None),
        Note::Unauthorized(request, step) => (
            Some(request),
            match step {
                Step::Replay => "got a 401 for a token that was replaced meanwhile",
                Step::Refresh => "got a 401: the token is refreshed",
                Step::SessionChanged => "got a 401, and belongs to a session that was left",
                Step::SignIn => "got a 401, and the session is over",
            },
            None,
        ),
        Note::Replays(request) => (Some(request), "is sent again", None),
        Note::FlightStarted => (None, "starts", None),
        Note::FlightLanded(how, took) => (None, how, Some(took)),
        Note::WaitsForTabs => (None, "waits: another tab refreshes", None),
        Note::LeavesHolderBehind(bound) => {
            (None, "the tab that refreshes does not move; it is left behind", Some(bound))
        }
        Note::WaitsForHandOver => (None, "waits to see what another tab has stored", None),
        Note::Asks => (None, "asks the token server", None),
        Note::Retries(wait, reason) => (None, reason, Some(wait)),
    }
}

impl task::Platform for Browser {
    fn read(&self, slot: Slot) -> Option<Token> {
        Token::from_raw(self.platform.read(slot as u32))
    }

    fn write(&self, slot: Slot, token: Option<&Token>) {
        self.platform.write(slot as u32, token.map_or(&JsValue::NULL, Token::as_raw));
    }

    fn is_slow(&self) -> bool {
        self.platform.is_slow()
    }

    fn launch(&self, refresh: Box<dyn task::Task<Self>>) -> LocalBoxFuture<'static, Landing<Self>> {
        let landing = Rc::new(Cell::new(None));
        let task = Task::new(self.clone(), refresh).landing_in(landing.clone());
        let (driven, browser) = (JsFuture::from(self.platform.drive(task)), self.clone());
        Box::pin(driven.map(move |ended| match (landing.take(), ended) {
            (Some(landing), _) => landing,
            (None, Err(cause)) => Landing::Unavailable(browser.failure(Error::broke_off(cause))),
            (None, Ok(_)) => Landing::Superseded,
        }))
    }

    fn see_through(&self, flight: Flight<Landing<Self>>, landed: Box<dyn FnOnce(Landing<Self>)>) {
        landings::see_through(flight, landed);
    }

    fn spawn(&self, task: Box<dyn task::Task<Self>>) {
        let driven = self.platform.drive(Task::new(self.clone(), task));
        spawn_local(JsFuture::from(driven).map(drop));
    }
}
