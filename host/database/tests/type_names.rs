//! A type's name comes from a guest: whatever it is, it is read or refused.
#![allow(clippy::unwrap_used)]

use duckpen_database::LogicalType;
use proptest::prelude::*;

/// What names of types are made of, and what they are not.
const PIECES: &[&str] = &[
    "DECIMAL",
    "BIGINT",
    "VARCHAR",
    "STRUCT",
    "MAP",
    "ENUM",
    "UNION",
    "TIMESTAMP",
    "WITH TIME ZONE",
    "(",
    ")",
    "[",
    "]",
    "[]",
    "[3]",
    "[4294967296]",
    ",",
    " ",
    "'",
    "\"",
    "''",
    "18",
    "3",
    "-1",
    "99999999999999999999",
    "a",
    "ü",
    "\0",
    "\n",
    ";",
    "--",
];

proptest! {
    #[test]
    fn any_pieces_are_read_or_refused(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        check(&text)?;
    }
}

/// What is read is printed as something that is read as the same.
fn check(text: &str) -> Result<(), TestCaseError> {
    if let Ok(kind) = text.parse::<LogicalType>() {
        prop_assert_eq!(kind.to_string().parse::<LogicalType>(), Ok(kind));
    }
    Ok(())
}

#[test]
fn nesting_without_end_is_read_or_refused() {
    for (open, close) in [("STRUCT(a ", ")"), ("MAP(INTEGER, ", ")"), ("", "[]"), ("(", ")"), ("DECIMAL(", "")] {
        let text = format!("{}INTEGER{}", open.repeat(100_000), close.repeat(100_000));
        check(&text).unwrap();
    }
}
