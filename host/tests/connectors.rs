//! What `duckpen new connector` writes: it is the connector of the examples `rest_sync` and `file_formats`, which are built and
//! tested with the others.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;

use support::Project;

#[test]
fn what_new_connector_writes_is_the_connector_of_an_example() {
    for (name, options, example, configured) in [
        ("ducks", &[][..], "rest_sync", "[connectors.ducks]\ncomponent = \"connectors/ducks.wasm\"\n"),
        (
            "logs",
            &["--files"],
            "file_formats",
            "[connectors.logs]\ncomponent = \"connectors/logs.wasm\"\nreads_files = true\n",
        ),
    ] {
        let project = Project::new("");
        let said = project.duckpen(&[&["new", "connector", name], options].concat());
        assert_eq!(said.exit, 0, "{}", said.stderr);
        let files = ["connector.toml", "Cargo.toml", "README.md", "src/lib.rs"];
        let written: Vec<_> = said.stdout.lines().collect();
        assert_eq!(written.len(), files.len(), "{}", said.stdout);
        let is_written = |file: &&str| written.contains(&&*format!("connectors/{name}/{file}"));
        assert!(files.iter().all(is_written), "{}", said.stdout);
        let folder = project.path().join("connectors").join(name);
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(example);
        for file in files.iter().filter(|file| **file != "Cargo.toml") {
            let expected = fs::read_to_string(example.join("connectors").join(name).join(file)).unwrap();
            assert_eq!(fs::read_to_string(folder.join(file)).unwrap(), expected, "{file}");
        }
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let named = format!("name = \"{name}\"");
        assert!(manifest.contains(&named) && manifest.contains("features = [\"connectors\"]"), "{manifest}");
        let sdk = project.path().join("target/sdk/rust");
        assert!(sdk.join("guest-sdk/src/connectors/mod.rs").is_file());
        assert!(sdk.join("wit/connectors/connectors.wit").is_file());
        assert!(said.stderr.contains(configured), "{}", said.stderr);
    }
}

#[test]
fn new_connector_writes_over_nothing_and_nowhere_else() {
    let project = Project::new("").file("connectors/mine/src/lib.rs", "mine");
    for (name, words) in [
        ("mine", "exists already"),
        ("../mine", "is no name for a connector"),
        ("With-Hyphen", "is no name for a connector"),
    ] {
        let said = project.duckpen(&["new", "connector", name]);
        assert!(said.exit == 2 && said.stderr.contains(words), "{name}: {}", said.stderr);
    }
    assert_eq!(fs::read_to_string(project.path().join("connectors/mine/src/lib.rs")).unwrap(), "mine");
}

#[test]
fn a_connector_that_cannot_be_built_says_why() {
    let manifest = |text: &str| Project::new("").file("connectors/ducks/connector.toml", text);
    let said = manifest("language = \"python\"\n").duckpen(&["build"]);
    assert!(said.exit == 2 && said.stderr.contains("connectors are written in rust, not in python"), "{}", said.stderr);
    let said = manifest("language = \"rust\"\n").duckpen(&["build", "duck"]);
    assert!(said.stderr.contains("there is no function or connector `duck` to build"), "{}", said.stderr);
    assert!(said.stderr.contains("there is `ducks`"), "{}", said.stderr);
    let said = manifest("language = \"rust\"\n").duckpen(&["test", "ducks"]);
    assert!(said.exit == 2 && said.stderr.contains("`ducks` is a connector, not a function"), "{}", said.stderr);
}
