mod connector;

use connector::ConnectorFacts;
use duckpen_component_connectors::{CONNECTOR, KindError};
use duckpen_functions::{FunctionKind, GRANTED_INTERFACES, Library, LibraryError, Unmapped};
use duckpen_sandbox::{Component, Engine, Import, Limits, LoadError};
use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{Format, InspectOptions};
use crate::components;
use crate::exit::Exit;
use crate::output::Printer;

/// Contracts of components that are not called from SQL.
const HANDLER_PACKAGE: &str = "duckpen:steps/";

/// How the host answers an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The contract includes it.
    Given,
    /// It is there and does nothing.
    StandIn,
    /// It would have to be granted, which no component of its kind is.
    Refused,
}

/// What a component is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Functions,
    /// Functions of the component's own WIT.
    Plain,
    Handler,
    Connector {
        reads_files: bool,
    },
    Unknown,
}

/// What can be said of a component without a project.
struct Inspection {
    component: Component,
    kind: Kind,
    imports: Vec<(Import, Answer)>,
    /// Kinds and signatures; none where it is no component of functions.
    functions: Option<Result<Vec<(FunctionKind, String)>, LibraryError>>,
    /// Functions that SQL cannot call.
    unmapped: Vec<Unmapped>,
    /// None where it is no connector.
    connector: Option<Result<ConnectorFacts, KindError>>,
}

/// Says what a component imports and exports, what it would have to be granted, and which functions it has.
pub fn inspect(options: &InspectOptions, printer: &Printer) -> Result<Exit, Abort> {
    let path = options.file.display().to_string();
    let name = options.file.file_stem().map_or_else(|| path.clone(), |stem| stem.to_string_lossy().into_owned());
    let engine = components::engine()?;
    let bytes = components::read(&options.file)?;
    let inspection = Inspection::of(&engine, &name, &bytes).map_err(|error| components::not_loaded(&error, &path))?;
    match printer.format {
        Format::Json => printer.document(&inspection.document()),
        Format::Text => printer.data(&inspection.text()),
    }
    Ok(Exit::Done)
}

impl Inspection {
    fn of(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        let component = Component::load(engine, name, bytes)?;
        let kind = Kind::of(&component)?;
        let imports = component.imports().iter().map(|import| (import.clone(), answer(import, kind))).collect();
        let mut unmapped = Vec::new();
        let functions = matches!(kind, Kind::Functions | Kind::Plain).then(|| {
            match Library::load(engine, name, bytes, &Limits::functions()) {
                Ok(library) => {
                    unmapped.extend_from_slice(library.unmapped());
                    Ok(library.functions().map(|function| (function.kind, function.signature())).collect())
                }
                Err(LibraryError::Uncallable { unmapped: all, .. }) => {
                    unmapped = all;
                    Ok(Vec::new())
                }
                Err(error) => Err(error),
            }
        });
        let connector = match kind {
            Kind::Connector { reads_files } => Some(ConnectorFacts::of(engine, name, bytes, reads_files)),
            _ => None,
        };
        Ok(Self { component, kind, imports, functions, unmapped, connector })
    }

    fn refused(&self) -> impl Iterator<Item = &Import> {
        self.imports.iter().filter(|(_, answer)| *answer == Answer::Refused).map(|(import, _)| import)
    }

    fn document(&self) -> Value {
        let functions = match &self.functions {
            Some(Ok(functions)) => functions
                .iter()
                .map(|(kind, signature)| json!({ "kind": kind.as_str(), "signature": signature }))
                .collect(),
            Some(Err(_)) | None => Value::Null,
        };
        json!({
            "name": self.component.name(),
            "digest": format!("sha256:{}", self.component.digest()),
            "imports": self.imports.iter().map(|(import, answer)| json!({
                "name": import.name,
                "functions": import.functions,
                "answer": answer.as_str(),
            })).collect::<Vec<_>>(),
            "exports": self.component.exports(),
            "kind": self.kind.as_str(),
            "functions": functions,
            "not_callable": self.unmapped.iter().map(|unmapped| json!({
                "function": unmapped.function,
                "reason": unmapped.reason,
            })).collect::<Vec<_>>(),
            "connector": self.connector.as_ref().and_then(|facts| facts.as_ref().ok()).map(ConnectorFacts::document),
            "needs_granted": self.refused().map(|import| import.name.as_str()).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let (kind, component) = (self.kind.as_str(), &self.component);
        let mut lines = vec![format!("{kind} {}  sha256:{}", component.name(), component.digest())];
        section(
            &mut lines,
            "imports",
            self.imports.iter().map(|(import, answer)| {
                let functions =
                    if import.functions.is_empty() { "types only".into() } else { import.functions.join(", ") };
                format!("{}  {functions}  ({})", import.name, answer.as_str())
            }),
        );
        section(&mut lines, "exports", self.component.exports().iter().cloned());
        match &self.functions {
            Some(Ok(functions)) => {
                let line = |(kind, signature): &(FunctionKind, String)| format!("{}  {signature}", kind.as_str());
                section(&mut lines, "functions", functions.iter().map(line));
            }
            Some(Err(error)) => section(&mut lines, "functions", [format!("not known: {error}")].into_iter()),
            None => {}
        }
        if !self.unmapped.is_empty() {
            section(&mut lines, "not callable from SQL", self.unmapped.iter().map(ToString::to_string));
        }
        match &self.connector {
            Some(Ok(facts)) => {
                for (heading, said) in facts.sections() {
                    section(&mut lines, heading, said.into_iter());
                }
            }
            Some(Err(error)) => section(&mut lines, "about", [format!("not known: {error}")].into_iter()),
            None => {}
        }
        section(&mut lines, "would have to be granted", self.refused().map(|import| import.name.clone()));
        lines.join("\n")
    }
}

impl Kind {
    fn of(component: &Component) -> Result<Self, LoadError> {
        Ok(if component.exports().iter().any(|export| export.starts_with(HANDLER_PACKAGE)) {
            Self::Handler
        } else if component.offers(CONNECTOR)? {
            Self::Connector { reads_files: connector::reads_files(component) }
        } else if Library::is_plain(component) {
            Self::Plain
        } else if Library::is_offered_by(component)? {
            Self::Functions
        } else {
            Self::Unknown
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Functions => "component of functions",
            Self::Plain => "plain component",
            Self::Handler => "step handler",
            Self::Connector { .. } => "connector",
            Self::Unknown => "component",
        }
    }
}

impl Answer {
    fn as_str(self) -> &'static str {
        match self {
            Answer::Given => "given",
            Answer::StandIn => "inert stand-in",
            Answer::Refused => "not granted",
        }
    }
}

fn answer(import: &Import, kind: Kind) -> Answer {
    let of_contract = match kind {
        Kind::Handler => import.name.starts_with(HANDLER_PACKAGE),
        Kind::Connector { reads_files } => connector::granted(reads_files).contains(&import.name.as_str()),
        Kind::Functions | Kind::Plain | Kind::Unknown => GRANTED_INTERFACES.contains(&import.name.as_str()),
    };
    if of_contract || import.functions.is_empty() {
        Answer::Given
    } else if import.is_wasi() {
        Answer::StandIn
    } else {
        Answer::Refused
    }
}

fn section(lines: &mut Vec<String>, heading: &str, items: impl Iterator<Item = String>) {
    lines.push(format!("{heading}:"));
    let before = lines.len();
    lines.extend(items.map(|item| format!("  {item}")));
    if lines.len() == before {
        lines.push("  none".to_owned());
    }
}
