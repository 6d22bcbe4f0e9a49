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
mod pairs;
mod pipelines;
mod tables;

pub use figures::{FIGURES, Figure, Formula, Measurements, TEN_FUNCTIONS, Target};
pub use guests::{guest, metered_engine, unmeasured_engine, unmetered_engine};
pub use native::{register_native, register_series, register_weighted_mean};
pub use pairs::measure_pair;
pub use pipelines::{step_executor, step_executor_with, step_ids};
pub use tables::{NUMBERS, PLAIN_ROWS, SAMPLES, TEXTS, numbers, numbers_below, samples, set_threads, texts};
