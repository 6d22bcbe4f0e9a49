//! What a run amounted to: the document `run_results.json`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A whole run. Every field is always written, `null` where nothing is known, so that readers need no defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResults {
    /// Unique name of the run.
    pub run_id: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// How it ended.
    pub status: RunStatus,
    /// When it began; RFC 3339 in the document.
    pub started_at: Timestamp,
    /// When its last step was settled; RFC 3339 in the document.
    pub finished_at: Timestamp,
    /// From beginning to end.
    pub seconds: f64,
    /// Every step, in the plan's order.
    pub steps: Vec<StepResult>,
    /// Every function of a component that was called, once for each step that called it; and every connector that is a
    /// component and was used.
    pub functions: Vec<FunctionResult>,
    /// What went wrong outside of any step.
    pub error: Option<ErrorReport>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Every step is complete.
    Success,
    /// At least one step failed, or nothing could run at all.
    Failed,
    /// It was interrupted.
    Cancelled,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepResult {
    /// The step's name.
    pub id: String,
    /// The step's kind: `source`, `load`, `transform`, `export`, `test`.
    pub kind: String,
    /// How it ended.
    pub status: StepStatus,
    /// How often it was tried in this run.
    pub attempts: u32,
    /// Rows that are in its result.
    pub rows: Option<u64>,
    /// Rows it was given.
    pub rows_in: Option<u64>,
    /// Rows it added to what was there.
    pub rows_inserted: Option<u64>,
    /// Rows it changed.
    pub rows_updated: Option<u64>,
    /// Rows it took out.
    pub rows_deleted: Option<u64>,
    /// Rows it put aside because they did not fit.
    pub rows_rejected: Option<u64>,
    /// From the beginning of the first attempt to the end of the last; zero if there was none.
    pub seconds: f64,
    /// Fuel its handler burned, in the last attempt.
    pub fuel: Option<FuelUse>,
    /// Memory its handler took, in the last attempt.
    pub memory: Option<MemoryUse>,
    /// The component that ran it.
    pub handler: Option<HandlerUse>,
    /// What it tells of itself, in a sentence.
    pub note: Option<String>,
    /// What a test found that did not hold.
    pub test: Option<TestFailure>,
    /// What went wrong.
    pub error: Option<ErrorReport>,
    /// The failed step because of which it was skipped; `null` too if it was skipped because the run had stopped.
    pub skipped_because: Option<String>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// Done in this run.
    Success,
    /// Its last attempt failed.
    Failed,
    /// Not run because of a failure elsewhere.
    Skipped,
    /// The run was interrupted before it was done.
    Cancelled,
    /// Done in an earlier run, and not run again.
    Resumed,
}

/// A test that did not hold. Where it only warns, its step has succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestFailure {
    /// In a sentence.
    pub message: String,
    /// Rows that must not be.
    pub rows_found: u64,
    /// Some of them, each as text.
    pub sample: Vec<String>,
}

/// Fuel, in units of the engine: roughly one for each WebAssembly instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuelUse {
    /// Burned.
    pub used: u64,
    /// Allowed.
    pub limit: u64,
}

/// Memory of a guest, all of its memories and tables together, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryUse {
    /// The most at any time.
    pub peak: u64,
    /// Allowed.
    pub limit: u64,
}

/// The component that ran a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlerUse {
    /// Its name.
    pub name: String,
    /// Its version, as it states it.
    pub version: String,
    /// Digest of its bytes, `sha256:` and hexadecimal.
    pub digest: String,
}

/// What went wrong, without the excerpt of the source a terminal shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorReport {
    /// Code of the diagnostic (`E0412`).
    pub code: Option<String>,
    /// What happened.
    pub message: String,
    /// What would help.
    pub hint: Option<String>,
}

/// One function of a component within one step, over all of its instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunctionResult {
    /// Its name in SQL.
    pub name: String,
    /// The component it belongs to.
    pub component: String,
    /// Digest of the component's bytes, `sha256:` and hexadecimal.
    pub digest: String,
    /// The step whose SQL called it.
    pub step: String,
    /// Calls across the boundary; each takes a batch of rows.
    pub calls: u64,
    /// Rows over all calls.
    pub rows: u64,
    /// Fuel over all calls.
    pub fuel: u64,
    /// Time over all calls, on whatever threads they ran: in the guest and at the boundary.
    pub nanoseconds: u64,
    /// Time in the guest.
    pub guest_nanoseconds: u64,
    /// Time in which the host gathered arguments, and checked and copied results.
    pub boundary_nanoseconds: u64,
    /// `nanoseconds` over `rows`; `null` without rows.
    pub ns_per_row: Option<f64>,
    /// Bytes of arguments handed over.
    pub bytes_in: u64,
    /// Bytes of results taken back.
    pub bytes_out: u64,
    /// The most memory any of its instances had, in bytes.
    pub peak_memory: u64,
    /// Instances that served it.
    pub instances: u64,
    /// Instances that were thrown away, by the reason (`trap`, `limit`, `denied`, `host_fault`, `cancelled`).
    pub instances_discarded: BTreeMap<String, u64>,
    /// Calls that gave no result, for whatever reason.
    pub failures: u64,
    /// Calls that ended at a limit.
    pub limit_hits: u64,
    /// The same by the limit, as in the configuration (`fuel`).
    pub limit_hits_by_limit: BTreeMap<String, u64>,
    /// Lines of its log that were past their limit and dropped.
    pub log_lines_dropped: u64,
}
