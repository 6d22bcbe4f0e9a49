//! What a run cost, as tables.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Table, TableComponent, presets};

use crate::{
    FunctionResult, RunResults, StepResult,
    numbers::{bytes, nanoseconds_a_row, seconds, si, thousands},
};

/// A column: its heading, and which way its cells lean.
type Column = (&'static str, CellAlignment);

const STEP_COLUMNS: [Column; 8] = [
    ("step", CellAlignment::Left),
    ("kind", CellAlignment::Left),
    ("status", CellAlignment::Left),
    ("rows", CellAlignment::Right),
    ("time", CellAlignment::Right),
    ("fuel", CellAlignment::Right),
    ("memory", CellAlignment::Right),
    ("handler", CellAlignment::Left),
];

const FUNCTION_COLUMNS: [Column; 9] = [
    ("function", CellAlignment::Left),
    ("component", CellAlignment::Left),
    ("step", CellAlignment::Left),
    ("calls", CellAlignment::Right),
    ("rows", CellAlignment::Right),
    ("ns/row", CellAlignment::Right),
    ("time", CellAlignment::Right),
    ("fuel", CellAlignment::Right),
    ("memory", CellAlignment::Right),
];

const STATISTICS_COLUMNS: [Column; 14] = [
    ("function", CellAlignment::Left),
    ("component", CellAlignment::Left),
    ("calls", CellAlignment::Right),
    ("rows", CellAlignment::Right),
    ("in", CellAlignment::Right),
    ("out", CellAlignment::Right),
    ("guest", CellAlignment::Right),
    ("boundary", CellAlignment::Right),
    ("fuel", CellAlignment::Right),
    ("memory", CellAlignment::Right),
    ("instances", CellAlignment::Right),
    ("discarded", CellAlignment::Left),
    ("limits hit", CellAlignment::Left),
    ("log lines dropped", CellAlignment::Right),
];

/// What each step cost, a line a step; empty if there are none.
pub fn step_costs(run: &RunResults) -> String {
    table(&STEP_COLUMNS, run.steps.iter().map(step_cells))
}

/// What each function cost, a line a function and step; empty if none was called.
pub fn function_costs(run: &RunResults) -> String {
    table(&FUNCTION_COLUMNS, run.functions.iter().map(function_cells))
}

/// All that was measured of each function, a line a function; empty if none was called.
pub fn function_statistics(functions: &[FunctionResult]) -> String {
    table(&STATISTICS_COLUMNS, functions.iter().map(statistics_cells))
}

fn step_cells(step: &StepResult) -> Vec<String> {
    vec![
        step.id.clone(),
        step.kind.clone(),
        step.status.as_str().to_owned(),
        step.rows.map(thousands).unwrap_or_default(),
        if step.attempts == 0 { String::new() } else { seconds(step.seconds) },
        step.fuel.map(|fuel| format!("{}/{}", si(fuel.used), si(fuel.limit))).unwrap_or_default(),
        step.memory.map(|memory| format!("{} of {}", bytes(memory.peak), bytes(memory.limit))).unwrap_or_default(),
        step.handler.as_ref().map(|handler| format!("{} {}", handler.name, handler.version)).unwrap_or_default(),
    ]
}

fn function_cells(function: &FunctionResult) -> Vec<String> {
    vec![
        function.name.clone(),
        function.component.clone(),
        function.step.clone(),
        thousands(function.calls),
        thousands(function.rows),
        function.ns_per_row.map(nanoseconds_a_row).unwrap_or_default(),
        seconds(function.nanoseconds as f64 / 1e9),
        si(function.fuel),
        bytes(function.peak_memory),
    ]
}

fn statistics_cells(function: &FunctionResult) -> Vec<String> {
    vec![
        function.name.clone(),
        function.component.clone(),
        thousands(function.calls),
        thousands(function.rows),
        bytes(function.bytes_in),
        bytes(function.bytes_out),
        seconds(function.guest_nanoseconds as f64 / 1e9),
        seconds(function.boundary_nanoseconds as f64 / 1e9),
        si(function.fuel),
        bytes(function.peak_memory),
        thousands(function.instances),
        named_counts(&function.instances_discarded),
        named_counts(&function.limit_hits_by_limit),
        thousands(function.log_lines_dropped),
    ]
}

/// `2 limit, 1 trap`.
fn named_counts(counts: &BTreeMap<String, u64>) -> String {
    counts.iter().map(|(name, count)| format!("{} {name}", thousands(*count))).collect::<Vec<_>>().join(", ")
}

/// Lines are as long as their content wants: a terminal may break them, a file must not.
fn table(columns: &[Column], rows: impl ExactSizeIterator<Item = Vec<String>>) -> String {
    if rows.len() == 0 {
        return String::new();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_style(TableComponent::HeaderLines, '─').set_style(TableComponent::MiddleHeaderIntersections, '─');
    table.set_header(columns.iter().map(|&(heading, alignment)| Cell::new(heading).set_alignment(alignment)));
    for cells in rows {
        let aligned =
            cells.into_iter().zip(columns).map(|(cell, &(_, alignment))| Cell::new(cell).set_alignment(alignment));
        table.add_row(aligned);
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
