//! What is refused before anything runs.

mod support;

use duckpen_scheduler::Graph;
use support::nodes;

#[test]
fn unsound_graphs_are_refused_with_the_steps_named() {
    for (steps, message) in [
        ("a; b; a", "step `a` is there twice"),
        ("a; b < a c", "step `b` depends on `c`, which does not exist"),
        ("a < a", "steps depend on each other: `a` -> `a`"),
        ("a < b; b < a", "steps depend on each other: `a` -> `b` -> `a`"),
        // `a` only waits for the circle and is not part of it; `x` is on neither.
        ("x; a < b x; b < c; c < d; d < x b", "steps depend on each other: `b` -> `c` -> `d` -> `b`"),
    ] {
        let error = Graph::new(nodes(steps)).expect_err(steps);
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_dependency_may_be_named_twice_and_come_later_in_the_order() {
    let graph = Graph::new(nodes("b < a a; a")).expect("sound");
    assert_eq!(graph.steps().iter().map(|step| step.as_str()).collect::<Vec<_>>(), ["b", "a"]);
}
