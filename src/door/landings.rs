//! One promise for each flight, however many wait for it.

use std::cell::RefCell;

use futures::FutureExt;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use super::browser::Browser;
use crate::flight::Flight;
use crate::shared::Landing;

type Landings = Vec<(Flight<Landing<Browser>>, Promise)>;

thread_local! {
    static UNDER_WAY: RefCell<Landings> = const { RefCell::new(Vec::new()) };
}

/// Waits for `flight` although nobody else may, and calls `landed` then.
pub(crate) fn see_through(
    flight: Flight<Landing<Browser>>,
    landed: Box<dyn FnOnce(Landing<Browser>)>,
) {
    let this = flight.clone();
    let promise = future_to_promise(flight.clone().map(move |landing| {
        UNDER_WAY.with_borrow_mut(|all| all.retain(|(other, _)| !other.ptr_eq(&this)));
        landed(landing);
        Ok(JsValue::UNDEFINED)
    }));
    UNDER_WAY.with_borrow_mut(|all| all.push((flight, promise)));
}

/// The promise of `flight`; resolves when it has landed.
pub(crate) fn landing_of(flight: &Flight<Landing<Browser>>) -> JsValue {
    UNDER_WAY.with_borrow(|all| {
        let known = all.iter().find(|(other, _)| other.ptr_eq(flight));
        // One that has landed needs no promise.
        known.map_or(JsValue::UNDEFINED, |(_, promise)| promise.clone().into())
    })
}
