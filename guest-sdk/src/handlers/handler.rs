//! The trait of handlers, and a component of one: what `duckpen::handler!` exports.

use std::sync::Once;

use serde::de::DeserializeOwned;

use super::contract::{Declaration, Failure, context};
use super::problem::Problem;
use super::step::Step;
use crate::{Error, ErrorKind};

pub use super::contract::Outcome;

/// Runs the steps of one kind.
///
/// A handler decides which query, which columns in which order and which keys; the host moves the rows.
///
/// ```
/// # extern crate duckpen_guest as duckpen;
/// use duckpen::{Error, Handler, Load, Outcome, Problem};
///
/// #[derive(serde::Deserialize)]
/// struct Declaration {
///     source: String,
/// }
///
/// /// Loads each row once.
/// struct Distinct;
///
/// impl Handler for Distinct {
///     type Declaration = Declaration;
///     type Step = Load;
///
///     const NAME: &'static str = "distinct";
///     const VERSION: &'static str = "1.0.0";
///
///     fn validate(_: &Declaration) -> Vec<Problem> {
///         Vec::new()
///     }
///
///     fn run(declaration: Declaration, step: Load) -> Result<Outcome, Error> {
///         let source = step.inputs.open(&declaration.source).ok_or("there is no such source")?;
///         step.target.replace(&format!("SELECT DISTINCT * FROM {}", source.sql_name()))?;
///         Ok(Outcome::done())
///     }
/// }
///
/// duckpen::handler!(Distinct);
/// # fn main() {}
/// ```
pub trait Handler {
    /// A step's declaration, as the plan has it in JSON.
    type Declaration: DeserializeOwned;

    /// The kind of steps it runs, by what they are granted.
    type Step: Step;

    /// For people: usually `env!("CARGO_PKG_NAME")`.
    const NAME: &'static str;

    /// For people: usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;

    /// The connector types or formats it handles, in lower case; empty where the kind has none.
    const TYPES: &'static [&'static str] = &[];

    /// What is wrong with a declaration, asked when a plan is made. What does not have the declaration's shape is
    /// reported without it.
    fn validate(declaration: &Self::Declaration) -> Vec<Problem>;

    /// Runs one step.
    fn run(declaration: Self::Declaration, step: Self::Step) -> Result<Outcome, Error>;
}

impl Outcome {
    /// Nothing to say: the host counts rows itself.
    pub fn done() -> Self {
        Self { note: None }
    }

    /// A sentence for the report.
    pub fn with_note(note: impl Into<String>) -> Self {
        Self { note: Some(note.into()) }
    }
}

fn parse<H: Handler>(declaration: &str) -> Result<H::Declaration, serde_json::Error> {
    serde_json::from_str(declaration)
}

/// What a handler says of itself.
pub fn describe<H: Handler>() -> Declaration {
    report_panics();
    Declaration {
        name: H::NAME.to_owned(),
        version: H::VERSION.to_owned(),
        kind: H::Step::KIND,
        types: H::TYPES.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// What is wrong with a declaration in JSON.
pub fn validate<H: Handler>(declaration: &str) -> Vec<Problem> {
    report_panics();
    match parse::<H>(declaration) {
        Ok(declaration) => H::validate(&declaration),
        Err(error) => vec![Problem::new(format!("The declaration of the step cannot be read: {error}"))],
    }
}

/// Runs the step that the host has made ready.
pub fn run<H: Handler>() -> Result<Outcome, Failure> {
    report_panics();
    let declaration = parse::<H>(&context::declaration()).map_err(|error| {
        let message = format!("The declaration of the step cannot be read: {error}");
        Error::new(ErrorKind::InvalidConfiguration, message)
    })?;
    Ok(H::run(declaration, H::Step::take())?)
}

/// A panic ends in a trap, which says nothing; its message goes to the log before.
fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| context::log(context::Level::Error, &panic.to_string())));
    });
}

/// Exports a [`Handler`](crate::Handler) as a component. Once in a crate of type `cdylib`:
///
/// ```ignore
/// duckpen::handler!(Load);
/// ```
#[macro_export]
macro_rules! handler {
    ($handler:ty) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::handlers::contract::{Declaration, Failure, Guest, Outcome, Problem};
            use $crate::handlers::handler::{describe, run, validate};

            struct Component;

            impl Guest for Component {
                fn describe() -> Declaration {
                    describe::<$handler>()
                }

                fn validate(declaration: String) -> Vec<Problem> {
                    validate::<$handler>(&declaration)
                }

                fn run() -> Result<Outcome, Failure> {
                    run::<$handler>()
                }
            }

            // The names of the exports are no symbols that a linker for another target would take.
            #[cfg(target_family = "wasm")]
    $crate::bindings::handlers::export_handler!(Component with_types_in $crate::bindings::handlers);
        };
    };
}
