//! Types of columns in DuckDB's spelling, as far as values of JSON come from them or go into them.

use std::str::FromStr;

use crate::{Error, ErrorKind};

/// How deep types may be nested.
const MOST_DEPTH: usize = 32;

/// A type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Logical {
    Boolean,
    TinyInt,
    SmallInt,
    Integer,
    BigInt,
    HugeInt,
    UTinyInt,
    USmallInt,
    UInteger,
    UBigInt,
    UHugeInt,
    Float,
    Double,
    /// Width and scale.
    Decimal(u8, u8),
    Varchar,
    Blob,
    Bit,
    BigNum,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampS,
    TimestampMs,
    TimestampNs,
    TimestampTz,
    Interval,
    Uuid,
    /// The names.
    Enum(Vec<String>),
    List(Box<Logical>),
    /// With how many elements.
    Array(Box<Logical>, u32),
    /// Names and types of the fields.
    Struct(Vec<(String, Logical)>),
    /// Keys and values.
    Map(Box<Logical>, Box<Logical>),
}

const NAMES: &[(&str, Logical)] = &[
    ("BOOLEAN", Logical::Boolean),
    ("BOOL", Logical::Boolean),
    ("TINYINT", Logical::TinyInt),
    ("SMALLINT", Logical::SmallInt),
    ("INTEGER", Logical::Integer),
    ("INT", Logical::Integer),
    ("BIGINT", Logical::BigInt),
    ("HUGEINT", Logical::HugeInt),
    ("UTINYINT", Logical::UTinyInt),
    ("USMALLINT", Logical::USmallInt),
    ("UINTEGER", Logical::UInteger),
    ("UBIGINT", Logical::UBigInt),
    ("UHUGEINT", Logical::UHugeInt),
    ("FLOAT", Logical::Float),
    ("REAL", Logical::Float),
    ("DOUBLE", Logical::Double),
    ("VARCHAR", Logical::Varchar),
    ("TEXT", Logical::Varchar),
    ("STRING", Logical::Varchar),
    ("BLOB", Logical::Blob),
    ("BIT", Logical::Bit),
    ("BIGNUM", Logical::BigNum),
    ("DATE", Logical::Date),
    ("TIME", Logical::Time),
    ("TIME WITH TIME ZONE", Logical::TimeTz),
    ("TIMETZ", Logical::TimeTz),
    ("TIMESTAMP", Logical::Timestamp),
    ("DATETIME", Logical::Timestamp),
    ("TIMESTAMP_S", Logical::TimestampS),
    ("TIMESTAMP_MS", Logical::TimestampMs),
    ("TIMESTAMP_NS", Logical::TimestampNs),
    ("TIMESTAMP WITH TIME ZONE", Logical::TimestampTz),
    ("TIMESTAMPTZ", Logical::TimestampTz),
    ("INTERVAL", Logical::Interval),
    ("UUID", Logical::Uuid),
];

impl Logical {
    /// The name by which the host knows it; of a type that is not nested.
    pub fn spelling(&self) -> String {
        match self {
            Self::Decimal(width, scale) => format!("DECIMAL({width},{scale})"),
            Self::List(element) => format!("{}[]", element.spelling()),
            Self::Array(element, size) => format!("{}[{size}]", element.spelling()),
            Self::Enum(_) => "ENUM".to_owned(),
            Self::Struct(_) => "STRUCT".to_owned(),
            Self::Map(..) => "MAP".to_owned(),
            simple => NAMES.iter().find(|(_, known)| known == simple).map_or("", |(name, _)| name).to_owned(),
        }
    }
}

impl FromStr for Logical {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parser = Parser { rest: text.trim(), depth: 0 };
        let parsed = parser.logical().filter(|_| parser.rest.trim().is_empty());
        parsed.ok_or_else(|| {
            let message = format!("there is no type `{text}` that connectors exchange");
            Error::new(ErrorKind::InvalidConfiguration, message)
        })
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn logical(&mut self) -> Option<Logical> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        let mut logical = self.simple()?;
        let mut brackets = 0;
        while self.eat("[") {
            brackets += 1;
            if self.depth + brackets > MOST_DEPTH {
                return None;
            }
            let (size, rest) = self.rest.split_once(']')?;
            self.rest = rest;
            logical = match size.trim() {
                "" => Logical::List(Box::new(logical)),
                size => Logical::Array(Box::new(logical), size.parse().ok()?),
            };
        }
        self.depth -= 1;
        Some(logical)
    }

    fn simple(&mut self) -> Option<Logical> {
        let word = self.word().to_ascii_uppercase();
        match word.as_str() {
            "DECIMAL" | "NUMERIC" => self.decimal(),
            "ENUM" => self.enumeration(),
            "STRUCT" => self.structure(),
            "MAP" => {
                self.expect("(")?;
                let key = self.logical()?;
                self.expect(",")?;
                let value = self.logical()?;
                self.expect(")")?;
                Some(Logical::Map(Box::new(key), Box::new(value)))
            }
            "TIME" | "TIMESTAMP" if self.eat_words(&["WITH", "TIME", "ZONE"]) => {
                Some(if word == "TIME" { Logical::TimeTz } else { Logical::TimestampTz })
            }
            word => NAMES.iter().find(|(name, _)| *name == word).map(|(_, logical)| logical.clone()),
        }
    }

    fn decimal(&mut self) -> Option<Logical> {
        if !self.eat("(") {
            return Some(Logical::Decimal(18, 3));
        }
        let width: u8 = self.word().parse().ok()?;
        let scale: u8 = if self.eat(",") { self.word().parse().ok()? } else { 0 };
        self.expect(")")?;
        (1..=38).contains(&width).then_some(Logical::Decimal(width, scale)).filter(|_| scale <= width)
    }

    fn enumeration(&mut self) -> Option<Logical> {
        self.expect("(")?;
        let mut names = Vec::new();
        loop {
            names.push(self.quoted('\'')?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Some(Logical::Enum(names))
    }

    /// Fields have names, or none of them has: then they are called by their places, from 1.
    fn structure(&mut self) -> Option<Logical> {
        self.expect("(")?;
        let mut fields = Vec::new();
        loop {
            let (start, depth) = (self.rest, self.depth);
            let name = if self.rest.trim_start().starts_with('"') { self.quoted('"')? } else { self.word().to_owned() };
            let field = match self.logical() {
                Some(logical) => (name, logical),
                None => {
                    (self.rest, self.depth) = (start, depth);
                    (format!("{}", fields.len() + 1), self.logical()?)
                }
            };
            fields.push(field);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Some(Logical::Struct(fields))
    }

    /// Letters, digits and `_`.
    fn word(&mut self) -> &'t str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut rest = self.rest.trim_start().strip_prefix(quote)?;
        let mut text = String::new();
        loop {
            let (part, behind) = rest.split_once(quote)?;
            text.push_str(part);
            match behind.strip_prefix(quote) {
                Some(behind) => {
                    text.push(quote);
                    rest = behind;
                }
                None => {
                    self.rest = behind;
                    return Some(text);
                }
            }
        }
    }

    fn eat(&mut self, symbol: &str) -> bool {
        match self.rest.trim_start().strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn eat_words(&mut self, words: &[&str]) -> bool {
        let start = self.rest;
        let are_there = words.iter().all(|word| self.word().eq_ignore_ascii_case(word));
        if !are_there {
            self.rest = start;
        }
        are_there
    }

    fn expect(&mut self, symbol: &str) -> Option<()> {
        self.eat(symbol).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_duckdb_spells_them() {
        let list = |logical| Logical::List(Box::new(logical));
        let field = |name: &str, logical| (name.to_owned(), logical);
        for (text, expected) in [
            ("BIGINT", Logical::BigInt),
            (" varchar ", Logical::Varchar),
            ("DECIMAL(18,2)", Logical::Decimal(18, 2)),
            ("decimal( 5 )", Logical::Decimal(5, 0)),
            ("TIMESTAMP WITH TIME ZONE", Logical::TimestampTz),
            ("TIMESTAMP", Logical::Timestamp),
            ("TIME WITH TIME ZONE[]", list(Logical::TimeTz)),
            ("INTEGER[3][]", list(Logical::Array(Box::new(Logical::Integer), 3))),
            ("ENUM('a', 'it''s')", Logical::Enum(vec!["a".into(), "it's".into()])),
            ("MAP(VARCHAR, BIGINT)", Logical::Map(Box::new(Logical::Varchar), Box::new(Logical::BigInt))),
            (
                "STRUCT(a INTEGER, \"b \"\"c\" VARCHAR[])",
                Logical::Struct(vec![field("a", Logical::Integer), field("b \"c", list(Logical::Varchar))]),
            ),
            (
                "STRUCT(INTEGER, TIMESTAMP WITH TIME ZONE)",
                Logical::Struct(vec![field("1", Logical::Integer), field("2", Logical::TimestampTz)]),
            ),
            (
                "STRUCT(date DATE, \"timestamp\" TIMESTAMP WITH TIME ZONE)",
                Logical::Struct(vec![field("date", Logical::Date), field("timestamp", Logical::TimestampTz)]),
            ),
        ] {
            assert_eq!(text.parse::<Logical>().as_ref(), Ok(&expected), "{text}");
        }
        for (name, logical) in NAMES {
            assert_eq!(name.parse::<Logical>().as_ref(), Ok(logical), "{name}");
            assert_eq!(logical.spelling().parse::<Logical>().as_ref(), Ok(logical), "{name}");
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let deep = format!("INTEGER{}", "[]".repeat(40));
        let nested = format!("{}INTEGER{}", "STRUCT(a ".repeat(200), ")".repeat(200));
        for text in [
            "",
            "JSON",
            "INT INT",
            "DECIMAL(39,0)",
            "DECIMAL(3,4)",
            "STRUCT(",
            "ENUM(a)",
            "INT[",
            "INT[x]",
            &deep,
            &nested,
        ] {
            assert!(text.parse::<Logical>().is_err(), "{text}");
        }
    }
}
