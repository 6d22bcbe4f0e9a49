//! Attributes of the guest SDK.

mod columns;
mod enums;
mod function;
mod options;
mod rows;
mod signature;
mod structs;

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
