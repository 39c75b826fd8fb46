//! A world: its time, its servers, its storage and the tabs that are open in it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use super::acts::Acts;
use super::agenda::{Agenda, Happening, Time};
use super::asks::Asks;
use super::calls::Call;
use super::chance::Chance;
use super::counts::{Counts, Kind};
use super::locks::Locks;
use super::records::Records;
use super::server::Server;
use super::setting::Setting;
use super::storage::Storage;
use super::tab::{Tab, TabId};
use super::tasks::Tasks;

/// More steps than that are a loop.
const MOST_STEPS: u32 = 200_000;

/// An invariant that does not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    pub invariant: u32,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "breaks invariant {}: {}", self.invariant, self.what)
    }
}

pub struct World {
    pub setting: Setting,
    pub chance: Chance,
    pub agenda: Agenda,
    pub tasks: Tasks,
    pub tabs: RefCell<Vec<Rc<Tab>>>,
    pub storage: Storage,
    pub locks: Locks,
    pub records: Records,
    pub server: Server,
    pub asks: Asks,
    pub acts: Acts,
    pub calls: RefCell<Vec<Call>>,
    pub requests: Cell<usize>,
    pub longest_call: Cell<Time>,
    pub is_offline: Cell<bool>,
    /// How many milliseconds the wall clock is ahead of the true time.
    pub wall_is_ahead: Cell<i64>,
    pub has_wall_jumped: Cell<bool>,
    pub is_healed: Cell<bool>,
    /// App code has removed an access token alone.
    pub has_half: Cell<bool>,
    /// A flight has stored its tokens over those that app code had just written, or has
    /// removed them.
    pub has_raced: Cell<bool>,
    /// The application has stored newer tokens of a session that had ended elsewhere.
    pub has_revived: Cell<bool>,
    /// A write of a tab to a slow storage came after one that another tab had made meanwhile.
    pub has_mixed: Cell<bool>,
    pub counts: Counts,
    pub violation: RefCell<Option<Violation>>,
    steps: Cell<u32>,
    trace: Option<RefCell<Vec<String>>>,
}

impl World {
    pub fn new(seed: u64, is_traced: bool) -> Rc<Self> {
        let chance = Chance::new(seed);
        let setting = Setting::drawn(&chance);
        let server =
            Server::new(setting.rotation, setting.has_cookies, setting.is_opaque, setting.lifetime);
        let storage = Storage::new(setting.medium);
        Rc::new(Self {
            setting,
            chance,
            agenda: Agenda::default(),
            tasks: Tasks::default(),
            tabs: RefCell::default(),
            storage,
            locks: Locks::default(),
            records: Records::default(),
            server,
            asks: Asks::default(),
            acts: Acts::default(),
            calls: RefCell::default(),
            requests: Cell::new(0),
            longest_call: Cell::new(0),
            is_offline: Cell::new(false),
            wall_is_ahead: Cell::new(0),
            has_wall_jumped: Cell::new(false),
            is_healed: Cell::new(false),
            has_half: Cell::new(false),
            has_raced: Cell::new(false),
            has_revived: Cell::new(false),
            has_mixed: Cell::new(false),
            counts: Counts::default(),
            violation: RefCell::default(),
            steps: Cell::new(0),
            trace: is_traced.then(RefCell::default),
        })
    }

    pub fn now(&self) -> Time {
        self.agenda.now()
    }

    /// Does something at `at`; where it is a tab's, only while that runs.
    pub fn at(&self, at: Time, tab: Option<TabId>, deed: impl FnOnce(&Rc<Self>) + 'static) {
        self.agenda.put(at, self.chance.next(), tab, Happening::Deed(Box::new(deed)));
    }

    /// Goes on until `limit`, or until nothing is left to do.
    pub fn run(self: &Rc<Self>, limit: Time) {
        while self.violation.borrow().is_none() {
            self.steps.set(self.steps.get() + 1);
            if self.steps.get() > MOST_STEPS {
                return self.violate(3, "it does not come to rest".to_owned());
            }
            if let Some((task, tab)) = self.tasks.take_ready(&self.chance) {
                match self.is_frozen(tab) {
                    true => self.park(tab, task),
                    false => self.tasks.run(task),
                }
                continue;
            }
            let Some(entry) = self.agenda.take_next(limit) else {
                return;
            };
            if let Some(tab) = entry.tab {
                if self.tab(tab).is_dead.get() {
                    continue;
                }
                if self.is_frozen(tab) {
                    self.defer(tab, entry);
                    continue;
                }
            }
            match entry.what {
                Happening::Timer(timer) => timer.fire(),
                Happening::Deed(deed) => deed(self),
                Happening::Delivery { writer } => {
                    entry.tab.into_iter().for_each(|tab| self.storage.deliver(self, writer, tab));
                }
            }
        }
    }

    pub fn count(&self, kind: Kind) {
        self.counts.add(kind);
    }

    pub fn violate(&self, invariant: u32, what: String) {
        self.trace(None, || format!("INVARIANT {invariant}: {what}"));
        let what = format!("{what} ({})", self.setting.summary());
        self.violation.borrow_mut().get_or_insert(Violation { invariant, what });
    }

    pub fn trace(&self, tab: Option<TabId>, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let who = tab.map_or_else(|| "      ".to_owned(), |tab| format!("tab {tab} "));
            let time = self.now() as f64 / 1_000.0;
            trace.borrow_mut().push(format!("{time:>12.3} ms  {who} {}", line()));
        }
    }

    pub fn take_trace(&self) -> Vec<String> {
        self.trace.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Lets go of everything: its parts hold on to each other.
    pub fn end(&self) {
        self.tasks.clear();
        self.agenda.clear();
        self.records.clear();
        self.locks.clear();
        self.asks.clear();
        let tabs = self.tabs.take();
        for tab in tabs {
            tab.clients.take();
        }
    }
}
