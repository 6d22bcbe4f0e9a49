use anyhow::Context;
use duckpen_steps::Catalogue;

use crate::abort::Abort;
use crate::arguments::RunOptions;
use crate::exit::Exit;
use crate::output::Printer;
use crate::run::Run;
use crate::workbench::Workbench;
use crate::{components, database, python};

/// Runs a pipeline. Everything that can be found wrong is found before the database is made or changed.
pub fn run(options: &RunOptions, printer: &Printer) -> Result<Exit, Abort> {
    let workbench = Workbench::open(&options.project)?;
    let pipeline = workbench.project.pipeline(&options.pipeline)?;
    let root = workbench.project.files.root();
    let place = database::options(options.project.database.as_deref(), &workbench.profile.engine, root)?;
    let existing = database::open_existing(&place)?;
    let tables = match &existing {
        Some(database) => database::tables(&database.connect().context("no connection to the database")?)?,
        None => Vec::new(),
    };
    let (mut approved, warnings, texts) = workbench.check(&pipeline, &tables)?.approved()?;
    printer.findings(&warnings);
    let mut libraries = components::load(&workbench.engine, &workbench.project, &options.project.limits)?;
    if python::is_called(&approved.plan) {
        let library = python::load(&workbench.engine, &workbench.project, &options.project.limits, printer)?;
        libraries.extend(library);
    }
    let python = Catalogue::of(&libraries);
    printer.findings(&python::resolve(&mut approved.plan, &python, &texts)?);
    printer.findings(&libraries.iter().flat_map(python::problems).collect::<Vec<_>>());
    let database = match existing {
        Some(database) => database,
        None => database::open(&place)?,
    };
    let run = Run {
        files: workbench.project.files,
        handlers: workbench.handlers,
        database,
        is_durable: database::file(&place).is_some(),
        libraries,
        python,
        approved,
        texts,
        options,
        printer,
    };
    run.execute()
}
