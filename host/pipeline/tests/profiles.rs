//! Profiles: their sections, what is wrong with them, and that no secret gets out.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_pipeline::{EngineMode, Profile, StepKind, Value, Variables};
use serde_json::{Map, json};
use support::Project;

fn parse(yaml: &str) -> Result<Profile, String> {
    let environment = |name: &str| (name == "REGION").then(|| "eu".to_owned());
    Profile::parse(yaml, "profiles/dev.yml", &environment).map_err(|error| error.to_string())
}

const FULL: &str = r#"
version: "1.0"
engines:
  duckdb: { mode: persistent, path: target/x.duckdb, memory_limit: 2GB, threads: 4 }
variables:
  n: 41
  ratio: 1.5
  active: true
  code: "007"
  date: 2024-01-01
  region: "${REGION|us}-1"
  other: "${NOT_SET|fallback}"
  missing: "${NOT_SET}"
connectors:
  pg:
    type: POSTGRES
    params: { host: "${PG_HOST|localhost}", port: 5432, user: etl, password: "${PG_PASSWORD}", api_token: abc123,
              url: "postgresql://u:hidden@h/db" }
paths: { pipelines: flows }
log_level: INFO
"#;

#[test]
fn all_sections_are_read() {
    let profile = parse(FULL).unwrap();
    assert_eq!(profile.engine.mode, EngineMode::Persistent { path: "target/x.duckdb".to_owned() });
    assert_eq!((profile.engine.memory_limit.as_deref(), profile.engine.threads), (Some("2GB"), Some(4)));
    let expected = [
        ("n", Value::infer("41")),
        ("ratio", Value::infer("1.5")),
        ("active", Value::Boolean(true)),
        ("code", Value::Text("007".to_owned())),
        ("date", Value::Text("2024-01-01".to_owned())),
        ("region", Value::Text("eu-1".to_owned())),
        ("other", Value::Text("fallback".to_owned())),
    ];
    for (name, value) in expected {
        assert_eq!(profile.variables.get(name), Some(&value), "{name}");
    }
    assert!(!profile.variables.contains_key("missing"));
    assert_eq!(profile.unset["missing"], ["NOT_SET"]);
    assert_eq!(profile.log_level.as_deref(), Some("info"));
    assert_eq!(profile.paths["pipelines"], "flows");
}

#[test]
fn an_empty_profile_is_a_profile() {
    for yaml in ["", "# nothing\n", "engines:\n", "version: \"1.0\"\n"] {
        assert_eq!(parse(yaml), Ok(Profile::default()), "{yaml:?}");
    }
}

#[test]
fn options_lie_over_the_parameters_of_a_connector() {
    let profile = parse(FULL).unwrap();
    let connector = &profile.connectors["pg"];
    assert_eq!(connector.connector_type, "postgres");
    let options = json!({"table": "orders", "port": 6432}).as_object().unwrap().clone();
    let variables = Variables::new().with_environment([("PG_PASSWORD".to_owned(), "geheim".to_owned())]);
    let settings = connector.merged(&options, &variables).unwrap();
    let exposed = settings.expose();
    for (name, value) in
        [("host", json!("localhost")), ("port", json!(6432)), ("table", json!("orders")), ("password", json!("geheim"))]
    {
        assert_eq!(exposed[name], value, "{name}");
    }
    let missing = connector.merged(&Map::new(), &Variables::new()).unwrap_err();
    assert_eq!(missing.to_string(), "PG_PASSWORD is not defined");
}

#[test]
fn secrets_are_not_shown() {
    let profile = parse(FULL).unwrap();
    let variables = Variables::new().with_environment([
        ("PG_PASSWORD".to_owned(), "geheim".to_owned()),
        ("PG_HOST".to_owned(), "inner".to_owned()),
    ]);
    let settings = profile.connectors["pg"].merged(&Map::new(), &variables).unwrap();
    let shown = format!("{profile:?} {settings:?} {variables:?}");
    for secret in ["geheim", "abc123", "hidden", "inner"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let redacted = profile.connectors["pg"].redacted();
    assert_eq!(redacted["password"], "${PG_PASSWORD}");
    assert_eq!(redacted["api_token"], "***");
    assert_eq!(redacted["user"], "etl");
}

#[test]
fn a_wrong_profile_is_told_with_all_problems() {
    for (yaml, parts) in [
        (
            "engines: []",
            vec![
                "Invalid profile structure in 'profiles/dev.yml':",
                "1. 'engines' section must be a dictionary",
                "Profile format should be:",
            ],
        ),
        (
            "engines: {duckdb: {mode: persistent}}",
            vec![
                "DuckDB persistent mode requires 'path' field. Add 'path: \"path/to/database.duckdb\"' to engines.duckdb in profiles/dev.yml",
            ],
        ),
        (
            "engines: {duckdb: {mode: disk, threads: none}}",
            vec!["must be memory or persistent, not 'disk'", "2. 'engines.duckdb.threads' must be a number"],
        ),
        (
            "variables: {a: [1]}\nconnectors: {x: {params: {}}}",
            vec!["1. variable 'a':", "2. connector 'x' has no 'type'"],
        ),
        ("- a", vec!["the profile must be a dictionary"]),
        ("a: {b", vec!["Invalid profile 'profiles/dev.yml'"]),
    ] {
        let error = parse(yaml).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{part:?} in {error}");
        }
    }
}

#[test]
fn a_source_takes_its_connector_from_the_profile() {
    let project = Project::new("SOURCE s FROM \"my_csv\" OPTIONS {\"delimiter\": \",\"};\nLOAD u FROM s;")
        .profile("connectors: {my_csv: {type: CSV, params: {path: \"${dir|data}/u.csv\", token: geheim}}}");
    let plan = project.plan();
    let StepKind::Source(source) = &plan.steps[0].kind else { panic!("{plan:?}") };
    assert_eq!((source.connector_type.as_str(), source.from_profile.as_deref()), ("csv", Some("my_csv")));
    assert_eq!(serde_json::Value::Object(source.params.clone()), json!({"delimiter": ","}));
    assert!(!plan.to_json().to_string().contains("geheim"));
}

#[test]
fn a_connector_without_its_environment_is_told_where_it_is_used() {
    let yaml = "connectors: {pg: {type: postgres, params: {password: \"${PG_PASSWORD}\"}}}";
    let unused = Project::new("CREATE TABLE t AS SELECT 1 AS x;").profile(yaml);
    assert_eq!(unused.shown(), "");
    let used = Project::new("SOURCE s FROM pg OPTIONS {};\nLOAD u FROM s;").profile(yaml);
    assert!(used.shown().contains("the connector 'pg' cannot be used: PG_PASSWORD is not defined"), "{}", used.shown());
}

#[test]
fn a_variable_whose_environment_is_not_set_is_told_with_the_reason() {
    let project = Project::new("CREATE TABLE t AS SELECT ${day} AS x;").profile("variables: {day: \"${RUN_DAY}\"}");
    assert!(project.shown().contains("the profile takes it from RUN_DAY, which is not set"), "{}", project.shown());
}

#[test]
fn everything_wrong_or_odd_is_told_with_its_place() {
    let yaml = "engins: {}\nengines:\n  duckdb:\n    mode: disk\n    path: ${NOT_SET}\n    thread: 2\nvariables:\n  list: [1]\n";
    let environment = |_: &str| None;
    let problems = Profile::read(yaml, "profiles/dev.yml", &environment).problems;
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.is_error(), problem.message.as_str(), &yaml[problem.span.clone().unwrap()]))
        .collect();
    assert_eq!(
        told,
        [
            (false, "unknown key 'engins'", "engins"),
            (true, "'engines.duckdb.mode' must be memory or persistent, not 'disk'", "disk"),
            (true, "'engines.duckdb.path' refers to NOT_SET, which is not set", "${NOT_SET}"),
            (false, "unknown key 'thread' in 'engines.duckdb'", "thread"),
            (
                true,
                "variable 'list': a variable holds a text, a number, true, false or null, not a list or an object",
                "["
            ),
        ]
    );
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean 'engines'?"));
}

#[test]
fn every_value_has_its_line_and_its_references() {
    let profile = parse(FULL).unwrap();
    let value = |key: &str| profile.values.iter().find(|value| value.key == key).unwrap();
    for (key, line, shown) in [
        ("engines.duckdb.path", 4, json!("target/x.duckdb")),
        ("engines.duckdb.threads", 4, json!(4)),
        ("variables.ratio", 7, json!(1.5)),
        ("variables.region", 11, json!("eu-1")),
        ("variables.missing", 13, json!("${NOT_SET}")),
        ("connectors.pg.type", 16, json!("POSTGRES")),
        ("connectors.pg.params.password", 17, json!("${PG_PASSWORD}")),
        ("connectors.pg.params.api_token", 17, json!("***")),
        ("connectors.pg.params.url", 18, json!("postgresql://u:***@h/db")),
    ] {
        assert_eq!((value(key).line, &value(key).shown), (line, &shown), "{key}");
    }
    let references = |key: &str| {
        let references = value(key).references.iter();
        references
            .map(|found| (found.name.as_str(), found.is_set, found.has_default, found.is_secret))
            .collect::<Vec<_>>()
    };
    assert_eq!(references("variables.region"), [("REGION", true, true, false)]);
    assert_eq!(references("connectors.pg.params.host"), [("PG_HOST", false, true, false)]);
    assert_eq!(references("connectors.pg.params.password"), [("PG_PASSWORD", false, false, true)]);
}

#[test]
fn a_number_of_a_variable_stays_as_it_was_written() {
    let profile = parse("variables: {rate: 1.10, big: 12345678901234567890123, exponent: 1e3}").unwrap();
    for (name, written) in [("rate", "1.10"), ("big", "12345678901234567890123"), ("exponent", "1e3")] {
        assert_eq!(profile.variables[name], Value::infer(written), "{name}");
    }
}

#[test]
fn what_the_environment_gives_is_hidden_where_it_sounds_like_a_secret() {
    let environment = |_: &str| Some("geheim".to_owned());
    let yaml = "variables: {login: \"${DB_PASSWORD}\", db_password: \"${X}\", place: \"${X}\", password: literal}";
    let values = Profile::read(yaml, "profiles/dev.yml", &environment).profile.values;
    let shown: Vec<_> = values.iter().map(|value| value.shown.clone()).collect();
    assert_eq!(shown, [json!("***"), json!("***"), json!("geheim"), json!("***")]);
}

#[test]
fn a_text_is_shown_without_its_secrets() {
    let environment = |_: &str| None;
    let masked = |yaml: &str| Profile::read(yaml, "profiles/dev.yml", &environment).masked;
    for (yaml, shown) in [
        ("variables: {password: geheim, day: 1}", "variables: {password: ******, day: 1}"),
        ("variables: {password: \"${X}\"}", "variables: {password: \"${X}\"}"),
        (
            "connectors:\n  c: {type: x, params: {auth: {token: [abc]}}}",
            "connectors:\n  c: {type: x, params: {auth: {token: [***]}}}",
        ),
        ("variables: {url: s://u:p@h}", "variables: {url: *********}"),
        ("a: {b\npassword: geheim\n", "a: {b\n****************\n"),
    ] {
        assert_eq!(masked(yaml), shown, "{yaml}");
    }
}
