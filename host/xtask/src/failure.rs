//! What went wrong, and what would help.

use std::{fmt, io, path::Path};

pub type Result<T> = std::result::Result<T, Failure>;

/// A failure, as it is shown.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    /// A command, or something else to do about it.
    pub hint: Option<String>,
    pub exit_code: u8,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit_code: 1 }
    }

    /// A misuse of the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit_code: 2, ..Self::new(message) }.hint("`cargo xtask help` lists the commands")
    }

    /// Something that could not be done to a file or folder.
    pub fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {doing} {}: {error}", path.display()))
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error: {}", self.message)?;
        self.hint.iter().try_for_each(|hint| writeln!(formatter, "hint: {hint}"))
    }
}
