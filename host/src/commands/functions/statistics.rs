use duckpen_observe::{RunResults, function_statistics};
use serde_json::json;

use crate::abort::Abort;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::{Code, Printer, Report};
use crate::project::Project;
use crate::run::{RESULTS, RUNS};

/// Prints what functions cost in the last run of the project.
pub fn print(project: &Project, printer: &Printer) -> Result<Exit, Abort> {
    let run = latest(project)?;
    match printer.format {
        Format::Json => printer.document(&json!({
            "run_id": run.run_id,
            "pipeline": run.pipeline,
            "finished_at": run.finished_at,
            "functions": run.functions,
        })),
        Format::Text if run.functions.is_empty() => {
            printer
                .say(&format!("run {} of pipeline `{}` called no function of a component", run.run_id, run.pipeline));
        }
        Format::Text => {
            printer.data(&function_statistics(&run.functions));
            printer.say(&format!("run {} of pipeline `{}`, finished {}", run.run_id, run.pipeline, run.finished_at));
        }
    }
    Ok(Exit::Done)
}

/// The results of the run that finished last. Folders without results are runs that were killed.
pub fn latest(project: &Project) -> Result<RunResults, Abort> {
    let folders = project.files.in_target(RUNS).read_dir().into_iter().flatten().flatten();
    let documents = folders.filter_map(|folder| std::fs::read(folder.path().join(RESULTS)).ok());
    let target = project.files.target();
    let (mut last, mut unreadable) = (None::<RunResults>, None);
    for document in documents {
        match serde_json::from_slice::<RunResults>(&document) {
            Ok(run) if last.as_ref().is_none_or(|last| last.finished_at < run.finished_at) => last = Some(run),
            Ok(_) => {}
            Err(error) => unreadable = Some(error),
        }
    }
    last.ok_or_else(|| {
        let report = |message| Report::error(Code::Usage, message);
        Abort::rejected(match unreadable {
            Some(error) => report(format!("the results in {target}/{RUNS} cannot be read: {error}"))
                .hint("they are of another version of duckpen; run a pipeline anew"),
            None => report(format!("there are no statistics: {target}/{RUNS} holds no results of a run"))
                .hint("run a pipeline first: `duckpen run PIPELINE`"),
        })
    })
}
