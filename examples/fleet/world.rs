//! The fleet, its clock and its users.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::FutureExt;
use futures::executor::{LocalPool, LocalSpawner};
use futures::task::LocalSpawnExt;
use tokenflight::millis::Millis;

use super::chance::Chance;
use super::clock::{VirtualClock, ms};
use super::handwritten::Handwritten;
use super::member;
use super::servers::{Servers, Token};

/// The policy that decides in the browsers.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Tokenflight,
    /// The usual axios interceptor: a 401 refreshes, and any failure signs out.
    Interceptor,
    /// Outages sign nobody out; whoever needs a token asks at once.
    NoBackoff,
    /// Tries again after 300 ms, doubling up to a minute, at the same times everywhere.
    Exponential,
}

impl Kind {
    pub const ALL: [Self; 4] =
        [Self::Tokenflight, Self::Interceptor, Self::NoBackoff, Self::Exponential];

    pub fn name(self) -> &'static str {
        match self {
            Self::Tokenflight => "tokenflight",
            Self::Interceptor => "usual interceptor",
            Self::NoBackoff => "no backoff",
            Self::Exponential => "exponential, no jitter",
        }
    }
}

#[derive(Clone, Copy)]
pub struct Setting {
    pub kind: Kind,
    pub clients: u32,
    /// How long access tokens live.
    pub lifetime: Millis,
    /// Refreshes that the server can do in a second.
    pub capacity: f64,
    /// True if all first tokens were issued at the same moment.
    pub is_issued_at_once: bool,
    /// Draws the chances of a run.
    pub seed: u64,
}

/// How often a tab that is in use asks the api for something, on average.
const PAUSE: f64 = 20_000.0;

/// The results of the users' requests.
#[derive(Default)]
pub struct Seen {
    /// When a request of somebody failed last, though he was not signed out.
    pub last_failure: Cell<Millis>,
    pub failures: Cell<u32>,
    pub signed_out: RefCell<Vec<bool>>,
}

pub struct World {
    pub clock: Rc<VirtualClock>,
    pub servers: Rc<Servers>,
    pub chance: Rc<Chance>,
    pub spawner: LocalSpawner,
    pub seen: Seen,
    pub setting: Setting,
    pool: RefCell<LocalPool>,
}

/// One browser: what its tabs have in common.
pub struct Browser {
    pub user: u32,
    pub access: RefCell<Option<Token>>,
    pub refresh: RefCell<Option<Token>>,
}

/// How a request of a user's ended.
pub enum Ended {
    Fine,
    Failed,
    SignedOut,
}

impl World {
    pub fn new(setting: Setting) -> Rc<Self> {
        let clock = Rc::new(VirtualClock::default());
        // Long enough for tokens that were issued before.
        clock.move_to(setting.lifetime);
        let servers =
            Servers::new(clock.clone(), setting.clients, setting.capacity, setting.lifetime);
        let pool = LocalPool::new();
        let seen = Seen {
            signed_out: RefCell::new(vec![false; setting.clients as usize]),
            ..Seen::default()
        };
        let world = Rc::new(Self {
            clock,
            servers: Rc::new(servers),
            chance: Rc::new(Chance::new(setting.seed)),
            spawner: pool.spawner(),
            seen,
            setting,
            pool: RefCell::new(pool),
        });
        (0..setting.clients).for_each(|user| world.open_browser(user));
        world
    }

    /// Six browsers of ten have one tab, three have two, one has three.
    fn open_browser(self: &Rc<Self>, user: u32) {
        let age = match self.setting.is_issued_at_once {
            true => Millis::ZERO,
            false => self.setting.lifetime * self.chance.fraction(),
        };
        let (access, refresh) = self.servers.first_tokens(user, age);
        let (access, refresh) = (RefCell::new(Some(access)), RefCell::new(Some(refresh)));
        let browser = Rc::new(Browser { user, access, refresh });
        let tabs = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][user as usize % 10];
        match self.setting.kind {
            Kind::Tokenflight => member::open(self, &browser, tabs),
            _ => (0..tabs).for_each(|_| Handwritten::open(self, &browser)),
        }
    }

    /// Lets a user work in a tab: requests at random times, each by `send`.
    pub fn work<F>(self: &Rc<Self>, browser: &Rc<Browser>, send: impl Fn() -> F + 'static)
    where
        F: Future<Output = Ended> + 'static,
    {
        let (world, user) = (self.clone(), browser.user as usize);
        self.spawn(async move {
            loop {
                world.pause().await;
                if world.seen.signed_out.borrow()[user] {
                    return;
                }
                match send().await {
                    Ended::Fine => {}
                    Ended::Failed => {
                        world.seen.failures.set(world.seen.failures.get() + 1);
                        world.seen.last_failure.set(world.clock.now());
                    }
                    Ended::SignedOut => world.seen.signed_out.borrow_mut()[user] = true,
                }
            }
        });
    }

    async fn pause(&self) {
        let pause = -PAUSE * (1.0 - self.chance.fraction()).ln();
        self.clock.sleep(Millis::from_raw(pause)).await;
    }

    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        self.spawner
            .spawn_local(future.boxed_local())
            .expect("the pool lives as long as the world");
    }

    /// Does something so long after the beginning.
    pub fn at(self: &Rc<Self>, time: Millis, act: impl FnOnce(&Servers) + 'static) {
        let (wait, servers) = (self.clock.sleep(time), self.servers.clone());
        self.spawn(async move {
            wait.await;
            act(&servers);
        });
    }

    /// Runs for so long.
    pub fn run(&self, lasts: Millis) {
        let end = self.setting.lifetime + lasts;
        loop {
            self.pool.borrow_mut().run_until_stalled();
            match self.clock.next() {
                Some(next) if next <= end => self.clock.move_to(next),
                _ => return,
            }
        }
    }

    /// The time since the beginning.
    pub fn since_start(&self, moment: Millis) -> Millis {
        moment - self.setting.lifetime
    }

    /// The api's answer to one attempt.
    pub async fn api(&self, token: Option<&Token>) -> bool {
        let is_fine = self.servers.accepts(token);
        self.clock.sleep(ms(30)).await;
        is_fine
    }
}
