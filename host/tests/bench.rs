//! `duckpen bench`, through the real command: what it measures, and what it says where it cannot.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use insta::assert_snapshot;
use serde_json::Value;

use support::{Project, guest_bytes};

/// The lines of the table, without its heading and its rule.
fn lines(stdout: &str) -> Vec<Vec<String>> {
    // Columns stand apart by more than a blank.
    let cells =
        |line: &str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect();
    stdout.lines().skip(2).map(cells).collect()
}

fn number(text: &str) -> f64 {
    let (digits, unit) = match text.strip_suffix(['k', 'M', 'G']) {
        Some(digits) => (
            digits,
            [('k', 1e3), ('M', 1e6), ('G', 1e9)].into_iter().find(|(unit, _)| text.ends_with(*unit)).unwrap().1,
        ),
        None => (text, 1.0),
    };
    digits.parse::<f64>().unwrap_or_else(|error| panic!("{error}: {text}")) * unit
}

#[test]
fn every_function_is_measured_beside_the_query_without_it() {
    let project = Project::new("")
        .component("web_orders_text.wasm")
        .file("functions/days.wasm", guest_bytes("web_orders_calendar.wasm"))
        .file("functions/kept.wasm", guest_bytes("duckpen_aggregates.wasm"));
    for (component, functions) in [
        (
            "text",
            vec![
                "slugify(text VARCHAR) -> VARCHAR",
                "mask_email(email VARCHAR) -> VARCHAR",
                "common_divisor(a BIGINT, b BIGINT) -> BIGINT",
                "affine(x BIGINT, y BIGINT) -> BIGINT",
                "upper_ascii(text VARCHAR) -> VARCHAR",
                "weighted_mean(value BIGINT, weight BIGINT) -> DOUBLE",
            ],
        ),
        // A table function.
        ("days", vec!["calendar(first DATE, last DATE, weekends := BOOLEAN) -> TABLE"]),
    ] {
        let said = project.duckpen(&["bench", component]);
        assert_eq!((said.exit, said.stderr.as_str()), (0, ""), "{component}");
        let heading: Vec<&str> = said.stdout.lines().next().unwrap().split_whitespace().collect();
        assert_eq!(heading.join(" "), "function component rows rows/s ns/row ns/row without");
        let lines = lines(&said.stdout);
        assert_eq!(lines.iter().map(|line| line[0].as_str()).collect::<Vec<_>>(), functions, "{component}");
        for line in lines {
            let [rows, a_second, nanoseconds, without] = [2, 3, 4, 5].map(|cell| number(&line[cell]));
            assert_eq!(line[1], component);
            assert!(rows >= 8_192.0 && without > 0.0, "{line:?}");
            // Two spellings of one figure.
            assert!((a_second * nanoseconds / 1e9 - 1.0).abs() < 0.1, "{line:?}");
        }
    }
    let document: Value = serde_json::from_str(&project.raw(&["bench", "kept", "--format", "json"])).unwrap();
    let functions = document["functions"].as_array().unwrap();
    assert!(!functions.is_empty());
    for function in functions {
        assert_eq!(function["component"], "kept");
        assert!(function["signature"].is_string() && function["rows"].as_u64() >= Some(8_192), "{function}");
        assert!(
            ["rows_per_second", "ns_per_row", "ns_per_row_without"]
                .iter()
                .all(|key| function[key].as_f64() > Some(0.0))
        );
    }
}

#[test]
fn what_cannot_be_measured_is_told_by_name() {
    let project = Project::new("")
        .component("web_orders_text.wasm")
        .file("functions/endless.wasm", guest_bytes("web_orders_runaway.wasm"))
        .file("functions/broken.wasm", "no component");
    assert_snapshot!(project.transcript(&["bench", "endless", "--limits", "fuel=1M"]), @r#"
    exit 1
    --- stdout
    function   component   rows   rows/s   ns/row   ns/row without
    ─
    --- stderr
    error[E0904]: `spin` is not measured: Invalid Input Error: function `spin` of component `endless`: fuel limit reached: used 1,000,000 of 1,000,000 in one call, after 0 rows
     |
    hint: raise it with `limits.fuel` for `endless` in duckpen.toml, or with `--limits fuel=...`
    "#);
    assert_snapshot!(project.transcript(&["bench", "txt"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: there is no component `txt`
     |
    hint: there is `text`
    "#);
    assert_snapshot!(project.transcript(&["bench", "broken"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0801]: `broken` is not a WebAssembly component: the file does not begin like one
     |
     = in functions/broken.wasm
    hint: build it for wasm32-unknown-unknown with the guest SDK, or as a component
    "#);
    assert_snapshot!(project.transcript(&["bench", "text", "--limits", "fule=1"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: --limits fule=1: there is no limit `fule`; limits are fuel, memory, time, table_elements, instances, result_bytes, result_rows, log_bytes, host_calls, handles, state_bytes
     |
    hint: did you mean `fuel`?
    "#);
    let said = Project::new("").duckpen(&["bench", "--format", "json"]);
    assert_eq!((said.exit, said.stdout.as_str()), (0, "{\n  \"functions\": []\n}\n"), "{}", said.stderr);
}
