//! What is wrong with a step's declaration.

pub use super::contract::Problem;

impl Problem {
    /// A problem, in one sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, option: None }
    }

    /// The same problem with advice for its reader.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem, of one option.
    #[must_use]
    pub fn of_option(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }
}
