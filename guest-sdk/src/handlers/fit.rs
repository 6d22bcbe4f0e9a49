//! Rows of one shape into a table of another: by name, and without loss.

use super::tables::Field;
use crate::sql::{Identifier, Literal};

/// How the columns of some rows go into a table that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// The table's columns that are given a value, in the order of the rows' columns.
    pub columns: Vec<String>,
    /// What stands between SELECT and FROM: each of the rows' columns, converted where its type is another.
    pub select: String,
}

/// Why some rows do not go into a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit<'f> {
    /// The table lacks a column.
    Missing {
        /// The rows' column.
        column: &'f str,
    },
    /// A column has another type.
    Types {
        /// Its name.
        column: &'f str,
        /// Its type in the rows.
        source: &'f str,
        /// Its type in the table.
        target: &'f str,
    },
}

impl Misfit<'_> {
    /// A sentence about it, without an end stop; `table` is the name of the table.
    pub fn sentence(&self, table: &str) -> String {
        match self {
            Self::Missing { column } => format!("Column '{column}' in source does not exist in target table '{table}'"),
            Self::Types { column, source, target } => {
                format!("Column '{column}' has incompatible types: source={source}, target={target}")
            }
        }
    }
}

impl Projection {
    /// Matches `source` columns to those of `target` by name, in any case of letters. A column of the table that the rows
    /// lack becomes NULL. `message` puts a misfit into words, which become the error.
    ///
    /// Numbers go into wider types, and into narrower ones of their family where the database finds that each value fits.
    /// A text goes into a text only; but a column of texts without a value in it (which is how a reader of files sees a
    /// column of empty cells) goes anywhere. Whether it has one is known when it is read: then the database says the
    /// message.
    pub fn new(source: &[Field], target: &[Field], message: impl Fn(Misfit<'_>) -> String) -> Result<Self, String> {
        let mut columns = Vec::new();
        let mut select = Vec::new();
        for field in source {
            let Some(place) = find(target, &field.name) else {
                return Err(message(Misfit::Missing { column: &field.name }));
            };
            let (name, ty) = (Identifier(&field.name), &place.logical_type);
            let misfit = || message(Misfit::Types { column: &field.name, source: &field.logical_type, target: ty });
            select.push(match conversion(&field.logical_type, ty) {
                Conversion::None => name.to_string(),
                Conversion::Cast => format!("CAST({name} AS {ty}) AS {name}"),
                Conversion::OnlyNull => {
                    let misfit = misfit();
                    let error = Literal(&misfit);
                    format!("CAST(CASE WHEN {name} IS NULL THEN NULL ELSE error({error}) END AS {ty}) AS {name}")
                }
                Conversion::Impossible => return Err(misfit()),
            });
            columns.push(place.name.clone());
        }
        Ok(Self { columns, select: select.join(", ") })
    }
}

/// The column of this name, in any case of letters.
pub fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    fields.iter().find(|field| field.name == name).or_else(|| {
        let name = name.to_lowercase();
        fields.iter().find(|field| field.name.to_lowercase() == name)
    })
}

enum Conversion {
    None,
    Cast,
    OnlyNull,
    Impossible,
}

#[derive(PartialEq, Eq)]
enum Family<'t> {
    Integer,
    Float,
    Text,
    Date,
    Timestamp,
    Other(&'t str),
}

fn family(logical_type: &str) -> Family<'_> {
    match logical_type.split('(').next().unwrap_or_default().trim() {
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
        | "UBIGINT" | "UHUGEINT" => Family::Integer,
        "FLOAT" | "DOUBLE" | "DECIMAL" if !logical_type.ends_with(']') => Family::Float,
        "VARCHAR" => Family::Text,
        "DATE" => Family::Date,
        "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => {
            Family::Timestamp
        }
        _ => Family::Other(logical_type),
    }
}

fn conversion(source: &str, target: &str) -> Conversion {
    if source == target {
        return Conversion::None;
    }
    match (family(source), family(target)) {
        (Family::Integer, Family::Float) | (Family::Date, Family::Timestamp) => Conversion::Cast,
        (source, target) if source == target => Conversion::Cast,
        (Family::Text, _) => Conversion::OnlyNull,
        _ if source == "\"NULL\"" => Conversion::Cast,
        _ => Conversion::Impossible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(columns: &[(&str, &str)]) -> Vec<Field> {
        let field = |(name, ty): &(&str, &str)| Field { name: (*name).to_owned(), logical_type: (*ty).to_owned() };
        columns.iter().map(field).collect()
    }

    fn project(source: &[(&str, &str)], target: &[(&str, &str)]) -> Result<Projection, String> {
        Projection::new(&fields(source), &fields(target), |misfit| misfit.sentence("t"))
    }

    #[test]
    fn columns_match_by_name_in_any_order_and_case() {
        let projection =
            project(&[("V", "BIGINT"), ("id", "BIGINT")], &[("id", "BIGINT"), ("n", "DATE"), ("v", "BIGINT")]);
        assert_eq!(
            projection,
            Ok(Projection { columns: vec!["v".into(), "id".into()], select: r#""V", "id""#.into() })
        );
    }

    #[test]
    fn types_convert_without_loss_or_not_at_all() {
        let cast = |to: &str| Ok(format!(r#"CAST("v" AS {to}) AS "v""#));
        let refused = |source: &str, target: &str| {
            Err(format!("Column 'v' has incompatible types: source={source}, target={target}"))
        };
        let cases = [
            ("BIGINT", "BIGINT", Ok(r#""v""#.to_owned())),
            ("INTEGER", "BIGINT", cast("BIGINT")),
            ("BIGINT", "INTEGER", cast("INTEGER")),
            ("BIGINT", "DECIMAL(18,2)", cast("DECIMAL(18,2)")),
            ("DECIMAL(4,1)", "DOUBLE", cast("DOUBLE")),
            ("DATE", "TIMESTAMP", cast("TIMESTAMP")),
            ("DOUBLE", "BIGINT", refused("DOUBLE", "BIGINT")),
            ("BIGINT", "VARCHAR", refused("BIGINT", "VARCHAR")),
            ("TIMESTAMP", "DATE", refused("TIMESTAMP", "DATE")),
            ("BIGINT[]", "BIGINT", refused("BIGINT[]", "BIGINT")),
            (
                "VARCHAR",
                "BIGINT",
                Ok(concat!(
                    r#"CAST(CASE WHEN "v" IS NULL THEN NULL ELSE error('Column ''v'' has incompatible types: "#,
                    r#"source=VARCHAR, target=BIGINT') END AS BIGINT) AS "v""#
                )
                .to_owned()),
            ),
        ];
        for (source, target, select) in cases {
            let projection = project(&[("v", source)], &[("v", target)]);
            assert_eq!(projection.map(|projection| projection.select), select, "{source} into {target}");
        }
    }

    #[test]
    fn a_column_that_the_table_lacks_is_refused() {
        let error = project(&[("zed", "BIGINT")], &[("id", "BIGINT")]);
        assert_eq!(error, Err("Column 'zed' in source does not exist in target table 't'".to_owned()));
    }
}
