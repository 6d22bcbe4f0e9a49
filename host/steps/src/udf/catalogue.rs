use duckpen_functions::{Handover, Library, Module, ModuleScalar, RelationFunction};
use duckpen_pipeline::suggest;

use super::error::{UdfError, UdfWarning};

/// The package that all modules are in.
const PACKAGE: &str = "python_udfs.";

/// The Python functions of a project. The default has none.
#[derive(Clone, Default)]
pub struct Catalogue {
    functions: Vec<Function>,
    modules: Vec<Module>,
    handover: Handover,
}

/// A function that can be called.
#[derive(Clone)]
pub enum Function {
    /// Of the values of a row.
    Scalar(ModuleScalar),
    /// Of a table.
    Relation(Box<RelationFunction>),
}

impl Function {
    /// Its name, which begins with that of its module.
    pub fn name(&self) -> &str {
        match self {
            Self::Scalar(scalar) => &scalar.name,
            Self::Relation(relation) => relation.name(),
        }
    }
}

/// The function that a call means.
pub struct Lookup<'a> {
    /// It.
    pub function: &'a Function,
    /// Where it is not quite what is written.
    pub warning: Option<UdfWarning>,
}

impl Catalogue {
    /// The functions of components that were made of modules.
    pub fn of(libraries: &[Library]) -> Self {
        let modules: Vec<Module> = libraries.iter().flat_map(Library::modules).cloned().collect();
        let scalars = modules.iter().flat_map(|module| &module.scalars).cloned().map(Function::Scalar);
        let made_of_modules = libraries.iter().filter(|library| !library.modules().is_empty());
        let relations = made_of_modules.flat_map(Library::relations).map(Box::new).map(Function::Relation);
        let functions = scalars.chain(relations).collect();
        Self { functions, modules, handover: Handover::default() }
    }

    /// By which results get into the database.
    pub fn handover(&self) -> &Handover {
        &self.handover
    }

    /// Whether no function can be called.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The function that a reference means: `python_udfs.module.function`, any part of it that ends it, or, as SQLFlow looks
    /// at nothing else, a name that only one function has.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn find(&self, reference: &str) -> Result<Lookup<'_>, UdfError> {
        let (_, last) = reference.rsplit_once('.').unwrap_or(("", reference));
        let whole = format!("{PACKAGE}{reference}");
        if let Some(function) = self.functions.iter().find(|function| function.name() == whole) {
            return Ok(Lookup { function, warning: None });
        }
        for is_meant in [
            |name: &str, reference: &str| ends_with(name, reference),
            // DuckDB's names have no case, and a query may have been written so.
            |name: &str, reference: &str| ends_with(&name.to_lowercase(), &reference.to_lowercase()),
        ] {
            match self.named(|name| is_meant(name, reference)).as_slice() {
                [] => {}
                [function] => return Ok(Lookup { function, warning: None }),
                several => {
                    let candidates = several.iter().map(|function| function.name().to_owned()).collect();
                    return Err(UdfError::Ambiguous { reference: reference.to_owned(), candidates });
                }
            }
        }
        if let Some(error) = self.problem(reference) {
            return Err(error);
        }
        match self.named(|name| ends_with(name, last)).as_slice() {
            [function] => {
                let warning = UdfWarning { reference: reference.to_owned(), name: function.name().to_owned() };
                Ok(Lookup { function, warning: Some(warning) })
            }
            _ => Err(self.unknown(reference, last)),
        }
    }

    fn named(&self, is_meant: impl Fn(&str) -> bool) -> Vec<&Function> {
        self.functions.iter().filter(|function| is_meant(function.name())).collect()
    }

    /// Why a function that a module should have is not there.
    fn problem(&self, reference: &str) -> Option<UdfError> {
        let (module, _) = reference.rsplit_once('.').unwrap_or(("", reference));
        let unusable = |reason: &str| UdfError::Unusable { reference: reference.to_owned(), reason: reason.to_owned() };
        for found in &self.modules {
            for problem in &found.problems {
                let is_meant = match &problem.function {
                    Some(function) => ends_with(function, reference),
                    None => !module.is_empty() && ends_with(&found.name, module),
                };
                if is_meant {
                    return Some(unusable(&problem.reason));
                }
            }
        }
        // A bare name may be in any module that could not be imported.
        let broken: Vec<&str> = self
            .modules
            .iter()
            .flat_map(|module| &module.problems)
            .filter(|problem| problem.function.is_none())
            .map(|problem| problem.reason.as_str())
            .collect();
        let is_there = self.functions.iter().any(|function| ends_with(function.name(), reference));
        (module.is_empty() && !is_there && !broken.is_empty()).then(|| unusable(&broken.join("\n")))
    }

    fn unknown(&self, reference: &str, last: &str) -> UdfError {
        let names = || self.functions.iter().map(Function::name);
        let bare = || names().map(|name| name.rsplit_once('.').map_or(name, |(_, last)| last));
        let same = names().find(|name| name.ends_with(&format!(".{last}")));
        let near = same.or_else(|| suggest(reference, names())).or_else(|| {
            let near = suggest(last, bare())?;
            names().find(|name| name.ends_with(&format!(".{near}")))
        });
        UdfError::Unknown {
            reference: reference.to_owned(),
            near: near.map(str::to_owned),
            modules: self.modules.len(),
        }
    }
}

/// Whether `name` is `reference`, or ends with it from one of its dots on.
fn ends_with(name: &str, reference: &str) -> bool {
    let rest = name.strip_suffix(reference);
    !reference.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use duckpen_functions::ModuleProblem;

    use super::*;

    fn catalogue() -> Catalogue {
        let scalar = |name: &str| ModuleScalar { name: name.to_owned(), parameters: Vec::new() };
        let module = |name: &str, scalars: &[&str], problems: &[(Option<&str>, &str)]| Module {
            name: name.to_owned(),
            scalars: scalars.iter().map(|function| scalar(&format!("{name}.{function}"))).collect(),
            problems: problems
                .iter()
                .map(|(function, reason)| ModuleProblem {
                    function: function.map(str::to_owned),
                    reason: (*reason).to_owned(),
                })
                .collect(),
        };
        let modules = vec![
            module("python_udfs.text", &["upper", "clean"], &[(Some("python_udfs.text.odd"), "no hint")]),
            module("python_udfs.sub.text", &["lower", "clean"], &[]),
            module("python_udfs.broken", &[], &[(None, "Traceback: no numpy")]),
        ];
        let functions = modules.iter().flat_map(|module| &module.scalars).cloned().map(Function::Scalar).collect();
        Catalogue { functions, modules, handover: Handover::default() }
    }

    #[test]
    fn references_mean_one_function_or_are_refused() {
        let catalogue = catalogue();
        for (reference, expected) in [
            ("python_udfs.text.upper", "python_udfs.text.upper"),
            ("text.upper", "python_udfs.text.upper"),
            ("upper", "python_udfs.text.upper"),
            ("UPPER", "python_udfs.text.upper"),
            ("sub.text.clean", "python_udfs.sub.text.clean"),
            ("python_udfs.text.clean", "python_udfs.text.clean"),
            ("moved.lower", "python_udfs.sub.text.lower, though no module has `moved.lower`"),
            (
                "clean",
                "`clean` may be any of several Python functions: python_udfs.text.clean, python_udfs.sub.text.clean",
            ),
            ("text.clean", "python_udfs.text.clean"),
            ("text.odd", "the Python function `text.odd` cannot be used\nno hint"),
            ("broken.anything", "the Python function `broken.anything` cannot be used\nTraceback: no numpy"),
            ("anything", "the Python function `anything` cannot be used\nTraceback: no numpy"),
            (
                "text.uper",
                "there is no Python function `text.uper` in the 3 modules of python_udfs; did you mean `python_udfs.text.upper`?",
            ),
            (
                "text.nothing",
                "there is no Python function `text.nothing` in the 3 modules of python_udfs; `duckpen functions` lists what there is; decorate it with @python_scalar_udf or @python_table_udf",
            ),
        ] {
            let found = match catalogue.find(reference) {
                Ok(Lookup { function, warning: None }) => function.name().to_owned(),
                Ok(Lookup { function, warning: Some(warning) }) => {
                    format!("{}, though no module has `{}`", function.name(), warning.reference)
                }
                Err(error) => {
                    [Some(error.to_string()), error.hint().filter(|_| matches!(error, UdfError::Unknown { .. }))]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join("; ")
                }
            };
            assert_eq!(found, expected, "{reference}");
        }
    }
}
