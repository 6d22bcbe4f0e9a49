//! A component that reads files of a format.

use std::sync::Arc;

use duckpen_connectors::{
    Cancel, ConnectorError, FilePlace, FileReader, ParameterProblem, Relation, RowConnector, RowSink, RowSource,
    SourceFiles, Target,
};
use duckpen_functions::{FunctionStatistics, Statistics};
use duckpen_sandbox::{Component, Engine, Limits, Template};
use serde_json::{Map, Value};

use crate::ComponentKind;
use crate::declaration::{Declaration, Parameter, ParameterKind};
use crate::description::{CONNECTOR, KindError, SOURCE, describe};
use crate::host::{ConnectorHost, GRANTED_TO_FILE_READERS, add_files_to_linker};
use crate::instance::Maker;
use crate::reach::Reach;
use crate::source::ComponentSource;
use crate::values;

/// Parameters of sources of files that are the host's own matter.
const OF_FILES: &[&str] = &["path", "sync_mode", "cursor_field", "primary_key", "lookback_window"];

/// A format of files whose reader is a component. It sees the files of one source, and reaches nobody.
pub struct ComponentFileReader {
    format: String,
    declaration: Declaration,
    template: Template<ConnectorHost>,
    statistics: Arc<Statistics>,
}

impl ComponentFileReader {
    /// Loads a component and asks it what it reads. `format` is the name under which it is used.
    ///
    /// # Errors
    /// When the bytes are no component, it wants what it is not granted, it reads no files, or what it declares is not
    /// usable. A component that misbehaves while it is asked is stopped.
    pub fn load(engine: &Engine, format: &str, bytes: &[u8], limits: &Limits) -> Result<Self, KindError> {
        let component = Component::load(engine, format, bytes)?;
        if !component.offers(CONNECTOR)? || !component.offers(SOURCE)? {
            let reason = format!("a reader of files exports `{CONNECTOR}` and `{SOURCE}`");
            return Err(component.contract_error(reason).into());
        }
        let declaration = describe(&component, GRANTED_TO_FILE_READERS, add_files_to_linker)?;
        let of_systems = || {
            let Declaration { parameters, sink_parameters, authentication, .. } = &declaration;
            !parameters.is_empty() || !sink_parameters.is_empty() || !authentication.is_empty()
        };
        let reaches = |kind| matches!(kind, ParameterKind::Secret | ParameterKind::Url);
        if of_systems() || declaration.source_parameters.iter().any(|parameter| reaches(parameter.kind)) {
            let reason = "a reader of files has parameters of sources only, and none that is a secret or an address";
            return Err(component.contract_error(reason).into());
        }
        Ok(Self {
            format: format.to_owned(),
            declaration,
            template: Template::new(&component, limits.clone(), GRANTED_TO_FILE_READERS, add_files_to_linker)?,
            statistics: Arc::default(),
        })
    }

    /// The limits where the configuration sets none: those of connectors, with fuel for files of many gigabytes, which are
    /// looked through in one call. Time is what ends a reader that does not come to an end.
    pub fn limits() -> Limits {
        Limits { fuel: 1_000_000_000_000, ..ComponentKind::limits() }
    }

    /// What it says of itself.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// What its calls have cost so far.
    pub fn statistics(&self) -> FunctionStatistics {
        self.statistics.snapshot()
    }

    /// The component.
    pub fn component(&self) -> &Component {
        self.template.component()
    }
}

impl FileReader for ComponentFileReader {
    fn format(&self) -> &str {
        &self.format
    }

    fn declares(&self, parameter: &str) -> bool {
        self.declaration.source_parameters.iter().any(|known| known.name == parameter)
    }

    fn problems(&self, place: FilePlace, params: &Map<String, Value>) -> Vec<ParameterProblem> {
        let own = |name: &str| match place {
            FilePlace::Project => !OF_FILES.contains(&name),
            FilePlace::Store => self.declares(name),
        };
        let given = params.iter().filter(|(name, _)| own(name));
        let given: Map<String, Value> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let parameters: Vec<&Parameter> = self.declaration.source_parameters.iter().collect();
        let owner = format!("{} connector", self.format.to_ascii_uppercase());
        let problems = values::problems(&owner, &parameters, &[], &given);
        if place == FilePlace::Store {
            return problems;
        }
        place_problems(params).into_iter().chain(problems).collect()
    }

    fn open(&self, params: &Map<String, Value>, files: &SourceFiles) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        let maker = Maker {
            name: self.format.as_str().into(),
            template: self.template.clone(),
            statistics: Arc::clone(&self.statistics),
            reach: Reach::Files(Arc::new(files.clone())),
        };
        let selection = Value::from(values::told(&self.declaration.source_parameters, params)).to_string();
        Ok(Arc::new(Files { maker, selection }))
    }
}

/// What is wrong with what a step says of files in the project.
fn place_problems(params: &Map<String, Value>) -> Vec<ParameterProblem> {
    let problem = |message: &str, hint: &str, parameter: &str| ParameterProblem {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        parameter: Some(parameter.to_owned()),
    };
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    let mut problems = Vec::new();
    if text("path").is_none() {
        let hint = "a file of the project, or several by a pattern: data/*.avro";
        problems.push(problem("Required field 'path' is missing", hint, "path"));
    }
    let is_incremental = text("sync_mode").is_some_and(|mode| mode.eq_ignore_ascii_case("incremental"));
    if is_incremental && text("cursor_field").is_none() {
        let message = "sync_mode 'incremental' requires cursor_field to be specified";
        problems.push(problem(message, "name the column that tells which rows are new", "sync_mode"));
    }
    problems
}

/// Files that are read by a component.
struct Files {
    maker: Maker,
    selection: String,
}

impl RowConnector for Files {
    fn source(&self, _: &Relation, cancel: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        let (configuration, selection) = ("{}".to_owned(), self.selection.clone());
        Ok(Arc::new(ComponentSource::open(self.maker.clone(), configuration, selection, cancel)?))
    }

    fn sink(&self, _: &Target, _: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(ConnectorError::NotWritable { connector: self.maker.name.to_string() })
    }

    fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError> {
        let columns = self.source(&Relation::Whole, cancel)?.columns().len();
        Ok(format!("files of {}, {columns} columns", self.maker.name))
    }
}
