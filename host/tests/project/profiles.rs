//! Profiles: listed, shown with the origins of their values, checked.

use insta::assert_snapshot;

use crate::{json, shop};

#[test]
fn profiles_are_listed() {
    let project = shop().file("profiles/prod.yml", "engines: {duckdb: {mode: disk}}\n");
    assert_snapshot!(project.transcript(&["profiles", "list"]), @r"
    exit 0
    --- stdout
    profile   file                database            variables   connectors
    ─
    dev       profiles/dev.yml    target/dev.duckdb   4           users, warehouse   default
    prod      profiles/prod.yml   in memory           0                              has errors
    --- stderr
    ");
    let listed = json(&project.duckpen(&["profiles", "list", "--format", "json"]).stdout);
    assert_eq!(listed[0]["connectors"], serde_json::json!(["users", "warehouse"]));
    assert_eq!((&listed[0]["is_default"], &listed[1]["errors"]), (&true.into(), &1.into()));
}

#[test]
fn every_value_in_force_can_tell_where_it_comes_from() {
    let project = shop();
    let arguments = ["profiles", "show", "--origin", "--vars", "rate=2,db_password=x", "--database", "other.duckdb"];
    assert_snapshot!(project.transcript(&arguments), @r"
    exit 0
    --- stdout
    key                                      value                               origin
    ─
    project.name                             shop                                duckpen.toml:2
    project.default_profile                  dev                                 default
    paths.pipelines                          pipelines                           default
    paths.profiles                           profiles                            default
    paths.functions                          functions                           default
    paths.target                             target                              default
    paths.output                             out                                 duckpen.toml:5
    engines.duckdb.mode                      persistent                          --database
    engines.duckdb.path                      other.duckdb                        --database
    engines.duckdb.threads                   2                                   profiles/dev.yml:6
    variables.data_dir                       data                                duckpen.toml:8
    variables.output_dir                     out                                 duckpen.toml:5
    variables.region                         eu                                  environment SHOP_REGION (.env:2), by profiles/dev.yml:8
    variables.api_token                      ***                                 environment SHOP_TOKEN (.env:3), by profiles/dev.yml:10
    variables.mailbox                        smtp://robot:***@mail.example.org   profiles/dev.yml:11
    variables.db_password                    ***                                 --vars
    variables.rate                           2                                   --vars
    connectors.users.type                    CSV                                 profiles/dev.yml:14
    connectors.users.params.path             ${data_dir}/users.csv               profiles/dev.yml:15
    connectors.users.params.has_header       true                                profiles/dev.yml:15
    connectors.warehouse.type                POSTGRES                            profiles/dev.yml:17
    connectors.warehouse.params.host         ${PG_HOST|localhost}                profiles/dev.yml:18
    connectors.warehouse.params.user         etl                                 profiles/dev.yml:18
    connectors.warehouse.params.password     ${PG_PASSWORD}                      profiles/dev.yml:18
    connectors.warehouse.params.access_key   ***                                 profiles/dev.yml:18
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["profiles", "show", "dev", "--section", "engines"]), @r"
    exit 0
    --- stdout
    key                      value
    ─
    engines.duckdb.mode      persistent
    engines.duckdb.path      target/dev.duckdb
    engines.duckdb.threads   2
    --- stderr
    ");
    let shown = json(&project.duckpen(&["profiles", "show", "--format", "json"]).stdout);
    let value = |key: &str| shown["values"].as_array().unwrap().iter().find(|value| value["key"] == key).unwrap();
    assert_eq!(value("variables.rate")["origin"]["line"], 9);
    assert_eq!(value("variables.region")["origin"]["variables"], serde_json::json!(["SHOP_REGION (.env:2)"]));
    assert_eq!(value("paths.pipelines")["origin"]["kind"], "default");
    assert_snapshot!(project.transcript(&["profiles", "show", "dve"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0703]: there is no profile `dve`: profiles/dve.yml is missing
     |
     = profiles are dev
    hint: did you mean `dev`?
    ");
    assert_snapshot!(project.transcript(&["profiles", "show", "--section", "engine"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: a profile has no section `engine`
     |
     = sections are project, paths, engines, variables, connectors, log_level
    hint: did you mean `engines`?
    ");
}

#[test]
fn all_that_is_wrong_with_profiles_is_told_at_once_and_at_its_place() {
    let project = shop()
        .file("profiles/bad.yml", "engins: {}\nengines:\n  duckdb:\n    mode: disk\n    memory_limit: lots\nvariables:\n  list: [1]\nconnectors:\n  x: {params: {}}\n")
        .file("profiles/no_yaml.yml", "a: {b\n")
        .file("profiles/old.yml", "old:\n  engines:\n    duckdb: {database_path: target/old.duckdb}\n");
    assert_snapshot!(project.transcript(&["profiles", "validate"]), @r#"
    exit 2
    --- stdout
    rejected  bad  profiles/bad.yml  4 errors
    ok  dev  profiles/dev.yml
    rejected  no_yaml  profiles/no_yaml.yml  1 error
    ok  old  profiles/old.yml
    --- stderr
    warning[E0703]: unknown key 'engins'
     --> profiles/bad.yml:1:1
      |
    1 | engins: {}
      | ^^^^^^
      |
    hint: did you mean 'engines'?

    error[E0703]: Invalid profile structure in 'profiles/bad.yml': 'engines.duckdb.mode' must be memory or persistent, not 'disk'
     --> profiles/bad.yml:4:11
      |
    4 |     mode: disk
      |           ^^^^

    error[E0703]: Invalid profile structure in 'profiles/bad.yml': variable 'list': a variable holds a text, a number, true, false or null, not a list or an object
     --> profiles/bad.yml:7:9
      |
    7 |   list: [1]
      |         ^

    error[E0703]: Invalid profile structure in 'profiles/bad.yml': connector 'x' has no 'type'
     --> profiles/bad.yml:9:6
      |
    9 |   x: {params: {}}
      |      ^

    error[E0703]: 'engines.duckdb.memory_limit' is not a size
     --> profiles/bad.yml:5:19
      |
    5 |     memory_limit: lots
      |                   ^^^^
      |
    hint: write a size such as 2GB or 512MiB

    warning[E0703]: 'connectors.warehouse.params.password' refers to PG_PASSWORD, which is not set
      --> profiles/dev.yml:18:65
       |
    18 |     params: {host: "${PG_HOST|localhost}", user: etl, password: "${PG_PASSWORD}", access_key: *******}
       |                                                                 ^^^^^^^^^^^^^^^^
       |
    hint: set it in the environment or in .env, or give a default: ${PG_PASSWORD|...}

    error[E0703]: Invalid profile structure in 'profiles/no_yaml.yml': this is not YAML: unclosed bracket '{'
     --> profiles/no_yaml.yml:1:4
      |
    1 | a: {b
      |    ^

    warning[E0703]: the sections of a profile need not be under its name, 'old'
     --> profiles/old.yml:1:1
      |
    1 | old:
      | ^^^
      |
    hint: move them to the left

    warning[E0703]: 'database_path' is an old name
     --> profiles/old.yml:3:14
      |
    3 |     duckdb: {database_path: target/old.duckdb}
      |              ^^^^^^^^^^^^^
      |
    hint: call it 'path'
    "#);
    assert_eq!(project.duckpen(&["profiles", "validate", "old"]).exit, 0);
    let document = json(&project.duckpen(&["profiles", "validate", "--format", "json"]).stdout);
    assert_eq!((&document["status"], document["profiles"].as_array().unwrap().len()), (&"rejected".into(), 4));
}
