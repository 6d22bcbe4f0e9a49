//! The misbehaving connector, with a server it may ask and a database that reads it.

use std::path::Path;
use std::sync::Arc;

use duckpen_component_connectors::ComponentKind;
use duckpen_connectors::{
    Begun, Cancel, ConnectorError, ConnectorKinds, Connectors, Delivery, NetworkPolicy, ProjectFiles, Relation,
    RowConnector, Scans,
};
use duckpen_database::{Database, Options, Session};
use duckpen_sandbox::{Cache, Engine, EngineOptions, Limits};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::web::{Asked, Reply, Web};

/// A server with a runtime of its own, as another process would have it.
pub struct Serving {
    pub web: Web,
    _runtime: Runtime,
}

impl Serving {
    pub fn start(reply: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().unwrap();
        let web = runtime.block_on(Web::start(reply));
        Self { web, _runtime: runtime }
    }
}

pub struct Bench {
    connectors: Connectors,
    session: Session,
    scans: Scans,
    pub cancel: Cancel,
    url: String,
    _folder: TempDir,
}

pub fn object(values: &[(&str, &str)]) -> Map<String, Value> {
    values.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}

/// A compiled guest of this repository.
fn guest(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/guests/{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` builds it", path.display()))
}

impl Bench {
    pub fn new(serving: &Serving) -> Self {
        Self::with_limits(serving, &[])
    }

    pub fn with_limits(serving: &Serving, given: &[(&str, &str)]) -> Self {
        let cache = Cache::open(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")).unwrap();
        let engine = Engine::new(EngineOptions { cache: Some(cache), ..EngineOptions::default() }).unwrap();
        let mut limits = Limits::functions();
        for (name, value) in [("fuel", "50M"), ("host_calls", "1000")].iter().chain(given) {
            limits.set(name, value).unwrap();
        }
        let kind = ComponentKind::load(&engine, "evil", &guest("duckpen_evil_connectors"), &limits).unwrap();
        // What may be asked for all that the connector is told; what may be reached is less.
        let kind = kind.with_hosts(["169.254.169.254".parse().unwrap()]);
        let folder = tempfile::tempdir().unwrap();
        let files = Arc::new(ProjectFiles::open(folder.path()).unwrap());
        let policy = NetworkPolicy::default().with_private(&serving.web.address.to_string()).unwrap();
        let connectors = Connectors::new(files, Arc::new(()))
            .with_network(policy)
            .with_kinds(ConnectorKinds::new(vec![Arc::new(kind)]));
        Self {
            connectors,
            session: Database::open(Options::in_memory()).unwrap().connect().unwrap(),
            scans: Scans::default(),
            cancel: Cancel::default(),
            url: serving.web.url("/"),
            _folder: folder,
        }
    }

    pub fn connector(&self, values: &Map<String, Value>) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        let mut params =
            object(&[("url", &self.url), ("token", "a-secret-token"), ("max_retries", "1"), ("retry_delay", "0.001")]);
        params.extend(values.clone());
        self.connectors.connector("EVIL", &params)
    }

    /// The number of rows, and the state in which the read ended.
    pub fn read(&self, misdeed: &str) -> Result<(String, Option<String>), ConnectorError> {
        let selection = Relation::Selection(object(&[("misdeed", misdeed)]));
        let source = self.connector(&Map::new())?.source(&selection, &self.cancel)?;
        let binding = self.scans.bind(&self.session, source, None, None, self.cancel.clone())?;
        let counted = self.session.query(&format!("SELECT count(x) FROM ({})", binding.query()));
        match counted {
            Ok(rows) => Ok((rows.first().unwrap().to_string(), binding.take_state())),
            Err(error) => Err(binding.take_fault().unwrap_or_else(|| error.into())),
        }
    }

    /// The number of rows that were written.
    pub fn write(&self, misdeed: &str) -> Result<u64, ConnectorError> {
        let delivery = Delivery {
            selection: object(&[("misdeed", misdeed)]),
            destination: "somewhere".to_owned(),
            run: "run".to_owned(),
            step: "step".to_owned(),
        };
        let mut sink = self.connector(&Map::new())?.deliver(&delivery, &self.cancel)?;
        let mut rows = self.session.stream("SELECT range AS x, 'text' AS y FROM range(3)")?;
        assert_eq!(sink.begin(rows.columns())?, Begun::Writing);
        while let Some(chunk) = rows.next_chunk()? {
            sink.write(&chunk)?;
        }
        Ok(sink.commit()?.rows())
    }

    /// What answered.
    pub fn test(&self, behaviour: &str) -> Result<String, ConnectorError> {
        self.connector(&object(&[("behaviour", behaviour)]))?.test(&self.cancel)
    }
}
