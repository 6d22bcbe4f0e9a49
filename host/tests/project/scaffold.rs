//! What begins a project, and what is written into one.

use std::fs;

use insta::assert_snapshot;

use crate::json;
use crate::support::Project;

#[test]
fn init_writes_a_project_that_runs_at_once() {
    let empty = Project::new("");
    assert_snapshot!(empty.transcript(&["init", "shop"]), @r"
    exit 0
    --- stdout
    duckpen.toml
    profiles/dev.yml
    profiles/prod.yml
    .gitignore
    pipelines/orders.sf
    data/customers.csv
    data/orders.csv
    --- stderr
    `duckpen run orders --project shop` runs the pipeline
    ");
    assert_eq!(empty.duckpen(&["validate", "--project", "shop"]).exit, 0);
    for profile in ["dev", "prod"] {
        let run = empty.duckpen(&["run", "orders", "--project", "shop", "--profile", profile]);
        assert_eq!(run.exit, 0, "{}", run.stderr);
    }
    let output = fs::read_to_string(empty.path().join("shop/output/revenue_by_country.csv")).unwrap();
    assert_eq!(output, "country,orders,revenue\nUS,3,258.15\nGB,2,130.49\nNL,1,80.0\n");
    assert_snapshot!(empty.transcript(&["init", "shop"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: duckpen.toml, profiles/dev.yml, profiles/prod.yml, .gitignore, pipelines/orders.sf, data/customers.csv, data/orders.csv exist already in [PROJECT]/shop
     |
     = nothing was written
    ");
    let minimal = json(&empty.duckpen(&["init", "small", "--minimal", "--format", "json"]).stdout);
    assert_eq!(minimal["name"], "small");
    assert_eq!(minimal["files"].as_array().unwrap().len(), 4);
    assert_eq!(empty.duckpen(&["validate", "--project", "small"]).exit, 0);
}

#[test]
fn new_writes_a_pipeline_and_a_profile_and_never_over_another() {
    let project = Project::new("");
    assert_snapshot!(project.transcript(&["new", "pipeline", "by-day"]), @r"
    exit 0
    --- stdout
    pipelines/by-day.sf
    --- stderr
    `duckpen run by-day` runs it
    ");
    assert_snapshot!(project.transcript(&["new", "profile", "staging"]), @r"
    exit 0
    --- stdout
    profiles/staging.yml
    --- stderr
    `duckpen run PIPELINE --profile staging` uses it
    ");
    assert_eq!(project.duckpen(&["run", "by-day", "--profile", "staging", "--vars", "count=3"]).exit, 0);
    // What is a word of SQL may be the name of a pipeline.
    assert_eq!(project.duckpen(&["new", "pipeline", "select"]).exit, 0);
    assert_eq!(project.duckpen(&["run", "select"]).exit, 0);
    let output = fs::read_to_string(project.path().join("output/by_day.csv")).unwrap();
    assert_eq!(output, "number,square\n1,1\n2,4\n3,9\n");
    assert_snapshot!(project.transcript(&["new", "pipeline", "by-day"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: pipelines/by-day.sf exists already in [PROJECT]
     |
     = nothing was written
    ");
    assert_snapshot!(project.transcript(&["new", "profile", "../up"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: `../up` cannot be the name of a profile
     |
    hint: use letters, digits, `_` and `-`, a letter first
    ");
}
