use duckpen_lineage::{EdgeKind, NodeKind};

use crate::catalogue::{Catalogue, Sources};
use crate::output::table;

/// A tree under everything that nothing is made of: what it is made of. What was shown before is not taken apart again.
pub fn tree(catalogue: &Catalogue) -> String {
    let nodes = catalogue.graph.nodes();
    let mut tree = Tree { catalogue, shown: vec![false; nodes.len()], lines: Vec::new() };
    let is_data = |node: &usize| nodes[*node].kind != NodeKind::Function;
    let ends = (0..nodes.len()).filter(is_data).filter(|node| catalogue.graph.behind(*node).next().is_none());
    for end in ends {
        tree.node(end, "", "");
    }
    // A cycle has no end; whoever is left is shown from its first node on.
    for node in (0..nodes.len()).filter(is_data) {
        if !tree.shown[node] {
            tree.node(node, "", "");
        }
    }
    tree.lines.join("\n")
}

struct Tree<'a> {
    catalogue: &'a Catalogue,
    shown: Vec<bool>,
    lines: Vec<String>,
}

impl Tree<'_> {
    /// Writes a node behind `branch`, and what it is made of behind `margin`.
    fn node(&mut self, number: usize, branch: &str, margin: &str) {
        let graph = &self.catalogue.graph;
        let node = &graph.nodes()[number];
        let mut line = format!("{branch}{}  {}", node.name, node.kind.as_str());
        if let Some((_, place)) = self.catalogue.entries[number].facts.iter().find(|(name, _)| name == "from") {
            line.push_str(&format!(" {place}"));
        }
        let before = || graph.before(number).filter(|edge| edge.from != number);
        let calls: Vec<&str> = before()
            .filter(|edge| edge.kind == EdgeKind::Call)
            .map(|edge| graph.nodes()[edge.from].name.as_str())
            .collect();
        if !calls.is_empty() {
            line.push_str(&format!(", calls {}", calls.join(", ")));
        }
        let made_of: Vec<usize> = before().filter(|edge| edge.kind == EdgeKind::Data).map(|edge| edge.from).collect();
        let is_again = std::mem::replace(&mut self.shown[number], true);
        if is_again && !made_of.is_empty() {
            line.push_str("  (shown above)");
        }
        self.lines.push(line);
        if is_again {
            return;
        }
        for (index, from) in made_of.iter().enumerate() {
            let (branch, below) = if index + 1 == made_of.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.node(*from, &format!("{margin}{branch}"), &format!("{margin}{below}"));
        }
    }
}

/// Every node with its columns, and what each of them is made of.
pub fn columns(catalogue: &Catalogue) -> String {
    let nodes = catalogue.graph.nodes().iter().enumerate();
    let blocks = nodes.filter(|(_, node)| node.kind != NodeKind::Function).map(|(number, node)| {
        let entry = &catalogue.entries[number];
        let mut block = vec![format!("{}  {}", node.name, node.kind.as_str())];
        match &entry.columns {
            Err(why) => block.push(format!("  columns unknown: {}", why.lines().next().unwrap_or_default())),
            Ok(columns) => {
                let row = |(name, logical_type): &(String, String)| {
                    let made_of = catalogue.origins(number, name).map(|sources| words(catalogue, sources));
                    vec![name.clone(), logical_type.clone(), made_of.unwrap_or_default()]
                };
                let headings = ["column", "type", "made of"];
                // Nothing is known to stand before a source.
                let shown = if entry.origins.is_empty() { 2 } else { 3 };
                let rows = columns.iter().map(row).map(|mut row| {
                    row.truncate(shown);
                    row
                });
                let lines = table(headings.into_iter().take(shown), rows);
                block.extend(lines.lines().map(|line| format!("  {line}").trim_end().to_owned()));
            }
        }
        for maker in &entry.makers {
            if let Some(rows) = maker.rows.as_ref().filter(|rows| **rows != Sources::default()) {
                block.push(format!("  rows by {} ({})", words(catalogue, rows), maker.step));
            }
        }
        block.join("\n")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

fn words(catalogue: &Catalogue, sources: &Sources) -> String {
    let known = sources.columns.iter().map(|column| catalogue.column_name(column));
    let unknown = sources.unknown.iter().map(|why| format!("unknown ({why})"));
    known.chain(unknown).collect::<Vec<_>>().join(", ")
}
