//! Columns on their way: from DuckDB's vectors to a guest, and back.

mod arguments;
mod constants;
mod display;
mod results;
mod sink;

pub(crate) use arguments::{ArgumentBuffer, ArgumentBuffers, column_bytes, is_lent, room};
pub(crate) use constants::OwnedColumn;
pub(crate) use display::describe_row;
pub(crate) use results::{EmittedBytes, EmittedColumn};
pub(crate) use sink::{ColumnSink, denied};
