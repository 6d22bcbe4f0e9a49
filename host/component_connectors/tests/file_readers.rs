//! Components that read files get files and no network, and those that ask systems no files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use duckpen_component_connectors::{BUILT_IN, BUILT_IN_FILE_READERS, ComponentFileReader, ComponentKind};
use duckpen_connectors::{FileReader, Setting, SettingValue, SourceFiles};
use duckpen_sandbox::{Cache, Engine, EngineOptions, Limits};

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
fn settings_are_those_that_the_component_declares() {
    let (format, component) = BUILT_IN_FILE_READERS[0];
    let reader = ComponentFileReader::load(&engine(), format, component, &Limits::functions()).unwrap();
    let files = SourceFiles { place: "a.xlsx".into(), paths: Vec::new() };
    for (name, value, expected) in [
        ("sheet", SettingValue::Text("x".into()), None),
        ("header", SettingValue::Flag(false), None),
        ("errors", SettingValue::Text("NULL".into()), None),
        ("colour", SettingValue::Text("red".into()), Some("a excel file has no setting `colour` for reading")),
        ("header", SettingValue::Integer(3), Some("the setting `header` has an unusable value: expected a boolean")),
        (
            "errors",
            SettingValue::Text("ignore".into()),
            Some("the setting `errors` has an unusable value: expected one of the words that its format knows"),
        ),
    ] {
        let opened = reader.open(&[Setting { name: name.into(), value }], &files);
        assert_eq!(opened.err().map(|error| error.to_string()).as_deref(), expected, "{name}");
    }
}
