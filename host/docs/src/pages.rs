use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::highlight::{Piece, pieces};
use crate::picture::Picture;
use crate::site::{Link, Site, Thing};

const STYLE: &str = include_str!("../templates/page.css");
const SCRIPT: &str = include_str!("../templates/page.js");

/// A page cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be written: {0}")]
pub struct PageError(#[from] askama::Error);

/// The graph of a project as one HTML page: a click on a node shows what lies upstream and downstream of it, its
/// statements, its columns and where they come from.
///
/// # Errors
/// Those of the template engine.
pub fn lineage_page(site: &Site) -> Result<String, PageError> {
    Ok(LineagePage { site, page: Page::of(site) }.render()?)
}

/// A project as one HTML page: its pipelines with their steps and text, its graph, tables and columns, functions, limits,
/// profiles and last runs.
///
/// # Errors
/// Those of the template engine.
pub fn docs_page(site: &Site) -> Result<String, PageError> {
    Ok(DocsPage { site, page: Page::of(site) }.render()?)
}

#[derive(Template)]
#[template(path = "lineage.html")]
struct LineagePage<'a> {
    site: &'a Site,
    page: Page,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage<'a> {
    site: &'a Site,
    page: Page,
}

/// What both pages have.
struct Page {
    picture: Picture,
    style: &'static str,
    script: &'static str,
    /// The one script that may run, by its digest: no text of a user becomes one.
    script_digest: String,
}

/// A node of the graph with what is known of it.
struct Shown<'a> {
    number: usize,
    name: &'a str,
    kind: &'static str,
    thing: &'a Thing,
    /// Where others have its name: the pipelines that tell it from them.
    distinction: Option<String>,
    before: Vec<Link>,
    behind: Vec<Link>,
}

impl Page {
    fn of(site: &Site) -> Self {
        Self {
            picture: Picture::of(&site.graph, &site.things),
            style: STYLE,
            script: SCRIPT,
            script_digest: STANDARD.encode(Sha256::digest(SCRIPT)),
        }
    }

    /// The nodes of some kinds, in the order of their names.
    fn shown<'a>(&self, site: &'a Site, kinds: &[&str]) -> Vec<Shown<'a>> {
        let nodes = site.graph.nodes().iter().zip(&site.things).enumerate();
        let mut shown: Vec<Shown<'a>> = nodes
            .filter(|(_, (node, _))| kinds.contains(&node.kind.as_str()))
            .map(|(number, (node, thing))| Shown {
                number,
                name: &node.name,
                kind: node.kind.as_str(),
                thing,
                distinction: None,
                before: links(site, site.graph.before(number).map(|edge| edge.from)),
                behind: links(site, site.graph.behind(number).map(|edge| edge.to)),
            })
            .collect();
        shown.sort_by_key(|shown| shown.name.to_lowercase());
        let names: Vec<&str> = shown.iter().map(|shown| shown.name).collect();
        for shown in &mut shown {
            let is_repeated = names.iter().filter(|name| **name == shown.name).count() > 1;
            shown.distinction = is_repeated.then(|| shown.thing.pipelines.join(", "));
        }
        shown
    }

    fn everything<'a>(&self, site: &'a Site) -> Vec<Shown<'a>> {
        self.shown(site, &["source", "table", "view", "external", "export", "function"])
    }

    fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        pieces(text)
    }
}

fn links(site: &Site, numbers: impl Iterator<Item = usize>) -> Vec<Link> {
    let link = |number: usize| Link { node: Some(number), text: site.graph.nodes()[number].name.clone() };
    numbers.map(link).collect()
}
