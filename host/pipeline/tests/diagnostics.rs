//! Wrong pipelines and the whole of what is said about each. The cases are in `diagnostics/*.txt`; `UPDATE_EXPECT=1`
//! writes there what is said now.
#![allow(clippy::unwrap_used)]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use support::Project;

const CASE: &str = "=== ";
const EXPECTED: &str = "---\n";

/// Each case is its title, a pipeline and the expected text.
fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut actual = String::new();
    for case in text.split(CASE).filter(|case| !case.trim().is_empty()) {
        let (title, rest) = case.split_once('\n').unwrap();
        let pipeline = rest.split_once(EXPECTED).map_or(rest, |(pipeline, _)| pipeline);
        let project = Project::new(pipeline).env("HOME", "/home/x");
        let shown = project.shown();
        assert!(!shown.is_empty(), "{file}: nothing is said about '{title}'");
        write!(actual, "{CASE}{title}\n{pipeline}{EXPECTED}{shown}\n\n").unwrap();
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &actual).unwrap();
    } else {
        assert_eq!(text, actual, "{file}");
    }
}

#[test]
fn statements() {
    check("statements.txt");
}

#[test]
fn settings() {
    check("settings.txt");
}

#[test]
fn modes() {
    check("modes.txt");
}

#[test]
fn variables() {
    check("variables.txt");
}

#[test]
fn conditions() {
    check("conditions.txt");
}

#[test]
fn references() {
    check("references.txt");
}

#[test]
fn data_tests() {
    check("data_tests.txt");
}

#[test]
fn hints() {
    check("hints.txt");
}

#[test]
fn conflicts() {
    check("conflicts.txt");
}

/// Two cases that say the same would count as two.
#[test]
fn no_pipeline_stands_twice() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut seen = std::collections::HashSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for case in text.split(CASE).filter_map(|case| case.split_once('\n')) {
            let pipeline = case.1.split(EXPECTED).next().unwrap().to_owned();
            assert!(seen.insert(pipeline), "{}", case.0);
        }
    }
    assert!(seen.len() > 160, "{}", seen.len());
}
