//! Tabs that run the shipped decisions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, pending, ready};
use futures::lock::{Mutex, OwnedMutexGuard};
use tokenflight::client::Client;
use tokenflight::credential::Grant;
use tokenflight::error::Error;
use tokenflight::flight::Flight;
use tokenflight::millis::Millis;
use tokenflight::policy::{self, Body, Judgement, Policy};
use tokenflight::record::Record;
use tokenflight::session::{Event, SignOut};
use tokenflight::shared::{Landing, SharedSession};
use tokenflight::task::{Platform, Slot, Task};
use tokenflight::values::{self, Note, Surroundings, Values};

use super::driver::{self, Epochs, Ports};
use super::servers::{Answer, Token};
use super::world::{Browser, Ended, World};

/// The error of a request.
#[derive(Clone, Debug)]
pub enum Failure {
    SignInRequired,
    Unavailable,
}

pub struct Guard(#[expect(dead_code, reason = "it is held")] OwnedMutexGuard<()>);

impl values::Guard for Guard {
    fn is_held(&self) -> bool {
        true
    }
}

/// Shared by the tabs of a browser.
#[derive(Default)]
struct Common {
    locks: RefCell<BTreeMap<u32, Arc<Mutex<()>>>>,
    record: RefCell<Option<Record>>,
}

/// The platform of one tab.
#[derive(Clone)]
pub struct Member {
    world: Rc<World>,
    browser: Rc<Browser>,
    common: Rc<Common>,
    epochs: Epochs,
}

/// Opens the tabs of a browser.
pub fn open(world: &Rc<World>, browser: &Rc<Browser>, tabs: usize) {
    let (common, policy) = (Rc::<Common>::default(), Rc::new(Policy::default()));
    for _ in 0..tabs {
        let shared = Rc::new(SharedSession::new());
        let platform = Member {
            world: world.clone(),
            browser: browser.clone(),
            common: common.clone(),
            epochs: Epochs::of(&shared),
        };
        let client = Rc::new(Client { platform, shared, policy: policy.clone() });
        client.start();
        world.work(browser, move || {
            driver::fetch(client.clone(), ()).map(|ended| match ended {
                Ok(true) => Ended::Fine,
                Ok(false) | Err(Failure::Unavailable) => Ended::Failed,
                Err(Failure::SignInRequired) => Ended::SignedOut,
            })
        });
    }
}

impl Values for Member {
    type Token = Token;
    type Request = ();
    type Response = bool;
    type Failure = Failure;
    type Guard = Guard;
}

impl Surroundings for Member {
    fn now(&self) -> Millis {
        self.world.clock.now()
    }

    fn wall_clock(&self) -> Millis {
        self.world.clock.now()
    }

    fn random(&self) -> f64 {
        self.world.chance.fraction()
    }

    fn is_record_shared(&self) -> bool {
        true
    }

    fn failure(&self, error: Error<Failure>) -> Failure {
        match error {
            Error::SignInRequired { .. } => Failure::SignInRequired,
            Error::RefreshUnavailable { .. } | Error::SessionChanged => Failure::Unavailable,
        }
    }

    fn may_replay(&self, _request: &()) -> bool {
        true
    }

    fn is_optional(&self, _request: &()) -> bool {
        false
    }

    fn announce(&self, _event: Event<Token, Failure>) {}

    fn go_to_login(&self, _why: SignOut) -> bool {
        true
    }

    fn tell_sign_out(&self, _access: Option<&Token>, _refresh: Option<&Token>) {}

    fn trace(&self, _note: Note<'_, Self>) {}
}

impl Member {
    fn slot(&self, slot: Slot) -> &RefCell<Option<Token>> {
        match slot {
            Slot::Access => &self.browser.access,
            Slot::Refresh => &self.browser.refresh,
        }
    }
}

impl Platform for Member {
    fn read(&self, slot: Slot) -> Option<Token> {
        self.slot(slot).borrow().clone()
    }

    fn write(&self, slot: Slot, token: Option<&Token>) {
        self.slot(slot).replace(token.cloned());
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn launch(&self, refresh: Box<dyn Task<Self>>) -> LocalBoxFuture<'static, Landing<Self>> {
        let (landed, landing) = oneshot::channel();
        let work = driver::landing(self.clone(), refresh);
        self.world.spawn(work.map(|landing| drop(landed.send(landing))));
        landing.map(|landing| landing.unwrap_or(Landing::Superseded)).boxed_local()
    }

    fn see_through(&self, flight: Flight<Landing<Self>>, landed: Box<dyn FnOnce(Landing<Self>)>) {
        self.world.spawn(flight.map(landed));
    }

    fn spawn(&self, task: Box<dyn Task<Self>>) {
        self.world.spawn(driver::drive(self.clone(), task).map(drop));
    }
}

impl Ports for Member {
    async fn storage(&self) {}

    async fn written(&self) {}

    async fn sleep(&self, duration: Millis) {
        self.world.clock.sleep(duration).await;
    }

    fn lock(&self, generation: u32) -> LocalBoxFuture<'static, Option<Guard>> {
        let lock = self.common.locks.borrow_mut().entry(generation).or_default().clone();
        lock.lock_owned().map(|guard| Some(Guard(guard))).boxed_local()
    }

    async fn next_epoch(&self) {
        self.epochs.next().await;
    }

    fn exclusively<'a>(
        &'a self,
        act: &'a mut dyn FnMut(&mut Option<Record>),
    ) -> LocalBoxFuture<'a, ()> {
        act(&mut self.common.record.borrow_mut());
        ready(()).boxed_local()
    }

    fn refresh(
        &self,
        token: Option<Token>,
    ) -> LocalBoxFuture<'static, policy::Answer<Token, Failure>> {
        let servers = self.world.servers.clone();
        Box::pin(async move {
            let (status, retry_after, body) = match servers.refresh(token).await {
                Answer::Tokens { access, refresh } => {
                    let grant = Grant { access, refresh: Some(refresh), expires_in: None };
                    (200, None, Body::Tokens(grant))
                }
                Answer::Refused => {
                    (400, None, Body::WithoutToken { code: None, is_temporary: false })
                }
                Answer::Unavailable { retry_after } => (503, retry_after, Body::NotJson),
            };
            policy::Answer::Response { status, retry_after, body, cause: None }
        })
    }

    async fn send(&self, _request: &(), token: Option<&Token>) -> Result<bool, Failure> {
        Ok(self.world.api(token).await)
    }

    async fn judge(&self, response: &bool) -> Judgement {
        match response {
            true => Judgement::Accepted,
            false => Judgement::Unauthorized,
        }
    }

    async fn aborted(&self, _request: &()) -> Failure {
        pending().await
    }

    fn is_dormant(&self) -> bool {
        false
    }

    async fn woken(&self) {
        pending().await
    }
}
