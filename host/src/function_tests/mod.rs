//! Tables of tests of functions: `functions/NAME/tests.txt`.

mod check;
mod table;

pub use check::{Failure, check};
pub use table::Table;
