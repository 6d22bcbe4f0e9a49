//! What can stand at a place of a query: any value, or only a name.

use crate::syntax::lexer::{Token, TokenKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// An expression: a literal.
    Value,
    /// Only a name can stand here: after FROM or AS, beside a dot.
    Name,
    /// After GROUP BY, ORDER BY, PARTITION BY: a column by name or, if a number, by position.
    Order,
}

/// Reads along a query and knows in which clause it is, for each open parenthesis.
#[derive(Debug)]
pub(crate) struct PositionReader {
    frames: Vec<Frame>,
    last: Last,
}

/// The last token that was no blank or comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Word,
    /// FROM, JOIN, INTO, UPDATE, TABLE: a table comes next.
    TableWord,
    /// AS, and `::`, after which an alias or type comes.
    NameWord,
    /// USING and EXCLUDE: names come next, in parentheses or without.
    Using,
    Dot,
    Comma,
    By,
    Colon,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    clause: Clause,
    /// A query stands in it, so that its FROM is a clause; in `extract(year FROM d)` it is not.
    query: bool,
    empty: bool,
    /// The parentheses of USING or EXCLUDE: columns by name.
    names: bool,
    /// The word before was IS [NOT] DISTINCT: the next FROM is an operator.
    distinct: Distinct,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clause {
    Other,
    From,
    By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distinct {
    No,
    Begun,
    Complete,
}

impl Frame {
    fn new(names: bool) -> Self {
        Self { clause: Clause::Other, query: false, empty: true, names, distinct: Distinct::No }
    }
}

impl Default for PositionReader {
    fn default() -> Self {
        Self { frames: vec![Frame::new(false)], last: Last::Nothing }
    }
}

impl PositionReader {
    /// What can stand between the tokens read so far and `next`. `previous` is the token just before, blanks included.
    pub(super) fn position(&self, previous: Option<Token>, next: Token) -> Position {
        let frame = self.frame();
        if next.is(b'.') || previous.is_some_and(|previous| previous.is(b'.')) {
            return Position::Name;
        }
        match (self.last, frame.clause) {
            (Last::TableWord | Last::NameWord | Last::Using | Last::Dot, _) | (Last::Comma, Clause::From) => {
                Position::Name
            }
            (Last::By, _) | (Last::Comma, Clause::By) => Position::Order,
            _ if frame.names => Position::Name,
            _ => Position::Value,
        }
    }

    /// Whether the next token is the name of a table or of a function that makes one.
    pub(crate) fn expects_table(&self) -> bool {
        self.last == Last::TableWord || self.last == Last::Comma && self.frame().clause == Clause::From
    }

    pub(crate) fn read(&mut self, token: Token, text: &str) {
        if token.is_trivia() {
            return;
        }
        match token.kind {
            TokenKind::Symbol(b'(' | b'[' | b'{') => {
                let names = self.last == Last::Using;
                self.frames.push(Frame::new(names));
                self.last = Last::Nothing;
                return;
            }
            TokenKind::Symbol(b')' | b']' | b'}') => {
                if self.frames.len() > 1 {
                    self.frames.pop();
                }
                self.last = Last::Other;
            }
            TokenKind::Word => self.last = self.word(text),
            TokenKind::Symbol(b'.') => self.last = Last::Dot,
            TokenKind::Symbol(b',') => self.last = Last::Comma,
            TokenKind::Symbol(b':') if self.last == Last::Colon => self.last = Last::NameWord,
            TokenKind::Symbol(b':') => self.last = Last::Colon,
            _ => self.last = Last::Other,
        }
        self.frame_mut().empty = false;
    }

    fn word(&mut self, text: &str) -> Last {
        if self.last == Last::Dot {
            return Last::Word;
        }
        let word = text.to_ascii_uppercase();
        let frame = self.frame_mut();
        let distinct = std::mem::replace(&mut frame.distinct, Distinct::No);
        match word.as_str() {
            "IS" => frame.distinct = Distinct::Begun,
            "NOT" if distinct == Distinct::Begun => frame.distinct = Distinct::Begun,
            "DISTINCT" if distinct == Distinct::Begun => frame.distinct = Distinct::Complete,
            "SELECT" | "WITH" | "VALUES" => {
                frame.query = true;
                frame.clause = Clause::Other;
            }
            "FROM" if distinct == Distinct::Complete => {}
            "FROM" if frame.query || frame.empty => {
                frame.query = true;
                frame.clause = Clause::From;
                return Last::TableWord;
            }
            "JOIN" | "INTO" | "UPDATE" | "TABLE" => return Last::TableWord,
            "DESCRIBE" | "SUMMARIZE" | "PIVOT" | "UNPIVOT" if frame.empty => return Last::TableWord,
            "AS" => return Last::NameWord,
            "USING" | "EXCLUDE" => return Last::Using,
            "BY" => {
                frame.clause = Clause::By;
                return Last::By;
            }
            "WHERE" | "HAVING" | "LIMIT" | "OFFSET" | "QUALIFY" | "UNION" | "EXCEPT" | "INTERSECT" | "WINDOW"
            | "SAMPLE" | "TABLESAMPLE" => frame.clause = Clause::Other,
            // In `ORDER BY a DESC, b` and `FROM a x, b` the comma still belongs to the clause.
            _ => {}
        }
        Last::Word
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame::new(false))
    }

    fn frame_mut(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(false));
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }
}
