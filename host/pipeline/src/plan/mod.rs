//! The plan: the steps of a pipeline, what each is, and in which order they can run.

mod data_tests;
mod digest;
mod draft;
mod graph;
mod ids;
mod imported;
mod json;
mod queries;
mod references;
mod refresh;
mod resolve;
mod secrets;
mod selection;
mod steps;
mod sync_mode;

pub use data_tests::{TestCheck, TestSeverity, TestStep};
pub use digest::Digest;
pub use json::PlanError;
pub use selection::{Selection, SelectionError};
pub use steps::{
    ExportStep, LoadMode, LoadStep, Lookback, LookbackUnit, Plan, Refresh, Relation, SourceStep, Step, StepId,
    StepKind, TableName, TransformMode, TransformStep,
};

pub(crate) use resolve::Resolver;
