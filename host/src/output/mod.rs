//! Standard output is data; standard error is everything else.

mod codes;
mod examples;
mod finding;
mod hints;
mod log;
mod printer;
mod report;
mod table;

pub use codes::Code;
pub use finding::Finding;
pub use hints::{unwritable, word};
pub use log::install_log;
pub use printer::Printer;
pub use report::{Excerpt, Report, split_hint};
pub use table::table;
