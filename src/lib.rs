//! A `fetch` that stays signed in.
//!
//! It attaches the access token, answers a 401 with exactly one refresh for all
//! requests, holds back what starts meanwhile, replays what failed, and ends the
//! session only when the server has refused to refresh.
//!
//! ```text
//!  fetch ─► attach the token ─► send ─► 401? ─► one flight for all ─► replay ─► response
//!                 ▲                      │ no                           ▲
//!                 │                      └────────► response            │
//!                 └── while a flight is under way, requests wait ───────┘
//! ```
//!
//! Rust front-ends use [`web`](https://docs.rs/tokenflight/latest/tokenflight/web/), and the npm
//! package is made of the same client. What else is here is the way from one to the other.
//!
//! # Layout
//!
//! Decisions are pure and IO is behind ports; dependencies point one way:
//!
//! - [`error`], [`session`], [`policy`]: what is known, and what follows from it;
//! - [`expiry`], [`handover`]: how long a token is good for, and what tabs leave each other;
//! - [`flight`]: one piece of work however many ask for it;
//! - [`ports`]: what is needed from the surroundings;
//! - [`shared`]: what clients of the same storage have in common;
//! - [`client`] and [`refresh`]: the way of one request, and how it comes by a refresh;
//! - `look`: what the storage holds, and what has changed there;
//! - `rotation`, `queue`, `outcome`: the way of one refresh, past the other tabs;
//! - `commit`: what is written, and how sessions begin and end;
//! - [`background`]: refreshing although nobody asks;
//! - `browser`: the platform, on wasm32 only;
//! - `setup`: from options to a client;
//! - `js`: what JavaScript sees, with the feature `npm`;
//! - [`web`](https://docs.rs/tokenflight/latest/tokenflight/web/): what Rust front-ends see, with the feature `web`.

pub mod background;
pub mod client;
mod commit;
pub mod error;
pub mod expiry;
pub mod flight;
pub mod handover;
mod look;
mod outcome;
pub mod policy;
pub mod ports;
mod queue;
pub mod refresh;
mod rotation;
pub mod session;
pub mod shared;

#[cfg(all(target_arch = "wasm32", any(feature = "npm", feature = "web")))]
mod browser;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod js;
#[cfg(all(target_arch = "wasm32", any(feature = "npm", feature = "web")))]
mod setup;
#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub mod web;

#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub use js::create_api;
