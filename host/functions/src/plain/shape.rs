//! How a WIT type stands in SQL.

use std::sync::Arc;

use duckpen_database::{Field, LogicalType};
use wasmtime::component::types::Type;

use super::names::identifier;

/// How deeply types may be nested: what walks along them recurses, and so does the database.
const MOST_LEVELS: usize = 32;

/// A WIT type that SQL has a type for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    S8,
    S16,
    S32,
    S64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    /// VARCHAR of one character.
    Char,
    Text,
    /// `list<u8>`.
    Blob,
    /// An `enum`, or a variant without values: the name of a case.
    Cases(Arc<[String]>, CaseValue),
    /// VARCHAR[]: the names of those that are set.
    Flags(Arc<[String]>),
    List(Box<Shape>),
    /// STRUCT.
    Record(Vec<(String, Shape)>),
    /// STRUCT, whose fields are called `f0`, `f1` and so on.
    Tuple(Vec<Shape>),
    /// NULL where there is none.
    Optional(Box<Shape>),
}

/// What a case is to WIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaseValue {
    Enum,
    Variant,
}

/// Where a type stands in a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Cases are VARCHAR: the database does not take a VARCHAR column for an ENUM.
    Parameter,
    /// Cases are an ENUM, which the database takes for VARCHAR wherever one is wanted.
    Result,
}

impl Shape {
    /// The shape of a type. `place` is where it stands, for the message.
    ///
    /// # Errors
    /// Why SQL has no type for it.
    pub(crate) fn of(kind: &Type, place: &str) -> Result<Self, String> {
        Self::at_level(kind, place, 1)
    }

    fn at_level(kind: &Type, place: &str, level: usize) -> Result<Self, String> {
        if level > MOST_LEVELS {
            return Err(format!("{place} is nested deeper than {MOST_LEVELS} levels"));
        }
        let missing = |what: &str| Err(format!("{place} is {what}, for which SQL has no type"));
        let inner = |kind: &Type, part: &str| Self::at_level(kind, &format!("{part} {place}"), level + 1);
        let names = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect();
        Ok(match kind {
            Type::Bool => Self::Bool,
            Type::S8 => Self::S8,
            Type::S16 => Self::S16,
            Type::S32 => Self::S32,
            Type::S64 => Self::S64,
            Type::U8 => Self::U8,
            Type::U16 => Self::U16,
            Type::U32 => Self::U32,
            Type::U64 => Self::U64,
            Type::Float32 => Self::F32,
            Type::Float64 => Self::F64,
            Type::Char => Self::Char,
            Type::String => Self::Text,
            Type::List(list) if list.ty() == Type::U8 => Self::Blob,
            Type::List(list) => Self::List(Box::new(inner(&list.ty(), "an element of")?)),
            Type::Enum(cases) => Self::Cases(names(&mut cases.names()), CaseValue::Enum),
            Type::Variant(variant) if variant.cases().all(|case| case.ty.is_none()) => {
                Self::Cases(names(&mut variant.cases().map(|case| case.name)), CaseValue::Variant)
            }
            Type::Flags(flags) => Self::Flags(names(&mut flags.names())),
            Type::Record(record) => {
                let field = |field: wasmtime::component::types::Field<'_>| {
                    Ok((field.name.to_owned(), inner(&field.ty, &format!("field `{}` of", field.name))?))
                };
                Self::Record(record.fields().map(field).collect::<Result<_, String>>()?)
            }
            Type::Tuple(tuple) => {
                Self::Tuple(tuple.types().map(|kind| inner(&kind, "a part of")).collect::<Result<_, _>>()?)
            }
            Type::Option(option) => match Self::at_level(&option.ty(), place, level + 1)? {
                Self::Optional(_) => return missing("an option of an option"),
                shape => Self::Optional(Box::new(shape)),
            },
            Type::Map(_) => return missing("a map"),
            Type::Variant(_) => return missing("a variant whose cases have values"),
            Type::Result(_) => return missing("a result inside of another type"),
            Type::Own(_) | Type::Borrow(_) => return missing("a resource"),
            Type::Future(_) => return missing("a future"),
            Type::Stream(_) => return missing("a stream"),
            Type::ErrorContext => return missing("an error context"),
            Type::FixedLengthList(_) => return missing("a list of fixed length"),
        })
    }

    /// The type in SQL.
    pub(crate) fn logical_type(&self, role: Role) -> LogicalType {
        let field = |name: String, shape: &Self| Field { name, logical_type: shape.logical_type(role) };
        match self {
            Self::Bool => LogicalType::Boolean,
            Self::S8 => LogicalType::TinyInt,
            Self::S16 => LogicalType::SmallInt,
            Self::S32 => LogicalType::Integer,
            Self::S64 => LogicalType::BigInt,
            Self::U8 => LogicalType::UTinyInt,
            Self::U16 => LogicalType::USmallInt,
            Self::U32 => LogicalType::UInteger,
            Self::U64 => LogicalType::UBigInt,
            Self::F32 => LogicalType::Float,
            Self::F64 => LogicalType::Double,
            Self::Char | Self::Text => LogicalType::Varchar,
            Self::Blob => LogicalType::Blob,
            Self::Cases(cases, _) => match role {
                Role::Parameter => LogicalType::Varchar,
                Role::Result => LogicalType::Enum(Arc::clone(cases)),
            },
            Self::Flags(_) => LogicalType::List(Arc::new(LogicalType::Varchar)),
            Self::List(element) => LogicalType::List(Arc::new(element.logical_type(role))),
            Self::Record(fields) => {
                LogicalType::Struct(fields.iter().map(|(name, shape)| field(identifier(name), shape)).collect())
            }
            Self::Tuple(parts) => LogicalType::Struct(
                parts.iter().enumerate().map(|(index, shape)| field(format!("f{index}"), shape)).collect(),
            ),
            Self::Optional(shape) => shape.logical_type(role),
        }
    }
}
