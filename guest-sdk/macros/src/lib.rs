//! Attributes of the guest SDK.

mod columns;
mod function;
mod kind;
mod options;
mod row;
mod rows;
mod signature;
mod table;

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

/// Makes a Rust function a table function for SQL: one that stands in FROM.
///
/// The function stays as it is, and can be called and tested as such; `duckpen::functions!` exports it. Its doc comment
/// becomes its description.
///
/// | option | meaning |
/// |---|---|
/// | `name = "..."` | the name in SQL, if it is another |
/// | `fields(a, b)` | the names of the fields of its rows, where these are tuples |
/// | `dynamic` | the function returns a `duckpen::DynamicTable`, which says itself what its fields are |
///
/// # Parameters
/// Values, `Option` where the function wants to see NULL. A parameter with the attribute `#[named]` is given by name
/// (`name := value`) or left out; it is an `Option`, None also for NULL.
///
/// # Rows
/// The function returns an iterator of rows, which are tuples or structs with `#[derive(duckpen::Row)]`, or a `Result` of
/// an iterator; the iterator may yield `Result`s of rows. The function is called when the query is planned, for its
/// errors, and again where it is scanned: work belongs into the iterator. The iterator may borrow from the arguments.
#[proc_macro_attribute]
pub fn table_function(options: TokenStream, item: TokenStream) -> TokenStream {
    table::expand(options.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct with named fields a row of a table function: each field of the struct is one of the row.
#[proc_macro_derive(Row)]
pub fn row(input: TokenStream) -> TokenStream {
    row::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Exports functions, of any kind, as one component.
///
/// Once in a crate of type `cdylib`, each function with its path from there: a name that `use` brings is not enough.
///
/// ```ignore
/// duckpen::functions!(slugify, text::mask_email, split_lines);
/// ```
///
/// The compiler expands one function inside another: past about 100 functions it asks for a line
/// `#![recursion_limit = "..."]`.
#[proc_macro]
pub fn functions(paths: TokenStream) -> TokenStream {
    kind::sort(paths.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
