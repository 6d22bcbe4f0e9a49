use std::time::Duration;

use crate::ConnectorError;

/// Learns what happens between a connector and its system. `place` names the system without credentials.
pub trait ConnectorObserver: Send + Sync {
    /// A call failed and is made again after a pause.
    fn retrying(&self, place: &str, error: &ConnectorError, delay: Duration);

    /// A system failed this often in a row, and is left alone for a while.
    fn circuit_opened(&self, place: &str, failures: u32, pause: Duration);

    /// A system that was left alone answers again.
    fn circuit_closed(&self, place: &str);

    /// A call waits, because the system was asked as often as it may be.
    fn throttled(&self, place: &str, delay: Duration);

    /// A column is of a type that has no counterpart, and is read as text.
    fn read_as_text(&self, place: &str, column: &str, foreign_type: &str);
}

/// Nobody listens.
impl ConnectorObserver for () {
    fn retrying(&self, _: &str, _: &ConnectorError, _: Duration) {}
    fn circuit_opened(&self, _: &str, _: u32, _: Duration) {}
    fn circuit_closed(&self, _: &str) {}
    fn throttled(&self, _: &str, _: Duration) {}
    fn read_as_text(&self, _: &str, _: &str, _: &str) {}
}
