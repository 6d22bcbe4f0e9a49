//! The options of a LOAD.

use duckpen::OptionKind::{Text, Texts};
use duckpen::{OptionSpec, Options, Problem};
use serde_json::{Map, Value};

use crate::declaration::Mode;
use crate::schema::Policy;

const OPTIONS: &[OptionSpec] =
    &[OptionSpec::optional("on_schema_change", Texts), OptionSpec::optional("rejects", Text)];

const POLICIES: &str = "Allowed values: fail, or one or both of add_columns and widen";

/// What is wrong with the options of a LOAD in `mode`.
pub fn problems(options: &Map<String, Value>, mode: Mode) -> Vec<Problem> {
    let read = Options::new(OPTIONS, options);
    let mut problems = read.problems("LOAD");
    let Some(words) = read.texts("on_schema_change") else { return problems };
    let mut report = |message: String, hint: &str| {
        problems.push(Problem::new(message).with_hint(hint).of_option("on_schema_change"));
    };
    match policy(&words) {
        Err(message) => report(message, POLICIES),
        Ok(policy) if policy == Policy::default() => {}
        Ok(_) if mode == Mode::Replace => report(
            "on_schema_change has no meaning in REPLACE mode".to_owned(),
            "REPLACE takes the columns that the source has",
        ),
        Ok(policy) if policy.widen && read.text("rejects").is_some() => report(
            "widen and rejects cannot be used together".to_owned(),
            "with rejects the types of the table hold, and what does not fit is rejected",
        ),
        Ok(_) => {}
    }
    problems
}

/// What becomes of a table that the source does not fit.
pub fn schema_policy(options: &Map<String, Value>) -> Policy {
    let words = Options::new(OPTIONS, options).texts("on_schema_change");
    words.and_then(|words| policy(&words).ok()).unwrap_or_default()
}

fn policy(words: &[String]) -> Result<Policy, String> {
    let mut policy = Policy::default();
    for word in words {
        match word.to_ascii_lowercase().as_str() {
            "fail" if words.len() == 1 => {}
            "add_columns" => policy.add_columns = true,
            "widen" => policy.widen = true,
            _ => return Err(format!("Field 'on_schema_change' has an unknown value: {}", words.join(", "))),
        }
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_fit_their_mode() {
        let cases: [(Value, Mode, &[&str]); 8] = [
            (json!({}), Mode::Replace, &[]),
            (json!({"on_schema_change": "fail", "rejects": "r"}), Mode::Replace, &[]),
            (json!({"on_schema_change": ["add_columns", "WIDEN"]}), Mode::Append, &[]),
            (json!({"on_schema_change": "add"}), Mode::Append, &["Field 'on_schema_change' has an unknown value: add"]),
            (
                json!({"on_schema_change": ["fail", "widen"]}),
                Mode::Upsert,
                &["Field 'on_schema_change' has an unknown value: fail, widen"],
            ),
            (json!({"on_schema_change": "widen"}), Mode::Replace, &["on_schema_change has no meaning in REPLACE mode"]),
            (
                json!({"on_schema_change": "widen", "rejects": "r"}),
                Mode::Append,
                &["widen and rejects cannot be used together"],
            ),
            (json!({"reject": "r"}), Mode::Append, &["Unknown parameters for LOAD: reject"]),
        ];
        for (options, mode, expected) in cases {
            let given = options.as_object().expect("an object");
            let messages: Vec<_> = problems(given, mode).into_iter().map(|problem| problem.message).collect();
            assert_eq!(messages, expected, "{options}");
        }
    }
}
