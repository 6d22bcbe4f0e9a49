//! Arguments of table functions, as values.

use crate::functions::contract::table::NamedArgument;
use crate::functions::contract::{Argument, RawColumn};
use crate::functions::parameter::{Parameter, View};
use crate::{Column, Error, ErrorKind};

/// The value that a parameter of type `P` takes.
pub type ValueOf<P> = <<P as Parameter>::View<'static> as View>::Value<'static>;

/// The arguments of a call. They live as long as the instance, which binds one call: so iterators can borrow from them.
#[derive(Clone, Copy)]
pub struct Arguments {
    positional: &'static [Argument],
    named: &'static [(String, Argument)],
}

impl Arguments {
    /// Keeps the arguments for good.
    pub fn keep(positional: Vec<RawColumn>, named: Vec<NamedArgument>) -> Self {
        let positional: Vec<_> = positional.into_iter().map(Argument::Constant).collect();
        let named: Vec<_> =
            named.into_iter().map(|argument| (argument.name, Argument::Constant(argument.value))).collect();
        Self { positional: positional.leak(), named: named.leak() }
    }

    /// The value of a parameter given by position.
    pub fn positional<P>(&self, index: usize, name: &str) -> Result<ValueOf<P>, Error>
    where
        P: Parameter + ?Sized,
        P::View<'static>: 'static,
    {
        let missing = || Error::new(ErrorKind::Internal, format!("there is no argument `{name}`"));
        value::<P>(self.positional.get(index).ok_or_else(missing)?)?
            .ok_or_else(|| format!("the argument `{name}` cannot be NULL").into())
    }

    /// The value of a parameter given by name; None where it was left out, or is NULL.
    pub fn named<P>(&self, name: &str) -> Result<Option<ValueOf<P>>, Error>
    where
        P: Parameter + ?Sized,
        P::View<'static>: 'static,
    {
        match self.named.iter().find(|(given, _)| given == name) {
            Some((_, argument)) => value::<P>(argument),
            None => Ok(None),
        }
    }
}

/// None where it is NULL, and the parameter does not take that.
fn value<P>(argument: &'static Argument) -> Result<Option<ValueOf<P>>, Error>
where
    P: Parameter + ?Sized,
    P::View<'static>: 'static,
{
    let column: &'static Column<'static, P> = Box::leak(Box::new(Column::bind(argument, 1)?));
    Ok((P::NULLABLE || column.is_valid(0)).then(|| column.value(0)))
}
