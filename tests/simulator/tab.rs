//! A tab: its clients, and what has become of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use tokenflight::client::Client;
use tokenflight::millis::Millis;
use tokenflight::session::Epoch;
use tokenflight::shared::SharedSession;

use super::agenda::{Entry, Happening, MS, Time};
use super::counts::Kind;
use super::driver::{self, Epochs};
use super::page::Page;
use super::setting::Sharing;
use super::token::Token;
use super::world::World;

pub type TabId = usize;

#[derive(Default)]
pub struct Tab {
    pub clients: RefCell<Vec<Rc<Client<Page>>>>,
    pub is_dead: Cell<bool>,
    pub is_frozen: Cell<bool>,
    /// The tasks that were woken while it was frozen, and the events of that time.
    parked: RefCell<Vec<usize>>,
    deferred: RefCell<Vec<Entry>>,
    pub frozen_since: Cell<Time>,
    pub is_dormant: Cell<bool>,
    pub wakes: Cell<u32>,
    pub sleepers: RefCell<Vec<Waker>>,
    /// The tasks of `autoRefresh`.
    pub keepers: RefCell<Vec<usize>>,
    /// The number of refreshes that it has sent.
    pub asks: Cell<u32>,
    /// How many it had sent when its last flight began.
    pub asks_before: Cell<u32>,
    /// The tokens that were answered with 401.
    pub refused: RefCell<Vec<Option<Token>>>,
    /// How many calls by hand want another token now.
    pub by_hand: Cell<u32>,
    /// How many sign-ins and sign-outs of its own are not through.
    pub changing: Cell<u32>,
    /// How many there have been.
    pub changes: Cell<u32>,
    /// How many sessions it has begun or ended, or gone on with.
    pub moves: Cell<u32>,
    /// How many refusals it has been told of and not announced.
    pub refusals: Cell<u32>,
    /// Until when it said that it would not ask.
    pub cool_until: Cell<Time>,
    /// When it was woken or thawed last, or asked to refresh by hand.
    pub woken_at: Cell<Time>,
    /// The epoch that it said so in: another token says that the server is well again.
    pub cool_epoch: Cell<Epoch>,
}

impl World {
    /// Opens a tab with so many clients; where tabs are copies, of one that lives.
    pub fn open_tab(self: &Rc<Self>, clients: usize, is_blocked: bool) -> TabId {
        let id = self.tabs.borrow().len();
        match self.setting.sharing {
            _ if is_blocked => self.storage.open_blocked(),
            Sharing::Tokens => self.storage.open(0),
            Sharing::RefreshToken => self.storage.open(id % 2),
            Sharing::Copies => {
                let tabs = self.live_tabs();
                let of = (!tabs.is_empty()).then(|| self.chance.pick(&tabs));
                self.trace(Some(id), || format!("is a copy of {of:?}"));
                self.storage.open_copy(of);
            }
        }
        self.records.open_tab();
        let tab = Rc::new(Tab::default());
        self.tabs.borrow_mut().push(tab.clone());
        let shared = Rc::new(SharedSession::new());
        let (epochs, mirror) = (Epochs::of(&shared), self.storage.mirror(self, id));
        for _ in 0..clients {
            let platform = Page::new(self, id, &epochs, mirror.as_ref());
            let (shared, policy) = (shared.clone(), self.setting.policy.clone());
            let client = Client { platform, shared, policy };
            tab.clients.borrow_mut().push(Rc::new(client));
        }
        id
    }

    /// Whose access token the tab has.
    pub fn audience(&self, id: TabId) -> usize {
        match self.setting.sharing {
            Sharing::RefreshToken => id % 2,
            Sharing::Tokens | Sharing::Copies => 0,
        }
    }

    pub fn tab(&self, id: TabId) -> Rc<Tab> {
        self.tabs.borrow()[id].clone()
    }

    /// Tells if a session has begun or ended in any tab.
    pub fn any_change_in_tabs(&self) -> bool {
        self.tabs.borrow().iter().any(|tab| tab.moves.get() > 0)
    }

    pub fn is_frozen(&self, id: TabId) -> bool {
        self.tabs.borrow()[id].is_frozen.get()
    }

    pub fn live_tabs(&self) -> Vec<TabId> {
        let tabs = self.tabs.borrow();
        (0..tabs.len()).filter(|id| !tabs[*id].is_dead.get()).collect()
    }

    /// The tab's process ends.
    pub fn kill(self: &Rc<Self>, id: TabId) {
        let tab = self.tab(id);
        if tab.is_dead.replace(true) {
            return;
        }
        self.count(Kind::Killed);
        if self.has_flight(&tab) {
            self.count(Kind::KilledInFlight);
        }
        self.trace(Some(id), || "is killed".to_owned());
        self.asks.kill(id);
        self.records.abandon(self, id);
        self.records.suspend(self, id);
        if tab.changing.get() > 0 {
            self.note_untold(id);
        }
        tab.is_frozen.set(false);
        tab.deferred.take();
        self.tasks.drop_of(id);
        tab.clients.take();
    }

    /// None of its tasks runs until it is thawed. Where it is put away, its locks are let go.
    pub fn freeze(self: &Rc<Self>, id: TabId, is_put_away: bool) {
        let tab = self.tab(id);
        if tab.is_dead.get() || tab.is_frozen.replace(true) {
            return;
        }
        tab.frozen_since.set(self.now());
        self.count(Kind::Frozen);
        if self.has_flight(&tab) {
            self.count(Kind::FrozenInFlight);
        }
        self.trace(Some(id), || {
            format!("is frozen{}", if is_put_away { ", put away" } else { "" })
        });
        self.asks.freeze(id, is_put_away);
        self.records.suspend(self, id);
        if is_put_away {
            self.count(Kind::PutAway);
            self.locks.release_of(self, id);
        }
    }

    pub fn thaw(self: &Rc<Self>, id: TabId) {
        let tab = self.tab(id);
        if tab.is_dead.get() || !tab.is_frozen.replace(false) {
            return;
        }
        self.count(Kind::Thawed);
        self.trace(Some(id), || "is thawed".to_owned());
        tab.woken_at.set(self.now());
        for task in tab.parked.take() {
            self.tasks.put_back(task);
        }
        // The writes of others arrive as one, soon; the rest in any order.
        let news = self.now() + self.chance.pick(&[0, 0, MS, 20 * MS]);
        for entry in tab.deferred.take() {
            let soon = match entry.what {
                Happening::Delivery { .. } => news,
                _ => self.now() + self.chance.pick(&[0, 0, MS, 20 * MS]),
            };
            self.agenda.put(soon, self.chance.next(), entry.tab, entry.what);
        }
        self.records.open_next(self);
    }

    pub fn park(&self, id: TabId, task: usize) {
        self.tab(id).parked.borrow_mut().push(task);
    }

    pub fn defer(&self, id: TabId, entry: Entry) {
        self.tab(id).deferred.borrow_mut().push(entry);
    }

    fn has_flight(&self, tab: &Tab) -> bool {
        let clients = tab.clients.borrow();
        clients.first().is_some_and(|client| client.shared.flight.under_way().is_some())
    }

    /// Another tab's write has arrived.
    pub fn storage_event(self: &Rc<Self>, id: TabId) {
        self.count(Kind::StorageEvent);
        let clients = self.tab(id).clients.borrow().clone();
        // The clients of a tab share what they know: one of them notices for all.
        if let Some(client) = clients.first() {
            driver::notice_change(client);
        }
    }

    /// The network is back, or somebody looks at the tab.
    pub fn wake(&self, id: TabId) {
        let tab = self.tab(id);
        self.count(Kind::Woken);
        self.trace(Some(id), || "is woken".to_owned());
        tab.is_dormant.set(false);
        tab.cool_until.set(0);
        tab.woken_at.set(self.now());
        tab.wakes.set(tab.wakes.get() + 1);
        if let Some(client) = tab.clients.borrow().first() {
            client.wake();
        }
        tab.sleepers.take().into_iter().for_each(Waker::wake);
    }
}

impl Tab {
    /// The epoch that its clients are in.
    pub fn epoch(&self) -> Epoch {
        let clients = self.clients.borrow();
        clients.first().map_or_else(Epoch::default, |client| client.shared.session.epoch())
    }

    /// Tells if its clients know an access token.
    pub fn has_token(&self) -> bool {
        let clients = self.clients.borrow();
        clients.first().is_some_and(|client| client.shared.session.has_token())
    }

    /// Tells if a token that was accepted with `access` was refused since.
    pub fn was_refused(&self, access: Option<Token>) -> bool {
        self.refused.borrow().contains(&access)
    }
}

/// A duration in the words of the driver.
pub fn span(time: Time) -> Millis {
    Millis::from_raw(time as f64 / MS as f64)
}
