//! The contract of scalar functions, for calls that go past the host: to the sandbox, and to bare wasmtime.
#![allow(missing_docs, clippy::all, reason = "generated")]

use wasmtime::component::Linker;

wasmtime::component::bindgen!({
    path: ["../wit/columns", "../wit/functions"],
    inline: "
        package duckpen:benches;
        world caller {
            export duckpen:functions/scalar@0.1.0;
        }
    ",
    world: "duckpen:benches/caller",
    ownership: Borrowing { duplicate_if_necessary: true },
});

/// Answers the imports of a component of functions by doing nothing.
pub fn answer<T: 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.instance("duckpen:functions/results@0.1.0")?.func_new("emit", |_, _, _, _| Ok(()))?;
    linker.instance("duckpen:functions/states@0.1.0")?.func_new("emit", |_, _, _, _| Ok(()))?;
    linker.instance("duckpen:functions/log@0.1.0")?.func_new("write", |_, _, _, _| Ok(()))
}
