//! The door between the decisions and the shell in JavaScript.
//!
//! - `shell`: the functions of JavaScript that Rust calls;
//! - `token`: a token as JavaScript holds it;
//! - `browser`: the platform of the decisions;
//! - `task`, `core`: the classes that JavaScript calls;
//! - `platform`: the rest of the platform, which hands tasks to JavaScript.

mod browser;
mod core;
mod planted;
mod platform;
mod shell;
mod task;
mod token;

use wasm_bindgen::prelude::*;

pub use self::core::Core;
#[cfg(feature = "web")]
pub(crate) use self::shell::followed;

/// There is only one thread, so the smallest allocator will do.
#[cfg(feature = "npm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Creates an api; `index.d.ts` says what it is.
///
/// # Errors
///
/// A `TypeError` that names the option that is wrong.
#[cfg(feature = "npm")]
#[wasm_bindgen(js_name = createApi, skip_typescript)]
pub fn create_api(options: JsValue) -> Result<JsValue, JsValue> {
    // Without a text there is none to be decoded, and no decoder to be made before an error is.
    open(&options, None)
}

/// Creates an api. `asked` begins every error message: the function that was called, with a colon;
/// `createApi`, where it is not said.
///
/// # Errors
///
/// A `TypeError` that names the option that is wrong.
pub(crate) fn open(options: &JsValue, asked: Option<&str>) -> Result<JsValue, JsValue> {
    shell::create_api(options, asked, Core::default().into())
}

/// Creates a core that shares no session yet. After a trap, every live api gets a new one.
#[cfg(feature = "npm")]
#[wasm_bindgen(js_name = newCore, skip_typescript)]
#[must_use]
pub fn new_core() -> Core {
    Core::default()
}
