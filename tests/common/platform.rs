//! The platform of the tests, behind the ports of the driver.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::executor::LocalSpawner;
use futures::future::{Either, LocalBoxFuture, pending, select};
use futures::lock::{Mutex, OwnedMutexGuard};
use futures::task::LocalSpawnExt;
use tokenflight::error::Error;
use tokenflight::policy::Answer;
use tokenflight::ports::{
    Clock, Note, Observer, Reading, Refresher, Slot, Spawn, TabLock, TokenStore, Transport, Values,
};
use tokenflight::session::Event;

use super::clock::VirtualClock;
use super::request::{Failure, Request, Response};
use super::server::{Reply, Server};
use super::storage::{Storage, text};
use super::token::Token;

type Listener = Box<dyn Fn(&Event<Token, Failure>)>;

/// One tab. Its storage, servers and clock are the world's.
pub struct Fake {
    pub clock: Rc<VirtualClock>,
    pub server: Rc<Server>,
    pub storage: Rc<Storage>,
    pub spawner: LocalSpawner,
    /// Common to the tabs; without it, each tab is on its own.
    pub tabs: Option<std::sync::Arc<Mutex<()>>>,
    pub chance: Rc<Cell<f64>>,
    /// Every request that was sent, with its token: `a ann.1`.
    pub sends: RefCell<Vec<String>>,
    pub events: RefCell<Vec<Event<Token, Failure>>>,
    pub listener: RefCell<Option<Listener>>,
    pub notes: RefCell<Vec<String>>,
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
            chance,
            sends: RefCell::default(),
            events: RefCell::default(),
            listener: RefCell::default(),
            notes: RefCell::default(),
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
        let status = match !request.forbidden && self.server.accepts(token) {
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

    fn write(&self, slot: Slot, token: Option<&Token>) -> Reading<()> {
        self.storage.write(slot, token)
    }
}

impl TabLock for Fake {
    type Guard = Option<OwnedMutexGuard<()>>;

    async fn lock(&self) -> Self::Guard {
        match &self.tabs {
            Some(tabs) => Some(tabs.clone().lock_owned().await),
            None => None,
        }
    }
}

impl Clock for Fake {
    fn now(&self) -> Duration {
        self.clock.now()
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

    fn failure(&self, error: Error<Failure>) -> Failure {
        self.failures.set(self.failures.get() + 1);
        Failure::Own(self.failures.get(), Rc::new(error))
    }

    fn trace(&self, note: Note<'_, Self>) {
        self.notes.borrow_mut().push(format!("{note:?}"));
    }
}
