//! Connectors of a profile: listed and tried.

use insta::assert_snapshot;

use crate::support::Project;
use crate::{json, shop};

#[test]
fn connectors_are_listed_and_tried() {
    let project = shop();
    assert_snapshot!(project.transcript(&["connect", "list"]), @r"
    exit 0
    --- stdout
    connector   type       parameters                                                                  place
    ─
    users       csv        path=${data_dir}/users.csv has_header=true                                  profiles/dev.yml:14
    warehouse   postgres   host=${PG_HOST|localhost} user=etl password=${PG_PASSWORD} access_key=***   profiles/dev.yml:17
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["connect", "test", "users"]), @r"
    exit 0
    --- stdout
    ok  users  csv  parameters, 1 file, 2 columns (id BIGINT, name VARCHAR)
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["connect", "test", "usres"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: the profile has no connector `usres`
     |
     = connectors are users, warehouse
    hint: did you mean `users`?
    ");
    let staging = project.path().join("target/staging_in_memory");
    assert!(staging.read_dir().unwrap().next().is_none(), "what was written aside is left");
}

#[test]
fn what_is_wrong_with_a_connector_is_told_with_what_was_tried() {
    let project = Project::new("")
        .file("data/ok.csv", "id;name\n1;Ada\n")
        .file("data/empty.csv", "")
        .file("data/no.parquet", "no parquet")
        .file(
            "profiles/dev.yml",
            "connectors:\n  fine: {type: csv, params: {path: data/ok.csv, delimiter: \";\"}}\n  missing: {type: csv, params: {path: data/none.csv}}\n  empty: {type: csv, params: {path: data/empty.csv}}\n  misspelt: {type: csv, params: {path: data/ok.csv, delimeter: \";\"}}\n  outside: {type: csv, params: {path: ../x.csv}}\n  no_path: {type: json, params: {}}\n  no_parquet: {type: parquet, params: {path: data/no.parquet}}\n  unset: {type: csv, params: {path: \"${NOT_SET_ANYWHERE}\"}}\n  odd: {type: ftp, params: {}}\n",
        );
    assert_snapshot!(project.transcript(&["connect", "test"]), @r"
    exit 4
    --- stdout
    failed  empty  csv  parameters
    ok  fine  csv  parameters, 1 file, 2 columns (id BIGINT, name VARCHAR)
    failed  missing  csv  parameters
    failed  misspelt  csv
    failed  no_parquet  parquet  parameters
    failed  no_path  json
    failed  odd  ftp
    failed  outside  csv
    failed  unset  csv
    --- stderr
    error[E0908]: connector `empty`: the file 'data/empty.csv' is empty: it has no columns

    error[E0908]: connector `missing`: no such file: 'data/none.csv'

    error[E0908]: connector `misspelt`: Unknown parameters for CSV connector: delimeter
     |
    hint: Did you mean 'delimiter'?

    error[E0908]: connector `no_parquet`: Invalid Input Error: File '[PROJECT]/data/no.parquet' too small to be a Parquet file

    error[E0908]: connector `no_path`: it has no `path`
     |
    hint: a SOURCE that uses it gives a path in its OPTIONS; give one here to have it tried

    error[E0908]: connector `odd`: connectors of the type `ftp` cannot be tried
     |
    hint: types are csv, parquet, json, arrow, excel, postgres, sqlite, duckdb, s3, rest, shopify

    error[E0908]: connector `outside`: '../x.csv' is outside of the project
     |
    hint: places are relative to the project's folder

    error[E0908]: connector `unset`: its parameters: NOT_SET_ANYWHERE is not defined
     |
    hint: set them in the environment, in .env, in the profile or with --vars
    ");
    let document = json(&project.duckpen(&["connect", "test", "--format", "json"]).stdout);
    let failed = document["connectors"].as_array().unwrap().iter().filter(|tried| tried["status"] == "failed").count();
    assert_eq!((&document["status"], failed), (&"failed".into(), 8));
}

/// All names that SQLFlow takes in PARAMS, connector by connector.
#[test]
fn the_parameters_that_sqlflow_has_are_known() {
    let incremental = r#""sync_mode": "incremental", "cursor_field": "updated_at""#;
    for (connector, params) in [
        (
            "CSV",
            r#""path": "data/users.csv", "delimiter": ",", "has_header": true, "encoding": "utf-8", "quote_char": "\"",
               "primary_key": "id", "batch_size": 1, "timeout_seconds": 1, "max_retries": 1"#,
        ),
        (
            "PARQUET",
            r#""path": "data/*.parquet", "columns": ["id"], "combine_files": true, "batch_size": 1, "primary_key": "id""#,
        ),
        (
            "POSTGRES",
            r#""host": "h", "port": 5432, "database": "d", "dbname": "d", "username": "u", "user": "u", "password": "p",
               "schema": "public", "table": "t", "primary_key": "id", "connect_timeout": 1, "application_name": "a",
               "min_connections": 1, "max_connections": 1, "sslmode": "prefer", "batch_size": 1, "timeout_seconds": 1,
               "max_retries": 1"#,
        ),
        ("POSTGRES", r#""connection": "postgresql://u:p@h/d", "query": "SELECT 1""#),
        (
            "S3",
            r#""bucket": "shop", "key": "a.csv", "region": "eu-west-1", "access_key_id": "a", "secret_access_key": "s",
               "session_token": "t", "endpoint_url": "http://localhost:9000", "file_format": "csv", "compression": "gzip",
               "cost_limit_usd": 5.0, "max_files_per_run": 1, "max_data_size_gb": "1.5", "dev_sampling": 0.1,
               "dev_max_files": 1, "partition_keys": "year,month", "partition_filter": "{\"year\": \"2024\"}", "batch_size": 1,
               "parallel_workers": 1, "max_retries": 1, "timeout_seconds": 1, "use_ssl": false,
               "server_side_encryption": "AES256", "csv_delimiter": ",", "csv_header": true, "csv_encoding": "utf-8",
               "mock_mode": false"#,
        ),
        (
            "S3",
            r#""bucket": "shop", "prefix": "in/", "format": "json", "access_key": "a", "secret_key": "s", "json_flatten": true,
               "json_max_depth": 10"#,
        ),
        (
            "S3",
            r#""bucket": "shop", "path_prefix": "in/", "file_format": "parquet", "parquet_columns": "id", "access_key_id": "a", "secret_access_key": "s""#,
        ),
        (
            "SHOPIFY",
            r#""shop_domain": "quack.myshopify.com", "access_token": "t", "lookback_window": "P7D", "flatten_line_items": true,
               "financial_status_filter": ["paid"], "include_fulfillments": true, "include_refunds": true, "batch_size": 1,
               "timeout_seconds": 1, "max_retries": 1"#,
        ),
        (
            "REST",
            r#""url": "https://api.example.com/x", "method": "GET", "headers": {"Authorization": "Bearer x"}, "params": {"a": 1},
               "auth": {"type": "api_key", "key_name": "k", "key_value": "v"}, "data_path": "items", "flatten_response": true,
               "pagination": {"page_param": "page", "size_param": "size", "page_size": 10, "cursor_param": "since"},
               "timeout": 1, "max_retries": 1, "retry_delay": 0.1"#,
        ),
    ] {
        let project =
            Project::new(&format!("SOURCE s TYPE {connector} PARAMS {{{params}, {incremental}}};\nLOAD t FROM s;"));
        let said = project.duckpen(&["validate", "p"]);
        assert_eq!(said.exit, 0, "{connector}: {}", said.stderr);
    }
}
