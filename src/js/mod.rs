//! What JavaScript sees: `createApi` and the `Api`.

mod answer;
mod api;
mod call;
mod params;
mod promise;

pub use api::create_api;
