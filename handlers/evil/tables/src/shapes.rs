//! Shapes, as they should be and not.

use crate::bindings::exports::duckpen::functions::table::{Field, Shape};

/// One field without an end.
pub fn one_field() -> Shape {
    fields(["x"])
}

pub fn text_field() -> Shape {
    Shape { fields: vec![field("x", "VARCHAR")], ..one_field() }
}

pub fn none() -> Shape {
    fields([])
}

/// Without names, which would cost more than a call may.
pub fn hundred_thousand() -> Shape {
    Shape { fields: (0..100_000).map(|_| field("", "")).collect(), ..one_field() }
}

pub fn twice_the_same() -> Shape {
    fields(["x", "y", "X"])
}

pub fn without_a_name() -> Shape {
    fields([""])
}

pub fn name_with_nul() -> Shape {
    fields(["x\0y"])
}

pub fn unknown_type() -> Shape {
    Shape { fields: vec![field("x", "NUMBER OF ANGELS")], ..one_field() }
}

pub fn no_partitions() -> Shape {
    Shape { partitions: 0, ..one_field() }
}

pub fn all_partitions() -> Shape {
    Shape { partitions: u32::MAX, ..one_field() }
}

pub fn most_partitions() -> Shape {
    Shape { partitions: 10_000, ..one_field() }
}

pub fn huge_cardinality() -> Shape {
    Shape { cardinality: Some(u64::MAX), ..one_field() }
}

fn fields<const COUNT: usize>(names: [&str; COUNT]) -> Shape {
    let fields = names.iter().map(|name| field(name, "BIGINT")).collect();
    Shape { fields, cardinality: None, partitions: 1 }
}

fn field(name: &str, logical_type: &str) -> Field {
    Field { name: name.to_owned(), logical_type: logical_type.to_owned() }
}
