//! What the host keeps beside a guest of functions: where its results, states and rows go, and its log.
//!
//! A component of several kinds of functions imports the interfaces of all of them into each of its instances, so that
//! every instance has every sink; the one that its kind does not use refuses what comes.

use std::borrow::Cow;
use std::sync::Arc;

use duckpen_sandbox::{Embedder, Guest, LogLevel};
use wasmtime::component::{Linker, WasmStr};

use crate::aggregate::StateSink;
use crate::columns::ColumnSink;
use crate::table::BatchSink;

/// The interfaces a component of functions may import.
pub const GRANTED_INTERFACES: &[&str] = &[RESULTS, STATES, BATCHES, LOG];

const RESULTS: &str = "duckpen:functions/results@0.1.0";
const STATES: &str = "duckpen:functions/states@0.1.0";
const BATCHES: &str = "duckpen:functions/batches@0.1.0";
const LOG: &str = "duckpen:functions/log@0.1.0";

pub(crate) struct FunctionHost {
    component: Arc<str>,
    /// Where columns go.
    pub(crate) results: ColumnSink,
    /// Where states go.
    pub(crate) states: StateSink,
    /// Where rows go.
    pub(crate) batches: BatchSink,
    /// Whether the guest is to be stopped, where that is not for a limit to say.
    pub(crate) cancelled: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl FunctionHost {
    pub(crate) fn new(component: Arc<str>) -> Self {
        Self {
            component,
            results: ColumnSink::default(),
            states: StateSink::default(),
            batches: BatchSink::default(),
            cancelled: None,
        }
    }
}

impl Embedder for FunctionHost {
    fn is_cancelled(&self) -> bool {
        self.cancelled.as_ref().is_some_and(|cancelled| cancelled())
    }

    fn log(&mut self, level: LogLevel, message: &str) {
        let (component, message) = (&*self.component, message.escape_debug());
        match level {
            LogLevel::Trace => tracing::trace!(component, "{message}"),
            LogLevel::Debug => tracing::debug!(component, "{message}"),
            LogLevel::Info => tracing::info!(component, "{message}"),
            LogLevel::Warn => tracing::warn!(component, "{message}"),
            LogLevel::Error => tracing::error!(component, "{message}"),
        }
    }
}

/// The host's half of the contract: [`GRANTED_INTERFACES`].
pub(crate) fn add_to_linker(linker: &mut Linker<Guest<FunctionHost>>) -> wasmtime::Result<()> {
    ColumnSink::add_to_linker(&mut linker.instance(RESULTS)?)?;
    StateSink::add_to_linker(&mut linker.instance(STATES)?)?;
    BatchSink::add_to_linker(&mut linker.instance(BATCHES)?, |host: &mut FunctionHost| &mut host.batches)?;
    linker.instance(LOG)?.func_wrap("write", |mut store, (level, message): (Level, WasmStr)| {
        let guest: &mut Guest<FunctionHost> = store.data_mut();
        guest.count_host_call()?;
        let most = guest.limits().log_bytes;
        // What is dropped anyway is not copied out of the guest's memory first.
        let message = Some(message.to_str(&store)?).filter(|message| message.len() as u64 <= most);
        match message.map(Cow::into_owned) {
            Some(message) => store.data_mut().log(level.into(), &message),
            None => store.data_mut().drop_log_line(),
        }
        Ok(())
    })
}

#[derive(wasmtime::component::ComponentType, wasmtime::component::Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by lifting")]
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}
