//! Nested results that lie about themselves.

use crate::bindings::duckpen::columns::columns::{Column, Node, Values, VarData};
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::duckpen::functions::results;
use crate::misdeeds::{Misdeed, of};

/// All of them.
pub static NESTED: &[Misdeed] = &[
    of("BIGINT[]", "list_without_child", |rows| emit(lists(rows, 1), vec![])),
    of("BIGINT[]", "list_past_child", |rows| emit(lists(rows, 2), vec![numbers(rows)])),
    of("BIGINT[]", "list_before_child", |rows| emit(lists(rows, 1), vec![numbers(rows + 1)])),
    of("BIGINT[]", "list_falls", |rows| emit(falling(rows), vec![numbers(rows)])),
    of("BIGINT[]", "list_short", |rows| emit(short(rows), vec![numbers(rows)])),
    of("BIGINT[]", "list_of_floats", |rows| emit(lists(rows, 1), vec![floats(rows)])),
    of("BIGINT[1]", "list_instead_of_array", |rows| emit(lists(rows, 1), vec![numbers(rows)])),
    of("VARCHAR[]", "list_of_broken_text", |rows| emit(lists(rows, 1), vec![broken_text(rows)])),
    of("BIGINT[]", "list_lies_about_child", |rows| emit(lists(rows, 1), vec![node(rows, Values::Int64(vec![0; 1]))])),
    of("BOOLEAN[]", "list_flood", flood),
    of("BIGINT[3]", "array_of_other_size", |rows| emit(node(rows, Values::FixedList(2)), vec![numbers(2 * rows)])),
    of("BIGINT[3]", "array_short", |rows| emit(node(rows, Values::FixedList(3)), vec![numbers(3 * rows - 1)])),
    of(PAIR, "struct_of_three", |rows| emit(node(rows, Values::StructOf(3)), vec![numbers(rows), numbers(rows)])),
    of(PAIR, "struct_short", |rows| emit(pair(rows), vec![numbers(rows), numbers(rows - 1)])),
    of(PAIR, "struct_with_a_child_more", |rows| emit(pair(rows), vec![numbers(rows); 3])),
    of(PAIR, "struct_short_validity", |rows| {
        emit(pair(rows), vec![numbers(rows), Node { validity: Some(vec![0]), ..numbers(rows) }])
    }),
    of(MAP, "map_with_null_key", |rows| emit(lists(rows, 1), vec![pair(rows), nulls(rows), numbers(rows)])),
    of(MAP, "map_with_key_twice", |rows| {
        emit(lists(rows, 2), vec![pair(2 * rows), numbers(2 * rows), numbers(2 * rows)])
    }),
    of("BIGINT", "rows_misstated", |rows| emit(Node { rows: rows as u32 + 1, ..numbers(rows) }, vec![])),
    of("BIT", "bit_with_too_much_padding", |rows| emit(bytes(rows, &[9, 0xFF]), vec![])),
    of("BIGNUM", "bignum_without_digits", |rows| emit(bytes(rows, &[0x80]), vec![])),
    of("ENUM('a', 'b')", "enum_past_names", |rows| emit(node(rows, Values::Uint8(vec![2; rows])), vec![])),
];

const PAIR: &str = "STRUCT(a BIGINT, b BIGINT)";
const MAP: &str = "MAP(BIGINT, BIGINT)";

fn emit(root: Node, children: Vec<Node>) -> Result<(), Failure> {
    results::emit(&Column { root, children });
    Ok(())
}

/// The same bytes in every row.
fn bytes(rows: usize, row: &[u8]) -> Node {
    let offsets = (0..=rows).map(|end| (end * row.len()) as u32).collect();
    node(rows, Values::Bytes(VarData { offsets, bytes: row.repeat(rows) }))
}

fn node(rows: usize, values: Values) -> Node {
    Node { rows: rows as u32, values, validity: None }
}

/// Lists of `length` elements each.
fn lists(rows: usize, length: usize) -> Node {
    node(rows, Values::ListOffsets((0..=rows).map(|row| (row * length) as u32).collect()))
}

fn falling(rows: usize) -> Node {
    let mut offsets = vec![rows as u32; rows + 1];
    (offsets[0], offsets[2]) = (0, 1);
    node(rows, Values::ListOffsets(offsets))
}

fn short(rows: usize) -> Node {
    node(rows, Values::ListOffsets(vec![0; rows]))
}

fn pair(rows: usize) -> Node {
    node(rows, Values::StructOf(2))
}

fn numbers(rows: usize) -> Node {
    node(rows, Values::Int64(vec![7; rows]))
}

fn nulls(rows: usize) -> Node {
    Node { validity: Some(vec![0; rows.div_ceil(8)]), ..numbers(rows) }
}

fn floats(rows: usize) -> Node {
    node(rows, Values::Float64(vec![0.5; rows]))
}

/// Each two rows together would be valid; each by itself is not.
fn broken_text(rows: usize) -> Node {
    let bytes = b"\xc3\xa9".iter().copied().cycle().take(rows).collect();
    node(rows, Values::Bytes(VarData { offsets: (0..=rows as u32).collect(), bytes }))
}

/// One bit of the guest is one byte of the host.
fn flood(rows: usize) -> Result<(), Failure> {
    const ELEMENTS: usize = 1 << 27;
    let mut offsets = vec![ELEMENTS as u32; rows + 1];
    offsets[0] = 0;
    let elements = node(ELEMENTS, Values::Bits(vec![u8::MAX; ELEMENTS / 8]));
    emit(node(rows, Values::ListOffsets(offsets)), vec![elements])
}
