//! Sums as they should be.

use crate::bindings::duckpen::columns::columns::{Argument, Column, Node, Values, VarData};
use crate::bindings::duckpen::functions::states::GroupStates;
use crate::bindings::duckpen::functions::{results, states};
use crate::misdeeds::Shape;

/// The first eight bytes of each state.
pub fn read(groups: &GroupStates) -> Vec<i64> {
    let sum = |state: &[u8]| state.first_chunk().copied().map_or(0, i64::from_le_bytes);
    match groups {
        GroupStates::Fixed(bytes) => bytes.chunks(8).map(sum).collect(),
        GroupStates::Variable(VarData { offsets, bytes }) => {
            offsets.windows(2).map(|state| sum(&bytes[state[0] as usize..state[1] as usize])).collect()
        }
    }
}

/// Adds each row to its group.
pub fn add(sums: &mut [i64], group_of_row: &[u32], arguments: &[Argument]) {
    let [Argument::Vector(Column { root: Node { values: Values::Int64(values), .. }, .. })] = arguments else {
        panic!("one vector of BIGINT is expected");
    };
    for (group, value) in group_of_row.iter().zip(values) {
        sums[*group as usize] += value;
    }
}

/// States of `bytes` bytes that begin with the sums.
pub fn states(shape: Shape, sums: &[i64], bytes: usize) -> GroupStates {
    let mut all = Vec::new();
    let mut offsets = vec![0];
    for sum in sums {
        let end = all.len() + bytes;
        all.extend_from_slice(&sum.to_le_bytes());
        all.resize(end, 0);
        offsets.push(end as u32);
    }
    match shape {
        Shape::Fixed => GroupStates::Fixed(all),
        Shape::Variable => GroupStates::Variable(VarData { offsets, bytes: all }),
    }
}

/// Hands states over.
pub fn emit_states(shape: Shape, sums: &[i64]) {
    states::emit(&states(shape, sums, 8));
}

/// Hands results over.
pub fn emit_results(sums: &[i64]) {
    results::emit(&Column {
        root: Node { rows: sums.len() as u32, values: Values::Int64(sums.to_vec()), validity: None },
        children: Vec::new(),
    });
}
