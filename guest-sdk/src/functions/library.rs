//! A component of functions: what `duckpen::functions!` exports.

use std::cell::RefCell;
use std::sync::Once;

use super::contract::{Argument, CallSite, Declaration, Evaluator, Failure, GuestEvaluator, RawColumn, log, results};
use super::declaration::Description;
use crate::{Error, ErrorKind};

/// A function, as the attribute `#[duckpen::function]` makes it.
pub trait Function: Sync {
    /// Name, types and behaviour.
    fn describe(&self) -> Description;

    /// Makes it ready for one place in a query on one thread.
    fn open(&self) -> Box<dyn Evaluate>;
}

/// A function at work.
pub trait Evaluate {
    /// Computes the results of `rows` rows. They stay in the evaluator's own buffers, which the next call fills anew.
    fn evaluate(&mut self, arguments: &[Argument], rows: usize) -> Result<&RawColumn, Error>;
}

/// The arguments of a call, counted.
pub fn exactly<const COUNT: usize>(arguments: &[Argument]) -> Result<&[Argument; COUNT], Error> {
    arguments
        .try_into()
        .map_err(|_| Error::new(ErrorKind::Internal, format!("{} arguments for {COUNT} parameters", arguments.len())))
}

/// The arguments of a call that takes any number of them behind its parameters.
pub fn at_least<const COUNT: usize>(arguments: &[Argument]) -> Result<(&[Argument; COUNT], &[Argument]), Error> {
    arguments.split_first_chunk().ok_or_else(|| {
        Error::new(ErrorKind::Internal, format!("{} arguments for at least {COUNT} parameters", arguments.len()))
    })
}

/// All declarations.
pub fn describe(functions: &[&dyn Function]) -> Vec<Declaration> {
    report_panics();
    functions.iter().map(|function| function.describe().into()).collect()
}

/// One function made ready.
pub fn open(functions: &[&dyn Function], index: u32, _site: CallSite) -> Result<Evaluator, Failure> {
    report_panics();
    match functions.get(index as usize) {
        Some(function) => Ok(Evaluator::new(Calls(RefCell::new(function.open())))),
        None => Err(Error::new(ErrorKind::Internal, format!("there is no function {index}")).into()),
    }
}

/// The contract's evaluator.
pub struct Calls(RefCell<Box<dyn Evaluate>>);

impl GuestEvaluator for Calls {
    fn evaluate(&self, arguments: Vec<Argument>, rows: u32) -> Result<(), Failure> {
        let mut function = self.0.borrow_mut();
        results::emit(function.evaluate(&arguments, rows as usize)?);
        Ok(())
    }
}

/// A panic ends in a trap, which says nothing; its message goes to the log before.
pub fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| log::write(log::Level::Error, &panic.to_string())));
    });
}

/// What [`functions!`](macro@crate::functions) exports of each kind.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_functions {
    (@scalar []) => {};
    (@scalar [$($function:ty),+]) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::functions::contract::{CallSite, Declaration, Evaluator, Failure, Guest};
            use $crate::functions::library::{Calls, Function, describe, open};

            const FUNCTIONS: &[&dyn Function] = &[$(<$function>::FUNCTION),+];

            struct Library;

            impl Guest for Library {
                type Evaluator = Calls;

                fn describe() -> Vec<Declaration> {
                    describe(FUNCTIONS)
                }

                fn open(index: u32, site: CallSite) -> Result<Evaluator, Failure> {
                    open(FUNCTIONS, index, site)
                }
            }

            // The names of the exports are no symbols that a linker for another target would take.
            #[cfg(target_family = "wasm")]
            $crate::bindings::functions::export_functions!(Library with_types_in $crate::bindings::functions);
        };
    };

    (@aggregate []) => {};
    (@aggregate [$($aggregate:ty),+]) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::functions::aggregate::bytes::{Calls, Entry, describe, open};
            use $crate::functions::contract::Failure;
            use $crate::functions::contract::aggregate::{Aggregator, Declaration, Guest};

            const AGGREGATES: &[Entry] = &[$(Entry::of::<$aggregate>()),+];

            struct Library;

            impl Guest for Library {
                type Aggregator = Calls;

                fn describe() -> Vec<Declaration> {
                    describe(AGGREGATES)
                }

                fn open(index: u32) -> Result<Aggregator, Failure> {
                    open(AGGREGATES, index)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::aggregates::export_aggregates!(Library with_types_in $crate::bindings::aggregates);
        };
    };

    (@resident []) => {};
    (@resident [$($aggregate:ty),+]) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::functions::aggregate::resident::{Calls, Entry, describe, open};
            use $crate::functions::contract::Failure;
            use $crate::functions::contract::resident::{Accumulator, Declaration, Guest};

            const AGGREGATES: &[Entry] = &[$(Entry::of::<$aggregate>()),+];

            struct Library;

            impl Guest for Library {
                type Accumulator = Calls;

                fn describe() -> Vec<Declaration> {
                    describe(AGGREGATES)
                }

                fn open(index: u32) -> Result<Accumulator, Failure> {
                    open(AGGREGATES, index)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::resident_aggregates::export_resident_aggregates!(
                Library with_types_in $crate::bindings::resident_aggregates
            );
        };
    };

    (@table []) => {};
    (@table [$($function:ty),+]) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::functions::contract::table::{Binding, Declaration, Guest, NamedArgument};
            use $crate::functions::contract::{Failure, RawColumn};
            use $crate::functions::table::library::{Bound, Partition, TableFunction, bind, describe};

            const FUNCTIONS: &[&dyn TableFunction] = &[$(<$function>::FUNCTION),+];

            struct Library;

            impl Guest for Library {
                type Binding = Bound;
                type Scanner = Partition;

                fn describe() -> Vec<Declaration> {
                    describe(FUNCTIONS)
                }

                fn bind(
                    index: u32,
                    arguments: Vec<RawColumn>,
                    named: Vec<NamedArgument>,
                ) -> Result<Binding, Failure> {
                    bind(FUNCTIONS, index, arguments, named)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::tables::export_tables!(Library with_types_in $crate::bindings::tables);
        };
    };
}
