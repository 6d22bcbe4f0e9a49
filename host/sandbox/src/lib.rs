//! Components run isolated.
//!
//! This is the only room that knows wasmtime's configuration. It makes an [`Engine`], loads a [`Component`] (compiling it
//! once, then taking it from an authenticated cache), refuses one that wants what it is not granted, and makes
//! [`Instance`]s of it. Every call into a guest has fuel, memory and a deadline before its first instruction, and yields
//! exactly one [`Measurement`], whichever way it ends.

mod cache;
mod compiler;
mod component;
mod engine;
mod exports;
mod instance;
mod limiter;
mod limits;
mod meter;
mod outcome;
mod quantity;
mod slots;
mod template;
mod wasi;

pub use cache::{Cache, CacheError};
pub use compiler::{CompileLimits, Compiler, answer_as_compiler};
pub use component::{Component, Import, LoadError};
pub use engine::{Engine, EngineError, EngineOptions, Measuring, Metering, TICK};
pub use exports::ExportedFunction;
pub use instance::Instance;
pub use limits::{LimitError, Limits};
pub use meter::{Measurement, Meter, NoMeter, Stopwatch};
pub use outcome::{Exceeded, LimitKind, Outcome, Refusal, Stopped};
pub use quantity::{parse_bytes, parse_count, parse_duration};
pub use template::{Embedder, Guest, LogLevel, Template};
