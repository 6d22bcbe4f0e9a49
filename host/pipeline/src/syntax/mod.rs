//! From text to a syntax tree. Errors do not stop it: what can be understood is, and all errors are told at once.

pub(crate) mod ast;
mod cursor;
mod data_tests;
mod json;
pub(crate) mod lexer;
mod modes;
mod parser;
mod statements;
pub(crate) mod template;

pub(crate) use cursor::Cursor;
pub(crate) use parser::{parse, swallowed_statement};
