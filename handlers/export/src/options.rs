//! The options of each format.

use duckpen::OptionKind::{Count, Flag, OneOf, Text, Texts};
use duckpen::{FILE_FORMATS, OBJECT_PLACE, OBJECT_STORE, OptionSpec, POSTGRES_SERVER};

use crate::declaration::{Declaration, Format};

const CSV: &[OptionSpec] = &[
    OptionSpec::optional("header", Flag),
    OptionSpec::optional("delimiter", Text),
    OptionSpec::optional("quote_char", Text),
    OptionSpec::optional("null_text", Text),
    OptionSpec::optional("compression", OneOf(PACKINGS)),
];

/// With `partition_by` a folder of files, which in the project is replaced as one, and in an object store file by file: it has
/// no folders.
const PARQUET: &[OptionSpec] = &[
    OptionSpec::optional("compression", OneOf(&["uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"])),
    OptionSpec::optional("row_group_size", Count),
    OptionSpec::optional("partition_by", Texts),
];

const JSON: &[OptionSpec] = &[
    OptionSpec::optional("format", OneOf(&["array", "newline_delimited"])),
    // SQLFlow's pipelines have it whatever the format. There is none to write.
    OptionSpec::optional("header", Flag),
    OptionSpec::optional("compression", OneOf(PACKINGS)),
];

/// How files of text are packed; as the ending of their name says, where nothing else is said.
const PACKINGS: &[&str] = &["none", "gzip", "zstd"];

const CSV_IN_STORE: &[OptionSpec] = &OptionSpec::joined::<{ CSV.len() + STORE.len() }>(&[CSV, STORE]);
const PARQUET_IN_STORE: &[OptionSpec] = &OptionSpec::joined::<{ PARQUET.len() + STORE.len() }>(&[PARQUET, STORE]);
const JSON_IN_STORE: &[OptionSpec] = &OptionSpec::joined::<{ JSON.len() + STORE.len() }>(&[JSON, STORE]);

/// Where an object goes, and how its store is reached.
const STORE: &[OptionSpec] =
    &OptionSpec::joined::<{ OBJECT_PLACE.len() + OBJECT_STORE.len() }>(&[OBJECT_PLACE, OBJECT_STORE]);

/// The same where the type is S3, which names no format.
const CSV_AS_S3: &[OptionSpec] = &OptionSpec::joined::<{ CSV_IN_STORE.len() + NAMED.len() }>(&[CSV_IN_STORE, NAMED]);
const PARQUET_AS_S3: &[OptionSpec] =
    &OptionSpec::joined::<{ PARQUET_IN_STORE.len() + NAMED.len() }>(&[PARQUET_IN_STORE, NAMED]);
const JSON_AS_S3: &[OptionSpec] = &OptionSpec::joined::<{ STORE.len() + 3 }>(&[
    &[
        OptionSpec::optional("file_format", OneOf(FILE_FORMATS)),
        OptionSpec::optional("format", OneOf(&["array", "newline_delimited", "json", "jsonl", "ndjson"])),
        OptionSpec::optional("compression", OneOf(PACKINGS)),
    ],
    STORE,
]);

/// The format of an object, where its name does not tell it.
const NAMED: &[OptionSpec] =
    &[OptionSpec::optional("file_format", OneOf(FILE_FORMATS)), OptionSpec::optional("format", OneOf(FILE_FORMATS))];

const ARROW: &[OptionSpec] = &[];
const ARROW_AS_S3: &[OptionSpec] = &OptionSpec::joined::<{ STORE.len() + NAMED.len() }>(&[STORE, NAMED]);

const EXCEL: &[OptionSpec] = &[OptionSpec::optional("sheet", Text)];
const EXCEL_IN_STORE: &[OptionSpec] = &OptionSpec::joined::<{ EXCEL.len() + STORE.len() }>(&[EXCEL, STORE]);
const EXCEL_AS_S3: &[OptionSpec] =
    &OptionSpec::joined::<{ EXCEL_IN_STORE.len() + NAMED.len() }>(&[EXCEL_IN_STORE, NAMED]);

const POSTGRES: &[OptionSpec] =
    &OptionSpec::joined::<{ POSTGRES_SERVER.len() + POSTGRES_TABLE.len() }>(&[POSTGRES_SERVER, POSTGRES_TABLE]);

/// What is written.
const POSTGRES_TABLE: &[OptionSpec] = &[
    OptionSpec::optional("schema", Text),
    OptionSpec::optional("table", Text),
    OptionSpec::optional("table_name", Text),
    OptionSpec::optional("mode", OneOf(WRITE_MODES)),
    OptionSpec::optional("write_mode", OneOf(WRITE_MODES)),
    OptionSpec::optional("if_exists", OneOf(WRITE_MODES)),
    OptionSpec::optional("upsert_keys", Texts),
    OptionSpec::optional("primary_key", Texts),
    OptionSpec::optional("batch_size", Count),
];

/// How rows meet those already there; `insert` and `overwrite` are other words for the first two. SQLFlow's option for it is
/// `if_exists`.
pub const WRITE_MODES: &[&str] = &["append", "replace", "upsert", "insert", "overwrite"];

/// The options of an export of this format.
pub fn options(format: Format, declaration: &Declaration) -> &'static [OptionSpec] {
    match (format, declaration.is_s3(), declaration.store.is_some()) {
        (Format::Csv, true, _) => CSV_AS_S3,
        (Format::Parquet, true, _) => PARQUET_AS_S3,
        (Format::Json, true, _) => JSON_AS_S3,
        (Format::Arrow, true, _) => ARROW_AS_S3,
        (Format::Excel, true, _) => EXCEL_AS_S3,
        (Format::Csv, _, true) => CSV_IN_STORE,
        (Format::Parquet, _, true) => PARQUET_IN_STORE,
        (Format::Json, _, true) => JSON_IN_STORE,
        (Format::Arrow, _, true) => STORE,
        (Format::Excel, _, true) => EXCEL_IN_STORE,
        (Format::Csv, ..) => CSV,
        (Format::Parquet, ..) => PARQUET,
        (Format::Json, ..) => JSON,
        (Format::Arrow, ..) => ARROW,
        (Format::Excel, ..) => EXCEL,
        (Format::Postgres, ..) => POSTGRES,
    }
}
