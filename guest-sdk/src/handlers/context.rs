//! The step being run.

use super::contract::context;

pub use super::contract::context::Level;

/// The name of the run.
pub fn run_id() -> String {
    context::run_id()
}

/// How often the step was tried, this time included: counts from 1.
pub fn attempt() -> u32 {
    context::attempt()
}

/// Whether the run is being stopped. The host stops a handler that does not ask, too.
pub fn is_cancelled() -> bool {
    context::is_cancelled()
}

/// Writes a line to the log of the run.
pub fn log(level: Level, message: &str) {
    context::log(level, message);
}
