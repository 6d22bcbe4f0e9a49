//! Commands about a project as a whole: what begins one, its configuration, profiles, environment, functions, connectors.
#![allow(clippy::unwrap_used, missing_docs)]

mod changed_code;
mod configuration;
mod connectors;
mod environment;
mod functions;
mod odd_folders;
mod plan_secrets;
mod profiles;
mod python_text;
mod scaffold;
#[path = "../support/mod.rs"]
mod support;
mod target;

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use support::Project;

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
