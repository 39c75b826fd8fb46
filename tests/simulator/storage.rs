//! A storage that tabs share: with a lag, as browsers have it, or slow and exact.
//!
//! Writes have one global order. A tab sees its own at once and those of others later,
//! those of one writer in their order. The later one in the global order stays.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tokenflight::task::Slot;

use super::agenda::{Happening, MS, Sleep, Time};
use super::driver::{Mirror, Reading};
use super::tab::TabId;
use super::token::{Token, shown};
use super::world::World;

/// The behaviour of the storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// What others write is seen after up to so long.
    Lagging(Time),
    /// Reads and writes take up to so long, and are exact.
    Slow { reads: Time, writes: Time },
}

/// A value, and which write of all it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    pub value: Option<Token>,
    pub order: u64,
}

#[derive(Default)]
struct View {
    slots: [Stored; 2],
    /// The storage is blocked: the tab has a memory of its own.
    is_private: bool,
    /// What each other tab has written and this one does not see yet.
    inbox: Vec<VecDeque<(Slot, Stored)>>,
    /// When each other tab wrote last, and when that arrives.
    last: Vec<(Time, Time)>,
}

pub struct Storage {
    pub medium: Medium,
    common: RefCell<[Stored; 2]>,
    views: RefCell<Vec<View>>,
    writes: Cell<u64>,
}

impl Storage {
    pub fn new(medium: Medium) -> Self {
        let (common, views) = (RefCell::default(), RefCell::default());
        Self { medium, common, views, writes: Cell::new(0) }
    }

    pub fn answers_at_once(&self) -> bool {
        matches!(self.medium, Medium::Lagging(_))
    }

    /// A tab that is opened reads what is there.
    pub fn open(&self, is_private: bool) {
        let slots = if is_private { <_>::default() } else { *self.common.borrow() };
        self.views.borrow_mut().push(View { slots, is_private, ..View::default() });
    }

    pub fn is_private(&self, tab: TabId) -> bool {
        self.views.borrow()[tab].is_private
    }

    /// What is there when all has arrived; a private tab has its own.
    pub fn settled(&self, tab: Option<TabId>, slot: Slot) -> Stored {
        match tab.filter(|tab| self.is_private(*tab)) {
            Some(tab) => self.views.borrow()[tab].slots[slot as usize],
            None => self.common.borrow()[slot as usize],
        }
    }

    /// What the tab would read now.
    pub fn seen(&self, tab: TabId, slot: Slot) -> Stored {
        match self.medium {
            Medium::Lagging(_) => self.views.borrow()[tab].slots[slot as usize],
            Medium::Slow { .. } => self.settled(Some(tab), slot),
        }
    }

    /// What the page of `tab` knows of a slow storage; nothing, where it is read at once.
    pub fn mirror(&self, world: &Rc<World>, tab: TabId) -> Option<Rc<Mirror<Token>>> {
        if self.answers_at_once() {
            return None;
        }
        let [reader, writer, spawner] = [world, world, world].map(Rc::clone);
        Some(Mirror::new(
            Box::new(move |slot| reader.storage.read(&reader, tab, slot)),
            Box::new(move |slot, value| writer.storage.write(&writer, tab, slot, value)),
            Box::new(move |work| {
                spawner.tasks.spawn(tab, work);
            }),
        ))
    }

    pub fn read(&self, world: &Rc<World>, tab: TabId, slot: Slot) -> Reading<Option<Token>> {
        let Medium::Slow { reads, .. } = self.medium else {
            return Reading::Now(self.seen(tab, slot).value);
        };
        if reads == 0 {
            return Reading::Now(self.seen(tab, slot).value);
        }
        let took = world.chance.between(0, reads);
        let reads_at = world.chance.between(0, took);
        let value = Rc::new(Cell::new(None));
        let place = value.clone();
        world.at(world.now() + reads_at, None, move |world| {
            place.set(world.storage.seen(tab, slot).value);
        });
        let wait = Sleep::new(world, Some(tab), took + 1);
        Reading::Later(Box::pin(async move {
            wait.await;
            value.get()
        }))
    }

    pub fn write(
        &self,
        world: &Rc<World>,
        tab: TabId,
        slot: Slot,
        value: Option<Token>,
    ) -> Reading<()> {
        let Medium::Slow { writes, .. } = self.medium else {
            self.put(world, tab, slot, value);
            return Reading::Now(());
        };
        let took = world.chance.between(0, writes);
        let written_at = world.now() + world.chance.between(0, took);
        world.at(written_at, None, move |world| world.storage.put(world, tab, slot, value));
        let wait = Sleep::new(world, Some(tab), took + 1);
        Reading::Later(Box::pin(wait))
    }

    /// Writes as code does that is not the driver's: at once, whatever the medium.
    pub fn put(&self, world: &Rc<World>, tab: TabId, slot: Slot, value: Option<Token>) {
        self.writes.set(self.writes.get() + 1);
        let stored = Stored { value, order: self.writes.get() };
        world.trace(Some(tab), || format!("stores {slot:?} {}", shown(value)));
        let is_private = self.is_private(tab);
        super::checks::token_is_stored(world, tab, slot, value, self.settled(Some(tab), slot));
        self.views.borrow_mut()[tab].slots[slot as usize] = stored;
        if is_private {
            return;
        }
        self.common.borrow_mut()[slot as usize] = stored;
        let Medium::Lagging(longest) = self.medium else {
            return;
        };
        for reader in world.live_tabs() {
            if reader != tab && !self.is_private(reader) {
                self.send(world, (tab, reader), slot, stored, longest);
            }
        }
    }

    fn send(
        &self,
        world: &Rc<World>,
        (writer, reader): (TabId, TabId),
        slot: Slot,
        stored: Stored,
        longest: Time,
    ) {
        let mut views = self.views.borrow_mut();
        let view = &mut views[reader];
        if view.inbox.len() <= writer {
            view.inbox.resize_with(writer + 1, VecDeque::new);
            view.last.resize(writer + 1, (Time::MAX, 0));
        }
        view.inbox[writer].push_back((slot, stored));
        // What is written at once arrives at about the same time.
        let (sent, arrival) = view.last[writer];
        let lag = match world.chance.below(10) {
            _ if sent == world.now() => world.chance.pick(&[0, 0, 0, MS]),
            0..=2 => 0,
            _ => world.chance.between(0, longest),
        };
        let at = (world.now() + lag).max(arrival + if sent == world.now() { lag } else { 0 });
        view.last[writer] = (world.now(), at);
        world.agenda.put(at, world.chance.next(), Some(reader), Happening::Delivery { writer });
    }

    /// The next write of `writer` reaches `reader`.
    pub fn deliver(&self, world: &Rc<World>, writer: TabId, reader: TabId) {
        let is_news = {
            let mut views = self.views.borrow_mut();
            let view = &mut views[reader];
            let Some((slot, stored)) = view.inbox[writer].pop_front() else {
                return;
            };
            let seen = &mut view.slots[slot as usize];
            let is_news = stored.order > seen.order && stored.value != seen.value;
            if stored.order > seen.order {
                *seen = stored;
            }
            is_news
        };
        if is_news {
            world.trace(Some(reader), || {
                format!(
                    "sees {}/{}",
                    shown(self.seen(reader, Slot::Access).value),
                    shown(self.seen(reader, Slot::Refresh).value)
                )
            });
            world.storage_event(reader);
        }
    }
}
