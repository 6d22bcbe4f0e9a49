use duckpen_pipeline::Example;

use super::Code;

impl Code {
    /// What it looks like, and the way out: of a pipeline, a command line or a file.
    pub fn example(self) -> Option<Example> {
        let (wrong, right) = match self {
            Code::Declaration => (
                r#"SOURCE users_csv TYPE CSV PARAMS {"path": "data/users.csv", "has_heder": true};"#,
                r#"SOURCE users_csv TYPE CSV PARAMS {"path": "data/users.csv", "has_header": true};"#,
            ),
            Code::Escape => (
                r#"SOURCE users_csv TYPE CSV PARAMS {"path": "../other/users.csv"};"#,
                r#"SOURCE users_csv TYPE CSV PARAMS {"path": "data/users.csv"};"#,
            ),
            Code::TestColumn => (
                "CREATE TABLE users AS SELECT 1 AS id;\nTEST users UNIQUE (user_id);",
                "CREATE TABLE users AS SELECT 1 AS id;\nTEST users UNIQUE (id);",
            ),
            Code::Usage => ("duckpen run dialy", "duckpen list\nduckpen run daily"),
            Code::Configuration => ("[limits]\nmemmory = \"32MiB\"", "[limits]\nmemory = \"32MiB\""),
            Code::Profile => (
                "engines:\n  duckdb:\n    mode: persistent",
                "engines:\n  duckdb:\n    mode: persistent\n    path: target/daily.duckdb",
            ),
            Code::Database => (
                "duckpen run daily --database out.duckdb    # while another process has the file open",
                "duckpen run daily --database other.duckdb",
            ),
            Code::Tool => ("duckpen build slugify", "pip install ziglang\nduckpen build slugify"),
            Code::PlanFile => (
                "duckpen run target/compiled/daily.json    # in which a step depends on one that is not there",
                "duckpen compile daily --output-dir target/compiled\nduckpen run target/compiled/daily.json",
            ),
            Code::Tests => ("'Hello' -> 'hello'", "slugify(title VARCHAR)\n'Hello' -> 'hello'"),
            Code::Component => {
                ("functions/text.wasm    # cut off while it was copied", "duckpen inspect functions/text.wasm")
            }
            Code::Import => (
                "a component that imports wasi:sockets/tcp",
                "duckpen inspect functions/text.wasm    # names what it imports",
            ),
            Code::StepFailed => ("duckpen run daily", "duckpen run daily --resume    # after putting it right"),
            Code::StepRefused => (
                "CREATE TABLE t AS SELECT * FROM read_text('data/users.csv');",
                "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\nLOAD users FROM users_csv;\n\
                 CREATE TABLE t AS SELECT * FROM users;",
            ),
            Code::StepTimedOut => ("duckpen run daily --step-timeout 10s", "duckpen run daily --step-timeout 10m"),
            Code::QueryFailed => ("duckpen sql \"SELECT * FORM users\"", "duckpen sql \"SELECT * FROM users\""),
            Code::QueryRefused => (
                "duckpen sql \"COPY users TO 'users.csv'\"",
                "EXPORT users TO \"output/users.csv\" TYPE CSV;    -- in a pipeline",
            ),
            Code::Changed => ("duckpen run daily --resume", "duckpen run daily --fresh"),
            Code::TestFailed => ("'Hello, World!' -> 'hello world'", "'Hello, World!' -> 'hello-world'"),
            _ => return None,
        };
        Some(Example { wrong, right })
    }
}
