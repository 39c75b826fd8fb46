//! Members of objects, by name.
//!
//! What is read or written once in a while goes this way. A typed getter is faster, and has
//! its price in bytes: an import, and a function on either side of it, for each name.

use js_sys::Object;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Throws what a getter throws, and a `TypeError` where `object` is none.
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    pub(crate) fn try_member(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = set, catch)]
    fn try_set(object: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue>;
}

/// What `object` has under `name`; `undefined` where it has nothing, is no object, or throws.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    try_member(object, name).unwrap_or_default()
}

/// Gives an object of our own a member.
pub(crate) fn set_member(object: &JsValue, name: &str, value: &JsValue) {
    drop(try_set(object, name, value));
}

/// A new object with these members.
pub(crate) fn object_of(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set_member(&object, name, value);
    }
    object
}
