//! Folders that are not as one would make them: without pipelines, with files of Windows, with what cannot be read or written.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::json;
use crate::support::Project;

/// With the folder of pipelines, and nothing in it.
fn empty() -> Project {
    let project = Project::new("");
    fs::remove_file(project.path().join("pipelines/p.sf")).unwrap();
    project
}

#[test]
fn a_project_without_pipelines_is_told_so_by_every_command_that_wants_one() {
    let project = empty();
    let none = "the project has no pipelines: they are the files pipelines/*.sf";
    for (arguments, exit) in
        [(&["list"][..], 0), (&["compile"], 0), (&["validate"], 0), (&["run", "p"], 2), (&["migrate"], 2)]
    {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, exit, "{arguments:?}: {}", said.stderr);
        assert!(said.stderr.contains(none), "{arguments:?}: {}", said.stderr);
    }
    for (arguments, expected) in [(&["list"][..], "[]"), (&["compile"], "[]")] {
        let said = project.duckpen(&[arguments, &["--format", "json"]].concat());
        assert_eq!((said.stdout.trim(), said.stderr.as_str()), (expected, ""), "{arguments:?}");
    }
    assert!(!project.path().join("duckpen.toml").exists(), "nothing is migrated");
}

#[test]
fn a_command_in_a_folder_of_the_project_names_the_project() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;\n").file("data/big files/u.csv", "id\n1\n");
    assert_snapshot!(project.transcript(&["run", "p", "--project", "data/big files"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: there is no pipeline `p` in the project
     |
     = the project has no pipelines: they are the files pipelines/*.sf
    hint: name the project's folder: --project [PROJECT]
    ");
}

#[test]
fn what_is_called_like_a_pipeline_and_is_none_is_left_out() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;\n").file("pipelines/folder.sf/x.txt", "");
    symlink("nowhere.sf", project.path().join("pipelines/dead.sf")).unwrap();
    let listed = project.duckpen(&["list"]);
    assert!(!listed.stdout.contains("folder") && !listed.stdout.contains("dead"), "{}", listed.stdout);
    assert_eq!(project.duckpen(&["validate"]).exit, 0);
}

#[test]
fn a_pipeline_that_cannot_be_read_keeps_no_other_from_being_looked_at() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;\n")
        .file("pipelines/latin.sf", b"CREATE TABLE t AS SELECT '\xe4' AS x;\n");
    symlink("/etc/passwd", project.path().join("pipelines/linked.sf")).unwrap();
    assert_snapshot!(project.transcript(&["validate"]), @r"
    exit 4
    --- stdout
    rejected  latin  1 error
    rejected  linked  1 error
    ok  p  1 step
    --- stderr
    error[E0701]: the pipeline cannot be read: 'pipelines/latin.sf': stream did not contain valid UTF-8

    error[E0413]: the pipeline cannot be read: 'pipelines/linked.sf' is outside of the project
     |
    hint: places are relative to the project's folder
    ");
    let documents = json(&project.duckpen(&["validate", "--format", "json"]).stdout);
    assert_eq!(documents["pipelines"].as_array().map(Vec::len), Some(3), "{documents}");
}

#[test]
fn files_of_windows_are_read_and_shown_as_others_are() {
    let project = Project::new("-- one\r\nCREATE TABLE t AS\r\nSELECT ${region} AS region;\r\nLAOD t FROM s;\r\n")
        .file("pipelines/right.sf", "\u{feff}CREATE TABLE t AS\r\nSELECT ${region} AS region;\r\n")
        .file(".env", "\u{feff}region=eu\r\n");
    assert_snapshot!(project.transcript(&["validate"]), @r"
    exit 2
    --- stdout
    rejected  p  1 error
    ok  right  1 step
    --- stderr
    error[E0102]: unknown statement 'LAOD'
     --> pipelines/p.sf:4:1
      |
    4 | LAOD t FROM s;
      | ^^^^
      |
    hint: did you mean LOAD?
    ");
    assert!(!project.duckpen(&["validate"]).stderr.contains(['\r', '␍']));
    let shown = project.duckpen(&["compile", "right"]);
    assert_eq!(shown.exit, 0, "{}", shown.stderr);
    assert_eq!(project.duckpen(&["run", "right"]).exit, 0);
}

#[test]
fn what_cannot_be_written_is_told_and_is_no_fault_of_the_host() {
    let project = Project::new("CREATE TABLE t AS SELECT 1 AS x;\n").file("taken", "a file").file("target", "another");
    assert_snapshot!(project.transcript(&["run", "p"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: nothing can be written in target/ of the project: 'target': File exists (os error 17)
     |
    hint: another folder is named by paths.target
    ");
    assert_snapshot!(project.transcript(&["compile", "p", "--output-dir", "taken/plans"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: taken/plans/p.json cannot be written: Not a directory (os error 20)
    ");
    assert_snapshot!(project.transcript(&["init", "taken/shop"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: [PROJECT]/taken/shop/duckpen.toml cannot be written: Not a directory (os error 20)
    ");
    assert_eq!(fs::read_to_string(project.path().join("taken")).unwrap(), "a file");
}

#[test]
fn a_project_in_a_folder_of_any_name_is_named_so_that_a_shell_takes_it() {
    let project = Project::new("");
    let said = project.duckpen(&["init", "it's größer"]);
    assert!(said.stderr.contains(r"--project 'it'\''s größer'"), "{}", said.stderr);
    assert_eq!(project.duckpen(&["run", "orders", "--project", "it's größer"]).exit, 0);
}

#[test]
fn a_statement_that_is_too_large_to_be_looked_at_is_a_mistake_of_the_pipeline() {
    let texts = "'0123456789012345678901234567890123456789',\n".repeat(1_000_000);
    let project = Project::new(&format!(
        "CREATE TABLE small AS SELECT 1 AS x;\nCREATE TABLE large AS SELECT [{texts}''] AS x;\n"
    ));
    let said = project.duckpen(&["validate", "p"]);
    assert_eq!(said.exit, 2, "{}", said.stderr);
    assert!(said.stderr.contains("its statement is too large"), "{}", said.stderr);
}

#[test]
fn queries_read_files_of_the_project_that_they_name() {
    let project = Project::new(
        "CREATE TABLE users AS SELECT * FROM read_csv_auto('data/users.csv');\n\
         CREATE TABLE spent AS SELECT u.name, sum(o.price) AS spent FROM users u \
         JOIN read_csv_auto('data/orders/*.csv') o ON o.user_id = u.id GROUP BY ALL;\n\
         EXPORT SELECT * FROM spent ORDER BY name TO \"output/spent.csv\" TYPE CSV OPTIONS {\"header\": true};\n",
    )
    .file("data/users.csv", "id,name\n1,Ada\n2,Grace\n")
    .file("data/orders/a.csv", "user_id,price\n1,2.5\n")
    .file("data/orders/b.csv", "user_id,price\n2,4\n1,1\n");
    assert_eq!(project.duckpen(&["validate"]).exit, 0);
    let run = project.duckpen(&["run", "p"]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    let spent = fs::read_to_string(project.path().join("output/spent.csv")).unwrap();
    assert_eq!(spent, "name,spent\nAda,3.5\nGrace,4.0\n");
    let graph = project.duckpen(&["lineage", "p", "--columns"]);
    assert!(graph.stdout.contains("data/orders/*.csv"), "{}{}", graph.stdout, graph.stderr);
    let sql = project.duckpen(&["sql", "SELECT * FROM read_csv('data/users.csv')"]);
    assert_ne!(sql.exit, 0, "`sql` grants nothing: {}", sql.stdout);
}
