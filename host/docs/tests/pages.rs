//! The pages: that they are whole, and that nothing of a user's becomes markup.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use duckpen_docs::{
    ColumnRow, Fact, FunctionEntry, LimitRow, Link, PipelineEntry, ProfileEntry, RunEntry, Site, Statement, StepRow,
    Thing, docs_page, lineage_page,
};
use duckpen_lineage::{EdgeKind, Graph, NodeKind};

/// A site in which every text is `text`.
fn site(text: &str) -> Site {
    let mut graph = Graph::default();
    let kinds =
        [NodeKind::Source, NodeKind::Table, NodeKind::View, NodeKind::External, NodeKind::Export, NodeKind::Function];
    for (number, kind) in kinds.into_iter().enumerate() {
        graph.node(format!("{number}{text}"), kind, text);
        if number > 0 {
            graph.edge(number - 1, number, EdgeKind::Data);
        }
    }
    let owned = || text.to_owned();
    let fact = || Fact { name: owned(), value: owned() };
    let link = || Link { node: Some(1), text: owned() };
    let thing = Thing {
        summary: owned(),
        pipelines: vec![owned()],
        facts: vec![fact()],
        columns: vec![ColumnRow {
            name: owned(),
            logical_type: owned(),
            origins: vec![link()],
            unknown: Some(owned()),
        }],
        columns_note: Some(owned()),
        statements: vec![Statement {
            pipeline: owned(),
            step: owned(),
            title: owned(),
            place: Some(owned()),
            sql: Some(format!("SELECT '{text}' AS \"{text}\" -- {text}")),
        }],
    };
    Site {
        project: owned(),
        made_at: owned(),
        version: owned(),
        things: vec![thing; graph.nodes().len()],
        graph,
        pipelines: vec![PipelineEntry {
            name: owned(),
            path: owned(),
            about: Some(owned()),
            text: owned(),
            steps: vec![StepRow {
                id: owned(),
                kind: owned(),
                title: owned(),
                reads: vec![link()],
                writes: vec![link()],
                calls: vec![Link { node: None, text: owned() }],
                status: Some(owned()),
                rows: Some(owned()),
                time: Some(owned()),
            }],
            problems: vec![owned()],
            last_run: Some(RunEntry {
                run_id: owned(),
                status: owned(),
                finished_at: owned(),
                time: owned(),
                errors: vec![fact()],
            }),
        }],
        functions: vec![FunctionEntry {
            node: Some(5),
            name: owned(),
            kind: owned(),
            signature: owned(),
            doc: Some(owned()),
            component: owned(),
            digest: owned(),
        }],
        limits: vec![LimitRow { scope: owned(), name: owned(), value: owned(), origin: owned() }],
        profiles: vec![ProfileEntry {
            name: owned(),
            database: owned(),
            variables: vec![owned()],
            connectors: vec![fact()],
        }],
    }
}

/// The tags of a page, in order, with the names of their attributes.
fn tags(page: &str) -> Vec<String> {
    let mut rest = page;
    let mut tags = Vec::new();
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        // The script and the styles are ours; what looks like a tag in them is none.
        for (open, close) in [("<script>", "</script>"), ("<style>", "</style>")] {
            if rest.starts_with(open) {
                rest = &rest[rest.find(close).unwrap()..];
            }
        }
        let mut quote = false;
        let end = rest.find(|c| {
            quote ^= c == '"';
            c == '>' && !quote
        });
        let tag = &rest[..end.unwrap()];
        let unquoted: Vec<&str> = tag.split('"').step_by(2).collect();
        tags.push(unquoted.join("\"\""));
        rest = &rest[tag.len()..];
    }
    tags
}

#[test]
fn no_text_of_a_user_becomes_markup() {
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></pre></script><svg onload=alert(1)>",
        "{{ 7 * 7 }} & &lt; ]]> -->",
        "javascript:alert(1)",
    ] {
        let (plain, tried) = (site("plain"), site(hostile));
        for (name, page) in [("lineage", lineage_page as fn(&Site) -> Result<String, _>), ("docs", docs_page)] {
            let (plain, tried) = (page(&plain).unwrap(), page(&tried).unwrap());
            // Pieces of highlighted text differ in number, not in kind.
            let strip = |page: &str| tags(page).into_iter().filter(|tag| !tag.contains("span")).collect::<Vec<_>>();
            assert_eq!(strip(&plain), strip(&tried), "{name} with {hostile}");
            assert!(
                !tried.contains("<script>alert") && !tried.contains("<img") && !tried.contains("href=\"javascript")
            );
        }
    }
}

#[test]
fn a_page_needs_nothing_else_and_runs_no_script_but_its_own() {
    let site = site("plain");
    for page in [lineage_page(&site).unwrap(), docs_page(&site).unwrap()] {
        for outside in ["http://", "https://", "src=", "<link", "@import", "url(h", "fetch("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<script>").count(), 1);
        assert!(page.contains("default-src 'none'") && page.contains("script-src 'sha256-"));
    }
}

#[test]
fn every_link_has_a_target() {
    let site = site("plain");
    for page in [lineage_page(&site).unwrap(), docs_page(&site).unwrap()] {
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert_eq!(page.matches(&format!("id=\"{link}\"")).count(), 1, "{link}");
        }
    }
}

#[test]
fn a_project_without_anything_has_pages() {
    let site = Site::default();
    assert!(lineage_page(&site).unwrap().ends_with("</html>"));
    assert!(docs_page(&site).unwrap().contains("The project has no pipelines."));
}
