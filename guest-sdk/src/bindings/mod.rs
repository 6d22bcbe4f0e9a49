//! The contracts of `wit/` as Rust, generated. Nothing outside this crate names these types, except through the export
//! macros.
#![allow(missing_docs, unsafe_code, clippy::unwrap_used, clippy::all)]

#[cfg(feature = "functions")]
pub mod functions {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/functions"],
        world: "duckpen:functions/scalar-functions",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_functions",
        default_bindings_module: "::duckpen::bindings::functions",
    });
}

// Each kind of functions is a world of its own, so that a component exports the interfaces of its kinds and no others;
// the types they share are those of `functions`.
#[cfg(feature = "functions")]
pub mod tables {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/functions"],
        world: "duckpen:functions/table-functions",
        with: {
            "duckpen:columns/columns@0.1.0": super::functions::duckpen::columns::columns,
            "duckpen:columns/failures@0.1.0": super::functions::duckpen::columns::failures,
            "duckpen:functions/declarations@0.1.0": super::functions::duckpen::functions::declarations,
            "duckpen:functions/log@0.1.0": super::functions::duckpen::functions::log,
            "duckpen:functions/batches@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_tables",
        default_bindings_module: "::duckpen::bindings::tables",
    });
}

#[cfg(feature = "functions")]
pub mod aggregates {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/functions"],
        world: "duckpen:functions/aggregate-functions",
        with: {
            "duckpen:columns/columns@0.1.0": crate::bindings::functions::duckpen::columns::columns,
            "duckpen:columns/failures@0.1.0": crate::bindings::functions::duckpen::columns::failures,
            "duckpen:functions/declarations@0.1.0": crate::bindings::functions::duckpen::functions::declarations,
            "duckpen:functions/log@0.1.0": crate::bindings::functions::duckpen::functions::log,
            "duckpen:functions/results@0.1.0": crate::bindings::functions::duckpen::functions::results,
            "duckpen:functions/states@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_aggregates",
        default_bindings_module: "::duckpen::bindings::aggregates",
    });
}

#[cfg(feature = "functions")]
pub mod resident_aggregates {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/functions"],
        world: "duckpen:functions/resident-aggregate-functions",
        with: {
            "duckpen:columns/columns@0.1.0": crate::bindings::functions::duckpen::columns::columns,
            "duckpen:columns/failures@0.1.0": crate::bindings::functions::duckpen::columns::failures,
            "duckpen:functions/declarations@0.1.0": crate::bindings::functions::duckpen::functions::declarations,
            "duckpen:functions/log@0.1.0": crate::bindings::functions::duckpen::functions::log,
            "duckpen:functions/results@0.1.0": crate::bindings::functions::duckpen::functions::results,
            "duckpen:functions/states@0.1.0": crate::bindings::aggregates::duckpen::functions::states,
        },
        pub_export_macro: true,
        export_macro_name: "export_resident_aggregates",
        default_bindings_module: "::duckpen::bindings::resident_aggregates",
    });
}

// One world for every kind of handler: what a handler does not call is not imported by its component, so that the
// component of each kind asks for no more than its kind is granted.
#[cfg(feature = "handlers")]
pub mod handlers {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/steps"],
        inline: "
            package duckpen:guest-sdk@0.1.0;

            world any-handler {
                import duckpen:steps/context@0.1.0;
                import duckpen:steps/sources@0.1.0;
                import duckpen:steps/inputs@0.1.0;
                import duckpen:steps/tables@0.1.0;
                import duckpen:steps/destinations@0.1.0;
                export duckpen:steps/handler@0.1.0;
            }
        ",
        world: "duckpen:guest-sdk/any-handler",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_handler",
        additional_derives: [PartialEq],
        default_bindings_module: "::duckpen::bindings::handlers",
    });
}

// What every connector exports, and what one exports that is read from or written to, are worlds of their own, so that a
// component exports no more than it can; of what it may import it imports what it calls.
#[cfg(feature = "connectors")]
pub mod connectors {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/connectors"],
        inline: "
            package duckpen:guest-sdk@0.1.0;

            world any-connector {
                import duckpen:connectors/context@0.1.0;
                import duckpen:connectors/files@0.1.0;
                import duckpen:connectors/http@0.1.0;
                export duckpen:connectors/connector@0.1.0;
            }
        ",
        world: "duckpen:guest-sdk/any-connector",
        with: {
            "duckpen:columns/failures@0.1.0": crate::bindings::functions::duckpen::columns::failures,
            "duckpen:connectors/context@0.1.0": generate,
            "duckpen:connectors/files@0.1.0": generate,
            "duckpen:connectors/http@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_connector",
        default_bindings_module: "::duckpen::bindings::connectors",
    });
}

#[cfg(feature = "connectors")]
pub mod connector_sources {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/connectors"],
        inline: "
            package duckpen:guest-sdk@0.1.0;

            world any-source {
                import duckpen:connectors/rows@0.1.0;
                export duckpen:connectors/source@0.1.0;
            }
        ",
        world: "duckpen:guest-sdk/any-source",
        with: {
            "duckpen:columns/columns@0.1.0": crate::bindings::functions::duckpen::columns::columns,
            "duckpen:columns/failures@0.1.0": crate::bindings::functions::duckpen::columns::failures,
            "duckpen:connectors/types@0.1.0": generate,
            "duckpen:connectors/rows@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_source",
        default_bindings_module: "::duckpen::bindings::connector_sources",
    });
}

#[cfg(feature = "connectors")]
pub mod connector_sinks {
    wit_bindgen::generate!({
        path: ["../wit/columns", "../wit/connectors"],
        inline: "
            package duckpen:guest-sdk@0.1.0;

            world any-sink {
                export duckpen:connectors/sink@0.1.0;
            }
        ",
        world: "duckpen:guest-sdk/any-sink",
        with: {
            "duckpen:columns/columns@0.1.0": crate::bindings::functions::duckpen::columns::columns,
            "duckpen:columns/failures@0.1.0": crate::bindings::functions::duckpen::columns::failures,
            "duckpen:connectors/types@0.1.0": crate::bindings::connector_sources::duckpen::connectors::types,
        },
        pub_export_macro: true,
        export_macro_name: "export_sink",
        default_bindings_module: "::duckpen::bindings::connector_sinks",
    });
}
