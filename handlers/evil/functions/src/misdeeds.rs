//! The ways to misbehave.

use std::hint::black_box;

use crate::bindings::duckpen::columns::columns::Values;
use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::functions::{log, results};
use crate::columns::{column, emit_texts, zeros};

/// A function that misbehaves.
pub struct Misdeed {
    /// Its name in SQL.
    pub name: &'static str,
    /// The type it says it returns.
    pub returns: &'static str,
    /// What it does with a batch of so many rows.
    pub commit: fn(usize) -> Result<(), Failure>,
}

/// All of them.
pub static MISDEEDS: &[Misdeed] = &[
    bigint("loop_forever", loop_forever),
    bigint("memory_fill", memory_fill),
    bigint("recurse", recurse),
    bigint("wrong_row_count", wrong_row_count),
    bigint("too_many_rows", too_many_rows),
    varchar("bad_utf8", bad_utf8),
    varchar("bad_offsets", bad_offsets),
    bigint("wrong_type", wrong_type),
    bigint("no_emit", no_emit),
    bigint("emit_twice", emit_twice),
    bigint("trap", trap),
    bigint("fail", fail),
    bigint("huge_message", huge_message),
    bigint("log_flood", log_flood),
    bigint("short_validity", short_validity),
    bigint("stray_child", stray_child),
    varchar("offsets_past_end", offsets_past_end),
    varchar("huge_result", huge_result),
    Misdeed { name: "too_many_digits", returns: "DECIMAL(4,1)", commit: too_many_digits },
    Misdeed { name: "far_too_many_digits", returns: "DECIMAL(38,10)", commit: far_too_many_digits },
];

const fn bigint(name: &'static str, commit: fn(usize) -> Result<(), Failure>) -> Misdeed {
    Misdeed { name, returns: "BIGINT", commit }
}

const fn varchar(name: &'static str, commit: fn(usize) -> Result<(), Failure>) -> Misdeed {
    Misdeed { name, returns: "VARCHAR", commit }
}

fn loop_forever(_rows: usize) -> Result<(), Failure> {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Takes memory until it is refused, then dies of it as any allocation does.
fn memory_fill(_rows: usize) -> Result<(), Failure> {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(vec![1; 1 << 20]));
    }
}

fn recurse(rows: usize) -> Result<(), Failure> {
    fn deeper(depth: u64) -> u64 {
        let ballast = black_box([depth; 64]);
        if ballast[0] == u64::MAX { 0 } else { deeper(depth + 1) + ballast[63] }
    }
    results::emit(&column(rows, Values::Int64(vec![deeper(0) as i64; rows])));
    Ok(())
}

fn wrong_row_count(rows: usize) -> Result<(), Failure> {
    results::emit(&zeros(rows - 1));
    Ok(())
}

fn too_many_rows(rows: usize) -> Result<(), Failure> {
    results::emit(&zeros(rows + 1));
    Ok(())
}

fn bad_utf8(rows: usize) -> Result<(), Failure> {
    // Each two rows together would be valid; each by itself is not.
    emit_texts((0..=rows as u32).collect(), b"\xc3\xa9".iter().copied().cycle().take(rows).collect());
    Ok(())
}

fn bad_offsets(rows: usize) -> Result<(), Failure> {
    emit_texts((0..=rows as u32).rev().collect(), vec![b'x'; rows]);
    Ok(())
}

fn wrong_type(rows: usize) -> Result<(), Failure> {
    results::emit(&column(rows, Values::Float64(vec![0.5; rows])));
    Ok(())
}

fn no_emit(_rows: usize) -> Result<(), Failure> {
    Ok(())
}

fn emit_twice(rows: usize) -> Result<(), Failure> {
    results::emit(&zeros(rows));
    results::emit(&zeros(rows));
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn trap(_rows: usize) -> Result<(), Failure> {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn trap(_rows: usize) -> Result<(), Failure> {
    std::process::abort()
}

fn fail(rows: usize) -> Result<(), Failure> {
    Err(Failure {
        kind: Kind::InvalidInput,
        message: "this row is not to its taste".to_owned(),
        hint: Some("try another row".to_owned()),
        row: Some(rows as u32 / 2),
    })
}

fn huge_message(_rows: usize) -> Result<(), Failure> {
    Err(Failure { kind: Kind::Internal, message: "x".repeat(1 << 20), hint: None, row: None })
}

fn log_flood(rows: usize) -> Result<(), Failure> {
    let line = "y".repeat(1000);
    for _ in 0..100_000 {
        log::write(log::Level::Info, &line);
    }
    results::emit(&zeros(rows));
    Ok(())
}

fn short_validity(rows: usize) -> Result<(), Failure> {
    let mut column = zeros(rows);
    column.root.validity = Some(vec![u8::MAX; rows.div_ceil(8) - 1]);
    results::emit(&column);
    Ok(())
}

fn stray_child(rows: usize) -> Result<(), Failure> {
    let mut column = zeros(rows);
    column.children.push(zeros(rows).root);
    results::emit(&column);
    Ok(())
}

fn offsets_past_end(rows: usize) -> Result<(), Failure> {
    emit_texts((0..=rows as u32).map(|offset| offset * 2).collect(), vec![b'x'; rows]);
    Ok(())
}

/// 16 KiB a row.
fn huge_result(rows: usize) -> Result<(), Failure> {
    const BYTES: usize = 16 << 10;
    emit_texts((0..=rows).map(|row| (row * BYTES) as u32).collect(), vec![b'x'; rows * BYTES]);
    Ok(())
}

fn too_many_digits(rows: usize) -> Result<(), Failure> {
    results::emit(&column(rows, Values::Int16(vec![10_000; rows])));
    Ok(())
}

fn far_too_many_digits(rows: usize) -> Result<(), Failure> {
    let number = 10u128.pow(38);
    let words = [number as u64, (number >> 64) as u64];
    results::emit(&column(rows, Values::Words128(words.repeat(rows))));
    Ok(())
}
