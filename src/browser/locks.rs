//! The lock between the tabs: Web Locks.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use futures::future::{Either, select};
use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::abort::AbortGuard;
use super::called::Called;
use super::globals::{Init, as_object, global};
use crate::ports;

#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method, structural, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Init,
        callback: &Function,
    ) -> Result<Promise, JsValue>;
}

/// What ends the holding of a lock; empty once that has happened.
type Release = RefCell<Option<Function>>;

thread_local! {
    static HELD: RefCell<Vec<Weak<Release>>> = const { RefCell::new(Vec::new()) };
}

/// A lock that is held until it is dropped, or until the page is put away.
pub(crate) struct Lock(Rc<Release>);

impl Lock {
    /// Waits for the lock of that name, with all tabs and workers of the origin; `None`
    /// where there are no Web Locks. Dropping the future withdraws the request.
    pub(crate) async fn request(name: &str) -> Option<Self> {
        let locks = global().navigator()?.locks();
        let manager = as_object::<LockManager>(&locks)?;
        let withdrawal = AbortGuard::new();
        let options: Init = Object::new().unchecked_into();
        options.set_signal(&withdrawal.signal(None));
        let mut release = None;
        let released = Promise::new(&mut |resolve, _| release = Some(resolve));
        let granted = Called::new();
        let on_granted = {
            let granted = granted.function().clone();
            Closure::<dyn FnMut() -> Promise>::new(move || {
                drop(granted.call0(&JsValue::UNDEFINED));
                released.clone()
            })
        };
        let request = manager.request(name, &options, on_granted.as_ref().unchecked_ref()).ok()?;
        // It ends before it is granted where locks are denied, as in a page without an origin.
        if let Either::Right(_) = select(granted, JsFuture::from(request)).await {
            return None;
        }
        withdrawal.disarm();
        let lock = Rc::new(RefCell::new(release));
        HELD.with_borrow_mut(|held| {
            held.retain(|other| other.strong_count() > 0);
            held.push(Rc::downgrade(&lock));
        });
        Some(Self(lock))
    }
}

impl ports::Guard for Lock {
    fn is_held(&self) -> bool {
        self.0.borrow().is_some()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        release(&self.0);
    }
}

/// Lets go of all locks: the page is put away or frozen, and others are not to wait for it.
pub(crate) fn release_all() {
    for lock in HELD.take().iter().filter_map(Weak::upgrade) {
        release(&lock);
    }
}

fn release(lock: &Release) {
    if let Some(release) = lock.take() {
        drop(release.call0(&JsValue::UNDEFINED));
    }
}
