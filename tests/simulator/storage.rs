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
    /// Writes of others are seen after up to so long.
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
    /// The tab has a memory of its own.
    is_private: bool,
    /// Nobody can know what is in it: the storage is blocked.
    is_blocked: bool,
    /// The audience of its access token.
    audience: usize,
    /// The number of the next write of all when it decided last to write a slot, and of its own
    /// last write there.
    decided: [u64; 2],
    wrote: [u64; 2],
    /// The number of the write that it has read last of each slot, if the storage is slow.
    known: [u64; 2],
    /// The writes of each other tab that this one does not see yet.
    inbox: Vec<VecDeque<(Slot, Stored)>>,
    /// When each other tab wrote last, and when that arrives.
    last: Vec<(Time, Time)>,
}

pub struct Storage {
    pub medium: Medium,
    /// The access token, the refresh token, and the access token of the other audience.
    common: RefCell<[Stored; 3]>,
    views: RefCell<Vec<View>>,
    writes: Cell<u64>,
    /// When it was written last.
    pub written_at: Cell<Time>,
    /// The last write of app code.
    direct: Cell<u64>,
}

impl Storage {
    pub fn new(medium: Medium) -> Self {
        let (common, views) = (RefCell::default(), RefCell::default());
        Self {
            medium,
            common,
            views,
            writes: Cell::default(),
            written_at: Cell::default(),
            direct: Cell::default(),
        }
    }

    pub fn answers_at_once(&self) -> bool {
        matches!(self.medium, Medium::Lagging(_))
    }

    /// A tab that is opened reads what is there.
    pub fn open(&self, audience: usize) {
        let common = self.common.borrow();
        let slots = SLOTS.map(|slot| common[place(slot, audience)]);
        self.views.borrow_mut().push(View { slots, audience, ..View::default() });
    }

    /// A tab is opened whose storage is blocked.
    pub fn open_blocked(&self) {
        let view = View { is_private: true, is_blocked: true, ..View::default() };
        self.views.borrow_mut().push(view);
    }

    /// A tab is opened with a copy of what another one has; the first one has nothing.
    pub fn open_copy(&self, of: Option<TabId>) {
        let slots = of.map_or_else(<_>::default, |of| self.views.borrow()[of].slots);
        self.views.borrow_mut().push(View { slots, is_private: true, ..View::default() });
    }

    /// Tells if the tab shares nothing with others.
    pub fn is_blocked(&self, tab: TabId) -> bool {
        self.views.borrow()[tab].is_blocked
    }

    fn audience(&self, tab: Option<TabId>) -> usize {
        tab.map_or(0, |tab| self.views.borrow()[tab].audience)
    }

    pub fn is_private(&self, tab: TabId) -> bool {
        self.views.borrow()[tab].is_private
    }

    /// Returns the value when all writes have arrived; a private tab has its own.
    pub fn settled(&self, tab: Option<TabId>, slot: Slot) -> Stored {
        match tab.filter(|tab| self.is_private(*tab)) {
            Some(tab) => self.views.borrow()[tab].slots[slot as usize],
            None => self.common.borrow()[place(slot, self.audience(tab))],
        }
    }

    /// The number of the next write of all.
    pub fn next_write(&self) -> u64 {
        self.writes.get() + 1
    }

    /// The page of `tab` has decided to write `slot`.
    pub fn decide(&self, tab: TabId, slot: Slot) {
        self.views.borrow_mut()[tab].decided[slot as usize] = self.next_write();
    }

    /// Tells if another tab has written since this one decided to write `slot`.
    pub fn is_overtaken(&self, tab: TabId, slot: Slot) -> bool {
        let views = self.views.borrow();
        let decided = views[tab].decided[slot as usize];
        let is_later = |view: &View| view.wrote.iter().any(|wrote| *wrote >= decided);
        self.direct.get() >= decided
            || (0..views.len()).any(|other| other != tab && is_later(&views[other]))
    }

    /// Tells if another tab has decided to write, and has not done so.
    pub fn is_anothers_pending(&self, tab: TabId) -> bool {
        let is_pending = |view: &View| {
            SLOTS.iter().any(|it| view.decided[*it as usize] > view.wrote[*it as usize])
        };
        let views = self.views.borrow();
        (0..views.len()).any(|other| other != tab && is_pending(&views[other]))
    }

    /// App code has written last.
    pub fn note_direct(&self) {
        self.direct.set(self.writes.get());
    }

    /// Tells if app code has written, be it in a tab that shares nothing.
    pub fn any_direct(&self) -> bool {
        self.direct.get() > 0
    }

    /// Returns the value that the tab would read now.
    pub fn seen(&self, tab: TabId, slot: Slot) -> Stored {
        match self.medium {
            Medium::Lagging(_) => self.views.borrow()[tab].slots[slot as usize],
            Medium::Slow { .. } => self.settled(Some(tab), slot),
        }
    }

    /// Tells if the driver does not know what is stored: it is not seen yet, or app code has put it into
    /// a slow storage since that was read.
    pub fn is_unknown(&self, tab: TabId, slot: Slot) -> bool {
        let (view, stored) = (&self.views.borrow()[tab], self.settled(Some(tab), slot).order);
        match self.medium {
            Medium::Lagging(_) => view.slots[slot as usize].order != stored,
            Medium::Slow { .. } => {
                let direct = self.direct.get();
                view.known[slot as usize] < stored && (stored..=stored + 1).contains(&direct)
            }
        }
    }

    /// The driver reads a slow storage that answers at once.
    fn look(&self, tab: TabId, slot: Slot) -> Option<Token> {
        self.learn(tab, slot, self.settled(Some(tab), slot))
    }

    /// The driver is told what it has read.
    fn learn(&self, tab: TabId, slot: Slot, stored: Stored) -> Option<Token> {
        let known = &mut self.views.borrow_mut()[tab].known[slot as usize];
        *known = stored.order.max(*known);
        stored.value
    }

    /// Returns the mirror of a slow storage in the page of `tab`; `None` if it is read at once.
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
            return Reading::Now(self.look(tab, slot));
        }
        let took = world.chance.between(0, reads);
        let reads_at = world.chance.between(0, took);
        let stored = Rc::new(Cell::new(Stored::default()));
        let place = stored.clone();
        world.at(world.now() + reads_at, None, move |world| {
            place.set(world.storage.settled(Some(tab), slot));
        });
        let wait = Sleep::new(world, Some(tab), took + 1);
        let world = world.clone();
        Reading::Later(Box::pin(async move {
            wait.await;
            world.storage.learn(tab, slot, stored.get())
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
        world.at(written_at, None, move |world| {
            if world.storage.is_overtaken(tab, slot) {
                world.has_mixed.set(true);
            }
            world.storage.put(world, tab, slot, value);
            world.storage.look(tab, slot);
        });
        let wait = Sleep::new(world, Some(tab), took + 1);
        Reading::Later(Box::pin(wait))
    }

    /// Writes as code does that is not the driver's: at once, whatever the medium.
    pub fn put(&self, world: &Rc<World>, tab: TabId, slot: Slot, value: Option<Token>) {
        self.writes.set(self.writes.get() + 1);
        self.written_at.set(world.now());
        let stored = Stored { value, order: self.writes.get() };
        world.trace(Some(tab), || format!("stores {slot:?} {}", shown(value)));
        let (is_private, audience) = (self.is_private(tab), self.audience(Some(tab)));
        super::checks::token_is_stored(world, tab, slot, value, self.settled(Some(tab), slot));
        {
            let view = &mut self.views.borrow_mut()[tab];
            (view.slots[slot as usize], view.wrote[slot as usize]) = (stored, stored.order);
        }
        if is_private {
            return;
        }
        self.common.borrow_mut()[place(slot, audience)] = stored;
        let Medium::Lagging(longest) = self.medium else {
            return;
        };
        for reader in world.live_tabs() {
            let is_for_it = slot == Slot::Refresh || self.audience(Some(reader)) == audience;
            if reader != tab && is_for_it && !self.is_private(reader) {
                self.send(world, (tab, reader), slot, stored, longest);
            }
        }
    }

    /// Puts down what the tabs of the other audience begin with.
    pub fn put_for_others(&self, access: Token) {
        let audience = 1;
        let stored = Stored { value: Some(Token { audience, ..access }), order: self.writes.get() };
        self.common.borrow_mut()[place(Slot::Access, audience)] = stored;
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
        // Writes of the same moment arrive at about the same time.
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

const SLOTS: [Slot; 2] = [Slot::Access, Slot::Refresh];

/// Where the tabs of an audience have what they keep in `slot`.
fn place(slot: Slot, audience: usize) -> usize {
    match slot {
        Slot::Access => 2 * audience,
        Slot::Refresh => 1,
    }
}
