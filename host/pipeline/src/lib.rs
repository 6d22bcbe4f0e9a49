//! From pipeline text to a plan: parser, variables, conditions, includes, profiles, step graph, diagnostics.
//!
//! Pure: text goes in, values come out. Files and DuckDB's parser are reached through two traits, [`Sources`] and
//! [`SqlAnalyzer`].
//!
//! [`compile`] reads a pipeline and answers with a [`Plan`] and everything that is wrong, as [`Diagnostic`]s that
//! [`render`] shows with carets. [`Plan::to_json`] and [`Plan::from_json`] speak the format of SQLFlow's compiled plans.
//! [`Profile::read`] reads a profile, [`Node`] any settings file, with the place of each value; [`Variables`] holds what is given from outside.

mod compile;
mod conditions;
mod diagnostics;
mod file_reads;
mod names;
mod plan;
mod profile;
mod python_calls;
mod seams;
mod settings;
mod syntax;
mod variables;

pub use compile::{Compilation, CompileRequest, compile};
pub use diagnostics::{
    Code, Color, Diagnostic, Example, FileId, Label, Location, Severity, SourceMap, Span, render, to_json,
};
pub use file_reads::{FileRead, FileReads, rewrite_file_reads};
pub use names::suggest;
pub use plan::{
    Digest, ExportStep, LoadMode, LoadStep, Lookback, LookbackUnit, Plan, PlanError, Refresh, Relation, Selection,
    SelectionError, SourceStep, Step, StepId, StepKind, TableName, TestCheck, TestSeverity, TestStep, TransformMode,
    TransformStep,
};
pub use profile::{
    Connector, ConnectorSettings, Engine, EngineMode, MissingVariables, Profile, ProfileError, ProfileReading,
    ProfileValue, Reference, is_secret_name, mask_secret_lines,
};
pub use python_calls::{PythonArgument, PythonCall, PythonPlace, python_calls, rewrite_python_calls};
pub use seams::{SourceError, Sources, SqlAnalyzer, SqlError, SqlFacts};
pub use settings::{Entry, Node, NodeValue, Problem, SettingsReader};
pub use variables::{
    CommandLineError, NotAValue, Number, Origin, SecretValues, Value, VariableUse, VariableUses, Variables,
};
