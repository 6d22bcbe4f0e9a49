//! Nested results that lie about themselves.

use crate::bindings::duckpen::columns::columns::{Column, Node, Values, VarData};
use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::duckpen::functions::results;
use crate::misdeeds::Misdeed;

/// All of them.
pub static NESTED: &[Misdeed] = &[
    Misdeed { name: "list_without_child", returns: "BIGINT[]", commit: |rows| emit(lists(rows, 1), vec![]) },
    Misdeed { name: "list_past_child", returns: "BIGINT[]", commit: |rows| emit(lists(rows, 2), vec![numbers(rows)]) },
    Misdeed {
        name: "list_before_child",
        returns: "BIGINT[]",
        commit: |rows| emit(lists(rows, 1), vec![numbers(rows + 1)]),
    },
    Misdeed { name: "list_falls", returns: "BIGINT[]", commit: |rows| emit(falling(rows), vec![numbers(rows)]) },
    Misdeed { name: "list_short", returns: "BIGINT[]", commit: |rows| emit(short(rows), vec![numbers(rows)]) },
    Misdeed { name: "list_of_floats", returns: "BIGINT[]", commit: |rows| emit(lists(rows, 1), vec![floats(rows)]) },
    Misdeed {
        name: "list_instead_of_array",
        returns: "BIGINT[1]",
        commit: |rows| emit(lists(rows, 1), vec![numbers(rows)]),
    },
    Misdeed {
        name: "list_of_broken_text",
        returns: "VARCHAR[]",
        commit: |rows| emit(lists(rows, 1), vec![broken_text(rows)]),
    },
    Misdeed {
        name: "list_lies_about_child",
        returns: "BIGINT[]",
        commit: |rows| emit(lists(rows, 1), vec![node(rows, Values::Int64(vec![0; 1]))]),
    },
    Misdeed { name: "list_flood", returns: "BOOLEAN[]", commit: flood },
    Misdeed {
        name: "array_of_other_size",
        returns: "BIGINT[3]",
        commit: |rows| emit(node(rows, Values::FixedList(2)), vec![numbers(2 * rows)]),
    },
    Misdeed {
        name: "array_short",
        returns: "BIGINT[3]",
        commit: |rows| emit(node(rows, Values::FixedList(3)), vec![numbers(3 * rows - 1)]),
    },
    Misdeed {
        name: "struct_of_three",
        returns: PAIR,
        commit: |rows| emit(node(rows, Values::StructOf(3)), vec![numbers(rows), numbers(rows)]),
    },
    Misdeed {
        name: "struct_short",
        returns: PAIR,
        commit: |rows| emit(pair(rows), vec![numbers(rows), numbers(rows - 1)]),
    },
    Misdeed {
        name: "struct_with_a_child_more",
        returns: PAIR,
        commit: |rows| emit(pair(rows), vec![numbers(rows); 3]),
    },
    Misdeed {
        name: "struct_short_validity",
        returns: PAIR,
        commit: |rows| emit(pair(rows), vec![numbers(rows), Node { validity: Some(vec![0]), ..numbers(rows) }]),
    },
    Misdeed {
        name: "map_with_null_key",
        returns: MAP,
        commit: |rows| emit(lists(rows, 1), vec![pair(rows), nulls(rows), numbers(rows)]),
    },
    Misdeed {
        name: "map_with_key_twice",
        returns: MAP,
        commit: |rows| emit(lists(rows, 2), vec![pair(2 * rows), numbers(2 * rows), numbers(2 * rows)]),
    },
    Misdeed {
        name: "enum_past_names",
        returns: "ENUM('a', 'b')",
        commit: |rows| emit(node(rows, Values::Uint8(vec![2; rows])), vec![]),
    },
];

const PAIR: &str = "STRUCT(a BIGINT, b BIGINT)";
const MAP: &str = "MAP(BIGINT, BIGINT)";

fn emit(root: Node, children: Vec<Node>) -> Result<(), Failure> {
    results::emit(&Column { root, children });
    Ok(())
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
