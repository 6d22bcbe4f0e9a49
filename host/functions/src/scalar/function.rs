//! A scalar function of a component, as DuckDB sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use duckpen_database::{
    ArgumentForm, BindArguments, CallbackError, Chunk, OutputVector, ScalarFunction, ScalarSignature,
};
use duckpen_sandbox::{Measuring, Template};

use super::evaluator::Evaluator;
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::Statistics;

pub(crate) struct GuestScalar {
    pub(crate) signature: ScalarSignature,
    /// The names of the parameters.
    pub(crate) names: Vec<String>,
    /// The function's number in what `describe` returned.
    pub(crate) index: u32,
    pub(crate) template: Template<FunctionHost>,
    pub(crate) statistics: Arc<Statistics>,
}

/// A call site of one query.
pub(crate) struct CallSite {
    pub(crate) argument_types: Vec<String>,
    pub(crate) forms: Vec<ArgumentForm>,
    /// Of each argument the name of its parameter; varargs have none.
    pub(crate) names: Vec<String>,
    /// Rows computed so far by all threads, for messages.
    rows: AtomicU64,
}

impl ScalarFunction for GuestScalar {
    type Bound = CallSite;
    /// None until there is a batch: constants are known then, in the types of their parameters.
    type Local = Option<Evaluator>;

    fn signature(&self) -> &ScalarSignature {
        &self.signature
    }

    fn bind(&self, arguments: &BindArguments) -> Result<CallSite, CallbackError> {
        let indices = 0..arguments.len();
        Ok(CallSite {
            argument_types: indices.clone().map(|index| arguments.logical_type(index).to_string()).collect(),
            forms: indices.clone().map(|index| arguments.form(index)).collect(),
            names: indices.map(|index| self.names.get(index).cloned().unwrap_or_default()).collect(),
            rows: AtomicU64::new(0),
        })
    }

    fn open(&self, _site: &Arc<CallSite>) -> Result<Option<Evaluator>, CallbackError> {
        Ok(None)
    }

    fn evaluate(
        &self,
        site: &CallSite,
        local: &mut Option<Evaluator>,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let rows = input.rows() as u64;
        if rows == 0 {
            return Ok(());
        }
        let traffic = self
            .opened(local, site, input)
            .and_then(|evaluator| evaluator.evaluate(site, input, output))
            .map_err(|error| self.message(&error, site))?;
        site.rows.fetch_add(rows, Ordering::Relaxed);
        if self.template.measuring() == Measuring::On {
            self.statistics.add_batch(rows, traffic.bytes_in, traffic.bytes_out);
            self.statistics.add_boundary_time(traffic.gathering);
        }
        Ok(())
    }
}

impl GuestScalar {
    /// The evaluator of this thread, which its first batch makes.
    fn opened<'l>(
        &self,
        local: &'l mut Option<Evaluator>,
        site: &CallSite,
        first: &Chunk<'_>,
    ) -> Result<&'l mut Evaluator, CallError> {
        if let Some(evaluator) = local {
            return Ok(evaluator);
        }
        let host = FunctionHost::new(self.template.component().name().into());
        let meter = Arc::clone(&self.statistics);
        let instance = self.template.instantiate(host, meter).map_err(CallError::Stopped)?;
        Ok(local.insert(Evaluator::open(instance, self.index, site, first)?))
    }

    fn message(&self, error: &CallError, site: &CallSite) -> CallbackError {
        let rows = site.rows.load(Ordering::Relaxed);
        error.message(&self.signature.name, self.template.component().name(), rows)
    }
}
