//! The browser as a platform.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};

use super::shell::{LockRequest, Outgoing, Platform, RefreshRequest};
use super::token::Token;
use crate::error::Error;
use crate::millis::Millis;
use crate::policy::Step;
use crate::session::{Event, SignOut};
use crate::shared::SharedSession;
use crate::values::{Guard, Note, Surroundings, Values};

/// The browser as one client has it, for as long as one call or one task lasts.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) platform: Platform,
    pub(crate) shared: Rc<SharedSession<Self>>,
    pub(crate) is_debug: bool,
    pub(crate) is_slow: bool,
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

/// A refresh that was sent. Dropping it gives it up.
pub(crate) struct Asked(pub(crate) RefreshRequest);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.abort();
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

    fn is_storage_copied(&self) -> bool {
        self.platform.is_storage_copied()
    }

    fn failure(&self, error: Error<JsValue>) -> JsValue {
        let ([what, why, remedy], none) = (error.message_parts(), JsValue::UNDEFINED);
        let (platform, cause) = (&self.platform, error.cause().unwrap_or(&none));
        match &error {
            Error::SignInRequired { .. } => {
                platform.sign_in_required_error(what, why, remedy, cause)
            }
            Error::RefreshUnavailable { retry_after, .. } => {
                let retry_after = retry_after.into_raw();
                platform.refresh_unavailable_error(what, why, remedy, retry_after, cause)
            }
            Error::SessionChanged => platform.session_changed_error(what, remedy),
        }
    }

    fn may_replay(&self, request: &JsValue) -> bool {
        request.unchecked_ref::<Outgoing>().may_replay()
    }

    fn is_optional(&self, request: &JsValue) -> bool {
        request.unchecked_ref::<Outgoing>().is_optional()
    }

    fn announce(&self, event: Event<Token, JsValue>) {
        match event {
            Event::TokenRefreshed(token) => self.platform.token_refreshed(token.as_raw()),
            Event::SignedOut(why) => self.platform.signed_out(why == SignOut::Refused),
            Event::RefreshUnavailable(error) => self.platform.refresh_unavailable(&error),
            Event::SessionChanged => self.platform.session_changed(),
        }
    }

    fn go_to_login(&self, why: SignOut) -> bool {
        self.platform.go_to_login(why == SignOut::Refused)
    }

    fn tell_sign_out(&self, access: Option<&Token>, refresh: Option<&Token>) {
        self.platform.tell_sign_out(&Token::into_raw(access), &Token::into_raw(refresh));
    }

    fn is_traced(&self) -> bool {
        self.is_debug
    }

    fn trace(&self, note: Note<'_, Self>) {
        if !self.is_traced() {
            return;
        }
        let (line, none) = (Line::of(note), JsValue::UNDEFINED);
        let time = line.time.map_or(f64::NAN, Millis::into_raw);
        self.platform.log(line.request.unwrap_or(&none), line.when, time, line.text);
    }
}

/// A line of the log.
struct Line<'a> {
    /// The request that it is about; the refresh, where there is none.
    request: Option<&'a JsValue>,
    /// Introduces the time when both stand before the text; otherwise empty.
    when: &'static str,
    time: Option<Millis>,
    text: &'static str,
}

impl<'a> Line<'a> {
    fn of(note: Note<'a, Browser>) -> Self {
        let of_request =
            |request, text| Line { request: Some(request), when: "", time: None, text };
        let of_refresh = |when, time, text| Line { request: None, when, time, text };
        match note {
            Note::Waits(request) => of_request(request, "waits for the refresh"),
            Note::Waited(request, took) => {
                Line { time: Some(took), ..of_request(request, "goes on after") }
            }
            Note::NearItsEnd(request) => of_request(request, "finds a token that is about to end"),
            Note::Unauthorized(request, step) => of_request(
                request,
                match step {
                    Step::Replay => "got a 401 for a token that was replaced meanwhile",
                    Step::Refresh => "got a 401: the token is refreshed",
                    Step::SessionChanged => "got a 401, and belongs to a session that was left",
                    Step::SignIn => "got a 401, and the session is over",
                    Step::GiveBack => "got a 401, against which a refresh is of no use",
                },
            ),
            Note::Replays(request) => of_request(request, "is sent again"),
            Note::FlightStarted => of_refresh("", None, "starts"),
            Note::FlightLanded(how, took) => of_refresh("after", Some(took), how),
            Note::WaitsForTabs => of_refresh("", None, "waits: another tab refreshes"),
            Note::LeavesHolderBehind(bound) => of_refresh(
                "after",
                Some(bound),
                "the tab that refreshes does not move; it is left behind",
            ),
            Note::WaitsForHandOver => {
                of_refresh("", None, "waits to see what another tab has stored")
            }
            Note::Asks => of_refresh("", None, "asks the token server"),
            Note::Retries(wait, reason) => of_refresh("next try in", Some(wait), reason),
        }
    }
}
