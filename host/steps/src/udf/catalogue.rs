use duckpen_functions::{Handover, Library, Module, RelationFunction};
use duckpen_pipeline::suggest;

use super::error::{UdfError, UdfWarning};
use super::signature::Signature;

/// The package that all modules are in.
const PACKAGE: &str = "python_udfs.";

/// The Python functions of a project. The default has none.
#[derive(Clone, Default)]
pub struct Catalogue {
    functions: Vec<Signature>,
    /// Those of tables, where they can be run.
    relations: Vec<RelationFunction>,
    modules: Vec<Module>,
    handover: Handover,
}

/// The function that a call means.
pub struct Lookup<'a> {
    /// It.
    pub function: &'a Signature,
    /// Where it is not quite what is written.
    pub warning: Option<UdfWarning>,
}

impl Catalogue {
    /// The functions of components that were made of modules.
    pub fn of(libraries: &[Library]) -> Self {
        let modules: Vec<Module> = libraries.iter().flat_map(Library::modules).cloned().collect();
        let made_of_modules = || libraries.iter().filter(|library| !library.modules().is_empty());
        Self {
            functions: made_of_modules().flat_map(Signature::of).collect(),
            relations: made_of_modules().flat_map(Library::relations).collect(),
            modules,
            handover: Handover::default(),
        }
    }

    /// Functions that are known by their signatures, so that calls of them can be looked at and not be made.
    pub fn of_signatures(functions: Vec<Signature>, modules: Vec<String>) -> Self {
        let module = |name: String| Module { name, scalars: Vec::new(), problems: Vec::new() };
        Self { functions, modules: modules.into_iter().map(module).collect(), ..Self::default() }
    }

    /// A function of tables that can be run.
    pub(super) fn relation(&self, name: &str) -> Option<&RelationFunction> {
        self.relations.iter().find(|relation| relation.name() == name)
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
        if let Some(function) = self.functions.iter().find(|function| function.name == whole) {
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
                    let candidates = several.iter().map(|function| function.name.clone()).collect();
                    return Err(UdfError::Ambiguous { reference: reference.to_owned(), candidates });
                }
            }
        }
        if let Some(error) = self.problem(reference) {
            return Err(error);
        }
        match self.named(|name| ends_with(name, last)).as_slice() {
            [function] => {
                let warning = UdfWarning { reference: reference.to_owned(), name: function.name.clone() };
                Ok(Lookup { function, warning: Some(warning) })
            }
            _ => Err(self.unknown(reference, last)),
        }
    }

    fn named(&self, is_meant: impl Fn(&str) -> bool) -> Vec<&Signature> {
        self.functions.iter().filter(|function| is_meant(&function.name)).collect()
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
        let is_there = self.functions.iter().any(|function| ends_with(&function.name, reference));
        (module.is_empty() && !is_there && !broken.is_empty()).then(|| unusable(&broken.join("\n")))
    }

    fn unknown(&self, reference: &str, last: &str) -> UdfError {
        let names = || self.functions.iter().map(|function| function.name.as_str());
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
        let scalar = |name: String| Signature {
            name,
            takes_relation: false,
            parameters: Vec::new(),
            required: 0,
            takes_more: false,
        };
        let module = |name: &str, problems: &[(Option<&str>, &str)]| Module {
            name: name.to_owned(),
            scalars: Vec::new(),
            problems: problems
                .iter()
                .map(|(function, reason)| ModuleProblem {
                    function: function.map(str::to_owned),
                    reason: (*reason).to_owned(),
                })
                .collect(),
        };
        let modules = vec![
            module("python_udfs.text", &[(Some("python_udfs.text.odd"), "no hint")]),
            module("python_udfs.sub.text", &[]),
            module("python_udfs.broken", &[(None, "Traceback: no numpy")]),
        ];
        let names = ["text.upper", "text.clean", "sub.text.lower", "sub.text.clean"];
        let functions = names.iter().map(|name| scalar(format!("python_udfs.{name}"))).collect();
        Catalogue { functions, modules, ..Catalogue::default() }
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
                Ok(Lookup { function, warning: None }) => function.name.clone(),
                Ok(Lookup { function, warning: Some(warning) }) => {
                    format!("{}, though no module has `{}`", function.name, warning.reference)
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
