//! Commands about a project as a whole: what begins one, its configuration, profiles, environment, functions, connectors.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use support::{Project, guest_bytes};

const DEV: &str = "\
version: \"1.0\"
engines:
  duckdb:
    mode: persistent
    path: \"${SHOP_DB|target/dev.duckdb}\"
    threads: 2
variables:
  region: ${SHOP_REGION}
  rate: 1.10
  api_token: ${SHOP_TOKEN}
  mailbox: smtp://robot:hunter2@mail.example.org
connectors:
  users:
    type: CSV
    params: {path: \"${data_dir}/users.csv\", has_header: true}
  warehouse:
    type: POSTGRES
    params: {host: \"${PG_HOST|localhost}\", user: etl, password: \"${PG_PASSWORD}\", access_key: AKIA123}
";

const TOML: &str = "\
[project]
name = \"shop\"

[paths]
output = \"out\"

[variables]
data_dir = \"data\"
region = \"nowhere\"

[limits]
fuel = \"200M\"

[components.text]
limits = { memory = \"16MiB\" }
";

/// A project with a bit of everything.
fn shop() -> Project {
    Project::new("CREATE TABLE t AS SELECT ${region} AS region, ${SHOP_DAY} AS day, ${note|'none'} AS note;\n")
        .file("duckpen.toml", TOML)
        .file("profiles/dev.yml", DEV)
        .file(".env", "# Secrets.\nSHOP_REGION=eu\nexport SHOP_TOKEN='geheim'\n")
        .file("data/users.csv", "id,name\n1,Ada\n")
}

fn json(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

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

#[test]
fn validate_tells_of_all_files_of_the_project() {
    let project = shop()
        .file("pipelines/a.sf", "LOAD t FROM nowhere;\nCREAT TABLE x AS SELECT 1;\n")
        .file("pipelines/b.sf", "CREATE TABLE t AS SELECT ${undefined} AS x;\n")
        .file(
            "profiles/dev.yml",
            "engines:\n  duckdb: {mode: disk, memory_limit: lots}\nvariables: {region: eu, SHOP_DAY: today}\n",
        )
        .file("profiles/prod.yml", "connectors: {x: {}}\n");
    assert_snapshot!(project.transcript(&["validate"]), @r"
    exit 2
    --- stdout
    rejected  profiles/dev.yml  2 errors
    rejected  profiles/prod.yml  1 error
    rejected  a  1 error
    rejected  b  1 error
    ok  p  1 step
    --- stderr
    error[E0703]: Invalid profile structure in 'profiles/dev.yml': 'engines.duckdb.mode' must be memory or persistent, not 'disk'
     --> profiles/dev.yml:2:18
      |
    2 |   duckdb: {mode: disk, memory_limit: lots}
      |                  ^^^^

    error[E0703]: 'engines.duckdb.memory_limit' is not a size
     --> profiles/dev.yml:2:38
      |
    2 |   duckdb: {mode: disk, memory_limit: lots}
      |                                      ^^^^
      |
    hint: write a size such as 2GB or 512MiB

    error[E0703]: Invalid profile structure in 'profiles/prod.yml': connector 'x' has no 'type'
     --> profiles/prod.yml:1:17
      |
    1 | connectors: {x: {}}
      |                 ^

    error[E0102]: unknown statement 'CREAT'
     --> pipelines/a.sf:2:1
      |
    2 | CREAT TABLE x AS SELECT 1;
      | ^^^^^
      |
    hint: did you mean CREATE?

    error[E0201]: Pipeline references undefined variables: ${undefined} is used but not defined
     --> pipelines/b.sf:1:26
      |
    1 | CREATE TABLE t AS SELECT ${undefined} AS x;
      |                          ^^^^^^^^^^^^ used in SQL query
      |
    hint: define it with SET, in the profile or with --vars, or give a default: ${undefined|...}
    ");
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
        .file("duckpen.toml", "[paths]\npipelines = \"flows\"\n");
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

#[test]
fn no_command_shows_a_secret() {
    let project = shop();
    for arguments in [
        &["profiles", "show", "--origin"][..],
        &["profiles", "show", "--format", "json"],
        &["profiles", "validate"],
        &["profiles", "list", "--format", "json"],
        &["env", "list", "--show-values"],
        &["env", "list", "--show-values", "--format", "json"],
        &["env", "get", "SHOP_TOKEN"],
        &["connect", "list"],
        &["connect", "list", "--format", "json"],
        &["connect", "test"],
        &["validate"],
        &["run", "p", "-vv", "--vars", "SHOP_DAY=1"],
        &["compile", "p", "--vars", "SHOP_DAY=1", "--format", "json"],
    ] {
        let said = project.duckpen(arguments);
        for secret in ["geheim", "hunter2", "AKIA123"] {
            assert!(!said.stdout.contains(secret) && !said.stderr.contains(secret), "{secret} by {arguments:?}");
        }
    }
}

#[test]
fn a_function_is_told_with_its_limits_and_who_set_them() {
    let project = shop()
        .component("web_orders_text.wasm")
        .file("pipelines/p.sf", "CREATE TABLE t AS SELECT slugify('A b') AS s;\n");
    assert_snapshot!(project.transcript(&["functions", "info", "slugify", "--limits", "time=2s"]), @r"
    exit 0
    --- stdout
    scalar  slugify(text VARCHAR) -> VARCHAR
      Lower-case words joined by hyphens: `Hello, World!` becomes `hello-world`.
    component:
      text  sha256:[HEX]
    limits:
      fuel = 200M  (duckpen.toml:12)
      memory = 16MiB  (duckpen.toml:15)
      time = 2s  (--limits)
      table_elements = 20k  (default)
      instances = 64  (default)
      result_bytes = 128MiB  (default)
      result_rows = 2048  (default)
      log_bytes = 64KiB  (default)
      host_calls = 10k  (default)
      handles = 10k  (default)
      state_bytes = 512MiB  (default)
    last run:
      there was none
    --- stderr
    ");
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let told = json(&project.duckpen(&["udf", "info", "text.slugify", "--format", "json"]).stdout);
    assert_eq!(told[0]["limits"]["fuel"]["value"], "200M");
    assert_eq!(told[0]["limits"]["fuel"]["origin"]["line"], 12);
    assert_eq!((&told[0]["last_run"]["pipeline"], &told[0]["last_run"]["cost"]["rows"]), (&"p".into(), &1.into()));
    assert_snapshot!(project.transcript(&["functions", "info", "slugfy"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: the project has no function `slugfy`
     |
    hint: did you mean `slugify`?
    ");
}

#[test]
fn components_are_checked_one_by_one() {
    let project = shop()
        .component("web_orders_text.wasm")
        .file("functions/again.wasm", guest_bytes("web_orders_text.wasm"))
        .file("functions/broken.wasm", "no component");
    assert_snapshot!(project.transcript(&["functions", "validate"]), @r"
    exit 2
    --- stdout
    ok  again  6 functions
    rejected  broken  functions/broken.wasm
    rejected  text  functions/text.wasm
    --- stderr
    error[E0801]: `broken` is not a WebAssembly component: the file does not begin like one
     |
     = in functions/broken.wasm
    hint: build it for wasm32-unknown-unknown with the guest SDK, or as a component

    error[E0801]: component `text`: cannot register the function `affine`: a function of this name exists already
     |
    hint: where a function of DuckDB or of another component has the name, `prefix` or `rename` in [components.text] of duckpen.toml gives it another
    ");
    let document = json(&project.duckpen(&["udf", "validate", "--format", "json"]).stdout);
    assert_eq!((&document["status"], document["components"].as_array().unwrap().len()), (&"rejected".into(), 3));
}

#[test]
fn the_configuration_gives_functions_other_names() {
    let project = Project::new("")
        .component("web_orders_text.wasm")
        .file("functions/again.wasm", guest_bytes("web_orders_text.wasm"))
        .file("duckpen.toml", "[components.again]\nprefix = \"again_\"\nrename = { affine = \"line\" }\n");
    assert_snapshot!(project.transcript(&["functions", "validate"]), @r"
    exit 0
    --- stdout
    ok  again  6 functions
    ok  text  6 functions
    --- stderr
    ");
    let query = "SELECT again_slugify('A b') || slugify('C d') || line(1, 2) || affine(3, 4) AS said";
    let said = project.duckpen(&["sql", query, "--format", "json"]);
    assert_eq!((said.exit, &json(&said.stdout)[0]["said"]), (0, &"a-bc-d513".into()), "{}", said.stderr);
    let project = project.file(
        "duckpen.toml",
        "[components.again]\nprefix = \"2nd-\"\nrenam = {}\nrename = { affine = \"a line\", slugify = [] }\n",
    );
    assert_snapshot!(project.transcript(&["functions", "list"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: unknown key 'renam' in [components.again]
     --> duckpen.toml:3:1
      |
    3 | renam = {}
      | ^^^^^
      |
    hint: did you mean 'rename'?

    error[E0702]: duckpen.toml: components.again.prefix: no name of a function can begin with `2nd-`: letters, digits and `_` only
     --> duckpen.toml:2:10
      |
    2 | prefix = "2nd-"
      |          ^^^^^^

    error[E0702]: duckpen.toml: components.again.rename.affine: `a line` is no name for a function: letters, digits and `_` only
     --> duckpen.toml:4:21
      |
    4 | rename = { affine = "a line", slugify = [] }
      |                     ^^^^^^^^

    error[E0702]: duckpen.toml: 'components.again.rename.slugify' must be a text
     --> duckpen.toml:4:41
      |
    4 | rename = { affine = "a line", slugify = [] }
      |                                         ^^
    "#);
    let project = project.file("duckpen.toml", "[components.again.rename]\naffin = \"line\"\n");
    assert_snapshot!(project.transcript(&["functions", "list"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: component `again` has no function `affin` that could be renamed
     |
     = in functions/again.wasm
    hint: `duckpen inspect functions/again.wasm` lists its functions
    "#);
}

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
    let staging = project.path().join("target/staging");
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
    hint: types are csv, parquet, json, postgres, sqlite, duckdb

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

#[test]
fn completions_are_there_for_every_shell() {
    let project = Project::new("");
    for (shell, part) in [
        ("bash", "complete -F _duckpen"),
        ("zsh", "#compdef duckpen"),
        ("fish", "complete -c duckpen"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let said = project.duckpen(&["completions", shell]);
        assert_eq!(said.exit, 0);
        for part in [part, "validate", "keep-going"] {
            assert!(said.stdout.contains(part), "{shell}: no {part}");
        }
        let document = json(&project.duckpen(&["completions", shell, "--format", "json"]).stdout);
        assert_eq!(document["shell"], shell);
    }
    assert_eq!(project.duckpen(&["completions", "cmd"]).exit, 2);
}

#[test]
fn the_spellings_of_sqlflow_are_understood() {
    let project = shop().component("web_orders_text.wasm");
    let day = "--vars={\"SHOP_DAY\": \"x\"}";
    for arguments in [
        &["pipeline", "list"][..],
        &["pipeline", "ls", "-p", "dev"],
        &["pipeline", "list", "--format", "table"],
        &["pipeline", "compile", "p", day, "--output-dir", "target/compiled"],
        &["pipeline", "compile", "p", "--variables", "SHOP_DAY=x"],
        &["pipeline", "run", "p", "--vars", "SHOP_DAY=x", "--summary"],
        &["pipeline", "validate", "p", "-v", "--vars", "SHOP_DAY=x"],
        &["pipeline", "validate", "-q", "--vars", "SHOP_DAY=x"],
        &["profiles", "list", "--project-dir", "."],
        &["profiles", "show", "dev", "--section", "variables", "--project-dir", "."],
        &["profiles", "validate", "dev", "-v"],
        &["udf", "list", "--plain"],
        &["udf", "list", "-p", "dev", "--format", "table"],
        &["udf", "info", "text.slugify", "--plain"],
        &["udf", "validate", "-p", "dev"],
        &["env", "list", "--prefix", "SHOP", "--plain", "--show-values"],
        &["env", "get", "SHOP_REGION", "--default", "us"],
        &["env", "check", "SHOP_REGION", "SHOP_TOKEN"],
        &["env", "template"],
        &["connect", "list", "-p", "dev", "--format", "table", "-v"],
        &["connect", "test", "users", "-p", "dev"],
        &["init", "new_project", "--directory", "somewhere", "--minimal"],
        &["version"],
        &["--version"],
    ] {
        let said = project.duckpen(arguments);
        assert_eq!(said.exit, 0, "{arguments:?}: {}", said.stderr);
    }
    let compiled = fs::read(project.path().join("target/compiled/p.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&compiled).unwrap()["pipeline_name"], "p");
    assert!(project.path().join("somewhere/new_project/duckpen.toml").is_file());
    let summary = project.duckpen(&["pipeline", "run", "p", day, "--summary"]);
    assert!(summary.stderr.contains("--summary changes nothing"), "{}", summary.stderr);
    assert_snapshot!(project.transcript(&["pipeline", "run", "p", "--from-compiled"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: a pipeline is compiled in each run
     |
    hint: leave --from-compiled out, or run the file of the plan: duckpen run NAME.json
    ");
}
