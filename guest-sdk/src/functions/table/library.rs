//! The table functions of a component.

use std::borrow::Cow;
use std::cell::RefCell;

use super::arguments::Arguments;
use super::call::{Call, Emit};
use crate::functions::contract::table::{
    Binding, Declaration, GuestBinding, GuestScanner, NamedArgument, Scanner, Shape,
};
use crate::functions::contract::{Failure, Parameter, RawColumn};
use crate::functions::library::report_panics;
use crate::{Error, ErrorKind};

/// A function, as the attribute `#[duckpen::table_function]` makes it.
pub trait TableFunction: Sync {
    /// Name and parameters.
    fn describe(&self) -> Description;

    /// Binds a call to its arguments.
    fn bind(&self, arguments: Arguments) -> Result<Box<dyn Call>, Error>;
}

/// A declaration as the attribute `#[duckpen::table_function]` writes it.
pub struct Description {
    /// The function's name in SQL.
    pub name: &'static str,
    /// Name and type of each parameter given by position.
    pub parameters: Vec<(&'static str, Cow<'static, str>)>,
    /// Name and type of each parameter given by name.
    pub named: Vec<(&'static str, Cow<'static, str>)>,
    /// From the doc comment.
    pub doc: Option<&'static str>,
}

impl From<Description> for Declaration {
    fn from(description: Description) -> Self {
        let parameter = |(name, logical_type): (&str, Cow<'static, str>)| Parameter {
            name: name.to_owned(),
            logical_type: logical_type.into_owned(),
        };
        Self {
            name: description.name.to_owned(),
            parameters: description.parameters.into_iter().map(parameter).collect(),
            named: description.named.into_iter().map(parameter).collect(),
            doc: description.doc.map(str::to_owned),
        }
    }
}

/// All declarations.
pub fn describe(functions: &[&dyn TableFunction]) -> Vec<Declaration> {
    report_panics();
    functions.iter().map(|function| function.describe().into()).collect()
}

/// One call bound.
pub fn bind(
    functions: &[&dyn TableFunction],
    index: u32,
    arguments: Vec<RawColumn>,
    named: Vec<NamedArgument>,
) -> Result<Binding, Failure> {
    report_panics();
    match functions.get(index as usize) {
        Some(function) => Ok(Binding::new(Bound(function.bind(Arguments::keep(arguments, named))?))),
        None => Err(Error::new(ErrorKind::Internal, format!("there is no table function {index}")).into()),
    }
}

/// The contract's binding.
pub struct Bound(Box<dyn Call>);

impl GuestBinding for Bound {
    fn shape(&self) -> Shape {
        self.0.shape().into()
    }

    fn scan(&self, partition: u32, projection: Vec<u32>) -> Result<Scanner, Failure> {
        let projection = projection.into_iter().map(|field| field as usize).collect();
        Ok(Scanner::new(Partition(RefCell::new(self.0.scan(partition, projection)?))))
    }
}

/// The contract's scanner.
pub struct Partition(RefCell<Box<dyn Emit>>);

impl GuestScanner for Partition {
    fn next(&self, most: u32) -> Result<(), Failure> {
        Ok(self.0.borrow_mut().emit(most as usize)?)
    }
}
