use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use duckpen_database::{Analysis, Error, Session};

/// What the queries of a plan read and call, by their text. DuckDB has told it when the plan was made, and need not parse
/// the same text once more, which takes it longer than a small step, when the query is checked against its step's grants.
///
/// Clones share what they know.
#[derive(Clone, Default)]
pub struct Analyses(Arc<RwLock<HashMap<String, Analysis>>>);

impl Analyses {
    pub(crate) fn remember(&self, query: &str, analysis: &Analysis) {
        if let Ok(mut known) = self.0.write() {
            known.insert(query.to_owned(), analysis.clone());
        }
    }

    /// What `query` reads and calls. One that is not known is looked at and not remembered: a handler can make any number
    /// of them.
    pub(crate) fn with<R>(
        &self,
        session: &Session,
        query: &str,
        look: impl FnOnce(&Analysis) -> R,
    ) -> Result<R, Error> {
        if let Ok(known) = self.0.read()
            && let Some(analysis) = known.get(query)
        {
            return Ok(look(analysis));
        }
        session.analyze(query).map(|analysis| look(&analysis))
    }
}
