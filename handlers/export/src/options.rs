//! The options of each format.

use duckpen::OptionKind::{Count, Flag, OneOf, Text};
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

impl Format {
    /// Its options.
    pub fn options(self) -> &'static [OptionSpec] {
        match self {
            Self::Csv => CSV,
            Self::Parquet => PARQUET,
            Self::Json => JSON,
        }
    }
}
