//! Batches, as they should be and not.

use crate::bindings::duckpen::columns::columns::{Column, Node, Values, VarData};
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::duckpen::functions::batches;

/// As many zeros as are asked for.
pub fn zeros(most: usize) -> Result<(), Failure> {
    batches::emit(most as u32, &[column(most)]);
    Ok(())
}

pub fn nothing(_most: usize) -> Result<(), Failure> {
    Ok(())
}

pub fn too_many_rows(most: usize) -> Result<(), Failure> {
    zeros(most + 1)
}

pub fn no_rows(_most: usize) -> Result<(), Failure> {
    zeros(0)
}

pub fn short_column(most: usize) -> Result<(), Failure> {
    batches::emit(most as u32, &[column(most - 1)]);
    Ok(())
}

pub fn two_columns(most: usize) -> Result<(), Failure> {
    batches::emit(most as u32, &[column(most), column(most)]);
    Ok(())
}

pub fn no_columns(most: usize) -> Result<(), Failure> {
    batches::emit(most as u32, &[]);
    Ok(())
}

pub fn wrong_type(most: usize) -> Result<(), Failure> {
    batches::emit(most as u32, &[flat(most, Values::Float64(vec![0.5; most]))]);
    Ok(())
}

pub fn twice(most: usize) -> Result<(), Failure> {
    zeros(most)?;
    zeros(most)
}

pub fn bad_utf8(_most: usize) -> Result<(), Failure> {
    batches::emit(1, &[flat(1, Values::Bytes(VarData { offsets: vec![0, 1], bytes: vec![0xff] }))]);
    Ok(())
}

/// 16 KiB a row.
pub fn long_texts(most: usize) -> Result<(), Failure> {
    let offsets = (0..=most as u32).map(|row| row << 14).collect();
    batches::emit(most as u32, &[flat(most, Values::Bytes(VarData { offsets, bytes: vec![b'x'; most << 14] }))]);
    Ok(())
}

fn column(rows: usize) -> Column {
    flat(rows, Values::Int64(vec![0; rows]))
}

fn flat(rows: usize, values: Values) -> Column {
    Column { root: Node { rows: rows as u32, values, validity: None }, children: Vec::new() }
}
