use std::sync::{Arc, OnceLock};

use duckpen_connectors::{ConnectorError, ConnectorKind, ParameterProblem, Purpose, RowConnector, Surroundings};
use serde_json::{Map, Value};

use crate::ComponentKind;

/// A connector whose component is loaded when something is first asked of it: most pipelines use few of those there are.
pub struct DeferredKind {
    name: String,
    load: Box<dyn Fn() -> Result<ComponentKind, NotLoaded> + Send + Sync>,
    loaded: OnceLock<Result<ComponentKind, NotLoaded>>,
}

/// Why a component is not loaded.
#[derive(Debug, Clone)]
pub struct NotLoaded {
    /// What is wrong with it.
    pub message: String,
    /// What can be done.
    pub hint: Option<String>,
}

impl DeferredKind {
    /// A connector of this name, which `load` makes.
    pub fn new(
        name: impl Into<String>,
        load: impl Fn() -> Result<ComponentKind, NotLoaded> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), load: Box::new(load), loaded: OnceLock::new() }
    }

    /// The connector, where something was asked of it, and it could be loaded.
    pub fn loaded(&self) -> Option<&ComponentKind> {
        self.loaded.get()?.as_ref().ok()
    }

    /// The connector, loaded if need be.
    ///
    /// # Errors
    /// Why it is not.
    pub fn kind(&self) -> Result<&ComponentKind, &NotLoaded> {
        self.loaded.get_or_init(|| (self.load)()).as_ref()
    }
}

impl ConnectorKind for DeferredKind {
    fn name(&self) -> &str {
        &self.name
    }

    fn problems(&self, purpose: Purpose, params: &Map<String, Value>) -> Vec<ParameterProblem> {
        match self.kind() {
            Ok(kind) => kind.problems(purpose, params),
            Err(NotLoaded { message, hint }) => {
                let parameter = Some("connector_type".to_owned());
                vec![ParameterProblem { message: message.clone(), hint: hint.clone(), parameter }]
            }
        }
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
        match self.kind() {
            Ok(kind) => kind.connect(params, surroundings),
            Err(NotLoaded { message, hint }) => {
                Err(ConnectorError::Component { message: message.clone(), hint: hint.clone() })
            }
        }
    }
}
