//! The contract of connectors from the host's side. Generated code: only this room sees it.
#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: ["../../wit/columns", "../../wit/connectors"],
    inline: "
        package duckpen:host;
        world connector-host {
            import duckpen:connectors/context@0.1.0;
            import duckpen:connectors/files@0.1.0;
            import duckpen:connectors/http@0.1.0;
            export duckpen:connectors/connector@0.1.0;
            export duckpen:connectors/source@0.1.0;
            export duckpen:connectors/sink@0.1.0;
        }
    ",
    world: "duckpen:host/connector-host",
    imports: { default: trappable },
    // Rows that are written are borrowed from DuckDB's vectors.
    ownership: Borrowing { duplicate_if_necessary: true },
    with: {
        "duckpen:columns/columns@0.1.0": duckpen_functions::exchange::columns,
    },
});
