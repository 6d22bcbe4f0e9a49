use anyhow::Context;
use duckpen_pipeline::{Step, StepKind};

use crate::abort::Abort;
use crate::arguments::{CompileOptions, Format};
use crate::exit::Exit;
use crate::output::{Printer, table};
use crate::workbench::Workbench;

/// Shows the plan of a pipeline: as a table, or in the format of SQLFlow's compiled plans.
pub fn compile(options: &CompileOptions, printer: &Printer) -> Result<Exit, Abort> {
    let workbench = Workbench::open(&options.project)?;
    printer.findings(&workbench.warnings);
    let pipeline = workbench.project.pipeline(&options.pipeline)?;
    let tables = workbench.known_tables(&options.project)?;
    let (approved, warnings, _) = workbench.check(&pipeline, &tables)?.approved()?;
    printer.findings(&warnings);
    if let Some(folder) = &options.output_dir {
        let file = folder.join(format!("{}.json", pipeline.name));
        let plan = format!("{:#}\n", approved.plan.to_json());
        std::fs::create_dir_all(file.parent().unwrap_or(folder))
            .and_then(|()| std::fs::write(&file, plan))
            .with_context(|| format!("cannot write {}", file.display()))?;
        printer.say(&format!("the plan is in {}", file.display()));
    }
    match printer.format {
        Format::Json => printer.document(&approved.plan.to_json()),
        Format::Text => {
            let rows = approved.plan.steps.iter().map(row);
            printer.data(&table(["step", "kind", "what", "after", "place"], rows));
        }
    }
    Ok(Exit::Done)
}

fn row(step: &Step) -> Vec<String> {
    let what = match &step.kind {
        StepKind::Source(source) => source.connector_type.clone(),
        StepKind::Load(load) => format!("{} -> {}", load.source, load.table),
        StepKind::Transform(transform) => format!("-> {} {}", transform.relation, transform.table),
        StepKind::Export(export) => format!("-> {}", export.destination),
    };
    let after = step.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let place = step.location.as_ref().map(|location| format!("{}:{}", location.file, location.line));
    vec![step.id.to_string(), crate::run::kind_name(&step.kind).to_owned(), what, after, place.unwrap_or_default()]
}
