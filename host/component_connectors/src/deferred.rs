use std::sync::{Arc, OnceLock};

use duckpen_connectors::{
    ConnectorError, ConnectorKind, FilePlace, FileReader, ParameterProblem, Purpose, RowConnector, SourceFiles,
    Surroundings,
};
use serde_json::{Map, Value};

use crate::{ComponentFileReader, ComponentKind};

/// Something made of a component that is loaded when something is first asked of it: most pipelines use few of those there
/// are.
pub struct Deferred<K> {
    name: String,
    load: Box<dyn Fn() -> Result<K, NotLoaded> + Send + Sync>,
    loaded: OnceLock<Result<K, NotLoaded>>,
}

/// A connector that is loaded when it is used.
pub type DeferredKind = Deferred<ComponentKind>;

/// A reader of files that is loaded when it is used.
pub type DeferredFileReader = Deferred<ComponentFileReader>;

/// Why a component is not loaded.
#[derive(Debug, Clone)]
pub struct NotLoaded {
    /// What is wrong with it.
    pub message: String,
    /// What can be done.
    pub hint: Option<String>,
}

impl<K> Deferred<K> {
    /// One of this name, which `load` makes.
    pub fn new(name: impl Into<String>, load: impl Fn() -> Result<K, NotLoaded> + Send + Sync + 'static) -> Self {
        Self { name: name.into(), load: Box::new(load), loaded: OnceLock::new() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// It, where something was asked of it, and it could be loaded.
    pub fn loaded(&self) -> Option<&K> {
        self.loaded.get()?.as_ref().ok()
    }

    /// It, loaded if need be.
    ///
    /// # Errors
    /// Why it is not.
    pub fn kind(&self) -> Result<&K, &NotLoaded> {
        self.loaded.get_or_init(|| (self.load)()).as_ref()
    }
}

impl From<&NotLoaded> for ConnectorError {
    fn from(NotLoaded { message, hint }: &NotLoaded) -> Self {
        Self::Component { message: message.clone(), hint: hint.clone() }
    }
}

impl From<&NotLoaded> for ParameterProblem {
    fn from(NotLoaded { message, hint }: &NotLoaded) -> Self {
        Self { message: message.clone(), hint: hint.clone(), parameter: Some("connector_type".to_owned()) }
    }
}

impl FileReader for DeferredFileReader {
    fn format(&self) -> &str {
        &self.name
    }

    fn declares(&self, parameter: &str) -> bool {
        self.kind().is_ok_and(|reader| reader.declares(parameter))
    }

    fn problems(&self, place: FilePlace, params: &Map<String, Value>) -> Vec<ParameterProblem> {
        self.kind().map_or_else(|not_loaded| vec![not_loaded.into()], |reader| reader.problems(place, params))
    }

    fn open(&self, params: &Map<String, Value>, files: &SourceFiles) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        self.kind()?.open(params, files)
    }
}

impl ConnectorKind for DeferredKind {
    fn name(&self) -> &str {
        &self.name
    }

    fn problems(&self, purpose: Purpose, params: &Map<String, Value>) -> Vec<ParameterProblem> {
        self.kind().map_or_else(|not_loaded| vec![not_loaded.into()], |kind| kind.problems(purpose, params))
    }

    fn disclosed(&self, params: &Map<String, Value>) -> Map<String, Value> {
        match self.kind() {
            Ok(kind) => kind.disclosed(params),
            // Nobody knows which of them are secret.
            Err(_) => params.keys().map(|name| (name.clone(), "***".into())).collect(),
        }
    }

    fn secrets(&self, params: &Map<String, Value>) -> Vec<String> {
        self.kind().map_or_else(|_| Vec::new(), |kind| kind.secrets(params))
    }

    fn connection(&self, params: &Map<String, Value>) -> Map<String, Value> {
        self.kind().map_or_else(|_| params.clone(), |kind| kind.connection(params))
    }

    fn connect(
        &self,
        params: &Map<String, Value>,
        surroundings: &Surroundings,
    ) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        self.kind()?.connect(params, surroundings)
    }
}
