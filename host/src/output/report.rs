use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use duckpen_pipeline::{Location, Severity};
use serde_json::{Value, json};

use super::Code;

/// One thing that is wrong, in the same layout as the compiler's diagnostics.
#[derive(Debug, Clone)]
pub struct Report {
    severity: Severity,
    code: Code,
    message: String,
    excerpt: Option<Excerpt>,
    notes: Vec<String>,
    hint: Option<String>,
}

impl Report {
    /// An error. The lines of the message after the first become notes.
    pub fn error(code: Code, message: impl AsRef<str>) -> Self {
        Self::new(Severity::Error, code, message.as_ref())
    }

    /// A warning.
    pub fn warning(code: Code, message: impl AsRef<str>) -> Self {
        Self::new(Severity::Warning, code, message.as_ref())
    }

    fn new(severity: Severity, code: Code, text: &str) -> Self {
        let (text, hint) = split_hint(text);
        let mut lines = text.trim_end().lines();
        let message = lines.next().unwrap_or_default().to_owned();
        let rest = lines.collect::<Vec<_>>().join("\n");
        let notes = if rest.trim().is_empty() { Vec::new() } else { vec![rest.trim_matches('\n').to_owned()] };
        Self { severity, code, message, excerpt: None, notes, hint: hint.map(str::to_owned) }
    }

    /// Shows the place in a text.
    pub fn at(mut self, excerpt: Option<Excerpt>) -> Self {
        self.excerpt = excerpt;
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do, if that is known better than the message itself says.
    pub fn hint_if(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Whether it keeps anything from running.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What it says, in a line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What can be done about it.
    pub fn tip(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// As people read it, with colours.
    pub fn render(&self) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(&self.message).id(self.code.as_str()));
        if let Some(excerpt) = &self.excerpt {
            let snippet =
                Snippet::source(&excerpt.lines).line_start(excerpt.location.line).path(&excerpt.location.file);
            group = group.element(snippet.annotation(AnnotationKind::Primary.span(excerpt.span.clone())));
        }
        for note in &self.notes {
            group = group.element(Level::NOTE.no_name().message(note));
        }
        let mut report = vec![group];
        if let Some(hint) = &self.hint {
            report.push(Group::with_title(Level::HELP.with_name("hint").secondary_title(hint)));
        }
        Renderer::styled().decor_style(DecorStyle::Ascii).render(&report)
    }

    /// As programs read it: the members of the compiler's diagnostics.
    pub fn to_json(&self) -> Value {
        json!({
            "severity": self.severity,
            "code": self.code.as_str(),
            "message": self.message,
            "location": self.excerpt.as_ref().map(|excerpt| &excerpt.location),
            "label": null,
            "labels": [],
            "notes": self.notes,
            "hint": self.hint,
        })
    }
}

/// A message and the hint at its end. What passed through DuckDB, such as the words of a function that was stopped, comes
/// back as one text.
pub fn split_hint(text: &str) -> (&str, Option<&str>) {
    text.split_once("\nhint: ").map_or((text, None), |(message, hint)| (message, Some(hint.trim_end())))
}

/// A place in a text, with the first of its lines.
#[derive(Debug, Clone)]
pub struct Excerpt {
    location: Location,
    lines: String,
    /// Bytes of `lines`.
    span: Range<usize>,
}

impl Excerpt {
    /// The bytes `span` of the text of `file`. Only the first line is marked: a caret says where, a bracket over forty
    /// lines does not.
    pub fn of_span(file: &str, text: &str, span: Range<usize>) -> Option<Self> {
        let before = text.get(..span.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[span.start..].find(['\r', '\n']).map_or(text.len(), |at| span.start + at);
        let marked = text.get(span.start..span.end.clamp(span.start, line_end))?.trim_end();
        let line = before.matches('\n').count() + 1;
        let column = text[line_start..span.start].chars().count() + 1;
        let start = span.start - line_start;
        Some(Self {
            location: Location {
                file: file.to_owned(),
                line,
                column,
                end_line: line,
                end_column: column + marked.chars().count(),
            },
            lines: text[line_start..line_end].to_owned(),
            span: start..start + marked.len(),
        })
    }

    /// A place given in lines and columns. Where the statement holds `needle`, that is marked.
    pub fn of_location(location: &Location, text: &str, needle: Option<&str>) -> Option<Self> {
        let start = offset(text, location.line, location.column)?;
        let end = offset(text, location.end_line, location.end_column).unwrap_or(text.len()).max(start);
        let found = needle.and_then(|needle| Some((text.get(start..end)?.find(needle)?, needle.len())));
        let span = found.map_or(start..end, |(at, length)| start + at..start + at + length);
        Self::of_span(&location.file, text, span)
    }
}

/// The byte at which a column of a line begins; both count from 1, columns in characters.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => text.match_indices('\n').nth(breaks)?.0 + 1,
    };
    let rest = &text[start..];
    let within = rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(at, _)| at);
    Some(start + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_by_line_and_column_and_by_what_stands_there() {
        let text = "SET ä = 1;\nLOAD t\n  FROM s;\n";
        let location = Location { file: "p.sf".into(), line: 2, column: 1, end_line: 3, end_column: 10 };
        let whole = Excerpt::of_location(&location, text, None).map(|excerpt| (excerpt.lines, excerpt.span));
        assert_eq!(whole, Some(("LOAD t".to_owned(), 0..6)));
        let part = Excerpt::of_location(&location, text, Some("FROM")).map(|excerpt| excerpt.location);
        let expected = Location { file: "p.sf".into(), line: 3, column: 3, end_line: 3, end_column: 7 };
        assert_eq!(part, Some(expected));
    }

    #[test]
    fn a_place_outside_of_the_text_is_none() {
        let location = Location { file: "p.sf".into(), line: 9, column: 1, end_line: 9, end_column: 2 };
        assert!(Excerpt::of_location(&location, "one line", None).is_none());
    }
}
