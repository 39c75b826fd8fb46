//! Traps where a test wants them: what follows from a panic cannot be tested with one that nobody has made yet.

/// Panics where the function `plantedTrap` of the page says so of this place.
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
