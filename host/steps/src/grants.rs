use std::path::{Path, PathBuf};

use duckpen_connectors::{ConnectorError, ConnectorKinds, ObjectPlace, ProjectFiles};
use duckpen_database::LockDown;
use duckpen_pipeline::{ExportStep, Plan, Relation, SourceStep, Step, StepId, StepKind};
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
    /// A query that names a file, and not as a text.
    #[error("step `{step}` reads the file '{file}' in its query")]
    File {
        /// The step.
        step: StepId,
        /// The file.
        file: String,
    },
    /// A function that reads files, and it is not known which.
    #[error("step `{step}` calls `{function}`, and not with the names of files of the project")]
    UnclearFile {
        /// The step.
        step: StepId,
        /// The function.
        function: &'static str,
    },
    /// A view that would read a file whenever it is read itself.
    #[error("step `{step}` makes a view of the file '{file}'")]
    ViewOfFile {
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
            Self::Place { step, .. }
            | Self::Function { step, .. }
            | Self::File { step, .. }
            | Self::UnclearFile { step, .. }
            | Self::ViewOfFile { step, .. } => step,
        }
    }

    /// What its author can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Place { .. } => "places are relative to the project's folder",
            Self::Function { .. } | Self::File { .. } => "declare a SOURCE for the file, and LOAD it",
            Self::UnclearFile { .. } => {
                "write them as texts, as in read_csv('data/users.csv'), or declare a SOURCE for them, and LOAD it"
            }
            Self::ViewOfFile { .. } => "make a table of it, or declare a SOURCE for the file, and LOAD it",
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
                StepKind::Test(_) | StepKind::Transform(_) => grants.files.extend(files_of_query(step, files)?),
                StepKind::Export(export) => {
                    grants.files.extend(files_of_query(step, files)?);
                    let options = params(&step.id).unwrap_or(&export.options);
                    let is_rows = kinds.row_format(&export.connector_type).is_some();
                    if !is_rows && !is_object_export(export, options, kinds) {
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

/// Whether a source's files lie in an object store.
pub(crate) fn is_object_source(source: &SourceStep) -> bool {
    source.connector_type.eq_ignore_ascii_case(OBJECTS)
}

/// Whether an export's file is sent to an object store, by its type, its destination, or the profile's connector, whose
/// parameters are among `options`.
pub(crate) fn is_object_export(export: &ExportStep, options: &Map<String, Value>, kinds: &ConnectorKinds) -> bool {
    let names_objects =
        || export.destination.is_empty() && ["uri", "bucket"].iter().any(|name| options.contains_key(*name));
    export.connector_type.eq_ignore_ascii_case(OBJECTS)
        || kinds.row_format(&export.connector_type).is_none()
            && (ObjectPlace::is_meant_by(&export.destination) || names_objects())
}

/// Looks at what a step says of objects that it reads or writes, as far as nobody has to be asked for it. `params` as in
/// [`declaration`](crate::declaration).
///
/// # Errors
/// A parameter that is missing or unusable, or a place to write that is not one object.
pub fn check_objects(
    kind: &StepKind,
    params: Option<&Map<String, Value>>,
    kinds: &ConnectorKinds,
) -> Result<(), ConnectorError> {
    match kind {
        StepKind::Source(source) if is_object_source(source) => {
            ObjectPlace::check(params.unwrap_or(&source.params), None).map(|_| ())
        }
        StepKind::Export(export) if is_object_export(export, params.unwrap_or(&export.options), kinds) => {
            let options = params.unwrap_or(&export.options);
            let place = ObjectPlace::check(options, Some(&export.destination))?;
            match if is_parted(options) { place.folder().is_some() } else { place.key().is_some() } {
                true => Ok(()),
                false => Err(ConnectorError::NotOneObject { place: place.to_string() }),
            }
        }
        _ => Ok(()),
    }
}

/// Whether an export's rows are parted by their values, so that they are a folder of files.
pub(crate) fn is_parted(options: &Map<String, Value>) -> bool {
    match options.get("partition_by") {
        Some(Value::Array(columns)) => !columns.is_empty(),
        Some(Value::String(columns)) => columns.split(',').any(|column| !column.trim().is_empty()),
        _ => false,
    }
}

/// The type of connectors to object stores.
const OBJECTS: &str = "s3";

/// The files that a step's query reads by their names, as far as it may.
fn files_of_query(step: &Step, files: &ProjectFiles) -> Result<Vec<PathBuf>, GrantsError> {
    let found = step.kind.file_reads();
    if let Some(function) = found.unclear.first() {
        return Err(GrantsError::UnclearFile { step: step.id.clone(), function });
    }
    let reads = |function: &str| found.reads.iter().any(|read| read.function == function);
    if let Some(function) = step.kind.functions().iter().find(|name| is_forbidden(name) && !reads(name)) {
        return Err(GrantsError::Function { step: step.id.clone(), function: function.clone() });
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
    if let Some(table) = step.kind.reads().iter().find(|table| table.schema.is_none() && is_file(&table.name)) {
        return Err(GrantsError::File { step: step.id.clone(), file: table.name.clone() });
    }
    let mut granted = Vec::new();
    for place in found.reads.iter().flat_map(|read| &read.places) {
        if let StepKind::Transform(transform) = &step.kind
            && transform.relation == Relation::View
        {
            return Err(GrantsError::ViewOfFile { step: step.id.clone(), file: place.clone() });
        }
        let misplaced = |source| GrantsError::Place { step: step.id.clone(), source };
        granted.extend(files.grantable(place).map_err(misplaced)?);
    }
    Ok(granted)
}
