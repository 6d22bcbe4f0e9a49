//! A run that is continued with other code than it was begun with.

use crate::support::{Project, guest_bytes};

const PIPELINE: &str = "CREATE TABLE a AS SELECT slugify('A b') AS s;
SOURCE later TYPE CSV PARAMS {\"path\": \"data/later.csv\", \"has_header\": true};
LOAD t FROM later;
CREATE TABLE b AS SELECT slugify('C d') AS s FROM a, t;
";

const GUEST: &str = "web_orders_text.wasm";

/// The same code under another digest: with a section that nothing reads.
fn changed() -> Vec<u8> {
    let mut bytes = guest_bytes(GUEST);
    bytes.extend([0, 5, 4]);
    bytes.extend(b"note");
    bytes
}

/// A run of which `a` is complete and the rest is not.
fn failed() -> Project {
    let project = Project::new(PIPELINE).component(GUEST);
    let first = project.duckpen(&["run", "p", "--database", "p.duckdb", "--keep-going"]);
    assert_eq!(first.exit, 1, "{}", first.stderr);
    project.file("data/later.csv", "x\n1\n")
}

#[test]
fn the_new_code_runs_and_it_is_told_what_the_old_one_made() {
    let project = failed().file("functions/text.wasm", changed());
    let said = project.duckpen(&["run", "p", "--database", "p.duckdb", "--resume"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    for part in [
        "warning[W0901]: the component `text` has changed since the run began: transform_a_0 stay as they are",
        "hint: --fresh makes all of it anew",
        "continuing run",
    ] {
        assert!(said.stderr.contains(part), "no {part:?} in:\n{}", said.stderr);
    }
    let rows = project.duckpen(&["sql", "--database", "p.duckdb", "--format", "json", "SELECT s FROM b"]);
    assert!(rows.stdout.contains("c-d"), "{}", rows.stdout);
}

#[test]
fn nothing_is_told_where_nothing_has_changed_or_all_is_made_anew() {
    let project = failed();
    let said = project.duckpen(&["run", "p", "--database", "p.duckdb", "--resume"]);
    assert!(said.exit == 0 && !said.stderr.contains("W0901"), "{}", said.stderr);
    let project = failed().file("functions/text.wasm", changed());
    let said = project.duckpen(&["run", "p", "--database", "p.duckdb", "--fresh"]);
    assert!(said.exit == 0 && !said.stderr.contains("W0901"), "{}", said.stderr);
}
