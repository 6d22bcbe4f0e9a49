use std::time::Duration;

use crate::http::Request;

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is answered with this status and error code, and not done.
    Refused(u16, &'static str),
    /// The connection is closed before anything is done.
    Cut,
    /// It is done, and the connection is closed without an answer.
    Unanswered,
    /// Of the body only this many bytes are sent, then the connection is closed.
    CutAfter(usize),
    /// The answer says that its body has this many bytes more than the object has.
    Longer(usize),
    /// The answer waits this long.
    Slow(Duration),
    /// Before it is answered, the object has changed to these bytes.
    Changed(Vec<u8>),
}

/// When something goes wrong.
#[derive(Debug, Clone)]
pub struct Rule {
    method: &'static str,
    part: String,
    skipped: usize,
    times: usize,
    pub(crate) fault: Fault,
}

impl Rule {
    /// The next request of this method whose path and query have `part` in them.
    pub fn new(method: &'static str, part: &str, fault: Fault) -> Self {
        Self { method, part: part.to_owned(), skipped: 0, times: 1, fault }
    }

    /// So many such requests go well before.
    #[must_use]
    pub fn after(self, skipped: usize) -> Self {
        Self { skipped, ..self }
    }

    /// So many such requests go wrong.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Whether it holds for this request; counts it if it is one of those that are meant.
    pub(crate) fn applies(&mut self, request: &Request) -> bool {
        if self.times == 0 || self.method != request.method || !request.target.contains(&self.part) {
            return false;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}
