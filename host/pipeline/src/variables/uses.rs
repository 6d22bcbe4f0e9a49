use std::collections::BTreeSet;
use std::ops::Range;

use crate::diagnostics::{FileId, Span};
use crate::syntax::lexer::{self, TokenKind};
use crate::syntax::template::{Segment, Template, VariableRef, variable_ref};

/// The variables that the text of a pipeline names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariableUses {
    /// Each `${name}`, in the order of the text.
    pub used: Vec<VariableUse>,
    /// Names that a SET gives a value, on whatever branch.
    pub set: BTreeSet<String>,
}

/// `${name}` or `${name|default}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The name.
    pub name: String,
    /// Whether a default stands with it.
    pub has_default: bool,
    /// Bytes of the text.
    pub span: Range<usize>,
}

impl VariableUses {
    /// Looks through a text, which need not be without mistakes. What stands in comments does not count.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let file = FileId::default();
        let mut uses = Self::default();
        let tokens = lexer::significant(text);
        for (index, token) in tokens.iter().enumerate() {
            let span = Span::new(file, token.start, token.end);
            match token.kind {
                TokenKind::Variable => uses.push(&variable_ref(text, span)),
                TokenKind::Text(_) | TokenKind::QuotedName | TokenKind::DollarText => {
                    for segment in Template::bare(text, span).segments {
                        if let Segment::Variable(variable) = segment {
                            uses.push(&variable);
                        }
                    }
                }
                TokenKind::Word if text[token.start..token.end].eq_ignore_ascii_case("SET") => {
                    if let [name, equals, ..] = &tokens[index + 1..]
                        && name.kind == TokenKind::Word
                        && equals.is(b'=')
                    {
                        uses.set.insert(text[name.start..name.end].to_owned());
                    }
                }
                _ => {}
            }
        }
        uses
    }

    fn push(&mut self, variable: &VariableRef) {
        self.used.push(VariableUse {
            name: variable.name.clone(),
            has_default: variable.default.is_some(),
            span: variable.span.start..variable.span.end,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_wherever_they_have_a_meaning() {
        let text = "SET day = '${run_day|today}'; -- ${commented}\n\
                    SOURCE s TYPE CSV PARAMS {\"path\": \"${folder}/a.csv\"};\n\
                    CREATE TABLE t AS SELECT ${day} AS d, '$HOME' AS h /* ${no} */ FROM u;";
        let uses = VariableUses::of(text);
        let used: Vec<_> = uses.used.iter().map(|found| (found.name.as_str(), found.has_default)).collect();
        assert_eq!(used, [("run_day", true), ("folder", false), ("day", false)]);
        assert_eq!(uses.set.iter().collect::<Vec<_>>(), ["day"]);
    }
}
