//! What the scheduler itself costs.

mod support;

use std::time::{Duration, Instant};

use duckpen_scheduler::{Graph, Node, OnFailure, RunOutcome};
use support::{Bench, Script, policy};

/// The bound is for the slowest of builds on the busiest of machines; the figure itself is a tenth of it.
#[tokio::test]
async fn a_thousand_empty_steps_cost_less_than_a_tenth_of_a_millisecond_each() {
    let nodes = (0..1_000).map(|number| Node::new(format!("step{number}"), []));
    let graph = Graph::new(nodes.collect()).expect("independent steps");
    let bench = Bench::new(Script::default(), policy(1, OnFailure::FailFast));
    let began = Instant::now();
    let report = bench.run(&graph).await;
    let elapsed = began.elapsed();
    assert_eq!(report.outcome(), RunOutcome::Succeeded);
    assert!(elapsed < Duration::from_millis(100), "{:?} a step", elapsed / 1_000);
}
