//! What lies upstream and downstream.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use duckpen_lineage::{EdgeKind, Graph, NodeKind};

/// `a -> b -> c`, `x -> b`, and `loop` from itself.
fn graph() -> Graph {
    let mut graph = Graph::default();
    let numbers = ["a", "b", "c", "x", "loop"].map(|name| graph.node(name, NodeKind::Table, name));
    let [a, b, c, x, own] = numbers;
    for (from, to) in [(a, b), (b, c), (x, b), (own, own), (a, b)] {
        graph.edge(from, to, EdgeKind::Data);
    }
    graph
}

#[test]
fn upstream_and_downstream_reach_through_all_that_stands_between() {
    let graph = graph();
    let names =
        |numbers: Vec<usize>| numbers.into_iter().map(|number| graph.nodes()[number].name.as_str()).collect::<Vec<_>>();
    for (node, upstream, downstream) in [
        ("a", vec![], vec!["b", "c"]),
        ("b", vec!["a", "x"], vec!["c"]),
        ("c", vec!["a", "b", "x"], vec![]),
        ("x", vec![], vec!["b", "c"]),
        ("loop", vec!["loop"], vec!["loop"]),
    ] {
        let number = graph.number(node).unwrap();
        assert_eq!(names(graph.upstream(number)), upstream, "upstream of {node}");
        assert_eq!(names(graph.downstream(number)), downstream, "downstream of {node}");
    }
}

#[test]
fn nodes_and_edges_are_there_once() {
    let mut graph = graph();
    let again = graph.node("a", NodeKind::Source, "another name");
    assert_eq!((again, graph.nodes()[again].name.as_str()), (0, "a"));
    assert_eq!((graph.nodes().len(), graph.edges().len()), (5, 4));
    graph.edge(0, 99, EdgeKind::Data);
    assert_eq!(graph.edges().len(), 4, "an edge to nowhere is none");
}
