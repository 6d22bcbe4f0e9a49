//! One thread's work on one call of a function: an instance, and what goes in and out of it.

use std::sync::Arc;

use duckpen_database::{Chunk, OutputSlot, OutputVector};
use duckpen_sandbox::{Embedder, Exceeded, Guest, Instance, LimitKind, LogLevel, Refusal, Stopped};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, ResourceAny};

use crate::arguments::{ArgumentBuffer, column_bytes};
use crate::bindings::duckpen::columns::columns::{Argument, Column};
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::exports::duckpen::functions::scalar;
use crate::results::EmittedColumn;

/// What the host keeps beside a guest of functions.
pub(crate) struct FunctionHost {
    component: Arc<str>,
    output: Arc<OutputSlot>,
    /// Results emitted in the current batch.
    emitted: u32,
    bytes_out: u64,
}

impl FunctionHost {
    pub(crate) fn new(component: Arc<str>, output: Arc<OutputSlot>) -> Self {
        Self { component, output, emitted: 0, bytes_out: 0 }
    }
}

impl Embedder for FunctionHost {
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

/// The host's half of the contract: [`crate::GRANTED_INTERFACES`].
pub(crate) fn add_to_linker(linker: &mut Linker<Guest<FunctionHost>>) -> wasmtime::Result<()> {
    let [results, log] = crate::GRANTED_INTERFACES else { unreachable!("two interfaces are granted") };
    linker
        .instance(results)?
        .func_wrap("emit", |store, (column,): (EmittedColumn,)| emit(store, &column).map_err(wasmtime::Error::from))?;
    linker.instance(log)?.func_wrap("write", |mut store, (level, message): (Level, String)| {
        let guest: &mut Guest<FunctionHost> = store.data_mut();
        guest.count_host_call()?;
        guest.log(level.into(), &message);
        Ok(())
    })
}

fn emit(mut store: StoreContextMut<'_, Guest<FunctionHost>>, column: &EmittedColumn) -> Result<(), Refusal> {
    let guest = store.data_mut();
    guest.count_host_call()?;
    if guest.embedder.emitted > 0 {
        return Err(Refusal::Denied("results were emitted twice for one batch".into()));
    }
    let (limit, used) = (guest.limits().result_rows, u64::from(column.rows()));
    if used > limit {
        return Err(Refusal::Limit(Exceeded { kind: LimitKind::ResultRows, limit, used }));
    }
    let output = Arc::clone(&guest.embedder.output);
    let written = output.with(|output| column.write(&store, output));
    let embedder = &mut store.data_mut().embedder;
    match written {
        Some(Ok(bytes)) => {
            embedder.emitted += 1;
            embedder.bytes_out = bytes;
            Ok(())
        }
        Some(Err(error)) => Err(Refusal::Denied(format!("the results are not what was declared: {error}"))),
        None => Err(Refusal::Denied("results were emitted outside of a batch".into())),
    }
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

/// Why a batch was not computed.
pub(crate) enum EvaluateError {
    /// The guest's own error.
    Failure(Failure),
    Stopped(Stopped),
}

impl From<Stopped> for EvaluateError {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// A function made ready for one call site on one thread.
pub(crate) struct Evaluator {
    instance: Instance<FunctionHost>,
    functions: scalar::Guest,
    evaluator: ResourceAny,
    output: Arc<OutputSlot>,
    buffers: Vec<ArgumentBuffer>,
}

impl Evaluator {
    /// Opens function number `index` of the component for a call site.
    pub(crate) fn open(
        mut instance: Instance<FunctionHost>,
        output: Arc<OutputSlot>,
        index: u32,
        argument_types: &[&str],
        constants: &[Option<Column<'_>>],
    ) -> Result<Self, EvaluateError> {
        let functions = interface(&mut instance)?;
        let site = scalar::CallSite { argument_types, constants };
        let opened = instance.call("open", Result::is_err, |store, _| functions.call_open(store, index, site))?;
        let evaluator = opened.map_err(EvaluateError::Failure)?;
        let buffers = argument_types.iter().map(|_| ArgumentBuffer::default()).collect();
        Ok(Self { instance, functions, evaluator, output, buffers })
    }

    /// Computes a batch into `output`. `constants` holds the arguments that are the same for all rows. Returns the bytes
    /// that went in and out.
    pub(crate) fn evaluate(
        &mut self,
        constants: &[Option<Column<'_>>],
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(u64, u64), EvaluateError> {
        let mut bytes_in = 0;
        let mut arguments = Vec::with_capacity(self.buffers.len());
        for ((vector, constant), buffer) in input.vectors().iter().zip(constants).zip(&mut self.buffers) {
            arguments.push(match constant {
                Some(constant) => Argument::Constant(constant.clone()),
                None => {
                    let column = buffer.column(vector).map_err(|error| Stopped::HostFault(error.to_string()))?;
                    bytes_in += column_bytes(&column);
                    Argument::Vector(column)
                }
            });
        }
        let rows = input.rows() as u32;
        let (functions, evaluator, instance) = (&self.functions, self.evaluator, &mut self.instance);
        let returned = self.output.lend(output, || {
            instance.call("evaluate", Result::is_err, |store, _| {
                store.data_mut().embedder.emitted = 0;
                let returned = functions.evaluator().call_evaluate(&mut *store, evaluator, &arguments, rows)?;
                if returned.is_ok() && store.data().embedder.emitted == 0 {
                    let message = "a batch was evaluated and no results were emitted";
                    return Err(Refusal::Denied(message.into()).into());
                }
                Ok(returned)
            })
        });
        returned?.map_err(EvaluateError::Failure)?;
        Ok((bytes_in, self.instance.embedder().bytes_out))
    }
}

/// Finds the interface of scalar functions in an instance.
pub(crate) fn interface(instance: &mut Instance<FunctionHost>) -> Result<scalar::Guest, Stopped> {
    instance
        .inspect(|store, instance| {
            let indices = scalar::GuestIndices::new(&instance.instance_pre(&*store))?;
            indices.load(store, instance)
        })
        .map_err(|error| Stopped::HostFault(format!("{error:#}")))
}
