//! Kinds of connectors, and readers of files, that are not built into this room.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::runtime::Handle;

use crate::file_readers::FileReader;
use crate::network::Network;
use crate::resilience::ConnectorObserver;
use crate::rows::RowConnector;
use crate::{ConnectorError, Format};

/// A kind of connectors that somebody else brings.
pub trait ConnectorKind: Send + Sync {
    /// The type by which pipelines and profiles name it, in lower case.
    fn name(&self) -> &str;

    /// What is wrong with the parameters of a step, those of its connector included.
    fn problems(&self, purpose: Purpose, params: &Map<String, Value>) -> Vec<ParameterProblem>;

    /// The parameters as they may be shown and kept: with `***` in the place of secrets.
    fn disclosed(&self, params: &Map<String, Value>) -> Map<String, Value>;

    /// The values among the parameters that are secret.
    fn secrets(&self, params: &Map<String, Value>) -> Vec<String>;

    /// Those parameters that say how the system is reached. Connectors that have them in common are one.
    fn connection(&self, params: &Map<String, Value>) -> Map<String, Value>;

    /// The connector with these parameters, secrets included. Nothing is connected yet.
    ///
    /// # Errors
    /// A parameter that is missing or unusable; a host that may not be asked.
    fn connect(
        &self,
        params: &Map<String, Value>,
        surroundings: &Surroundings,
    ) -> Result<Arc<dyn RowConnector>, ConnectorError>;
}

/// What a connector is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Trying whether it can be reached.
    Connecting,
    /// Reading.
    Reading,
    /// Writing.
    Writing,
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterProblem {
    /// In a sentence.
    pub message: String,
    /// What its author can do.
    pub hint: Option<String>,
    /// The parameter.
    pub parameter: Option<String>,
}

/// What connectors get from whoever owns them.
#[derive(Clone)]
pub struct Surroundings {
    /// The network, as far as it may be reached.
    pub network: Network,
    /// Learns what happens.
    pub observer: Arc<dyn ConnectorObserver>,
    /// Where connections live.
    pub runtime: Handle,
}

/// All that was brought: kinds of connectors, and readers of files. Cheap to clone.
#[derive(Clone, Default)]
pub struct ConnectorKinds {
    kinds: Arc<[Arc<dyn ConnectorKind>]>,
    readers: Arc<[Arc<dyn FileReader>]>,
}

impl ConnectorKinds {
    /// These kinds; of several with one name the first counts.
    pub fn new(kinds: Vec<Arc<dyn ConnectorKind>>) -> Self {
        Self { kinds: kinds.into(), readers: Arc::default() }
    }

    /// The same with these readers of files; of several with one format the first counts.
    #[must_use]
    pub fn with_readers(self, readers: Vec<Arc<dyn FileReader>>) -> Self {
        Self { readers: readers.into(), ..self }
    }

    /// The kind of a name, in any case of letters.
    pub fn find(&self, name: &str) -> Option<&Arc<dyn ConnectorKind>> {
        self.kinds.iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// The reader of files of a format, in any case of letters.
    pub fn reader(&self, format: &str) -> Option<&Arc<dyn FileReader>> {
        self.readers.iter().find(|reader| reader.format().eq_ignore_ascii_case(format))
    }

    /// The reader of files that a type names, where this room does not know their format.
    pub fn brought_format(&self, connector_type: &str) -> Option<&Arc<dyn FileReader>> {
        self.reader(connector_type).filter(|reader| reader.format().parse::<Format>().is_err())
    }

    /// The formats of files that this room does not know.
    pub fn brought_formats(&self) -> impl Iterator<Item = &str> {
        self.readers.iter().map(|reader| reader.format()).filter(|format| format.parse::<Format>().is_err())
    }

    /// Their names, but for those of formats that this room knows, too.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().map(|kind| kind.name()).chain(self.brought_formats())
    }
}

impl fmt::Debug for ConnectorKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
