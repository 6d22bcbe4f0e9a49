use std::sync::Arc;
use std::time::Duration;

use duckpen_connectors::{ConnectorError, ConnectorObserver};
use duckpen_observe::events::{CircuitClosed, CircuitOpened, ColumnReadAsText, ConnectorRetried, ConnectorThrottled};
use duckpen_observe::{Event, Metrics};

/// Makes events of what happens between connectors and their systems.
pub struct ConnectionEvents(pub Arc<Metrics>);

impl ConnectorObserver for ConnectionEvents {
    fn retrying(&self, place: &str, error: &ConnectorError, delay: Duration) {
        ConnectorRetried { place, error, delay }.emit(&self.0);
    }

    fn circuit_opened(&self, place: &str, failures: u32, pause: Duration) {
        CircuitOpened { place, failures, pause }.emit(&self.0);
    }

    fn circuit_closed(&self, place: &str) {
        CircuitClosed { place }.emit(&self.0);
    }

    fn throttled(&self, place: &str, delay: Duration) {
        ConnectorThrottled { place, delay }.emit(&self.0);
    }

    fn read_as_text(&self, place: &str, column: &str, foreign_type: &str) {
        ColumnReadAsText { place, column, foreign_type }.emit(&self.0);
    }
}
