//! Variables: where their values come from, and how a value is written where it is used.

mod layers;
mod position;
mod scope;
mod secrets;
mod set;
mod sql;
mod uses;
mod value;

pub use layers::{CommandLineError, Origin, Variables};
pub use secrets::SecretValues;
pub use uses::{VariableUse, VariableUses};
pub use value::{NotAValue, Number, Value};

pub(crate) use position::PositionReader;
pub(crate) use scope::Scope;
pub(crate) use secrets::hidden_in;
pub(crate) use set::evaluate as evaluate_set;
pub(crate) use sql::{FormattedSql, format as format_sql};
