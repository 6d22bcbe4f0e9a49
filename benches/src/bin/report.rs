//! Prints what the benchmarks measured, beside what is to be reached: a table, or with `--json` an array of objects
//! `{name, value, bounds, unit, target, met}` in which `value` and `met` are null where nothing was measured; `bounds` are
//! those of 95 % where two were measured in turns, and null otherwise.

use std::process::ExitCode;

use duckpen_benches::{FIGURES, Measurements};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let measurements = Measurements::latest();
    match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => print_table(&measurements),
        [flag] if flag == "--json" => println!("{:#}", document(&measurements)),
        _ => {
            eprintln!("usage: report [--json]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn document(measurements: &Measurements) -> Value {
    let figures = FIGURES.iter().map(|figure| {
        let value = figure.value(measurements);
        json!({
            "name": figure.name,
            "value": value,
            "bounds": figure.bounds(measurements).map(|(low, high)| [low, high]),
            "unit": figure.unit,
            "target": figure.target.map(|target| target.to_string()),
            "met": figure.target.zip(value).map(|(target, value)| target.is_met(value)),
        })
    });
    figures.collect()
}

fn print_table(measurements: &Measurements) {
    println!("{:<48} {:>12} {:<7} {:<8} met", "name", "value", "unit", "target");
    for figure in FIGURES {
        let value = figure.value(measurements);
        let shown = value.map_or("not measured".to_owned(), |value| format!("{value:.2}"));
        let target = figure.target.map_or("-".to_owned(), |target| target.to_string());
        let met = match figure.target.zip(value) {
            Some((target, value)) => {
                if target.is_met(value) {
                    "yes"
                } else {
                    "no"
                }
            }
            None => "-",
        };
        // A bound of 1 % is not seen in two digits.
        let bounds = figure.bounds(measurements);
        let bounds = bounds.map_or(String::new(), |(low, high)| format!("  at 95 % between {low:.4} and {high:.4}"));
        println!("{:<48} {shown:>12} {:<7} {target:<8} {met}{bounds}", figure.name, figure.unit);
    }
}
