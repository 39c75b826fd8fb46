//! Virtual time, and what happens when.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokenflight::millis::Millis;

use super::tab::TabId;
use super::world::World;

/// Microseconds from the beginning of the world.
pub type Time = u64;

pub const MS: Time = 1_000;
pub const SECOND: Time = 1_000 * MS;

/// A span of the driver's, as the agenda counts it: no timer fires early.
pub fn ticks(duration: Millis) -> Time {
    ((duration.into_raw() * MS as f64).ceil() as Time).min(Time::MAX / 2)
}

/// A change of the world.
pub type Deed = Box<dyn FnOnce(&Rc<World>)>;

/// An event.
pub enum Happening {
    Timer(Rc<Timer>),
    Deed(Deed),
    /// A write of another tab reaches this one.
    Delivery {
        writer: TabId,
    },
}

/// An event at a moment. One that belongs to a tab waits while that is frozen, and is dropped with
/// it.
pub struct Entry {
    pub at: Time,
    order: u64,
    pub tab: Option<TabId>,
    pub what: Happening,
}

impl Entry {
    fn key(&self) -> (Time, u64) {
        (self.at, self.order)
    }

    fn is_cancelled(&self) -> bool {
        matches!(&self.what, Happening::Timer(timer) if timer.is_cancelled.get())
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

#[derive(Default)]
pub struct Agenda {
    now: Cell<Time>,
    entries: RefCell<BinaryHeap<Reverse<Entry>>>,
}

impl Agenda {
    pub fn now(&self) -> Time {
        self.now.get()
    }

    /// Puts an entry down; `order` decides among those of the same moment.
    pub fn put(&self, at: Time, order: u64, tab: Option<TabId>, what: Happening) {
        let entry = Entry { at: at.max(self.now()), order, tab, what };
        self.entries.borrow_mut().push(Reverse(entry));
    }

    /// The next entry, up to `limit`; time moves on to it.
    pub fn take_next(&self, limit: Time) -> Option<Entry> {
        let mut entries = self.entries.borrow_mut();
        loop {
            if entries.peek()?.0.is_cancelled() {
                entries.pop();
                continue;
            }
            if entries.peek()?.0.at > limit {
                return None;
            }
            let entry = entries.pop()?.0;
            self.now.set(entry.at.max(self.now()));
            return Some(entry);
        }
    }

    pub fn clear(&self) {
        drop(self.entries.take());
    }
}

#[derive(Default)]
pub struct Timer {
    is_due: Cell<bool>,
    is_cancelled: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Timer {
    pub fn fire(&self) {
        self.is_due.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// Resolves when its timer has fired, which is cancelled when it is dropped.
pub struct Sleep(Rc<Timer>);

impl Sleep {
    pub fn new(world: &World, tab: Option<TabId>, duration: Time) -> Self {
        let timer = Rc::<Timer>::default();
        let at = world.now().saturating_add(duration);
        world.agenda.put(at, world.chance.next(), tab, Happening::Timer(timer.clone()));
        Self(timer)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0.is_due.get() {
            return Poll::Ready(());
        }
        self.0.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.0.is_cancelled.set(true);
    }
}
