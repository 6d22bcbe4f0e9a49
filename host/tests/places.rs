//! No place in a project leads out of it: not `..`, not an absolute path, not a symbolic link, not one that takes the place
//! of a file while it is in use.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use support::{Project, Said};
use tempfile::TempDir;

/// What stands in the files outside, and must appear nowhere.
const SECRET: &str = "outside_secret";

/// A folder outside of every project, with a file of each kind.
fn outside() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    write("rows.csv", format!("id,v\n1,{SECRET}\n"));
    write("rows.json", format!("[{{\"id\": 1, \"v\": \"{SECRET}\"}}]"));
    write("part.sf", format!("CREATE TABLE leaked AS SELECT '{SECRET}' AS x;"));
    write("prod.yml", format!("variables:\n  x: {SECRET}\n"));
    write("text.wasm", SECRET.to_owned());
    folder
}

/// A project in which `link.*` and `linked/` lead outside.
fn project(pipeline: &str, outside: &Path) -> Project {
    let project =
        Project::new(pipeline).file("data/own.csv", "id,v\n1,own\n").file("profiles/dev.yml", "variables: {}\n");
    let link = |from: &str, to: &str| symlink(outside.join(from), project.path().join(to)).unwrap();
    for (from, to) in [
        ("rows.csv", "data/link.csv"),
        ("rows.json", "data/link.json"),
        ("part.sf", "pipelines/link.sf"),
        ("prod.yml", "profiles/link.yml"),
        (".", "linked"),
    ] {
        link(from, to);
    }
    project
}

/// Every way out that the text of a place can name, for a file of this name.
fn ways_out(outside: &Path, file: &str, link: &str) -> Vec<String> {
    let name = outside.file_name().unwrap().to_str().unwrap();
    vec![
        format!("{}/{file}", outside.display()),
        format!("../{name}/{file}"),
        format!("data/../../{name}/{file}"),
        format!("./data/./../../{name}/{file}"),
        format!("linked/{file}"),
        link.to_owned(),
    ]
}

#[track_caller]
fn is_refused(said: &Said, place: &str) {
    assert_eq!(said.exit, 4, "{place}: {}\n{}", said.stdout, said.stderr);
    assert!(said.stderr.contains("outside of the project"), "{place}: {}", said.stderr);
    assert!(!said.stderr.contains(SECRET) && !said.stdout.contains(SECRET), "{place}: {}", said.stderr);
}

#[test]
fn no_source_is_read_from_outside() {
    let outside = outside();
    for (kind, file, link) in [("CSV", "rows.csv", "data/link.csv"), ("JSON", "rows.json", "data/link.json")] {
        for place in ways_out(outside.path(), file, link) {
            let text = format!("SOURCE s TYPE {kind} PARAMS {{\"path\": \"{place}\"}};\nLOAD t FROM s;");
            is_refused(&project(&text, outside.path()).duckpen(&["run", "p"]), &place);
        }
    }
}

#[test]
fn a_pattern_finds_nothing_outside() {
    let outside = outside();
    let found = |pattern: &str| {
        let text = format!("SOURCE s TYPE CSV PARAMS {{\"path\": \"{pattern}\"}};\nLOAD t FROM s;");
        project(&text, outside.path()).duckpen(&["run", "p", "--database", "p.duckdb"])
    };
    for pattern in ["data/*.csv", "linked/*.csv", "**/rows.csv", "*/rows.csv"] {
        let said = found(pattern);
        assert_ne!(said.exit, 0, "{pattern}: {}", said.stdout);
        assert!(!said.stderr.contains(SECRET), "{pattern}: {}", said.stderr);
    }
}

#[test]
fn no_export_is_written_outside() {
    let outside = outside();
    let before = listing(outside.path());
    for place in ways_out(outside.path(), "new.csv", "linked/new.csv") {
        let text = format!("EXPORT SELECT 1 AS x TO \"{place}\" TYPE CSV;");
        let said = project(&text, outside.path()).duckpen(&["run", "p"]);
        assert_ne!(said.exit, 0, "{place}");
        assert!(said.stderr.contains("outside of the project"), "{place}: {}", said.stderr);
        assert_eq!(listing(outside.path()), before, "{place}");
    }
}

#[test]
fn an_export_that_cannot_be_published_is_refused_before_its_step_is_complete() {
    let project = Project::new("EXPORT SELECT 1 AS x TO \"data/own.csv/x.csv\" TYPE CSV;").file("data/own.csv", "x\n");
    let run = ["run", "p", "--database", "p.duckdb"];
    let said = project.duckpen(&run);
    assert_eq!(said.exit, 1, "{}", said.stderr);
    assert!(said.stderr.contains("a file stands in the place of one of its folders"), "{}", said.stderr);
    // The database is not left with a file that nobody can put in its place.
    let project = project.file("pipelines/p.sf", "EXPORT SELECT 1 AS x TO \"data/x.csv\" TYPE CSV;");
    assert_eq!(project.duckpen(&run).exit, 0);
}

#[test]
fn an_export_in_the_place_of_a_link_replaces_the_link() {
    let outside = outside();
    let project = project("EXPORT SELECT 1 AS x TO \"data/link.csv\" TYPE CSV;", outside.path());
    let said = project.duckpen(&["run", "p"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert_eq!(fs::read_to_string(project.path().join("data/link.csv")).unwrap(), "x\n1\n");
    assert!(
        fs::read_to_string(outside.path().join("rows.csv")).unwrap().contains(SECRET),
        "what it led to is as it was"
    );
}

#[test]
fn nothing_is_included_from_outside() {
    let outside = outside();
    for place in ways_out(outside.path(), "part.sf", "link.sf") {
        let said = project(&format!("INCLUDE \"{place}\" AS part;"), outside.path()).duckpen(&["run", "p"]);
        assert_eq!(said.exit, 2, "{place}: {}", said.stderr);
        assert!(!said.stdout.contains(SECRET) && !said.stderr.contains(SECRET), "{place}: {}", said.stderr);
    }
}

#[test]
fn no_profile_is_read_from_outside() {
    let outside = outside();
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    for profile in ["link".to_owned(), format!("../../{name}/prod"), "../linked/prod".to_owned()] {
        let said =
            project("CREATE TABLE t AS SELECT 1 AS x;", outside.path()).duckpen(&["run", "p", "--profile", &profile]);
        is_refused(&said, &profile);
    }
}

#[test]
fn no_component_is_loaded_from_outside() {
    let outside = outside();
    for place in ways_out(outside.path(), "text.wasm", "linked/text.wasm") {
        let project = project("CREATE TABLE t AS SELECT 1 AS x;", outside.path())
            .file("duckpen.toml", format!("[components.text]\npath = \"{place}\"\n"));
        is_refused(&project.duckpen(&["run", "p"]), &place);
    }
}

#[test]
fn no_pipeline_is_run_from_outside() {
    let outside = outside();
    for place in ways_out(outside.path(), "part.sf", "pipelines/link.sf") {
        is_refused(&project("", outside.path()).duckpen(&["run", &place]), &place);
    }
}

#[test]
fn results_and_staged_files_do_not_go_through_a_link() {
    let outside = outside();
    let before = listing(outside.path());
    for folder in ["target", "target/runs", "target/staging"] {
        let project = project("EXPORT SELECT 1 AS x TO \"x.csv\" TYPE CSV;", outside.path());
        fs::create_dir_all(project.path().join(folder).parent().unwrap()).unwrap();
        symlink(outside.path(), project.path().join(folder)).unwrap();
        project.duckpen(&["run", "p"]);
        assert_eq!(listing(outside.path()), before, "{folder}");
    }
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
