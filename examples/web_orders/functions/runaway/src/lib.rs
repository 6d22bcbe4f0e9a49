//! A function that never returns, to see what becomes of it.

use std::hint::black_box;

/// Counts from `x` to the end of the numbers, and begins again. The compiler is kept from seeing that nobody waits for
/// the result.
#[duckpen::function]
pub fn spin(x: i64) -> i64 {
    let mut number = x;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

duckpen::functions!(spin);
