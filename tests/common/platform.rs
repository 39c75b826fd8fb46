//! The platform of the tests.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::executor::LocalSpawner;
use futures::future::{Either, LocalBoxFuture, pending, select};
use futures::lock::{Mutex, OwnedMutexGuard};
use futures::task::LocalSpawnExt;
use tokenflight::error::Error;
use tokenflight::flight::Flight;
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Judgement};
use tokenflight::record::Record;
use tokenflight::session::{Event, SignOut};
use tokenflight::shared::{Landing, SharedSession};
use tokenflight::task::{Platform, Slot, Task};
use tokenflight::values::{Guard, Note, Surroundings, Values};

use super::clock::VirtualClock;
use super::driver::{self, Epochs, Mirror, Ports, Reading};
use super::request::{Failure, Request, Response};
use super::server::{Reply, Server};
use super::storage::{Storage, text};
use super::token::Token;

type Listener = Box<dyn Fn(&Event<Token, Failure>)>;

/// The lock of each generation.
#[derive(Default)]
pub struct Locks(RefCell<BTreeMap<u32, Arc<Mutex<()>>>>);

impl Locks {
    pub fn of(&self, generation: u32) -> Arc<Mutex<()>> {
        self.0.borrow_mut().entry(generation).or_default().clone()
    }
}

/// The lock, held by a page that may be put away.
pub struct Held {
    lock: Rc<RefCell<Option<OwnedMutexGuard<()>>>>,
}

impl Guard for Held {
    fn is_held(&self) -> bool {
        self.lock.borrow().is_some()
    }
}

/// The state of the page: visible and online, or dormant; and the futures that wait for the user.
#[derive(Default)]
pub struct Presence {
    pub is_dormant: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Presence {
    pub fn wake(&self) {
        self.is_dormant.set(false);
        for waiting in self.waiting.take() {
            waiting.send(()).ok();
        }
    }
}

/// The state that all clients of one tab share.
#[derive(Clone)]
pub struct Shared {
    pub session: Rc<SharedSession<Fake>>,
    /// Without a lock, each tab has a record of its own.
    pub record: Rc<RefCell<Option<Record>>>,
    epochs: Epochs,
    mirror: Rc<Mirror<Token>>,
}

impl Shared {
    pub fn new(storage: &Rc<Storage>, spawner: &LocalSpawner) -> Self {
        let session = Rc::new(SharedSession::new());
        let (reads, writes, spawner) = (storage.clone(), storage.clone(), spawner.clone());
        let mirror = Mirror::new(
            Box::new(move |slot| reads.read(slot)),
            Box::new(move |slot, token: Option<Token>| writes.write(slot, token.as_ref())),
            Box::new(move |work| spawn(&spawner, work)),
        );
        Self { epochs: Epochs::of(&session), session, record: Rc::default(), mirror }
    }
}

/// One client's platform. Its storage, servers and clock are the world's. It is cheap to clone.
#[derive(Clone)]
pub struct Fake(Rc<Surrounding>);

pub struct Surrounding {
    pub clock: Rc<VirtualClock>,
    pub server: Rc<Server>,
    pub storage: Rc<Storage>,
    pub spawner: LocalSpawner,
    /// Common to the tabs; without it, each tab is on its own.
    pub tabs: Option<Rc<Locks>>,
    /// The record that the tabs leave for each other.
    pub record: Rc<RefCell<Option<Record>>>,
    pub shared: Shared,
    /// How far the wall clock is ahead of the clock.
    pub wall: Rc<Cell<Millis>>,
    pub chance: Rc<Cell<f64>>,
    pub is_copied: bool,
    pub seen: Seen,
}

/// Observations that a test looks at, and settings that it may change.
#[derive(Default)]
pub struct Seen {
    pub logins: RefCell<Vec<SignOut>>,
    /// True if the page is a login page, which is not navigated away from.
    pub is_login_page: Cell<bool>,
    /// The access and the refresh token of each sign-out that the server was told of.
    pub sign_outs: RefCell<Vec<[String; 2]>>,
    pub presence: Rc<Presence>,
    /// Every request that was sent, with its token: `a ann.1`.
    pub sends: RefCell<Vec<String>>,
    pub events: RefCell<Vec<Event<Token, Failure>>>,
    pub listener: RefCell<Option<Listener>>,
    pub notes: RefCell<Vec<String>>,
    held: RefCell<Weak<RefCell<Option<OwnedMutexGuard<()>>>>>,
    failures: Cell<u32>,
    /// The duration of `is_unauthorized`.
    pub judging: Cell<Option<Millis>>,
    /// How long it takes to get the record, and then to hear that it is stored.
    pub recording: Cell<Option<Millis>>,
}

impl Deref for Fake {
    type Target = Surrounding;

    fn deref(&self) -> &Surrounding {
        &self.0
    }
}

impl Deref for Surrounding {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

impl Fake {
    pub fn new(surrounding: Surrounding) -> Self {
        Self(Rc::new(surrounding))
    }

    /// Runs when the code that runs now is through.
    fn later(&self, act: impl FnOnce(&Self) + 'static) {
        let platform = self.clone();
        spawn(&self.spawner, async move { act(&platform) }.boxed_local());
    }

    async fn take(&self, time: &Cell<Option<Millis>>) {
        if let Some(time) = time.get() {
            self.clock.sleep(time).await;
        }
    }

    /// The page is put away: the lock is let go.
    pub fn hide(&self) {
        if let Some(lock) = self.held.borrow().upgrade() {
            lock.take();
        }
    }
}

fn spawn(spawner: &LocalSpawner, future: LocalBoxFuture<'static, ()>) {
    spawner.spawn_local(future).expect("the pool lives as long as the test");
}

impl Values for Fake {
    type Token = Token;
    type Request = Request;
    type Response = Response;
    type Failure = Failure;
    type Guard = Held;
}

impl Surroundings for Fake {
    fn now(&self) -> Millis {
        self.clock.now()
    }

    fn wall_clock(&self) -> Millis {
        self.wall.get() + self.clock.now()
    }

    fn random(&self) -> f64 {
        self.chance.get()
    }

    fn is_record_shared(&self) -> bool {
        self.tabs.is_some()
    }

    fn is_storage_copied(&self) -> bool {
        self.is_copied
    }

    fn failure(&self, error: Error<Failure>) -> Failure {
        self.failures.set(self.failures.get() + 1);
        Failure::Own(self.failures.get(), Rc::new(error))
    }

    fn may_replay(&self, request: &Request) -> bool {
        request.replayable
    }

    fn is_optional(&self, request: &Request) -> bool {
        request.optional
    }

    fn announce(&self, event: Event<Token, Failure>) {
        self.later(|platform| {
            if let Some(listener) = &*platform.listener.borrow() {
                listener(&event);
            }
            platform.events.borrow_mut().push(event);
        });
    }

    fn go_to_login(&self, why: SignOut) -> bool {
        if self.is_login_page.get() {
            return false;
        }
        self.later(move |platform| platform.logins.borrow_mut().push(why));
        true
    }

    fn tell_sign_out(&self, access: Option<&Token>, refresh: Option<&Token>) {
        let shown = |token: Option<&Token>| token.map_or("-".to_owned(), |token| token.0.clone());
        self.seen.sign_outs.borrow_mut().push([shown(access), shown(refresh)]);
    }

    fn trace(&self, note: Note<'_, Self>) {
        self.notes.borrow_mut().push(format!("{note:?}"));
    }
}

impl Platform for Fake {
    fn read(&self, slot: Slot) -> Option<Token> {
        if self.is_slow() {
            return self.shared.mirror.read(slot);
        }
        match self.storage.read(slot) {
            Reading::Now(token) => token,
            Reading::Later(_) => unreachable!("a storage that is not slow answers at once"),
        }
    }

    fn write(&self, slot: Slot, token: Option<&Token>) {
        match self.is_slow() {
            true => self.shared.mirror.write(slot, token.cloned()),
            false => drop(self.storage.write(slot, token)),
        }
    }

    fn is_slow(&self) -> bool {
        self.storage.is_slow()
    }

    /// In a task of its own: a `refresh` function that waits for the flight it is part of would
    /// otherwise be woken by its own waker, which `Shared` answers with a deadlock.
    fn launch(&self, refresh: Box<dyn Task<Self>>) -> LocalBoxFuture<'static, Landing<Self>> {
        let (landed, landing) = oneshot::channel();
        let work = driver::landing(self.clone(), refresh);
        // Where nobody waits any more, the tokens are stored all the same.
        spawn(&self.spawner, work.map(|landing| drop(landed.send(landing))).boxed_local());
        landing.map(|landing| landing.unwrap_or(Landing::Superseded)).boxed_local()
    }

    fn see_through(&self, flight: Flight<Landing<Self>>, landed: Box<dyn FnOnce(Landing<Self>)>) {
        spawn(&self.spawner, flight.map(landed).boxed_local());
    }

    fn spawn(&self, task: Box<dyn Task<Self>>) {
        spawn(&self.spawner, driver::drive(self.clone(), task).map(drop).boxed_local());
    }
}

impl Ports for Fake {
    async fn storage(&self) {
        self.shared.mirror.sync().await;
    }

    async fn written(&self) {
        if self.is_slow() {
            self.shared.mirror.flush().await;
        }
    }

    async fn sleep(&self, duration: Millis) {
        self.clock.sleep(duration).await;
    }

    fn lock(&self, generation: u32) -> LocalBoxFuture<'static, Option<Held>> {
        let platform = self.clone();
        Box::pin(async move {
            let lock = platform.tabs.as_ref()?.of(generation).lock_owned().await;
            let lock = Rc::new(RefCell::new(Some(lock)));
            platform.held.replace(Rc::downgrade(&lock));
            Some(Held { lock })
        })
    }

    async fn next_epoch(&self) {
        self.shared.epochs.next().await;
    }

    fn exclusively<'a>(
        &'a self,
        act: &'a mut dyn FnMut(&mut Option<Record>),
    ) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move {
            self.take(&self.recording).await;
            act(&mut self.record.borrow_mut());
            self.take(&self.recording).await;
        })
    }

    fn refresh(&self, spent: Option<Token>) -> LocalBoxFuture<'static, Answer<Token, Failure>> {
        let latency = self.clock.sleep(self.server.latency.get());
        let server = self.server.clone();
        Box::pin(async move {
            // The refresh takes effect on the server before its answer has arrived.
            let reply = server.refresh(spent.as_ref());
            latency.await;
            match reply {
                Reply::Answer(answer) => answer,
                Reply::Function(function) => function().await,
                Reply::Never | Reply::Lost => pending().await,
            }
        })
    }

    async fn send(&self, request: &Request, token: Option<&Token>) -> Result<Response, Failure> {
        self.sends.borrow_mut().push(format!("{} {}", request.name, text(token)));
        let is_fine = request.public || request.forbidden.is_none() && self.server.accepts(token);
        let status = match request.first_status.filter(|_| !request.is_sent()) {
            Some(status) => status,
            None if is_fine => 200,
            None => request.forbidden.unwrap_or(401),
        };
        let latency = self.clock.sleep(request.next_latency());
        match select(self.aborted(request).boxed_local(), latency).await {
            Either::Left((reason, _)) => Err(reason),
            Either::Right(_) => Ok(Response { status, token: text(token) }),
        }
    }

    async fn judge(&self, response: &Response) -> Judgement {
        self.take(&self.judging).await;
        match response.status {
            // As an `isUnauthorized` of the application may say of a 403.
            401 | 403 => Judgement::Unauthorized,
            425 => Judgement::Replay,
            _ => Judgement::Accepted,
        }
    }

    async fn aborted(&self, request: &Request) -> Failure {
        request.aborted().await
    }

    fn is_dormant(&self) -> bool {
        self.presence.is_dormant.get()
    }

    async fn woken(&self) {
        let (wake, woken) = oneshot::channel();
        self.presence.waiting.borrow_mut().push(wake);
        woken.await.ok();
    }
}
