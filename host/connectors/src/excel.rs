//! Workbooks of Excel: one sheet with a line of names, written row by row.
//!
//! Excel counts in numbers of 15 digits, knows no day before March 1900 exactly and no text of more than 32,767 characters.
//! What it would change is written as text; a text that it cannot hold is an error. Texts are never formulas.

use std::path::{Path, PathBuf};

use duckpen_database::{InputChunk, InputVector, LogicalType, StreamColumn};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::exportable::Form;
use crate::{ConnectorError, Setting};

/// The name of the format, as pipelines have it.
pub(crate) const NAME: &str = "excel";

/// The largest whole number that Excel keeps as it is.
const MOST_EXACT: u128 = 999_999_999_999_999;

/// Rows of a sheet that can hold values: one holds the names.
const MOST_ROWS: u32 = 1_048_575;

/// Days from the beginning of Excel's count to 1970-01-01.
const EPOCH: f64 = 25_569.0;

/// The first day from which on Excel counts rightly: it believes in a 29 February 1900.
const FIRST_DAY: f64 = 61.0;

/// The last moment of Excel's count, the end of the year 9999.
const LAST_DAY: f64 = 2_958_466.0;

/// The form in which a column of a type is handed over.
pub(crate) fn form(kind: &str) -> Form {
    match kind.parse::<LogicalType>() {
        Ok(kind) if kind.element().is_some() || !kind.fields().is_empty() => Form::Json,
        Ok(
            LogicalType::Enum(_)
            | LogicalType::Blob
            | LogicalType::Bit
            | LogicalType::BigNum
            | LogicalType::TimeTz
            | LogicalType::Interval
            | LogicalType::Uuid,
        ) => Form::Text,
        Ok(_) => Form::AsIs,
        Err(_) if kind.starts_with("STRUCT") || kind.starts_with("UNION") || kind.ends_with(']') => Form::Json,
        Err(_) => Form::Text,
    }
}

/// A workbook that is being written.
pub(crate) struct ExcelWriter {
    workbook: Workbook,
    path: PathBuf,
    /// Rows so far, the names not counted.
    rows: u32,
    formats: Formats,
}

/// How moments are shown.
struct Formats {
    date: Format,
    time: Format,
    timestamp: Format,
}

/// A value as Excel has it.
enum Cell {
    Flag(bool),
    Number(f64),
    Text(String),
    /// Days since the beginning of the count.
    Date(f64),
    Time(f64),
    Timestamp(f64),
}

impl ExcelWriter {
    /// Begins a workbook with the names of these columns. Its one setting is `sheet`, the sheet's name.
    pub(crate) fn create(settings: &[Setting], path: &Path, columns: &[StreamColumn]) -> Result<Self, ConnectorError> {
        let mut workbook = Workbook::new();
        if let Some(folder) = path.parent() {
            workbook.set_tempdir(folder).map_err(broken)?;
        }
        let sheet = workbook.add_worksheet_with_constant_memory();
        for setting in settings {
            match setting.name.as_str() {
                "sheet" => drop(sheet.set_name(setting.text()?).map_err(|_| ConnectorError::BadSetting {
                    setting: setting.name.clone(),
                    expected: "1 to 31 characters without [ ] : * ? / \\",
                })?),
                _ => return Err(setting.unknown(NAME, "writing")),
            }
        }
        let bold = Format::new().set_bold();
        for (index, column) in columns.iter().enumerate() {
            let place = place(index, column)?;
            sheet.write_string_with_format(0, place, &column.name, &bold).map_err(|error| unfit(column, &error))?;
        }
        sheet.set_freeze_panes(1, 0).map_err(broken)?;
        let formats = Formats {
            date: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("hh:mm:ss"),
            timestamp: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        };
        Ok(Self { workbook, path: path.to_owned(), rows: 0, formats })
    }

    /// Writes rows.
    pub(crate) fn write(&mut self, rows: &InputChunk<'_>, columns: &[StreamColumn]) -> Result<(), ConnectorError> {
        let Self { workbook, rows: written, formats, .. } = self;
        let sheet = workbook.worksheet_from_index(0).map_err(broken)?;
        let vectors: Vec<InputVector<'_>> = (0..columns.len()).filter_map(|index| rows.column(index)).collect();
        for row in 0..rows.rows() {
            *written += 1;
            if *written > MOST_ROWS {
                return Err(ConnectorError::TooManyRows { format: NAME, most: MOST_ROWS.into() });
            }
            for (index, (vector, column)) in vectors.iter().zip(columns).enumerate() {
                if let Some(cell) = cell(vector, row) {
                    let place = place(index, column)?;
                    write_cell(sheet, *written, place, &cell, formats).map_err(|error| unfit(column, &error))?;
                }
            }
        }
        Ok(())
    }

    /// Ends the workbook.
    pub(crate) fn finish(mut self) -> Result<(), ConnectorError> {
        self.workbook.save(&self.path).map_err(broken)
    }
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Flag(flag) => sheet.write_boolean(row, column, *flag)?,
        Cell::Number(number) => sheet.write_number(row, column, *number)?,
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Date(days) => sheet.write_number_with_format(row, column, *days, &formats.date)?,
        Cell::Time(days) => sheet.write_number_with_format(row, column, *days, &formats.time)?,
        Cell::Timestamp(days) => sheet.write_number_with_format(row, column, *days, &formats.timestamp)?,
    };
    Ok(())
}

/// The value of a row; none where it is NULL.
fn cell(vector: &InputVector<'_>, row: usize) -> Option<Cell> {
    if !vector.is_valid(row) {
        return None;
    }
    match vector.logical_type() {
        LogicalType::Boolean => Some(Cell::Flag(vector.bools()?.get(row)? & 1 == 1)),
        LogicalType::Float => Some(float(f64::from(*vector.fixed::<f32>()?.get(row)?))),
        LogicalType::Double => Some(float(*vector.fixed::<f64>()?.get(row)?)),
        LogicalType::Varchar => Some(Cell::Text(String::from_utf8_lossy(vector.strings()?.get(row)?).into_owned())),
        LogicalType::Date => {
            let days = f64::from(*vector.fixed::<i32>()?.get(row)?) + EPOCH;
            Some(moment(days, Cell::Date, || format_date(days)))
        }
        LogicalType::Time => Some(Cell::Time(*vector.fixed::<i64>()?.get(row)? as f64 / 86_400e6)),
        LogicalType::Timestamp | LogicalType::TimestampTz => timestamp(vector, row, 1_000_000),
        LogicalType::TimestampS => timestamp(vector, row, 1),
        LogicalType::TimestampMs => timestamp(vector, row, 1_000),
        LogicalType::TimestampNs => timestamp(vector, row, 1_000_000_000),
        LogicalType::UHugeInt => {
            let words = vector.words()?;
            let number = (u128::from(*words.get(2 * row + 1)?) << 64) | u128::from(*words.get(2 * row)?);
            Some(i128::try_from(number).map_or_else(|_| Cell::Text(number.to_string()), |number| whole(number, 0)))
        }
        LogicalType::Decimal(_, scale) => Some(whole(integer(vector, row)?, *scale)),
        _ => Some(whole(integer(vector, row)?, 0)),
    }
}

/// An integer of whatever width the column has.
fn integer(vector: &InputVector<'_>, row: usize) -> Option<i128> {
    macro_rules! widths {
        ($($kind:ty),*) => {
            $(if let Some(values) = vector.fixed::<$kind>() {
                return values.get(row).map(|value| i128::from(*value));
            })*
        };
    }
    widths!(i8, i16, i32, i64, u8, u16, u32, u64);
    let words = vector.words()?;
    Some((i128::from(words.get(2 * row + 1)?.cast_signed()) << 64) | i128::from(*words.get(2 * row)?))
}

/// A number of `scale` digits behind the point, as text where Excel would change it.
fn whole(unscaled: i128, scale: u8) -> Cell {
    let text = || {
        let (sign, digits) = (if unscaled < 0 { "-" } else { "" }, unscaled.unsigned_abs().to_string());
        if scale == 0 {
            return format!("{sign}{digits}");
        }
        let scale = usize::from(scale);
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        format!("{sign}{whole}.{part}")
    };
    if unscaled.unsigned_abs() > MOST_EXACT {
        return Cell::Text(text());
    }
    // Read as it is written, so that 0.1 is the 0.1 that Excel has.
    text().parse().map_or_else(|_| Cell::Text(text()), Cell::Number)
}

fn float(number: f64) -> Cell {
    if number.is_finite() { Cell::Number(number) } else { Cell::Text(number.to_string()) }
}

fn timestamp(vector: &InputVector<'_>, row: usize, a_second: i64) -> Option<Cell> {
    let count = *vector.fixed::<i64>()?.get(row)?;
    let (seconds, part) = (count.div_euclid(a_second), count.rem_euclid(a_second));
    let days = (seconds as f64 + part as f64 / a_second as f64) / 86_400.0 + EPOCH;
    Some(moment(days, Cell::Timestamp, || match jiff::Timestamp::new(seconds, 0) {
        Ok(moment) => moment.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        // Infinity, and times that no calendar has.
        Err(_) => (if count > 0 { "infinity" } else { "-infinity" }).to_owned(),
    }))
}

fn moment(days: f64, cell: impl Fn(f64) -> Cell, text: impl Fn() -> String) -> Cell {
    if (FIRST_DAY..LAST_DAY).contains(&days) { cell(days) } else { Cell::Text(text()) }
}

fn format_date(days: f64) -> String {
    let seconds = ((days - EPOCH) * 86_400.0) as i64;
    match jiff::Timestamp::new(seconds, 0) {
        Ok(moment) => moment.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d").to_string(),
        Err(_) => (if days > 0.0 { "infinity" } else { "-infinity" }).to_owned(),
    }
}

fn place(index: usize, column: &StreamColumn) -> Result<u16, ConnectorError> {
    let fits = |index: &u16| *index < 16_384;
    let place = u16::try_from(index).ok().filter(fits);
    place.ok_or_else(|| unfit(column, &XlsxError::RowColumnLimitError))
}

fn unfit(column: &StreamColumn, error: &XlsxError) -> ConnectorError {
    let reason = match error {
        XlsxError::MaxStringLengthExceeded => "a text of it has more than the 32,767 characters of a cell".to_owned(),
        XlsxError::RowColumnLimitError => "a sheet has 16,384 columns".to_owned(),
        other => other.to_string(),
    };
    ConnectorError::Unfit { column: column.name.clone(), reason, hint: None }
}

fn broken(error: XlsxError) -> ConnectorError {
    match error {
        XlsxError::IoError(source) => ConnectorError::io(NAME, source),
        other => ConnectorError::Host(format!("a workbook could not be written: {other}")),
    }
}
