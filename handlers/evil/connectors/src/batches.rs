//! Batches, as they should be and not.

use crate::bindings::duckpen::columns::columns::{Column, Node, Values, VarData};
use crate::bindings::duckpen::connectors::rows;

/// Emits what the misdeed is.
pub fn emit(misdeed: &str, most: u32) {
    match misdeed {
        "never_ends" => numbers(most, most),
        "too_many_rows" => numbers(most + 1, most + 1),
        "no_rows" => numbers(0, 0),
        "short_column" => numbers(3, 2),
        "emit_twice" => {
            numbers(3, 3);
            numbers(3, 3);
        }
        "two_columns" => rows::emit(3, &[column(3), column(3)]),
        "no_columns" => rows::emit(3, &[]),
        "wrong_type" => rows::emit(3, &[flat(3, Values::Float64(vec![0.5; 3]))]),
        "bad_utf8" => rows::emit(1, &[flat(1, Values::Bytes(VarData { offsets: vec![0, 1], bytes: vec![0xff] }))]),
        "offsets_backwards" => {
            let bytes = VarData { offsets: vec![0, 2, 1, 3], bytes: b"abc".to_vec() };
            rows::emit(3, &[flat(3, Values::Bytes(bytes))]);
        }
        _ => numbers(3, 3),
    }
}

fn numbers(rows: u32, values: u32) {
    rows::emit(rows, &[column(values)]);
}

fn column(rows: u32) -> Column {
    flat(rows, Values::Int64((0..i64::from(rows)).collect()))
}

fn flat(rows: u32, values: Values) -> Column {
    Column { root: Node { rows, values, validity: None }, children: Vec::new() }
}
