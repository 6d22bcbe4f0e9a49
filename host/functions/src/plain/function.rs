//! A function of a plain component, as DuckDB sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use duckpen_database::{BindArguments, CallbackError, Chunk, OutputVector, ScalarFunction, ScalarSignature};
use duckpen_sandbox::Template;

use super::callee::Callee;
use super::caller::Caller;
use crate::failure::CallError;
use crate::host::FunctionHost;
use crate::statistics::Statistics;

pub(crate) struct PlainFunction {
    pub(crate) signature: ScalarSignature,
    pub(crate) callee: Arc<Callee>,
    pub(crate) template: Template<FunctionHost>,
    pub(crate) statistics: Arc<Statistics>,
}

/// A call site of one query.
#[derive(Default)]
pub(crate) struct CallSite {
    /// Rows computed so far by all threads, for messages.
    rows: AtomicU64,
}

impl ScalarFunction for PlainFunction {
    type Bound = CallSite;
    type Local = Caller;

    fn signature(&self) -> &ScalarSignature {
        &self.signature
    }

    fn bind(&self, _: &BindArguments) -> Result<CallSite, CallbackError> {
        Ok(CallSite::default())
    }

    fn open(&self, site: &Arc<CallSite>) -> Result<Caller, CallbackError> {
        let host = FunctionHost::new(self.template.component().name().into());
        let meter = Arc::clone(&self.statistics);
        self.template
            .instantiate(host, meter)
            .and_then(|instance| Caller::open(instance, &self.callee))
            .map_err(|stopped| self.message(&stopped.into(), site))
    }

    fn evaluate(
        &self,
        site: &CallSite,
        caller: &mut Caller,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let traffic = caller.evaluate(input, output).map_err(|error| self.message(&error, site))?;
        let rows = input.rows() as u64;
        site.rows.fetch_add(rows, Ordering::Relaxed);
        self.statistics.add_batch(rows, traffic.bytes_in, traffic.bytes_out);
        Ok(())
    }
}

impl PlainFunction {
    fn message(&self, error: &CallError, site: &CallSite) -> CallbackError {
        let rows = site.rows.load(Ordering::Relaxed);
        error.message(&self.signature.name, self.template.component().name(), rows)
    }
}
