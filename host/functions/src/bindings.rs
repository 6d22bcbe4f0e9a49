//! The contract of scalar functions from the host's side. Generated code: only this room sees it.
#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: ["../../wit/columns", "../../wit/functions"],
    inline: "
        package duckpen:host;
        world scalar-host {
            export duckpen:functions/scalar@0.1.0;
        }
    ",
    world: "duckpen:host/scalar-host",
    // Arguments are borrowed from DuckDB's vectors: nothing is copied on the way to the guest's memory.
    ownership: Borrowing { duplicate_if_necessary: true },
});
