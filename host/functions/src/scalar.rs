//! A scalar function of a component, as DuckDB sees it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use duckpen_database::{
    BindArguments, CallbackError, Chunk, OutputSlot, OutputVector, ScalarFunction, ScalarSignature,
};
use duckpen_sandbox::{Stopped, Template};

use crate::bindings::duckpen::columns::columns::Column;
use crate::constants::OwnedColumn;
use crate::evaluator::{EvaluateError, Evaluator, FunctionHost};
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
        let output = Arc::new(OutputSlot::default());
        let host = FunctionHost::new(self.template.component().name().into(), Arc::clone(&output));
        let meter = Arc::clone(&self.statistics);
        let types: Vec<&str> = site.argument_types.iter().map(String::as_str).collect();
        self.template
            .instantiate(host, meter)
            .map_err(EvaluateError::Stopped)
            .and_then(|instance| Evaluator::open(instance, output, self.index, &types, &site.constants()))
            .map_err(|error| self.message(&error, site))
    }

    fn evaluate(
        &self,
        site: &CallSite,
        evaluator: &mut Evaluator,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let (bytes_in, bytes_out) =
            evaluator.evaluate(&site.constants(), input, output).map_err(|error| self.message(&error, site))?;
        let rows = input.rows() as u64;
        site.rows.fetch_add(rows, Ordering::Relaxed);
        self.statistics.add_batch(rows, bytes_in, bytes_out);
        Ok(())
    }
}

impl GuestScalar {
    /// The error of the query: which function of which component, what happened, and what can be done about it.
    fn message(&self, error: &EvaluateError, site: &CallSite) -> CallbackError {
        let component = self.template.component().name();
        let mut text = format!("function `{}` of component `{component}`: ", self.signature.name);
        match error {
            EvaluateError::Failure(failure) => {
                text.push_str(&limited(&failure.message));
                if let Some(row) = failure.row {
                    let _ = write!(text, " (row {row} of its batch)");
                }
                if let Some(hint) = &failure.hint {
                    let _ = write!(text, "\nhint: {}", limited(hint));
                }
            }
            EvaluateError::Stopped(stopped) => {
                let rows = site.rows.load(Ordering::Relaxed);
                let _ = write!(text, "{stopped}, after {rows} rows");
                match stopped {
                    Stopped::Limit(exceeded) if exceeded.kind.is_adjustable() => {
                        let name = exceeded.kind.name();
                        let _ = write!(
                            text,
                            "\nhint: raise it with `limits.{name}` for `{component}` in duckpen.toml, or with \
                             `--limits {name}=...`"
                        );
                    }
                    Stopped::Denied(_) => {
                        let _ = write!(text, "\nhint: the component breaks its contract; tell its author");
                    }
                    _ => {}
                }
            }
        }
        CallbackError(text)
    }
}

/// A guest's text, made safe to print and cut where it is longer than anybody reads.
pub(crate) fn limited(text: &str) -> String {
    const MOST: usize = 2_000;
    let mut shown: String =
        text.chars().take(MOST).map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push_str(" ...");
    }
    shown
}
