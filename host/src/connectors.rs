//! Connectors that are components, from the project and from the command itself.

use std::sync::Arc;

use duckpen_component_connectors::{
    BUILT_IN, BUILT_IN_FILE_READERS, ComponentFileReader, ComponentKind, DeferredFileReader, DeferredKind, KindError,
    NotLoaded,
};
use duckpen_connectors::{ConnectorKinds, FileReaders};
use duckpen_functions::FunctionStatistics;
use duckpen_pipeline::suggest;
use duckpen_sandbox::{Component, Engine, Limits, LoadError};

use crate::abort::Abort;
use crate::output::{Code, Report};
use crate::project::{ConnectorConfiguration, LimitSettings, Project};

/// Types that are the host's own.
const OWN: [&str; 9] = ["csv", "parquet", "json", "arrow", "excel", "postgres", "sqlite", "duckdb", "s3"];

/// All connectors that are components, and all readers of files that are.
#[derive(Clone)]
pub struct ComponentConnectors {
    kinds: Arc<[Arc<DeferredKind>]>,
    readers: Arc<[Arc<DeferredFileReader>]>,
}

impl ComponentConnectors {
    /// As the room of connectors takes them.
    pub fn kinds(&self) -> ConnectorKinds {
        ConnectorKinds::new(self.kinds.iter().map(|kind| Arc::<DeferredKind>::clone(kind) as _).collect())
    }

    /// As the room of connectors takes them.
    pub fn readers(&self) -> FileReaders {
        FileReaders::new(self.readers.iter().map(|reader| Arc::<DeferredFileReader>::clone(reader) as _).collect())
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
    let mut kinds = Vec::new();
    for (name, ConnectorConfiguration { component, .. }) in configured {
        if OWN.contains(&name.as_str()) {
            let message = format!("[connectors.{name}]: `{name}` is a connector of the host's own, and no component");
            return Err(Abort::rejected(Report::error(Code::Configuration, message)));
        }
        let is_built_in = BUILT_IN.iter().any(|(known, _)| known == name);
        if component.is_none() && !is_built_in {
            let near =
                suggest(name, BUILT_IN.iter().map(|(name, _)| *name)).map(|near| format!("did you mean `{near}`?"));
            let message = format!("[connectors.{name}]: no connector of this name comes with duckpen");
            let hint = near.unwrap_or_else(|| format!("give its file: component = \"connectors/{name}.wasm\""));
            return Err(Abort::rejected(Report::error(Code::Configuration, message).hint(hint)));
        }
        kinds.push(Arc::new(deferred(engine, project, name, configured.get(name))));
    }
    for (name, _) in BUILT_IN {
        if !configured.contains_key(*name) {
            kinds.push(Arc::new(deferred(engine, project, name, None)));
        }
    }
    let limits = reader_limits(&project.configuration.connector_limits);
    let readers = BUILT_IN_FILE_READERS.iter().map(|(format, component)| {
        let (engine, limits) = (engine.clone(), limits.clone());
        Arc::new(DeferredFileReader::new(*format, move || {
            ComponentFileReader::load(&engine, format, component, &limits).map_err(|error| not_loaded(&error, ""))
        }))
    });
    Ok(ComponentConnectors { kinds: kinds.into(), readers: readers.collect() })
}

/// The limits of readers of files: those of connectors as far as they were set.
fn reader_limits(settings: &LimitSettings) -> Limits {
    let fuel = match settings.origins.contains_key("fuel") {
        true => settings.limits.fuel,
        false => ComponentFileReader::limits().fuel,
    };
    Limits { fuel, ..settings.limits.clone() }
}

fn deferred(
    engine: &Engine,
    project: &Project,
    name: &str,
    configuration: Option<&ConnectorConfiguration>,
) -> DeferredKind {
    let (engine, files, limits) =
        (engine.clone(), Arc::clone(&project.files), project.configuration.connector_limits.limits.clone());
    let (file, hosts) = match configuration {
        Some(ConnectorConfiguration { component, hosts }) => (component.clone(), hosts.clone()),
        None => (None, Vec::new()),
    };
    let type_name = name.to_owned();
    DeferredKind::new(name, move || {
        let own;
        let (bytes, place) = match &file {
            Some(file) => {
                own = files.read(file).map_err(|error| NotLoaded {
                    message: format!("the connector `{type_name}` cannot be read: {error}"),
                    hint: Some("`duckpen build` makes it, if its project is one of this project's folders".to_owned()),
                })?;
                (own.as_slice(), format!(" (in {file})"))
            }
            None => {
                let found = BUILT_IN.iter().find(|(known, _)| *known == type_name);
                (found.map(|(_, bytes)| *bytes).unwrap_or_default(), String::new())
            }
        };
        let loaded = ComponentKind::load(&engine, &type_name, bytes, &limits);
        Ok(loaded.map_err(|error| not_loaded(&error, &place))?.with_hosts(hosts.iter().cloned()))
    })
}

fn not_loaded(error: &KindError, place: &str) -> NotLoaded {
    let hint = match error {
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
