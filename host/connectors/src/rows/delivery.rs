use serde_json::{Map, Value};

/// Rows that a connector which is no table takes its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What is written and how, among all parameters of the step.
    pub selection: Map<String, Value>,
    /// The name behind EXPORT TO; may be empty.
    pub destination: String,
    /// The run and the step that write. A system that knows keys takes nothing of them twice.
    pub run: String,
    /// See [`run`](Self::run).
    pub step: String,
}
