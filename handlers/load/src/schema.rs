//! How a table changes with its source: columns that it lacks, types that are too narrow.

use duckpen::{Field, find_field};

/// What becomes of a table that the source does not fit. By default the load fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Columns that the table lacks are added.
    pub add_columns: bool,
    /// Columns get a type that holds the source's values, too.
    pub widen: bool,
}

/// One change of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A column that it lacks.
    Add(Field),
    /// A type that is too narrow; with the type it gets.
    Widen(Field),
}

impl Policy {
    /// The changes that make a table with the columns `existing` take rows with the columns `source`, as far as the policy
    /// allows them. What remains is a misfit.
    pub fn changes(self, source: &[Field], existing: &[Field]) -> Vec<Change> {
        let change = |field: &Field| match find_field(existing, &field.name) {
            None => self.add_columns.then(|| Change::Add(field.clone())),
            Some(column) if self.widen => wider(&column.logical_type, &field.logical_type)
                .map(|logical_type| Change::Widen(Field { name: column.name.clone(), logical_type })),
            Some(_) => None,
        };
        source.iter().filter_map(change).collect()
    }
}

/// The columns after the changes.
pub fn changed(existing: &[Field], changes: &[Change]) -> Vec<Field> {
    let mut columns = existing.to_vec();
    for change in changes {
        match change {
            Change::Add(field) => columns.push(field.clone()),
            Change::Widen(field) => {
                let widened = columns.iter_mut().filter(|column| column.name == field.name);
                widened.for_each(|column| column.logical_type.clone_from(&field.logical_type));
            }
        }
    }
    columns
}

/// A number type, as far as widening goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// Bits, and whether there are values below zero.
    Integer {
        bits: u16,
        signed: bool,
    },
    /// All digits, and those after the point.
    Decimal {
        width: u16,
        scale: u16,
    },
    Float,
    Double,
}

const MOST_DIGITS: u16 = 38;

impl Number {
    fn parse(logical_type: &str) -> Option<Self> {
        let integer = |bits, signed| Some(Self::Integer { bits, signed });
        match logical_type {
            "TINYINT" => integer(8, true),
            "SMALLINT" => integer(16, true),
            "INTEGER" => integer(32, true),
            "BIGINT" => integer(64, true),
            "HUGEINT" => integer(128, true),
            "UTINYINT" => integer(8, false),
            "USMALLINT" => integer(16, false),
            "UINTEGER" => integer(32, false),
            "UBIGINT" => integer(64, false),
            "FLOAT" => Some(Self::Float),
            "DOUBLE" => Some(Self::Double),
            _ => {
                let inside = logical_type.strip_prefix("DECIMAL(")?.strip_suffix(')')?;
                let (width, scale) = inside.split_once(',')?;
                Some(Self::Decimal { width: width.trim().parse().ok()?, scale: scale.trim().parse().ok()? })
            }
        }
    }

    fn name(self) -> Option<String> {
        Some(match self {
            Self::Integer { bits, signed } => {
                let name = match bits {
                    8 => "TINYINT",
                    16 => "SMALLINT",
                    32 => "INTEGER",
                    64 => "BIGINT",
                    128 if signed => "HUGEINT",
                    _ => return None,
                };
                format!("{}{name}", if signed { "" } else { "U" })
            }
            Self::Decimal { width, scale } => format!("DECIMAL({width},{scale})"),
            Self::Float => "FLOAT".to_owned(),
            Self::Double => "DOUBLE".to_owned(),
        })
    }

    /// Digits before the point that its values may have.
    fn whole_digits(self) -> u16 {
        match self {
            Self::Integer { bits: 8, .. } => 3,
            Self::Integer { bits: 16, .. } => 5,
            Self::Integer { bits: 32, .. } => 10,
            Self::Integer { bits: 64, .. } => 20,
            Self::Decimal { width, scale } => width.saturating_sub(scale),
            Self::Integer { .. } | Self::Float | Self::Double => MOST_DIGITS,
        }
    }

    fn scale(self) -> u16 {
        if let Self::Decimal { scale, .. } = self { scale } else { 0 }
    }

    /// The narrowest type that holds the values of both.
    fn union(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Integer { bits: a, signed: true }, Self::Integer { bits: b, signed: true }) => {
                Some(Self::Integer { bits: a.max(b), signed: true })
            }
            (Self::Integer { bits: a, signed: false }, Self::Integer { bits: b, signed: false }) => {
                Some(Self::Integer { bits: a.max(b), signed: false })
            }
            (Self::Integer { bits: signed, signed: true }, Self::Integer { bits: unsigned, .. })
            | (Self::Integer { bits: unsigned, .. }, Self::Integer { bits: signed, signed: true }) => {
                Some(Self::Integer { bits: signed.max(unsigned * 2).min(128), signed: true })
            }
            (Self::Float, Self::Float) => Some(Self::Float),
            (Self::Float | Self::Double, _) | (_, Self::Float | Self::Double) => Some(Self::Double),
            (a, b) => {
                let scale = a.scale().max(b.scale());
                let width = a.whole_digits().max(b.whole_digits()) + scale;
                (width <= MOST_DIGITS).then_some(Self::Decimal { width, scale })
            }
        }
    }
}

/// The type that a column of type `table` gets so that it holds values of type `source`; none where it does already, or
/// where there is no such type.
fn wider(table: &str, source: &str) -> Option<String> {
    if table == "DATE" && matches!(source, "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS") {
        return Some(source.to_owned());
    }
    let (table, source) = (Number::parse(table)?, Number::parse(source)?);
    let union = table.union(source)?;
    if union == table { None } else { union.name() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_type_holds_the_values_of_both() {
        for (table, source, expected) in [
            ("INTEGER", "BIGINT", Some("BIGINT")),
            ("BIGINT", "INTEGER", None),
            ("INTEGER", "UINTEGER", Some("BIGINT")),
            ("UTINYINT", "TINYINT", Some("SMALLINT")),
            ("UINTEGER", "UBIGINT", Some("UBIGINT")),
            ("UBIGINT", "BIGINT", Some("HUGEINT")),
            ("BIGINT", "DOUBLE", Some("DOUBLE")),
            ("FLOAT", "DOUBLE", Some("DOUBLE")),
            ("DOUBLE", "BIGINT", None),
            ("FLOAT", "FLOAT", None),
            ("INTEGER", "DECIMAL(4,2)", Some("DECIMAL(12,2)")),
            ("DECIMAL(5,2)", "DECIMAL(7,3)", Some("DECIMAL(7,3)")),
            ("DECIMAL(7,2)", "DECIMAL(5,4)", Some("DECIMAL(9,4)")),
            ("DECIMAL(9,2)", "SMALLINT", None),
            ("HUGEINT", "DECIMAL(4,2)", None),
            ("DATE", "TIMESTAMP", Some("TIMESTAMP")),
            ("TIMESTAMP", "DATE", None),
            ("VARCHAR", "BIGINT", None),
            ("BIGINT", "VARCHAR", None),
            ("BIGINT[]", "HUGEINT[]", None),
        ] {
            assert_eq!(wider(table, source).as_deref(), expected, "{table} for {source}");
        }
    }

    #[test]
    fn a_policy_changes_what_it_may() {
        let field = |name: &str, logical_type: &str| Field { name: name.into(), logical_type: logical_type.into() };
        let existing = [field("id", "INTEGER"), field("v", "BIGINT")];
        let source = [field("ID", "BIGINT"), field("v", "BIGINT"), field("note", "VARCHAR")];
        let both = Policy { add_columns: true, widen: true };
        let changes = both.changes(&source, &existing);
        assert_eq!(changes, [Change::Widen(field("id", "BIGINT")), Change::Add(field("note", "VARCHAR"))]);
        let columns = [field("id", "BIGINT"), field("v", "BIGINT"), field("note", "VARCHAR")];
        assert_eq!(changed(&existing, &changes), columns);
        assert_eq!(Policy::default().changes(&source, &existing), []);
    }
}
