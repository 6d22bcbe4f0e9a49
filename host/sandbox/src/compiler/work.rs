//! The work itself, wherever it is done.

use std::borrow::Cow;

/// Stack of the thread that compiles: deeply nested code needs much of it.
const STACK_BYTES: usize = 64 << 20;

/// Why there is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CompileFailure {
    /// The bytes are neither a component nor a module with a contract inside.
    NotAComponent(String),
    /// They cannot be compiled.
    Compile(String),
}

/// Makes a component of the bytes and compiles it.
pub(super) fn compile(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Vec<u8>, CompileFailure> {
    let component = as_component(engine, bytes)?;
    engine.precompile_component(&component).map_err(|error| CompileFailure::Compile(format!("{error:#}")))
}

/// Runs on a thread of its own, of which a crash is an error like any other.
pub(super) fn on_a_large_stack<R: Send>(
    work: impl FnOnce() -> Result<R, CompileFailure> + Send,
) -> Result<R, CompileFailure> {
    let failed = |reason: String| CompileFailure::Compile(reason);
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("duckpen-compiler".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| failed(format!("no thread for the compiler: {error}")))?
            .join()
            .map_err(|_| failed("the compiler crashed".into()))?
    })
}

/// A component as it is; a core module is made into one with the contract it carries.
fn as_component<'a>(engine: &wasmtime::Engine, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, CompileFailure> {
    let refused = CompileFailure::NotAComponent;
    match bytes {
        [b'\0', b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(bytes.into()),
        // The encoder takes it for granted that the module is whole.
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => wasmtime::Module::validate(engine, bytes)
            .map_err(|error| refused(format!("a module that is not valid: {error:#}")))
            .and_then(|()| encoded(bytes).map_err(refused)),
        _ => Err(refused("the file does not begin like one".into())),
    }
}

fn encoded(module: &[u8]) -> Result<Cow<'static, [u8]>, String> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map(Cow::Owned)
        .map_err(|error| format!("a module that carries no usable contract: {error:#}"))
}
