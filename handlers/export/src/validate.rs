//! What may be wrong with an EXPORT step.

use duckpen::{Options, Problem};

use crate::declaration::{Declaration, Format};
use crate::write;

/// All of it.
pub fn problems(declaration: &Declaration) -> Vec<Problem> {
    if declaration.brought().is_some() {
        return Vec::new();
    }
    match declaration.format() {
        Ok(format) => {
            let owner = format!("{} export", format.name().to_ascii_uppercase());
            let options = Options::new(format.options(), &declaration.options);
            let mut problems = options.problems(&owner);
            if format == Format::Postgres {
                problems.extend(table_problems(&options, &declaration.destination_name));
            }
            problems
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

fn table_problems(options: &Options<'_>, destination_name: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if write::table(options, destination_name).is_none() {
        let problem = Problem::new("Required field 'table' is missing").of_option("table");
        problems.push(problem.with_hint("name the table that is written, or let the destination be its name"));
    }
    if write::write_mode(options) == "upsert" && write::upsert_keys(options).is_none() {
        let problem = Problem::new("UPSERT mode requires KEY to be specified").of_option("mode");
        problems.push(problem.with_hint("name the key columns: \"upsert_keys\": [\"id\"]"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_not_known_is_refused() {
        let cases: [(&str, Value, &[&str]); 8] = [
            ("csv", json!({"header": true}), &[]),
            ("XYZ", json!({}), &["Unknown connector type: XYZ"]),
            ("s3", json!({}), &["EXPORT to S3 is not supported: no handler writes to it"]),
            ("postgres", json!({"table": "x", "connection_string": "***"}), &[]),
            ("postgres", json!({"host": "h"}), &["Required field 'table' is missing"]),
            ("postgres", json!({"table": "x", "mode": "upsert"}), &["UPSERT mode requires KEY to be specified"]),
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
