//! Connectors of a profile: listed and tried.

use insta::assert_snapshot;

use crate::support::Project;
use crate::{json, shop};

#[test]
fn connectors_are_listed_and_tried() {
    let project = shop();
    assert_snapshot!(project.transcript(&["connect", "list"]), @r"
    exit 0
    --- stdout
    connector   type       parameters                                                                  place
    ─
    users       csv        path=${data_dir}/users.csv has_header=true                                  profiles/dev.yml:14
    warehouse   postgres   host=${PG_HOST|localhost} user=etl password=${PG_PASSWORD} access_key=***   profiles/dev.yml:17
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["connect", "test", "users"]), @r"
    exit 0
    --- stdout
    ok  users  csv  parameters, 1 file, 2 columns (id BIGINT, name VARCHAR)
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["connect", "test", "usres"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: the profile has no connector `usres`
     |
     = connectors are users, warehouse
    hint: did you mean `users`?
    ");
    let staging = project.path().join("target/staging_in_memory");
    assert!(staging.read_dir().unwrap().next().is_none(), "what was written aside is left");
}

#[test]
fn what_is_wrong_with_a_connector_is_told_with_what_was_tried() {
    let project = Project::new("")
        .file("data/ok.csv", "id;name\n1;Ada\n")
        .file("data/empty.csv", "")
        .file("data/no.parquet", "no parquet")
        .file(
            "profiles/dev.yml",
            "connectors:\n  fine: {type: csv, params: {path: data/ok.csv, delimiter: \";\"}}\n  missing: {type: csv, params: {path: data/none.csv}}\n  empty: {type: csv, params: {path: data/empty.csv}}\n  misspelt: {type: csv, params: {path: data/ok.csv, delimeter: \";\"}}\n  outside: {type: csv, params: {path: ../x.csv}}\n  no_path: {type: json, params: {}}\n  no_parquet: {type: parquet, params: {path: data/no.parquet}}\n  unset: {type: csv, params: {path: \"${NOT_SET_ANYWHERE}\"}}\n  odd: {type: ftp, params: {}}\n",
        );
    assert_snapshot!(project.transcript(&["connect", "test"]), @r"
    exit 4
    --- stdout
    failed  empty  csv  parameters
    ok  fine  csv  parameters, 1 file, 2 columns (id BIGINT, name VARCHAR)
    failed  missing  csv  parameters
    failed  misspelt  csv
    failed  no_parquet  parquet  parameters
    failed  no_path  json
    failed  odd  ftp
    failed  outside  csv
    failed  unset  csv
    --- stderr
    error[E0908]: connector `empty`: the file 'data/empty.csv' is empty: it has no columns

    error[E0908]: connector `missing`: no such file: 'data/none.csv'

    error[E0908]: connector `misspelt`: Unknown parameters for CSV connector: delimeter
     |
    hint: Did you mean 'delimiter'?

    error[E0908]: connector `no_parquet`: Invalid Input Error: File '[PROJECT]/data/no.parquet' too small to be a Parquet file

    error[E0908]: connector `no_path`: it has no `path`
     |
    hint: a SOURCE that uses it gives a path in its OPTIONS; give one here to have it tried

    error[E0908]: connector `odd`: connectors of the type `ftp` cannot be tried
     |
    hint: types are csv, parquet, json, arrow, postgres, sqlite, duckdb, s3, rest, shopify

    error[E0908]: connector `outside`: '../x.csv' is outside of the project
     |
    hint: places are relative to the project's folder

    error[E0908]: connector `unset`: its parameters: NOT_SET_ANYWHERE is not defined
     |
    hint: set them in the environment, in .env, in the profile or with --vars
    ");
    let document = json(&project.duckpen(&["connect", "test", "--format", "json"]).stdout);
    let failed = document["connectors"].as_array().unwrap().iter().filter(|tried| tried["status"] == "failed").count();
    assert_eq!((&document["status"], failed), (&"failed".into(), 8));
}
