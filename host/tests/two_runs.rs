//! Two runs at once against one database: one of them is told who has it, and nothing breaks.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use support::Project;

/// Takes long enough that the other run comes in between, and is stopped when it has.
const SLOW: &str = "CREATE TABLE slow AS SELECT count(*) AS n FROM range(10_000_000_000) a, range(1_000) b;";

fn start(project: &Project, arguments: &[&str]) -> Child {
    let mut command = Command::new(cargo_bin("duckpen"));
    command.arg("run").args(arguments).args(["--database", "p.duckdb"]).current_dir(project.path());
    command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A run of the pipeline `slow` that has the database, and the folder of what is staged.
fn start_slow(project: &Project) -> (Child, PathBuf) {
    let mut run = start(project, &["slow"]);
    // It has the database when its staging folder is there.
    let staging = project.path().join("target/staging");
    while !(staging.is_dir() && std::fs::read_dir(&staging).unwrap().next().is_some()) {
        assert!(run.try_wait().unwrap().is_none(), "the slow run has ended");
        std::thread::yield_now();
    }
    (run, staging)
}

#[test]
fn the_second_run_is_refused_and_told_who_has_the_database() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;\nTEST t UNIQUE (x);").file("pipelines/slow.sf", SLOW);
    assert_eq!(project.duckpen(&["run", "p", "--database", "p.duckdb"]).exit, 0);
    let (mut first, staging) = start_slow(&project);
    let second = project.duckpen(&["run", "p", "--database", "p.duckdb"]);
    let pid = format!("(PID {})", first.id());
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.exit, 2, "{}", second.stderr);
    assert!(second.stderr.contains("in use by another process: "), "{}", second.stderr);
    assert!(second.stderr.contains(&pid), "{pid}: {}", second.stderr);
    assert!(second.stderr.contains("wait until the other process has ended"), "{}", second.stderr);
    // The one that was killed has left the database as it was.
    let after = project.duckpen(&["run", "p", "--database", "p.duckdb"]);
    assert_eq!(after.exit, 0, "{}", after.stderr);
    assert!(std::fs::read_dir(&staging).unwrap().next().is_none(), "nothing is left aside");
}

#[test]
fn a_run_that_waits_comes_after_the_first_and_one_without_patience_says_so() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;").file("pipelines/slow.sf", SLOW);
    assert_eq!(project.duckpen(&["run", "p", "--database", "p.duckdb"]).exit, 0);
    let (mut first, _) = start_slow(&project);
    let hasty = project.duckpen(&["run", "p", "--database", "p.duckdb", "--wait=0"]);
    let mut second = start(&project, &["p", "--wait"]);
    // It says that it waits before it does.
    let mut said = std::io::BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let pid = format!("(PID {})", first.id());
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(line.starts_with("waiting: ") && line.contains(&pid), "{line}");
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(0), "{rest}");
    assert_eq!(hasty.exit, 2, "{}", hasty.stderr);
    assert!(hasty.stderr.contains("give --wait a longer time"), "{}", hasty.stderr);
}

#[test]
fn of_two_runs_that_start_together_each_does_all_or_nothing() {
    let project = Project::new(
        "CREATE TABLE log MODE APPEND AS SELECT count(*) AS n FROM range(30_000_000);\n\
         EXPORT log TO \"out/log.csv\" TYPE CSV;",
    );
    let mut runs = [start(&project, &["p"]), start(&project, &["p"]), start(&project, &["p"])];
    let mut done = 0;
    for run in &mut runs {
        let mut said = String::new();
        run.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        match run.wait().unwrap().code() {
            Some(0) => done += 1,
            code => assert!(code == Some(2) && said.contains("in use by another process"), "{code:?}: {said}"),
        }
    }
    assert!(done >= 1, "one of them has the database");
    let rows = project.duckpen(&["sql", "--database", "p.duckdb", "--format", "json", "SELECT count(*) AS n FROM log"]);
    assert_eq!(rows.stdout.split_whitespace().collect::<String>(), format!("[{{\"n\":{done}}}]"));
}
