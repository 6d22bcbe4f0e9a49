use std::collections::{BTreeMap, HashSet};

use duckpen_observe::numbers::{counted, seconds};

use crate::limits::LimitInForce;
use crate::output::table;
use crate::words::StepWords;

use super::{Outlook, Would};

/// For people.
pub fn text(outlook: &Outlook<'_>) -> String {
    let plan = &outlook.approved.plan;
    let words = StepWords::of(plan);
    let outcomes: Vec<(Would, String)> = words.iter().map(|words| outlook.would(words.step)).collect();
    let count = |wanted: Would| outcomes.iter().filter(|(would, _)| *would == wanted).count();
    let mut tally = vec![format!("{} would run", counted(count(Would::Run) as u64, "step"))];
    if count(Would::Skip) > 0 {
        tally.push(format!("{} would be skipped", count(Would::Skip)));
    }
    if count(Would::LeaveOut) > 0 {
        tally.push(format!("{} would be left out", count(Would::LeaveOut)));
    }
    let last: f64 = words.iter().filter_map(|words| last(outlook, words)).sum();
    if last > 0.0 {
        tally.push(format!("their last runs took {} in all", seconds(last)));
    }
    let rows = words.iter().zip(&outcomes).map(|(words, (would, why))| row(outlook, words, *would, why));
    let mut parts = vec![
        format!("{}  {}\nbegins {}\n{}", plan.pipeline, outlook.path, outlook.beginning.why, tally.join(", ")),
        table(["step", "what", "reads", "writes", "calls", "last", "would"], rows),
        section("files", &files(outlook, &words)),
        section("handlers", &handlers(outlook, &words)),
        section("functions", &functions(outlook, &words)),
        section("limits", &limits(outlook, &words)),
    ];
    if !plan.external_tables.is_empty() {
        let tables = plan.external_tables.iter().map(ToString::to_string).collect::<Vec<_>>();
        parts.insert(2, section("tables that have to be there", &tables));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn last(outlook: &Outlook<'_>, words: &StepWords<'_>) -> Option<f64> {
    let last = outlook.history.last_done(&outlook.approved.plan.pipeline, words.step.id.as_str());
    last.map(|last| last.seconds)
}

fn row(outlook: &Outlook<'_>, words: &StepWords<'_>, would: Would, why: &str) -> Vec<String> {
    let calls = words.functions().iter().filter_map(|name| outlook.function(name));
    let calls = calls.map(|(_, function)| function.name.clone()).collect::<Vec<_>>();
    vec![
        words.step.id.to_string(),
        words.title(),
        words.reads().join(", "),
        words.writes().unwrap_or_default(),
        calls.join(", "),
        last(outlook, words).map(seconds).unwrap_or_default(),
        format!("{}: {why}", would.as_str()),
    ]
}

fn section(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!("{title}\n{}", lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
}

fn files(outlook: &Outlook<'_>, words: &[StepWords<'_>]) -> Vec<String> {
    let read = outlook.files_read().into_iter().map(|file| format!("read   {file}"));
    let exports = words.iter().filter(|words| words.kind() == "export").filter_map(StepWords::writes);
    read.chain(exports.map(|file| format!("write  {file}"))).collect()
}

fn handlers(outlook: &Outlook<'_>, words: &[StepWords<'_>]) -> Vec<String> {
    let mut kinds: BTreeMap<&str, String> = BTreeMap::new();
    for words in words {
        let Some(info) = outlook.workbench.handlers.info(&words.step.kind) else { continue };
        let line = format!("{}  {} {}  {}", words.kind(), info.name, info.version, short(&info.digest));
        kinds.entry(words.kind()).or_insert(line);
    }
    kinds.into_values().collect()
}

fn functions(outlook: &Outlook<'_>, words: &[StepWords<'_>]) -> Vec<String> {
    let called = words.iter().flat_map(|words| words.functions()).filter_map(|name| outlook.function(name));
    let mut lines: Vec<String> = called
        .map(|(library, function)| {
            let component = library.component();
            format!("{}  of component {}  {}", function.signature(), component.name(), short(component.digest()))
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

fn short(digest: &str) -> String {
    format!("sha256:{}", digest.chars().take(12).collect::<String>())
}

/// Of handlers and of the components that are called: those that are most often met, and those that are not as by default.
fn limits(outlook: &Outlook<'_>, words: &[StepWords<'_>]) -> Vec<String> {
    let shown = |limits: &[LimitInForce]| {
        let is_shown =
            |limit: &&LimitInForce| ["fuel", "memory", "time"].contains(&limit.name) || limit.origin != "default";
        let word = |limit: &LimitInForce| match limit.origin.as_str() {
            "default" => format!("{} {}", limit.name, limit.value),
            origin => format!("{} {} ({origin})", limit.name, limit.value),
        };
        limits.iter().filter(is_shown).map(word).collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![format!("of each step handler: {}", shown(&outlook.step_limits))];
    if words.iter().any(|words| outlook.is_brought(words.step)) {
        lines.push(format!("of each connector that is a component: {}", shown(&outlook.connector_limits)));
    }
    let called = words.iter().flat_map(|words| words.functions()).filter_map(|name| outlook.function(name));
    let called: HashSet<&str> = called.map(|(library, _)| library.component().name()).collect();
    let components = outlook.libraries.iter().zip(&outlook.component_limits);
    for (library, limits) in components.filter(|(library, _)| called.contains(library.component().name())) {
        lines.push(format!("of component {}: {}", library.component().name(), shown(limits)));
    }
    lines
}
