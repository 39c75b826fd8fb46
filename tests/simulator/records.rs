//! The store of the record: one, exact and ordered for all tabs, or one for each.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokenflight::record::Record;

use super::agenda::{MS, Time};
use super::tab::TabId;
use super::world::World;

/// The function that reads and changes the record while no other tab has it.
pub type Act<'a> = &'a mut dyn FnMut(&mut Option<Record>);

struct Request {
    tab: TabId,
    is_open: Cell<bool>,
    has_acted: Cell<bool>,
    is_done: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Request {
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

#[derive(Default)]
pub struct Records {
    common: RefCell<Option<Record>>,
    /// The record before the section that is being stored.
    before: RefCell<Option<Record>>,
    /// When it was removed last.
    pub emptied_at: Cell<Option<Time>>,
    own: RefCell<Vec<Option<Record>>>,
    waiting: RefCell<VecDeque<Rc<Request>>>,
    current: RefCell<Option<Rc<Request>>>,
}

impl Records {
    pub fn open_tab(&self) {
        self.own.borrow_mut().push(None);
    }

    /// Tells if what a tab leaves is found by others.
    pub fn is_common(&self, world: &World, tab: TabId) -> bool {
        world.setting.has_record && !world.storage.is_blocked(tab)
    }

    /// The record as the tabs share it.
    pub fn common(&self) -> Option<Record> {
        self.common.borrow().clone()
    }

    /// A tab that stops does not stop the others: it is not in the section, or its
    /// section is through.
    pub fn suspend(&self, world: &Rc<World>, tab: TabId) {
        let current = self.current.borrow().clone();
        if let Some(request) = current.filter(|it| it.tab == tab && !it.has_acted.get()) {
            request.is_open.set(false);
            self.current.take();
            self.waiting.borrow_mut().push_front(request);
            self.open_next(world);
        }
    }

    /// A tab ends. What it was about to store may be lost.
    pub fn abandon(&self, world: &Rc<World>, tab: TabId) {
        let current = self.current.borrow().clone();
        let is_storing = current.is_some_and(|it| it.tab == tab && it.has_acted.get());
        if is_storing && world.chance.percent(50) {
            world.trace(Some(tab), || "its record is not stored".to_owned());
            *self.common.borrow_mut() = self.before.borrow().clone();
            world.asks.lose_record(tab);
        }
    }

    pub fn open_next(&self, world: &Rc<World>) {
        if self.current.borrow().is_some() {
            return;
        }
        let next = {
            let mut waiting = self.waiting.borrow_mut();
            let place = waiting.iter().position(|request| !world.is_frozen(request.tab));
            place.and_then(|place| waiting.remove(place))
        };
        let Some(request) = next else {
            return;
        };
        self.current.replace(Some(request.clone()));
        let at = world.now() + world.chance.between(0, 3 * MS);
        world.at(at, None, move |world| {
            let is_current = world.records.is_current(&request);
            if is_current {
                request.is_open.set(true);
                request.wake();
            }
        });
    }

    fn is_current(&self, request: &Rc<Request>) -> bool {
        self.current.borrow().as_ref().is_some_and(|current| Rc::ptr_eq(current, request))
    }

    fn act(&self, world: &Rc<World>, request: &Rc<Request>, act: Act<'_>) {
        let mut record = self.common.borrow().clone();
        self.before.replace(record.clone());
        act(&mut record);
        world.trace(Some(request.tab), || format!("leaves {}", brief(record.as_ref())));
        if record.is_none() && self.before.borrow().is_some() {
            self.emptied_at.set(Some(world.now()));
        }
        self.common.replace(record);
        request.has_acted.set(true);
        let at = world.now() + world.chance.between(0, 2 * MS);
        let stored = request.clone();
        world.at(at, None, move |world| {
            if world.records.is_current(&stored) {
                world.records.current.take();
            }
            world.records.open_next(world);
            let news = stored.clone();
            world.at(world.now(), Some(stored.tab), move |_| {
                news.is_done.set(true);
                news.wake();
            });
        });
    }

    fn act_alone(&self, tab: TabId, act: Act<'_>) {
        let mut record = self.own.borrow()[tab].clone();
        act(&mut record);
        self.own.borrow_mut()[tab] = record;
    }

    pub fn clear(&self) {
        self.waiting.take();
        self.current.take();
    }
}

fn brief(record: Option<&Record>) -> String {
    record.map_or_else(
        || "no record".to_owned(),
        |it| {
            format!(
                "a record: generation {}, heartbeat {}, pending {}, {} spent, outage {}",
                it.lock_generation,
                it.heartbeat,
                it.pending.is_some(),
                it.spent.len(),
                it.outage.is_some()
            )
        },
    )
}

/// One turn with the record.
pub struct Exclusively<'a> {
    world: Rc<World>,
    tab: TabId,
    act: Act<'a>,
    request: Option<Rc<Request>>,
}

impl<'a> Exclusively<'a> {
    pub fn new(world: &Rc<World>, tab: TabId, act: Act<'a>) -> Self {
        Self { world: world.clone(), tab, act, request: None }
    }
}

impl Future for Exclusively<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let (world, tab) = (this.world.clone(), this.tab);
        let records = &world.records;
        if !records.is_common(&world, tab) {
            records.act_alone(tab, this.act);
            return Poll::Ready(());
        }
        let request = this.request.get_or_insert_with(|| {
            let request = Rc::new(Request {
                tab,
                is_open: Cell::default(),
                has_acted: Cell::default(),
                is_done: Cell::default(),
                waker: RefCell::default(),
            });
            records.waiting.borrow_mut().push_back(request.clone());
            request
        });
        let request = request.clone();
        records.open_next(&world);
        if request.is_open.get() && !request.has_acted.get() {
            records.act(&world, &request, this.act);
        }
        if request.is_done.get() {
            return Poll::Ready(());
        }
        request.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Exclusively<'_> {
    fn drop(&mut self) {
        let Some(request) = self.request.take().filter(|request| !request.has_acted.get()) else {
            return;
        };
        let records = &self.world.records;
        records.waiting.borrow_mut().retain(|other| !Rc::ptr_eq(other, &request));
        if records.is_current(&request) {
            records.current.take();
            records.open_next(&self.world);
        }
    }
}
