//! Components that read files get files and no network, and those that ask systems no files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use duckpen_component_connectors::{BUILT_IN, BUILT_IN_FILE_READERS, ComponentFileReader, ComponentKind};
use duckpen_connectors::{
    ConnectorKinds, FilePlace, FileReader, Format, Setting, SettingValue, SourceFiles, row_files,
};
use duckpen_sandbox::{Cache, Engine, EngineOptions, Limits};
use serde_json::json;

fn engine() -> Engine {
    let cache = Cache::open(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")).unwrap();
    Engine::new(EngineOptions { cache: Some(cache), ..EngineOptions::default() }).unwrap()
}

#[test]
fn a_component_is_given_files_or_a_network_and_never_both() {
    let (engine, limits) = (engine(), Limits::functions());
    for (name, component) in BUILT_IN {
        let refused = ComponentFileReader::load(&engine, name, component, &limits).err().unwrap().to_string();
        assert!(refused.contains("duckpen:connectors/http@0.1.0"), "{refused}");
    }
    for (name, component) in BUILT_IN_FILE_READERS {
        let refused = ComponentKind::load(&engine, name, component, &limits).err().unwrap().to_string();
        assert!(refused.contains("duckpen:connectors/files@0.1.0"), "{refused}");
        assert!(ComponentFileReader::load(&engine, name, component, &limits).is_ok());
    }
}

#[test]
fn settings_that_a_handler_gives_are_those_that_the_component_declares() {
    let (format, component) = BUILT_IN_FILE_READERS[0];
    let reader = ComponentFileReader::load(&engine(), format, component, &Limits::functions()).unwrap();
    let kinds = ConnectorKinds::default().with_readers(vec![Arc::new(reader)]);
    let files = SourceFiles { place: "a.xlsx".into(), paths: Vec::new() };
    for (name, value, expected) in [
        ("sheet", SettingValue::Text("x".into()), None),
        ("header", SettingValue::Flag(false), None),
        ("errors", SettingValue::Text("NULL".into()), None),
        ("colour", SettingValue::Text("red".into()), Some("a excel file has no setting `colour` for reading")),
        ("header", SettingValue::Integer(3), Some("Field 'header' must be a boolean")),
        ("errors", SettingValue::Text("ignore".into()), Some("Field 'errors' has an unknown value: ignore")),
    ] {
        let opened = row_files(Format::Excel, &[Setting { name: name.into(), value }], &files, &kinds);
        assert_eq!(opened.err().map(|error| error.to_string()).as_deref(), expected, "{name}");
    }
}

#[test]
fn parameters_are_the_hosts_own_and_those_that_the_component_declares() {
    let (format, component) = BUILT_IN_FILE_READERS[0];
    let reader = ComponentFileReader::load(&engine(), format, component, &Limits::functions()).unwrap();
    for (params, expected) in [
        (json!({"path": "a.xlsx"}), &[][..]),
        (json!({"path": "a.xlsx", "sheet": "x", "header": "false", "errors": "NULL"}), &[]),
        (json!({"path": "a.xlsx", "sync_mode": "incremental", "cursor_field": "at", "lookback_window": 3}), &[]),
        (json!({"sheet": "x"}), &["Required field 'path' is missing"]),
        (json!({"path": "a.xlsx", "colour": "red"}), &["Unknown parameters for EXCEL connector: colour"]),
        (
            json!({"path": "a.xlsx", "header": 3, "errors": "ignore"}),
            &["Field 'header' must be a boolean", "Field 'errors' has an unknown value: ignore"],
        ),
        (
            json!({"path": "a.xlsx", "sync_mode": "incremental"}),
            &["sync_mode 'incremental' requires cursor_field to be specified"],
        ),
    ] {
        let problems = reader.problems(FilePlace::Project, params.as_object().unwrap());
        let messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, expected, "{params}");
    }
    // Those of a store are judged by others.
    let in_store = json!({"key": "in/*.xlsx", "region": "eu", "header": 3, "file_format": "sheets"});
    let problems = reader.problems(FilePlace::Store, in_store.as_object().unwrap());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].message, "Field 'header' must be a boolean");
}
