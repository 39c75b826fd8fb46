//! Panics on purpose, so that tests can check how the package recovers from a trap.

/// Panics if the page's function `plantedTrap` returns true for this place.
#[cfg(feature = "planted-trap")]
pub(crate) fn trap_at(place: &str) {
    use js_sys::{Function, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    let decides = Reflect::get(&js_sys::global(), &"plantedTrap".into());
    let decides = decides.and_then(JsCast::dyn_into::<Function>);
    let answer = decides.and_then(|decides| decides.call1(&JsValue::UNDEFINED, &place.into()));
    assert!(!answer.is_ok_and(|answer| answer.is_truthy()), "planted");
}

#[cfg(not(feature = "planted-trap"))]
pub(crate) fn trap_at(_place: &str) {}
