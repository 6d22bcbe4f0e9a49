use std::path::{Path, PathBuf};

use duckpen_connectors::{ConnectorError, ConnectorKinds, ProjectFiles};
use duckpen_database::LockDown;
use duckpen_pipeline::{Plan, StepId, StepKind};
use serde_json::{Map, Value};

use crate::query_check::is_forbidden;

/// The files a plan's steps may read, known before the database is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    files: Vec<PathBuf>,
}

/// A step wants what no step gets.
#[derive(Debug, thiserror::Error)]
pub enum GrantsError {
    /// A place outside of the project.
    #[error("step `{step}`: {source}")]
    Place {
        /// The step.
        step: StepId,
        /// Which place, and what is wrong with it.
        source: ConnectorError,
    },
    /// A function that leads out of the database.
    #[error("step `{step}` calls `{function}`, which reads outside of the pipeline's tables")]
    Function {
        /// The step.
        step: StepId,
        /// The function.
        function: String,
    },
    /// A query that names a file.
    #[error("step `{step}` reads the file '{file}' in its query")]
    File {
        /// The step.
        step: StepId,
        /// The file.
        file: String,
    },
}

impl GrantsError {
    /// The step that wants it.
    pub fn step(&self) -> &StepId {
        match self {
            Self::Place { step, .. } | Self::Function { step, .. } | Self::File { step, .. } => step,
        }
    }

    /// What its author can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Place { .. } => "places are relative to the project's folder",
            Self::Function { .. } | Self::File { .. } => "declare a SOURCE for the file, and LOAD it",
        }
    }
}

impl Grants {
    /// Looks at every place in the plan. `kinds` are connectors that were brought; `params` gives the parameters of a SOURCE step whose connector is in the profile.
    ///
    /// # Errors
    /// The first place, function or file that no step is granted.
    pub fn of<'a>(
        plan: &Plan,
        files: &ProjectFiles,
        kinds: &ConnectorKinds,
        params: impl Fn(&StepId) -> Option<&'a Map<String, Value>>,
    ) -> Result<Self, GrantsError> {
        let mut grants = Self::default();
        for step in &plan.steps {
            let misplaced = |source| GrantsError::Place { step: step.id.clone(), source };
            match &step.kind {
                StepKind::Source(source) => {
                    let params = params(&step.id).unwrap_or(&source.params);
                    // Of a kind that was brought nobody here knows what a path is: it reaches no file.
                    let place = place_of(params).filter(|_| kinds.find(&source.connector_type).is_none());
                    if let Some(place) = place {
                        let found = files.grantable(place).map_err(misplaced)?;
                        // Files that the host reads itself are nothing for DuckDB to reach.
                        if kinds.row_format(&source.connector_type).is_none() {
                            grants.files.extend(found);
                        }
                    }
                }
                StepKind::Load(_) => {}
                StepKind::Test(test) => check_query(&step.id, &test.functions, &test.reads)?,
                StepKind::Transform(transform) => check_query(&step.id, &transform.functions, &transform.reads)?,
                StepKind::Export(export) => {
                    check_query(&step.id, &export.functions, &export.reads)?;
                    if kinds.row_format(&export.connector_type).is_none() {
                        files.relative(&export.destination).map_err(misplaced)?;
                    }
                }
            }
        }
        Ok(grants)
    }

    /// The lock-down that leaves these files reachable, and the folder in which exports are staged.
    pub fn lock_down(&self, staging: Option<&Path>) -> LockDown {
        LockDown { files: self.files.clone(), folders: staging.into_iter().map(Path::to_path_buf).collect() }
    }
}

/// The place of a source that is a file.
pub(crate) fn place_of(params: &Map<String, Value>) -> Option<&str> {
    params.get("path").and_then(Value::as_str)
}

fn check_query(step: &StepId, functions: &[String], reads: &[duckpen_pipeline::TableName]) -> Result<(), GrantsError> {
    if let Some(function) = functions.iter().find(|function| is_forbidden(function)) {
        return Err(GrantsError::Function { step: step.clone(), function: function.clone() });
    }
    // DuckDB would read a file of this name where no table has it.
    let is_file = |name: &str| {
        name.contains('/')
            || Path::new(name).extension().is_some_and(|extension| {
                ["csv", "tsv", "txt", "json", "ndjson", "jsonl", "parquet", "gz", "zst", "xlsx", "db", "duckdb"]
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
            })
    };
    match reads.iter().find(|table| table.schema.is_none() && is_file(&table.name)) {
        Some(table) => Err(GrantsError::File { step: step.clone(), file: table.name.clone() }),
        None => Ok(()),
    }
}
