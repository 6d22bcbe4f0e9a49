use std::collections::HashMap;
use std::sync::Arc;

use duckpen_connectors::ConnectorKinds;
use duckpen_pipeline::{Step, StepKind};
use duckpen_sandbox::{Component, Engine, Guest, Instance, Limits, LoadError, Meter, NoMeter, Stopped, Template};
use serde_json::{Map, Value};
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::duckpen::steps::{context, destinations, inputs, sources, tables};
use crate::bindings::exports::duckpen::steps::handler;
use crate::declaration::declaration;
use crate::host::StepHost;

/// The interface a handler exports.
const HANDLER_INTERFACE: &str = "duckpen:steps/handler@0.1.0";

/// A kind of step, and what its handlers are granted. What is not named here is not linked.
struct Kind {
    kind: handler::StepKind,
    name: &'static str,
    bytes: &'static [u8],
    granted: &'static [&'static str],
}

macro_rules! first_party {
    ($name:literal) => {
        include_bytes!(concat!(env!("DUCKPEN_GUESTS"), "/duckpen_handler_", $name, ".wasm"))
    };
}

const CONTEXT: &str = "duckpen:steps/context@0.1.0";
const SOURCES: &str = "duckpen:steps/sources@0.1.0";
const INPUTS: &str = "duckpen:steps/inputs@0.1.0";
const TABLES: &str = "duckpen:steps/tables@0.1.0";
const DESTINATIONS: &str = "duckpen:steps/destinations@0.1.0";

const KINDS: [Kind; 4] = [
    Kind {
        kind: handler::StepKind::Source,
        name: "source",
        bytes: first_party!("source"),
        granted: &[CONTEXT, SOURCES],
    },
    Kind {
        kind: handler::StepKind::Load,
        name: "load",
        bytes: first_party!("load"),
        granted: &[CONTEXT, INPUTS, TABLES],
    },
    Kind {
        kind: handler::StepKind::Transform,
        name: "transform",
        bytes: first_party!("transform"),
        granted: &[CONTEXT, INPUTS, TABLES],
    },
    Kind {
        kind: handler::StepKind::Export,
        name: "export",
        bytes: first_party!("export"),
        granted: &[CONTEXT, INPUTS, DESTINATIONS],
    },
];

/// A handler that is not usable.
#[derive(Debug, thiserror::Error)]
pub enum HandlersError {
    /// Its component was not loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It was stopped while it was asked.
    #[error("the handler of {kind} steps was stopped in `{call}`: {stopped}")]
    Stopped {
        /// The kind of steps.
        kind: &'static str,
        /// What it was asked.
        call: &'static str,
        /// Why.
        stopped: Stopped,
    },
}

/// Which handler runs a kind of step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its component, in hexadecimal.
    pub digest: String,
}

/// What is wrong with a step's declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In a sentence.
    pub message: String,
    /// What its author can do.
    pub hint: Option<String>,
    /// The option at fault.
    pub option: Option<String>,
}

/// The handlers of all kinds of steps.
pub struct Handlers {
    handlers: Vec<Handler>,
    limits: Limits,
}

/// A handler, ready for instances: some with small limits that are asked, some with a step's limits that run.
struct Handler {
    kind: &'static str,
    info: HandlerInfo,
    asked: Template<StepHost>,
    run: Template<StepHost>,
}

impl Handlers {
    /// Loads the first-party handlers. `limits` are those of a step.
    ///
    /// # Errors
    /// When one of them does not fit its contract.
    pub fn load(engine: &Engine, limits: &Limits) -> Result<Self, HandlersError> {
        let handlers = KINDS.iter().map(|kind| Handler::load(engine, kind, limits)).collect::<Result<_, _>>()?;
        Ok(Self { handlers, limits: limits.clone() })
    }

    /// The limits of a step.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    fn of(&self, kind: &StepKind) -> Option<&Handler> {
        self.handlers.get(match kind {
            StepKind::Source(_) => 0,
            StepKind::Load(_) => 1,
            StepKind::Transform(_) => 2,
            StepKind::Export(_) => 3,
            StepKind::Test(_) => return None,
        })
    }

    /// Which handler runs steps of a kind; none for tests, which the host runs itself.
    pub fn info(&self, kind: &StepKind) -> Option<&HandlerInfo> {
        self.of(kind).map(|handler| &handler.info)
    }

    /// Begins to ask the handlers about steps.
    pub fn inquiry(&self) -> Inquiry<'_> {
        Inquiry { handlers: self, instances: HashMap::new() }
    }

    /// An instance that is to run a step.
    pub(crate) fn instance(
        &self,
        kind: &StepKind,
        host: StepHost,
        meter: Arc<dyn Meter>,
    ) -> Result<(Instance<StepHost>, handler::Guest), Stopped> {
        let handler = self.of(kind).ok_or_else(|| Stopped::HostFault("steps of this kind have no handler".into()))?;
        let mut instance = handler.run.instantiate(host, meter)?;
        let exports = exports(&mut instance)?;
        Ok((instance, exports))
    }
}

/// Questions to the handlers about the steps of one plan: an instance of each handler answers all that are its own.
pub struct Inquiry<'a> {
    handlers: &'a Handlers,
    instances: HashMap<&'static str, (Instance<StepHost>, handler::Guest)>,
}

impl Inquiry<'_> {
    /// Asks the handler of a step what is wrong with its declaration. `params` and `kinds` as in [`declaration`].
    ///
    /// # Errors
    /// When the handler itself fails.
    pub fn validate(
        &mut self,
        step: &Step,
        params: Option<&Map<String, Value>>,
        kinds: &ConnectorKinds,
    ) -> Result<Vec<Problem>, HandlersError> {
        let Some(handler) = self.handlers.of(&step.kind) else { return Ok(Vec::new()) };
        let declaration = declaration(&step.kind, params, kinds).to_string();
        let stopped = handler.stopped("validate");
        let (mut instance, exports) = match self.instances.remove(handler.kind) {
            Some(idle) => idle,
            None => {
                let mut instance = handler.asked.instantiate(StepHost::idle(), Arc::new(NoMeter)).map_err(&stopped)?;
                let exports = exports(&mut instance).map_err(&stopped)?;
                (instance, exports)
            }
        };
        let problems = instance
            .call("validate", |_| false, |store, _| exports.call_validate(store, &declaration))
            .map_err(&stopped)?;
        // One that has trapped or met a limit is not here: it has returned above.
        self.instances.insert(handler.kind, (instance, exports));
        Ok(problems
            .into_iter()
            .map(|problem| Problem { message: problem.message, hint: problem.hint, option: problem.option })
            .collect())
    }
}

impl Handler {
    fn load(engine: &Engine, kind: &Kind, limits: &Limits) -> Result<Self, HandlersError> {
        let component = Component::load(engine, &format!("handler of {} steps", kind.name), kind.bytes)?;
        if !component.offers(HANDLER_INTERFACE)? {
            return Err(component.contract_error(format!("it does not export `{HANDLER_INTERFACE}`")).into());
        }
        let template = |limits| Template::new(&component, limits, kind.granted, |linker| link(linker, kind.granted));
        let mut handler = Self {
            kind: kind.name,
            info: HandlerInfo { name: String::new(), version: String::new(), digest: component.digest().to_owned() },
            asked: template(Limits::describe())?,
            run: template(limits.clone())?,
        };
        let stopped = handler.stopped("describe");
        let mut instance = handler.asked.instantiate(StepHost::idle(), Arc::new(NoMeter)).map_err(&stopped)?;
        let exports = exports(&mut instance).map_err(&stopped)?;
        let described =
            instance.call("describe", |_| false, |store, _| exports.call_describe(store)).map_err(&stopped)?;
        if described.kind != kind.kind {
            return Err(component.contract_error(format!("it does not handle {} steps", kind.name)).into());
        }
        handler.info.name = described.name;
        handler.info.version = described.version;
        Ok(handler)
    }

    fn stopped(&self, call: &'static str) -> impl Fn(Stopped) -> HandlersError + use<> {
        let kind = self.kind;
        move |stopped| HandlersError::Stopped { kind, call, stopped }
    }
}

/// Links what is granted, and nothing else.
fn link(linker: &mut Linker<Guest<StepHost>>, granted: &[&str]) -> wasmtime::Result<()> {
    type Host = HasSelf<Guest<StepHost>>;
    for interface in granted {
        match *interface {
            CONTEXT => context::add_to_linker::<_, Host>(linker, |guest| guest)?,
            SOURCES => sources::add_to_linker::<_, Host>(linker, |guest| guest)?,
            INPUTS => inputs::add_to_linker::<_, Host>(linker, |guest| guest)?,
            TABLES => tables::add_to_linker::<_, Host>(linker, |guest| guest)?,
            DESTINATIONS => destinations::add_to_linker::<_, Host>(linker, |guest| guest)?,
            other => return Err(wasmtime::Error::msg(format!("no such interface: {other}"))),
        }
    }
    Ok(())
}

fn exports(instance: &mut Instance<StepHost>) -> Result<handler::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = handler::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
