//! The options of each format.

use duckpen::OptionKind::{Any, Count, Flag, OneOf, Seconds, Text, Texts};
use duckpen::OptionSpec;

use crate::declaration::Format;

const CSV: &[OptionSpec] = &[
    OptionSpec::optional("header", Flag),
    OptionSpec::optional("delimiter", Text),
    OptionSpec::optional("quote_char", Text),
    OptionSpec::optional("null_text", Text),
];

const PARQUET: &[OptionSpec] = &[
    OptionSpec::optional("compression", OneOf(&["uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"])),
    OptionSpec::optional("row_group_size", Count),
];

const JSON: &[OptionSpec] = &[OptionSpec::optional("format", OneOf(&["array", "newline_delimited"]))];

const ARROW: &[OptionSpec] = &[];

const EXCEL: &[OptionSpec] = &[OptionSpec::optional("sheet", Text)];

const POSTGRES: &[OptionSpec] = &[
    // How it is reached: the host's matter.
    OptionSpec::optional("host", Text),
    OptionSpec::optional("port", Count),
    OptionSpec::optional("database", Text),
    OptionSpec::optional("dbname", Text),
    OptionSpec::optional("user", Text),
    OptionSpec::optional("username", Text),
    OptionSpec::optional("password", Any),
    OptionSpec::optional("connection_string", Text),
    OptionSpec::optional("connection", Text),
    OptionSpec::optional("url", Text),
    OptionSpec::optional("sslmode", OneOf(SSL_MODES)),
    OptionSpec::optional("sslrootcert", Text),
    OptionSpec::optional("application_name", Text),
    OptionSpec::optional("connect_timeout", Seconds),
    OptionSpec::optional("timeout_seconds", Seconds),
    OptionSpec::optional("pool_size", Count),
    OptionSpec::optional("min_connections", Any),
    OptionSpec::optional("max_connections", Count),
    OptionSpec::optional("max_overflow", Any),
    OptionSpec::optional("max_retries", Any),
    OptionSpec::optional("retry_delay", Seconds),
    OptionSpec::optional("rate_limit_per_minute", Count),
    OptionSpec::optional("rate_limit_burst", Count),
    OptionSpec::optional("circuit_breaker_failures", Count),
    OptionSpec::optional("circuit_breaker_recovery", Seconds),
    // What is written.
    OptionSpec::optional("schema", Text),
    OptionSpec::optional("table", Text),
    OptionSpec::optional("table_name", Text),
    OptionSpec::optional("mode", OneOf(WRITE_MODES)),
    OptionSpec::optional("write_mode", OneOf(WRITE_MODES)),
    OptionSpec::optional("upsert_keys", Texts),
    OptionSpec::optional("primary_key", Texts),
    OptionSpec::optional("batch_size", Count),
];

/// How strict encryption is, as the server's own client has it.
const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// How rows meet those already there; `insert` and `overwrite` are other words for the first two.
pub const WRITE_MODES: &[&str] = &["append", "replace", "upsert", "insert", "overwrite"];

impl Format {
    /// Its options.
    pub fn options(self) -> &'static [OptionSpec] {
        match self {
            Self::Csv => CSV,
            Self::Parquet => PARQUET,
            Self::Json => JSON,
            Self::Arrow => ARROW,
            Self::Excel => EXCEL,
            Self::Postgres => POSTGRES,
        }
    }
}
