//! Native twins, registered through DuckDB's C API as an extension would: what the guests are measured against.

mod aggregates;
mod scalars;
mod tables;

pub use aggregates::register_weighted_mean;
pub use scalars::register_native;
pub use tables::register_series;
