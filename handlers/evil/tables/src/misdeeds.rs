//! The ways to misbehave.

use std::hint::black_box;

use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::exports::duckpen::functions::table::Shape;
use crate::{batches, shapes};

/// A table function that misbehaves in one of its calls.
pub struct Misdeed {
    /// Its name in SQL.
    pub name: &'static str,
    pub bind: fn() -> Result<(), Failure>,
    pub shape: fn() -> Shape,
    pub scan: fn() -> Result<(), Failure>,
    /// With the most rows that may be emitted.
    pub next: fn(usize) -> Result<(), Failure>,
    pub drop: fn(),
}

/// All of them.
pub static MISDEEDS: &[Misdeed] = &[
    named("endless"),
    Misdeed { bind: || forever(), ..named("loop_in_bind") },
    Misdeed { bind: || crash(), ..named("trap_in_bind") },
    Misdeed { bind: fail, ..named("fail_in_bind") },
    Misdeed { bind: || batches::zeros(1), ..named("emit_in_bind") },
    Misdeed { shape: || forever(), ..named("loop_in_shape") },
    Misdeed { shape: || crash(), ..named("trap_in_shape") },
    Misdeed { shape: shapes::none, ..named("no_fields") },
    Misdeed { shape: shapes::hundred_thousand, ..named("too_many_fields") },
    Misdeed { shape: shapes::twice_the_same, ..named("duplicate_fields") },
    Misdeed { shape: shapes::without_a_name, ..named("nameless_field") },
    Misdeed { shape: shapes::name_with_nul, ..named("field_with_nul") },
    Misdeed { shape: shapes::unknown_type, ..named("unknown_type") },
    Misdeed { shape: shapes::no_partitions, ..named("no_partitions") },
    Misdeed { shape: shapes::all_partitions, ..named("too_many_partitions") },
    Misdeed { shape: shapes::most_partitions, next: batches::nothing, ..named("empty_partitions") },
    Misdeed { shape: shapes::huge_cardinality, next: batches::nothing, ..named("huge_cardinality") },
    Misdeed { scan: || forever(), ..named("loop_in_scan") },
    Misdeed { scan: || crash(), ..named("trap_in_scan") },
    Misdeed { scan: fail, ..named("fail_in_scan") },
    Misdeed { next: |_| forever(), ..named("loop_in_next") },
    Misdeed { next: |_| crash(), ..named("trap_in_next") },
    Misdeed { next: |_| fail(), ..named("fail_in_next") },
    Misdeed { next: batches::nothing, drop: || forever(), ..named("loop_in_drop") },
    Misdeed { next: batches::too_many_rows, ..named("too_many_rows") },
    Misdeed { next: batches::no_rows, ..named("no_rows") },
    Misdeed { next: batches::short_column, ..named("short_column") },
    Misdeed { next: batches::two_columns, ..named("two_columns") },
    Misdeed { next: batches::no_columns, ..named("no_columns") },
    Misdeed { next: batches::wrong_type, ..named("wrong_type") },
    Misdeed { next: batches::twice, ..named("emit_twice") },
    Misdeed { shape: shapes::text_field, next: batches::bad_utf8, ..named("bad_utf8") },
    Misdeed { shape: shapes::text_field, next: batches::long_texts, ..named("long_texts") },
];

/// One that does not misbehave, apart from having no end.
const fn named(name: &'static str) -> Misdeed {
    Misdeed { name, bind: || Ok(()), shape: shapes::one_field, scan: || Ok(()), next: batches::zeros, drop: || {} }
}

fn forever() -> ! {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

#[cfg(target_arch = "wasm32")]
fn crash() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn crash() -> ! {
    std::process::abort()
}

fn fail() -> Result<(), Failure> {
    Err(Failure {
        kind: Kind::InvalidInput,
        message: "this call is not to its taste".to_owned(),
        hint: Some("try another".to_owned()),
        row: None,
    })
}
