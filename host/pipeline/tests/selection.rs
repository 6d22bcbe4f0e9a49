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
    for (selector, message) in [
        ("+", "'+' selects by no name"),
        ("kind:x", "'kind:x' selects in a way that is not known; known are tag: and path:"),
    ] {
        assert_eq!(Selection::parse(&[selector], &[""; 0]).unwrap_err().to_string(), message);
    }
    let error = |select: &[&str], exclude: &[&str]| {
        plan().select(&Selection::parse(select, exclude).unwrap()).unwrap_err().to_string()
    };
    assert_eq!(error(&["zzz"], &[]), "no step, table or source is called 'zzz'");
    assert_eq!(error(&["a", "tag:zzz"], &[]), "no step has the tag 'zzz'");
    assert_eq!(error(&["path:a.sf"], &[]), "no step comes from the file 'a.sf'");
    assert_eq!(error(&["a,b"], &[]), "no step fits all of 'a,b'");
    assert_eq!(error(&["a"], &["a"]), "nothing is left of the plan: everything that is selected is excluded, too");
    let misspelt = plan().select(&Selection::parse(&["transfrom_*"], &[""; 0]).unwrap()).unwrap_err();
    assert_eq!(misspelt.hint(), None);
    let misspelt = plan().select(&Selection::parse(&["laod_u_replace_1"], &[""; 0]).unwrap()).unwrap_err();
    assert_eq!(misspelt.hint().as_deref(), Some("did you mean 'load_u_replace_1'?"));
}

#[test]
fn tags_are_those_of_a_statement_and_of_the_include_it_comes_from() {
    let plan = Project::new(
        "SET kind = 'pii';
         SOURCE s TYPE CSV PARAMS {} TAGS (raw, ${kind});
         LOAD u FROM s MODE APPEND TAGS Nightly;
         CREATE TABLE a TAGS (nightly, \"by hand\") MODE APPEND AS SELECT * FROM u;
         INCLUDE \"other.sf\" AS other TAGS (extra);
         EXPORT a TO \"a.csv\" TYPE CSV OPTIONS {} TAGS (nightly);",
    )
    .file("pipelines/other.sf", "CREATE TABLE c MODE APPEND TAGS (own) AS SELECT * FROM a;")
    .plan();
    let selected = |select: &[&str]| {
        let selected = plan.select(&Selection::parse(select, &[""; 0]).unwrap()).unwrap();
        selected.steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(selected(&["tag:pii"]), ["source_s"]);
    assert_eq!(selected(&["tag:NIGHTLY"]), ["source_s", "load_u_append_2", "transform_a_3", "export_csv_a"]);
    assert_eq!(selected(&["tag:extra,tag:own"]), ["transform_c_4"]);
    assert_eq!(selected(&["tag:by*"]), ["transform_a_3"]);
    assert_eq!(selected(&["+tag:extra"])[..3], ["source_s", "load_u_append_2", "transform_a_3"]);
}

#[test]
fn tables_that_only_steps_left_out_make_are_named() {
    let whole = plan();
    let part = |select: &str| whole.select(&Selection::parse(&[select], &[""; 0]).unwrap()).unwrap();
    let left_out = |select: &str| {
        let found = part(select).left_out(&whole);
        found.iter().map(|(step, table)| format!("{step}: {table}")).collect::<Vec<_>>()
    };
    assert_eq!(left_out("b+"), ["transform_b_3: a"]);
    assert!(left_out("+b").is_empty());
}
