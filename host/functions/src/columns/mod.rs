//! Columns on their way: from DuckDB's vectors to a guest, and back.

mod arguments;
mod constants;
mod results;
mod sink;

pub(crate) use arguments::{ArgumentBuffer, ArgumentBuffers, column_bytes};
pub(crate) use constants::OwnedColumn;
pub(crate) use results::{EmittedBytes, EmittedColumn};
pub(crate) use sink::ColumnSink;
