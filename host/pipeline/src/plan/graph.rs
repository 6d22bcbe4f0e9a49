//! Which step needs which, and the order that follows.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

type Key = (String, String);

/// What a step reads and writes, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub writes: Vec<Key>,
    pub reads: Vec<Key>,
    /// It makes a view, so whoever reads what it writes reads what it reads.
    pub is_view: bool,
    /// It only looks.
    pub is_test: bool,
    /// It stands between what it reads and whoever reads that further down.
    pub is_gate: bool,
    /// Steps needed for other reasons: the source of a LOAD, an earlier export to the same place.
    pub needs: Vec<usize>,
}

/// An order in which all nodes can run.
#[derive(Debug)]
pub(crate) struct Order {
    /// What each node depends on.
    pub dependencies: Vec<BTreeSet<usize>>,
    /// Every node after all it depends on, otherwise as in the text.
    pub nodes: Vec<usize>,
}

/// Nodes that need each other: a way from the first one to itself, which stands at both ends.
pub(crate) type Cycle = Vec<usize>;

/// The order of the nodes, or why there is none.
pub(crate) fn order(nodes: &[Node]) -> Result<Order, Vec<Cycle>> {
    let dependencies = dependencies(nodes);
    let mut missing = dependencies.iter().map(BTreeSet::len).collect::<Vec<_>>();
    let mut dependents = vec![Vec::new(); nodes.len()];
    for (node, needs) in dependencies.iter().enumerate() {
        for need in needs {
            dependents[*need].push(node);
        }
    }
    let mut ready = missing
        .iter()
        .enumerate()
        .filter(|(_, missing)| **missing == 0)
        .map(|(n, _)| Reverse(n))
        .collect::<BinaryHeap<_>>();
    let mut ordered = Vec::with_capacity(nodes.len());
    while let Some(Reverse(node)) = ready.pop() {
        ordered.push(node);
        for dependent in &dependents[node] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ready.push(Reverse(*dependent));
            }
        }
    }
    if ordered.len() == nodes.len() {
        Ok(Order { dependencies, nodes: ordered })
    } else {
        Err(cycles(&dependencies, &missing))
    }
}

/// Several steps may write one table. A reader sees what the last writer before it in the text left, so the next writer
/// waits for the reader. A reader that stands before all writers sees what the last of them leaves.
fn dependencies(nodes: &[Node]) -> Vec<BTreeSet<usize>> {
    let mut writers: HashMap<&Key, Vec<usize>> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for key in &node.writes {
            writers.entry(key).or_default().push(index);
        }
    }
    let mut dependencies =
        nodes.iter().map(|node| node.needs.iter().copied().collect::<BTreeSet<_>>()).collect::<Vec<_>>();
    for positions in writers.values() {
        for pair in positions.windows(2) {
            dependencies[pair[1]].insert(pair[0]);
        }
    }
    let reads =
        nodes.iter().enumerate().map(|(reader, node)| all_reads(reader, node, nodes, &writers)).collect::<Vec<_>>();
    for (reader, node) in nodes.iter().enumerate() {
        for key in &reads[reader] {
            let Some(positions) = writers.get(*key) else { continue };
            let before = positions.partition_point(|position| *position < reader);
            let writes_itself = node.writes.contains(key);
            match before.checked_sub(1) {
                Some(last) => {
                    dependencies[reader].insert(positions[last]);
                    let next = positions[before..].iter().find(|position| **position != reader);
                    // A view is no reader of rows: those who read through it are, and wait by themselves.
                    if let Some(next) = next.filter(|_| !node.is_view) {
                        dependencies[*next].insert(reader);
                    }
                }
                None if writes_itself => {}
                // The last of them waits for the others.
                None => dependencies[reader].extend(positions.last()),
            }
        }
    }
    for (gate, _) in nodes.iter().enumerate().filter(|(_, node)| node.is_gate) {
        for reader in gated(gate, nodes, &reads, &writers) {
            dependencies[reader].insert(gate);
        }
    }
    dependencies
}

/// The steps that wait for a test: those further down that read, or write anew, what it has looked at. A test of what is
/// made only further down has nobody to hold up.
fn gated(gate: usize, nodes: &[Node], reads: &[HashSet<&Key>], writers: &HashMap<&Key, Vec<usize>>) -> BTreeSet<usize> {
    let of = |key: &Key| writers.get(key).map(Vec::as_slice).unwrap_or_default();
    let tested = &nodes[gate].reads;
    if tested.iter().any(|key| of(key).first().is_some_and(|first| *first > gate)) {
        return BTreeSet::new();
    }
    let reads_tested = |key: &&Key| {
        let end = of(key).iter().find(|writer| **writer > gate).map_or(nodes.len(), |writer| writer + 1);
        (gate + 1..end).filter(|reader| !nodes[*reader].is_test && reads[*reader].contains(*key)).collect::<Vec<_>>()
    };
    tested.iter().flat_map(|key| reads_tested(&key)).collect()
}

/// What a step reads, also through views.
fn all_reads<'a>(
    reader: usize,
    node: &'a Node,
    nodes: &'a [Node],
    writers: &HashMap<&Key, Vec<usize>>,
) -> HashSet<&'a Key> {
    let mut reads = node.reads.iter().collect::<HashSet<_>>();
    let mut open = node.reads.iter().collect::<Vec<_>>();
    while let Some(key) = open.pop() {
        let Some(positions) = writers.get(key) else { continue };
        let before = positions.partition_point(|position| *position < reader);
        let writer = before.checked_sub(1).and_then(|last| positions.get(last)).or(positions.first());
        let Some(view) = writer.map(|writer| &nodes[*writer]).filter(|writer| writer.is_view) else { continue };
        for key in &view.reads {
            // A cycle through views is found among the dependencies; here it must only not go on for ever.
            if reads.insert(key) {
                open.push(key);
            }
        }
    }
    reads
}

/// Each walk follows missing dependencies until it meets itself; nodes walked once are not walked again.
fn cycles(dependencies: &[BTreeSet<usize>], missing: &[usize]) -> Vec<Cycle> {
    let mut seen = vec![false; dependencies.len()];
    let mut cycles = Vec::new();
    for start in 0..dependencies.len() {
        if missing[start] == 0 || seen[start] {
            continue;
        }
        let mut path = Vec::new();
        let mut current = start;
        while !seen[current] {
            seen[current] = true;
            path.push(current);
            match dependencies[current].iter().find(|need| missing[**need] > 0) {
                Some(next) => current = *next,
                None => break,
            }
        }
        // Not in this path: the walk ran into one done before.
        if let Some(from) = path.iter().position(|node| *node == current) {
            let mut cycle = path.split_off(from);
            let lowest = cycle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
            cycle.rotate_left(lowest);
            cycle.push(cycle[0]);
            cycles.push(cycle);
        }
    }
    cycles
}
