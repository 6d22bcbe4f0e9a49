//! Benchmarks with native and bare baselines in the same run, and the report that sets their figures beside the targets.
//!
//! ```sh
//! cargo xtask bench
//! ```
//!
//! Every figure that has a target is a ratio of two medians of one run: a machine's own speed cancels out.

pub mod contract;
mod figures;
mod guests;
mod native;
mod pairs;
mod pipelines;
mod row_files;
mod sampling;
mod tables;

pub use figures::{FIGURES, Figure, Formula, Measurements, TEN_FUNCTIONS, Target};
pub use guests::{guest, metered_engine, unmeasured_engine, unmetered_engine};
pub use native::{register_native, register_series, register_weighted_mean};
pub use pairs::measure_pair;
pub use pipelines::{step_executor, step_executor_with, step_ids};
pub use row_files::{row_files, wanted_rows};
pub use sampling::seconds_long;
pub use tables::{NUMBERS, PLAIN_ROWS, SAMPLES, TEXTS, numbers, numbers_below, samples, set_threads, texts};
