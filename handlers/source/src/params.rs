//! The parameters of each connector.

use duckpen::OptionKind::{Any, Count, Flag, OneOf, Text, Texts};
use duckpen::{FILE_FORMATS, OBJECT_PLACE, OBJECT_STORE, OptionSpec, POSTGRES_SERVER};

use crate::declaration::Connector;

/// How a source is kept up to date; `full_refresh` unless said otherwise.
const SYNC_MODES: &[&str] = &["full_refresh", "incremental"];

/// How a source is read on from where the last run ended.
const INCREMENTAL: &[OptionSpec] = &[
    OptionSpec::optional("sync_mode", OneOf(SYNC_MODES)),
    OptionSpec::optional("cursor_field", Text),
    OptionSpec::optional("primary_key", Texts),
    OptionSpec::optional("lookback_window", Count),
];

/// What SQLFlow's readers of files take, and nothing here needs.
const PACE: &[OptionSpec] = &[
    OptionSpec::optional("batch_size", Count),
    OptionSpec::optional("timeout_seconds", Count),
    OptionSpec::optional("max_retries", Count),
];

const PATH: &[OptionSpec] = &[OptionSpec::required("path", Text)];

const CSV_FORMAT: &[OptionSpec] = &[
    OptionSpec::optional("has_header", Flag),
    OptionSpec::optional("header", Flag),
    OptionSpec::optional("delimiter", Text),
    OptionSpec::optional("quote_char", Text),
    OptionSpec::optional("encoding", Text),
    OptionSpec::optional("engine", OneOf(&["auto", "pandas", "pyarrow"])),
];

const CSV: &[OptionSpec] =
    &OptionSpec::joined::<{ PATH.len() + CSV_FORMAT.len() + INCREMENTAL.len() + PACE.len() }>(&[
        PATH,
        CSV_FORMAT,
        INCREMENTAL,
        PACE,
    ]);

const PARQUET_FORMAT: &[OptionSpec] = &[
    OptionSpec::optional("columns", Texts),
    OptionSpec::optional("combine_files", Flag),
    OptionSpec::optional("parallel_reading", Flag),
];

const PARQUET: &[OptionSpec] = &OptionSpec::joined::<
    { PATH.len() + PARQUET_FORMAT.len() + INCREMENTAL.len() + PACE.len() },
>(&[PATH, PARQUET_FORMAT, INCREMENTAL, PACE]);

const JSON_FORMAT: &[OptionSpec] = &[
    OptionSpec::optional("format", OneOf(&["auto", "array", "newline_delimited"])),
    OptionSpec::optional("flatten", Flag),
    OptionSpec::optional("max_depth", Count),
];

const JSON: &[OptionSpec] =
    &OptionSpec::joined::<{ PATH.len() + JSON_FORMAT.len() + INCREMENTAL.len() + PACE.len() }>(&[
        PATH,
        JSON_FORMAT,
        INCREMENTAL,
        PACE,
    ]);

const ARROW: &[OptionSpec] = &OptionSpec::joined::<{ PATH.len() + INCREMENTAL.len() }>(&[PATH, INCREMENTAL]);

const EXCEL: &[OptionSpec] =
    &OptionSpec::joined::<{ PATH.len() + EXCEL_FORMAT.len() + INCREMENTAL.len() }>(&[PATH, EXCEL_FORMAT, INCREMENTAL]);

/// Which part of a workbook is read, and how.
const EXCEL_FORMAT: &[OptionSpec] = &[
    OptionSpec::optional("sheet", Text),
    OptionSpec::optional("range", Text),
    OptionSpec::optional("has_header", Flag),
    OptionSpec::optional("header", Flag),
    OptionSpec::optional("errors", OneOf(&["fail", "null"])),
];

/// What is read of a database.
const RELATION: &[OptionSpec] = &OptionSpec::joined::<{ RELATION_PLACE.len() + INCREMENTAL.len() + BATCHES.len() }>(&[
    RELATION_PLACE,
    INCREMENTAL,
    BATCHES,
]);

const RELATION_PLACE: &[OptionSpec] =
    &[OptionSpec::optional("schema", Text), OptionSpec::optional("table", Text), OptionSpec::optional("query", Text)];

const BATCHES: &[OptionSpec] = &[OptionSpec::optional("batch_size", Count)];

const POSTGRES: &[OptionSpec] =
    &OptionSpec::joined::<{ POSTGRES_SERVER.len() + RELATION.len() }>(&[POSTGRES_SERVER, RELATION]);

const DATABASE_FILE: &[OptionSpec] = &OptionSpec::joined::<{ PATH.len() + RELATION.len() }>(&[PATH, RELATION]);

/// What is read of objects, and how. Names with `csv_`, `parquet_`, `json_` and `dev_` are SQLFlow's; `cost_limit_usd` it compares with an
/// estimate, in the place of which there are limits of number and size here.
const OBJECTS_FORMAT: &[OptionSpec] = &[
    OptionSpec::optional("file_format", OneOf(FILE_FORMATS)),
    OptionSpec::optional("format", OneOf(FILE_FORMATS)),
    OptionSpec::optional("compression", OneOf(&["auto", "none", "gzip", "zstd", "snappy"])),
    OptionSpec::optional("partition_keys", Any),
    OptionSpec::optional("partition_filter", Any),
    OptionSpec::optional("max_files", Count),
    OptionSpec::optional("max_files_per_run", Count),
    OptionSpec::optional("max_data_size_gb", Any),
    OptionSpec::optional("cost_limit_usd", Any),
    OptionSpec::optional("dev_sampling", Any),
    OptionSpec::optional("dev_max_files", Count),
    OptionSpec::optional("mock_mode", Flag),
    OptionSpec::optional("has_header", Flag),
    OptionSpec::optional("header", Flag),
    OptionSpec::optional("csv_header", Flag),
    OptionSpec::optional("delimiter", Text),
    OptionSpec::optional("csv_delimiter", Text),
    OptionSpec::optional("quote_char", Text),
    OptionSpec::optional("csv_quote_char", Text),
    OptionSpec::optional("encoding", Text),
    OptionSpec::optional("csv_encoding", Text),
    OptionSpec::optional("columns", Texts),
    OptionSpec::optional("parquet_columns", Texts),
    OptionSpec::optional("json_flatten", Flag),
    OptionSpec::optional("json_max_depth", Count),
    OptionSpec::optional("sheet", Text),
    OptionSpec::optional("range", Text),
    OptionSpec::optional("errors", OneOf(&["fail", "null"])),
];

const OBJECTS: &[OptionSpec] = &OptionSpec::joined::<{ OBJECTS_FORMAT.len() + INCREMENTAL.len() + BATCHES.len() }>(&[
    OBJECTS_FORMAT,
    INCREMENTAL,
    BATCHES,
]);

const S3: &[OptionSpec] = &OptionSpec::joined::<{ OBJECT_PLACE.len() + OBJECTS.len() + OBJECT_STORE.len() }>(&[
    OBJECT_PLACE,
    OBJECTS,
    OBJECT_STORE,
]);

impl Connector {
    /// Whether it reads a table or a query, rather than a whole file.
    pub fn has_relations(self) -> bool {
        matches!(self, Self::Postgres | Self::Sqlite | Self::Duckdb)
    }

    /// Its parameters.
    pub fn params(self) -> &'static [OptionSpec] {
        match self {
            Self::Csv => CSV,
            Self::Parquet => PARQUET,
            Self::Json => JSON,
            Self::Arrow => ARROW,
            Self::Excel => EXCEL,
            Self::Postgres => POSTGRES,
            Self::Sqlite | Self::Duckdb => DATABASE_FILE,
            Self::S3 => S3,
        }
    }
}
