//! Time that passes only when nothing else is left to do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokenflight::millis::Millis;

pub fn ms(milliseconds: u64) -> Millis {
    Millis::from_raw(milliseconds as f64)
}

/// When a timer is due, as bits: times are not negative, so these are in the same order. The
/// number tells apart those that are due together.
type Due = (u64, u64);

#[derive(Default)]
pub struct VirtualClock {
    now: Cell<Millis>,
    timers: RefCell<BTreeMap<Due, Option<Waker>>>,
    started: Cell<u64>,
}

impl VirtualClock {
    pub fn now(&self) -> Millis {
        self.now.get()
    }

    /// The time that has passed, in whole milliseconds.
    pub fn elapsed(&self) -> u64 {
        self.now().into_raw() as u64
    }

    pub fn sleep(self: &Rc<Self>, duration: Millis) -> Sleep {
        self.started.set(self.started.get() + 1);
        let due = ((self.now() + duration).into_raw().to_bits(), self.started.get());
        self.timers.borrow_mut().insert(due, None);
        Sleep { clock: self.clone(), due }
    }

    /// How many timers are not due yet.
    pub fn timers(&self) -> usize {
        self.timers.borrow().len()
    }

    /// When the next timer is due.
    pub fn next(&self) -> Option<Millis> {
        self.timers.borrow().keys().next().map(|due| moment(*due))
    }

    /// Moves on to `moment` and wakes one timer that is due by then.
    ///
    /// Only one, so that everything it sets off is done before the next one fires.
    pub fn move_to(&self, moment: Millis) {
        self.now.set(moment.max(self.now()));
        let first = self.timers.borrow_mut().pop_first();
        match first {
            Some((due, waker)) if is_over(due, self.now()) => {
                waker.into_iter().for_each(Waker::wake);
            }
            Some((due, waker)) => drop(self.timers.borrow_mut().insert(due, waker)),
            None => {}
        }
    }
}

fn moment(due: Due) -> Millis {
    Millis::from_raw(f64::from_bits(due.0))
}

fn is_over(due: Due, now: Millis) -> bool {
    now >= moment(due)
}

/// Resolves when it is due; it is out of the clock when it is dropped.
pub struct Sleep {
    clock: Rc<VirtualClock>,
    due: Due,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if is_over(self.due, self.clock.now()) {
            return Poll::Ready(());
        }
        self.clock.timers.borrow_mut().insert(self.due, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.timers.borrow_mut().remove(&self.due);
    }
}
