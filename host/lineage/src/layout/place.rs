use super::layers::{Chain, Layered};
use super::{Layout, Line, Point, Rectangle, Size, Spacing};

/// How often each layer is drawn to its neighbours.
const ROUNDS: usize = 24;

/// How much harder two passages of one line pull at each other than boxes do: long lines are straight.
const STRAIGHTNESS: f64 = 8.0;

/// Gives every node its place.
pub(super) fn place(layered: &Layered, sizes: &[Size], spacing: Spacing) -> Layout {
    let columns = columns(layered, sizes, spacing);
    let middles = middles(layered, sizes, spacing);
    let nodes: Vec<Rectangle> = (0..layered.real)
        .map(|node| {
            let Size { width, height } = sizes[node];
            let (left, _) = columns[layered.layer_of[node]];
            Rectangle { x: left, y: middles[node] - height / 2.0, width, height }
        })
        .collect();
    let lines: Vec<Line> =
        layered.chains.iter().map(|chain| line(chain, layered, &nodes, &columns, &middles)).collect();
    // What reaches furthest up is the top.
    let tops = nodes.iter().map(|node| node.y).chain(lines.iter().flat_map(|line| &line.points).map(|point| point.y));
    let top = tops.fold(f64::INFINITY, f64::min);
    let shift = if top.is_finite() { top } else { 0.0 };
    let nodes: Vec<Rectangle> = nodes.into_iter().map(|node| Rectangle { y: node.y - shift, ..node }).collect();
    let lift = |point: Point| Point { y: point.y - shift, ..point };
    let lines: Vec<Line> =
        lines.into_iter().map(|line| Line { points: line.points.into_iter().map(lift).collect(), ..line }).collect();
    let bottoms = nodes.iter().map(|node| node.y + node.height);
    let height = bottoms.chain(lines.iter().flat_map(|line| &line.points).map(|point| point.y)).fold(0.0, f64::max);
    let width = nodes.iter().map(|node| node.x + node.width).fold(0.0, f64::max);
    Layout { nodes, lines, width, height }
}

/// Left and right side of each layer.
fn columns(layered: &Layered, sizes: &[Size], spacing: Spacing) -> Vec<(f64, f64)> {
    let mut left = 0.0;
    let column = |layer: &Vec<usize>| {
        let widths = layer.iter().filter(|node| !layered.is_passage(**node)).map(|node| sizes[*node].width);
        let right = left + widths.fold(0.0, f64::max);
        let column = (left, right);
        left = right + spacing.layers;
        column
    };
    layered.layers.iter().map(column).collect()
}

/// The height at which the middle of each node lies.
fn middles(layered: &Layered, sizes: &[Size], spacing: Spacing) -> Vec<f64> {
    let half = |node: usize| if layered.is_passage(node) { 0.0 } else { sizes[node].height / 2.0 };
    let gap = |upper: usize, lower: usize| match (layered.is_passage(upper), layered.is_passage(lower)) {
        (false, false) => spacing.nodes,
        _ => spacing.lines,
    };
    // The least distance of each node's middle from that of the first in its layer.
    let offsets: Vec<Vec<f64>> = layered
        .layers
        .iter()
        .map(|layer| {
            let mut offset = 0.0;
            let mut offsets = Vec::with_capacity(layer.len());
            for (index, node) in layer.iter().enumerate() {
                if let Some(above) = index.checked_sub(1).map(|above| layer[above]) {
                    offset += half(above) + gap(above, *node) + half(*node);
                }
                offsets.push(offset);
            }
            offsets
        })
        .collect();
    let mut middles = vec![0.0; layered.layer_of.len()];
    for (layer, offsets) in layered.layers.iter().zip(&offsets) {
        let total = offsets.last().copied().unwrap_or_default();
        for (node, offset) in layer.iter().zip(offsets) {
            middles[*node] = offset - total / 2.0;
        }
    }
    for round in 0..ROUNDS {
        // To what stands before, to what stands behind, and at last to both.
        let (to_before, to_behind) = match round {
            round if round >= ROUNDS - 4 => (1.0, 1.0),
            round if round % 2 == 0 => (1.0, 0.1),
            _ => (0.1, 1.0),
        };
        let count = layered.layers.len();
        let forwards = round % 2 == 0;
        for step in 0..count {
            let layer = if forwards { step } else { count - 1 - step };
            let nodes = &layered.layers[layer];
            let pulls = nodes.iter().map(|node| pull(layered, *node, &middles, to_before, to_behind));
            let pulls: Vec<(f64, f64)> = pulls.collect();
            for (node, middle) in nodes.iter().zip(apart(&pulls, &offsets[layer])) {
                middles[*node] = middle;
            }
        }
    }
    middles
}

/// Where a node wants to be, and how much.
fn pull(layered: &Layered, node: usize, middles: &[f64], to_before: f64, to_behind: f64) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    let sides = [(&layered.before[node], to_before), (&layered.behind[node], to_behind)];
    for (others, side) in sides {
        for other in others {
            let is_straight = layered.is_passage(node) && layered.is_passage(*other);
            let own = side * if is_straight { STRAIGHTNESS } else { 1.0 };
            sum += own * middles[*other];
            weight += own;
        }
    }
    if weight > 0.0 { (sum / weight, weight) } else { (middles[node], 0.1) }
}

/// The middles nearest to what is wanted (least squares) that keep their distances: with the distances taken off, numbers
/// that do not fall, which pooling those that would finds.
fn apart(wanted: &[(f64, f64)], offsets: &[f64]) -> Vec<f64> {
    // Value, weight and how many nodes of each pool.
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(wanted.len());
    for ((middle, weight), offset) in wanted.iter().zip(offsets) {
        let mut pool = (middle - offset, *weight, 1);
        while let Some(above) = pools.pop_if(|above| above.0 > pool.0) {
            let weight = above.1 + pool.1;
            pool = ((above.0 * above.1 + pool.0 * pool.1) / weight, weight, above.2 + pool.2);
        }
        pools.push(pool);
    }
    let values = pools.into_iter().flat_map(|(value, _, count)| std::iter::repeat_n(value, count));
    values.zip(offsets).map(|(value, offset)| value + offset).collect()
}

fn line(chain: &Chain, layered: &Layered, nodes: &[Rectangle], columns: &[(f64, f64)], middles: &[f64]) -> Line {
    let mut points = Vec::with_capacity(2 * chain.nodes.len());
    for (index, node) in chain.nodes.iter().enumerate() {
        if index == 0 {
            points.push(nodes[*node].exit());
        } else if index + 1 == chain.nodes.len() {
            points.push(nodes[*node].entry());
        } else {
            let (left, right) = columns[layered.layer_of[*node]];
            let y = middles[*node];
            points.extend([Point { x: left, y }, Point { x: right, y }]);
        }
    }
    if chain.backwards {
        points.reverse();
    }
    Line { points, backwards: chain.backwards }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_as_near_to_the_wanted_ones_as_distances_allow() {
        for (wanted, offsets, expected) in [
            (vec![], vec![], vec![]),
            (vec![(5.0, 1.0)], vec![0.0], vec![5.0]),
            // Room enough: everybody gets what is wanted.
            (vec![(0.0, 1.0), (20.0, 1.0)], vec![0.0, 10.0], vec![0.0, 20.0]),
            // Too near, and the wrong way round: both give way alike.
            (vec![(0.0, 1.0), (0.0, 1.0)], vec![0.0, 10.0], vec![-5.0, 5.0]),
            (vec![(10.0, 1.0), (0.0, 1.0)], vec![0.0, 10.0], vec![0.0, 10.0]),
            // The heavier one gives way less.
            (vec![(0.0, 3.0), (0.0, 1.0)], vec![0.0, 10.0], vec![-2.5, 7.5]),
        ] {
            assert_eq!(apart(&wanted, &offsets), expected, "{wanted:?}");
        }
    }
}
