use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::{Diagnostic, FileId, Severity, SourceMap, Span};

/// Whether a rendered diagnostic has terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// ANSI escapes.
    Always,
}

/// A diagnostic as people read it, in the layout of rustc, with no line end after the last line.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, color: Color) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.as_str()));
    if let Some(span) = diagnostic.span {
        for file in files(diagnostic, span.file) {
            group = group.element(snippet(diagnostic, sources, file));
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.no_name().message(note));
    }
    let mut report = vec![group];
    if let Some(hint) = &diagnostic.hint {
        report.push(Group::with_title(Level::HELP.with_name("hint").secondary_title(hint)));
    }
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).render(&report)
}

/// A diagnostic as a JSON object: `severity`, `code`, `message`, `location` (with `start` and `end` as byte offsets),
/// `label`, `labels`, `notes`, `hint`.
#[must_use]
pub fn to_json(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    json!({
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "location": diagnostic.span.map(|span| place(span, sources)),
        "label": diagnostic.label,
        "labels": diagnostic.labels.iter()
            .map(|label| json!({"location": place(label.span, sources), "text": label.text})).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "hint": diagnostic.hint,
    })
}

fn place(span: Span, sources: &SourceMap) -> Value {
    let location = sources.location(span);
    json!({
        "file": location.file, "line": location.line, "column": location.column,
        "end_line": location.end_line, "end_column": location.end_column,
        "start": span.start, "end": span.end,
    })
}

/// The files a diagnostic has places in, its own first.
fn files(diagnostic: &Diagnostic, first: FileId) -> Vec<FileId> {
    let mut files = vec![first];
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

/// Only the lines between the first and the last place are handed to the renderer: it walks over all it is given.
fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a SourceMap,
    file: FileId,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let own = diagnostic.span.filter(|span| span.file == file);
    let places = own
        .iter()
        .map(|span| (*span, AnnotationKind::Primary, diagnostic.label.as_deref()))
        .chain(
            diagnostic
                .labels
                .iter()
                .filter(|label| label.span.file == file)
                .map(|label| (label.span, AnnotationKind::Context, Some(label.text.as_str()))),
        )
        .map(|(span, kind, label)| (first_line(span, sources), kind, label))
        .collect::<Vec<_>>();
    let start = places.iter().map(|(span, ..)| span.start).min().unwrap_or(0);
    let end = places.iter().map(|(span, ..)| span.end).max().unwrap_or(0);
    let first = sources.line(file, start);
    let shown = sources.lines(file, first, sources.line(file, end));
    let text = sources.text(file).get(shown.clone()).unwrap_or("");
    // A line end of Windows would be shown as a character. Its bytes stay, as spans count them.
    let text = if text.contains('\r') { Cow::from(text.replace('\r', " ")) } else { Cow::from(text) };
    let mut snippet = Snippet::source(text).line_start(first).path(sources.path(file));
    for (span, kind, label) in places {
        let limit = shown.end - shown.start;
        let start = (span.start - shown.start).min(limit);
        snippet = snippet.annotation(kind.span(start..(span.end - shown.start).clamp(start, limit)).label(label));
    }
    snippet
}

/// A caret under one line says where; a bracket over the forty lines of a query does not.
fn first_line(span: Span, sources: &SourceMap) -> Span {
    let line = sources.line(span.file, span.start);
    let end = sources.lines(span.file, line, line).end;
    Span { end: span.end.min(end).max(span.start), ..span }
}
