//! Brings an answer to a tab: when it runs, and if it still is there.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::agenda::Time;
use super::tab::TabId;
use super::world::World;

struct Place<T> {
    value: Cell<Option<T>>,
    waker: RefCell<Option<Waker>>,
}

/// The sending end.
pub struct Wire<T> {
    tab: TabId,
    place: Rc<Place<T>>,
}

/// The receiving end. It waits for ever for what is not sent.
pub struct Received<T>(Rc<Place<T>>);

pub fn wire<T>(tab: TabId) -> (Wire<T>, Received<T>) {
    let place = Rc::new(Place { value: Cell::new(None), waker: RefCell::new(None) });
    (Wire { tab, place: place.clone() }, Received(place))
}

impl<T: 'static> Wire<T> {
    /// `value` arrives at `at`.
    pub fn send(self, world: &World, at: Time, value: T) {
        world.at(at, Some(self.tab), move |_| {
            self.place.value.set(Some(value));
            if let Some(waker) = self.place.waker.take() {
                waker.wake();
            }
        });
    }
}

impl<T> Future for Received<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.0.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.0.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}
