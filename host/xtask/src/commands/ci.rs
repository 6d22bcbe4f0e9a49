//! `ci`: everything that has to hold before a change is taken in.

use std::time::{Duration, Instant};

use crate::{
    commands::{setup, test},
    failure::{Failure, Result},
    languages, parity, postgres,
    workspace::Workspace,
};

/// A stage that has been run.
struct Stage {
    name: &'static str,
    elapsed: Duration,
    result: Result<()>,
}

pub fn run(workspace: &Workspace, parity: Option<String>) -> Result<()> {
    let mut stages = Vec::new();
    stage(&mut stages, "format", || format(workspace));
    stage(&mut stages, "set-up", || setup::run(workspace));
    // Nothing compiles without the set-up; any other stage can fail and the rest still has something to say.
    if stages.iter().all(|stage| stage.name != "set-up" || stage.result.is_ok()) {
        stage(&mut stages, "languages", || languages::install(workspace));
        stage(&mut stages, "postgres", postgres::install);
        stage(&mut stages, "tests", || {
            test::call(workspace)?.arg("--no-fail-fast").run("run the tests, to the last one even if one fails")
        });
        stage(&mut stages, "lints", || lints(workspace));
        stage(&mut stages, "documentation", || documentation(workspace));
        stage(&mut stages, "benchmarks", || benchmarks(workspace));
        if let Some(folder) = parity::folder(workspace, parity.as_deref()) {
            stage(&mut stages, "parity", || parity::check(workspace, &folder));
        }
    }
    eprintln!("\n{}", table(&stages));
    verdict(stages)
}

fn stage(stages: &mut Vec<Stage>, name: &'static str, run: impl FnOnce() -> Result<()>) {
    let began = Instant::now();
    let result = run();
    if let Err(failure) = &result {
        eprint!("{failure}");
    }
    stages.push(Stage { name, elapsed: began.elapsed(), result });
}

fn format(workspace: &Workspace) -> Result<()> {
    let check = workspace.cargo().args(["fmt", "--all", "--check"]);
    check.hint("`cargo fmt --all` formats").run("see whether everything is formatted")
}

fn lints(workspace: &Workspace) -> Result<()> {
    let clippy = workspace.cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    clippy.run("see whether the compiler or clippy has anything to say")
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let doc = workspace.cargo().args(["doc", "--workspace", "--no-deps"]).shown_env("RUSTDOCFLAGS", "--deny warnings");
    doc.run("build the documentation")
}

/// Selected with the whole workspace, like the tests: another selection gives dependencies other features, and all of them
/// would be compiled again.
fn benchmarks(workspace: &Workspace) -> Result<()> {
    test::call(workspace)?.args(["--no-run", "--benches"]).run("compile the benchmarks")
}

fn table(stages: &[Stage]) -> String {
    let line = |stage: &Stage| {
        let mark = if stage.result.is_ok() { "ok" } else { "FAILED" };
        format!("{mark:<6}  {:<13}  {:>7.1} s\n", stage.name, stage.elapsed.as_secs_f64())
    };
    stages.iter().map(line).collect()
}

fn verdict(stages: Vec<Stage>) -> Result<()> {
    let failed: Vec<_> = stages.into_iter().filter(|stage| stage.result.is_err()).map(|stage| stage.name).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Failure, Stage, table, verdict};

    #[test]
    fn every_stage_is_listed_with_its_time_and_the_failed_ones_are_named() {
        let stages = vec![
            Stage { name: "format", elapsed: Duration::from_millis(1_250), result: Ok(()) },
            Stage { name: "tests", elapsed: Duration::from_secs(600), result: Err(Failure::new("one failed")) },
        ];
        assert_eq!(table(&stages), "ok      format             1.2 s\nFAILED  tests            600.0 s\n");
        assert_eq!(verdict(stages).expect_err("one failed").message, "failed: tests");
    }
}
