//! Variables, and where their values come from.

use std::fs;

use insta::assert_snapshot;

use crate::support::Project;
use crate::{json, shop};

#[test]
fn variables_come_from_the_command_line_the_profile_or_the_project_in_this_order() {
    let project = Project::new("CREATE TABLE t AS SELECT ${v} AS v;")
        .file("sqlflow.yml", "variables: {v: sqlflow}\n")
        .file("profiles/other.yml", "variables: {v: profile}\n");
    let value = |project: &Project, arguments: &[&str]| {
        let run = ["run", "p", "-q", "--fresh", "--database", "v.duckdb"];
        assert_eq!(project.duckpen(&[&run[..], arguments].concat()).exit, 0);
        let said = project.duckpen(&["sql", "FROM t", "--database", "v.duckdb", "--format", "json"]);
        fs::remove_file(project.path().join("v.duckdb")).unwrap();
        json(&said.stdout)[0]["v"].as_str().unwrap().to_owned()
    };
    assert_eq!(value(&project, &[]), "sqlflow");
    let project = project.file("duckpen.toml", "variables.v = \"project\"\n");
    assert_eq!(value(&project, &[]), "project");
    assert_eq!(value(&project, &["--profile", "other"]), "profile");
    assert_eq!(value(&project, &["--profile", "other", "--vars", "v=line"]), "line");
    // A profile that wants it from the environment does not get another one.
    let project = project.file("profiles/other.yml", "variables: {v: \"${NOT_SET_ANYWHERE}\"}\n");
    let said = project.duckpen(&["run", "p", "--profile", "other"]);
    assert_eq!(said.exit, 2);
    assert!(said.stderr.contains("the profile takes it from NOT_SET_ANYWHERE, which is not set"), "{}", said.stderr);
}

#[test]
fn the_environment_is_listed_with_its_places_and_without_secrets() {
    let project = shop();
    assert_snapshot!(project.transcript(&["env"]), @r"
    exit 0
    --- stdout
    variable      state           where
    ─
    PG_HOST       default         profiles/dev.yml:18
    PG_PASSWORD   not set         profiles/dev.yml:18
    SHOP_DAY      not set         pipelines/p.sf:1
    SHOP_DB       default         profiles/dev.yml:5
    SHOP_REGION   set in .env:2   profiles/dev.yml:8
    SHOP_TOKEN    set in .env:3   profiles/dev.yml:10
    note          default         pipelines/p.sf:1
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["env", "list", "--prefix", "SHOP", "--show-values"]), @r"
    exit 0
    --- stdout
    variable      state           where                 value
    ─
    SHOP_DAY      not set         pipelines/p.sf:1
    SHOP_DB       default         profiles/dev.yml:5
    SHOP_REGION   set in .env:2   profiles/dev.yml:8    eu
    SHOP_TOKEN    set in .env:3   profiles/dev.yml:10   ***
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["env", "check"]), @r"
    exit 2
    --- stdout
    missing  PG_PASSWORD  profiles/dev.yml:18
    missing  SHOP_DAY  pipelines/p.sf:1
    ok  SHOP_REGION  profiles/dev.yml:8
    ok  SHOP_TOKEN  profiles/dev.yml:10
    --- stderr
    `duckpen env template` prints what .env may look like
    ");
    assert_snapshot!(project.transcript(&["env", "check", "SHOP_REGION"]), @r"
    exit 0
    --- stdout
    ok  SHOP_REGION  profiles/dev.yml:8
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["env", "get", "SHOP_TOKEN"]), @r"
    exit 0
    --- stdout
    ***
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["env", "get", "SHOP_REGOIN"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: the variable SHOP_REGOIN is not set
     |
    hint: did you mean SHOP_REGION?
    ");
    assert_snapshot!(project.transcript(&["env", "template"]), @r"
    exit 0
    --- stdout
    # Values of environment variables, for this project only. Keep this file to yourself.

    # profiles/dev.yml:18
    # PG_HOST=

    # profiles/dev.yml:18
    PG_PASSWORD=

    # pipelines/p.sf:1
    SHOP_DAY=

    # profiles/dev.yml:5
    # SHOP_DB=

    # profiles/dev.yml:8
    SHOP_REGION=

    # profiles/dev.yml:10
    SHOP_TOKEN=

    # pipelines/p.sf:1
    # note=
    --- stderr
    ");
    assert_eq!(project.duckpen(&["env", "get", "SHOP_REGION"]).stdout, "eu\n");
    assert_eq!(project.duckpen(&["env", "get", "NOT_THERE", "--default", "x"]).stdout, "x\n");
    let listed = json(&project.duckpen(&["env", "--format", "json"]).stdout);
    assert!(listed.as_array().unwrap().iter().any(|variable| variable["set_in"] == ".env:2"), "{listed}");
}
