//! The example projects give what is expected of them, by the real command, however often they are run.
//!
//! The expected files were computed without Duckpen.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// In which order the rows of an export come.
#[derive(Clone, Copy)]
enum Rows {
    /// As its ORDER BY says.
    Ordered,
    /// In any.
    Unordered,
}

struct Example {
    project: &'static str,
    /// In the order in which they are run: a later one may read what an earlier one exports.
    pipelines: &'static [&'static str],
    /// Files of `output`, each with its like in `expected`.
    outputs: &'static [(&'static str, Rows)],
}

const WEB_ORDERS: Example = Example {
    project: "web_orders",
    pipelines: &["daily", "coupons", "days"],
    outputs: &[
        ("revenue_by_category.csv", Rows::Ordered),
        ("top_customers.csv", Rows::Ordered),
        ("products.csv", Rows::Unordered),
        ("coupons_by_month.csv", Rows::Ordered),
        ("orders_by_day.csv", Rows::Ordered),
    ],
};

const CUSTOMER_UPSERT: Example = Example {
    project: "customer_upsert",
    pipelines: &["customers", "domains"],
    outputs: &[
        ("customers.csv", Rows::Ordered),
        ("pseudonyms.csv", Rows::Unordered),
        ("domains.csv", Rows::Ordered),
        ("domains.ndjson", Rows::Ordered),
    ],
};

const LOAD_MODES: Example = Example {
    project: "load_modes",
    pipelines: &["products", "orders", "visits"],
    outputs: &[
        ("products.csv", Rows::Ordered),
        ("stock.csv", Rows::Ordered),
        ("orders.csv", Rows::Ordered),
        ("orders_rejected.csv", Rows::Ordered),
        ("visits_by_day.csv", Rows::Ordered),
    ],
};

const PLAIN_COMPONENT: Example = Example {
    project: "plain_component",
    pipelines: &["cities"],
    outputs: &[("cities.csv", Rows::Ordered), ("centres.csv", Rows::Ordered)],
};

const ECOMMERCE_ANALYTICS: Example = Example {
    project: "ecommerce_analytics",
    pipelines: &["sales", "customers", "returns"],
    outputs: &[
        ("revenue_by_month.csv", Rows::Ordered),
        ("top_products.csv", Rows::Ordered),
        ("customer_value.csv", Rows::Ordered),
        ("markets.csv", Rows::Ordered),
        ("returns_by_category.ndjson", Rows::Ordered),
    ],
};

const FILE_FORMATS: Example =
    Example { project: "file_formats", pipelines: &["failures"], outputs: &[("failures.csv", Rows::Ordered)] };

#[test]
fn web_orders_gives_what_is_expected_however_often_it_is_run() {
    check(&WEB_ORDERS);
}

#[test]
fn customer_upsert_gives_what_is_expected_however_often_it_is_run() {
    check(&CUSTOMER_UPSERT);
}

#[test]
fn load_modes_gives_what_is_expected_however_often_it_is_run() {
    check(&LOAD_MODES);
}

#[test]
fn plain_component_gives_what_is_expected_however_often_it_is_run() {
    check(&PLAIN_COMPONENT);
}

#[test]
fn ecommerce_analytics_gives_what_is_expected_however_often_it_is_run() {
    check(&ECOMMERCE_ANALYTICS);
}

#[test]
fn file_formats_gives_what_is_expected_however_often_it_is_run() {
    check(&FILE_FORMATS);
}

#[test]
fn of_orders_that_come_late_only_what_is_new_is_loaded() {
    let project = copy("ecommerce_analytics");
    let loaded = || {
        let run = duckpen(project.path(), &["run", "sales", "--format", "json"]).assert().success();
        let results: Value = serde_json::from_slice(&run.get_output().stdout).expect("results in JSON");
        let steps = results["steps"].as_array().expect("steps").clone();
        let load = steps.iter().find(|step| step["id"].as_str().is_some_and(|id| id.starts_with("load_orders_")));
        let load = load.expect("a step that loads the orders");
        (load["rows_inserted"].as_u64(), load["rows_updated"].as_u64())
    };
    assert_eq!(loaded(), (Some(400), Some(0)));
    // The latest order is read again: another one may have come at the same time.
    assert_eq!(loaded(), (Some(0), Some(1)));
    let data = project.path().join("data");
    fs::copy(data.join("late/orders_2025_05.csv"), data.join("orders_2025_05.csv")).expect("the late orders");
    assert_eq!(loaded(), (Some(12), Some(6 + 1)));
}

#[test]
fn another_profile_gives_other_values() {
    let project = copy("ecommerce_analytics");
    for pipeline in ECOMMERCE_ANALYTICS.pipelines {
        duckpen(project.path(), &["run", pipeline, "--profile", "prod"]).assert().success();
    }
    let line_count = |file: &str| lines(&project.path().join("output").join(file), Rows::Ordered).len();
    assert_eq!(line_count("top_products.csv"), 1 + 5);
    // One market of seven has fewer than 20 orders.
    assert_eq!(line_count("markets.csv"), 1 + 6);
    assert!(project.path().join("target/prod.duckdb").is_file());
}

#[test]
fn every_expected_file_is_compared() {
    for example in [WEB_ORDERS, CUSTOMER_UPSERT, LOAD_MODES, PLAIN_COMPONENT, ECOMMERCE_ANALYTICS, FILE_FORMATS] {
        let mut expected: Vec<_> =
            entries(&source(example.project).join("expected")).iter().map(|path| name(path)).collect();
        let mut compared: Vec<_> = example.outputs.iter().map(|(file, _)| (*file).to_owned()).collect();
        expected.sort();
        compared.sort();
        assert_eq!(compared, expected, "{}", example.project);
    }
}

#[test]
fn a_function_that_never_returns_fails_its_step_and_exports_nothing() {
    let project = copy("web_orders");
    let failed = duckpen(project.path(), &["run", "runaway"]).assert().code(1);
    let errors = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    for part in
        ["function `spin` of component `web_orders_runaway`: fuel limit reached", "limits.fuel", "export_csv_stuck"]
    {
        assert!(errors.contains(part), "no {part:?} in:\n{errors}");
    }
    assert!(!project.path().join("output/stuck.csv").exists());
    // What is well-behaved runs as before.
    duckpen(project.path(), &["run", "daily"]).assert().success();
}

fn check(example: &Example) {
    let project = copy(example.project);
    for time in ["first", "second"] {
        for pipeline in example.pipelines {
            duckpen(project.path(), &["run", pipeline]).assert().success();
        }
        for (file, rows) in example.outputs {
            let [actual, expected] =
                ["output", "expected"].map(|folder| lines(&project.path().join(folder).join(file), *rows));
            assert_eq!(actual, expected, "{}, {file}, {time} run", example.project);
        }
    }
}

fn duckpen(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin!("duckpen"));
    command.args(arguments).arg("--project").arg(project);
    command
}

/// A file's lines; sorted behind the first where rows have no order.
fn lines(path: &Path, rows: Rows) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    if let Rows::Unordered = rows {
        lines.get_mut(1..).unwrap_or_default().sort();
    }
    lines
}

fn source(project: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(project)
}

/// A copy of a project without what runs have left behind.
fn copy(project: &str) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder for the copy");
    copy_folder(&source(project), copy.path(), &["output", "target"]);
    let folder = copy.path().join("functions");
    let functions = if folder.is_dir() { entries(&folder) } else { return copy };
    assert!(
        functions.iter().any(|path| path.extension().is_some_and(|extension| extension == "wasm")),
        "the functions of {project} are not built: run `cargo xtask setup`"
    );
    copy
}

fn copy_folder(from: &Path, to: &Path, without: &[&str]) {
    fs::create_dir_all(to).expect("a folder of the copy");
    for entry in entries(from).iter().filter(|entry| !without.contains(&name(entry).as_str())) {
        let copy = to.join(name(entry));
        if entry.is_dir() {
            copy_folder(entry, &copy, &[]);
        } else {
            fs::copy(entry, &copy).unwrap_or_else(|error| panic!("{}: {error}", entry.display()));
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry of a folder").path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
