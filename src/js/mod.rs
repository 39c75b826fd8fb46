//! What JavaScript sees: `createApi` and the `Api`.

mod answer;
mod api;
mod call;
mod params;
mod promise;

pub use api::create_api;

/// One thread asks for memory here, and wants its code to be small.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
