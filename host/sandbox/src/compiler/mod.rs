//! From a component's bytes to code. What a stranger wrote may be made to take the compiler's memory, time or stack, so
//! that the host compiles in a process of its own, which a limit ends without harm.

mod child;
mod subprocess;
mod work;

use std::path::PathBuf;
use std::time::Duration;

pub use child::answer_as_compiler;
pub(crate) use work::CompileFailure;

use crate::engine::{Engine, Metering};
use crate::quantity::Bytes;

/// Components that are compiled at once: each compilation takes all cores.
pub(crate) const AT_ONCE: usize = 2;

/// Where components are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// On a thread of this process, without limits: for tests and benchmarks, whose components are known.
    InProcess,
    /// In a process of its own, within limits.
    Subprocess {
        /// The program, which calls [`answer_as_compiler`]. It has to be built with this very engine.
        program: PathBuf,
        /// What it may use.
        limits: CompileLimits,
    },
}

/// What compiling one component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of address space.
    pub memory: u64,
    /// Processor time, of all threads together. Counted in whole seconds.
    pub processor_time: Duration,
    /// Wall time.
    pub time: Duration,
    /// Bytes of compiled code.
    pub code: u64,
}

impl Default for CompileLimits {
    /// Wide enough for the interpreters that components of scripting languages carry along.
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            processor_time: Duration::from_secs(120),
            time: Duration::from_secs(600),
            code: 512 << 20,
        }
    }
}

impl Compiler {
    /// This very program as the compiler, with the limits that hold by default. Its `main` begins with
    /// [`answer_as_compiler`].
    ///
    /// # Errors
    /// When the system does not tell which program this is.
    pub fn this_program() -> std::io::Result<Self> {
        // The name of the file may meanwhile belong to another program; this link does not.
        let link = PathBuf::from("/proc/self/exe");
        let program = if link.exists() { link } else { std::env::current_exe()? };
        Ok(Self::Subprocess { program, limits: CompileLimits::default() })
    }

    /// The code of a component, for the engine that asks. Waits while others are compiled.
    pub(crate) fn compile(&self, engine: &Engine, bytes: &[u8]) -> Result<Vec<u8>, CompileFailure> {
        match self {
            Self::InProcess => work::on_a_large_stack(|| work::compile(&engine.wasmtime, bytes)),
            Self::Subprocess { program, limits } => {
                let patience = limits.time.saturating_mul(4);
                let Some(_slot) = engine.compilations.take(patience) else {
                    let reason = format!("{AT_ONCE} others are still being compiled after {} s", patience.as_secs());
                    return Err(CompileFailure::Compile(reason));
                };
                subprocess::compile(program, limits, engine.metering, bytes)
            }
        }
    }
}

/// Why a compilation within limits was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Ended {
    #[error("that took more than {} s", .0.as_secs())]
    Time(Duration),
    #[error("that took more than {} s of processor time", .0.as_secs())]
    ProcessorTime(Duration),
    #[error("that takes more than {} of memory", Bytes(*.0))]
    Memory(u64),
    #[error("its compiled code is larger than {}", Bytes(*.0))]
    Code(u64),
    #[error("it is nested too deeply for the compiler")]
    Stack,
}

/// The words by which a process is told that it is the compiler, and for what.
struct Order {
    metering: Metering,
    memory: u64,
    processor_seconds: u64,
}

impl Order {
    const COMMAND: &'static str = "__compile";

    fn new(metering: Metering, limits: &CompileLimits) -> Self {
        Self { metering, memory: limits.memory, processor_seconds: limits.processor_time.as_secs().max(1) }
    }

    fn words(&self) -> [String; 4] {
        let metering = match self.metering {
            Metering::On => "metered",
            Metering::Off => "unmetered",
        };
        [Self::COMMAND.into(), metering.into(), self.memory.to_string(), self.processor_seconds.to_string()]
    }

    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        if words.next()? != Self::COMMAND {
            return None;
        }
        let metering = match words.next()?.as_str() {
            "metered" => Metering::On,
            "unmetered" => Metering::Off,
            _ => return None,
        };
        Some(Self { metering, memory: words.next()?.parse().ok()?, processor_seconds: words.next()?.parse().ok()? })
    }
}

/// How the process that compiles ends, beside success.
const NOT_A_COMPONENT: u8 = 65;
const NOT_COMPILED: u8 = 66;
