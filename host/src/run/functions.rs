use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use duckpen_functions::{FunctionStatistics, Library};
use duckpen_observe::events::{FunctionMeasured, InstanceDiscarded};
use duckpen_observe::{Event, FunctionResult, Metrics};
use duckpen_pipeline::{Plan, Step, StepKind};
use duckpen_sandbox::Component;
use duckpen_scheduler::RunReport;
use duckpen_steps::StepOutput;

use crate::connectors::ComponentConnectors;

/// What each function cost, and each connector that is a component. Costs are counted for the run as a whole: where several
/// steps call one, they are named together.
pub fn results(
    libraries: &[Library],
    connectors: &ComponentConnectors,
    plan: &Plan,
    report: &RunReport<StepOutput>,
) -> Vec<FunctionResult> {
    let ran: HashSet<&str> =
        report.steps.iter().filter(|step| step.attempts > 0).map(|step| step.id.as_str()).collect();
    let ran: Vec<&Step> = plan.steps.iter().filter(|step| ran.contains(step.id.as_str())).collect();
    let mut results = Vec::new();
    for library in libraries {
        for (function, cost) in library.statistics().filter(|(_, cost)| cost.instances > 0) {
            results.push(result(&function.name, library.component(), callers(&ran, &function.name), &cost));
        }
    }
    for (name, component, cost) in connectors.costs().filter(|(.., cost)| cost.instances > 0) {
        results.push(result(name, component, users(&ran, name), &cost));
    }
    results
}

fn result(name: &str, component: &Component, step: String, cost: &FunctionStatistics) -> FunctionResult {
    FunctionResult {
        name: name.to_owned(),
        component: component.name().to_owned(),
        digest: format!("sha256:{}", component.digest()),
        step,
        calls: cost.calls,
        rows: cost.rows,
        fuel: cost.fuel,
        nanoseconds: cost.nanoseconds(),
        guest_nanoseconds: cost.guest_nanoseconds,
        boundary_nanoseconds: cost.boundary_nanoseconds,
        ns_per_row: (cost.rows > 0).then(|| cost.nanoseconds() as f64 / cost.rows as f64),
        bytes_in: cost.bytes_in,
        bytes_out: cost.bytes_out,
        peak_memory: cost.peak_memory,
        instances: cost.instances,
        instances_discarded: named(&cost.discarded),
        failures: cost.failures,
        limit_hits: cost.limit_hits.values().sum(),
        limit_hits_by_limit: named(&cost.limit_hits),
        log_lines_dropped: cost.log_lines_dropped,
    }
}

/// The steps that read or write through a connector: of a source those that load it, which is when it is read.
fn users(ran: &[&Step], connector: &str) -> String {
    let sources: Vec<&str> = ran
        .iter()
        .filter_map(|step| match &step.kind {
            StepKind::Source(source) if source.connector_type.eq_ignore_ascii_case(connector) => Some(&*source.name),
            _ => None,
        })
        .collect();
    let users = ran.iter().filter(|step| match &step.kind {
        StepKind::Load(load) => sources.iter().any(|source| source.eq_ignore_ascii_case(&load.source)),
        StepKind::Export(export) => export.connector_type.eq_ignore_ascii_case(connector),
        StepKind::Source(_) | StepKind::Transform(_) | StepKind::Test(_) => false,
    });
    users.map(|step| step.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn named(counts: &BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Has every instance that is thrown away told of when it happens.
pub fn watch(libraries: &[Library], metrics: &Arc<Metrics>) {
    for library in libraries {
        let (component, metrics) = (library.component().name().to_owned(), Arc::clone(metrics));
        library.on_discard(move |because| InstanceDiscarded { component: &component, because }.emit(&metrics));
    }
}

/// Tells what each function cost.
pub fn emit(functions: &[FunctionResult], metrics: &Metrics) {
    functions.iter().for_each(|function| FunctionMeasured { function }.emit(metrics));
}

/// The steps whose queries name a function; a view's own query counts where the view is read.
fn callers(ran: &[&Step], function: &str) -> String {
    let names = |functions: &[String]| functions.iter().any(|called| called.eq_ignore_ascii_case(function));
    let callers = ran.iter().filter(|step| match &step.kind {
        StepKind::Transform(transform) => names(&transform.functions),
        StepKind::Export(export) => names(&export.functions),
        StepKind::Test(test) => names(&test.functions),
        StepKind::Source(_) | StepKind::Load(_) => false,
    });
    callers.map(|step| step.id.as_str()).collect::<Vec<_>>().join(", ")
}
