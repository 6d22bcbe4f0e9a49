use std::sync::Arc;

use duckpen_connectors::{Cancel, RowFormat};
use duckpen_pipeline::Connector;
use serde_json::Map;

use super::test::Tried;
use crate::means::Means;
use crate::workbench::Workbench;

/// Reaches the system that a connector stands for, and asks whether it can be used.
pub fn test(workbench: &Workbench, format: RowFormat, connector: &Connector) -> Tried {
    let settings = match connector.merged(&Map::new(), &workbench.variables) {
        Ok(settings) => settings,
        Err(missing) => return Tried::failed(format!("its parameters: {missing}"), None),
    };
    let connectors = Means::of(&workbench.project).connectors(Arc::new(()));
    let answer =
        connectors.connector(format.name(), settings.expose()).and_then(|connector| connector.test(&Cancel::default()));
    match answer {
        Ok(answered) => Tried { passed: vec![answered], failure: None },
        Err(error) => Tried::failed(error.to_string(), error.hint()),
    }
}
