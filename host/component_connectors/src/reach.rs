use std::sync::Arc;

use duckpen_connectors::{HttpClient, SourceFiles};

/// What a component may reach: one thing of these, and never files and a network.
#[derive(Clone)]
pub(crate) enum Reach {
    /// It is only asked what it is.
    Nothing,
    /// Hosts, through this client.
    Network(Arc<HttpClient>),
    /// Files, to be read.
    Files(Arc<SourceFiles>),
}

impl Reach {
    /// A text without secrets.
    pub(crate) fn redacted(&self, text: &str) -> String {
        match self {
            Self::Network(client) => client.redacted(text),
            Self::Nothing | Self::Files(_) => text.to_owned(),
        }
    }
}
