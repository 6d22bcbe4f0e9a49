//! What a pipeline does differently from SQLFlow, as far as its plan and its text tell.

use std::collections::BTreeMap;

use duckpen_pipeline::{LoadMode, Plan, PythonPlace, StepKind, TransformMode, python_calls};

/// One sentence a difference, in the order of the plan.
pub(super) fn of(plan: &Plan, text: &str) -> Vec<String> {
    let mut changes = Vec::new();
    let mut exported: BTreeMap<String, &str> = BTreeMap::new();
    for step in &plan.steps {
        let id = &step.id;
        match &step.kind {
            StepKind::Source(source) => {
                let incremental = source.params.get("sync_mode").is_some_and(|mode| mode == "incremental");
                if incremental {
                    changes.push(format!(
                        "{id}: only what is new is loaded, and the watermark moves with the rows. SQLFlow loaded everything \
                         again where nothing was new, and the last 10,000 rows of more"
                    ));
                }
            }
            StepKind::Load(load) => match &load.mode {
                LoadMode::Append => {
                    changes.push(format!("{id}: columns are matched by name. SQLFlow matched them by position"));
                }
                LoadMode::Upsert { .. } => changes.push(format!(
                    "{id}: a key that stands in the source twice fails the step. SQLFlow inserted such rows twice"
                )),
                LoadMode::Replace => {}
            },
            StepKind::Transform(transform) => {
                let mode = match &transform.mode {
                    TransformMode::Replace => None,
                    TransformMode::Append => Some("APPEND"),
                    TransformMode::Upsert { .. } => Some("UPSERT"),
                    TransformMode::Incremental { .. } => Some("INCREMENTAL"),
                };
                if let Some(mode) = mode {
                    changes.push(format!("{id}: MODE {mode} is done. SQLFlow made the table anew"));
                }
                note_calls(&mut changes, id.as_str(), &transform.query, false);
            }
            StepKind::Export(export) => {
                let kind = export.connector_type.as_str();
                if export.from_profile.is_none() && !(kind == "csv" && export.destination.ends_with(".csv")) {
                    changes.push(format!("{id}: the file is written as {kind}. SQLFlow wrote a file of 0 bytes"));
                } else if !export.options.is_empty() && kind == "csv" && changes_file(&export.options) {
                    changes.push(format!("{id}: its OPTIONS are followed. SQLFlow ignored them"));
                }
                let table = export.table.as_ref().map_or_else(|| export.query.clone(), |table| table.name.clone());
                if let Some(earlier) = exported.insert(format!("{kind} {table}"), &export.destination) {
                    changes.push(format!("{id}: {earlier} is written as well. SQLFlow left it out"));
                }
                note_calls(&mut changes, id.as_str(), &export.query, true);
            }
            // SQLFlow has none.
            StepKind::Test(_) => {}
        }
    }
    if text.contains("${run_date}") {
        changes.push(
            "run_date in PARAMS and OPTIONS is the value that is given. In SQLFlow it was always 2023-01-01".into(),
        );
    }
    changes
}

/// Options other than the ones that say what is done anyway.
fn changes_file(options: &serde_json::Map<String, serde_json::Value>) -> bool {
    options.iter().any(|(name, value)| !(name == "header" && *value == true || name == "delimiter" && *value == ","))
}

fn note_calls(changes: &mut Vec<String>, step: &str, query: &str, is_export: bool) {
    let calls = python_calls(query);
    if calls.is_empty() {
        return;
    }
    if is_export {
        changes.push(format!("{step}: the Python function is called. SQLFlow did not know it in EXPORT"));
    }
    if calls.iter().any(|call| call.place == PythonPlace::Relation) {
        changes.push(format!(
            "{step}: where the Python function of the table fails, the step fails. In SQLFlow the text of the error became \
             the table"
        ));
    }
}

#[cfg(test)]
mod tests {
    // What is told of a whole project is in host/tests/migrate.rs.
    use super::*;

    #[test]
    fn options_that_change_nothing_are_none() {
        for (options, expected) in [
            (r#"{"header": true, "delimiter": ","}"#, false),
            (r#"{"header": false}"#, true),
            (r#"{"delimiter": ";"}"#, true),
            ("{}", false),
        ] {
            let options = serde_json::from_str(options).expect("it is JSON");
            assert_eq!(changes_file(&options), expected, "{options:?}");
        }
    }
}
