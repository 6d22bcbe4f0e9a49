//! Columns that are not what was declared, or no columns at all.

use std::mem::ManuallyDrop;

use super::Outcome;
use super::running::{loop_forever, trap};
use crate::bindings::duckpen::columns::columns::{Column, Node, Values};
use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::functions::results;
use crate::columns::{column, emit_texts, zeros};

pub fn wrong_row_count(rows: usize) -> Outcome {
    results::emit(&zeros(rows - 1));
    Ok(())
}

pub fn too_many_rows(rows: usize) -> Outcome {
    results::emit(&zeros(rows + 1));
    Ok(())
}

pub fn bad_utf8(rows: usize) -> Outcome {
    // Each two rows together would be valid; each by itself is not.
    emit_texts((0..=rows as u32).collect(), b"\xc3\xa9".iter().copied().cycle().take(rows).collect());
    Ok(())
}

pub fn bad_offsets(rows: usize) -> Outcome {
    emit_texts((0..=rows as u32).rev().collect(), vec![b'x'; rows]);
    Ok(())
}

pub fn wrong_type(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Float64(vec![0.5; rows])));
    Ok(())
}

pub fn no_emit(_rows: usize) -> Outcome {
    Ok(())
}

pub fn emit_twice(rows: usize) -> Outcome {
    results::emit(&zeros(rows));
    results::emit(&zeros(rows));
    Ok(())
}

pub fn short_validity(rows: usize) -> Outcome {
    let mut column = zeros(rows);
    column.root.validity = Some(vec![u8::MAX; rows.div_ceil(8) - 1]);
    results::emit(&column);
    Ok(())
}

pub fn stray_child(rows: usize) -> Outcome {
    let mut column = zeros(rows);
    column.children.push(zeros(rows).root);
    results::emit(&column);
    Ok(())
}

pub fn offsets_past_end(rows: usize) -> Outcome {
    emit_texts((0..=rows as u32).map(|offset| offset * 2).collect(), vec![b'x'; rows]);
    Ok(())
}

/// 16 KiB a row.
pub fn huge_result(rows: usize) -> Outcome {
    const BYTES: usize = 16 << 10;
    emit_texts((0..=rows).map(|row| (row * BYTES) as u32).collect(), vec![b'x'; rows * BYTES]);
    Ok(())
}

pub fn too_many_digits(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Int16(vec![10_000; rows])));
    Ok(())
}

pub fn far_too_many_digits(rows: usize) -> Outcome {
    let number = 10u128.pow(38);
    let words = [number as u64, (number >> 64) as u64];
    results::emit(&column(rows, Values::Words128(words.repeat(rows))));
    Ok(())
}

pub fn too_many_bits(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Bits(vec![0; rows.div_ceil(8) + 1])));
    Ok(())
}

pub fn long_validity(rows: usize) -> Outcome {
    let mut column = zeros(rows);
    column.root.validity = Some(vec![u8::MAX; 1 << 20]);
    results::emit(&column);
    Ok(())
}

/// The node says one number of rows, its values have another.
pub fn too_few_values(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Int64(vec![0; rows - 1])));
    Ok(())
}

pub fn offsets_start_late(rows: usize) -> Outcome {
    emit_texts((1..=rows as u32 + 1).collect(), vec![b'x'; rows + 1]);
    Ok(())
}

pub fn offsets_fall(rows: usize) -> Outcome {
    let mut offsets: Vec<u32> = (0..=rows as u32).collect();
    offsets[rows / 2] = u32::MAX;
    emit_texts(offsets, vec![b'x'; rows]);
    Ok(())
}

pub fn too_few_offsets(rows: usize) -> Outcome {
    results::emit(&column(rows, text_values(vec![0; rows], Vec::new())));
    Ok(())
}

pub fn no_offsets(rows: usize) -> Outcome {
    results::emit(&column(rows, text_values(Vec::new(), Vec::new())));
    Ok(())
}

pub fn utf8_surrogate(rows: usize) -> Outcome {
    emit_same(rows, b"\xed\xa0\x80")
}

pub fn utf8_overlong(rows: usize) -> Outcome {
    emit_same(rows, b"\xc0\x80")
}

/// The last character of the last row is cut.
pub fn utf8_cut(rows: usize) -> Outcome {
    let bytes: Vec<u8> = [b"x".repeat(rows), b"\xe2\x82".to_vec()].concat();
    let mut offsets: Vec<u32> = (0..=rows as u32).collect();
    offsets[rows] += 2;
    emit_texts(offsets, bytes);
    Ok(())
}

pub fn late_time(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Int64(vec![86_400_000_001; rows])));
    Ok(())
}

pub fn early_date(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Int32(vec![i32::MIN; rows])));
    Ok(())
}

pub fn early_timestamp(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::Int64(vec![i64::MIN; rows])));
    Ok(())
}

pub fn list_for_number(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::ListOffsets((0..=rows as u32).collect())));
    Ok(())
}

pub fn struct_of_4_billion(rows: usize) -> Outcome {
    results::emit(&column(rows, Values::StructOf(u32::MAX)));
    Ok(())
}

pub fn children_flood(rows: usize) -> Outcome {
    let child = || Node { rows: 0, values: Values::FixedList(u32::MAX), validity: None };
    results::emit(&Column { root: zeros(rows).root, children: (0..300_000).map(|_| child()).collect() });
    Ok(())
}

/// Says that there are so many values at `address`.
fn emit_forged(rows: usize, address: usize, count: usize) -> Outcome {
    // Nobody here looks at them.
    let values = unsafe { Vec::from_raw_parts(std::hint::black_box(address) as *mut i64, count, count) };
    results::emit(&ManuallyDrop::new(column(rows, Values::Int64(values))));
    Ok(())
}

pub fn two_billion_values(rows: usize) -> Outcome {
    let values = unsafe { Vec::from_raw_parts(1024 as *mut i8, i32::MAX as usize, i32::MAX as usize) };
    results::emit(&ManuallyDrop::new(column(rows, Values::Int8(values))));
    Ok(())
}

pub fn values_outside(rows: usize) -> Outcome {
    emit_forged(rows, 0xFFFF_FFF8, rows)
}

pub fn values_not_aligned(rows: usize) -> Outcome {
    emit_forged(rows, 1025, rows)
}

/// More than the limit of one host call, all of it there: the same memory many times over.
pub fn same_bytes_again_and_again(rows: usize) -> Outcome {
    let children = ManuallyDrop::new(
        (0..1_000)
            .map(|_| Node {
                rows: rows as u32,
                values: Values::Uint8(unsafe { Vec::from_raw_parts(1024 as *mut u8, 1_000_000, 1_000_000) }),
                validity: None,
            })
            .collect::<Vec<_>>(),
    );
    let column = Column { root: zeros(rows).root, children: ManuallyDrop::into_inner(children) };
    results::emit(&ManuallyDrop::new(column));
    Ok(())
}

pub fn emit_then_loop(rows: usize) -> Outcome {
    results::emit(&zeros(rows));
    loop_forever(rows)
}

pub fn emit_then_trap(rows: usize) -> Outcome {
    results::emit(&zeros(rows));
    trap(rows)
}

pub fn emit_then_fail(rows: usize) -> Outcome {
    results::emit(&zeros(rows));
    Err(Failure { kind: Kind::Internal, message: "after all".to_owned(), hint: None, row: None })
}

fn emit_same(rows: usize, text: &[u8]) -> Outcome {
    emit_texts((0..=rows).map(|row| (row * text.len()) as u32).collect(), text.repeat(rows));
    Ok(())
}

fn text_values(offsets: Vec<u32>, bytes: Vec<u8>) -> Values {
    Values::Bytes(crate::bindings::duckpen::columns::columns::VarData { offsets, bytes })
}
