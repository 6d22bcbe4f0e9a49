//! Attributes of the guest SDK.

mod columns;
mod function;
mod options;
mod rows;
mod signature;

use proc_macro::TokenStream;

/// Makes a Rust function a function for SQL.
///
/// The function stays as it is, and can be called and tested as such; `duckpen::functions!` exports it. Its doc comment
/// becomes its description.
///
/// | option | meaning |
/// |---|---|
/// | `name = "..."` | the name in SQL, if it is another |
/// | `volatile` | equal arguments may give different results: every row is a call of its own |
/// | `columns` | the function takes whole columns instead of values |
/// | `called_on_null` | with `columns`: it sees NULLs and may return them |
///
/// # Row by row
/// Parameters are values, `Option` where the function wants to see NULL. Where none is, a row with a NULL gives NULL
/// without a call; where some are, a row gives NULL without a call if another parameter is NULL. The result is a value,
/// an `Option` of one, or a `Result` of either with an error that converts to `duckpen::Error`.
///
/// # Whole columns
/// Parameters are `Column<T>`, the last one is `&mut Results<T>`, and the function pushes one result a row. It returns
/// nothing or a `Result<(), E>`. Unless `called_on_null` is given, what it says of a row with a NULL is ignored.
#[proc_macro_attribute]
pub fn function(options: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(options.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
