//! Looks at calls of Python functions without building anything and without running a line of Python.

use std::cell::OnceCell;

use duckpen_functions::Library;
use duckpen_steps::{Catalogue, Signature, UdfError};
use duckpen_toolchains::{Definition, Definitions, MODULES, PythonModules, ToolchainError};

use super::{cache, is_called, load, look_at, problems};
use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::commands::not_built;
use crate::components;
use crate::exit::Exit;
use crate::output::{Finding, Printer};
use crate::workbench::{Checked, Workbench};

/// What is known of the project's functions, found out when the first pipeline calls one. A component that is built already
/// is asked; otherwise the text of the modules is read, as building takes half a minute.
pub struct Inspector<'a> {
    workbench: &'a Workbench,
    limits: &'a [(String, String)],
    printer: &'a Printer,
    known: OnceCell<Known>,
}

struct Known {
    catalogue: Catalogue,
    /// Modules that may define more than is known.
    unclear: Vec<String>,
}

impl<'a> Inspector<'a> {
    pub fn new(workbench: &'a Workbench, options: &'a ProjectOptions, printer: &'a Printer) -> Self {
        Self { workbench, limits: &options.limits, printer, known: OnceCell::new() }
    }

    /// Adds what is wrong with a pipeline's calls to what was found in it, and writes the functions that are meant into its
    /// plan.
    pub fn look(&self, checked: &mut Checked) -> Result<(), Abort> {
        let Ok(approved) = &mut checked.outcome else { return Ok(()) };
        if !is_called(&approved.plan) {
            return Ok(());
        }
        let Known { catalogue, unclear } = self.known()?;
        // A function that is not found may be one that only the import of a module makes.
        let is_doubtful = |error: &UdfError| matches!(error, UdfError::Unknown { .. }) && !unclear.is_empty();
        let mut findings = look_at(&mut approved.plan, catalogue, &checked.texts, is_doubtful);
        if findings.iter().any(Finding::is_error) {
            checked.outcome = Err(Exit::Rejected);
        }
        checked.findings.append(&mut findings);
        Ok(())
    }

    fn known(&self) -> Result<&Known, Abort> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let known = self.find()?;
        Ok(self.known.get_or_init(|| known))
    }

    fn find(&self) -> Result<Known, Abort> {
        let project = &self.workbench.project;
        let mut libraries = components::load(&self.workbench.engine, project, self.limits)?;
        let modules =
            PythonModules::find(project.files.root(), project.files.target()).map_err(|error| not_built(&error))?;
        match modules {
            Some(modules) if !modules.is_built(&cache(project)) => {
                self.tell_not_built();
                let definitions = modules.definitions();
                let made_of_modules = libraries.iter().filter(|library| !library.modules().is_empty());
                let mut unclear = definitions.unclear.clone();
                unclear.extend(made_of_modules.map(|library| library.component().name().to_owned()));
                return Ok(Known { catalogue: catalogue(definitions), unclear });
            }
            Some(_) => libraries.extend(load(&self.workbench.engine, project, self.limits, self.printer)?),
            None => {}
        }
        self.printer.findings(&libraries.iter().flat_map(|library: &Library| problems(library)).collect::<Vec<_>>());
        Ok(Known { catalogue: Catalogue::of(&libraries), unclear: Vec::new() })
    }

    fn tell_not_built(&self) {
        let text = format!("{MODULES}/ is not built yet: its calls are compared with the text of its modules");
        self.printer.say(&match PythonModules::compiler() {
            Err(ToolchainError::Missing { tool, install, .. }) => {
                format!("{text}; {tool}, which a run will build it with, is not there: install it with `{install}`")
            }
            _ => text,
        });
    }
}

/// Functions as their text shows them.
fn catalogue(definitions: Definitions) -> Catalogue {
    let signature = |Definition { name, takes_table, parameters, takes_more }: Definition| Signature {
        name,
        takes_relation: takes_table,
        required: match takes_table {
            true => 0,
            false => parameters.iter().rposition(|one| !one.has_default).map_or(0, |last| last + 1),
        },
        // What the default is does not matter to whether the call can be made.
        parameters: parameters.into_iter().map(|one| (one.name, one.has_default.then(|| "NULL".to_owned()))).collect(),
        takes_more,
    };
    Catalogue::of_signatures(definitions.functions.into_iter().map(signature).collect(), definitions.modules)
}
