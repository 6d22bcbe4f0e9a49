use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::duckdb_file::DuckdbFileConnector;
use crate::kinds::{ConnectorKind, ConnectorKinds, Surroundings};
use crate::network::{Network, NetworkPolicy};
use crate::objects::{BucketSlot, Environment, ObjectConnector, ObjectPlace, ObjectSettings};
use crate::postgres::{PostgresConnector, PostgresSettings, ServerSlot};
use crate::resilience::ConnectorObserver;
use crate::rows::RowConnector;
use crate::sqlite::SqliteConnector;
use crate::{ConnectorError, ProjectFiles, RowFormat};

/// Threads of the runtime: what waits for a network needs few.
const THREADS: usize = 2;

/// All connectors that carry rows, with the connections that are open and the runtime they live on. One for a process or a
/// run; what it holds is closed when it is dropped.
pub struct Connectors {
    files: Arc<ProjectFiles>,
    observer: Arc<dyn ConnectorObserver>,
    network: Network,
    kinds: ConnectorKinds,
    connected: Mutex<Vec<Connected>>,
    /// Made when the first connector needs it.
    runtime: Mutex<Option<Runtime>>,
    servers: ServerSlot,
    buckets: BucketSlot,
    environment: Environment,
}

/// A connector of a kind that was brought, with the parameters by which its system is reached. They are secret.
struct Connected {
    kind: String,
    connection: Map<String, Value>,
    connector: Arc<dyn RowConnector>,
}

impl Connectors {
    /// None is open yet.
    pub fn new(files: Arc<ProjectFiles>, observer: Arc<dyn ConnectorObserver>) -> Self {
        let network = Network::new(NetworkPolicy::default()).with_files(Arc::clone(&files));
        Self {
            files,
            observer,
            network,
            kinds: ConnectorKinds::default(),
            connected: Mutex::default(),
            runtime: Mutex::default(),
            servers: ServerSlot::default(),
            buckets: BucketSlot::default(),
            environment: Arc::new(|name| std::env::var(name).ok()),
        }
    }

    /// Credentials that no parameter gives come from these variables, rather than from those of the process.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Hosts are asked within this policy, rather than within that of a project that says nothing.
    #[must_use]
    pub fn with_network(mut self, policy: NetworkPolicy) -> Self {
        self.network = Network::new(policy).with_files(Arc::clone(&self.files));
        self
    }

    /// With connectors of these kinds, beside those of its own.
    #[must_use]
    pub fn with_kinds(mut self, kinds: ConnectorKinds) -> Self {
        self.kinds = kinds;
        self
    }

    /// The kinds of connectors that were brought.
    pub fn kinds(&self) -> &ConnectorKinds {
        &self.kinds
    }

    /// The network, as far as it may be reached.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The connector of a type (`postgres`, `sqlite`, `duckdb`, or one that was brought) with these parameters, secrets included. Nothing is
    /// connected yet; connectors with equal parameters share their connections.
    ///
    /// # Errors
    /// An unknown type, or a parameter that is missing or unusable.
    pub fn connector(
        &self,
        connector_type: &str,
        params: &Map<String, Value>,
    ) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        let unknown = || ConnectorError::UnknownConnector { connector: connector_type.to_owned() };
        match self.kinds.row_format(connector_type).ok_or_else(unknown)? {
            RowFormat::Postgres => {
                let settings = PostgresSettings::read(params)?;
                settings.hosts().iter().try_for_each(|host| self.network.check_server(host))?;
                let server = self.servers.server(&settings, &self.files, &self.runtime()?, &self.observer)?;
                Ok(Arc::new(PostgresConnector::new(server, settings.schema)))
            }
            RowFormat::Sqlite => Ok(Arc::new(SqliteConnector::new(params, &self.files)?)),
            RowFormat::Duckdb => Ok(Arc::new(DuckdbFileConnector::new(params, &self.files)?)),
            RowFormat::Brought(name) => self.brought(self.kinds.find(&name).ok_or_else(unknown)?, params),
        }
    }

    /// A connector of a kind that was brought: one for all steps that reach its system in the same way, so that together
    /// they keep to its limits.
    fn brought(
        &self,
        kind: &Arc<dyn ConnectorKind>,
        params: &Map<String, Value>,
    ) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        let connection = kind.connection(params);
        let mut connected = self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = connected.iter().find(|found| found.kind == kind.name() && found.connection == connection)
        {
            return Ok(Arc::clone(&found.connector));
        }
        let surroundings = Surroundings {
            network: self.network.clone(),
            observer: Arc::clone(&self.observer),
            runtime: self.runtime()?,
        };
        let connector = kind.connect(params, &surroundings)?;
        let kind = kind.name().to_owned();
        connected.push(Connected { kind, connection, connector: Arc::clone(&connector) });
        Ok(connector)
    }

    /// Objects of a store that speaks the S3 API, with these parameters, secrets included. `destination` is what is said of
    /// their place beside the parameters. Nothing is asked yet; connectors with equal parameters share their connections.
    ///
    /// # Errors
    /// A parameter that is missing or unusable, or a host that may not be asked.
    pub fn objects(
        &self,
        params: &Map<String, Value>,
        destination: Option<&str>,
    ) -> Result<ObjectConnector, ConnectorError> {
        let place = ObjectPlace::of_parameters(params, destination)?;
        let settings = ObjectSettings::read(params, &self.environment)?;
        let runtime = self.runtime()?;
        let bucket = self.buckets.bucket(place.bucket(), &settings, &self.network, &runtime, &self.observer)?;
        Ok(ObjectConnector::new(bucket, place))
    }

    fn runtime(&self) -> Result<Handle, ConnectorError> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = match &mut *runtime {
            Some(runtime) => runtime,
            empty => {
                let mut builder = Builder::new_multi_thread();
                builder.worker_threads(THREADS).thread_name("duckpen-connectors").enable_all();
                let made = builder.build().map_err(|error| ConnectorError::Host(error.to_string()))?;
                empty.insert(made)
            }
        };
        Ok(runtime.handle().clone())
    }
}

impl Drop for Connectors {
    fn drop(&mut self) {
        self.connected.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        self.servers.close();
        if let Some(runtime) = self.runtime.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // Not waited for: whoever drops this may itself be on a runtime's thread.
            runtime.shutdown_background();
        }
    }
}
