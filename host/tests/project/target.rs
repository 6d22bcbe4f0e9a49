//! The folder for what duckpen makes beside the results: where it is, and what is left in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Project;
use assert_cmd::cargo::cargo_bin;

const PIPELINE: &str = "CREATE TABLE t AS SELECT 1 AS x;\nEXPORT t TO \"out/t.csv\" TYPE CSV;\n";

/// Takes long enough to be killed.
const SLOW: &str = "CREATE TABLE t AS SELECT 1 AS x;\nEXPORT t TO \"out/t.csv\" TYPE CSV;\n\
                    CREATE TABLE slow AS SELECT count(*) AS n FROM range(10_000_000_000) a, range(1_000) b;";

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_folder_can_be_moved_and_nothing_is_made_in_the_old_one() {
    for (file, text) in [
        ("duckpen.toml", "[paths]\ntarget = \"build/made\"\n"),
        ("sqlflow.yml", "name: shop\npaths:\n  target: build/made\n"),
    ] {
        let project = Project::new(PIPELINE).file(file, text);
        for database in [&["--database", "p.duckdb"][..], &[]] {
            let said = project.duckpen(&[&["run", "p"][..], database].concat());
            assert_eq!(said.exit, 0, "{}", said.stderr);
        }
        assert_eq!(fs::read_to_string(project.path().join("out/t.csv")).unwrap(), "x\n1\n");
        assert_eq!(names(&project.path().join("build/made/runs")).len(), 2);
        assert!(!project.path().join("target").exists(), "{file}");
        assert_eq!(project.duckpen(&["docs"]).exit, 0);
        assert!(project.path().join("build/made/docs/index.html").exists());
        assert_eq!(project.duckpen(&["functions", "--stats"]).exit, 0);
        assert!(!project.path().join("target").exists(), "{file}");
        let shown = project.duckpen(&["profiles", "show", "--origin"]).stdout;
        let line = shown.lines().find(|line| line.starts_with("paths.target")).unwrap();
        assert!(line.contains("build/made") && line.contains(file), "{line}");
    }
}

#[test]
fn it_cannot_be_outside_of_the_project() {
    for target in ["../made", "/tmp/made", ".", ""] {
        let project = Project::new(PIPELINE).file("duckpen.toml", format!("[paths]\ntarget = \"{target}\"\n"));
        let said = project.duckpen(&["run", "p"]);
        assert_eq!(said.exit, 4, "{target}: {}", said.stderr);
        for part in ["error[E0413]", "duckpen.toml:2: paths.target", "name a folder within the project"] {
            assert!(said.stderr.contains(part), "no {part:?} for {target:?} in:\n{}", said.stderr);
        }
    }
}

#[test]
fn what_a_killed_run_in_memory_has_staged_goes_with_the_next_run() {
    let project = Project::new(PIPELINE).file("pipelines/slow.sf", SLOW);
    let staging = project.path().join("target/staging_in_memory");
    let start = || {
        let mut command = Command::new(cargo_bin("duckpen"));
        command.args(["run", "slow"]).current_dir(project.path());
        command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut living = start();
    while names(&staging).is_empty() {
        assert!(living.try_wait().unwrap().is_none(), "the slow run has ended");
        std::thread::yield_now();
    }
    let of_living = names(&staging);
    // The folder counts as in use from when its lock has its name.
    while !staging.join(&of_living[0]).join("in_use").exists() {
        std::thread::yield_now();
    }
    let mut killed = start();
    while names(&staging).len() < 2 {
        assert!(killed.try_wait().unwrap().is_none(), "the slow run has ended");
        std::thread::yield_now();
    }
    let of_killed = names(&staging).into_iter().find(|name| !of_living.contains(name)).unwrap();
    while !staging.join(&of_killed).join("in_use").exists() {
        std::thread::yield_now();
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(names(&staging).len(), 2);
    assert_eq!(project.duckpen(&["run", "p"]).exit, 0);
    // What another process works with stays.
    assert_eq!(names(&staging), of_living);
    living.kill().unwrap();
    living.wait().unwrap();
    assert_eq!(project.duckpen(&["run", "p"]).exit, 0);
    assert!(names(&staging).is_empty());
}
