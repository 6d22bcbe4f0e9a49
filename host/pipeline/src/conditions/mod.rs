//! Conditions of IF: what they may say, and whether they hold.

mod eval;
mod parser;

use crate::diagnostics::Span;
use crate::syntax::template::{Template, VariableRef};
use crate::variables::Value;

pub(crate) use eval::holds;
pub(crate) use parser::parse;

#[derive(Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// `a < b`, and `a < b < c` as in `a < b AND b < c`.
    Compare {
        first: Operand,
        rest: Vec<(Comparison, Operand)>,
    },
    In {
        operand: Operand,
        list: Vec<Operand>,
        negated: bool,
    },
    IsNull {
        operand: Operand,
        negated: bool,
    },
    /// A value that is true or false by itself.
    Holds(Operand),
    /// It could not be read; that is already reported.
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
pub(crate) struct Operand {
    pub kind: OperandKind,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum OperandKind {
    Value(Value),
    Variable(VariableRef),
    Text(Template),
}
