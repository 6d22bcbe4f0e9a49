//! Attributes of the guest SDK.

mod aggregate;
mod columns;
mod enums;
mod function;
mod functions;
mod options;
mod row;
mod rows;
mod signature;
mod state;
mod structs;
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
/// The last parameter may be `Rest<T>`: any number of further arguments.
///
/// A parameter `&T` with the attribute `#[prepare(|value: V| ...)]` is a `V` in SQL. The closure makes a `T` of it, or an
/// error: once where the argument is the same for all rows, otherwise whenever its value changes.
///
/// ```ignore
/// #[duckpen::function]
/// fn matches(text: &str, #[prepare(|pattern: &str| compile(pattern))] pattern: &Regex) -> bool {
///     pattern.is_match(text)
/// }
/// ```
///
/// # Whole columns
/// Parameters are `Column<T>`, the last one is `&mut Results<T>`, and the function pushes one result a row. It returns
/// nothing or a `Result<(), E>`. Unless `called_on_null` is given, what it says of a row with a NULL is ignored.
#[proc_macro_attribute]
pub fn function(options: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(options.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Exports functions that were made with [`#[duckpen::function]`](macro@function), aggregates that were made with
/// [`#[duckpen::aggregate]`](macro@aggregate), and table functions that were made with
/// [`#[duckpen::table_function]`](macro@table_function), as one component. It offers the kinds that are there.
///
/// Once in a crate of type `cdylib`, with the functions' paths; those of table functions stand behind the word `table`, the
/// types of aggregates behind the word `aggregate`, or `resident` where they keep their states:
///
/// ```ignore
/// duckpen::functions!(slugify, text::mask_email, aggregate GeoMean, resident Sketch, table split_lines);
/// ```
#[proc_macro]
pub fn functions(input: TokenStream) -> TokenStream {
    functions::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
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
/// (`name := value`) or left out; it is an `Option`, None also for NULL. Arguments are constants. DuckDB converts one given
/// by position only to a wider type, and a number such as 3 is an INTEGER to it: `i64` takes it, `u32` and `i16` do not.
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

/// Makes a type an aggregate for SQL: its values are the states of groups.
///
/// It stands before an `impl` block with three methods, which stay as they are. Its doc comment becomes the description,
/// the type's name in snake case the name, unless `name = "..."` says another. The type has `Default`, the state of a group
/// without rows, and `duckpen::State`, which makes bytes of it.
///
/// | method | meaning |
/// |---|---|
/// | `step(&mut self, ...)` | takes a row in; parameters are as those of `#[duckpen::function]` |
/// | `merge(&mut self, other: Self)` | takes in the rows of another part of the group, which come after its own |
/// | `finish(self)` | the result: a value, an `Option` of one, or a `Result` of either; it may take `&self` |
///
/// `step` and `merge` return nothing or a `Result<(), E>`. A row with a NULL is left out, unless its parameter is an
/// `Option`.
///
/// By default the host keeps the states as bytes. One that is large, such as a sketch, is better kept by the component:
/// `duckpen::functions!(resident Sketch)`; then the type is `Clone` too.
#[proc_macro_attribute]
pub fn aggregate(options: TokenStream, item: TokenStream) -> TokenStream {
    aggregate::expand(options.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct of states a state: its fields one behind the other.
#[proc_macro_derive(State)]
pub fn derive_state(item: TokenStream) -> TokenStream {
    state::expand(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct a STRUCT: as a parameter, as a result, and inside of other types. Its fields have to be types that
/// functions take and return. It may have a lifetime, so that its texts are borrowed.
///
/// `#[duckpen(name = "...")]` gives a field another name in SQL.
#[proc_macro_derive(Struct, attributes(duckpen))]
pub fn derive_struct(item: TokenStream) -> TokenStream {
    structs::expand(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an enum without fields an ENUM. It has to be `Copy`.
///
/// `#[duckpen(name = "...")]` gives a variant another name in SQL.
#[proc_macro_derive(Enum, attributes(duckpen))]
pub fn derive_enum(item: TokenStream) -> TokenStream {
    enums::expand(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
