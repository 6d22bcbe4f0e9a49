//! The parameters of each connector.

use duckpen::OptionKind::{Count, Flag, OneOf, Text, Texts};
use duckpen::OptionSpec;

use crate::declaration::Connector;

/// How a source is kept up to date; `full_refresh` unless said otherwise.
const SYNC_MODES: &[&str] = &["full_refresh", "incremental"];

const CSV: &[OptionSpec] = &[
    OptionSpec::required("path", Text),
    OptionSpec::optional("has_header", Flag),
    OptionSpec::optional("delimiter", Text),
    OptionSpec::optional("quote_char", Text),
    OptionSpec::optional("encoding", Text),
    OptionSpec::optional("engine", OneOf(&["auto", "pandas", "pyarrow"])),
    OptionSpec::optional("sync_mode", OneOf(SYNC_MODES)),
    OptionSpec::optional("cursor_field", Text),
    OptionSpec::optional("primary_key", Texts),
    OptionSpec::optional("lookback_window", Count),
    OptionSpec::optional("batch_size", Count),
    OptionSpec::optional("timeout_seconds", Count),
    OptionSpec::optional("max_retries", Count),
];

const PARQUET: &[OptionSpec] = &[
    OptionSpec::required("path", Text),
    OptionSpec::optional("columns", Texts),
    OptionSpec::optional("combine_files", Flag),
    OptionSpec::optional("parallel_reading", Flag),
    OptionSpec::optional("sync_mode", OneOf(SYNC_MODES)),
    OptionSpec::optional("cursor_field", Text),
    OptionSpec::optional("primary_key", Texts),
    OptionSpec::optional("lookback_window", Count),
    OptionSpec::optional("batch_size", Count),
    OptionSpec::optional("timeout_seconds", Count),
    OptionSpec::optional("max_retries", Count),
];

const JSON: &[OptionSpec] = &[
    OptionSpec::required("path", Text),
    OptionSpec::optional("format", OneOf(&["auto", "array", "newline_delimited"])),
    OptionSpec::optional("sync_mode", OneOf(SYNC_MODES)),
    OptionSpec::optional("cursor_field", Text),
    OptionSpec::optional("primary_key", Texts),
    OptionSpec::optional("lookback_window", Count),
    OptionSpec::optional("batch_size", Count),
    OptionSpec::optional("timeout_seconds", Count),
    OptionSpec::optional("max_retries", Count),
];

impl Connector {
    /// Its parameters.
    pub fn params(self) -> &'static [OptionSpec] {
        match self {
            Self::Csv => CSV,
            Self::Parquet => PARQUET,
            Self::Json => JSON,
        }
    }
}
