//! A run that is killed and run again gives what an undisturbed run gives.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PIPELINE: &str = r#"
SOURCE orders TYPE CSV PARAMS {"path": "data/orders.csv"};
SOURCE more TYPE CSV PARAMS {"path": "data/more.csv"};
LOAD sales FROM orders MODE APPEND;
LOAD sales FROM more MODE APPEND;
LOAD latest FROM orders MODE UPSERT KEY (id);
CREATE TABLE history MODE APPEND AS SELECT id % 10 AS k, sum(v) AS total FROM sales GROUP BY ALL;
EXPORT SELECT k, total FROM history ORDER BY k TO "out/history.csv" TYPE CSV;
CREATE TABLE wide AS SELECT s.id, l.v FROM sales s JOIN latest l USING (id);
EXPORT SELECT count(*) AS n, sum(v) AS v FROM wide TO "out/wide.csv" TYPE CSV;
"#;

const QUESTION: &str = "SELECT (SELECT count(*) FROM sales) AS sales, (SELECT sum(v) FROM sales) AS v, \
                        (SELECT count(*) FROM latest) AS latest, (SELECT count(*) FROM history) AS history, \
                        (SELECT sum(total) FROM history) AS total, (SELECT count(*) FROM wide) AS wide";

fn make_project(folder: &Path) {
    fs::create_dir_all(folder.join("pipelines")).unwrap();
    fs::create_dir_all(folder.join("data")).unwrap();
    fs::write(folder.join("pipelines/p.sf"), PIPELINE).unwrap();
    let rows = |range: std::ops::Range<u32>| -> String {
        range.fold("id,v\n".to_owned(), |text, id| text + &format!("{id},{}\n", id * 7 % 1000))
    };
    fs::write(folder.join("data/orders.csv"), rows(0..60_000)).unwrap();
    fs::write(folder.join("data/more.csv"), rows(60_000..90_000)).unwrap();
}

fn duckpen(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duckpen"));
    command.args(arguments).arg("--project").arg(folder).arg("--database").arg(folder.join("p.duckdb"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Tables and files, as a user sees them.
fn result(folder: &Path) -> (String, String, String) {
    let answer = duckpen(folder, &["sql", "--format", "json", QUESTION]).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let file = |name: &str| fs::read_to_string(folder.join("out").join(name)).unwrap();
    (String::from_utf8(answer.stdout).unwrap(), file("history.csv"), file("wide.csv"))
}

fn run_to_the_end(folder: &Path) {
    let run = duckpen(folder, &["run", "p"]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn twenty_kills_at_spread_moments_lose_nothing_and_double_nothing() {
    let undisturbed = tempfile::tempdir().unwrap();
    make_project(undisturbed.path());
    // Once for the cache of compiled components, and to know how long a run takes.
    run_to_the_end(undisturbed.path());
    let expected = result(undisturbed.path());
    let timed = tempfile::tempdir().unwrap();
    make_project(timed.path());
    let started = Instant::now();
    run_to_the_end(timed.path());
    let whole = started.elapsed();

    let mut cut_off = 0;
    for moment in 1..=20u32 {
        let project = tempfile::tempdir().unwrap();
        make_project(project.path());
        let mut run = duckpen(project.path(), &["run", "p"]).spawn().unwrap();
        // Real time is the subject here: moments from just after the start to just before the end.
        thread::sleep(whole * moment / 21 + Duration::from_micros(u64::from(moment * 7919 % 1000)));
        run.kill().unwrap();
        cut_off += u32::from(!run.wait().unwrap().success());
        // A run that had ended before it was killed is complete: another one would rightly append again.
        if !is_complete(project.path()) {
            run_to_the_end(project.path());
        }
        assert_eq!(result(project.path()), expected, "killed at moment {moment} of 20");
        assert!(!has_staged(project.path()), "killed at moment {moment} of 20: a staged file is left");
    }
    assert!(cut_off >= 10, "only {cut_off} of 20 runs were still going when they were killed");
}

/// Nobody comes after a run that is over, so it has cleaned up before it says that it is.
#[cfg(debug_assertions)]
#[test]
fn a_run_that_is_killed_when_it_is_over_leaves_nothing_aside() {
    let project = tempfile::tempdir().unwrap();
    make_project(project.path());
    let killed = duckpen(project.path(), &["run", "p"]).env("DUCKPEN_FAULT", "run.finished=kill").output().unwrap();
    assert!(!killed.status.success(), "{}", String::from_utf8_lossy(&killed.stdout));
    assert!(is_complete(project.path()) && !has_staged(project.path()));
}

/// Whether a run's folder for files is there.
fn has_staged(folder: &Path) -> bool {
    let staging = folder.join("target/staging");
    staging.is_dir() && fs::read_dir(&staging).unwrap().next().is_some()
}

/// Whether the ledger says that the last run ended with success.
fn is_complete(folder: &Path) -> bool {
    let question = "SELECT status FROM duckpen.runs ORDER BY run_id DESC LIMIT 1";
    let answer = duckpen(folder, &["sql", "--format", "json", question]).output().unwrap();
    String::from_utf8_lossy(&answer.stdout).contains("success")
}
