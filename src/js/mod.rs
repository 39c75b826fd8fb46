//! What JavaScript sees: `createApi`, its options, and the `Api`.

mod api;
mod call;
mod options;
mod setup;

pub use api::{Api, create_api};
