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
