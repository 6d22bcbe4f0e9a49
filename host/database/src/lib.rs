//! DuckDB behind a small safe face.
//!
//! This is the only room that knows DuckDB, and the only one that talks to C: sessions and transactions, the lock-down
//! that makes text of strangers safe to run, analysis of queries, results as values, vectors, scalar, aggregate and table
//! functions.
//! Every callback that DuckDB makes contains panics, and turns them into an error of the query.
//!
//! ```no_run
//! use duckpen_database::{Database, Options};
//!
//! let database = Database::open(Options::in_memory())?;
//! let session = database.connect()?;
//! session.execute("CREATE TABLE t AS SELECT 1 AS x")?;
//! let rows = session.query("SELECT x FROM t")?;
//! assert_eq!(rows.len(), 1);
//! # Ok::<(), duckpen_database::Error>(())
//! ```

mod aggregate;
mod analysis;
mod callback;
mod chunk;
mod database;
mod depth;
mod error;
mod identifier;
mod lineage;
mod lockdown;
mod reserved;
mod rows;
mod scalar;
mod session;
mod stream;
mod strings;
mod syntax_tree;
mod table;
mod types;
mod value;
mod vector;

pub use aggregate::{Aggregate, AggregateFunction, AggregateSignature, States};
pub use analysis::{Analysis, TableReference};
pub use callback::CallbackError;
pub use chunk::{ChunkSlot, OutputChunk};
pub use database::{Access, Database, Options, Storage};
pub use error::Error;
pub use identifier::{quote_identifier, quote_literal};
pub use lineage::{ColumnLineage, ColumnOrigins, ColumnReference, Origins};
pub use lockdown::LockDown;
pub use reserved::{built_in_functions, is_reserved};
pub use rows::{Column, Rows};
pub use scalar::{ArgumentForm, BindArguments, Chunk, NullHandling, ScalarFunction, ScalarSignature, Stability};
pub use session::{Interrupt, Session, Transaction};
pub use stream::{InputChunk, RowStream, StreamColumn};
pub use table::{
    ArgumentValue, BoundTable, NamedParameter, TableArguments, TableColumn, TableFunction, TableScan, TableSignature,
};
pub use types::{Field, LogicalType, PhysicalType, UnknownType};
pub use value::Value;
pub use vector::{FixedWidth, InputVector, OutputSlot, OutputVector, StringRows, VectorCopy, VectorError};
