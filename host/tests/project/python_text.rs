//! Calls of Python functions, looked at by the commands that run nothing: without the compiler of components, from the text
//! of the modules alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// It would be seen if this were run: a file would be there.
const FUNCTIONS: &str = r#"
open("was_run", "w").close()

from sqlflow.udfs import python_scalar_udf, python_table_udf


@python_scalar_udf
def capitalize(text: str) -> str:
    return text.capitalize()


@python_scalar_udf
def tax(price: float, rate: float = 0.1, *, fixed: float = 0.0) -> float:
    return price * (1 + rate) + fixed


@python_table_udf(output_schema={"id": "INTEGER"})
def doubled(df, factor: float = 2.0):
    return df
"#;

struct Project {
    folder: TempDir,
}

impl Project {
    fn new(functions: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.write("python_udfs/m.py", functions);
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// No compiler is on the path, and nothing is in the cache.
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(cargo_bin!("duckpen"))
            .args(arguments)
            .current_dir(self.path())
            .env("PATH", self.path())
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn what_cannot_be_called_is_found_by_the_text_of_its_module() {
    let project = Project::new(FUNCTIONS);
    for (query, words) in [
        (
            r#"SELECT PYTHON_FUNC("m.capitalise", 'a') AS x"#,
            &["no Python function `m.capitalise` in the module", "did you mean `python_udfs.m.capitalize`?"][..],
        ),
        (r#"SELECT PYTHON_FUNC("n.f", 'a') AS x"#, &["no Python function `n.f`"]),
        (r#"SELECT PYTHON_FUNC("m.tax") AS x"#, &["is given 0 arguments, and takes 1 to 3: price, rate, fixed"]),
        (r#"SELECT PYTHON_FUNC("m.capitalize", 'a', 'b') AS x"#, &["is given 2 arguments, and takes 1: text"]),
        (r#"SELECT PYTHON_FUNC("m.tax", 1, cost := 2) AS x"#, &["no parameter `cost`; it has price, rate, fixed"]),
        (r#"SELECT * FROM PYTHON_FUNC("m.tax", u)"#, &["it cannot stand in FROM"]),
        (r#"SELECT PYTHON_FUNC("m.doubled", u) AS x FROM u"#, &["takes a table: it stands in FROM"]),
        (r#"SELECT * FROM PYTHON_FUNC("m.doubled", u, 1, 2)"#, &["2 arguments beside the table, where it has 1"]),
        (r#"SELECT * FROM PYTHON_FUNC("m.doubled", 42)"#, &["takes a table, and `42` is none"]),
    ] {
        project.write("pipelines/p.sf", &format!("CREATE TABLE u AS SELECT 1 AS id;\nCREATE TABLE t AS {query};\n"));
        for command in [&["validate", "p"][..], &["compile", "p"], &["run", "p", "--dry-run"]] {
            let ran = project.run(command);
            assert_eq!(ran.status.code(), Some(2), "{command:?} {query}\n{}", said(&ran));
            for part in words.iter().chain(&["error[E0414]", "pipelines/p.sf:2:"]) {
                assert!(said(&ran).contains(part), "no {part:?} for {command:?} {query} in:\n{}", said(&ran));
            }
        }
    }
    assert!(!project.path().join("was_run").exists());
}

#[test]
fn all_calls_of_all_pipelines_are_in_one_report() {
    let project = Project::new(FUNCTIONS);
    project.write(
        "pipelines/a.sf",
        "CREATE TABLE t AS SELECT PYTHON_FUNC(\"m.capitalise\", PYTHON_FUNC(\"m.tacks\", 1)) AS x,\n  \
         PYTHON_FUNC(\"m.capitalize\") AS y;\n",
    );
    project.write("pipelines/b.sf", "CREATE TABLE t AS SELECT PYTHON_FUNC(\"m.capitalize\", 'a') AS x;\n");
    let ran = project.run(&["validate", "--format", "json"]);
    assert_eq!(ran.status.code(), Some(2), "{}", said(&ran));
    let document: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let of = |index: usize| document["pipelines"][index]["diagnostics"].as_array().unwrap().len();
    assert_eq!((of(0), of(1)), (3, 0), "{document:#}");
    // What is not built is told once, and never as an error.
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(told.matches("python_udfs/ is not built yet").count(), 1, "{told}");
    assert!(told.contains("is not there: install it with `pip install 'componentize-py==0.25.*'`"), "{told}");
}

#[test]
fn calls_that_can_be_made_are_compiled_to_the_functions_they_mean() {
    let project = Project::new(FUNCTIONS);
    project.write(
        "pipelines/p.sf",
        "CREATE TABLE t AS SELECT PYTHON_FUNC(\"m.tax\", 1, fixed := 2) AS x;\n\
         CREATE TABLE d AS SELECT * FROM PYTHON_FUNC(\"doubled\", t, factor := 3);\n",
    );
    let ran = project.run(&["compile", "p", "--format", "json"]);
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(text.contains("\"python_udfs.m.tax\"") && text.contains("\"python_udfs.m.doubled\""), "{text}");
    assert_eq!(project.run(&["validate"]).status.code(), Some(0));
    assert!(!project.path().join("was_run").exists());
}

/// What only an import would make is not called wrong.
#[test]
fn a_function_that_only_an_import_may_make_is_a_warning() {
    let project = Project::new("f = python_scalar_udf(make(\"f\"))\n");
    project.write("pipelines/p.sf", "CREATE TABLE t AS SELECT PYTHON_FUNC(\"m.f\", 1) AS x;\n");
    let ran = project.run(&["validate", "p"]);
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    for part in ["warning[E0414]", "no Python function `m.f`", "as far as the text of its modules tells"] {
        assert!(said(&ran).contains(part), "no {part:?} in:\n{}", said(&ran));
    }
}
