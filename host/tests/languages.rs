//! Functions in other languages: the example project, and what `duckpen new` writes, through the real command.
//!
//! A language whose compiler is not there is left out, by name. `cargo xtask test` installs them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;

/// A language, and what has to be there for it: files of the folder in which `cargo xtask` installs compilers, or programs on
/// the search path.
struct Language {
    name: &'static str,
    installed: &'static str,
    program: Option<&'static str>,
}

const LANGUAGES: [Language; 5] = [
    Language { name: "c", installed: "venv/bin/python-zig", program: Some("zig") },
    Language { name: "zig", installed: "venv/bin/python-zig", program: Some("zig") },
    Language { name: "python", installed: "venv/bin/componentize-py", program: Some("componentize-py") },
    Language { name: "javascript", installed: "npm/node_modules/@bytecodealliance/componentize-js", program: None },
    Language { name: "typescript", installed: "npm/node_modules/typescript", program: None },
];

/// One after the other: each build takes all there is of the machine.
#[test]
fn the_functions_of_each_language_are_built_and_hold() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/languages");
    let mut tried = vec!["rust"];
    let said = duckpen(&project, &["test", "names_rust"]);
    assert_said(&said, 0, "ok  names_rust  13 rows\n", "rust");
    for language in LANGUAGES.iter().filter(|language| is_there(language)) {
        let name = format!("names_{}", language.name);
        assert_eq!(duckpen(&project, &["build", &name]).status.code(), Some(0), "{name}");
        let fresh = duckpen(&project, &["build", &name]);
        assert_said(&fresh, 0, &format!("fresh  {name}  {}\n", language.name), language.name);
        let tested = duckpen(&project, &["test", &name]);
        assert_said(&tested, 0, &format!("ok  {name}  13 rows\n"), language.name);
        tried.push(language.name);
    }
    let values: Vec<String> = tried.iter().map(|name| format!("geometric_mean_{name}(1 + i % 7) AS {name}")).collect();
    let equal = tried.iter().map(|name| format!("abs({name} - {}) < 1e-9", tried[0])).collect::<Vec<_>>().join(" AND ");
    // Of many rows in many groups, on several threads, so that states are made, carried and merged.
    let query = format!(
        "SELECT bool_and({equal}) AS equal FROM \
         (SELECT i % 5 AS g, {} FROM range(10000) AS numbers(i) GROUP BY g)",
        values.join(", ")
    );
    let said = duckpen(&project, &["sql", &query, "--format", "json"]);
    assert_said(&said, 0, "[\n  {\n    \"equal\": true\n  }\n]\n", &tried.join(", "));
}

/// Each type in and out, overloads, and results that do not fit their types.
#[test]
fn values_of_every_type_hold_in_languages_that_bring_their_own() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/languages");
    let own = |language: &&Language| ["python", "javascript"].contains(&language.name);
    for language in LANGUAGES.iter().filter(own).filter(|language| is_there(language)) {
        let name = format!("types_{}", language.name);
        assert_eq!(duckpen(&project, &["build", &name]).status.code(), Some(0), "{name}");
        assert_said(&duckpen(&project, &["test", &name]), 0, &format!("ok  {name}  121 rows\n"), language.name);
        // Also over many rows with NULLs among them, and as constants.
        let query = format!(
            "SELECT count(*) FILTER (same_{0}(list) IS NOT DISTINCT FROM list AND same_{0}(entry) IS NOT DISTINCT FROM \
             entry AND same_{0}('x') = 'x' AND same_{0}(number) IS NOT DISTINCT FROM number) AS same FROM (SELECT \
             CASE WHEN i % 3 > 0 THEN [i::INTEGER, NULL] END AS list, CASE WHEN i % 5 > 0 THEN MAP {{'k' || i: \
             i::DECIMAL(9,2)}} END AS entry, CASE WHEN i % 7 > 0 THEN i * 1000000000000::HUGEINT END AS number FROM \
             range(10000) AS numbers(i))",
            language.name
        );
        // An interpreter in an interpreter: a batch of maps takes more than the usual fuel.
        let limits = ["--limits", "fuel=20G", "--limits", "time=10m"];
        let said = duckpen(&project, &[&["sql", &query, "--format", "json"][..], &limits[..]].concat());
        assert_said(&said, 0, "[\n  {\n    \"same\": 10000\n  }\n]\n", language.name);
    }
}

#[test]
fn what_new_writes_is_built_and_holds() {
    for language in LANGUAGES.iter().filter(|language| ["c", "zig"].contains(&language.name) && is_there(language)) {
        let project = tempfile::tempdir().unwrap();
        let name = format!("greet_{}", language.name);
        let new = ["new", "function", "--lang", language.name, &name];
        assert_eq!(duckpen(project.path(), &new).status.code(), Some(0), "{name}");
        assert_eq!(duckpen(project.path(), &["build"]).status.code(), Some(0), "{name}");
        assert_said(&duckpen(project.path(), &["test"]), 0, &format!("ok  {name}  3 rows\n"), language.name);
        let query = format!("SELECT {name}('Ada') AS greeting");
        let said = duckpen(project.path(), &["sql", &query, "--format", "json"]);
        assert_said(&said, 0, "[\n  {\n    \"greeting\": \"Hello, Ada!\"\n  }\n]\n", language.name);
        let rows = "Hello, World!";
        let table = project.path().join("functions").join(&name).join("tests.txt");
        fs::write(&table, fs::read_to_string(&table).unwrap().replace(rows, "Goodbye")).unwrap();
        let failed = duckpen(project.path(), &["test"]);
        assert_said(&failed, 1, &format!("failed  {name}  1 of 3 rows\n"), language.name);
        let printed = String::from_utf8_lossy(&failed.stderr).into_owned();
        for part in ["error[E0906]", "'World' -> 'Goodbye'", "expected Goodbye", "got Hello, World!"] {
            assert!(printed.contains(part), "no {part:?} in:\n{printed}");
        }
    }
}

/// A compiler that refuses the source is its author's matter, and nothing is left in place.
#[test]
fn a_source_that_does_not_compile_fails_with_the_words_of_the_compiler() {
    let typescript = "import { scalar } from \"./duckpen.js\";\n\
                      scalar({ name: \"f\", parameters: {}, returns: \"BOOLEAN\" }, () => \"yes\");\n";
    for (language, source, words) in [
        ("c", "int x = ;\n", "function.c:1:9: error: expected expression"),
        ("typescript", typescript, "function.ts(2,65): error TS2322: Type 'string' is not assignable"),
    ] {
        let Some(language) = LANGUAGES.iter().find(|known| known.name == language && is_there(known)) else { continue };
        let project = tempfile::tempdir().unwrap();
        duckpen(project.path(), &["new", "function", "--lang", language.name, "broken"]);
        let (extension, _) = words["function.".len()..].split_once([':', '(']).unwrap();
        fs::write(project.path().join("functions/broken/function").with_extension(extension), source).unwrap();
        let said = duckpen(project.path(), &["build"]);
        assert_said(&said, 1, &format!("failed  broken  {}\n", language.name), language.name);
        assert!(String::from_utf8_lossy(&said.stderr).contains(words), "{said:?}");
        assert!(!project.path().join("functions/broken.wasm").exists());
    }
}

#[test]
fn a_compiler_that_is_not_there_is_named_with_the_command_that_installs_it() {
    for (language, tool, install) in [
        ("rust", "cargo", "rustup target add wasm32-unknown-unknown"),
        ("c", "zig or clang", "pip install ziglang"),
        ("zig", "zig", "pip install ziglang"),
        ("python", "componentize-py", "pip install 'componentize-py==0.25.*'"),
        ("javascript", "node", "npm install @bytecodealliance/componentize-js@0.23"),
        ("typescript", "node", "npm install typescript@5.9 @bytecodealliance/componentize-js@0.23"),
    ] {
        let project = tempfile::tempdir().unwrap();
        duckpen(project.path(), &["new", "function", "--lang", language, "greet"]);
        let said = command(project.path(), &["build"]).env("PATH", project.path()).output().unwrap();
        assert_said(&said, 2, &format!("failed  greet  {language}\n"), language);
        let printed = String::from_utf8_lossy(&said.stderr).into_owned();
        for part in ["error[E0705]", &format!("is built with {tool}, which is not there"), install] {
            assert!(printed.contains(part), "no {part:?} in:\n{printed}");
        }
    }
}

#[test]
fn new_writes_over_nothing_and_nowhere_else() {
    let project = tempfile::tempdir().unwrap();
    let new = |name: &str| duckpen(project.path(), &["new", "function", "--lang", "c", name]);
    assert_eq!(new("greet").status.code(), Some(0));
    let source = project.path().join("functions/greet/function.c");
    fs::write(&source, "mine").unwrap();
    for (name, words) in
        [("greet", "exists already"), ("../greet", "is no name for a function"), ("Greet", "is no name")]
    {
        let said = new(name);
        assert_said(&said, 2, "", name);
        assert!(String::from_utf8_lossy(&said.stderr).contains(words), "{said:?}");
    }
    assert_eq!(fs::read_to_string(&source).unwrap(), "mine");
    let written = fs::read_dir(project.path().join("functions")).unwrap().count();
    assert_eq!((written, project.path().join("greet").exists()), (1, false));
}

fn assert_said(output: &Output, exit: i32, stdout: &str, what: &str) {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), printed.as_str()), (Some(exit), stdout), "{what}:\n{errors}");
}

fn duckpen(project: &Path, arguments: &[&str]) -> Output {
    command(project, arguments).output().unwrap()
}

fn command(project: &Path, arguments: &[&str]) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [installed().join("venv/bin")].into_iter().chain(env::split_paths(&path));
    let mut command = Command::new(cargo_bin!("duckpen"));
    command
        .args(arguments)
        .arg("--project")
        .arg(project)
        .env("PATH", env::join_paths(folders).unwrap())
        .env("NODE_PATH", installed().join("npm/node_modules"))
        .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env("NO_COLOR", "1");
    command
}

/// Where `cargo xtask test` installs compilers: beside the guests, in the target folder.
fn installed() -> PathBuf {
    Path::new(env!("DUCKPEN_GUESTS")).with_file_name("languages")
}

/// Whether a language can be tried; says so by name where it cannot, on the output of the tests that is never captured.
fn is_there(language: &Language) -> bool {
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    let on_path = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let is_there = installed().join(language.installed).exists() || language.program.is_some_and(on_path);
    if !is_there {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "left out: functions in {}: no compiler for it", language.name);
    }
    is_there
}
