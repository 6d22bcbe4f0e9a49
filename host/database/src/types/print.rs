//! Types as DuckDB spells them.

use std::fmt;

use super::keywords::is_keyword;
use super::{Field, LogicalType, NAMES};
use crate::quote_literal;

impl fmt::Display for LogicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal(width, scale) => write!(f, "DECIMAL({width},{scale})"),
            Self::List(element) => write!(f, "{element}[]"),
            Self::Array(element, size) => write!(f, "{element}[{size}]"),
            Self::Map(entry) => match entry.fields() {
                [key, value] => write!(f, "MAP({}, {})", key.logical_type, value.logical_type),
                _ => write!(f, "MAP({entry})"),
            },
            Self::Struct(fields) => {
                f.write_str("STRUCT(")?;
                for (index, field) in fields.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    field.fmt(f)?;
                }
                f.write_str(")")
            }
            Self::Enum(names) => {
                let names: Vec<String> = names.iter().map(|name| quote_literal(name)).collect();
                write!(f, "ENUM({})", names.join(", "))
            }
            flat => f.write_str(NAMES.iter().find(|(_, found)| found == flat).map_or("?", |(name, _)| name)),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            return self.logical_type.fmt(f);
        }
        if is_plain(&self.name) {
            f.write_str(&self.name)?;
        } else {
            write!(f, "\"{}\"", self.name.replace('"', "\"\""))?;
        }
        write!(f, " {}", self.logical_type)
    }
}

/// Whether DuckDB prints the name without quotes.
fn is_plain(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !is_keyword(name)
}
