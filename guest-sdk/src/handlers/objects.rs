//! Files that lie in an object store: which format they have, and how the store is reached.

use super::options::OptionKind::{Any, Count, Flag, OneOf, Seconds, Text};
use super::options::OptionSpec;
use super::systems::RESILIENCE;

/// A format of files, as a parameter or the ending of a name tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Values between commas.
    Csv,
    /// Values between tabs.
    Tsv,
    /// Parquet.
    Parquet,
    /// An array of objects, or one object a line.
    Json,
    /// One object a line.
    JsonLines,
    /// Arrow's format for files.
    Arrow,
    /// A workbook of Excel.
    Excel,
}

/// What parameters may call the formats.
pub const FILE_FORMATS: &[&str] =
    &["csv", "tsv", "parquet", "json", "jsonl", "ndjson", "arrow", "feather", "excel", "xlsx"];

/// What is said where a name tells none of them.
pub const NO_FILE_FORMAT: &str = "the name does not tell it: csv, tsv, parquet, json, jsonl, arrow or excel";

impl FileFormat {
    /// The format of one of [`FILE_FORMATS`], in any case of letters.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "parquet" => Self::Parquet,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::JsonLines,
            "arrow" | "feather" => Self::Arrow,
            "excel" | "xlsx" | "xlsm" => Self::Excel,
            _ => return None,
        })
    }

    /// The format that the ending of a name tells, which of text may be one of a packed file: `orders.csv.gz`.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let unpacked = [".gz", ".zst"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
        let format = Self::of_word(unpacked.rsplit_once('.')?.1)?;
        let is_text = !matches!(format, Self::Parquet | Self::Arrow | Self::Excel);
        (is_text || unpacked == name).then_some(format)
    }
}

/// How a file of this name is packed: `gzip`, `zstd`.
pub fn packing_of(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let packings = [(".gz", "gzip"), (".zst", "zstd")];
    packings.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, packing)| *packing)
}

/// How an object store is reached and treated, which is the host's matter.
pub const OBJECT_STORE: &[OptionSpec] =
    &OptionSpec::joined::<{ OBJECT_SERVER.len() + RESILIENCE.len() }>(&[OBJECT_SERVER, RESILIENCE]);

const OBJECT_SERVER: &[OptionSpec] = &[
    OptionSpec::optional("region", Text),
    OptionSpec::optional("endpoint_url", Text),
    OptionSpec::optional("use_ssl", Flag),
    OptionSpec::optional("addressing_style", OneOf(&["auto", "path", "virtual"])),
    OptionSpec::optional("access_key_id", Any),
    OptionSpec::optional("secret_access_key", Any),
    OptionSpec::optional("access_key", Any),
    OptionSpec::optional("secret_key", Any),
    OptionSpec::optional("session_token", Any),
    OptionSpec::optional("anonymous", Flag),
    OptionSpec::optional("server_side_encryption", OneOf(&["AES256", "aws:kms", "aws:kms:dsse"])),
    OptionSpec::optional("kms_key_id", Text),
    OptionSpec::optional("connect_timeout", Seconds),
    OptionSpec::optional("timeout_seconds", Seconds),
    OptionSpec::optional("parallel_workers", Count),
    OptionSpec::optional("part_size_mb", Any),
];

/// Which objects are meant. The host tells a handler the last part of each, and of the bucket only that there is one.
pub const OBJECT_PLACE: &[OptionSpec] = &[
    OptionSpec::optional("uri", Text),
    OptionSpec::optional("bucket", Text),
    OptionSpec::optional("key", Text),
    // Of a source.
    OptionSpec::optional("path_prefix", Any),
    OptionSpec::optional("prefix", Any),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_formats_and_packings() {
        for (name, format, packing) in [
            ("a.csv", Some(FileFormat::Csv), None),
            ("A.CSV.GZ", Some(FileFormat::Csv), Some("gzip")),
            ("a.tsv", Some(FileFormat::Tsv), None),
            ("*.parquet", Some(FileFormat::Parquet), None),
            ("a.json", Some(FileFormat::Json), None),
            ("a.ndjson.zst", Some(FileFormat::JsonLines), Some("zstd")),
            ("a.jsonl", Some(FileFormat::JsonLines), None),
            ("a.feather", Some(FileFormat::Arrow), None),
            ("a.XLSX", Some(FileFormat::Excel), None),
            ("a.xlsm", Some(FileFormat::Excel), None),
            ("a.arrow.gz", None, Some("gzip")),
            ("a.gz", None, Some("gzip")),
            ("a.txt", None, None),
            ("orders", None, None),
        ] {
            assert_eq!((FileFormat::of_name(name), packing_of(name)), (format, packing), "{name}");
        }
    }
}
