use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Longest name that a copy gets from its object.
const LONGEST_NAME: usize = 120;

/// What does not stand in the name of a copy as it is. Escapes of the key stay what they are.
const UNUSUAL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'=')
    .remove(b'%')
    .remove(b'+')
    .remove(b' ')
    .remove(b',')
    .remove(b':');

/// Where the copy of an object lies in its folder: below a number of its own, so that no two are in each other's way, with
/// the folders of its key that are values (`day=2026-01-01`), which DuckDB makes columns of, and with its name, whose ending
/// says how it is packed.
pub(super) fn copy_of(number: usize, key: &str) -> PathBuf {
    let mut path = PathBuf::from(format!("{number:06}"));
    let mut parts = key.split('/').collect::<Vec<_>>();
    let name = parts.pop().unwrap_or_default();
    for part in parts.iter().filter(|part| partition(part).is_some()) {
        path.push(escaped(part));
    }
    let name = escaped(name);
    let cut = name.len().saturating_sub(LONGEST_NAME);
    path.push(&name[cut..]);
    path
}

/// The name and the value in the name of a folder: `day=2026-01-01`.
pub(super) fn partition(part: &str) -> Option<(&str, &str)> {
    part.split_once('=').filter(|(name, _)| !name.is_empty())
}

/// The text of a value that is escaped in the name of a folder.
pub(super) fn unescaped(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// A part of a key as the name of a file: what would be a pattern or a way out is escaped, as values of folders are anyway.
fn escaped(part: &str) -> String {
    utf8_percent_encode(part, UNUSUAL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_lie_apart_and_keep_what_names_tell() {
        for (key, expected) in [
            ("orders/a.csv.gz", "000007/a.csv.gz"),
            ("orders/day=2026-01-01/h=1/a.parquet", "000007/day=2026-01-01/h=1/a.parquet"),
            ("orders/city=K%C3%B6ln/a.parquet", "000007/city=K%C3%B6ln/a.parquet"),
            ("orders/city=Köln/a.parquet", "000007/city=K%C3%B6ln/a.parquet"),
            ("in/[a]*?.csv", "000007/%5Ba%5D%2A%3F.csv"),
            ("in/=x/a.csv", "000007/a.csv"),
        ] {
            assert_eq!(copy_of(7, key), PathBuf::from(expected), "{key}");
        }
        let long = copy_of(0, &format!("in/{}.csv.gz", "x".repeat(1_000)));
        let name = long.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(name.len() == LONGEST_NAME && name.ends_with(".csv.gz"));
    }

    #[test]
    fn values_of_folders_are_read_as_they_are_meant() {
        assert_eq!(unescaped("K%C3%B6ln%2F1"), "Köln/1");
        assert_eq!(unescaped("100%"), "100%");
        assert_eq!(unescaped("%+5"), "%+5", "no digits");
        assert_eq!(partition("day=2026=1"), Some(("day", "2026=1")));
        assert_eq!(partition("orders"), None);
    }
}
