//! The WebAssembly module of the npm package: what the crate exports to JavaScript.

pub use tokenflight::{Core, create_api, new_core};
