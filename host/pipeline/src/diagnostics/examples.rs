//! For each code a text that it is reported for, and the same text put right.

use super::Code;

/// A wrong text and a right one: of a pipeline, for codes of profiles of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// It is reported for this.
    pub wrong: &'static str,
    /// It is not for this.
    pub right: &'static str,
}

impl Code {
    /// What it looks like, and the way out.
    #[must_use]
    pub fn example(self) -> Option<Example> {
        EXAMPLES.iter().find(|(code, ..)| *code == self).map(|(_, wrong, right)| Example { wrong, right })
    }
}

const EXAMPLES: &[(Code, &str, &str)] = &[
    (Code::Expected, "CREATE TABLE t SELECT 1 AS x;", "CREATE TABLE t AS SELECT 1 AS x;"),
    (
        Code::UnknownStatement,
        "DELETE FROM users WHERE id < 0;",
        "CREATE OR REPLACE TABLE users AS SELECT * FROM users WHERE id >= 0;",
    ),
    (Code::Unterminated, "CREATE TABLE t AS SELECT 'it's' AS x;", "CREATE TABLE t AS SELECT 'it''s' AS x;"),
    (
        Code::Json,
        "SOURCE users_csv TYPE CSV PARAMS {path: 'data/users.csv'};",
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};",
    ),
    (
        Code::Mode,
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\nLOAD users FROM users_csv MODE UPSERT;",
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\n\
         LOAD users FROM users_csv MODE UPSERT KEY (id);",
    ),
    (Code::Semicolon, "SET region = 'eu'\nSET year = 2024;", "SET region = 'eu';\nSET year = 2024;"),
    (
        Code::SourceForms,
        "SOURCE users_csv TYPE CSV OPTIONS {\"path\": \"data/users.csv\"};",
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};",
    ),
    (
        Code::Nesting,
        NESTED,
        "SET n = 5;\nIF ${n} == 5 AND NOT ${n} > 7 THEN\n  CREATE TABLE t AS SELECT 1 AS x;\nEND IF;",
    ),
    (
        Code::Unsupported,
        "CREATE TABLE IF NOT EXISTS log MODE APPEND AS SELECT 1 AS x;",
        "CREATE TABLE log MODE APPEND AS SELECT 1 AS x;",
    ),
    (
        Code::Test,
        "CREATE TABLE t AS SELECT 1 AS id;\nTEST t POSITIVE (id);",
        "CREATE TABLE t AS SELECT 1 AS id;\nTEST no_negative_ids AS SELECT * FROM t WHERE id < 0;",
    ),
    (
        Code::LoadOption,
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\n\
         LOAD users FROM users_csv MODE APPEND OPTIONS {\"rejects\": true};",
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\n\
         LOAD users FROM users_csv MODE APPEND OPTIONS {\"rejects\": \"users_rejected\"};",
    ),
    (
        Code::UndefinedVariable,
        "CREATE TABLE t AS SELECT ${region} AS region;",
        "CREATE TABLE t AS SELECT ${region|'eu'} AS region;",
    ),
    (
        Code::VariableDefault,
        "CREATE TABLE t AS SELECT ${region|us east} AS region;",
        "CREATE TABLE t AS SELECT ${region|\"us east\"} AS region;",
    ),
    (
        Code::VariablePlace,
        "SET target = '';\nCREATE TABLE ${target} AS SELECT 1 AS x;",
        "SET target = 'daily';\nCREATE TABLE ${target} AS SELECT 1 AS x;",
    ),
    (
        Code::VariableSyntax,
        "CREATE TABLE t AS SELECT ${my region|'eu'} AS region;",
        "CREATE TABLE t AS SELECT ${my_region|'eu'} AS region;",
    ),
    (Code::Calculation, "SET parts = 0;\nSET share = 100 / ${parts};", "SET parts = 4;\nSET share = 100 / ${parts};"),
    (
        Code::ConditionSyntax,
        "IF ${env|dev} == THEN\n  SET limit = 5;\nEND IF;",
        "IF ${env|dev} == 'prod' THEN\n  SET limit = 5;\nEND IF;",
    ),
    (
        Code::SingleEquals,
        "IF ${env|dev} = 'prod' THEN\n  SET limit = 5;\nEND IF;",
        "IF ${env|dev} == 'prod' THEN\n  SET limit = 5;\nEND IF;",
    ),
    (
        Code::ConditionType,
        "IF ${env|dev} THEN\n  SET limit = 5;\nEND IF;",
        "IF ${env|dev} == 'prod' THEN\n  SET limit = 5;\nEND IF;",
    ),
    (
        Code::DuplicateSource,
        "SOURCE s TYPE CSV PARAMS {\"path\": \"data/a.csv\"};\nSOURCE s TYPE CSV PARAMS {\"path\": \"data/b.csv\"};\n\
         LOAD t FROM s;",
        "SOURCE a TYPE CSV PARAMS {\"path\": \"data/a.csv\"};\nSOURCE b TYPE CSV PARAMS {\"path\": \"data/b.csv\"};\n\
         LOAD t FROM a;\nLOAD t FROM b MODE APPEND;",
    ),
    (
        Code::UndefinedSource,
        "LOAD users FROM users_csv;",
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\nLOAD users FROM users_csv;",
    ),
    (
        Code::DuplicateTable,
        "CREATE TABLE t AS SELECT 1 AS x;\nCREATE TABLE t AS SELECT x + 1 AS x FROM t;",
        "CREATE TABLE t AS SELECT 1 AS x;\nCREATE OR REPLACE TABLE t AS SELECT x + 1 AS x FROM t;",
    ),
    (
        Code::MisspeltTable,
        "CREATE TABLE customers AS SELECT 1 AS id;\nCREATE TABLE t AS SELECT * FROM custmers;",
        "CREATE TABLE customers AS SELECT 1 AS id;\nCREATE TABLE t AS SELECT * FROM customers;",
    ),
    (
        Code::Cycle,
        "CREATE TABLE a AS SELECT * FROM b;\nCREATE TABLE b AS SELECT * FROM a;",
        "CREATE TABLE a AS SELECT 1 AS x;\nCREATE TABLE b AS SELECT * FROM a;",
    ),
    (
        Code::TableAndView,
        "CREATE TABLE t AS SELECT 1 AS x;\nCREATE OR REPLACE VIEW t AS SELECT 2 AS x;",
        "CREATE TABLE t AS SELECT 1 AS x;\nCREATE VIEW t_now AS SELECT 2 AS x;",
    ),
    (Code::Sql, "CREATE TABLE t AS SELECT 1 AS x FORM u;", "CREATE TABLE t AS SELECT 1 AS x;"),
    (
        Code::SyncMode,
        "SOURCE orders_csv TYPE CSV PARAMS {\"path\": \"data/orders.csv\", \"sync_mode\": \"incremental\"};\n\
         LOAD orders FROM orders_csv MODE APPEND;",
        "SOURCE orders_csv TYPE CSV PARAMS {\"path\": \"data/orders.csv\", \"sync_mode\": \"incremental\",\n  \
         \"cursor_field\": \"updated_at\"};\nLOAD orders FROM orders_csv MODE APPEND;",
    ),
    (
        Code::UnknownConnector,
        "SOURCE orders_in FROM \"warehouse\" OPTIONS {\"table\": \"orders\"};\nLOAD orders FROM orders_in;",
        "SOURCE orders_in TYPE CSV PARAMS {\"path\": \"data/orders.csv\"};\nLOAD orders FROM orders_in;",
    ),
    (
        Code::ConnectorVariable,
        "SOURCE orders_in FROM \"pg_main\" OPTIONS {\"table\": \"orders\"};\nLOAD orders FROM orders_in;",
        "SOURCE orders_in FROM \"files\" OPTIONS {\"path\": \"data/orders.csv\"};\nLOAD orders FROM orders_in;",
    ),
    (
        Code::ExportType,
        "EXPORT SELECT 1 AS x TO \"output/x.dat\";",
        "EXPORT SELECT 1 AS x TO \"output/x.dat\" TYPE CSV;",
    ),
    (Code::IncludeMissing, "INCLUDE \"common/nowhere.sf\" AS common;", "INCLUDE \"common/base.sf\" AS common;"),
    (Code::IncludeCycle, "INCLUDE \"p.sf\" AS p;", "INCLUDE \"common/base.sf\" AS common;"),
    (Code::ProfileSyntax, "engines:\n  duckdb: {mode: memory", "engines:\n  duckdb: {mode: memory}"),
    (Code::ProfileShape, "engines: duckdb", "engines:\n  duckdb:\n    mode: memory"),
    (
        Code::UnusedSource,
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\nCREATE TABLE t AS SELECT 1 AS x;",
        "SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\"};\nLOAD users FROM users_csv;",
    ),
    (
        Code::ExternalTable,
        "CREATE TABLE t AS SELECT * FROM made_elsewhere;",
        "SOURCE made_csv TYPE CSV PARAMS {\"path\": \"data/made.csv\"};\nLOAD made_elsewhere FROM made_csv;\n\
         CREATE TABLE t AS SELECT * FROM made_elsewhere;",
    ),
    (
        Code::UsedBeforeSet,
        "CREATE TABLE t AS SELECT ${region} AS region;\nSET region = 'eu';",
        "SET region = 'eu';\nCREATE TABLE t AS SELECT ${region} AS region;",
    ),
    (
        Code::ReplaceWithMode,
        "CREATE OR REPLACE TABLE log MODE APPEND AS SELECT 1 AS x;",
        "CREATE TABLE log MODE APPEND AS SELECT 1 AS x;",
    ),
    (
        Code::SameDestination,
        "EXPORT SELECT 1 AS x TO \"output/x.csv\";\nEXPORT SELECT 2 AS x TO \"output/x.csv\";",
        "EXPORT SELECT 1 AS x TO \"output/one.csv\";\nEXPORT SELECT 2 AS x TO \"output/two.csv\";",
    ),
];

/// A hundred and one parentheses.
const NESTED: &str = concat!(
    "IF ((((((((((((((((((((((((((((((((((((((((((((((((((", // 50
    "(((((((((((((((((((((((((((((((((((((((((((((((((((((", // and 53
    "true THEN\n  CREATE TABLE t AS SELECT 1 AS x;\nEND IF;"
);
