//! Types read from text, a stranger's perhaps.

use std::str::FromStr;
use std::sync::Arc;

use super::{Field, LogicalType, NAMES, UnknownType};

/// How deeply types may be nested: what walks along them recurses.
const MOST_LEVELS: usize = 32;
/// Types inside of a type, itself included.
const MOST_NODES: usize = 1_000;
/// Names of an ENUM.
const MOST_NAMES: usize = 100_000;
/// Elements of an ARRAY: DuckDB's own bound.
const MOST_ELEMENTS: u32 = 99_999;

impl FromStr for LogicalType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let mut parser = Parser { rest: text, nodes: 0 };
        let parsed = parser.logical_type(1).and_then(|(found, _)| match parser.peek() {
            None => Ok(found),
            Some(_) => Err(parser.expected("the end")),
        });
        parsed.map_err(|reason| UnknownType { text: text.to_owned(), reason })
    }
}

struct Parser<'t> {
    rest: &'t str,
    nodes: usize,
}

impl<'t> Parser<'t> {
    /// A type, and how many levels it has. `level` is its own, counted from the outside.
    fn logical_type(&mut self, level: usize) -> Result<(LogicalType, usize), String> {
        let (mut found, mut levels) = self.base(level)?;
        while self.accept('[') {
            let element = Arc::new(found);
            found = if self.accept(']') {
                LogicalType::List(element)
            } else {
                let size = self.number("a number of elements")?;
                if !(1..=MOST_ELEMENTS).contains(&size) {
                    return Err(format!("an array has 1 to {MOST_ELEMENTS} elements, not {size}"));
                }
                self.expect(']')?;
                LogicalType::Array(element, size)
            };
            levels += 1;
            self.count(level + levels - 1)?;
        }
        Ok((found, levels))
    }

    /// A type without brackets behind it.
    fn base(&mut self, level: usize) -> Result<(LogicalType, usize), String> {
        self.count(level)?;
        let word = self.word().ok_or_else(|| self.expected("the name of a type"))?;
        match word.to_ascii_uppercase().as_str() {
            "STRUCT" => self.fields(level),
            "MAP" => {
                self.expect('(')?;
                let (key, key_levels) = self.logical_type(level + 1)?;
                self.expect(',')?;
                let (value, value_levels) = self.logical_type(level + 1)?;
                self.expect(')')?;
                Ok((LogicalType::map(key, value), 1 + key_levels.max(value_levels)))
            }
            "ENUM" => Ok((self.names()?, 1)),
            "DECIMAL" | "NUMERIC" => Ok((self.decimal()?, 1)),
            "TIME" if self.accept_words(&["WITH", "TIME", "ZONE"]) => Ok((LogicalType::TimeTz, 1)),
            "TIMESTAMP" if self.accept_words(&["WITH", "TIME", "ZONE"]) => Ok((LogicalType::TimestampTz, 1)),
            "UNION" => {
                Err("functions do not exchange UNION: a STRUCT with a field for each of its members does".into())
            }
            name => match NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, found)) => Ok((found.clone(), 1)),
                None => Err(format!("there is no type `{word}` that functions exchange")),
            },
        }
    }

    fn decimal(&mut self) -> Result<LogicalType, String> {
        if !self.accept('(') {
            return Ok(LogicalType::Decimal(18, 3));
        }
        let width = self.number("a width")?;
        let scale = if self.accept(',') { self.number("a scale")? } else { 0 };
        self.expect(')')?;
        match (u8::try_from(width), u8::try_from(scale)) {
            (Ok(width), Ok(scale)) if (1..=38).contains(&width) && scale <= width => {
                Ok(LogicalType::Decimal(width, scale))
            }
            _ => Err(format!("a decimal has a width of 1 to 38 and a scale up to it, not {width} and {scale}")),
        }
    }

    fn names(&mut self) -> Result<LogicalType, String> {
        self.expect('(')?;
        let mut names = Vec::new();
        loop {
            let name = self.quoted('\'')?.ok_or_else(|| self.expected("a name in single quotes"))?;
            if names.len() == MOST_NAMES {
                return Err(format!("an enumeration has at most {MOST_NAMES} names"));
            }
            names.push(name);
            if !self.accept(',') {
                break;
            }
        }
        self.expect(')')?;
        let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("the enumeration has the name `{}` twice", pair[0])),
            None => Ok(LogicalType::Enum(names.into())),
        }
    }

    /// What a STRUCT consists of: names and types, or types alone.
    fn fields(&mut self, level: usize) -> Result<(LogicalType, usize), String> {
        self.expect('(')?;
        let mut fields: Vec<Field> = Vec::new();
        let mut most_levels = 0;
        loop {
            let (name, (logical_type, levels)) = match self.unnamed(level + 1) {
                Some(unnamed) => (String::new(), unnamed),
                None => (self.name()?, self.logical_type(level + 1)?),
            };
            let twice = |field: &Field| field.name.to_lowercase() == name.to_lowercase();
            match fields.first() {
                Some(first) if first.name.is_empty() != name.is_empty() => {
                    return Err("some fields of the struct have names and others have none".into());
                }
                Some(_) if !name.is_empty() && fields.iter().any(twice) => {
                    return Err(format!("the struct has the field `{name}` twice"));
                }
                _ => fields.push(Field { name, logical_type }),
            }
            most_levels = most_levels.max(levels);
            if !self.accept(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok((LogicalType::Struct(fields.into()), 1 + most_levels))
    }

    /// A field that is a type alone: one that ends where the field ends. `date DATE` begins with a type, too.
    fn unnamed(&mut self, level: usize) -> Option<(LogicalType, usize)> {
        let (rest, nodes) = (self.rest, self.nodes);
        let found = self.logical_type(level).ok().filter(|_| matches!(self.peek(), Some(',' | ')')));
        if found.is_none() {
            (self.rest, self.nodes) = (rest, nodes);
        }
        found
    }

    fn name(&mut self) -> Result<String, String> {
        match self.quoted('"')? {
            Some(name) if name.is_empty() => Err("the name of a field is empty".into()),
            Some(name) => Ok(name),
            None => self.word().map(str::to_owned).ok_or_else(|| self.expected("the name of a field")),
        }
    }

    fn count(&mut self, level: usize) -> Result<(), String> {
        self.nodes += 1;
        if level > MOST_LEVELS {
            return Err(format!("it is nested deeper than {MOST_LEVELS} levels"));
        }
        if self.nodes > MOST_NODES {
            return Err(format!("it consists of more than {MOST_NODES} types"));
        }
        Ok(())
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn accept(&mut self, symbol: char) -> bool {
        let found = self.peek() == Some(symbol);
        if found {
            self.rest = &self.rest[symbol.len_utf8()..];
        }
        found
    }

    fn expect(&mut self, symbol: char) -> Result<(), String> {
        if self.accept(symbol) { Ok(()) } else { Err(self.expected(&format!("`{symbol}`"))) }
    }

    fn expected(&self, what: &str) -> String {
        match self.rest.trim_start() {
            "" => format!("{what} is missing at the end"),
            rest => format!("{what} is expected instead of `{}`", rest.chars().take(20).collect::<String>()),
        }
    }

    fn word(&mut self) -> Option<&'t str> {
        self.peek().filter(|first| first.is_alphabetic() || *first == '_')?;
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word)
    }

    fn accept_words(&mut self, words: &[&str]) -> bool {
        let rest = self.rest;
        let found = words.iter().all(|word| self.word().is_some_and(|found| found.eq_ignore_ascii_case(word)));
        if !found {
            self.rest = rest;
        }
        found
    }

    fn number(&mut self, what: &str) -> Result<u32, String> {
        self.peek();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().map_err(|_| self.expected(what))?;
        self.rest = &self.rest[end..];
        Ok(number)
    }

    /// A text in quotes, in which a doubled quote stands for one; none where there is no quote.
    fn quoted(&mut self, quote: char) -> Result<Option<String>, String> {
        if !self.accept(quote) {
            return Ok(None);
        }
        let mut text = String::new();
        loop {
            let end = self.rest.find(quote).ok_or_else(|| format!("a closing {quote} is missing"))?;
            text.push_str(&self.rest[..end]);
            self.rest = &self.rest[end + 1..];
            match self.rest.strip_prefix(quote) {
                Some(rest) => {
                    text.push(quote);
                    self.rest = rest;
                }
                // Names reach DuckDB as C strings.
                None if text.contains('\0') => return Err("a name contains a NUL character".into()),
                None => return Ok(Some(text)),
            }
        }
    }
}
