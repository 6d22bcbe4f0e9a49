//! What the author of a function or a handler uses. Crates depend on it as `duckpen`:
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
//! | DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL | [`Date`], [`Time`], [`Timestamp`], [`TimestampTz`], [`Interval`] |
//! | UUID | [`Uuid`] |
//!
//! # Handlers
//! With the feature `handlers`: a step handler is one trait, `Handler`, exported by `duckpen::handler!`.

#[doc(hidden)]
pub mod bindings;
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
pub use duckpen_guest_macros::{Enum, Row, State, Struct, aggregate, function, table_function};
#[cfg(feature = "functions")]
pub use functions::{
    aggregate::State,
    column::Column,
    decimal::Decimal,
    maps::Map,
    rest::Rest,
    results::Results,
    table::{
        batch::Batch,
        call::{DynamicTable, Scan},
        row::Row,
        shape::Shape,
    },
    types::{Date, Interval, Time, Timestamp, TimestampMs, TimestampNs, TimestampS, TimestampTz, Uuid},
};

#[cfg(feature = "handlers")]
pub use handlers::{
    context,
    fit::{Misfit, Projection, find as find_field},
    handler::{Handler, Outcome},
    options::{OptionKind, OptionSpec, Options, Presence},
    problem::Problem,
    settings::Settings,
    step::{Destination, Export, Load, Source, Step, Transform},
    tables::{Field, Inputs, Relation, Table, Upserted},
};
