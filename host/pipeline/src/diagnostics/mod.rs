//! What is wrong with a pipeline or a profile, told so that it can be put right: a code, the place, labels, a hint.

mod codes;
mod examples;
mod render;
mod source_map;

use serde::Serialize;

pub use codes::Code;
pub use examples::Example;
pub use render::{Color, render, to_json};
pub use source_map::{FileId, Location, SourceMap, Span};

/// How bad it is. A pipeline with an error has no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The pipeline cannot run.
    Error,
    /// The pipeline can run, and probably does not do what was meant.
    Warning,
}

/// A second place that belongs to a diagnostic, with what it has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words.
    pub text: String,
}

/// One finding. Spans are byte ranges of the files of a [`SourceMap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable name of the kind of finding.
    pub code: Code,
    /// One sentence without a full stop; it names what it is about.
    pub message: String,
    /// Where; `None` when it is about no place in a text.
    pub span: Option<Span>,
    /// What to say beside the caret.
    pub label: Option<String>,
    /// Further places.
    pub labels: Vec<Label>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error at `span`.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Error, code, message.into(), Some(span))
    }

    /// A warning at `span`.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Warning, code, message.into(), Some(span))
    }

    /// An error about no place in a text.
    #[must_use]
    pub fn without_place(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into(), None)
    }

    fn new(severity: Severity, code: Code, message: String, span: Option<Span>) -> Self {
        Self { severity, code, message, span, label: None, labels: Vec::new(), notes: Vec::new(), hint: None }
    }

    /// Says something beside the caret.
    #[must_use]
    pub fn with_label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also_at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether it keeps the pipeline from running.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
