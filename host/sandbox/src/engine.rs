use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::cache::Cache;
use crate::compiler::{self, Compiler};
use crate::slots::Slots;

/// How often deadlines are looked at: a guest is stopped within two ticks of its time.
pub const TICK: Duration = Duration::from_millis(10);

/// The guest's stack. DuckDB's own threads have 8 MiB on Linux, of which the host's frames need little.
pub(crate) const STACK_BYTES: usize = 512 << 10;

/// Component instances that may live at once in one engine.
const POOLED_COMPONENTS: u32 = 512;

/// Whether compiled code counts fuel and looks at deadlines. Without metering nothing stops a guest: for benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the type says it")]
pub enum Metering {
    On,
    Off,
}

/// Whether it is measured what calls cost. Without that nothing is known of them: for benchmarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the type says it")]
pub enum Measuring {
    On,
    Off,
}

/// How an engine is made.
#[derive(Debug)]
pub struct EngineOptions {
    /// Metering.
    pub metering: Metering,
    /// Measuring.
    pub measuring: Measuring,
    /// Where compiled code is kept between processes; none compiles anew.
    pub cache: Option<Cache>,
    /// Where components are compiled.
    pub compiler: Compiler,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { metering: Metering::On, measuring: Measuring::On, cache: None, compiler: Compiler::InProcess }
    }
}

/// The engine could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine cannot be made: {0}")]
pub struct EngineError(String);

/// Compiles components and holds the pool of their memories. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) metering: Metering,
    pub(crate) measuring: Measuring,
    pub(crate) cache: Option<Cache>,
    pub(crate) compiler: Compiler,
    /// Places for compilations that run at once.
    pub(crate) compilations: Slots,
    /// Places for instances.
    pub(crate) slots: Slots,
    _ticker: Arc<Ticker>,
}

impl Engine {
    /// Makes an engine.
    ///
    /// # Errors
    /// When the machine cannot run one.
    pub fn new(options: EngineOptions) -> Result<Self, EngineError> {
        let pooled = config(options.metering, Allocation::Pooled);
        let wasmtime = match wasmtime::Engine::new(&pooled) {
            Ok(engine) => engine,
            Err(error) => {
                // The pool reserves terabytes of address space, which some machines limit.
                tracing::warn!(%error, "no pool of instances: each one is allocated when it is needed");
                let on_demand = config(options.metering, Allocation::OnDemand);
                wasmtime::Engine::new(&on_demand).map_err(|error| EngineError(format!("{error:#}")))?
            }
        };
        Ok(Self {
            metering: options.metering,
            measuring: options.measuring,
            cache: options.cache,
            compiler: options.compiler,
            compilations: Slots::new(compiler::AT_ONCE),
            slots: Slots::new(POOLED_COMPONENTS as usize),
            _ticker: Arc::new(Ticker::start(wasmtime.weak())?),
            wasmtime,
        })
    }
}

pub(crate) enum Allocation {
    Pooled,
    OnDemand,
}

/// The one place where wasmtime is configured. What is switched on or off here is part of the key of the cache.
pub(crate) fn config(metering: Metering, allocation: Allocation) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .consume_fuel(metering == Metering::On)
        .epoch_interruption(metering == Metering::On)
        .concurrency_support(false)
        .max_wasm_stack(STACK_BYTES)
        .cranelift_opt_level(OptLevel::Speed)
        .memory_init_cow(true)
        // A trap says in which function it happened, without the cost of reading debug information.
        .generate_address_map(false)
        // What no guest of ours needs is not there to be attacked.
        .wasm_simd(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_tail_call(true);
    if let Allocation::Pooled = allocation {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(POOLED_COMPONENTS)
            // Components that come with an adapter are two to four core instances.
            .total_core_instances(4 * POOLED_COMPONENTS)
            .total_memories(2 * POOLED_COMPONENTS)
            .total_tables(4 * POOLED_COMPONENTS)
            .max_memories_per_component(4)
            .max_tables_per_component(16)
            .table_elements(20_000)
            .max_component_instance_size(2 << 20)
            .max_core_instance_size(2 << 20)
            // Pages that stay mapped make the next instance cheaper; the rest goes back to the system.
            .linear_memory_keep_resident(128 << 10)
            .table_keep_resident(16 << 10);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// Moves the engine's clock on, until the engine is gone.
struct Ticker {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: wasmtime::EngineWeak) -> Result<Self, EngineError> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("duckpen-ticker".into()).spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => break,
                }
            }
        });
        // Without the thread nothing would meet its deadline.
        let thread = thread.map_err(|error| EngineError(format!("no thread for deadlines: {error}")))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // The thread leaves its loop at once when the channel closes.
            let _ = thread.join();
        }
    }
}
