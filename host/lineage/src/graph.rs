use std::collections::HashMap;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// Where rows come from.
    Source,
    /// A table that a pipeline makes.
    Table,
    /// A query with a name.
    View,
    /// A table that is read and that no pipeline of the project makes.
    External,
    /// Where rows go.
    Export,
    /// A function of a component.
    Function,
}

impl NodeKind {
    /// One word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Table => "table",
            Self::View => "view",
            Self::External => "external",
            Self::Export => "export",
            Self::Function => "function",
        }
    }
}

/// One thing in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Unique in its graph: `table:products`.
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// As people call it.
    pub name: String,
}

/// What a line between two nodes means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// Rows flow along it.
    Data,
    /// A function is called to make the rows.
    Call,
}

impl EdgeKind {
    /// One word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Call => "call",
        }
    }
}

/// A line from what is used to what is made of it. Both ends are numbers of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge {
    /// What is used.
    pub from: usize,
    /// What is made of it.
    pub to: usize,
    /// How.
    pub kind: EdgeKind,
}

/// Nodes and the edges between them, each once. A node may stand before itself: a table that is made from its own old rows,
/// or two pipelines that read from each other.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    numbers: HashMap<String, usize>,
}

impl Graph {
    /// Adds a node where none has its id, and gives its number.
    pub fn node(&mut self, id: impl Into<String>, kind: NodeKind, name: impl Into<String>) -> usize {
        let id = id.into();
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let number = self.nodes.len();
        self.numbers.insert(id.clone(), number);
        self.nodes.push(Node { id, kind, name: name.into() });
        number
    }

    /// Says what a node is after all: a table that is read before it is known that a later pipeline makes it.
    pub fn set_kind(&mut self, number: usize, kind: NodeKind) {
        if let Some(node) = self.nodes.get_mut(number) {
            node.kind = kind;
        }
    }

    /// Adds an edge between two nodes of this graph, unless it is there.
    pub fn edge(&mut self, from: usize, to: usize, kind: EdgeKind) {
        let edge = Edge { from, to, kind };
        if from < self.nodes.len() && to < self.nodes.len() && !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }

    /// The nodes, by number.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The edges, in the order in which they were added.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The number of the node with this id.
    pub fn number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// What stands right before a node.
    pub fn before(&self, number: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.to == number)
    }

    /// What stands right behind a node.
    pub fn behind(&self, number: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.from == number)
    }

    /// All that a node is made of, by however many steps, in the order of numbers. The node itself is not among it, unless
    /// it is made of itself.
    pub fn upstream(&self, number: usize) -> Vec<usize> {
        self.reachable(number, |edge| (edge.to, edge.from))
    }

    /// All that is made of a node, likewise.
    pub fn downstream(&self, number: usize) -> Vec<usize> {
        self.reachable(number, |edge| (edge.from, edge.to))
    }

    fn reachable(&self, start: usize, direction: impl Fn(&Edge) -> (usize, usize)) -> Vec<usize> {
        let mut next = vec![Vec::new(); self.nodes.len()];
        for (here, there) in self.edges.iter().map(direction) {
            next[here].push(there);
        }
        let mut seen = vec![false; self.nodes.len()];
        let mut waiting = next.get(start).cloned().unwrap_or_default();
        while let Some(number) = waiting.pop() {
            if !std::mem::replace(&mut seen[number], true) {
                waiting.extend(&next[number]);
            }
        }
        (0..self.nodes.len()).filter(|number| seen[*number]).collect()
    }
}
