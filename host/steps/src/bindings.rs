//! The contract of step handlers from the host's side. Generated code: only this room sees it.
#![allow(missing_docs, clippy::all)]

wasmtime::component::bindgen!({
    path: ["../../wit/columns", "../../wit/steps"],
    inline: "
        package duckpen:host;
        world handler-host {
            import duckpen:steps/context@0.1.0;
            import duckpen:steps/sources@0.1.0;
            import duckpen:steps/inputs@0.1.0;
            import duckpen:steps/tables@0.1.0;
            import duckpen:steps/destinations@0.1.0;
            export duckpen:steps/handler@0.1.0;
        }
    ",
    world: "duckpen:host/handler-host",
    imports: { default: trappable },
    with: {
        "duckpen:steps/inputs.relation": crate::host::Relation,
        "duckpen:steps/tables.table": crate::host::Table,
    },
});
