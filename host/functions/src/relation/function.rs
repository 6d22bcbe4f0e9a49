//! A function of relations, ready to be run.

use std::sync::Arc;

use duckpen_database::{Error, Session, quote_identifier};
use duckpen_sandbox::Template;

use super::handover::{Finished, Handover, Source};
use super::mapping::Mapping;
use crate::columns::{ArgumentBuffer, OwnedColumn};
use crate::declaration::{DeclaredFunction, Parameter};
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::Statistics;

/// A function that makes a relation of another. Clones are the same function.
#[derive(Clone)]
pub struct RelationFunction {
    declared: DeclaredFunction,
    index: u32,
    template: Template<FunctionHost>,
    statistics: Arc<Statistics>,
}

/// What a call works on. All texts are SQL that was checked, or is the host's own.
pub struct RelationCall<'a> {
    /// The query whose rows go in.
    pub input: &'a str,
    /// Parameters that are given, with expressions that are constant.
    pub arguments: &'a [(String, String)],
    /// The temporary table that is made of the result, in quotes where it needs them.
    pub table: &'a str,
    /// Whether the call is to be stopped; looked at while the guest runs.
    pub cancelled: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl RelationFunction {
    pub(crate) fn new(
        declared: &DeclaredFunction,
        index: u32,
        template: &Template<FunctionHost>,
        statistics: &Arc<Statistics>,
    ) -> Self {
        Self { declared: declared.clone(), index, template: template.clone(), statistics: Arc::clone(statistics) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.declared.name
    }

    /// What may be given beside the relation, in order.
    pub fn named_parameters(&self) -> &[Parameter] {
        &self.declared.named
    }

    /// Runs the function and makes a temporary table of its result, within the transaction of the session. Returns the rows
    /// of the result.
    ///
    /// # Errors
    /// [`Error::Query`]: the database's words about input and arguments, or, as for functions in a query, which function of
    /// which component failed and how; [`Error::Interrupted`].
    pub fn run(&self, session: &Session, handover: &Handover, call: &RelationCall<'_>) -> Result<u64, Error> {
        let source = Source {
            function: self.declared.name.clone(),
            component: self.template.component().name().to_owned(),
            statistics: Arc::clone(&self.statistics),
        };
        // In the words that DuckDB has for an error of a function.
        let failed = |error: &CallError, rows| Error::Query {
            message: format!("Invalid Input Error: {}", source.message(error, rows).0),
        };
        let arguments = self.arguments(session, call.arguments)?;
        let mut rows = session.stream(&format!("SELECT * FROM ({}\n) AS input", call.input))?;
        let mut host = FunctionHost::new(self.template.component().name().into());
        host.cancelled = Some(Arc::clone(&call.cancelled));
        let instance = self
            .template
            .instantiate(host, Arc::clone(&self.statistics) as _)
            .map_err(|stopped| failed(&stopped.into(), 0))?;
        let mut mapping =
            Mapping::open(instance, self.index, rows.columns(), &arguments).map_err(|error| failed(&error, 0))?;
        loop {
            let Some(chunk) = rows.next_chunk()? else { break };
            match mapping.push(&chunk.as_arguments()) {
                Ok(bytes) => self.statistics.add_batch(chunk.rows() as u64, bytes, 0),
                Err(error) => return Err(self.stopped(&call.cancelled, failed(&error, mapping.rows))),
            }
        }
        drop(rows);
        let columns = mapping.finish().map_err(|error| self.stopped(&call.cancelled, failed(&error, mapping.rows)))?;
        handover.create(session, call.table, Finished { mapping, columns, source })
    }

    /// A call that was told to stop fails in some way, and not because of that way.
    #[expect(clippy::unused_self, reason = "read as a part of running the function")]
    fn stopped(&self, cancelled: &Arc<dyn Fn() -> bool + Send + Sync>, error: Error) -> Error {
        if cancelled() { Error::Interrupted } else { error }
    }

    /// The values of the arguments, as the types of their parameters.
    fn arguments(&self, session: &Session, given: &[(String, String)]) -> Result<Vec<(String, OwnedColumn)>, Error> {
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let cast = given.iter().map(|(name, expression)| {
            let parameter = self.declared.named.iter().find(|parameter| parameter.name == *name);
            let kind = parameter.map_or_else(|| "VARCHAR".to_owned(), |parameter| parameter.logical_type.to_string());
            format!("CAST(({expression}\n) AS {kind}) AS {}", quote_identifier(name))
        });
        let query = format!("SELECT {}", cast.collect::<Vec<_>>().join(", "));
        let mut values = session.stream(&query)?;
        let columns = values.next_chunk()?.map(|chunk| {
            let column = |vector: &duckpen_database::InputVector<'_>| {
                let (mut buffer, mut nodes) = (ArgumentBuffer::default(), Vec::new());
                let column = buffer.column(vector, &mut nodes).map_err(|error| error.to_string())?;
                Ok(OwnedColumn::of(&column))
            };
            chunk.as_arguments().vectors().iter().map(column).collect::<Result<Vec<_>, String>>()
        });
        let columns = columns.unwrap_or_else(|| Ok(Vec::new())).map_err(|message| Error::Query { message })?;
        Ok(given.iter().map(|(name, _)| name.clone()).zip(columns).collect())
    }
}
