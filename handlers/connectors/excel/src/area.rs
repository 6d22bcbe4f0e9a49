//! Places in a sheet, as Excel writes them: `B3`, `B3:F200`.

use serde::Deserialize;

/// Columns that a sheet has.
const MOST_COLUMNS: u32 = 16_384;
/// Rows that a sheet has.
const MOST_ROWS: u32 = 1_048_576;

/// A part of a sheet. Rows and columns count from 0, and the last ones belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Area {
    first: Corner,
    last: Corner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Corner {
    row: u32,
    column: u32,
}

impl Area {
    /// All of a sheet.
    pub(crate) const WHOLE: Self =
        Self { first: Corner { row: 0, column: 0 }, last: Corner { row: MOST_ROWS - 1, column: MOST_COLUMNS - 1 } };

    pub(crate) fn contains(&self, row: u32, column: u32) -> bool {
        (self.first.row..=self.last.row).contains(&row) && (self.first.column..=self.last.column).contains(&column)
    }

    /// Whether rows from this one on lie behind it.
    pub(crate) fn ends_before(&self, row: u32) -> bool {
        row > self.last.row
    }
}

impl TryFrom<String> for Area {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let corners = match text.trim().split_once(':') {
            Some((first, last)) => corner(first).zip(corner(last)),
            // The corner where it begins.
            None => corner(text.trim()).map(|first| (first, (None, None))),
        };
        let area = corners.map(|(first, last)| Self {
            first: Corner { column: first.0.unwrap_or(0), row: first.1.unwrap_or(0) },
            last: Corner {
                column: last.0.unwrap_or(Self::WHOLE.last.column),
                row: last.1.unwrap_or(Self::WHOLE.last.row),
            },
        });
        let is_some = |area: &Self| area.first.row <= area.last.row && area.first.column <= area.last.column;
        area.filter(is_some)
            .ok_or_else(|| format!("`range` is a part of a sheet such as B3:F200, B3:F or A5, and not {text}"))
    }
}

/// Column and row of a corner, of which one may be missing: `B3`, `B`, `3`.
fn corner(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    let text = text.replace('$', "");
    let digits = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (letters, digits) = text.split_at(digits);
    if letters.len() > 3 || digits.len() > 7 || text.is_empty() {
        return None;
    }
    let column =
        letters.bytes().fold(0, |number, letter| number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = if digits.is_empty() { 0 } else { digits.parse().ok().filter(|row| *row > 0)? };
    let (column, row) = (column.checked_sub(1), row.checked_sub(1));
    let fits = column.is_none_or(|column| column < MOST_COLUMNS) && row.is_none_or(|row| row < MOST_ROWS);
    fits.then_some((column, row))
}

/// The letters of a column, which counts from 0.
pub(crate) fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A cell, which counts from 0.
pub(crate) fn cell(row: u32, column: u32) -> String {
    format!("{}{}", letters(column), u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_read_as_excel_writes_them() {
        let area = |first: (u32, u32), last: (u32, u32)| {
            let corner = |(column, row)| Corner { row, column };
            Some(Area { first: corner(first), last: corner(last) })
        };
        for (text, expected) in [
            ("B3:F200", area((1, 2), (5, 199))),
            ("$b$3:$f$200", area((1, 2), (5, 199))),
            ("B3:F", area((1, 2), (5, 1_048_575))),
            ("C:C", area((2, 0), (2, 1_048_575))),
            ("5:7", area((0, 4), (16_383, 6))),
            (" A5 ", area((0, 4), (16_383, 1_048_575))),
            ("XFD1048576", area((16_383, 1_048_575), (16_383, 1_048_575))),
            ("F3:B200", None),
            ("B3:F2", None),
            ("XFE1", None),
            ("A1048577", None),
            ("A0", None),
            ("3A", None),
            ("A1:", None),
            ("A1:B2:C3", None),
            ("", None),
            ("Sheet1!A1", None),
        ] {
            assert_eq!(Area::try_from(text.to_owned()).ok(), expected, "{text}");
        }
    }

    #[test]
    fn columns_have_letters() {
        for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(column), expected);
        }
        assert_eq!(cell(9, 2), "C10");
    }
}
