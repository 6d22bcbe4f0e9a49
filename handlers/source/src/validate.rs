//! What may be wrong with a SOURCE step.

use duckpen::{NO_FILE_FORMAT, Options, Problem};

use crate::declaration::{Connector, Declaration};
use crate::read::file_format;

/// All of it.
pub fn problems(declaration: &Declaration) -> Vec<Problem> {
    if declaration.brought().is_some() {
        return Vec::new();
    }
    let connector = match declaration.connector() {
        Ok(connector) => connector,
        Err(error) => {
            let problem = Problem::new(error.message).of_option("connector_type");
            return vec![match error.hint {
                Some(hint) => problem.with_hint(hint),
                None => problem,
            }];
        }
    };
    let mut given = declaration.params.clone();
    if declaration.brought_object_format().is_some() {
        // It is none of the host's.
        given.retain(|name, _| name != "file_format" && name != "format");
    }
    let params = Options::new(connector.params(), &given);
    let mut problems = params.problems(&format!("{} connector", connector.name().to_ascii_uppercase()));
    if connector.has_relations() {
        problems.extend(relation_problem(&params));
    }
    if connector == Connector::Postgres {
        problems.extend(connection_problems(&params));
    }
    if connector == Connector::S3 {
        problems.extend(object_problems(&params, declaration));
    }
    problems.extend(sync_problem(&params));
    problems
}

fn relation_problem(params: &Options<'_>) -> Option<Problem> {
    let (message, option) = match (params.text("table"), params.text("query")) {
        (Some(_), Some(_)) => ("'table' and 'query' cannot be used together", "query"),
        (None, None) => ("Required field 'table' is missing", "table"),
        _ => return None,
    };
    let hint = "'table' reads a table or view, 'query' the rows of a SELECT";
    Some(Problem::new(message).with_hint(hint).of_option(option))
}

/// What a connection has to have, unless a connection string says it all.
fn connection_problems(params: &Options<'_>) -> Vec<Problem> {
    let has_any = |names: &[&str]| names.iter().any(|name| params.text(name).is_some());
    if has_any(&["connection_string", "connection", "url"]) {
        return Vec::new();
    }
    let required: [&[&str]; 3] = [&["host"], &["database", "dbname"], &["user", "username"]];
    let missing = required.into_iter().filter(|names| !has_any(names));
    missing
        .map(|names| {
            let problem = Problem::new(format!("Required field '{}' is missing", names[0])).of_option(names[0]);
            problem.with_hint("give host, database, user and password, or one connection_string")
        })
        .collect()
}

/// Which objects are meant, and what they are.
fn object_problems(params: &Options<'_>, declaration: &Declaration) -> Vec<Problem> {
    let missing = |option: &'static str, hint: &'static str| {
        Problem::new(format!("Required field '{option}' is missing")).with_hint(hint).of_option(option)
    };
    let has_any = |names: &[&str]| names.iter().any(|name| params.text(name).is_some());
    let place = "name the objects with \"uri\": \"s3://bucket/folder/*.csv\", or with bucket and key or path_prefix";
    let mut problems = Vec::new();
    if !has_any(&["uri"]) {
        if !has_any(&["bucket"]) {
            problems.push(missing("uri", place));
        } else if !has_any(&["key", "path_prefix", "prefix"]) {
            problems.push(missing("key", place));
        }
    }
    let is_refused = ["file_format", "format"].iter().any(|name| params.text(name).is_some());
    let is_brought = declaration.brought_object_format().is_some();
    if problems.is_empty() && !is_refused && !is_brought && file_format(&declaration.params).is_none() {
        problems.push(missing("file_format", NO_FILE_FORMAT));
    }
    if params.flag("mock_mode") == Some(true) {
        let problem = Problem::new("mock_mode is not supported: there are no made-up objects").of_option("mock_mode");
        problems.push(problem.with_hint("leave it out, and let `endpoint_url` be the address of a server for tests"));
    }
    problems
}

fn sync_problem(params: &Options<'_>) -> Option<Problem> {
    let has_cursor = params.text("cursor_field").is_some();
    let message = match params.choice("sync_mode").as_deref() {
        Some("incremental") if !has_cursor => "sync_mode 'incremental' requires cursor_field to be specified",
        Some("full_refresh") if has_cursor => "sync_mode 'full_refresh' cannot be used with cursor_field",
        _ => return None,
    };
    Some(Problem::new(message).of_option("sync_mode"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(connector_type: &str, params: serde_json::Value) -> Vec<String> {
        let declaration = json!({"kind": "source", "name": "u", "connector_type": connector_type, "params": params});
        let declaration = serde_json::from_value(declaration).expect("a declaration");
        problems(&declaration).into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn problems_have_sqlflows_words() {
        let path = json!({"path": "a"});
        let cases = [
            ("csv", path.clone(), vec![]),
            ("Parquet", path.clone(), vec![]),
            ("json", path.clone(), vec![]),
            ("foo", path, vec!["Unknown connector type: FOO"]),
            ("csv", json!({"has_header": true}), vec!["Required field 'path' is missing"]),
            ("csv", json!({"path": "a", "foo": 1}), vec!["Unknown parameters for CSV connector: foo"]),
            ("s3", json!({"uri": "*.csv", "access_key_id": "***", "secret_access_key": "***"}), vec![]),
            ("S3", json!({"bucket": "***", "path_prefix": "in", "file_format": "parquet"}), vec![]),
            ("s3", json!({"bucket": "***"}), vec!["Required field 'key' is missing"]),
            ("s3", json!({"file_format": "csv"}), vec!["Required field 'uri' is missing"]),
            ("s3", json!({"uri": "in"}), vec!["Required field 'file_format' is missing"]),
            (
                "s3",
                json!({"uri": "a.avro", "file_format": "avro"}),
                vec!["Field 'file_format' has an unknown value: avro"],
            ),
            ("s3", json!({"uri": "a.csv", "mock_mode": false, "dev_sampling": 0.1, "dev_max_files": 5}), vec![]),
            (
                "s3",
                json!({"uri": "a.csv", "mock_mode": true}),
                vec!["mock_mode is not supported: there are no made-up objects"],
            ),
            ("json", json!({"path": "a", "format": "x"}), vec!["Field 'format' has an unknown value: x"]),
            (
                "csv",
                json!({"path": "a", "sync_mode": "incremental"}),
                vec!["sync_mode 'incremental' requires cursor_field to be specified"],
            ),
            (
                "csv",
                json!({"path": "a", "sync_mode": "full_refresh", "cursor_field": "ts"}),
                vec!["sync_mode 'full_refresh' cannot be used with cursor_field"],
            ),
        ];
        for (connector_type, params, expected) in cases {
            assert_eq!(messages(connector_type, params.clone()), expected, "{connector_type} {params}");
        }
    }

    #[test]
    fn objects_may_have_a_format_that_was_brought() {
        for (params, expected) in [
            (json!({"key": "*.log", "bucket": "***", "file_format": "LOGS"}), &[][..]),
            (
                json!({"key": "*.log", "bucket": "***", "format": "logs", "regoin": "eu"}),
                &["Unknown parameters for S3 connector: regoin"],
            ),
            (json!({"bucket": "***", "file_format": "logs"}), &["Required field 'key' is missing"]),
            (json!({"uri": "*.log", "file_format": "lgs"}), &["Field 'file_format' has an unknown value: lgs"]),
        ] {
            let declaration = json!({
                "name": "u", "connector_type": "s3", "params": params, "brought": ["rest", "logs"], "brought_formats": ["logs"],
            });
            let declaration = serde_json::from_value(declaration).expect("a declaration");
            let messages: Vec<String> = problems(&declaration).into_iter().map(|problem| problem.message).collect();
            assert_eq!(messages, expected, "{params}");
        }
    }

    #[test]
    fn a_database_wants_a_table_and_a_way_to_it() {
        let reached = |more: serde_json::Value| {
            let mut params = json!({"host": "h", "dbname": "d", "username": "u", "password": "***"});
            params.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            params
        };
        for (connector_type, params, expected) in [
            ("POSTGRES", reached(json!({"table": "t"})), &[][..]),
            ("postgres", json!({"connection_string": "***", "query": "SELECT 1"}), &[]),
            ("postgres", reached(json!({})), &["Required field 'table' is missing"]),
            (
                "postgres",
                reached(json!({"table": "t", "query": "q"})),
                &["'table' and 'query' cannot be used together"],
            ),
            (
                "postgres",
                json!({"host": "h", "table": "t"}),
                &["Required field 'database' is missing", "Required field 'user' is missing"],
            ),
            (
                "postgres",
                reached(json!({"table": "t", "sslmode": "on", "connect_timeout": "soon"})),
                &[
                    "Field 'sslmode' has an unknown value: on",
                    "Field 'connect_timeout' must be a number of seconds, got str",
                ],
            ),
            ("sqlite", json!({"path": "a.db", "table": "t"}), &[]),
            ("duckdb", json!({"table": "t"}), &["Required field 'path' is missing"]),
        ] {
            assert_eq!(messages(connector_type, params.clone()), expected, "{connector_type} {params}");
        }
    }

    #[test]
    fn an_unknown_connector_comes_with_those_that_exist() {
        let declaration = json!({"name": "u", "connector_type": "CVS"});
        let declaration = serde_json::from_value(declaration).expect("a declaration");
        let hint = problems(&declaration).remove(0).hint.expect("a hint");
        assert_eq!(
            hint,
            "Did you mean 'CSV'? Available connector types: CSV, PARQUET, JSON, ARROW, EXCEL, POSTGRES, SQLITE, DUCKDB, S3"
        );
    }
}
