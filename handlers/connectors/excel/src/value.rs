//! What a cell holds.
//!
//! Excel has numbers, texts, truth values and errors. A moment is a number of days, which only the cell's format tells from
//! others: whole days are dates, less than the first day is a time, and anything else a moment.

use std::borrow::Cow;
use std::fmt;

use calamine::{CellErrorType, DataRef, ExcelDateTime};
use jiff::civil::{Date, DateTime, Time};

/// Milliseconds of a day: Excel counts no finer.
const DAY_MS: i64 = 86_400_000;

/// The end of Excel's calendar, the year 9999.
const MOST_DAYS: f64 = 2_958_466.0;

/// The largest whole number up to which a number of Excel is exact.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// What a cell holds that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// `#N/A`: there is no value, and it was meant.
    Missing,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Cow<'a, str>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01 00:00.
    Moment(i64),
    /// Microseconds.
    Span(i64),
    /// What a formula came to that failed: `#DIV/0!`.
    Error(&'static str),
}

impl<'a> Value<'a> {
    /// What a cell holds; none of one that looks empty.
    pub(crate) fn of(cell: &'a DataRef<'a>) -> Option<Self> {
        Some(match cell {
            DataRef::Empty => return None,
            // What formulas such as IF(A1 = 0, "", A1) leave empty.
            DataRef::SharedString("") => return None,
            DataRef::String(text) if text.is_empty() => return None,
            DataRef::SharedString(text) => Self::Text((*text).into()),
            DataRef::String(text) | DataRef::DurationIso(text) => Self::Text(text.into()),
            DataRef::Bool(flag) => Self::Flag(*flag),
            DataRef::Int(number) => Self::Whole(*number),
            DataRef::Float(number) => Self::number(*number),
            DataRef::DateTime(moment) if moment.is_duration() => Self::span(moment.as_f64()),
            DataRef::DateTime(moment) => Self::moment(*moment),
            DataRef::DateTimeIso(text) => Self::iso(text).unwrap_or_else(|| Self::Text(text.into())),
            DataRef::Error(CellErrorType::NA) => Self::Missing,
            DataRef::Error(error) => Self::Error(match error {
                CellErrorType::Div0 => "#DIV/0!",
                CellErrorType::Name => "#NAME?",
                CellErrorType::Null => "#NULL!",
                CellErrorType::Num => "#NUM!",
                CellErrorType::Ref => "#REF!",
                CellErrorType::Value => "#VALUE!",
                CellErrorType::GettingData => "#GETTING_DATA",
                CellErrorType::NA => "#N/A",
            }),
        })
    }

    fn number(number: f64) -> Self {
        let is_whole = number.fract() == 0.0 && number.abs() <= MOST_EXACT;
        if is_whole { Self::Whole(number as i64) } else { Self::Number(number) }
    }

    fn span(days: f64) -> Self {
        let milliseconds = (days * DAY_MS as f64).round();
        // Further than any calendar.
        if milliseconds.abs() < 1e15 { Self::Span(milliseconds as i64 * 1_000) } else { Self::number(days) }
    }

    fn moment(moment: ExcelDateTime) -> Self {
        let number = moment.as_f64();
        if !(0.0..MOST_DAYS).contains(&number) {
            return Self::number(number);
        }
        let milliseconds = (number.fract() * DAY_MS as f64).round() as i64;
        if number < 1.0 {
            return Self::Time(milliseconds.min(DAY_MS - 1) * 1_000);
        }
        // The workbook's calendar begins in 1900 or in 1904; the first one believes that 1900 had a 29th of February.
        let (year, month, day, ..) = moment.to_ymd_hms_milli();
        let Ok(date) = Date::new(year as i16, month as i8, day as i8) else { return Self::number(number) };
        let days = days_since_1970(date);
        match milliseconds {
            0 => Self::Date(days),
            milliseconds => Self::Moment((i64::from(days) * DAY_MS + milliseconds) * 1_000),
        }
    }

    fn iso(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('Z');
        if let Ok(date) = text.parse::<Date>() {
            // A moment at midnight is written so, too, and is no date.
            if !text.contains(['T', ' ']) {
                return Some(Self::Date(days_since_1970(date)));
            }
        }
        if let Ok(moment) = text.parse::<DateTime>() {
            let micros = i64::from(days_since_1970(moment.date())) * DAY_MS * 1_000;
            return Some(Self::Moment(micros + micros_of(moment.time())));
        }
        text.parse::<Time>().ok().map(|time| Self::Time(micros_of(time)))
    }

    /// The same, kept.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Missing => Value::Missing,
            Self::Flag(flag) => Value::Flag(flag),
            Self::Whole(number) => Value::Whole(number),
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Date(days) => Value::Date(days),
            Self::Time(micros) => Value::Time(micros),
            Self::Moment(micros) => Value::Moment(micros),
            Self::Span(micros) => Value::Span(micros),
            Self::Error(error) => Value::Error(error),
        }
    }
}

fn days_since_1970(date: Date) -> i32 {
    (date - Date::constant(1970, 1, 1)).get_days()
}

fn date_of(days: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}

fn micros_of(time: Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1_000
}

/// As a text, where a column has values of several kinds: as DuckDB writes them.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) if number.abs() < 1e15 && number.abs() >= 1e-5 => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number:e}"),
            Self::Text(text) => f.write_str(text),
            Self::Error(error) => f.write_str(error),
            Self::Date(days) => write!(f, "{}", date_of(*days)),
            Self::Time(micros) => clock(*micros, f),
            Self::Moment(micros) => {
                let day = DAY_MS * 1_000;
                write!(f, "{} ", date_of(micros.div_euclid(day) as i32))?;
                clock(micros.rem_euclid(day), f)
            }
            Self::Span(micros) => {
                if *micros < 0 {
                    f.write_str("-")?;
                }
                clock(micros.abs(), f)
            }
        }
    }
}

fn clock(micros: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (seconds, part) = (micros / 1_000_000, micros % 1_000_000);
    write!(f, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
    if part > 0 {
        let part = format!("{part:06}");
        write!(f, ".{}", part.trim_end_matches('0'))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers_are_moments_as_excel_counts_them() {
        for (number, is_1904, expected) in [
            (45_351.0, false, "2024-02-29"),
            (45_351.5, false, "2024-02-29 12:00:00"),
            (45_351.999_999_999_9, false, "2024-03-01 00:00:00"),
            (45_351.000_011_574, false, "2024-02-29 00:00:01"),
            (45_351.000_000_011_6, false, "2024-02-29 00:00:00.001"),
            (43_889.0, true, "2024-02-29"),
            (0.75, false, "18:00:00"),
            (0.75, true, "18:00:00"),
            (0.0, false, "00:00:00"),
            (0.999_999_999_9, false, "23:59:59.999"),
            (1.0, false, "1900-01-01"),
            (59.0, false, "1900-02-28"),
            (60.0, false, "60"),
            (61.0, false, "1900-03-01"),
            (2_958_465.0, false, "9999-12-31"),
            (2_958_466.0, false, "2958466"),
            (-1.5, false, "-1.5"),
            (f64::NAN, false, "NaN"),
        ] {
            let moment = ExcelDateTime::new(number, ExcelDateTimeType::DateTime, is_1904);
            let value = DataRef::DateTime(moment);
            assert_eq!(Value::of(&value).map(|value| value.to_string()).as_deref(), Some(expected), "{number}");
        }
    }

    #[test]
    fn values_are_written_as_the_database_writes_them() {
        let span = |days| DataRef::DateTime(ExcelDateTime::new(days, ExcelDateTimeType::TimeDelta, false));
        for (cell, expected) in [
            (DataRef::Float(3.0), "3"),
            (DataRef::Float(-0.0), "0"),
            (DataRef::Float(0.1), "0.1"),
            (DataRef::Float(1e300), "1e300"),
            (DataRef::Float(9_007_199_254_740_994.0), "9.007199254740994e15"),
            (DataRef::Bool(true), "true"),
            (span(1.5), "36:00:00"),
            (span(-0.5), "-12:00:00"),
            (DataRef::DateTimeIso("2024-02-29".into()), "2024-02-29"),
            (DataRef::DateTimeIso("2024-02-29T12:30:00.25Z".into()), "2024-02-29 12:30:00.25"),
            (DataRef::DateTimeIso("12:30:00".into()), "12:30:00"),
            (DataRef::DateTimeIso("soon".into()), "soon"),
            (DataRef::Error(CellErrorType::Div0), "#DIV/0!"),
        ] {
            let value = Value::of(&cell).map(|value| value.to_string());
            assert_eq!(value.as_deref(), Some(expected));
        }
        for empty in [DataRef::Empty, DataRef::SharedString(""), DataRef::String(String::new())] {
            assert_eq!(Value::of(&empty), None);
        }
    }
}
