//! Examples of the language, whose pipelines are run with several variables, profiles and selections.
//!
//! The expected files were computed without Duckpen.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// A run, and the exports it has to leave: files of `output`, each with its like in `expected`.
struct Run {
    arguments: &'static [&'static str],
    outputs: &'static [(&'static str, &'static str)],
}

/// All runs of an example, in one copy of it.
#[track_caller]
fn check(project: &str, runs: &[Run]) {
    let copy = copy(project);
    for run in runs {
        let output = copy.path().join("output");
        fs::remove_dir_all(&output).ok();
        let mut command = Command::new(cargo_bin!("duckpen"));
        command.arg("run").args(run.arguments).arg("--project").arg(copy.path()).assert().success();
        let made = files(&output);
        let wanted = run.outputs.iter().map(|(file, _)| (*file).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(made, wanted, "{:?}", run.arguments);
        for (file, expected) in run.outputs {
            let [actual, expected] = [output.join(file), copy.path().join("expected").join(expected)]
                .map(|path| fs::read_to_string(path).unwrap());
            assert_eq!(actual, expected, "{:?}, {file}", run.arguments);
        }
    }
    let compared = runs.iter().flat_map(|run| run.outputs).map(|(_, expected)| (*expected).to_owned());
    assert_eq!(compared.collect::<BTreeSet<_>>(), files(&copy.path().join("expected")), "not all of them are compared");
}

#[test]
fn conditional_pipelines_give_what_their_conditions_choose() {
    check(
        "conditional_pipelines",
        &[
            Run {
                arguments: &["report"],
                outputs: &[("report_dev_all.csv", "report_dev_all.csv"), ("refunds.csv", "refunds.csv")],
            },
            Run {
                arguments: &["report", "--profile", "production", "--vars", "region=eu"],
                outputs: &[("report_production_eu.csv", "report_production_eu.csv")],
            },
            Run {
                arguments: &["report", "--vars", "region=us-east,since=2024-06-01"],
                outputs: &[("report_dev_us-east.csv", "report_dev_us-east.csv"), ("refunds.csv", "refunds.csv")],
            },
            Run {
                arguments: &["report", "--exclude", "tag:extra"],
                outputs: &[("report_dev_all.csv", "report_dev_all.csv")],
            },
        ],
    );
}

#[test]
fn incremental_loading_takes_what_is_new_however_often_it_is_run() {
    const FIRST: &[(&str, &str)] = &[("daily.csv", "daily_1.csv"), ("prices.csv", "prices_1.csv")];
    const SECOND: &[(&str, &str)] = &[("daily.csv", "daily_2.csv"), ("prices.csv", "prices_2.csv")];
    check(
        "incremental_loading",
        &[
            Run { arguments: &["orders"], outputs: FIRST },
            Run { arguments: &["orders"], outputs: FIRST },
            Run { arguments: &["orders", "--vars", "batch=2"], outputs: SECOND },
            Run { arguments: &["orders", "--vars", "batch=2"], outputs: SECOND },
            Run { arguments: &["orders", "--full-refresh"], outputs: FIRST },
            Run { arguments: &["orders", "--vars", "batch=2"], outputs: SECOND },
        ],
    );
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A copy of an example without what runs have left behind.
fn copy(project: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(project);
    for folder in ["data", "expected", "pipelines", "pipelines/parts", "profiles"] {
        for file in fs::read_dir(source.join(folder)).into_iter().flatten() {
            let from: PathBuf = file.unwrap().path();
            let to = copy.path().join(folder).join(from.file_name().unwrap());
            if from.is_file() {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
    }
    copy
}
