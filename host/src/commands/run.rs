use anyhow::Context;
use duckpen_observe::numbers::counted;
use duckpen_pipeline::Plan;
use duckpen_steps::Catalogue;
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::{Format, RunOptions};
use crate::commands::compile::plan_table;
use crate::exit::Exit;
use crate::means::Means;
use crate::output::{Code, Printer, Report};
use crate::run::Run;
use crate::selection::check_left_out;
use crate::workbench::Workbench;
use crate::{components, database, python};

/// Runs a pipeline. Everything that can be found wrong is found before the database is made or changed.
pub fn run(options: &RunOptions, printer: &Printer) -> Result<Exit, Abort> {
    if options.of_sqlflow.from_compiled {
        let report = Report::error(Code::Usage, "a pipeline is compiled in each run");
        return Err(Abort::rejected(
            report.hint("leave --from-compiled out, or run the file of the plan: duckpen run NAME.json"),
        ));
    }
    let workbench = Workbench::open(&options.project)?;
    printer.findings(&workbench.warnings);
    if options.of_sqlflow.summary {
        printer.say("--summary changes nothing: a run always ends with its summary");
    }
    let pipeline = workbench.pipeline(&options.pipeline)?;
    let files = &workbench.project.files;
    let place = database::options(options.project.database.as_deref(), &workbench.profile.engine, files)?;
    let existing = database::open_existing_patiently(&place, options.wait, printer)?;
    let tables = match &existing {
        Some(database) => database::tables(&database.connect().context("no connection to the database")?)?,
        None => Vec::new(),
    };
    let mut of = 0;
    let mut checked = workbench.check_part(&pipeline, &tables, |plan, params| {
        of = plan.steps.len();
        let plan = if options.full_refresh { plan.full_refresh(|step| params.get(step.as_str())) } else { plan };
        let selected = options.selection.of(&plan)?;
        check_left_out(&selected, &plan, &tables)?;
        Ok(selected)
    })?;
    if options.dry_run {
        python::Inspector::new(&workbench, &options.project, printer).look(&mut checked)?;
    }
    let (mut approved, warnings, texts) = checked.approved()?;
    printer.findings(&warnings);
    if options.dry_run {
        show(&workbench.disclosed(approved.plan), of, printer);
        return Ok(Exit::Done);
    }
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
        None => database::open_patiently(&place, options.wait, printer)?,
    };
    let run = Run {
        means: Means::of(&workbench.project, &workbench.kinds),
        connectors: workbench.connectors,
        profile: workbench.profile,
        variables: workbench.variables,
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

/// What would run. `of` is how many steps the whole pipeline has.
fn show(plan: &Plan, of: usize, printer: &Printer) {
    match printer.format {
        Format::Json => {
            let mut document = plan.without_secrets().to_json();
            document["dry_run"] = json!(true);
            document["pipeline_steps"] = json!(of);
            printer.document(&document);
        }
        Format::Text => printer.data(&plan_table(plan)),
    }
    let steps = counted(plan.steps.len() as u64, "step");
    let steps = if plan.steps.len() == of { steps } else { format!("{steps} of {of}") };
    printer.say(&format!("dry run: {steps} would run, nothing was run"));
}
