//! What JavaScript sees: `createApi`, its options, and the `Api`.

mod answer;
mod api;
mod call;
mod options;
mod params;
mod setup;

pub use api::{Api, create_api};
