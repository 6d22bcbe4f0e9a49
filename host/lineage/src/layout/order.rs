use super::layers::Layered;

/// How often the layers are gone through without getting better before it is left at that.
const PATIENCE: usize = 6;

/// Most times the layers are gone through.
const MOST_SWEEPS: usize = 40;

/// Orders the nodes of each layer so that few lines cross.
pub(super) fn untangle(layered: &mut Layered) {
    start(layered);
    let mut best = layered.layers.clone();
    let mut fewest = crossings(layered);
    let mut since = 0;
    for sweep in 0..MOST_SWEEPS {
        if fewest == 0 || since >= PATIENCE {
            break;
        }
        sort_by_neighbours(layered, sweep);
        swap_neighbours(layered);
        let now = crossings(layered);
        if now < fewest {
            (fewest, since) = (now, 0);
            best.clone_from(&layered.layers);
        } else {
            since += 1;
        }
    }
    layered.layers = best;
}

/// An order in which what belongs together stands together: that of a walk from every end of the graph to what it is made
/// of.
fn start(layered: &mut Layered) {
    let count = layered.layer_of.len();
    let mut rank = vec![usize::MAX; count];
    let mut next = 0;
    let ends = (0..count).filter(|node| layered.behind[*node].is_empty()).chain(0..count);
    for end in ends.collect::<Vec<_>>() {
        let mut waiting = vec![end];
        while let Some(node) = waiting.pop() {
            if rank[node] == usize::MAX {
                rank[node] = next;
                next += 1;
                waiting.extend(layered.before[node].iter().rev());
            }
        }
    }
    for layer in &mut layered.layers {
        layer.sort_by_key(|node| rank[*node]);
    }
}

/// Sorts every layer by the middle of its neighbours in the layer before; in the next sweep by those behind.
fn sort_by_neighbours(layered: &mut Layered, sweep: usize) {
    let count = layered.layers.len();
    let forwards = sweep.is_multiple_of(2);
    let order: Vec<usize> = if forwards { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
    let mut position = positions(layered);
    for layer in order {
        let neighbours = if forwards { &layered.before } else { &layered.behind };
        let middle = |node: usize| {
            let places = neighbours[node].iter().map(|other| position[*other] as f64);
            let count = neighbours[node].len();
            if count == 0 { position[node] as f64 } else { places.sum::<f64>() / count as f64 }
        };
        let mut keyed: Vec<(f64, usize)> = layered.layers[layer].iter().map(|node| (middle(*node), *node)).collect();
        // Equal ones change their order every other time, which leads out of dead ends.
        if sweep % 4 >= 2 {
            keyed.reverse();
        }
        keyed.sort_by(|(left, _), (right, _)| left.total_cmp(right));
        layered.layers[layer] = keyed.into_iter().map(|(_, node)| node).collect();
        for (index, node) in layered.layers[layer].iter().enumerate() {
            position[*node] = index;
        }
    }
}

/// Swaps neighbours in a layer for as long as lines cross less then.
fn swap_neighbours(layered: &mut Layered) {
    let mut position = positions(layered);
    for _ in 0..4 {
        let mut swapped = false;
        for layer in &mut layered.layers {
            for index in 1..layer.len() {
                let (upper, lower) = (layer[index - 1], layer[index]);
                let count = |upper: usize, lower: usize| {
                    inversions(&layered.before, upper, lower, &position)
                        + inversions(&layered.behind, upper, lower, &position)
                };
                if count(lower, upper) < count(upper, lower) {
                    layer.swap(index - 1, index);
                    position.swap(upper, lower);
                    swapped = true;
                }
            }
        }
        if !swapped {
            break;
        }
    }
}

/// How often lines of two nodes cross on one side when the first stands above the second.
fn inversions(neighbours: &[Vec<usize>], upper: usize, lower: usize, position: &[usize]) -> usize {
    let below = |one: &usize| neighbours[lower].iter().filter(|other| position[**other] < position[*one]).count();
    neighbours[upper].iter().map(below).sum()
}

fn positions(layered: &Layered) -> Vec<usize> {
    let mut position = vec![0; layered.layer_of.len()];
    for layer in &layered.layers {
        for (index, node) in layer.iter().enumerate() {
            position[*node] = index;
        }
    }
    position
}

/// How many pairs of lines cross.
pub(super) fn crossings(layered: &Layered) -> usize {
    let position = positions(layered);
    let between = |layer: &Vec<usize>| {
        // Lines from top to bottom; each crosses those before it that end further down, which a tree of sums counts.
        let mut ends = Vec::new();
        for node in layer {
            let mut places: Vec<usize> = layered.behind[*node].iter().map(|to| position[*to]).collect();
            places.sort_unstable();
            ends.extend(places);
        }
        let mut sums = vec![0_usize; ends.iter().max().map_or(1, |last| last + 2)];
        let mut count = 0;
        for (seen, end) in ends.into_iter().enumerate() {
            let mut at = end + 1;
            let mut not_below = 0;
            while at > 0 {
                not_below += sums[at];
                at &= at - 1;
            }
            count += seen - not_below;
            let mut at = end + 1;
            while at < sums.len() {
                sums[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
        count
    };
    layered.layers.iter().map(between).sum()
}
