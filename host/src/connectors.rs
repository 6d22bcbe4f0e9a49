//! Connectors that are components, from the project and from the command itself.

use std::sync::Arc;

use duckpen_component_connectors::{
    BUILT_IN, BUILT_IN_FILE_READERS, ComponentFileReader, ComponentKind, DeferredFileReader, DeferredKind, FILES,
    KindError, NotLoaded,
};
use duckpen_connectors::{ConnectorKinds, HostPattern, ProjectFiles};
use duckpen_functions::FunctionStatistics;
use duckpen_pipeline::suggest;
use duckpen_sandbox::{Component, Engine, Limits, LoadError};

use crate::abort::Abort;
use crate::output::{Code, Report};
use crate::project::{ConnectorConfiguration, LimitSettings, Project};

/// Types that are the host's own, and words for formats.
const OWN: [&str; 15] = [
    "csv", "parquet", "json", "arrow", "excel", "postgres", "sqlite", "duckdb", "s3", "tsv", "jsonl", "ndjson",
    "feather", "xlsx", "xlsm",
];

/// All connectors that are components, and all readers of files that are.
#[derive(Clone)]
pub struct ComponentConnectors {
    kinds: Arc<[Arc<DeferredKind>]>,
    readers: Arc<[Arc<DeferredFileReader>]>,
}

impl ComponentConnectors {
    /// As the room of connectors takes them.
    pub fn kinds(&self) -> ConnectorKinds {
        let readers = self.readers.iter().map(|reader| Arc::<DeferredFileReader>::clone(reader) as _).collect();
        ConnectorKinds::new(self.kinds.iter().map(|kind| Arc::<DeferredKind>::clone(kind) as _).collect())
            .with_readers(readers)
    }

    /// What each cost so far of which something was asked, by its name.
    pub fn costs(&self) -> impl Iterator<Item = (&str, &Component, FunctionStatistics)> {
        let kinds = self.kinds.iter().filter_map(|kind| Some((kind.name(), kind.loaded()?)));
        let readers = self.readers.iter().filter_map(|reader| Some((reader.name(), reader.loaded()?)));
        let of_kinds = kinds.map(|(name, kind)| (name, kind.component(), kind.statistics()));
        of_kinds.chain(readers.map(|(name, reader)| (name, reader.component(), reader.statistics())))
    }
}

/// All connectors that are components. None of them is loaded before something is asked of it.
pub fn all(engine: &Engine, project: &Project) -> Result<ComponentConnectors, Abort> {
    let configured = &project.configuration.connectors;
    let loader = |name: &str| Loader::new(engine, project, name, configured.get(name));
    let (mut kinds, mut readers) = (Vec::new(), Vec::new());
    for (name, configuration) in configured {
        if OWN.contains(&name.as_str()) {
            let message = format!("[connectors.{name}]: `{name}` is a connector of the host's own, and no component");
            return Err(Abort::rejected(Report::error(Code::Configuration, message)));
        }
        let is_built_in = BUILT_IN.iter().any(|(known, _)| known == name);
        if configuration.component.is_none() && !is_built_in {
            let near =
                suggest(name, BUILT_IN.iter().map(|(name, _)| *name)).map(|near| format!("did you mean `{near}`?"));
            let message = format!("[connectors.{name}]: no connector of this name comes with duckpen");
            let hint = near.unwrap_or_else(|| format!("give its file: component = \"connectors/{name}.wasm\""));
            return Err(Abort::rejected(Report::error(Code::Configuration, message).hint(hint)));
        }
        match configuration.reads_files {
            true => readers.push(loader(name).reader()),
            false => kinds.push(loader(name).kind()),
        }
    }
    kinds.extend(
        BUILT_IN.iter().filter(|(name, _)| !configured.contains_key(*name)).map(|(name, _)| loader(name).kind()),
    );
    readers.extend(BUILT_IN_FILE_READERS.iter().map(|(format, _)| loader(format).reader()));
    let (kinds, readers) = (kinds.into_iter().map(Arc::new), readers.into_iter().map(Arc::new));
    Ok(ComponentConnectors { kinds: kinds.collect(), readers: readers.collect() })
}

/// Loads a component when it is asked for.
struct Loader {
    engine: Engine,
    files: Arc<ProjectFiles>,
    name: String,
    /// Its file in the project; none of one that comes with the command.
    file: Option<String>,
    hosts: Vec<HostPattern>,
    limits: LimitSettings,
}

impl Loader {
    fn new(engine: &Engine, project: &Project, name: &str, configuration: Option<&ConnectorConfiguration>) -> Self {
        Self {
            engine: engine.clone(),
            files: Arc::clone(&project.files),
            name: name.to_owned(),
            file: configuration.and_then(|configuration| configuration.component.clone()),
            hosts: configuration.map(|configuration| configuration.hosts.clone()).unwrap_or_default(),
            limits: project.configuration.connector_limits.clone(),
        }
    }

    fn kind(self) -> DeferredKind {
        DeferredKind::new(self.name.clone(), move || {
            let Self { engine, name, hosts, limits, .. } = &self;
            let kind = self.load(|bytes| ComponentKind::load(engine, name, bytes, &limits.limits))?;
            Ok(kind.with_hosts(hosts.iter().cloned()))
        })
    }

    fn reader(self) -> DeferredFileReader {
        DeferredFileReader::new(self.name.clone(), move || {
            let Self { engine, name, limits, .. } = &self;
            let limits = reader_limits(limits);
            self.load(|bytes| ComponentFileReader::load(engine, name, bytes, &limits))
        })
    }

    fn load<K>(&self, load: impl FnOnce(&[u8]) -> Result<K, KindError>) -> Result<K, NotLoaded> {
        let Some(file) = &self.file else {
            let all = BUILT_IN.iter().chain(BUILT_IN_FILE_READERS);
            let found = all.clone().find(|(known, _)| *known == self.name);
            return load(found.map(|(_, bytes)| *bytes).unwrap_or_default()).map_err(|error| not_loaded(&error, ""));
        };
        let bytes = self.files.read(file).map_err(|error| NotLoaded {
            message: format!("the connector `{}` cannot be read: {error}", self.name),
            hint: Some("`duckpen build` makes it, if its project is one of this project's folders".to_owned()),
        })?;
        load(&bytes).map_err(|error| not_loaded(&error, &format!(" (in {file})")))
    }
}

/// The limits of readers of files: those of connectors as far as they were set.
fn reader_limits(settings: &LimitSettings) -> Limits {
    let fuel = match settings.origins.contains_key("fuel") {
        true => settings.limits.fuel,
        false => ComponentFileReader::limits().fuel,
    };
    Limits { fuel, ..settings.limits.clone() }
}

fn not_loaded(error: &KindError, place: &str) -> NotLoaded {
    let hint = match error {
        KindError::Load(LoadError::Ungranted { imports, .. }) if imports.iter().any(|import| import == FILES) => {
            Some("with `reads_files = true` it is given files in the place of a network")
        }
        KindError::Load(LoadError::Ungranted { .. }) => Some(
            "connectors are given the interfaces of their contract, and inert stand-ins for WASI: build it without others",
        ),
        KindError::Load(LoadError::UnknownVersion { .. }) => {
            Some("build it with the guest SDK that belongs to this host")
        }
        KindError::Load(LoadError::NotAComponent { .. }) => {
            Some("build it for wasm32-unknown-unknown with the guest SDK, or as a component")
        }
        KindError::Load(_) | KindError::Stopped { .. } => None,
    };
    NotLoaded { message: format!("{error}{place}"), hint: hint.map(str::to_owned) }
}
