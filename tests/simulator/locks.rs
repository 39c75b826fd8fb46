//! The lock between the tabs, one for each generation: first come, first served.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokenflight::values;

use super::agenda::MS;
use super::tab::TabId;
use super::world::World;

/// A tab whose storage is blocked locks out nobody but itself.
type Name = (Option<TabId>, u32);

#[derive(Default)]
struct Request {
    is_granted: Cell<bool>,
    /// The page was put away.
    is_lost: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

type Line = VecDeque<(TabId, Rc<Request>)>;

#[derive(Default)]
pub struct Locks(RefCell<BTreeMap<Name, Line>>);

impl Locks {
    fn line_up(&self, world: &Rc<World>, name: Name, tab: TabId) -> Rc<Request> {
        let request = Rc::<Request>::default();
        let is_first = {
            let mut lines = self.0.borrow_mut();
            let line = lines.entry(name).or_default();
            line.push_back((tab, request.clone()));
            line.len() == 1
        };
        if is_first {
            grant_first(world, name);
        }
        request
    }

    fn leave(&self, world: &Rc<World>, name: Name, request: &Rc<Request>) {
        let was_first = {
            let mut lines = self.0.borrow_mut();
            let Some(line) = lines.get_mut(&name) else {
                return;
            };
            let place = line.iter().position(|(_, other)| Rc::ptr_eq(other, request));
            place.map(|place| line.remove(place));
            place == Some(0)
        };
        if was_first {
            grant_first(world, name);
        }
    }

    /// The locks that a tab holds are let go, as when a page is put away.
    pub fn release_of(&self, world: &Rc<World>, tab: TabId) {
        let held: Vec<_> = {
            let lines = self.0.borrow();
            let first =
                lines.iter().filter_map(|(name, line)| Some((*name, line.front()?.clone())));
            first
                .filter(|(_, (holder, request))| *holder == tab && request.is_granted.get())
                .collect()
        };
        for (name, (_, request)) in held {
            request.is_lost.set(true);
            self.leave(world, name, &request);
        }
    }

    /// Returns a tab that holds a lock; `None` if no lock is held.
    pub fn any_tab(&self) -> Option<TabId> {
        self.0.borrow().values().find_map(|line| line.front()).map(|(tab, _)| *tab)
    }

    pub fn clear(&self) {
        drop(self.0.take());
    }
}

/// The news of a grant takes its time.
fn grant_first(world: &Rc<World>, name: Name) {
    let first = world.locks.0.borrow().get(&name).and_then(|line| line.front().cloned());
    let Some((_, request)) = first else {
        return;
    };
    let at = world.now() + world.chance.pick(&[0, 0, MS, 3 * MS]);
    world.at(at, None, move |_| {
        request.is_granted.set(true);
        if let Some(waker) = request.waker.take() {
            waker.wake();
        }
    });
}

/// Waits for a lock; dropping it cancels that.
pub struct Waiting {
    world: Rc<World>,
    tab: TabId,
    name: Name,
    request: Option<Rc<Request>>,
}

impl Waiting {
    pub fn new(world: &Rc<World>, tab: TabId, generation: u32) -> Self {
        let name = (world.storage.is_blocked(tab).then_some(tab), generation);
        Self { world: world.clone(), tab, name, request: None }
    }
}

impl Future for Waiting {
    type Output = Guard;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Guard> {
        let request = match &self.request {
            Some(request) => request.clone(),
            None => self.world.locks.line_up(&self.world, self.name, self.tab),
        };
        if request.is_granted.get() {
            self.request = None;
            return Poll::Ready(Guard { world: self.world.clone(), name: self.name, request });
        }
        request.waker.replace(Some(context.waker().clone()));
        self.request = Some(request);
        Poll::Pending
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            self.world.locks.leave(&self.world, self.name, &request);
        }
    }
}

/// Holds a lock.
pub struct Guard {
    world: Rc<World>,
    name: Name,
    request: Rc<Request>,
}

impl values::Guard for Guard {
    fn is_held(&self) -> bool {
        !self.request.is_lost.get()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.world.locks.leave(&self.world, self.name, &self.request);
    }
}
