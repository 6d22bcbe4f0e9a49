//! What the author of a function, a handler or a connector uses. Crates depend on it as `duckpen`:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! duckpen = { package = "duckpen-guest", version = "0.1" }
//! ```
//!
//! # Functions
//! A function for SQL is a Rust function; a component is a list of them.
//!
//! ```
//! # extern crate duckpen_guest as duckpen;
//! use duckpen::Error;
//!
//! /// Cents of an amount such as `12.30`.
//! #[duckpen::function]
//! fn cents(amount: &str) -> Result<i64, Error> {
//!     let (whole, part) = amount.split_once('.').unwrap_or((amount, "00"));
//!     let parse = |text: &str| text.parse::<i64>().map_err(|_| format!("{amount:?} is not an amount"));
//!     Ok(parse(whole)? * 100 + parse(part)?)
//! }
//!
//! /// The sum of two columns, whole columns at a time.
//! #[duckpen::function(columns)]
//! fn add(a: duckpen::Column<i64>, b: duckpen::Column<i64>, sums: &mut duckpen::Results<i64>) {
//!     for row in 0..a.rows() {
//!         sums.push(a.value(row).wrapping_add(b.value(row)));
//!     }
//! }
//!
//! duckpen::functions!(cents, add);
//! # fn main() {}
//! ```
//!
//! # Table functions
//! A function for FROM returns an iterator of its rows; see [`table_function`](macro@table_function).
//!
//! ```
//! # extern crate duckpen_guest as duckpen;
//! /// The lines of a text, counted from 1.
//! #[duckpen::table_function(fields(number, line))]
//! fn split_lines(text: &str, #[named] keep_empty: Option<bool>) -> impl Iterator<Item = (u64, &str)> {
//!     let keep_empty = keep_empty.unwrap_or(true);
//!     (1..).zip(text.lines()).filter(move |(_, line)| keep_empty || !line.is_empty())
//! }
//!
//! duckpen::functions!(table split_lines);
//! # fn main() {}
//! ```
//!
//! # Types
//! | SQL | Rust |
//! |---|---|
//! | BOOLEAN | `bool` |
//! | TINYINT, SMALLINT, INTEGER, BIGINT, HUGEINT | `i8`, `i16`, `i32`, `i64`, `i128` |
//! | UTINYINT, USMALLINT, UINTEGER, UBIGINT, UHUGEINT | `u8`, `u16`, `u32`, `u64`, `u128` |
//! | FLOAT, DOUBLE | `f32`, `f64` |
//! | DECIMAL(w,s) | [`Decimal<w, s>`](Decimal) |
//! | VARCHAR | `&str`, `String`; in columns `str` |
//! | BLOB | `&[u8]`, `Vec<u8>`; in columns `[u8]` |
//! | BIT, BIGNUM | [`BitString`], [`BigNum`] |
//! | DATE, TIME, TIMETZ, INTERVAL | [`Date`], [`Time`], [`TimeTz`], [`Interval`] |
//! | TIMESTAMP, TIMESTAMPTZ | [`Timestamp`], [`TimestampTz`] |
//! | TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_NS | [`TimestampS`], [`TimestampMs`], [`TimestampNs`] |
//! | UUID | [`Uuid`] |
//! | ENUM('a', ...) | an `enum` with [`#[derive(duckpen::Enum)]`](derive@Enum) |
//! | T\[\] | `Vec<T>`; as a parameter `&[T]` of numbers of up to 64 bits; UTINYINT\[\] is `Vec<Option<u8>>` |
//! | T\[n\] | `[T; n]` |
//! | STRUCT(a A, ...) | a `struct` with [`#[derive(duckpen::Struct)]`](derive@Struct); a tuple, whose fields have no names |
//! | MAP(K, V) | [`Map<K, V>`](Map); as a result `BTreeMap<K, V>`, too |
//!
//! Types stand inside of each other as they do in SQL. A NULL inside of a value is an `Option` there; where the type has
//! none, a value with such a NULL is an error that names the row.
//!
//! ```
//! # extern crate duckpen_guest as duckpen;
//! #[derive(duckpen::Struct)]
//! struct Point {
//!     x: f64,
//!     y: f64,
//! }
//!
//! /// The corners of the smallest box around points; NULL where there are none.
//! #[duckpen::function]
//! fn bounds(points: Vec<Option<Point>>) -> Option<[Point; 2]> {
//!     points.into_iter().flatten().fold(None, |corners, Point { x, y }| {
//!         let [low, high] = corners.unwrap_or([Point { x, y }, Point { x, y }]);
//!         Some([Point { x: low.x.min(x), y: low.y.min(y) }, Point { x: high.x.max(x), y: high.y.max(y) }])
//!     })
//! }
//! # duckpen::functions!(bounds);
//! # fn main() {}
//! ```
//!
//! # Prepared once
//! What a function makes of an argument that is the same for all rows, such as a pattern, it need not make for each row:
//!
//! ```
//! # extern crate duckpen_guest as duckpen;
//! use std::collections::HashSet;
//!
//! /// Whether a word is in a list such as `'red, green'`.
//! #[duckpen::function]
//! fn is_among(
//!     word: &str,
//!     #[prepare(|list: &str| words(list))] words: &HashSet<String>,
//! ) -> bool {
//!     words.contains(word)
//! }
//!
//! fn words(list: &str) -> Result<HashSet<String>, String> {
//!     match list.trim() {
//!         "" => Err("the list of words is empty".into()),
//!         list => Ok(list.split(',').map(|word| word.trim().to_owned()).collect()),
//!     }
//! }
//!
//! duckpen::functions!(is_among);
//! # fn main() {
//! // The function itself stays what it is.
//! assert!(is_among("red", &words("red, green").unwrap()));
//! # }
//! ```
//!
//! # Any number of arguments, and several functions of one name
//! [`Rest`] takes further arguments, as many as there are. Functions that have one `name = "..."` are overloads of it:
//! SQL chooses by the types of the arguments.
//!
//! # Handlers
//! With the feature `handlers`: a step handler is one trait, `Handler`, exported by `duckpen::handler!`.
//!
//! # Connectors
//! With the feature `connectors`: sources and sinks of systems that the host does not know, see `duckpen::connectors`.

#[doc(hidden)]
pub mod bindings;
#[cfg(feature = "connectors")]
pub mod connectors;
mod error;
#[cfg(feature = "functions")]
#[doc(hidden)]
pub mod functions;
#[cfg(feature = "handlers")]
#[doc(hidden)]
pub mod handlers;
pub mod sql;
mod suggest;

pub use error::{Error, ErrorKind};
pub use suggest::did_you_mean;

#[cfg(feature = "functions")]
pub use duckpen_guest_macros::{Enum, Row, State, Struct, aggregate, function, functions, table_function};
#[cfg(feature = "functions")]
pub use functions::{
    aggregate::State,
    column::Column,
    decimal::Decimal,
    encoded::{BigNum, BitString},
    maps::Map,
    rest::Rest,
    results::Results,
    table::{
        batch::Batch,
        call::{DynamicTable, Scan},
        row::Row,
        shape::Shape,
    },
    types::{Date, Interval, Time, TimeTz, Timestamp, TimestampMs, TimestampNs, TimestampS, TimestampTz, Uuid},
};

#[cfg(feature = "handlers")]
pub use handlers::{
    context,
    fit::{Misfit, Projection, find as find_field},
    handler::{Handler, Outcome},
    objects::{FILE_FORMATS, FileFormat, NO_FILE_FORMAT, OBJECT_PLACE, OBJECT_STORE, packing_of},
    options::{OptionKind, OptionSpec, Options, Presence},
    problem::Problem,
    settings::Settings,
    step::{Destination, Export, Load, Source, Step, Transform},
    systems::POSTGRES_SERVER,
    tables::{Field, Inputs, Relation, Replaced, Table, Upserted},
};
