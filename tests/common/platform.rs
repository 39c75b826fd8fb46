//! The platform of the tests, behind the ports of the driver.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::executor::LocalSpawner;
use futures::future::{Either, LocalBoxFuture, pending, select};
use futures::lock::{Mutex, OwnedMutexGuard};
use futures::task::LocalSpawnExt;
use tokenflight::error::Error;
use tokenflight::handover::Record;
use tokenflight::policy::Answer;
use tokenflight::ports::{
    self, Act, Clock, HandOver, Note, Observer, Reading, Refresher, Slot, Spawn, TabLock,
    TokenStore, Transport, Values,
};
use tokenflight::session::{Event, SignOut};

use super::clock::{VirtualClock, ms};
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

impl ports::Guard for Held {
    fn is_held(&self) -> bool {
        self.lock.borrow().is_some()
    }
}

/// Whether somebody is there.
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

/// One tab. Its storage, servers and clock are the world's.
pub struct Fake {
    pub clock: Rc<VirtualClock>,
    pub server: Rc<Server>,
    pub storage: Rc<Storage>,
    pub spawner: LocalSpawner,
    /// Common to the tabs; without it, each tab is on its own.
    pub tabs: Option<Rc<Locks>>,
    /// What the tabs leave each other; without a lock, each tab has its own.
    pub record: Rc<RefCell<Option<Record>>>,
    /// How far the wall clock is ahead of the clock.
    pub wall: Rc<Cell<Duration>>,
    pub logins: RefCell<Vec<SignOut>>,
    pub presence: Rc<Presence>,
    pub chance: Rc<Cell<f64>>,
    /// Every request that was sent, with its token: `a ann.1`.
    pub sends: RefCell<Vec<String>>,
    pub events: RefCell<Vec<Event<Token, Failure>>>,
    pub listener: RefCell<Option<Listener>>,
    pub notes: RefCell<Vec<String>>,
    held: RefCell<Weak<RefCell<Option<OwnedMutexGuard<()>>>>>,
    failures: Cell<u32>,
    /// What `is_unauthorized` takes.
    pub judging: Cell<Option<Duration>>,
}

impl Fake {
    pub fn new(
        clock: Rc<VirtualClock>,
        server: Rc<Server>,
        storage: Rc<Storage>,
        spawner: LocalSpawner,
        chance: Rc<Cell<f64>>,
    ) -> Self {
        Self {
            clock,
            server,
            storage,
            spawner,
            tabs: None,
            record: Rc::default(),
            wall: Rc::new(Cell::new(ms(1_700_000_000_000))),
            logins: RefCell::default(),
            presence: Rc::default(),
            chance,
            sends: RefCell::default(),
            events: RefCell::default(),
            listener: RefCell::default(),
            notes: RefCell::default(),
            held: RefCell::default(),
            failures: Cell::default(),
            judging: Cell::default(),
        }
    }
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

impl Values for Fake {
    type Token = Token;
    type Request = Request;
    type Response = Response;
    type Failure = Failure;
}

impl Transport for Fake {
    async fn send(&self, request: &Request, token: Option<&Token>) -> Result<Response, Failure> {
        self.sends.borrow_mut().push(format!("{} {}", request.name, text(token)));
        let status = match request.public || !request.forbidden && self.server.accepts(token) {
            true => 200,
            false => 401,
        };
        let latency = self.clock.sleep(request.next_latency());
        match select(self.aborted(request).boxed_local(), latency).await {
            Either::Left((reason, _)) => Err(reason),
            Either::Right(_) => Ok(Response { status, token: text(token) }),
        }
    }

    async fn is_unauthorized(&self, response: &Response) -> bool {
        if let Some(duration) = self.judging.get() {
            self.clock.sleep(duration).await;
        }
        response.status == 401
    }

    async fn aborted(&self, request: &Request) -> Failure {
        request.aborted().await
    }

    fn may_replay(&self, request: &Request) -> bool {
        request.replayable
    }
}

impl Refresher for Fake {
    fn refresh(&self, spent: Option<Token>) -> LocalBoxFuture<'static, Answer<Token, Failure>> {
        let latency = self.clock.sleep(self.server.latency.get());
        let server = self.server.clone();
        Box::pin(async move {
            // What the server does with it is done before its answer has arrived.
            let reply = server.refresh(spent.as_ref());
            latency.await;
            match reply {
                Reply::Answer(answer) => answer,
                Reply::Function(function) => function().await,
                Reply::Never | Reply::Lost => pending().await,
            }
        })
    }
}

impl TokenStore for Fake {
    fn read(&self, slot: Slot) -> Reading<Option<Token>> {
        self.storage.read(slot)
    }

    fn answers_at_once(&self) -> bool {
        self.storage.reading.get().is_none() && self.storage.writing.get().is_none()
    }

    fn write(&self, slot: Slot, token: Option<&Token>) -> Reading<()> {
        self.storage.write(slot, token)
    }
}

impl TabLock for Fake {
    type Guard = Held;

    async fn lock(&self, generation: u32) -> Option<Held> {
        let lock = self.tabs.as_ref()?.of(generation).lock_owned().await;
        let lock = Rc::new(RefCell::new(Some(lock)));
        self.held.replace(Rc::downgrade(&lock));
        Some(Held { lock })
    }
}

impl HandOver for Fake {
    fn exclusively<'a>(&'a self, act: Act<'a>) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move { act(&mut self.record.borrow_mut()) })
    }

    fn is_common(&self) -> bool {
        self.tabs.is_some()
    }
}

impl ports::Presence for Fake {
    fn is_dormant(&self) -> bool {
        self.presence.is_dormant.get()
    }

    async fn woken(&self) {
        let (wake, woken) = oneshot::channel();
        self.presence.waiting.borrow_mut().push(wake);
        woken.await.ok();
    }
}

impl Fake {
    /// The page is put away: the lock is let go.
    pub fn hide(&self) {
        if let Some(lock) = self.held.borrow().upgrade() {
            lock.take();
        }
    }
}

impl Clock for Fake {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn wall_clock(&self) -> Duration {
        self.wall.get() + self.clock.now()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> {
        self.clock.sleep(duration)
    }

    fn random(&self) -> f64 {
        self.chance.get()
    }
}

impl Spawn for Fake {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.spawner.spawn_local(future).expect("the pool lives as long as the test");
    }
}

impl Observer for Fake {
    fn announce(&self, event: Event<Token, Failure>) {
        if let Some(listener) = &*self.listener.borrow() {
            listener(&event);
        }
        self.events.borrow_mut().push(event);
    }

    fn lead_to_login(&self, why: SignOut) {
        self.logins.borrow_mut().push(why);
    }

    fn failure(&self, error: Error<Failure>) -> Failure {
        self.failures.set(self.failures.get() + 1);
        Failure::Own(self.failures.get(), Rc::new(error))
    }

    fn trace(&self, note: Note<'_, Self>) {
        self.notes.borrow_mut().push(format!("{note:?}"));
    }
}
