//! The WebAssembly module of the npm package: what the crate exports to JavaScript.

#[cfg(target_arch = "wasm32")]
pub use tokenflight::{Core, create_api, new_core};
