//! Python functions of SQLFlow projects, through the real command.
//!
//! Without componentize-py these tests are left out, by name. `cargo xtask test` installs it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

const COMPILER: &str = "componentize-py";

/// Functions of one value and of tables, in all shapes that pipelines call.
const FUNCTIONS: &str = r#"
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Optional

import numpy as np
import pandas as pd

from sqlflow.udfs import python_scalar_udf, python_table_udf

from . import helpers


@python_scalar_udf
def up(text: str) -> str:
    return text.upper()


@python_scalar_udf
def tax(price: float, rate: float = 0.1, *, fixed: float = 0.0) -> float:
    """The price with taxes."""
    return round(price * (1 + rate) + fixed, 2)


@python_scalar_udf(name="renamed")
def original(x: int) -> int:
    return helpers.plus_one(x)


@python_scalar_udf
def large(x: int) -> int:
    return x * 10**12


@python_scalar_udf
def hints(day: datetime.date, moment: datetime.datetime, amount: Decimal, flag: bool, blob: bytes, many: list[int]) -> str:
    return f"{day:%d.%m.%Y} {moment:%H:%M} {amount} {flag} {blob!r} {many}"


@python_scalar_udf
def maybe(text: Optional[str]) -> Optional[str]:
    return None if text == "b" else text


@python_scalar_udf
def unhinted(x, factor=2):
    return x * factor


@python_scalar_udf
def later(text: str) -> str:
    import json
    import textwrap

    return json.dumps(textwrap.shorten(text, 5, placeholder="."))


@python_scalar_udf
def boom(x: int) -> int:
    if x > 1:
        raise ValueError("kaboom " + str(x))
    return x


@python_scalar_udf
def wrong(x: int) -> int:
    return "many"


@python_scalar_udf
def unusable(x: set) -> int:
    return 1


@python_table_udf(required_columns=["v"], output_schema={"id": "INTEGER", "dbl": "DOUBLE"})
def doubled(df: pd.DataFrame, factor: float = 2.0) -> pd.DataFrame:
    result = df.copy()
    result["dbl"] = result["v"] * factor
    return result[["id", "dbl"]]


@python_table_udf(infer=True)
def first_rows(df: pd.DataFrame, n: int = 1) -> pd.DataFrame:
    return df.head(n)


@python_table_udf(infer=True)
def counted(df: pd.DataFrame):
    return pd.DataFrame({"rows": [len(df)], "total": [df["i"].sum()], "day": [datetime.date(2024, 2, 29)]})


@python_table_udf(output_schema={"x": "INTEGER"})
def broken(df: pd.DataFrame) -> pd.DataFrame:
    raise RuntimeError("table kaboom")


@python_table_udf(output_schema={"zz": "INTEGER"})
def incomplete(df):
    return df


@python_scalar_udf
def late(name: str) -> str:
    return __import__("colo" + "rsys").__name__


@python_scalar_udf
def root(v: float) -> float:
    return np.sqrt(np.maximum(v, 0))


@python_table_udf(output_schema={"id": "INTEGER", "price": "DOUBLE", "z": "DOUBLE", "far": "BOOLEAN", "day": "INTEGER", "band": "VARCHAR"})
def scored(df: pd.DataFrame, column: str = "v") -> pd.DataFrame:
    result = df[["id"]]
    result["price"] = df[column]
    if result["price"].dtype == "object":
        result["price"] = result["price"].apply(lambda x: float(x) if isinstance(x, Decimal) else x)
    result["z"] = (result["price"] - result["price"].mean()) / result["price"].std()
    result["far"] = np.abs(result["z"]) > 0.5
    result["day"] = pd.to_datetime(pd.Series(["02/03/2024"] * len(result)), format="%d/%m/%Y").dt.month
    result["band"] = np.where(result["price"] > 10, "high", "low")
    return result


@python_table_udf(infer=True)
def fitted(df):
    return pd.DataFrame({"slope": [np.polyfit(df["id"], df["v"], 1)[0]]})


@python_table_udf(infer=True)
def pivoted(df):
    return df.pivot_table(index="id")
"#;

const HELPERS: &str = "def plus_one(x):\n    return x + 1\n";

/// A module that cannot be imported.
const NUMERIC: &str = "import scipy.special\n\nfrom sqlflow.udfs import python_scalar_udf\n\n\n@python_scalar_udf\ndef norm(x: float) -> float:\n    return scipy.special.expit(x)\n";

const ROWS: &str =
    "CREATE TABLE u AS SELECT * FROM (VALUES (1, 'a', 10), (2, NULL, 20), (3, 'b', NULL)) AS t(id, name, v);\n";

#[test]
fn calls_give_what_the_functions_give() {
    let Some(project) = project() else { return };
    for (query, expected) in [
        (r#"SELECT PYTHON_FUNC("python_udfs.m.up", name) AS x FROM u"#, r#"["A",null,"B"]"#),
        (r#"SELECT PYTHON_FUNC("m.up", name) AS x FROM u"#, r#"["A",null,"B"]"#),
        (r#"SELECT python_udfs.m.up(name) AS x FROM u"#, r#"["A",null,"B"]"#),
        (r#"SELECT PYTHON_FUNC("up", PYTHON_FUNC("maybe", name)) AS x FROM u"#, r#"["A",null,null]"#),
        (r#"SELECT PYTHON_FUNC("tax", v) AS x FROM u"#, "[11.0,22.0,null]"),
        (r#"SELECT PYTHON_FUNC("tax", v, 0.2) AS x FROM u"#, "[12.0,24.0,null]"),
        (r#"SELECT PYTHON_FUNC("tax", v, fixed := 5) AS x FROM u"#, "[16.0,27.0,null]"),
        (r#"SELECT PYTHON_FUNC("renamed", id) AS x FROM u"#, "[2,3,4]"),
        (r#"SELECT PYTHON_FUNC("large", id) AS x FROM u"#, "[1000000000000,2000000000000,3000000000000]"),
        (r#"SELECT PYTHON_FUNC("unhinted", id) AS x FROM u"#, "[2.0,4.0,6.0]"),
        (r#"SELECT PYTHON_FUNC("unhinted", id, 10) AS x FROM u"#, "[10.0,20.0,30.0]"),
        (r#"SELECT PYTHON_FUNC("later", 'one two three') AS x FROM u WHERE id = 1"#, r#"["\"one.\""]"#),
        (
            r#"SELECT PYTHON_FUNC("hints", DATE '2024-02-29', TIMESTAMP '2024-01-01 13:45:00', 1.25, true, 'b'::BLOB, [1, 2]) AS x FROM u WHERE id = 1"#,
            r#"["29.02.2024 13:45 1.2500000000 True b'b' [1, 2]"]"#,
        ),
        (r#"SELECT sum(PYTHON_FUNC("renamed", id)) * 2 AS x FROM u WHERE PYTHON_FUNC("tax", v) > 15"#, "[6]"),
        (r#"SELECT * FROM PYTHON_FUNC("python_udfs.m.doubled", u)"#, "[1,20.0,2,40.0,3,null]"),
        (r#"SELECT dbl FROM PYTHON_FUNC("doubled", u, factor := 1 + 2) WHERE dbl > 30"#, "[60.0]"),
        (r#"SELECT dbl FROM PYTHON_FUNC("doubled", u, 0.5)"#, "[5.0,10.0,null]"),
        (r#"SELECT PYTHON_FUNC("root", v - 14) AS x FROM u"#, "[0.0,2.449489742783178,null]"),
        (
            r#"SELECT * FROM PYTHON_FUNC("scored", (SELECT id, v::DECIMAL(9, 2) AS v FROM u)) WHERE id < 3"#,
            r#"[1,10.0,-0.7071067811865475,true,3,"low",2,20.0,0.7071067811865475,true,3,"high"]"#,
        ),
        (r#"SELECT * FROM PYTHON_FUNC("first_rows", u)"#, r#"[1,"a",10]"#),
        (r#"SELECT id FROM PYTHON_FUNC("first_rows", (SELECT * FROM u ORDER BY id DESC), n = 2)"#, "[3,2]"),
        (
            r#"SELECT a.id FROM PYTHON_FUNC("first_rows", u, 2) a JOIN PYTHON_FUNC("doubled", (SELECT * FROM PYTHON_FUNC("first_rows", u, 3))) b USING (id)"#,
            "[1,2]",
        ),
        (
            r#"SELECT * FROM python_udfs.m.counted((SELECT i FROM range(10000) t(i)))"#,
            r#"[10000,49995000,"2024-02-29"]"#,
        ),
    ] {
        project.write("pipelines/p.sf", &format!("{ROWS}CREATE OR REPLACE TABLE t AS {query};\n"));
        let ran = project.run(&["run", "p", "--database", "d.duckdb", "--fresh"]);
        assert_eq!(ran.status.code(), Some(0), "{query}\n{}", said(&ran));
        assert_eq!(project.values("t"), expected, "{query}");
    }
}

#[test]
fn what_cannot_be_called_is_refused_before_anything_runs() {
    let Some(project) = project() else { return };
    for (query, words) in [
        (
            r#"SELECT PYTHON_FUNC("python_udfs.m.upp", name) AS x FROM u"#,
            &["no Python function `python_udfs.m.upp`", "did you mean `python_udfs.m.up`?"][..],
        ),
        (
            r#"SELECT PYTHON_FUNC("numeric.norm", v) AS x FROM u"#,
            &["`numeric.norm` cannot be used", "python_udfs/numeric.py\", line 1", "No module named 'scipy'"],
        ),
        (
            r#"SELECT PYTHON_FUNC("unusable", id) AS x FROM u"#,
            &["`unusable` cannot be used", "the hint set is no type of SQL"],
        ),
        (r#"SELECT PYTHON_FUNC("doubled", u) AS x FROM u"#, &["takes a table: it stands in FROM"]),
        (r#"SELECT * FROM PYTHON_FUNC("up", u)"#, &["cannot stand in FROM"]),
        (r#"SELECT * FROM PYTHON_FUNC("doubled", 42)"#, &["takes a table, and `42` is none"]),
        (r#"SELECT * FROM PYTHON_FUNC("doubled", u, faktor := 1)"#, &["no parameter `faktor`; it has factor"]),
        (r#"SELECT PYTHON_FUNC("up") AS x FROM u"#, &["is given 0 arguments, and takes 1: text"]),
        (
            r#"SELECT PYTHON_FUNC("tax", 1, 2, 3, 4) AS x FROM u"#,
            &["is given 4 arguments, and takes 1 to 3: price, rate, fixed"],
        ),
    ] {
        project.write("pipelines/p.sf", &format!("{ROWS}CREATE OR REPLACE TABLE t AS {query};\n"));
        let ran = project.run(&["run", "p", "--database", "refused.duckdb"]);
        assert_eq!(ran.status.code(), Some(2), "{query}\n{}", said(&ran));
        for part in words.iter().chain(&["error[E0414]", "pipelines/p.sf:2:"]) {
            assert!(said(&ran).contains(part), "no {part:?} for {query} in:\n{}", said(&ran));
        }
        assert!(!project.path().join("refused.duckdb").exists(), "{query}");
        // The component is built by now, so that what runs nothing says the same.
        for command in [&["validate", "p"][..], &["compile", "p"], &["plan", "p"]] {
            let looked = project.run(command);
            assert_eq!(looked.status.code(), Some(2), "{command:?} {query}\n{}", said(&looked));
            for part in words.iter().chain(&["error[E0414]", "pipelines/p.sf:2:"]) {
                assert!(said(&looked).contains(part), "no {part:?} for {command:?} {query} in:\n{}", said(&looked));
            }
        }
    }
}

#[test]
fn a_function_that_fails_fails_its_step_and_leaves_nothing() {
    let Some(project) = project() else { return };
    for (query, words) in [
        (
            r#"SELECT PYTHON_FUNC("boom", id) AS x FROM u"#,
            &["function `python_udfs.m.boom`", "ValueError: kaboom 2", "python_udfs/m.py:", "boom(x = 2)"][..],
        ),
        (r#"SELECT PYTHON_FUNC("wrong", id) AS x FROM u"#, &["what wrong returns is declared BIGINT, and got 'many'"]),
        (
            r#"SELECT * FROM PYTHON_FUNC("broken", u)"#,
            &["function `python_udfs.m.broken`", "RuntimeError: table kaboom"],
        ),
        (
            r#"SELECT PYTHON_FUNC("late", name) AS x FROM u"#,
            &["the module 'colorsys' is imported when a function is called", "python_udfs/m.py:"],
        ),
        (r#"SELECT * FROM PYTHON_FUNC("fitted", u)"#, &["numpy.polyfit is not there: numpy is compiled code"]),
        (
            r#"SELECT * FROM PYTHON_FUNC("doubled", (SELECT id FROM u))"#,
            &["requires columns that are missing from input DataFrame: ['v']"],
        ),
        (r#"SELECT * FROM PYTHON_FUNC("incomplete", u)"#, &["output is missing expected columns: ['zz']"]),
        (r#"SELECT * FROM PYTHON_FUNC("pivoted", u)"#, &["a table has no `pivot_table`"]),
        (
            r#"SELECT * FROM PYTHON_FUNC("doubled", (SELECT * FROM duckdb_tables()))"#,
            &["which reads outside of the pipeline's tables"],
        ),
    ] {
        project.write("pipelines/p.sf", &format!("{ROWS}CREATE OR REPLACE TABLE t AS {query};\n"));
        let ran = project.run(&["run", "p", "--database", "f.duckdb", "--fresh"]);
        assert!(matches!(ran.status.code(), Some(1 | 4)), "{query}\n{}", said(&ran));
        for part in words {
            assert!(said(&ran).contains(part), "no {part:?} for {query} in:\n{}", said(&ran));
        }
        let left = project.run(&["sql", "--database", "f.duckdb", "SELECT * FROM t"]);
        assert_eq!(left.status.code(), Some(1), "{query}");
    }
}

/// Both find or build the same component, and neither disturbs the other.
#[test]
fn two_runs_that_build_at_once_both_succeed() {
    let Some(project) = project() else { return };
    project.write(
        "python_udfs/alone.py",
        "from sqlflow.udfs import python_scalar_udf\n\n\n@python_scalar_udf\ndef same(x: int) -> int:\n    return x\n",
    );
    project.write("pipelines/p.sf", "CREATE TABLE t AS SELECT PYTHON_FUNC(\"same\", 7) AS x;\n");
    let cache = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        let run = |database: &'static str| {
            let mut command = project.command(&["run", "p", "--database", database]);
            command.env("XDG_CACHE_HOME", cache.path());
            scope.spawn(move || command.output().unwrap())
        };
        for ran in [run("one.duckdb"), run("two.duckdb")] {
            let ran = ran.join().unwrap();
            assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
        }
    });
    let kept = fs::read_dir(cache.path().join("duckpen/python")).unwrap().flatten();
    let mut kept: Vec<String> =
        kept.map(|entry| entry.path().extension().unwrap_or_default().to_string_lossy().into_owned()).collect();
    kept.sort();
    assert_eq!(kept, ["lock", "wasm"]);
}

#[test]
fn without_the_compiler_the_command_that_installs_it_is_named() {
    let project = Project { folder: tempfile::tempdir().unwrap() };
    project.write("python_udfs/m.py", "x = 1\n");
    project.write("pipelines/p.sf", "CREATE TABLE t AS SELECT PYTHON_FUNC(\"f\", 1) AS x;\n");
    let cache = tempfile::tempdir().unwrap();
    let mut command = project.command(&["run", "p"]);
    let ran = command.env("PATH", project.path()).env("XDG_CACHE_HOME", cache.path()).output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{}", said(&ran));
    for part in
        ["error[E0705]", "built with componentize-py, which is not there", "pip install 'componentize-py==0.25.*'"]
    {
        assert!(said(&ran).contains(part), "no {part:?} in:\n{}", said(&ran));
    }
}

#[test]
fn the_example_of_sqlflow_gives_what_is_expected() {
    if !is_there() {
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sqlflow_udfs");
    let project = Project { folder: tempfile::tempdir().unwrap() };
    copy(&source, project.path());
    for _ in 0..2 {
        let ran = project.run(&["run", "sales"]);
        assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
        for file in ["sales.csv", "regions.csv", "running.csv"] {
            let [actual, expected] = ["output", "expected"]
                .map(|folder| fs::read_to_string(project.path().join(folder).join(file)).unwrap());
            assert_eq!(actual, expected, "{file}");
        }
    }
    let migrated = project.run(&["migrate", "."]);
    assert_eq!(migrated.status.code(), Some(0), "{}", said(&migrated));
    let told = String::from_utf8_lossy(&migrated.stdout).into_owned();
    for part in [
        "written  duckpen.toml",
        "works  python_udfs.text_utils.capitalize_words(text VARCHAR) -> VARCHAR",
        "works  python_udfs.sales_tables.region_shares(TABLE, minimum := DOUBLE) -> TABLE",
        "works  sales",
        "SQLFlow did not know it in EXPORT",
    ] {
        assert!(told.contains(part), "no {part:?} in:\n{told}");
    }
    // What it has written is a configuration, and is not written over.
    let again = project.run(&["migrate", ".", "--format", "json"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert!(String::from_utf8_lossy(&again.stdout).contains("\"status\": \"kept\""));
}

struct Project {
    folder: TempDir,
}

/// A project with the functions above; none where they cannot be built.
fn project() -> Option<Project> {
    is_there().then(|| {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        project.write("python_udfs/m.py", FUNCTIONS);
        project.write("python_udfs/helpers.py", HELPERS);
        project.write("python_udfs/numeric.py", NUMERIC);
        project
    })
}

impl Project {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [installed()].into_iter().chain(env::split_paths(&path));
        let mut command = Command::new(cargo_bin!("duckpen"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env("PATH", env::join_paths(folders).unwrap())
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The values of a table, row by row, in one list.
    fn values(&self, table: &str) -> String {
        let query = format!("SELECT * FROM {table}");
        let read = self.run(&["sql", &query, "--database", "d.duckdb", "--format", "json"]);
        let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&read.stdout).unwrap();
        let values: Vec<serde_json::Value> = rows.into_iter().flat_map(|row| row.into_values()).collect();
        serde_json::to_string(&values).unwrap()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Where `cargo xtask test` installs compilers.
fn installed() -> PathBuf {
    Path::new(env!("DUCKPEN_GUESTS")).with_file_name("languages").join("venv/bin")
}

/// Whether functions in Python can be built; says so by name where they cannot, on the output that is never captured.
fn is_there() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = [installed()].into_iter().chain(env::split_paths(&path));
    let is_there = folders.any(|folder| folder.join(COMPILER).is_file());
    if !is_there {
        let _ = writeln!(std::io::stderr(), "left out: Python functions of SQLFlow projects: no {COMPILER}");
    }
    is_there
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let name = entry.file_name();
        if ["output", "target", "__pycache__", "duckpen.toml"]
            .iter()
            .any(|left_out| *left_out == name.to_string_lossy())
        {
            continue;
        }
        match entry.path() {
            path if path.is_dir() => copy(&path, &to.join(name)),
            path => drop(fs::copy(path, to.join(name)).unwrap()),
        }
    }
}
