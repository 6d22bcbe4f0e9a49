//! A layered layout (Sugiyama): cycles are cut, every node gets a layer, lines that pass layers get a place in each of
//! them, the order within layers is chosen so that few lines cross, and then each node moves as near to its neighbours as
//! the others let it. Parts that are not connected stand below each other.

mod layers;
mod order;
mod place;

use layers::Layered;

/// Width and height, in any unit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// A place; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// Where a box stands.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Rectangle {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rectangle {
    /// The middle of the left side.
    pub fn entry(&self) -> Point {
        Point { x: self.x, y: self.y + self.height / 2.0 }
    }

    /// The middle of the right side.
    pub fn exit(&self) -> Point {
        Point { x: self.x + self.width, y: self.y + self.height / 2.0 }
    }
}

/// How far things stand from each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// Between layers.
    pub layers: f64,
    /// Between the boxes of a layer.
    pub nodes: f64,
    /// Between a line and what stands beside it in a layer.
    pub lines: f64,
    /// Between parts that are not connected.
    pub parts: f64,
}

impl Default for Spacing {
    fn default() -> Self {
        Self { layers: 72.0, nodes: 18.0, lines: 10.0, parts: 34.0 }
    }
}

/// A line between two boxes: from the right side of the one to the left side of the other, or, where it closes a cycle,
/// the other way.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its ends, and between them a place in every layer it passes: two points each, so that it passes level.
    pub points: Vec<Point>,
    /// It runs against the direction of all others.
    pub backwards: bool,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// A box for each size given, in the same order.
    pub nodes: Vec<Rectangle>,
    /// A line for each edge given, in the same order. An edge from a node to itself has no points.
    pub lines: Vec<Line>,
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
}

impl Layout {
    /// Places boxes of these sizes. An edge is a pair of numbers of boxes; one that names no box is left out.
    pub fn of(sizes: &[Size], edges: &[(usize, usize)], spacing: Spacing) -> Self {
        let nothing = Rectangle { x: 0.0, y: 0.0, width: 0.0, height: 0.0 };
        let mut layout = Self {
            nodes: vec![nothing; sizes.len()],
            lines: vec![Line { points: Vec::new(), backwards: false }; edges.len()],
            ..Self::default()
        };
        let parts = parts(sizes.len(), edges);
        let (single, connected): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.len() == 1);
        for part in connected {
            layout.add_part(&part, sizes, edges, spacing);
        }
        layout.add_single(&single.concat(), sizes, spacing);
        layout
    }

    /// Adds nodes that are connected, below what is there.
    fn add_part(&mut self, part: &[usize], sizes: &[Size], edges: &[(usize, usize)], spacing: Spacing) {
        let top = if self.height > 0.0 { self.height + spacing.parts } else { 0.0 };
        let own = |number: &usize| part.binary_search(number).ok();
        let numbers: Vec<usize> = (0..edges.len())
            .filter(|index| {
                let (from, to) = edges[*index];
                from != to && own(&from).is_some() && own(&to).is_some()
            })
            .collect();
        let pairs = numbers.iter().filter_map(|index| own(&edges[*index].0).zip(own(&edges[*index].1)));
        let mut layered = Layered::new(part.len(), &pairs.collect::<Vec<_>>());
        order::untangle(&mut layered);
        let own_sizes: Vec<Size> = part.iter().map(|number| sizes[*number]).collect();
        let placed = place::place(&layered, &own_sizes, spacing);
        for (index, number) in part.iter().enumerate() {
            let rectangle = placed.nodes[index];
            self.nodes[*number] = Rectangle { y: rectangle.y + top, ..rectangle };
        }
        for (line, index) in placed.lines.into_iter().zip(numbers) {
            let points = line.points.into_iter().map(|point| Point { y: point.y + top, ..point }).collect();
            self.lines[index] = Line { points, ..line };
        }
        self.width = self.width.max(placed.width);
        self.height = top + placed.height;
    }

    /// Adds nodes without any line, in rows as wide as the rest.
    fn add_single(&mut self, single: &[usize], sizes: &[Size], spacing: Spacing) {
        let widest = single.iter().map(|number| sizes[*number].width).fold(0.0, f64::max);
        let limit = self.width.max(3.0 * (widest + spacing.nodes));
        let top = if self.height > 0.0 && !single.is_empty() { self.height + spacing.parts } else { self.height };
        let (mut x, mut y, mut row_height) = (0.0, top, 0.0_f64);
        for number in single {
            let Size { width, height } = sizes[*number];
            if x > 0.0 && x + width > limit {
                (x, y, row_height) = (0.0, y + row_height + spacing.nodes, 0.0);
            }
            self.nodes[*number] = Rectangle { x, y, width, height };
            self.width = self.width.max(x + width);
            x += width + spacing.nodes;
            row_height = row_height.max(height);
        }
        self.height = y + row_height;
    }
}

/// The parts of the graph that are connected, each with its nodes in order, in the order of their first nodes.
fn parts(nodes: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); nodes];
    for (from, to) in edges.iter().filter(|(from, to)| *from < nodes && *to < nodes) {
        neighbours[*from].push(*to);
        neighbours[*to].push(*from);
    }
    let mut seen = vec![false; nodes];
    let mut parts = Vec::new();
    for start in 0..nodes {
        let mut part = Vec::new();
        let mut waiting = vec![start];
        while let Some(node) = waiting.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                part.push(node);
                waiting.extend(&neighbours[node]);
            }
        }
        if !part.is_empty() {
            part.sort_unstable();
            parts.push(part);
        }
    }
    parts
}
