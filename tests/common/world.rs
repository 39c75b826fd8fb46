//! A world: its time, its server, its storage and the tabs that are open in it.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use futures::FutureExt;
use futures::executor::{LocalPool, LocalSpawner};
use futures::future::{AbortHandle, abortable};
use futures::task::LocalSpawnExt;
use tokenflight::client::Client;
use tokenflight::credential::Grant;
use tokenflight::millis::Millis;
use tokenflight::policy::Policy;
use tokenflight::record::Record;
use tokenflight::session::{Event, SignOut};

use super::clock::{VirtualClock, ms};
use super::driver;
use super::platform::{Fake, Locks, Seen, Shared, Surrounding};
use super::request::{Failure, Request, Response};
use super::server::Server;
use super::storage::{Storage, text};
use super::token::Token;

/// The setting of a test, before its first tab is opened.
pub struct Stage {
    policy: Policy,
    world: World,
}

/// It is cheap to clone, for what is to happen later on.
#[derive(Clone)]
pub struct World {
    pub clock: Rc<VirtualClock>,
    pub server: Rc<Server>,
    pub storage: Rc<Storage>,
    pub chance: Rc<Cell<f64>>,
    pool: Rc<RefCell<LocalPool>>,
    spawner: LocalSpawner,
    lock: Option<Rc<Locks>>,
    pub record: Rc<RefCell<Option<Record>>>,
    pub wall: Rc<Cell<Millis>>,
    /// True if each tab has a copy of the tokens.
    is_copied: bool,
}

impl Stage {
    /// Ann is signed in with `ann.1` and `ann~1`. A refresh takes 100 ms.
    pub fn signed_in() -> Self {
        let stage = Self::first_visit();
        let (access, refresh) = stage.world.server.sign_in("ann");
        stage.world.storage.put(Some(access), Some(refresh));
        stage
    }

    /// As [`Stage::signed_in`], but `ann.1` is accepted no more.
    pub fn expired() -> Self {
        let stage = Self::signed_in();
        stage.world.server.expire();
        stage
    }

    /// Nobody is signed in.
    pub fn first_visit() -> Self {
        let clock = Rc::new(VirtualClock::default());
        let server = Rc::new(Server::default());
        server.latency.set(ms(100));
        let storage = Rc::new(Storage::new(clock.clone()));
        let pool = LocalPool::new();
        let (spawner, pool) = (pool.spawner(), Rc::new(RefCell::new(pool)));
        let chance = Rc::new(Cell::new(0.5));
        let wall = Rc::new(Cell::new(ms(1_700_000_000_000)));
        let record = Rc::default();
        let world = World {
            clock,
            server,
            storage,
            chance,
            pool,
            spawner,
            lock: None,
            record,
            wall,
            is_copied: false,
        };
        Self { policy: Policy::default(), world }
    }

    pub fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    pub fn server(self, change: impl FnOnce(&Server)) -> Self {
        change(&self.world.server);
        self
    }

    /// Each read and each write takes so many milliseconds.
    pub fn slow_storage(self, milliseconds: u64) -> Self {
        self.world.storage.reading.set(Some(ms(milliseconds)));
        self.slow_writes(milliseconds)
    }

    /// Reads give what is there when they end.
    pub fn late_reads(self) -> Self {
        self.world.storage.reads_at_its_end.set(true);
        self
    }

    /// The storage is read at once, and each write takes so many milliseconds.
    pub fn slow_writes(self, milliseconds: u64) -> Self {
        self.world.storage.writing.set(Some(ms(milliseconds)));
        self
    }

    /// Tabs that are duplicated have copies of the tokens.
    pub fn copying_tabs(mut self) -> Self {
        self.world.is_copied = true;
        self.locking_tabs()
    }

    /// The tabs refresh one after the other.
    pub fn locking_tabs(mut self) -> Self {
        self.world.lock = Some(Rc::default());
        self
    }

    pub fn open(self) -> Tab {
        self.world.open_tab(Rc::new(self.policy))
    }
}

impl World {
    fn open_tab(&self, policy: Rc<Policy>) -> Tab {
        self.open_client(policy, Shared::new(&self.storage, &self.spawner))
    }

    fn open_client(&self, policy: Rc<Policy>, shared: Shared) -> Tab {
        let session = shared.session.clone();
        let record = if self.lock.is_some() { &self.record } else { &shared.record };
        let platform = Fake::new(Surrounding {
            clock: self.clock.clone(),
            server: self.server.clone(),
            storage: self.storage.clone(),
            spawner: self.spawner.clone(),
            tabs: self.lock.clone(),
            record: record.clone(),
            shared,
            wall: self.wall.clone(),
            chance: self.chance.clone(),
            is_copied: self.is_copied,
            seen: Seen::default(),
        });
        let client = Rc::new(Client { platform, shared: session, policy });
        Tab { client, world: self.clone() }
    }

    /// Runs until nothing is left to do.
    pub fn run(&self) {
        self.run_while(|_| true);
    }

    /// Runs up to so many milliseconds from the beginning.
    pub fn run_until(&self, milliseconds: u64) {
        self.run_while(|next| next <= milliseconds);
        self.clock.move_to(ms(milliseconds));
    }

    fn run_while(&self, is_wanted: impl Fn(u64) -> bool) {
        for _ in 0..100_000 {
            self.pool.borrow_mut().run_until_stalled();
            match self.clock.next() {
                Some(next) if is_wanted(next.into_raw() as u64) => self.clock.move_to(next),
                _ => return,
            }
        }
        panic!("it does not come to rest");
    }

    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        self.spawner.spawn_local(future).unwrap();
    }

    /// Does something so many milliseconds from now.
    pub fn after(&self, milliseconds: u64, act: impl FnOnce() + 'static) {
        let wait = self.clock.sleep(ms(milliseconds));
        self.spawn(async move {
            wait.await;
            act();
        });
    }
}

/// A page with a client.
#[derive(Clone)]
pub struct Tab {
    pub client: Rc<Client<Fake>>,
    pub world: World,
}

impl std::ops::Deref for Tab {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Tab {
    /// Another tab of the same world.
    pub fn another_tab(&self) -> Self {
        self.world.open_tab(self.client.policy.clone())
    }

    /// A tab with a copy of this one's tokens.
    pub fn duplicate(&self) -> Self {
        let storage = Rc::new(self.storage.copy());
        World { storage, ..self.world.clone() }.open_tab(self.client.policy.clone())
    }

    /// Another client in this tab.
    pub fn another_client(&self) -> Self {
        let shared = self.client.platform.shared.clone();
        self.world.open_client(self.client.policy.clone(), shared)
    }

    pub fn fetch(&self, request: Request) -> Call<Result<Response, Failure>> {
        self.call(driver::fetch(self.client.clone(), request))
    }

    pub fn refresh(&self) -> Call<Result<(), Failure>> {
        self.call(driver::refresh(self.client.clone()))
    }

    pub fn sign_out(&self) -> Call<()> {
        self.call(driver::sign_out(self.client.clone()))
    }

    /// The server and the application agree that `user` is signed in.
    pub fn sign_in(&self, user: &str) -> Call<()> {
        let (access, refresh) = self.server.sign_in(user);
        let grant = Grant { access, refresh: Some(refresh), expires_in: None };
        self.call(driver::sign_in(self.client.clone(), grant))
    }

    /// As [`Tab::sign_in`], by application code that writes the storage.
    pub fn write_sign_in(&self, user: &str) {
        let (access, refresh) = self.server.sign_in(user);
        self.storage.put(Some(access), Some(refresh));
    }

    pub fn call<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Call<T> {
        let outcome: Rc<RefCell<Option<(u64, T)>>> = Rc::default();
        let (settled, clock) = (outcome.clone(), self.clock.clone());
        let (work, handle) = abortable(async move {
            let result = future.await;
            settled.replace(Some((clock.elapsed(), result)));
        });
        self.spawn(work.map(|_| ()));
        Call { outcome, handle }
    }

    /// The tokens that `request` was sent with, in their order.
    pub fn sends(&self, request: &str) -> Vec<String> {
        let sends = self.client.platform.sends.borrow();
        let of_request = |send: &String| {
            send.split_once(' ').filter(|(name, _)| *name == request).map(|it| it.1.to_owned())
        };
        sends.iter().filter_map(of_request).collect()
    }

    /// The refresh tokens that the token server was asked with.
    pub fn refreshes(&self) -> Vec<String> {
        self.server.refreshes.borrow().clone()
    }

    pub fn events(&self) -> Vec<String> {
        self.client.platform.events.borrow().iter().map(event_text).collect()
    }

    pub fn listen(&self, listener: impl Fn(&Event<Token, Failure>) + 'static) {
        self.client.platform.listener.replace(Some(Box::new(listener)));
    }

    pub fn has_flight(&self) -> bool {
        self.client.shared.flight.under_way().is_some()
    }
}

fn event_text(event: &Event<Token, Failure>) -> String {
    match event {
        Event::TokenRefreshed(token) => format!("tokenRefreshed {}", text(Some(token))),
        Event::SignedOut(SignOut::Refused) => "signedOut refused".to_owned(),
        Event::SignedOut(SignOut::Asked) => "signedOut asked".to_owned(),
        Event::RefreshUnavailable(_) => "refreshUnavailable".to_owned(),
        Event::SessionChanged => "sessionChanged".to_owned(),
    }
}

/// A call that is under way.
pub struct Call<T> {
    outcome: Rc<RefCell<Option<(u64, T)>>>,
    handle: AbortHandle,
}

impl<T> Call<T> {
    /// Drops its future, as a caller does who has lost interest.
    pub fn drop_future(&self) {
        self.handle.abort();
    }

    pub fn is_settled(&self) -> bool {
        self.outcome.borrow().is_some()
    }

    /// The moment in which it settled, in milliseconds.
    pub fn settled_at(&self) -> u64 {
        self.outcome.borrow().as_ref().expect("the call has not settled").0
    }
}

impl<T: Clone> Call<T> {
    pub fn outcome(&self) -> T {
        self.outcome.borrow().as_ref().expect("the call has not settled").1.clone()
    }
}

impl<T> Call<Result<T, Failure>>
where
    T: Clone + std::fmt::Debug,
{
    pub fn failure(&self) -> Failure {
        self.outcome().expect_err("the call was to fail")
    }
}

impl Call<Result<Response, Failure>> {
    /// The status, and the token that the answer is for: `200 ann.2`.
    pub fn answer(&self) -> String {
        let response = self.outcome().unwrap_or_else(|failure| panic!("it failed: {failure:?}"));
        format!("{} {}", response.status, response.token)
    }
}
