//! Time that passes only when nothing else is left to do.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// When a timer is due; the number tells apart those that are due together.
type Due = (Duration, u64);

#[derive(Default)]
pub struct VirtualClock {
    now: Cell<Duration>,
    timers: RefCell<BTreeMap<Due, Option<Waker>>>,
    started: Cell<u64>,
}

impl VirtualClock {
    pub fn now(&self) -> Duration {
        self.now.get()
    }

    pub fn sleep(self: &Rc<Self>, duration: Duration) -> Sleep {
        self.started.set(self.started.get() + 1);
        let due = (self.now() + duration, self.started.get());
        self.timers.borrow_mut().insert(due, None);
        Sleep { clock: self.clone(), due }
    }

    /// When the next timer is due.
    pub fn next(&self) -> Option<Duration> {
        self.timers.borrow().keys().next().map(|due| due.0)
    }

    /// Moves on to `moment` and wakes one timer that is due by then.
    ///
    /// Only one, so that everything it sets off is done before the next one fires.
    pub fn move_to(&self, moment: Duration) {
        self.now.set(moment.max(self.now()));
        let first = self.timers.borrow_mut().pop_first();
        match first {
            Some((due, waker)) if due.0 <= self.now() => waker.into_iter().for_each(Waker::wake),
            Some((due, waker)) => drop(self.timers.borrow_mut().insert(due, waker)),
            None => {}
        }
    }
}

/// Resolves when it is due; it is out of the clock when it is dropped.
pub struct Sleep {
    clock: Rc<VirtualClock>,
    due: Due,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now() >= self.due.0 {
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
