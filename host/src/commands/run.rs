use anyhow::Context;

use crate::abort::Abort;
use crate::arguments::RunOptions;
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};
use crate::run::Run;
use crate::workbench::Workbench;
use crate::{components, database};

/// Runs a pipeline. Everything that can be found wrong is found before the database is made or changed.
pub fn run(options: &RunOptions, printer: &Printer) -> Result<Exit, Abort> {
    if options.of_sqlflow.from_compiled {
        let report = Report::error(Code::Usage, "a run does not begin with a plan that was written before");
        return Err(Abort::rejected(report.hint("leave --from-compiled out: the pipeline is compiled in each run")));
    }
    let workbench = Workbench::open(&options.project)?;
    printer.findings(&workbench.warnings);
    if options.of_sqlflow.summary {
        printer.say("--summary changes nothing: a run always ends with its summary");
    }
    let pipeline = workbench.project.pipeline(&options.pipeline)?;
    let root = workbench.project.files.root();
    let place = database::options(options.project.database.as_deref(), &workbench.profile.engine, root)?;
    let existing = database::open_existing(&place)?;
    let tables = match &existing {
        Some(database) => database::tables(&database.connect().context("no connection to the database")?)?,
        None => Vec::new(),
    };
    let (approved, warnings, texts) = workbench.check(&pipeline, &tables)?.approved()?;
    printer.findings(&warnings);
    let libraries = components::load(&workbench.engine, &workbench.project, &options.project.limits)?;
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
        approved,
        texts,
        options,
        printer,
    };
    run.execute()
}
