//! What others open, and what they do where they have nothing better to do.

use super::{Misdeed, Outcome, bigint};
use crate::bindings::duckpen::functions::results;
use crate::columns::zeros;

/// Opened by a function that then gives it back.
pub static HONEST: Misdeed = bigint("honest", emit_zeros);

/// Never gives up its resource.
pub static ENDLESS: Misdeed = Misdeed { close: loop_forever, ..bigint("endless", emit_zeros) };

pub fn emit_zeros(rows: usize) -> Outcome {
    results::emit(&zeros(rows));
    Ok(())
}

pub fn loop_forever() {
    loop {
        std::hint::black_box(0);
    }
}
