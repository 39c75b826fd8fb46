//! The crate as a Rust front-end sees it: its own face, in a real browser, against the real server
//! of `www/server`. `npm test -- browser` runs these too.
//!
//! How requests, refreshes and sessions behave is tested in `tests/browser`, on the same
//! client. Here it is about what stands between that and Rust.

#![cfg(target_arch = "wasm32")]

mod errors;
mod events;
mod requests;
mod settings;
mod world;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
