//! A storage that answers at once, or slowly.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokenflight::millis::Millis;
use tokenflight::task::Slot;

use super::clock::VirtualClock;
use super::driver::Reading;
use super::token::Token;

type Act = Box<dyn FnOnce(&Storage)>;

#[derive(Default)]
pub struct Storage {
    access: Rc<RefCell<Option<Token>>>,
    refresh: Rc<RefCell<Option<Token>>>,
    clock: Rc<VirtualClock>,
    /// The duration of a read; `None` is at once.
    pub reading: Cell<Option<Millis>>,
    /// True if a read gives the content at its end, false if the content at its start.
    pub reads_at_its_end: Cell<bool>,
    /// The duration of a write, which takes effect at its end; `None` is at once.
    pub writing: Cell<Option<Millis>>,
    /// The writes of the driver, in their order.
    pub writes: RefCell<Vec<String>>,
    pub reads: Cell<u32>,
    /// The act that follows a read, and the number of that read.
    then: RefCell<Option<(u32, Act)>>,
}

impl Storage {
    pub fn new(clock: Rc<VirtualClock>) -> Self {
        Self { clock, ..Self::default() }
    }

    /// Another one that holds the same now.
    pub fn copy(&self) -> Self {
        let copy = Self::new(self.clock.clone());
        copy.put(self.access.borrow().clone(), self.refresh.borrow().clone());
        copy
    }

    fn slot(&self, slot: Slot) -> &Rc<RefCell<Option<Token>>> {
        match slot {
            Slot::Access => &self.access,
            Slot::Refresh => &self.refresh,
        }
    }

    /// Writes without the driver, as application code or another tab does.
    pub fn put(&self, access: Option<Token>, refresh: Option<Token>) {
        self.access.replace(access);
        self.refresh.replace(refresh);
    }

    pub fn put_refresh(&self, refresh: Option<Token>) {
        self.refresh.replace(refresh);
    }

    /// Does something between the read with this number, from 1, and the next one: another tab
    /// does not wait for this one.
    pub fn after_read(&self, number: u32, act: impl FnOnce(&Self) + 'static) {
        self.then.replace(Some((number, Box::new(act))));
    }

    /// Both tokens as text, a dash for one that is missing.
    pub fn holds(&self) -> [String; 2] {
        [text(self.access.borrow().as_ref()), text(self.refresh.borrow().as_ref())]
    }

    pub fn is_slow(&self) -> bool {
        self.reading.get().is_some() || self.writing.get().is_some()
    }

    pub fn read(&self, slot: Slot) -> Reading<Option<Token>> {
        self.reads.set(self.reads.get() + 1);
        let (value, place) = (self.slot(slot).borrow().clone(), self.slot(slot).clone());
        let then = self.then.borrow_mut().take_if(|(number, _)| *number == self.reads.get());
        if let Some((_, act)) = then {
            act(self);
        }
        let Some(duration) = self.reading.get() else {
            return Reading::Now(value);
        };
        let (wait, is_late) = (self.clock.sleep(duration), self.reads_at_its_end.get());
        Reading::Later(Box::pin(async move {
            wait.await;
            if is_late { place.borrow().clone() } else { value }
        }))
    }

    pub fn write(self: &Rc<Self>, slot: Slot, value: Option<&Token>) -> Reading<()> {
        let (storage, value) = (self.clone(), value.cloned());
        let take_effect = move || {
            storage.writes.borrow_mut().push(format!("{slot:?} {}", text(value.as_ref())));
            storage.slot(slot).replace(value);
        };
        let Some(duration) = self.writing.get() else {
            take_effect();
            return Reading::Now(());
        };
        let wait = self.clock.sleep(duration);
        Reading::Later(Box::pin(async move {
            wait.await;
            take_effect();
        }))
    }
}

/// A token as text, a dash for none.
pub fn text(token: Option<&Token>) -> String {
    token.map_or_else(|| "-".to_owned(), |token| token.0.clone())
}
