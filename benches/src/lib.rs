//! Benchmarks with native and bare baselines in the same run, and the report that sets their figures beside the targets.
//!
//! ```sh
//! cargo bench --package duckpen-benches --profile dev
//! cargo run --package duckpen-benches --bin report
//! ```
//!
//! Every figure that has a target is a ratio of two medians of one run: a machine's own speed cancels out.

pub mod contract;
mod figures;
mod guests;
mod native;
mod tables;

pub use figures::{FIGURES, Figure, Formula, Measurements, TEN_FUNCTIONS, Target};
pub use guests::{guest, metered_engine, unmetered_engine};
pub use native::{register_native, register_series, register_weighted_mean};
pub use tables::{NUMBERS, SAMPLES, TEXTS, numbers, samples, set_threads, texts};
