//! The process that compiles: bytes on its standard input, code on its standard output, and nothing else to touch.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::work::{self, CompileFailure};
use super::{NOT_A_COMPONENT, NOT_COMPILED, Order};
use crate::component::MAX_BYTES;
use crate::engine::{Allocation, config};

/// Compiles a component and says how to end, where the arguments of this process (without its name) say that it was
/// started for that by [`Compiler::Subprocess`](super::Compiler::Subprocess). A program that is to be used as the compiler
/// calls it before it does anything else.
pub fn answer_as_compiler(arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    let order = Order::read(arguments)?;
    let (answer, exit) = match limit(&order).and_then(|()| work::on_a_large_stack(|| compile(&order))) {
        Ok(code) => (code, ExitCode::SUCCESS),
        Err(CompileFailure::NotAComponent(reason)) => (reason.into_bytes(), ExitCode::from(NOT_A_COMPONENT)),
        Err(CompileFailure::Compile(reason)) => (reason.into_bytes(), ExitCode::from(NOT_COMPILED)),
    };
    // Whoever does not read the answer to its end does not want it.
    let _ = io::stdout().lock().write_all(&answer);
    Some(exit)
}

/// Before the first byte is read: from here on the compiler may be in the hands of whoever wrote them.
fn limit(order: &Order) -> Result<(), CompileFailure> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |amount| Rlimit { current: Some(amount), maximum: Some(amount) };
    // The softer limit of processor time ends with a signal of its own, by which it is told apart.
    let seconds = order.processor_seconds;
    let limits = [
        (Resource::As, at_most(order.memory)),
        (Resource::Cpu, Rlimit { current: Some(seconds), maximum: Some(seconds + 1) }),
        (Resource::Fsize, at_most(0)),
        (Resource::Nofile, at_most(0)),
        (Resource::Core, at_most(0)),
    ];
    for (resource, limit) in limits {
        setrlimit(resource, limit)
            .map_err(|error| CompileFailure::Compile(format!("the compiler cannot be limited: {error}")))?;
    }
    Ok(())
}

fn compile(order: &Order) -> Result<Vec<u8>, CompileFailure> {
    let mut bytes = Vec::new();
    let failed = |reason: String| CompileFailure::Compile(reason);
    io::stdin()
        .lock()
        .take(MAX_BYTES as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(format!("the compiler cannot read it: {error}")))?;
    // Code is the same with and without a pool, which would take more address space than there is.
    let engine = wasmtime::Engine::new(&config(order.metering, Allocation::OnDemand))
        .map_err(|error| failed(format!("no engine: {error:#}")))?;
    work::compile(&engine, &bytes)
}
