//! Table functions: rows made of arguments.

pub mod arguments;
pub mod batch;
pub mod call;
pub mod library;
pub mod row;
pub mod rows;
pub mod shape;
