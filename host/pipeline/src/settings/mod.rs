//! Settings files: trees of values that know their places, and what is wrong with them.

mod node;
mod problem;
mod reader;
mod yaml;

pub use node::{Entry, Node, NodeValue};
pub use problem::Problem;
pub use reader::SettingsReader;

pub(crate) use node::to_object;
pub(crate) use reader::find;
