//! Options of `run` and of all commands: what goes on after a failure, what is tried again, what stops, and what is said.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use support::Project;

const ONE_FAILS: &str = "\
CREATE TABLE bad AS SELECT CAST('no number' AS INTEGER) AS x;
CREATE TABLE after_bad AS SELECT * FROM bad;
CREATE TABLE good AS SELECT 1 AS x;
";

/// Longer than any test may take, and over at once when it is interrupted.
const ENDLESS: &str =
    "CREATE TABLE endless AS SELECT count(*) AS n FROM range(100000000000) AS t(i) WHERE hash(i) % 7 = 3;";

/// Statuses and attempts of the steps, by id.
fn steps(document: &str) -> Vec<(String, String, u64)> {
    let document: Value = serde_json::from_str(document).unwrap();
    let text = |step: &Value, member: &str| step[member].as_str().unwrap().to_owned();
    let steps = document["steps"].as_array().unwrap().iter();
    steps.map(|step| (text(step, "id"), text(step, "status"), step["attempts"].as_u64().unwrap())).collect()
}

fn as_told(steps: &[(String, String, u64)]) -> Vec<(&str, &str, u64)> {
    steps.iter().map(|(id, status, attempts)| (id.as_str(), status.as_str(), *attempts)).collect()
}

#[test]
fn after_a_failure_nothing_starts_unless_it_is_to_keep_going() {
    let project = Project::new(ONE_FAILS);
    let run = ["run", "p", "--threads", "1", "--format", "json"];
    let stopped = project.duckpen(&run);
    assert_eq!(stopped.exit, 1);
    assert_eq!(
        as_told(&steps(&stopped.stdout)),
        [("transform_bad_0", "failed", 1), ("transform_after_bad_1", "skipped", 0), ("transform_good_2", "skipped", 0)]
    );
    let kept_going = project.duckpen(&[&run[..], &["--keep-going"]].concat());
    assert_eq!(kept_going.exit, 1);
    assert_eq!(
        as_told(&steps(&kept_going.stdout)),
        [("transform_bad_0", "failed", 1), ("transform_after_bad_1", "skipped", 0), ("transform_good_2", "success", 1)]
    );
}

#[test]
fn what_failed_is_tried_again_and_may_succeed() {
    let pipeline = "SOURCE late TYPE CSV PARAMS {\"path\": \"data/late.csv\"};\nLOAD t FROM late;\n";
    let project = Project::new(pipeline);
    let run = ["run", "p", "--retries", "1", "--log-format", "json", "--format", "json"];
    let mut run = start(&project, &run);
    let event = wait_for(&mut run, |event| event["message"] == "attempt failed, will be repeated");
    assert_eq!(event["step"], "source_late");
    let project = project.file("data/late.csv", "id\n1\n2\n");
    let (exit, stdout) = end(run);
    assert_eq!(exit, Some(0), "{stdout}");
    assert_eq!(as_told(&steps(&stdout)), [("source_late", "success", 2), ("load_t_replace_1", "success", 1)]);
    drop(project);
}

#[test]
fn a_step_that_fails_each_time_tells_how_often_it_was_tried() {
    let project = Project::new("SOURCE s TYPE CSV PARAMS {\"path\": \"data/none.csv\"};\nLOAD t FROM s;\n");
    let said = project.duckpen(&["run", "p", "--retries", "1"]);
    assert_eq!(said.exit, 1);
    assert!(said.stderr.contains("= after 2 attempts"), "{}", said.stderr);
}

#[test]
fn an_attempt_that_takes_too_long_is_stopped() {
    let said = Project::new(ENDLESS).duckpen(&["run", "p", "--step-timeout", "100ms"]);
    assert_eq!(said.exit, 1);
    assert!(said.stderr.contains("error[E0903]: step `transform_endless_0` failed"), "{}", said.stderr);
    let wrong = Project::new(ENDLESS).duckpen(&["run", "p", "--step-timeout", "soon"]);
    assert_eq!(wrong.exit, 2);
    assert!(wrong.stderr.contains("expected a time, such as 90s or 10m"), "{}", wrong.stderr);
}

#[test]
fn ctrl_c_stops_the_running_step_and_leaves_a_run_that_can_be_continued() {
    let project = Project::new(&format!("CREATE TABLE first AS SELECT 1 AS x;\n{ENDLESS}"));
    let arguments =
        ["run", "p", "--threads", "1", "--database", "p.duckdb", "-vv", "--log-format", "json", "--format", "json"];
    let mut run = start(&project, &arguments);
    wait_for(&mut run, |event| event["message"] == "step started" && event["step"] == "transform_endless_1");
    kill_process(Pid::from_child(&run.child), Signal::INT).unwrap();
    let (exit, stdout) = end(run);
    assert_eq!(exit, Some(130));
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()["status"], "cancelled");
    assert_eq!(
        as_told(&steps(&stdout)),
        [("transform_first_0", "success", 1), ("transform_endless_1", "cancelled", 1)]
    );
    // The step that was complete is not run again.
    let again = project.duckpen(&["run", "p", "--database", "p.duckdb", "--resume", "--step-timeout", "50ms"]);
    assert!(again.stderr.contains("which was interrupted: 1 step complete"), "{}", again.stderr);
    assert!(again.stderr.contains("resumed  transform_first_0"), "{}", again.stderr);
}

#[test]
fn colours_are_there_when_asked_for_and_never_with_no_color() {
    let project = Project::new("LOAD t FROM nowhere;");
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = command(project.path(), &["validate"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
        let output = command.output().unwrap();
        output.stderr.contains(&0x1b)
    };
    assert!(!coloured(&[]), "what is no terminal gets no colours");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn quiet_says_only_what_is_wrong_and_verbose_says_what_happens() {
    // A source that nothing loads is warned of.
    let odd = "SOURCE unused TYPE CSV PARAMS {\"path\": \"a.csv\"};\nCREATE TABLE t AS SELECT 1 AS x;\n";
    let project = Project::new(odd).file("a.csv", "id\n1\n");
    let usual = project.duckpen(&["run", "p"]).stderr;
    assert!(usual.contains("warning[") && usual.contains("ok  transform_t_1") && usual.contains("2 steps: 2 ok"));
    assert_eq!(project.duckpen(&["run", "p", "--quiet"]).stderr, "");
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let failing = Project::new(ONE_FAILS).duckpen(&["run", "p", "-q"]);
    assert_eq!(failing.exit, 1);
    assert!(failing.stderr.starts_with("error[E0901]: step `transform_bad_0` failed"), "{}", failing.stderr);
    for (option, events) in [("-v", ["run started", "step finished"]), ("-vv", ["step started", "step finished"])] {
        let verbose = project.duckpen(&["run", "p", option]).stderr;
        for event in events {
            assert!(verbose.contains(event), "{option}: no {event} in {verbose}");
            assert!(!usual.contains(event), "{usual}");
        }
        assert_eq!(verbose.contains("step started"), option == "-vv", "{verbose}");
    }
    let both = project.duckpen(&["run", "p", "-q", "-v"]);
    assert_eq!(both.exit, 2);
    assert!(both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

#[test]
fn the_log_in_json_is_one_object_a_line_and_has_the_events_of_the_run() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;");
    let said = project.duckpen(&["run", "p", "--log-format", "json"]);
    assert_eq!(said.exit, 0);
    let events: Vec<Value> = said.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |message: &str| events.iter().filter(|event| event["message"] == message).count();
    for message in ["run started", "step finished", "run finished"] {
        assert_eq!(told(message), 1, "{message} in {}", said.stderr);
    }
    let finished = events.iter().find(|event| event["message"] == "step finished").unwrap();
    assert_eq!((&finished["step"], &finished["level"]), (&"transform_t_0".into(), &"INFO".into()));
}

/// A command that is running, with what it writes to standard error.
struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duckpen"));
    command.args(arguments).current_dir(folder).env_remove("DUCKPEN_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn start(project: &Project, arguments: &[&str]) -> Running {
    let mut child = command(project.path(), arguments).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    Running { child, stderr }
}

/// Reads the log in JSON up to an event.
fn wait_for(run: &mut Running, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let mut told = String::new();
    loop {
        let from = told.len();
        assert_ne!(run.stderr.read_line(&mut told).unwrap(), 0, "the log ended:\n{told}");
        let event = serde_json::from_str(&told[from..]).unwrap_or(Value::Null);
        if is_wanted(&event) {
            return event;
        }
    }
}

/// The exit code, and what was written to standard output.
fn end(mut run: Running) -> (Option<i32>, String) {
    let mut rest = String::new();
    run.stderr.read_to_string(&mut rest).unwrap();
    let output = run.child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}
