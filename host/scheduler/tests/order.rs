//! In which order steps run, and how many at once.

mod support;

use std::time::Duration;

use duckpen_scheduler::{OnFailure, RunOutcome};
use support::{Act, Bench, Script, graph, policy, states};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn ready_steps_start_in_the_graphs_order() {
    for (steps, threads, starts) in [
        ("a; b; c", 1, "a b c"),
        ("c; b; a", 1, "c b a"),
        ("c < b; b < a; a", 1, "a b c"),
        ("a; b < a; c < a; d < b c", 1, "a b c d"),
        // `z` is free at once and comes first in the order; what becomes free later goes by the order too.
        ("z; a; b < z; c < a", 1, "z a b c"),
        ("b < z; c < a; z; a", 1, "z b a c"),
        ("a; b; c; d", 2, "a b c d"),
        ("a; b < a; c < a; d < b c", 4, "a b c d"),
    ] {
        let bench = Bench::new(Script::default(), policy(threads, OnFailure::FailFast));
        let report = bench.run(&graph(steps)).await;
        assert_eq!(bench.transcript.starts(), starts, "{steps}, {threads} at once");
        assert_eq!(report.outcome(), RunOutcome::Succeeded);
    }
}

#[tokio::test]
async fn every_transition_is_observed_in_order() {
    let bench = Bench::new(Script::default(), policy(1, OnFailure::FailFast));
    bench.run(&graph("b < a; a")).await;
    let expected = [
        "b pending",
        "a pending",
        "a ready",
        "a running 1",
        "a succeeded 1 with 1",
        "b ready",
        "b running 1",
        "b succeeded 1 with 1",
    ];
    assert_eq!(bench.transcript.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn at_most_threads_steps_run_at_once_and_independent_ones_do_overlap() {
    for (threads, seconds) in [(1, 6), (2, 3), (3, 2), (6, 1), (100, 1)] {
        let script = Script::new(["a", "b", "c", "d", "e", "f"].map(|step| (step, &[Act::Work(SECOND)][..])));
        let bench = Bench::new(script, policy(threads, OnFailure::FailFast));
        let report = bench.run(&graph("a; b; c; d; e; f")).await;
        assert_eq!(bench.scheduler.runner.most_running(), threads.min(6));
        assert_eq!(report.ended.since(report.started).as_secs(), seconds, "{threads} at once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_starts_as_soon_as_its_own_dependencies_are_done() {
    let long: &[Act] = &[Act::Work(SECOND * 10)];
    let short: &[Act] = &[Act::Work(SECOND)];
    let bench = Bench::new(Script::new([("long", long), ("short", short)]), policy(2, OnFailure::FailFast));
    let report = bench.run(&graph("long; short; after_short < short; after_both < long short")).await;
    let began = |step: &str| report.step(step).and_then(|step| step.started).map(|at| at.since_origin().as_secs());
    assert_eq!(began("after_short"), Some(1));
    assert_eq!(began("after_both"), Some(10));
    let long = report.step("long").expect("it was in the graph");
    assert_eq!(long.elapsed().map(|elapsed| elapsed.as_secs()), Some(10));
}

#[tokio::test]
async fn an_empty_graph_succeeds() {
    let bench = Bench::new(Script::default(), policy(1, OnFailure::FailFast));
    let report = bench.run(&duckpen_scheduler::Graph::new(Vec::new()).expect("nothing to refuse")).await;
    assert_eq!(report.outcome(), RunOutcome::Succeeded);
    assert_eq!(states(&report), "");
}
