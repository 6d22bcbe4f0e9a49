//! What may be wrong with an EXPORT step.

use duckpen::{Options, Problem};

use crate::declaration::Declaration;

/// All of it.
pub fn problems(declaration: &Declaration) -> Vec<Problem> {
    match declaration.format() {
        Ok(format) => {
            let owner = format!("{} export", format.name().to_ascii_uppercase());
            Options::new(format.options(), &declaration.options).problems(&owner)
        }
        Err(error) => {
            let problem = Problem::new(error.message).of_option("connector_type");
            vec![match error.hint {
                Some(hint) => problem.with_hint(hint),
                None => problem,
            }]
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_not_known_is_refused() {
        let cases: [(&str, Value, &[&str]); 5] = [
            ("csv", json!({"header": true}), &[]),
            ("XYZ", json!({}), &["Unknown connector type: XYZ"]),
            ("postgres", json!({"table": "x"}), &["EXPORT to POSTGRES is not supported: no handler writes to it"]),
            ("csv", json!({"heder": true}), &["Unknown parameters for CSV export: heder"]),
            ("parquet", json!({"compression": "zip"}), &["Field 'compression' has an unknown value: zip"]),
        ];
        for (connector_type, options, expected) in cases {
            let declaration = json!({"query": "SELECT 1", "connector_type": connector_type, "options": options});
            let declaration = serde_json::from_value(declaration).expect("a declaration");
            let messages: Vec<String> = problems(&declaration).into_iter().map(|problem| problem.message).collect();
            assert_eq!(messages, expected, "{connector_type} {options}");
        }
    }
}
