//! `--full-refresh`: what is kept up to date step by step is made anew from all there is.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::steps::{LoadMode, Plan, Refresh, StepId, StepKind, TransformMode};

impl Plan {
    /// The plan in which incremental steps begin from the beginning: loads from an incremental source, and CREATE TABLE
    /// with MODE INCREMENTAL. Their tables are made anew, unless an earlier step of the plan makes them. Steps that add to
    /// a table without knowing what they have added before stay as they are: that history is nowhere else.
    ///
    /// `params` gives the parameters of a source whose connector is in the profile.
    #[must_use]
    pub fn full_refresh<'a>(&self, params: impl Fn(&StepId) -> Option<&'a Map<String, Value>>) -> Plan {
        let mut plan = self.clone();
        let mut incremental_sources = HashSet::new();
        let mut written = HashSet::new();
        for step in &mut plan.steps {
            let is_incremental = match &step.kind {
                StepKind::Source(source) => {
                    if is_incremental(params(&step.id).unwrap_or(&source.params)) {
                        incremental_sources.insert(source.name.to_lowercase());
                    }
                    false
                }
                StepKind::Load(load) => {
                    load.mode != LoadMode::Replace && incremental_sources.contains(&load.source.to_lowercase())
                }
                StepKind::Transform(transform) => matches!(transform.mode, TransformMode::Incremental { .. }),
                StepKind::Export(_) | StepKind::Test(_) => false,
            };
            let is_first = step.kind.writes().is_some_and(|table| written.insert(table.key()));
            step.refresh = match (is_incremental, is_first) {
                (false, _) => Refresh::None,
                (true, true) => Refresh::Table,
                (true, false) => Refresh::Watermark,
            };
        }
        plan
    }
}

fn is_incremental(params: &Map<String, Value>) -> bool {
    params.get("sync_mode").and_then(Value::as_str).is_some_and(|mode| mode.eq_ignore_ascii_case("incremental"))
}
