//! For Rust front-ends: an [`Api`] whose requests stay signed in.
//!
//! It is the client that `createApi` of the npm package makes, with typed errors and bodies
//! that serde writes and reads. Requests and responses are those of `gloo-net`.
//!
//! ```no_run,standalone_crate
//! use serde::{Deserialize, Serialize};
//! use tokenflight::web::{Api, Error};
//!
//! #[derive(Serialize)]
//! struct Cart {
//!     items: Vec<u32>,
//! }
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     id: String,
//! }
//!
//! async fn submit(api: &Api, cart: &Cart) -> Result<Order, Error> {
//!     api.post("/orders").json(cart)?.receive().await
//! }
//!
//! # async fn run() -> Result<(), Error> {
//! let api = Api::builder().base_url("/api").build()?;
//! match submit(&api, &Cart { items: vec![1, 2] }).await {
//!     Ok(order) => println!("{}", order.id),
//!     // The user is on the way to the login page.
//!     Err(Error::SignInRequired { .. }) => {}
//!     Err(Error::RefreshUnavailable { retry_after, .. }) => println!("again in {retry_after:?}"),
//!     Err(error) => println!("{error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Code that has gloo's requests already keeps them:
//!
//! ```no_run,standalone_crate
//! # use tokenflight::web::{Api, Error};
//! # async fn run(api: Api) -> Result<(), Error> {
//! use gloo_net::http::Request;
//!
//! let response = api.fetch(Request::get("/api/orders").build()?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A future that is dropped aborts its request, and nothing but that: a refresh goes on for
//! the others.

// Each example is a crate of its own (`standalone_crate`): rustdoc merges the others into one
// that it runs, and nothing can be run where these are compiled for.

mod api;
mod builder;
mod callback;
mod error;
mod event;
mod raw;
mod request;
mod session;
mod tokens;

pub use self::api::Api;
pub use self::builder::{Builder, Storage};
pub use self::error::{Error, StatusError};
pub use self::event::{Event, Subscription};
pub use self::request::RequestBuilder;
pub use self::session::{Session, SessionStatus};
pub use self::tokens::{RefreshContext, Tokens};
pub use crate::session::SignOut;
