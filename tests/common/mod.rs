//! A virtual platform: a clock that the test turns, a storage, servers that follow a
//! script, and a world that holds them together.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of the platform")]
#![allow(unreachable_pub, reason = "a module of a test crate is private in any case")]

mod clock;
#[path = "../driver/mod.rs"]
pub mod driver;
mod platform;
mod request;
mod server;
mod storage;
mod token;
mod world;

pub use clock::ms;
pub use platform::Fake;
pub use request::{Abort, Failure, Request, Response, get};
pub use server::{Reply, ServerAnswer};
pub use token::{Token, grant, presented, token};
pub use world::{Call, Stage, Tab};
