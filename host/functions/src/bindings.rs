//! The contract of functions from the host's side. Generated code: only this room sees it.
#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: ["../../wit/columns", "../../wit/functions"],
    inline: "
        package duckpen:host;
        world functions-host {
            export duckpen:functions/scalar@0.1.0;
            export duckpen:functions/aggregate@0.1.0;
            export duckpen:functions/resident-aggregate@0.1.0;
            export duckpen:functions/table@0.1.0;
            export duckpen:functions/relation@0.1.0;
            export duckpen:functions/modules@0.1.0;
        }
    ",
    world: "duckpen:host/functions-host",
    // Arguments are borrowed from DuckDB's vectors: nothing is copied on the way to the guest's memory.
    ownership: Borrowing { duplicate_if_necessary: true },
});

// These stand in what guests are given and in what they hand over; the names of the generated types tell which. What they
// hand over is read in place, with types of our own.
pub use duckpen::columns::columns::VarDataParam as VarData;
pub use duckpen::functions::states::GroupStatesParam as GroupStates;
