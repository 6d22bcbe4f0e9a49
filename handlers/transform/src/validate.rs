//! What may be wrong with a transform step.

use duckpen::Problem;

use crate::declaration::{Declaration, Lookback, Mode, Relation};

/// All of it, in SQLFlow's words.
pub fn problems(declaration: &Declaration) -> Vec<Problem> {
    let mode = declaration.mode;
    let name = match mode {
        Mode::Replace => "REPLACE",
        Mode::Append => "APPEND",
        Mode::Upsert => "UPSERT",
        Mode::Incremental => "INCREMENTAL",
    };
    let mut problems = Vec::new();
    let mut report = |message: String, option: &str| problems.push(Problem::new(message).of_option(option));

    if declaration.relation == Relation::View && mode != Mode::Replace {
        report(format!("{name} mode cannot be used with a view, which holds no rows"), "mode");
    }
    match (mode, declaration.upsert_keys.is_empty()) {
        (Mode::Upsert, true) => report("UPSERT mode requires KEY to be specified".to_owned(), "upsert_keys"),
        (Mode::Upsert, false) | (_, true) => {}
        (_, false) => report(format!("{name} mode cannot use upsert keys"), "upsert_keys"),
    }
    match (mode, &declaration.time_column) {
        (Mode::Incremental, None) => report("INCREMENTAL mode requires BY <time_column>".to_owned(), "time_column"),
        (Mode::Incremental, Some(_)) | (_, None) => {}
        (_, Some(_)) => report(format!("{name} mode cannot use time column"), "time_column"),
    }
    if let Some(lookback) = &declaration.lookback {
        if mode != Mode::Incremental {
            report("LOOKBACK can only be used with INCREMENTAL mode".to_owned(), "lookback");
        }
        if lookback.unit().is_none() {
            let units = Lookback::UNITS.join(", ");
            report(format!("LOOKBACK has an unknown unit: {} (there are {units})", lookback.unit), "lookback");
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn modes_take_only_what_is_theirs() {
        let day = json!({"amount": 1, "unit": "DAYS"});
        let cases: [(Value, &[&str]); 8] = [
            (json!({}), &[]),
            (json!({"mode": "INCREMENTAL", "time_column": "d", "lookback": day}), &[]),
            (json!({"mode": "UPSERT", "upsert_keys": ["id"]}), &[]),
            (json!({"mode": "INCREMENTAL"}), &["INCREMENTAL mode requires BY <time_column>"]),
            (json!({"mode": "UPSERT"}), &["UPSERT mode requires KEY to be specified"]),
            (
                json!({"mode": "APPEND", "upsert_keys": ["id"], "time_column": "d", "lookback": day}),
                &[
                    "APPEND mode cannot use upsert keys",
                    "APPEND mode cannot use time column",
                    "LOOKBACK can only be used with INCREMENTAL mode",
                ],
            ),
            (
                json!({"mode": "APPEND", "relation": "view"}),
                &["APPEND mode cannot be used with a view, which holds no rows"],
            ),
            (
                json!({"mode": "INCREMENTAL", "time_column": "d", "lookback": {"amount": 1, "unit": "moon"}}),
                &[concat!(
                    "LOOKBACK has an unknown unit: moon ",
                    "(there are second, minute, hour, day, week, month, quarter, year)"
                )],
            ),
        ];
        for (mut declaration, expected) in cases {
            declaration["table"] = json!("t");
            declaration["query"] = json!("SELECT 1");
            let parsed = serde_json::from_value(declaration.clone()).expect("a declaration");
            let messages: Vec<String> = problems(&parsed).into_iter().map(|problem| problem.message).collect();
            assert_eq!(messages, expected, "{declaration}");
        }
    }
}
