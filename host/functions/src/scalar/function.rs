//! A scalar function of a component, as DuckDB sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use duckpen_database::{BindArguments, CallbackError, Chunk, OutputVector, ScalarFunction, ScalarSignature};
use duckpen_sandbox::Template;

use super::evaluator::Evaluator;
use crate::bindings::duckpen::columns::columns::Column;
use crate::columns::OwnedColumn;
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::Statistics;

pub(crate) struct GuestScalar {
    pub(crate) signature: ScalarSignature,
    /// The function's number in what `describe` returned.
    pub(crate) index: u32,
    pub(crate) template: Template<FunctionHost>,
    pub(crate) statistics: Arc<Statistics>,
}

/// A call site of one query.
pub(crate) struct CallSite {
    argument_types: Vec<String>,
    constants: Vec<Option<OwnedColumn>>,
    /// Rows computed so far by all threads, for messages.
    rows: AtomicU64,
}

impl CallSite {
    fn constants(&self) -> Vec<Option<Column<'_>>> {
        self.constants.iter().map(|constant| constant.as_ref().map(OwnedColumn::lend)).collect()
    }
}

impl ScalarFunction for GuestScalar {
    type Bound = CallSite;
    type Local = Evaluator;

    fn signature(&self) -> &ScalarSignature {
        &self.signature
    }

    fn bind(&self, arguments: &BindArguments) -> Result<CallSite, CallbackError> {
        let mut site = CallSite { argument_types: Vec::new(), constants: Vec::new(), rows: AtomicU64::new(0) };
        for index in 0..arguments.len() {
            let kind = arguments.logical_type(index);
            site.argument_types.push(kind.to_string());
            site.constants.push(arguments.constant(index).and_then(|value| OwnedColumn::of(value, kind)));
        }
        Ok(site)
    }

    fn open(&self, site: &Arc<CallSite>) -> Result<Evaluator, CallbackError> {
        let host = FunctionHost::new(self.template.component().name().into());
        let meter = Arc::clone(&self.statistics);
        let types: Vec<&str> = site.argument_types.iter().map(String::as_str).collect();
        self.template
            .instantiate(host, meter)
            .map_err(CallError::Stopped)
            .and_then(|instance| Evaluator::open(instance, self.index, &types, &site.constants()))
            .map_err(|error| self.message(&error, site))
    }

    fn evaluate(
        &self,
        site: &CallSite,
        evaluator: &mut Evaluator,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let traffic =
            evaluator.evaluate(&site.constants(), input, output).map_err(|error| self.message(&error, site))?;
        let rows = input.rows() as u64;
        site.rows.fetch_add(rows, Ordering::Relaxed);
        self.statistics.add_batch(rows, traffic.bytes_in, traffic.bytes_out, traffic.gathering);
        Ok(())
    }
}

impl GuestScalar {
    fn message(&self, error: &CallError, site: &CallSite) -> CallbackError {
        let rows = site.rows.load(Ordering::Relaxed);
        error.message(&self.signature.name, self.template.component().name(), rows)
    }
}
