//! The browser as a platform: the only code that touches it.
//!
//! Workers and Node are browsers too, as far as this goes: what is missing there
//! (`localStorage`, `location`, `document`) is done without.

pub(crate) mod abort;
pub(crate) mod called;
pub(crate) mod clock;
pub(crate) mod cookie;
pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod fetch;
pub(crate) mod globals;
pub(crate) mod locks;
pub(crate) mod members;
pub(crate) mod origin;
pub(crate) mod record;
pub(crate) mod refresher;
pub(crate) mod request;
pub(crate) mod storage;
pub(crate) mod token;
pub(crate) mod transport;
pub(crate) mod watch;

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use futures::future::{LocalBoxFuture, pending};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use self::abort::Aborted;
use self::clock::Sleep;
use self::events::{Listeners, Login};
use self::locks::Lock;
use self::record::RecordStore;
use self::refresher::Refresher;
use self::request::Outgoing;
use self::storage::{Place, Store};
use self::token::Token;
use self::transport::Transport;
use self::watch::Sleepers;
use crate::error::Error;
use crate::policy::{Answer, Step};
use crate::ports::{self, Act, Note, Reading, Slot};
use crate::session::{Event, SignOut};
use crate::shared::SharedSession;

/// What all clients of one storage in this page have in common.
pub(crate) struct Common {
    pub(crate) store: Rc<Store>,
    pub(crate) session: Rc<SharedSession<Browser>>,
    pub(crate) listeners: Listeners,
    record: RecordStore,
    /// What the locks of this session are called.
    lock: String,
}

thread_local! {
    static COMMON: RefCell<Vec<Weak<Common>>> = const { RefCell::new(Vec::new()) };
}

impl Common {
    /// The one of `place` and these keys; made where there is none yet.
    pub(crate) fn of(place: Place, access_key: &str, refresh_key: &str) -> Rc<Self> {
        COMMON.with_borrow_mut(|all| {
            all.retain(|common| common.strong_count() > 0);
            let known = all.iter().filter_map(Weak::upgrade);
            let same = |common: &Rc<Self>| common.store.is_same(&place, access_key, refresh_key);
            if let Some(common) = known.into_iter().find(same) {
                return common;
            }
            // Storages that no other tab reads need no record that all tabs share.
            let names = [access_key, " ", refresh_key].concat();
            let key = place.is_shared().then(|| names.as_str().into());
            let common = Rc::new(Self {
                record: RecordStore::new(key),
                lock: ["tokenflight ", &names, " "].concat(),
                store: Rc::new(Store::new(place, access_key, refresh_key)),
                session: Rc::default(),
                listeners: Listeners::default(),
            });
            all.push(Rc::downgrade(&common));
            common
        })
    }
}

/// Gives every session an empty slot; who waited for the flight in it is told otherwise.
#[cfg(feature = "npm")]
pub(crate) fn abandon_flights() {
    COMMON.with(|all| {
        for common in all.try_borrow().iter().flat_map(|all| all.iter().filter_map(Weak::upgrade)) {
            common.session.flight.abandon();
        }
    });
}

/// One client's platform.
pub(crate) struct Browser {
    pub(crate) common: Rc<Common>,
    pub(crate) transport: Rc<Transport>,
    pub(crate) refresher: Rc<Refresher>,
    pub(crate) login: Login,
    /// With an HttpOnly access token there is nothing in the storage.
    pub(crate) is_cookie_session: bool,
    pub(crate) is_debug: bool,
    pub(crate) sleepers: Sleepers,
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}

impl ports::Values for Browser {
    type Token = Token;
    type Request = Rc<Outgoing>;
    type Response = JsValue;
    type Failure = JsValue;
}

impl ports::Transport for Browser {
    async fn send(
        &self,
        request: &Rc<Outgoing>,
        token: Option<&Token>,
    ) -> Result<JsValue, JsValue> {
        // What stands for a token that is a cookie is not sent.
        self.transport.send(request, token.filter(|_| !self.is_cookie_session)).await
    }

    /// A promise resolves to what another one resolves to: it is not awaited here, where the
    /// caller gets a promise and no abort has to be given its reason.
    async fn send_at_last(
        &self,
        request: &Rc<Outgoing>,
        token: Option<&Token>,
    ) -> Result<JsValue, JsValue> {
        let token = token.filter(|_| !self.is_cookie_session);
        match (&request.signal, self.transport.parts_of(request)) {
            (None, Some((url, init))) => {
                self.transport.attach_all(&request.form, token, request);
                Ok(self.transport.call(url, init).into())
            }
            _ => self.transport.send(request, token).await,
        }
    }

    async fn is_unauthorized(&self, response: &JsValue) -> bool {
        self.transport.is_unauthorized(response).await
    }

    async fn aborted(&self, request: &Rc<Outgoing>) -> JsValue {
        match &request.signal {
            Some(signal) => Aborted::new(signal.clone()).await,
            None => pending().await,
        }
    }

    fn may_replay(&self, request: &Rc<Outgoing>) -> bool {
        request.may_replay()
    }
}

impl ports::Refresher for Browser {
    fn refresh(&self, token: Option<Token>) -> LocalBoxFuture<'static, Answer<Token, JsValue>> {
        let refresher = self.refresher.clone();
        Box::pin(async move { refresher.refresh(token).await })
    }
}

impl ports::TokenStore for Browser {
    fn read(&self, slot: Slot) -> Reading<Option<Token>> {
        match slot {
            Slot::Refresh if self.is_cookie_session => Reading::Now(None),
            slot => self.common.store.read(slot),
        }
    }

    fn answers_at_once(&self) -> bool {
        self.common.store.answers_at_once()
    }

    fn write(&self, slot: Slot, token: Option<&Token>) -> Reading<()> {
        match slot {
            Slot::Refresh if self.is_cookie_session => Reading::Now(()),
            slot => self.common.store.write(slot, token),
        }
    }
}

impl ports::TabLock for Browser {
    type Guard = Lock;

    async fn lock(&self, generation: u32) -> Option<Lock> {
        Lock::request(&[&self.common.lock, generation.to_string().as_str()].concat()).await
    }
}

impl ports::HandOver for Browser {
    fn exclusively<'a>(&'a self, act: Act<'a>) -> LocalBoxFuture<'a, ()> {
        Box::pin(self.common.record.exclusively(act))
    }

    fn is_common(&self) -> bool {
        self.common.record.is_common()
    }
}

impl ports::Presence for Browser {
    fn is_dormant(&self) -> bool {
        watch::is_dormant()
    }

    async fn woken(&self) {
        self.sleepers.woken().await;
    }
}

impl ports::Clock for Browser {
    fn now(&self) -> Duration {
        clock::now()
    }

    fn about_now(&self) -> Duration {
        clock::about_now()
    }

    fn wall_clock(&self) -> Duration {
        clock::from_millis(globals::wall_clock_ms())
    }

    async fn sleep(&self, duration: Duration) {
        Sleep::new(duration).await;
    }

    async fn rest(&self, duration: Duration) {
        Sleep::new(duration).unref().await;
    }

    fn random(&self) -> f64 {
        globals::random()
    }
}

impl ports::Spawn for Browser {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        spawn_local(future);
    }
}

impl ports::Observer for Browser {
    fn announce(&self, event: Event<Token, JsValue>) {
        self.common.listeners.tell(event, !self.is_cookie_session);
    }

    fn lead_to_login(&self, why: SignOut) {
        self.login.go(why);
    }

    fn failure(&self, error: Error<JsValue>) -> JsValue {
        errors::to_js(&error)
    }

    fn trace(&self, note: Note<'_, Self>) {
        if !self.is_debug {
            return;
        }
        let (what, whom) = match note {
            Note::Waits(request) => ("waits for the refresh", request.describe()),
            Note::Waited(request, took) => {
                return self.log(&request.describe(), &in_ms("goes on after", took));
            }
            Note::NearItsEnd(request) => ("finds a token that is about to end", request.describe()),
            Note::Unauthorized(request, step) => (
                match step {
                    Step::Replay => "got a 401 for a token that was replaced meanwhile",
                    Step::Refresh => "got a 401: the token is refreshed",
                    Step::SessionChanged => "got a 401, and belongs to a session that was left",
                    Step::SignIn => "got a 401, and the session is over",
                },
                request.describe(),
            ),
            Note::Replays(request) => ("is sent again", request.describe()),
            Note::FlightStarted => ("starts", "the refresh".to_owned()),
            Note::FlightLanded(how, took) => (how, in_ms("the refresh, after", took)),
            Note::WaitsForTabs => ("waits: another tab refreshes", "the refresh".to_owned()),
            Note::LeavesHolderBehind(bound) => {
                ("the tab that refreshes does not move; it is left behind", in_ms("after", bound))
            }
            Note::WaitsForHandOver => {
                ("waits to see what another tab has stored", "the refresh".to_owned())
            }
            Note::Asks => ("asks the token server", "the refresh".to_owned()),
            Note::Retries(wait, reason) => (reason, in_ms("the refresh, next try in", wait)),
        };
        self.log(&whom, what);
    }
}

impl Browser {
    fn log(&self, whom: &str, what: &str) {
        globals::log_debug(&["tokenflight: ", whom, ": ", what].concat());
    }
}

fn in_ms(what: &str, duration: Duration) -> String {
    [what, " ", &(clock::to_millis(duration) as u32).to_string(), " ms"].concat()
}
