//! A `fetch` that stays signed in.
//!
//! It attaches the access token, answers a 401 with exactly one refresh for all
//! requests, holds back requests that start meanwhile, replays those that failed, and ends the
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
//! package is made of the same client.
//!
//! # Rust decides, JavaScript holds the browser's objects
//!
//! Everything that is right or wrong is decided here, in code that waits for nothing and touches
//! no browser: a [`protocol`] is told what happened and answers with one command. JavaScript
//! (`src/shell`) holds requests, storages, locks and timers, and does the waiting.
//!
//! # Glossary
//!
//! - *Session*: one sign-in of one user, until signed out.
//! - *Epoch*: the time in which one access token is the current one.
//! - *Flight*: the one refresh in progress; whoever needs its result joins it.
//! - *Landing*: how a flight ended, for all who waited.
//! - *Grant*: the tokens that a refresh or a sign-in brings.
//! - *Rotation*: a refresh that brings another refresh token; the old one is *spent*.
//! - *Record*: what the tabs of a session tell each other about their refreshes.
//! - *Admission*: the record's leave to present a refresh token.
//! - *Lock generation*: which of the tabs' locks counts. A holder that does not move is left
//!   behind together with its lock.
//! - *Tombstone*: the fingerprint of a token whose session has ended.
//! - *Mark*: stands for an access token in an HttpOnly cookie.
//!
//! # Layout
//!
//! Each line needs only those above it.
//!
//! - [`millis`], [`error`], [`credential`]: times, errors, tokens;
//! - [`session`], [`record`], [`expiry`], [`outage`], [`policy`], `futility`: what is known, and
//!   what follows from it;
//! - [`flight`], [`values`], [`shared`]: one refresh for all, and what clients have in common;
//! - [`facts`], [`task`]: what a task knows, and the seam to the platform;
//! - [`protocol`]: the language of decisions;
//! - [`refresh`], [`request`], [`renewal`], [`session_change`], [`forget`]: the protocols;
//! - [`client`], `transaction`, [`machine`]: what is done at once: to the storage, to the record,
//!   and for a protocol;
//! - `door`: the platform in JavaScript, on wasm32 only;
//! - [`web`](https://docs.rs/tokenflight/latest/tokenflight/web/): what Rust front-ends see, with the feature `web`.

pub mod client;
pub mod credential;
pub mod error;
pub mod expiry;
pub mod facts;
pub mod flight;
pub mod forget;
mod futility;
pub mod machine;
pub mod millis;
pub mod outage;
pub mod policy;
pub mod protocol;
pub mod record;
pub mod refresh;
pub mod renewal;
pub mod request;
pub mod session;
pub mod session_change;
pub mod shared;
pub mod task;
mod transaction;
pub mod values;

#[cfg(all(target_arch = "wasm32", any(feature = "npm", feature = "web")))]
mod door;
#[cfg(all(target_arch = "wasm32", feature = "web"))]
pub mod web;

// JavaScript calls it; Rust front-ends have no use for it.
#[cfg(all(target_arch = "wasm32", any(feature = "npm", feature = "web")))]
#[doc(hidden)]
pub use door::Core;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub use door::{create_api, new_core};
