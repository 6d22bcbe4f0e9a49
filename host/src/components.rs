//! Components of functions, from the project to a database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use duckpen_database::Session;
use duckpen_functions::{FunctionKind, Library, LibraryError};
use duckpen_pipeline::suggest;
use duckpen_sandbox::{Cache, Compiler, Engine, EngineOptions, Limits, LoadError};
use duckpen_steps::Catalogue;

use crate::abort::Abort;
use crate::exit::Exit;
use crate::output::{Code, Report};
use crate::project::{ComponentSettings, Project, unreadable};

/// An engine that keeps compiled code in the user's cache folder. Without a usable one it compiles every time.
pub fn engine() -> Result<Engine, Abort> {
    let cache = cache_folder().and_then(|folder| match Cache::open(folder.join("components")) {
        Ok(cache) => Some(cache),
        Err(error) => {
            tracing::warn!(%error, "components are compiled anew");
            None
        }
    });
    let compiler = Compiler::this_program().context("components cannot be compiled")?;
    let engine = Engine::new(EngineOptions { cache, compiler, ..EngineOptions::default() });
    engine.map_err(|error| Abort::from(anyhow::Error::new(error)))
}

/// Where what can be made anew is kept for the user.
pub fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(caches.join("duckpen"))
}

/// Loads the components of a project. Limits of the command line go before those of the configuration.
pub fn load(engine: &Engine, project: &Project, limits: &[(String, String)]) -> Result<Vec<Library>, Abort> {
    load_all(engine, project, project.components()?, limits)
}

/// Loads one component of a project, or all of them, as [`load`] does.
pub fn load_named(
    engine: &Engine,
    project: &Project,
    name: Option<&str>,
    limits: &[(String, String)],
) -> Result<Vec<Library>, Abort> {
    let mut components = project.components()?;
    if let Some(name) = name {
        let known: Vec<String> = components.iter().map(|component| component.name.clone()).collect();
        components.retain(|component| component.name == name);
        if components.is_empty() {
            let report = Report::error(Code::Usage, format!("there is no component `{name}`"));
            let near = suggest(name, known.iter().map(String::as_str)).map(|near| format!("there is `{near}`"));
            return Err(Abort::rejected(report.hint("`duckpen build` makes the components").hint_if(near)));
        }
    }
    load_all(engine, project, components, limits)
}

fn load_all(
    engine: &Engine,
    project: &Project,
    components: Vec<ComponentSettings>,
    limits: &[(String, String)],
) -> Result<Vec<Library>, Abort> {
    let mut libraries = Vec::new();
    let mut findings = Vec::new();
    let mut exit = Exit::Rejected;
    for mut component in components {
        for (name, value) in limits {
            component.limits.set(name, value).map_err(|error| {
                let near = suggest(name, Limits::names()).map(|near| format!("did you mean `{near}`?"));
                Abort::rejected(Report::error(Code::Usage, format!("--limits {name}={value}: {error}")).hint_if(near))
            })?;
        }
        match load_one(engine, project, &component) {
            Ok(library) => libraries.push(library),
            Err(abort) => {
                if abort.exit == Exit::Refused {
                    exit = Exit::Refused;
                }
                findings.extend(abort.findings);
            }
        }
    }
    if findings.is_empty() { Ok(libraries) } else { Err(Abort { exit, findings }) }
}

fn load_one(engine: &Engine, project: &Project, component: &ComponentSettings) -> Result<Library, Abort> {
    let ComponentSettings { name, path, limits, names, .. } = component;
    let what = format!("component `{name}` cannot be read");
    let bytes = project.files.read(path).map_err(|error| unreadable(Code::Component, &what, &error))?;
    Library::load_as(engine, name, &bytes, limits, names).map_err(|error| refused(&error, path))
}

/// The bytes of a component's file.
pub fn read(file: &Path) -> Result<Vec<u8>, Abort> {
    std::fs::read(file).map_err(|error| {
        Abort::rejected(Report::error(Code::Component, format!("{} cannot be read: {error}", file.display())))
    })
}

/// Makes the functions known to a database.
pub fn register(libraries: &[Library], session: &Session) -> Result<(), Abort> {
    for library in libraries {
        library.register(session).map_err(|error| {
            let report = Report::error(Code::Component, error.to_string());
            let hint = format!(
                "where a function of DuckDB or of another component has the name, `prefix` or `rename` in \
                 [components.{}] of duckpen.toml gives it another",
                library.component().name()
            );
            Abort::rejected(report.hint(hint))
        })?;
    }
    Ok(())
}

/// Makes the results of Python functions of tables readable.
pub fn register_python(python: &Catalogue, session: &Session) -> Result<(), Abort> {
    if python.is_empty() {
        return Ok(());
    }
    let registered = python.handover().register(session);
    registered.map_err(|error| Abort::rejected(Report::error(Code::Component, error.to_string())))
}

/// The names of all table functions, in lower case.
pub fn table_functions(libraries: &[Library]) -> Arc<[String]> {
    let functions = libraries.iter().flat_map(Library::functions);
    let tables = functions.filter(|function| function.kind == FunctionKind::Table);
    tables.map(|function| function.name.to_lowercase()).collect()
}

/// Why a component of functions is not loaded.
pub fn refused(error: &LibraryError, path: &str) -> Abort {
    match error {
        LibraryError::Load(error) => not_loaded(error, path),
        LibraryError::NothingToRename { .. } => Abort::rejected(
            Report::error(Code::Configuration, error.to_string())
                .note(format!("in {path}"))
                .hint(format!("`duckpen inspect {path}` lists its functions")),
        ),
        error => Abort::rejected(Report::error(Code::Component, error.to_string()).note(format!("in {path}"))),
    }
}

/// Why a component is not loaded.
pub fn not_loaded(error: &LoadError, path: &str) -> Abort {
    let report = |code| Report::error(code, error.to_string()).note(format!("in {path}"));
    match error {
        LoadError::Ungranted { .. } => Abort::refused(report(Code::Import).hint(
            "duckpen.toml cannot grant imports beyond the contract of functions: build the component without them",
        )),
        LoadError::UnknownVersion { .. } => {
            Abort::rejected(report(Code::Version).hint("build it with the guest SDK that belongs to this host"))
        }
        LoadError::NotAComponent { .. } => Abort::rejected(
            report(Code::Component).hint("build it for wasm32-unknown-unknown with the guest SDK, or as a component"),
        ),
        _ => Abort::rejected(report(Code::Component)),
    }
}
