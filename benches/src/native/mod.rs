//! Native twins, registered through DuckDB's C API as an extension would: what the guests are measured against.

mod scalars;
mod tables;

pub use scalars::register_native;
pub use tables::register_series;
