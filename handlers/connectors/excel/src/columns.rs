//! The kinds of values that a column has, the type that holds them all, and values gathered in columns.

use duckpen::{Batch, Date, Interval, Time, Timestamp};

use crate::value::Value;

/// The kinds of values that were seen in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(u16);

impl Kinds {
    /// A value without a kind: NULL whatever the column has.
    const MISSING: Self = Self(1);
    const FLAG: Self = Self(2);
    const WHOLE: Self = Self(4);
    const NUMBER: Self = Self(8);
    const DATE: Self = Self(16);
    const MOMENT: Self = Self(32);
    const TIME: Self = Self(64);
    const SPAN: Self = Self(128);
    const TEXT: Self = Self(256);

    pub(crate) fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Missing | Value::Error(_) => Self::MISSING,
            Value::Flag(_) => Self::FLAG,
            Value::Whole(_) => Self::WHOLE,
            Value::Number(_) => Self::NUMBER,
            Value::Date(_) => Self::DATE,
            Value::Moment(_) => Self::MOMENT,
            Value::Time(_) => Self::TIME,
            Value::Span(_) => Self::SPAN,
            Value::Text(_) => Self::TEXT,
        }
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no value was seen at all.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    fn are_of(self, others: &[Self]) -> bool {
        let allowed = others.iter().fold(Self::MISSING, |all, kind| all.with(*kind));
        self.0 & !allowed.0 == 0
    }

    /// The type that holds them all: of values that have nothing else in common VARCHAR.
    pub(crate) fn logical_type(self) -> LogicalType {
        if self.are_of(&[]) {
            LogicalType::Varchar
        } else if self.are_of(&[Self::FLAG]) {
            LogicalType::Boolean
        } else if self.are_of(&[Self::WHOLE]) {
            LogicalType::BigInt
        } else if self.are_of(&[Self::WHOLE, Self::NUMBER]) {
            LogicalType::Double
        } else if self.are_of(&[Self::DATE]) {
            LogicalType::Date
        } else if self.are_of(&[Self::DATE, Self::MOMENT]) {
            LogicalType::Timestamp
        } else if self.are_of(&[Self::TIME]) {
            LogicalType::Time
        } else if self.are_of(&[Self::SPAN]) {
            LogicalType::Interval
        } else {
            LogicalType::Varchar
        }
    }
}

/// A type that a column may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogicalType {
    Boolean,
    BigInt,
    Double,
    Date,
    Timestamp,
    Time,
    Interval,
    Varchar,
}

impl LogicalType {
    /// In DuckDB's spelling.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::BigInt => "BIGINT",
            Self::Double => "DOUBLE",
            Self::Date => "DATE",
            Self::Timestamp => "TIMESTAMP",
            Self::Time => "TIME",
            Self::Interval => "INTERVAL",
            Self::Varchar => "VARCHAR",
        }
    }
}

/// The values of a column for one batch. Rows between those that have values are NULL.
pub(crate) enum Column {
    Boolean(Vec<Option<bool>>),
    Double(Vec<Option<f64>>),
    /// Days.
    Date(Vec<Option<i32>>),
    /// Whole numbers, or microseconds.
    Whole(LogicalType, Vec<Option<i64>>),
    Varchar(Vec<Option<String>>),
}

impl Column {
    pub(crate) fn new(logical_type: LogicalType) -> Self {
        match logical_type {
            LogicalType::Boolean => Self::Boolean(Vec::new()),
            LogicalType::Double => Self::Double(Vec::new()),
            LogicalType::Date => Self::Date(Vec::new()),
            LogicalType::Varchar => Self::Varchar(Vec::new()),
            other => Self::Whole(other, Vec::new()),
        }
    }

    /// Sets the value of a row, which is none before the last one that was set; false where it has no place in the column.
    pub(crate) fn set(&mut self, row: usize, value: &Value<'_>) -> bool {
        match (self, value) {
            (_, Value::Missing | Value::Error(_)) => {}
            (Self::Boolean(values), Value::Flag(flag)) => put(values, row, *flag),
            (Self::Double(values), Value::Whole(number)) => put(values, row, *number as f64),
            (Self::Double(values), Value::Number(number)) => put(values, row, *number),
            (Self::Date(values), Value::Date(days)) => put(values, row, *days),
            (Self::Whole(LogicalType::Timestamp, values), Value::Date(days)) => {
                put(values, row, i64::from(*days) * 86_400_000_000);
            }
            (Self::Whole(LogicalType::BigInt, values), Value::Whole(number))
            | (Self::Whole(LogicalType::Time, values), Value::Time(number))
            | (Self::Whole(LogicalType::Interval, values), Value::Span(number))
            | (Self::Whole(LogicalType::Timestamp, values), Value::Moment(number)) => put(values, row, *number),
            (Self::Varchar(values), Value::Text(text)) => put(values, row, text.as_ref().to_owned()),
            (Self::Varchar(values), value) => put(values, row, value.to_string()),
            _ => return false,
        }
        true
    }

    /// Hands the values of `rows` rows over to a place of the batch, and forgets them.
    pub(crate) fn deliver(&mut self, rows: usize, batch: &mut Batch, place: usize) {
        macro_rules! push {
            ($values:expr, $type:ty, $wrap:expr) => {{
                $values.resize(rows, None);
                let results = batch.column::<$type>(place);
                $values.drain(..).for_each(|value| results.push_option(value.map($wrap)));
            }};
        }
        match self {
            Self::Boolean(values) => push!(values, bool, |flag| flag),
            Self::Double(values) => push!(values, f64, |number| number),
            Self::Date(values) => push!(values, Date, Date),
            Self::Whole(LogicalType::Time, values) => push!(values, Time, Time),
            Self::Whole(LogicalType::Timestamp, values) => push!(values, Timestamp, Timestamp),
            Self::Whole(LogicalType::Interval, values) => {
                push!(values, Interval, |micros| Interval { months: 0, days: 0, micros });
            }
            Self::Whole(_, values) => push!(values, i64, |number| number),
            Self::Varchar(values) => {
                values.resize(rows, None);
                let results = batch.column::<str>(place);
                values.iter().for_each(|text| results.push_option(text.as_deref()));
                values.clear();
            }
        }
    }
}

/// Sets the value of a row, and NULL for those before that have none.
fn put<T: Clone>(values: &mut Vec<Option<T>>, row: usize, value: T) {
    values.resize(row, None);
    values.push(Some(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_type_that_holds_all_of_its_values() {
        let (whole, number, text) = (|| Value::Whole(1), || Value::Number(0.5), || Value::Text("x".into()));
        let (date, moment, time, span) = (|| Value::Date(1), || Value::Moment(1), || Value::Time(1), || Value::Span(1));
        for (values, expected) in [
            (&[][..], "VARCHAR"),
            (&[Value::Missing], "VARCHAR"),
            (&[Value::Flag(true), Value::Missing], "BOOLEAN"),
            (&[whole(), Value::Error("#REF!")], "BIGINT"),
            (&[whole(), number()], "DOUBLE"),
            (&[number()], "DOUBLE"),
            (&[date()], "DATE"),
            (&[date(), moment()], "TIMESTAMP"),
            (&[time()], "TIME"),
            (&[span()], "INTERVAL"),
            (&[text()], "VARCHAR"),
            (&[whole(), text()], "VARCHAR"),
            (&[whole(), Value::Flag(true)], "VARCHAR"),
            (&[whole(), date()], "VARCHAR"),
            (&[time(), span()], "VARCHAR"),
            (&[number(), moment(), date()], "VARCHAR"),
        ] {
            let kinds = values.iter().fold(Kinds::default(), |kinds, value| kinds.with(Kinds::of(value)));
            assert_eq!(kinds.logical_type().name(), expected, "{values:?}");
            // Each of them has a place in it.
            let mut column = Column::new(kinds.logical_type());
            assert!(values.iter().enumerate().all(|(row, value)| column.set(row, value)), "{values:?}");
        }
    }
}
