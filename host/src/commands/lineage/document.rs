use serde_json::{Value, json};

use crate::catalogue::{Catalogue, Entry, Maker, Sources};

/// The graph for programs: nodes name each other by their ids.
pub fn document(catalogue: &Catalogue) -> Value {
    let nodes = catalogue.graph.nodes();
    let pipelines = catalogue.pipelines.iter().map(|pipeline| {
        let own = nodes.iter().zip(&catalogue.entries);
        let own = own.filter(|(_, entry)| entry.pipelines.contains(&pipeline.name)).map(|(node, _)| &node.id);
        json!({
            "name": pipeline.name,
            "path": pipeline.path,
            "nodes": own.collect::<Vec<_>>(),
            "problems": pipeline.problems,
        })
    });
    let edges = catalogue
        .graph
        .edges()
        .iter()
        .map(|edge| json!({ "from": nodes[edge.from].id, "to": nodes[edge.to].id, "kind": edge.kind.as_str() }));
    json!({
        "pipelines": pipelines.collect::<Vec<_>>(),
        "nodes": (0..nodes.len()).map(|number| node(catalogue, number)).collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    })
}

fn node(catalogue: &Catalogue, number: usize) -> Value {
    let node = &catalogue.graph.nodes()[number];
    let entry = &catalogue.entries[number];
    json!({
        "id": node.id,
        "kind": node.kind.as_str(),
        "name": node.name,
        "pipelines": entry.pipelines,
        "columns": columns(catalogue, number, entry),
        "columns_from": entry.columns.is_ok().then(|| entry.columns_from.as_str()),
        "columns_unknown": entry.columns.as_ref().err(),
        "made_by": entry.makers.iter().map(|maker| made_by(catalogue, maker)).collect::<Vec<_>>(),
    })
}

fn columns(catalogue: &Catalogue, number: usize, entry: &Entry) -> Value {
    let Ok(columns) = &entry.columns else { return Value::Null };
    let column = |(name, logical_type): &(String, String)| {
        let sources = catalogue.origins(number, name);
        json!({
            "name": name,
            "type": logical_type,
            "from": sources.map(|sources| references(catalogue, sources)).unwrap_or_default(),
            "unknown": sources.and_then(|sources| sources.unknown.as_ref()),
        })
    };
    columns.iter().map(column).collect()
}

fn made_by(catalogue: &Catalogue, maker: &Maker) -> Value {
    json!({
        "pipeline": maker.pipeline,
        "step": maker.step,
        "place": maker.place,
        "statement": maker.text,
        "rows_from": maker.rows.as_ref().map(|rows| references(catalogue, rows)),
        "rows_unknown": maker.rows.as_ref().and_then(|rows| rows.unknown.as_ref()),
    })
}

fn references(catalogue: &Catalogue, sources: &Sources) -> Vec<Value> {
    let reference =
        |(node, column): &(usize, String)| json!({ "node": catalogue.graph.nodes()[*node].id, "column": column });
    sources.columns.iter().map(reference).collect()
}
