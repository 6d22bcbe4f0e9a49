//! The format of `.env` files, as python-dotenv reads them, since that is what they were written for: an unquoted value goes
//! to the end of its line or to ` #`, and a `$` alone is a `$`.

/// A variable that a file sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: String,
    pub value: String,
    /// From 1.
    pub line: usize,
}

/// A line that is not `NAME=VALUE`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLine(pub usize);

/// Reads a file. `${NAME}` in a value that does not stand in single quotes is the value set before, or that of `lookup`, or
/// nothing.
pub fn parse(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Assignment>, BadLine> {
    let mut assignments: Vec<Assignment> = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (statement, next) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = statement.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            (rest, line) = (next, line + 1);
            continue;
        }
        let (name, after) = name_of(rest).ok_or(BadLine(line))?;
        let (value, end) = value_of(after).ok_or(BadLine(line))?;
        let value = match value {
            Value::Literal(value) => value,
            Value::Expanded(value) => expand(&value, &|name| {
                let set = assignments.iter().rev().find(|assignment| assignment.name == name);
                set.map(|assignment| assignment.value.clone()).or_else(|| lookup(name))
            }),
        };
        assignments.push(Assignment { name: name.to_owned(), value, line });
        line += rest[..rest.len() - end.len()].matches('\n').count();
        rest = end;
    }
    Ok(assignments)
}

enum Value {
    /// In single quotes.
    Literal(String),
    Expanded(String),
}

/// The name, and what stands behind its equals sign.
fn name_of(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let text = text.strip_prefix("export ").unwrap_or(text).trim_start_matches([' ', '\t']);
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))?;
    let after = text[end..].trim_start_matches([' ', '\t']).strip_prefix('=')?;
    (end > 0).then(|| (&text[..end], after.trim_start_matches([' ', '\t'])))
}

/// The value, and the text from the next line on.
fn value_of(text: &str) -> Option<(Value, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
    let Some(quote) = quote else {
        let (line, next) = text.split_once('\n').unwrap_or((text, ""));
        let value = [" #", "\t#"].iter().filter_map(|comment| line.find(comment)).min().map_or(line, |at| &line[..at]);
        return Some((Value::Expanded(value.trim().to_owned()), next));
    };
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    let end = loop {
        match characters.next()? {
            (at, c) if c == quote => break at + 1,
            (_, '\\') => match characters.next()?.1 {
                'n' if quote == '"' => value.push('\n'),
                't' if quote == '"' => value.push('\t'),
                escaped if escaped == quote || escaped == '\\' => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            (_, c) => value.push(c),
        }
    };
    let (behind, next) = text[end..].split_once('\n').unwrap_or((&text[end..], ""));
    let behind = behind.trim();
    let value = if quote == '\'' { Value::Literal(value) } else { Value::Expanded(value) };
    (behind.is_empty() || behind.starts_with('#')).then_some((value, next))
}

fn expand(value: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            expanded.push_str("${");
            rest = after;
            continue;
        };
        let (name, default) = name.split_once(":-").unwrap_or((name, ""));
        expanded.push_str(&lookup(name).unwrap_or_else(|| default.to_owned()));
        rest = behind;
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_python_dotenv_reads_them() {
        let lookup = |name: &str| (name == "HOME").then(|| "/home/ada".to_owned());
        for (text, value) in [
            ("A=1", "1"),
            ("export A = some words ", "some words"),
            ("A=a#b # remark", "a#b"),
            ("A=", ""),
            ("A='${HOME} it\\'s'", "${HOME} it's"),
            ("A=\"x\\ny\"  # remark", "x\ny"),
            ("A=\"two\nlines\"", "two\nlines"),
            ("A=pa$word", "pa$word"),
            ("A=${HOME}/x", "/home/ada/x"),
            ("A=${NONE:-fallback}", "fallback"),
            ("B=b\nA=\"${B}${B}\"", "bb"),
            ("A=${open", "${open"),
            ("A=1\r\n", "1"),
            ("A=\u{e9}", "\u{e9}"),
        ] {
            let assignments = parse(text, &lookup).unwrap_or_else(|bad| panic!("{text:?}: line {}", bad.0));
            assert_eq!(assignments.last().map(|found| found.value.as_str()), Some(value), "{text:?}");
        }
    }

    #[test]
    fn lines_are_counted_and_the_first_that_is_none_is_told() {
        let lines =
            |text: &str| parse(text, &|_| None).map(|all| all.iter().map(|found| found.line).collect::<Vec<_>>());
        assert_eq!(lines("# x\n\nA=1\nB=\"two\nlines\"\nC=3\n"), Ok(vec![3, 4, 6]));
        assert_eq!(lines(""), Ok(vec![]));
        for (text, line) in [("A=1\nno\n", 2), ("=1", 1), ("A='open\n", 1), ("A='x' y", 1)] {
            assert_eq!(lines(text), Err(BadLine(line)), "{text:?}");
        }
    }
}
