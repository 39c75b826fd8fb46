//! Promises of Rust futures, and what becomes of them in a panic.
//!
//! A panic ends the WebAssembly call that it happens in, and nothing would settle the
//! promises that were waiting for that call. So each one that waits is known here,
//! and a panic rejects them all, with a message.

use std::cell::{Cell, RefCell};
use std::future::Future;

use futures::future::LocalBoxFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::browser::abandon_flights;

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
}

/// What rejects each promise that waits. Places are used again, so that a hundred
/// thousand waiters cost no search.
#[derive(Default)]
struct Waiting {
    places: Vec<Option<Function>>,
    free: Vec<usize>,
}

impl Waiting {
    fn add(&mut self, reject: Function) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        if let Some(slot) = self.places.get_mut(place) {
            *slot = Some(reject);
        }
        place
    }

    fn remove(&mut self, place: usize) {
        if self.places.get_mut(place).and_then(Option::take).is_some() {
            self.free.push(place);
        }
    }
}

/// A promise of what `future` comes to.
pub(super) fn promise_of<F>(future: F) -> Promise
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    // Boxed, so that what follows is compiled once and not for each kind of future.
    promise_of_boxed(Box::pin(future))
}

fn promise_of_boxed(future: LocalBoxFuture<'static, Result<JsValue, JsValue>>) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut |resolve, reject| {
        let Some(future) = future.take() else {
            return;
        };
        let place = WAITING.with_borrow_mut(|waiting| waiting.add(reject.clone()));
        spawn_local(async move {
            let (settle, value) = match future.await {
                Ok(value) => (resolve, value),
                Err(error) => (reject, error),
            };
            WAITING.with_borrow_mut(|waiting| waiting.remove(place));
            drop(settle.call1(&JsValue::UNDEFINED, &value));
        });
    })
}

/// Rejects whoever waits. The instance is usable afterwards.
pub(super) fn reject_all(message: &str) {
    let error = js_sys::Error::new(message).into();
    let waiting =
        WAITING.with(|waiting| waiting.try_borrow_mut().map(|mut all| std::mem::take(&mut *all)));
    for reject in waiting.into_iter().flat_map(|waiting| waiting.places).flatten() {
        drop(reject.call1(&JsValue::UNDEFINED, &error));
    }
    abandon_flights();
}

/// Makes a panic reject whoever waits.
pub(super) fn install_panic_hook() {
    thread_local!(static IS_INSTALLED: Cell<bool> = const { Cell::new(false) });
    if IS_INSTALLED.replace(true) {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let what = info.payload_as_str().unwrap_or("no message");
        let message = [
            "tokenflight failed internally (",
            what,
            "). This is a bug: please report it. The request may be tried again.",
        ];
        reject_all(&message.concat());
    }));
}
