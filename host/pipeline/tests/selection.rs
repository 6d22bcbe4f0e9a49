//! `--select` and `--exclude`.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{Plan, Selection};
use support::Project;

fn plan() -> Plan {
    Project::new(
        "SOURCE s TYPE CSV PARAMS {};
         LOAD u FROM s;
         CREATE TABLE a AS SELECT * FROM u;
         CREATE TABLE b AS SELECT * FROM a;
         INCLUDE \"other.sf\" AS other;
         EXPORT b TO \"out/b.csv\";",
    )
    .file("pipelines/other.sf", "CREATE TABLE c AS SELECT * FROM a;")
    .plan()
}

#[track_caller]
fn check(select: &[&str], exclude: &[&str], expected: &[&str]) {
    let selected = plan().select(&Selection::parse(select, exclude).unwrap()).unwrap();
    assert_eq!(selected.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), expected);
    for step in &selected.steps {
        assert!(step.depends_on.iter().all(|need| selected.step(need).is_some()), "{step:?}");
    }
}

#[test]
fn steps_are_selected_by_name_path_and_relation() {
    let all = ["source_s", "load_u_replace_1", "transform_a_2", "transform_b_3", "transform_c_4", "export_csv_b"];
    check(&[], &[], &all);
    check(&["A"], &[], &["transform_a_2"]);
    check(&["transform_a_2"], &[], &["transform_a_2"]);
    check(&["+a"], &[], &all[..3]);
    check(&["b+"], &[], &["transform_b_3", "export_csv_b"]);
    check(&["+c+"], &[], &["source_s", "load_u_replace_1", "transform_a_2", "transform_c_4"]);
    check(&["transform_*"], &["c"], &["transform_a_2", "transform_b_3"]);
    check(&[], &["b+"], &["source_s", "load_u_replace_1", "transform_a_2", "transform_c_4"]);
    check(&["path:pipelines/oth*.sf"], &[], &["transform_c_4"]);
    check(&["u"], &[], &["source_s", "load_u_replace_1"]);
}

#[test]
fn what_selects_nothing_is_an_error() {
    for (selector, message) in
        [("+", "'+' selects by no name"), ("tag:x", "'tag:x' selects in a way that is not known; known is path:")]
    {
        assert_eq!(Selection::parse(&[selector], &[""; 0]).unwrap_err().to_string(), message);
    }
    let selection = Selection::parse(&["zzz"], &[""; 0]).unwrap();
    assert_eq!(plan().select(&selection).unwrap_err().to_string(), "no step, table or source is called 'zzz'");
}
