/// A graph without cycles whose edges all lead from one layer to the next.
#[derive(Debug)]
pub(super) struct Layered {
    /// The nodes of each layer, from top to bottom. The first `real` numbers are the graph's own nodes, the others are places
    /// that lines pass.
    pub layers: Vec<Vec<usize>>,
    /// The layer of each node.
    pub layer_of: Vec<usize>,
    /// What stands before each node, in the layer to the left.
    pub before: Vec<Vec<usize>>,
    /// What stands behind each node, in the layer to the right.
    pub behind: Vec<Vec<usize>>,
    /// How many nodes the graph itself has.
    pub real: usize,
    /// Each edge as the nodes it passes from left to right, its ends included.
    pub chains: Vec<Chain>,
}

/// An edge, from left to right.
#[derive(Debug)]
pub(super) struct Chain {
    pub nodes: Vec<usize>,
    /// The edge runs from the last of the nodes to the first.
    pub backwards: bool,
}

impl Layered {
    /// Nodes from 0 on, and edges between two different ones of them.
    pub(super) fn new(nodes: usize, edges: &[(usize, usize)]) -> Self {
        let backwards = cut_cycles(nodes, edges);
        let forward = |index: usize| {
            let (from, to) = edges[index];
            if backwards[index] { (to, from) } else { (from, to) }
        };
        let forwards: Vec<(usize, usize)> = (0..edges.len()).map(forward).collect();
        let layer_of = layers(nodes, &forwards);
        let mut layered = Self {
            layers: vec![Vec::new(); layer_of.iter().max().map_or(0, |last| last + 1)],
            layer_of,
            before: vec![Vec::new(); nodes],
            behind: vec![Vec::new(); nodes],
            real: nodes,
            chains: Vec::new(),
        };
        for node in 0..nodes {
            layered.layers[layered.layer_of[node]].push(node);
        }
        for (index, (from, to)) in forwards.iter().enumerate() {
            layered.chain(*from, *to, backwards[index]);
        }
        layered
    }

    /// Leads an edge through the layers between its ends.
    fn chain(&mut self, from: usize, to: usize, backwards: bool) {
        let mut nodes = vec![from];
        let mut last = from;
        for layer in self.layer_of[from] + 1..self.layer_of[to] {
            let place = self.layer_of.len();
            self.layer_of.push(layer);
            self.layers[layer].push(place);
            self.before.push(Vec::new());
            self.behind.push(Vec::new());
            self.connect(last, place);
            nodes.push(place);
            last = place;
        }
        self.connect(last, to);
        nodes.push(to);
        self.chains.push(Chain { nodes, backwards });
    }

    fn connect(&mut self, from: usize, to: usize) {
        // Two edges between the same nodes pull as one.
        if !self.behind[from].contains(&to) {
            self.behind[from].push(to);
            self.before[to].push(from);
        }
    }

    /// Whether a node is a place that a line passes.
    pub(super) fn is_passage(&self, node: usize) -> bool {
        node >= self.real
    }
}

/// Which edges to turn round so that no cycle is left: those that lead back to a node whose visit has not ended.
fn cut_cycles(nodes: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    let mut outgoing = vec![Vec::new(); nodes];
    let mut has_incoming = vec![false; nodes];
    for (index, (from, to)) in edges.iter().enumerate() {
        outgoing[*from].push(index);
        has_incoming[*to] = true;
    }
    let mut backwards = vec![false; edges.len()];
    let (mut entered, mut left) = (vec![false; nodes], vec![false; nodes]);
    // Where data comes from is visited first, so that the cut is made where it comes back.
    let starts = (0..nodes).filter(|node| !has_incoming[*node]).chain(0..nodes);
    for start in starts.collect::<Vec<_>>() {
        if entered[start] {
            continue;
        }
        entered[start] = true;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(edge) = outgoing[*node].get(*next) else {
                left[*node] = true;
                path.pop();
                continue;
            };
            *next += 1;
            let to = edges[*edge].1;
            if !entered[to] {
                entered[to] = true;
                path.push((to, 0));
            } else if !left[to] {
                backwards[*edge] = true;
            }
        }
    }
    backwards
}

/// The layer of each node: behind all that it depends on; what depends on nothing stands right before the first that
/// needs it.
fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut behind = vec![Vec::new(); nodes];
    let mut missing = vec![0_usize; nodes];
    for (from, to) in edges {
        behind[*from].push(*to);
        missing[*to] += 1;
    }
    let is_start: Vec<bool> = missing.iter().map(|missing| *missing == 0).collect();
    let mut layer = vec![0; nodes];
    let mut ready: Vec<usize> = (0..nodes).filter(|node| is_start[*node]).collect();
    while let Some(node) = ready.pop() {
        for to in &behind[node] {
            layer[*to] = layer[*to].max(layer[node] + 1);
            missing[*to] -= 1;
            if missing[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    for node in (0..nodes).filter(|node| is_start[*node]) {
        let first = behind[node].iter().map(|to| layer[*to]).min();
        layer[node] = first.map_or(0, |first| first - 1);
    }
    layer
}
