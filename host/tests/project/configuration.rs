//! duckpen.toml, sqlflow.yml and .env.

use std::fs;

use insta::assert_snapshot;

use crate::support::Project;
use crate::{json, shop};

#[test]
fn what_is_wrong_with_the_network_is_told_without_the_proxys_password() {
    let project = Project::new("").file(
        "duckpen.toml",
        "[network]\nhosts = [\"a.example\"]\nproxy = \"http://u:hunter2@proxy.example:3128\"\nno_proxy = [\"https://x\"]\n",
    );
    assert_snapshot!(project.transcript(&["list"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: network.proxy: expected an address such as http://proxy.example.com:3128, without credentials and without a path
     --> duckpen.toml:3:9
      |
    3 | *********************************************
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error[E0702]: duckpen.toml: network.no_proxy: `https://x` is neither a host such as api.example.com nor a pattern such as *.example.com
     --> duckpen.toml:4:13
      |
    4 | no_proxy = ["https://x"]
      |             ^^^^^^^^^^^
    "#);
}

#[test]
fn what_is_wrong_with_duckpen_toml_is_told_at_once_and_at_its_place() {
    let project = Project::new("").file(
        "duckpen.toml",
        "[project]\nnme = \"x\"\n\n[path]\n\n[limits]\nfule = 1\nmemory = \"many\"\n\n[variables]\nlist = [1]\n\n[components.text]\nlimit = {}\n",
    );
    assert_snapshot!(project.transcript(&["list"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: unknown key 'path'
     --> duckpen.toml:4:2
      |
    4 | [path]
      |  ^^^^
      |
    hint: did you mean 'paths'?

    error[E0702]: duckpen.toml: unknown key 'nme' in [project]
     --> duckpen.toml:2:1
      |
    2 | nme = "x"
      | ^^^
      |
    hint: did you mean 'name'?

    error[E0702]: duckpen.toml: variable 'list': a variable holds a text, a number, true, false or null, not a list or an object
      --> duckpen.toml:11:8
       |
    11 | list = [1]
       |        ^^^

    error[E0702]: duckpen.toml: limits.fule: there is no limit `fule`; limits are fuel, memory, time, table_elements, instances, result_bytes, result_rows, log_bytes, host_calls, handles, state_bytes
     --> duckpen.toml:7:1
      |
    7 | fule = 1
      | ^^^^
      |
    hint: did you mean 'fuel'?

    error[E0702]: duckpen.toml: limits.memory: `many` is not a value for the limit `memory` (bytes such as 64MiB)
     --> duckpen.toml:8:10
      |
    8 | memory = "many"
      |          ^^^^^^

    error[E0702]: duckpen.toml: unknown key 'limit' in [components.text]
      --> duckpen.toml:14:1
       |
    14 | limit = {}
       | ^^^^^
       |
    hint: did you mean 'limits'?
    "#);
    let project = project.file("duckpen.toml", "[limits\nfuel = 1\n");
    assert_snapshot!(project.transcript(&["list"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: unclosed table, expected `]`
     --> duckpen.toml:1:8
      |
    1 | [limits
      |        ^
    ");
}

#[test]
fn duckpen_toml_goes_before_sqlflow_yml_and_both_say_where_things_are() {
    let project = Project::new("")
        .file("flows/daily.sf", "CREATE TABLE t AS SELECT ${region} AS region;\nEXPORT t TO \"${output_dir}/t.csv\" TYPE CSV;\n")
        .file("envs/test.yml", "variables: {region: eu}\n")
        .file(
            "sqlflow.yml",
            "name: old_name\nversion: 0.1.0\ndefault_profile: test\npaths: {pipelines: elsewhere, profiles: envs, models: models}\noutputs: {directory: results/}\nvariables: {region: us}\nengine: {}\n",
        )
        .file("duckpen.toml", "[paths]\npipelines = \"flows\"\ntarget = \"made/\"\n");
    assert_snapshot!(project.transcript(&["profiles", "show", "--origin"]), @r"
    exit 0
    --- stdout
    key                       value       origin
    ─
    project.name              old_name    sqlflow.yml:1
    project.default_profile   test        sqlflow.yml:3
    paths.pipelines           flows       duckpen.toml:2
    paths.profiles            envs        sqlflow.yml:4
    paths.functions           functions   default
    paths.target              made        duckpen.toml:3
    paths.output              results     sqlflow.yml:5
    engines.duckdb.mode       memory      default
    variables.output_dir      results     sqlflow.yml:5
    variables.region          eu          envs/test.yml:1
    --- stderr
    warning[E0702]: sqlflow.yml: unknown key 'engine'
     --> sqlflow.yml:7:1
      |
    7 | engine: {}
      | ^^^^^^
      |
    hint: keys are name, version, description, author, default_profile, paths, variables, project, pipelines, profiles, udfs, outputs
    ");
    assert_snapshot!(project.transcript(&["list"]), @r"
    exit 0
    --- stdout
    pipeline   file
    ─
    daily      flows/daily.sf
    --- stderr
    ");
    assert_eq!(project.duckpen(&["run", "daily", "-q"]).exit, 0);
    assert_eq!(fs::read_to_string(project.path().join("results/t.csv")).unwrap(), "region\neu\n");
    // A profile may say where its pipelines are, as SQLFlow's can.
    let project = project.file("envs/test.yml", "paths: {pipelines: pipelines}\n");
    assert_snapshot!(project.duckpen(&["list"]).stdout, @r"
    pipeline   file
    ─
    p          pipelines/p.sf
    ");
}

#[test]
fn both_shapes_of_sqlflow_yml_are_read_and_what_does_nothing_here_is_said() {
    let shown = |yaml: &str| {
        let project = Project::new("").file("sqlflow.yml", yaml).file("profiles/ci.yml", "");
        let said = project.duckpen(&["profiles", "show", "ci", "--format", "json"]);
        let document = json(&said.stdout);
        let values = document["values"].as_array().unwrap().clone();
        let value = move |key: &str| {
            let found = values.iter().find(|value| value["key"] == key);
            found.map(|value| value["value"].as_str().unwrap().to_owned()).unwrap_or_default()
        };
        (value, said.stderr)
    };
    let (value, said) = shown("name: shop\nversion: 1\npaths: {pipelines: flows/, macros: macros}\n");
    assert_eq!((value("project.name").as_str(), value("paths.pipelines").as_str()), ("shop", "flows"));
    assert_eq!(said, "");
    let (value, said) =
        shown("project: {name: shop}\npipelines: {directory: flows}\nudfs: {directory: python_udfs/}\n");
    assert_eq!((value("project.name").as_str(), value("paths.pipelines").as_str()), ("shop", "flows"));
    assert_eq!(said, "");
    for (yaml, warning) in [
        ("default_profle: ci\n", "unknown key 'default_profle'"),
        ("engines: {duckdb: {}}\n", "'engines' is not read here"),
        ("udfs: {directory: functions}\n", "functions in Python are looked for in python_udfs/, not in functions"),
        ("paths: {pipeline: x}\n", "unknown key 'pipeline' in 'paths'"),
    ] {
        let (_, said) = shown(yaml);
        assert!(said.contains(&format!("warning[E0702]: sqlflow.yml: {warning}")), "{yaml}: {said}");
    }
}

#[test]
fn dotenv_goes_before_the_environment() {
    let project = Project::new("").file(".env", "PATH=of the file\n");
    assert_eq!(project.duckpen(&["env", "get", "PATH"]).stdout, "of the file\n");
}

#[test]
fn a_line_of_the_configuration_that_may_hold_a_secret_is_not_shown() {
    let project = Project::new("").file("duckpen.toml", "[variables]\ndb_password = geheim\n");
    let said = project.duckpen(&["list"]);
    assert_eq!(said.exit, 2);
    assert!(said.stderr.contains("duckpen.toml:2:15") && !said.stderr.contains("geheim"), "{}", said.stderr);
}

#[test]
fn a_line_of_dotenv_that_cannot_be_read_is_told_without_what_stands_there() {
    let project = shop().file(".env", "A=1\nthis is geheim\n");
    assert_snapshot!(project.transcript(&["env"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: .env: line 2 is not NAME=VALUE
     |
    hint: a value in quotes ends with the same quote, and only a remark may follow it
    ");
}
