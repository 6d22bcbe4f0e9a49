//! Any number of further arguments.

use std::ops::Deref;

/// All further arguments of a call, the values of one row: the last parameter of a function that takes any number of them.
///
/// It is a slice:
///
/// ```
/// # extern crate duckpen_guest as duckpen;
/// use duckpen::Rest;
///
/// /// The parts that are not NULL, with something in between.
/// #[duckpen::function]
/// fn join(between: &str, parts: Rest<Option<&str>>) -> String {
///     parts.iter().copied().flatten().collect::<Vec<_>>().join(between)
/// }
/// # duckpen::functions!(join);
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Rest<'a, T>(pub &'a [T]);

impl<T> Deref for Rest<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0
    }
}
