//! The race simulator: tabs, a storage with a lag, locks and a token server that ends a
//! session at the first reuse, all driven by one seeded scheduler over the code that ships.
//!
//! ```text
//! cargo test --test simulator -- --nocapture                        the table
//! SIMULATOR_SCHEDULES=1000000 cargo test --test simulator           a longer run
//! SIMULATOR_SEED=123 cargo test --test simulator -- --nocapture     one schedule, traced
//! SIMULATOR_FIRST=100000 SIMULATOR_GO_ON=1 cargo test …             from there, past failures
//! ```
//!
//! The numbers of the invariants: 1 no refresh token is used twice (`asks`, with the
//! excuses), 2 no session is lost that the server has not refused, 3 every call settles,
//! 4 a request goes out twice at most and for one user, 5 no older token and none of an
//! ended session is stored, 6 what is in the storage at rest belongs together and to the
//! session that stands, 7 no refresh without a reason or during a cool-down.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "a module of a test crate is private in any case")]

mod acts;
mod agenda;
mod asks;
mod at_rest;
mod calls;
mod chance;
mod checks;
mod counts;
#[path = "../driver/mod.rs"]
mod driver;
mod exchange;
mod faults;
mod locks;
mod page;
mod plan;
mod records;
mod report;
mod request;
mod runs;
mod server;
mod setting;
mod storage;
mod tab;
mod tasks;
mod token;
mod wire;
mod world;

#[test]
fn schedules_keep_the_invariants() {
    match runs::number_from("SIMULATOR_SEED") {
        Some(seed) => runs::replay(seed),
        None => runs::run_all(runs::number_from("SIMULATOR_SCHEDULES").unwrap_or(100_000)),
    }
}
