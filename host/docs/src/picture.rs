//! The graph as a picture: boxes and curves, ready to be written as SVG.

use duckpen_lineage::{Graph, Layout, Line, NodeKind, Point, Size, Spacing};

use crate::site::Thing;

/// Characters of a name that fit in a box; a longer one loses its middle.
const MOST_CHARACTERS: usize = 24;

/// Characters of the line under the name.
const MOST_SUMMARY: usize = 32;

/// Room around the whole.
const MARGIN: f64 = 24.0;

/// What is drawn.
#[derive(Debug)]
pub(crate) struct Picture {
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<PictureBox>,
    pub lines: Vec<PictureLine>,
}

/// A node.
#[derive(Debug)]
pub(crate) struct PictureBox {
    pub node: usize,
    pub kind: &'static str,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// What fits of its name.
    pub label: String,
    /// All of its name.
    pub name: String,
    /// What fits of the line under it.
    pub summary: String,
    /// Pipelines, each with a space before and after, for finding.
    pub pipelines: Vec<String>,
}

/// An edge.
#[derive(Debug)]
pub(crate) struct PictureLine {
    pub from: usize,
    pub to: usize,
    pub kind: &'static str,
    pub backwards: bool,
    /// As the attribute `d` of a path has it.
    pub path: String,
}

impl Picture {
    pub(crate) fn of(graph: &Graph, things: &[Thing]) -> Self {
        let sizes: Vec<Size> = graph.nodes().iter().map(|node| size(node.kind)).collect();
        let edges: Vec<(usize, usize)> = graph.edges().iter().map(|edge| (edge.from, edge.to)).collect();
        let layout = Layout::of(&sizes, &edges, Spacing::default());
        let boxes = graph.nodes().iter().zip(&layout.nodes).enumerate().map(|(number, (node, place))| {
            let thing = things.get(number);
            PictureBox {
                node: number,
                kind: node.kind.as_str(),
                x: rounded(place.x + MARGIN),
                y: rounded(place.y + MARGIN),
                width: place.width,
                height: place.height,
                label: shortened(&node.name, MOST_CHARACTERS),
                name: node.name.clone(),
                summary: thing.map(|thing| shortened(&thing.summary, MOST_SUMMARY)).unwrap_or_default(),
                pipelines: thing.map(|thing| thing.pipelines.clone()).unwrap_or_default(),
            }
        });
        let boxes = boxes.collect();
        let lines = graph.edges().iter().zip(&layout.lines).filter(|(_, line)| !line.points.is_empty());
        let lines = lines.map(|(edge, line)| PictureLine {
            from: edge.from,
            to: edge.to,
            kind: edge.kind.as_str(),
            backwards: line.backwards,
            path: path(line),
        });
        Self {
            width: rounded(layout.width + 2.0 * MARGIN),
            height: rounded(layout.height + 2.0 * MARGIN),
            boxes,
            lines: lines.collect(),
        }
    }
}

fn size(kind: NodeKind) -> Size {
    match kind {
        NodeKind::Function => Size { width: 224.0, height: 26.0 },
        _ => Size { width: 224.0, height: 46.0 },
    }
}

/// A curve through the points of a line: level in the layers it passes, and bent between them.
fn path(line: &Line) -> String {
    let place = |point: &Point| (rounded(point.x + MARGIN), rounded(point.y + MARGIN));
    let Some((first, rest)) = line.points.split_first() else { return String::new() };
    let (x, y) = place(first);
    let mut path = format!("M{x} {y}");
    let mut last = (x, y);
    for point in rest {
        let (x, y) = place(point);
        if y == last.1 {
            path.push_str(&format!("H{x}"));
        } else {
            let middle = rounded((last.0 + x) / 2.0);
            path.push_str(&format!("C{middle} {} {middle} {y} {x} {y}", last.1));
        }
        last = (x, y);
    }
    path
}

/// Tenths are finer than anything on a screen.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A text of at most so many characters; what is too much goes from its middle, since ends tell names apart.
fn shortened(text: &str, most: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= most {
        return text.to_owned();
    }
    let head = most.div_ceil(2);
    let tail = most - head - 1;
    let start: String = characters[..head].iter().collect();
    let end: String = characters[characters.len() - tail..].iter().collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_its_ends() {
        for (text, expected) in [("short", "short"), ("exactly_ten", "exact…_ten"), ("größenübersicht", "größe…icht")]
        {
            assert_eq!(shortened(text, 10), expected);
            assert!(shortened(text, 10).chars().count() <= 10);
        }
    }

    #[test]
    fn a_curve_is_level_at_its_ends_and_where_it_passes_a_layer() {
        let point = |x, y| Point { x, y };
        let line = Line {
            points: vec![point(0.0, 0.0), point(10.0, 20.0), point(30.0, 20.0), point(40.0, 0.0)],
            backwards: false,
        };
        assert_eq!(path(&line), "M24 24C29 24 29 44 34 44H54C59 44 59 24 64 24");
    }
}
