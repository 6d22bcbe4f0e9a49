use serde_json::{Value, json};

use crate::limits::LimitInForce;
use crate::words::StepWords;

use super::Outlook;

/// Everything, for programs.
pub fn document(outlook: &Outlook<'_>) -> Value {
    let plan = &outlook.approved.plan;
    let words = StepWords::of(plan);
    let functions = outlook.libraries.iter().zip(&outlook.component_limits).map(|(library, limits)| {
        json!({
            "component": library.component().name(),
            "digest": format!("sha256:{}", library.component().digest()),
            "functions": library.functions().map(|function| function.signature()).collect::<Vec<_>>(),
            "limits": limit_rows(limits),
        })
    });
    json!({
        "pipeline": plan.pipeline,
        "path": outlook.path,
        "database": outlook.file,
        "begins": {
            "why": outlook.beginning.why,
            "continues": outlook.beginning.continued.as_ref().map(|open| open.run_id.as_str()),
        },
        "steps": words.iter().map(|words| step(outlook, words)).collect::<Vec<_>>(),
        "files_read": outlook.files_read(),
        "tables_expected": plan.external_tables,
        "variables": plan.variables,
        "components": functions.collect::<Vec<_>>(),
        "step_limits": limit_rows(&outlook.step_limits),
    })
}

fn limit_rows(limits: &[LimitInForce]) -> Value {
    limits.iter().map(LimitInForce::to_json).collect()
}

fn step(outlook: &Outlook<'_>, words: &StepWords<'_>) -> Value {
    let step = words.step;
    let (would, why) = outlook.would(step);
    let handler = outlook.workbench.handlers.info(&step.kind);
    let last = outlook.history.last_done(&outlook.approved.plan.pipeline, step.id.as_str());
    let functions = words.functions().iter().filter_map(|name| outlook.function(name)).map(|(library, function)| {
        json!({
            "name": function.name,
            "component": library.component().name(),
            "digest": format!("sha256:{}", library.component().digest()),
        })
    });
    json!({
        "id": step.id,
        "kind": words.kind(),
        "what": words.title(),
        "mode": words.mode(),
        "would": would.as_str().replace(' ', "_"),
        "why": why,
        "reads": words.reads(),
        "writes": words.writes(),
        "functions": functions.collect::<Vec<_>>(),
        "depends_on": step.depends_on,
        "location": step.location,
        "handler": handler.map(|handler| json!({
            "name": handler.name,
            "version": handler.version,
            "digest": format!("sha256:{}", handler.digest),
        })),
        "last": last.map(|last| json!({ "seconds": last.seconds, "rows": last.rows })),
    })
}
