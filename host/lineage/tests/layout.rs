//! Where things stand in a picture: what must hold for every graph, and what small graphs look like.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use duckpen_lineage::{Layout, Point, Rectangle, Size, Spacing};
use proptest::prelude::*;

const BOX: Size = Size { width: 100.0, height: 30.0 };

fn layout(nodes: usize, edges: &[(usize, usize)]) -> Layout {
    Layout::of(&vec![BOX; nodes], edges, Spacing::default())
}

fn overlap(left: &Rectangle, right: &Rectangle) -> bool {
    let apart = |a: f64, a_size: f64, b: f64, b_size: f64| a + a_size <= b + 1e-6 || b + b_size <= a + 1e-6;
    !apart(left.x, left.width, right.x, right.width) && !apart(left.y, left.height, right.y, right.height)
}

/// What holds for every picture.
fn check(nodes: usize, edges: &[(usize, usize)]) {
    let layout = layout(nodes, edges);
    assert_eq!((layout.nodes.len(), layout.lines.len()), (nodes, edges.len()));
    for (index, node) in layout.nodes.iter().enumerate() {
        assert!(node.x >= -1e-6 && node.y >= -1e-6, "{node:?}");
        assert!(node.x + node.width <= layout.width + 1e-6 && node.y + node.height <= layout.height + 1e-6);
        for other in &layout.nodes[..index] {
            assert!(!overlap(node, other), "{node:?} and {other:?}");
        }
    }
    for ((from, to), line) in edges.iter().zip(&layout.lines) {
        if from == to {
            assert!(line.points.is_empty());
            continue;
        }
        let (from, to) = (layout.nodes[*from], layout.nodes[*to]);
        let ends = if line.backwards { (from.entry(), to.exit()) } else { (from.exit(), to.entry()) };
        let near = |one: Point, other: Point| (one.x - other.x).abs() < 1e-6 && (one.y - other.y).abs() < 1e-6;
        let (first, last) = (line.points[0], *line.points.last().unwrap());
        assert!(near(first, ends.0) && near(last, ends.1), "{line:?} ends at its boxes");
        for pair in line.points.windows(2) {
            let step = pair[1].x - pair[0].x;
            assert!(if line.backwards { step <= 0.0 } else { step >= 0.0 }, "a line keeps its direction");
        }
        // Where a line passes a layer, it is level, and no box is in its way.
        for pair in line.points[1..line.points.len() - 1].chunks(2) {
            assert_eq!(pair[0].y, pair[1].y);
            for node in &layout.nodes {
                let beside = node.y > pair[0].y || node.y + node.height < pair[0].y;
                let (left, right) = (pair[0].x.min(pair[1].x), pair[0].x.max(pair[1].x));
                let elsewhere = node.x + node.width <= left || node.x >= right;
                assert!(beside || elsewhere, "{node:?} is in the way of {pair:?}");
            }
        }
    }
}

#[test]
fn nothing_has_no_size() {
    let layout = layout(0, &[]);
    assert_eq!((layout.width, layout.height), (0.0, 0.0));
}

#[test]
fn a_chain_is_straight_and_runs_to_the_right() {
    let layout = layout(3, &[(0, 1), (1, 2)]);
    let places: Vec<(f64, f64)> = layout.nodes.iter().map(|node| (node.x, node.y)).collect();
    assert_eq!(places, [(0.0, 0.0), (172.0, 0.0), (344.0, 0.0)]);
    assert_eq!((layout.width, layout.height), (444.0, 30.0));
}

#[test]
fn two_parents_stand_around_their_child() {
    let layout = layout(3, &[(0, 2), (1, 2)]);
    let middle = |node: usize| layout.nodes[node].entry().y;
    assert!((middle(2) - (middle(0) + middle(1)) / 2.0).abs() < 1e-6);
}

#[test]
fn what_depends_on_nothing_stands_right_before_what_needs_it() {
    let layout = layout(5, &[(0, 1), (1, 2), (2, 3), (4, 3)]);
    assert_eq!(layout.nodes[4].x, layout.nodes[2].x);
}

#[test]
fn a_cycle_is_drawn_with_one_line_back() {
    let layout = layout(3, &[(0, 1), (1, 2), (2, 0)]);
    let backwards: Vec<bool> = layout.lines.iter().map(|line| line.backwards).collect();
    assert_eq!(backwards.iter().filter(|backwards| **backwards).count(), 1);
    check(3, &[(0, 1), (1, 2), (2, 0)]);
}

#[test]
fn an_edge_to_itself_and_an_edge_twice_do_no_harm() {
    check(2, &[(0, 0), (0, 1), (0, 1), (1, 1)]);
}

#[test]
fn parts_that_are_not_connected_stand_below_each_other() {
    let layout = layout(5, &[(0, 1), (2, 3)]);
    let bottom = |node: usize| layout.nodes[node].y + layout.nodes[node].height;
    assert!(layout.nodes[2].y > bottom(0) && layout.nodes[4].y > bottom(2));
    check(5, &[(0, 1), (2, 3)]);
}

/// Lines between neighbouring layers that cross, counted pair by pair.
fn crossings(layout: &Layout) -> usize {
    let pieces: Vec<_> = layout
        .lines
        .iter()
        .flat_map(|line| line.points.chunks(2).map(|pair| (pair[0], pair[1])))
        .map(|(a, b)| if a.x <= b.x { (a, b) } else { (b, a) })
        .collect();
    let crosses = |index: usize| {
        let (a, b) = pieces[index];
        let other = |(c, d): &&(Point, Point)| {
            (a.x - c.x).abs() < 1e-6 && (b.x - d.x).abs() < 1e-6 && (a.y - c.y) * (b.y - d.y) < -1e-6
        };
        pieces[..index].iter().filter(other).count()
    };
    (0..pieces.len()).map(crosses).sum()
}

#[test]
fn what_can_be_drawn_without_crossings_is() {
    for (nodes, edges) in [
        // Two chains side by side, named in turns.
        (6, vec![(0, 2), (1, 3), (2, 4), (3, 5)]),
        (4, vec![(0, 3), (1, 2)]),
        // A tree.
        (7, vec![(0, 4), (1, 5), (2, 4), (3, 5), (4, 6), (5, 6)]),
        // A long line beside a chain.
        (5, vec![(0, 1), (1, 2), (2, 3), (0, 3), (4, 3)]),
        // A fan out and in.
        (6, vec![(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (2, 5), (3, 5), (4, 5)]),
    ] {
        assert_eq!(crossings(&layout(nodes, &edges)), 0, "{edges:?}");
        check(nodes, &edges);
    }
}

/// A project-like graph: each node is made of a few earlier ones near it.
fn project(nodes: usize) -> Vec<(usize, usize)> {
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut edges = Vec::new();
    for node in nodes / 5..nodes {
        for _ in 0..=random(2) {
            edges.push((node - 1 - random((nodes / 5).min(node)), node));
        }
    }
    edges
}

#[test]
fn two_hundred_nodes_are_laid_out_well_and_a_thousand_in_time() {
    check(200, &project(200));
    let started = std::time::Instant::now();
    layout(1_000, &project(1_000));
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_overlaps_and_lines_end_where_they_should(
        nodes in 1_usize..25,
        edges in prop::collection::vec((0_usize..25, 0_usize..25), 0..50),
    ) {
        let edges: Vec<_> = edges.into_iter().map(|(from, to)| (from % nodes, to % nodes)).collect();
        check(nodes, &edges);
    }
}
