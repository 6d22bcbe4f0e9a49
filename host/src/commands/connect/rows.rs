use std::sync::Arc;

use duckpen_connectors::{Cancel, Dataset, Purpose, RowConnector, RowFormat};
use duckpen_observe::numbers::counted;
use duckpen_pipeline::Connector;
use serde_json::Map;

use super::test::Tried;
use crate::means::Means;
use crate::workbench::Workbench;

/// Things to read that are named.
const NAMED: usize = 20;

/// Reaches the system that a connector stands for, and asks whether it can be used, and what of it can be read.
pub fn test(workbench: &Workbench, format: &RowFormat, connector: &Connector) -> Tried {
    let settings = match connector.merged(&Map::new(), &workbench.variables) {
        Ok(settings) => settings,
        Err(missing) => return Tried::failed(format!("its parameters: {missing}"), None),
    };
    let kind = workbench.kinds.find(format.name());
    let problem = kind.and_then(|kind| kind.problems(Purpose::Connecting, settings.expose()).into_iter().next());
    if let Some(problem) = problem {
        return Tried::failed(problem.message, problem.hint);
    }
    let connectors = Means::of(&workbench.project, &workbench.kinds).connectors(Arc::new(()));
    let cancel = Cancel::default();
    let reached = connectors.connector(format.name(), settings.expose());
    let reached = reached.and_then(|connector| Ok((connector.test(&cancel)?, connector)));
    match reached {
        Ok((answered, connector)) => discovered(Tried { passed: vec![answered], failure: None }, &*connector, &cancel),
        Err(error) => Tried::failed(error.to_string(), error.hint()),
    }
}

fn discovered(mut tried: Tried, connector: &dyn RowConnector, cancel: &Cancel) -> Tried {
    match connector.discover(cancel) {
        Ok(None) => tried,
        Ok(Some(datasets)) if datasets.is_empty() => tried,
        Ok(Some(datasets)) => {
            let mut names: Vec<String> = datasets.iter().take(NAMED).map(described).collect();
            if datasets.len() > NAMED {
                names.push("...".to_owned());
            }
            let count = counted(datasets.len() as u64, "dataset");
            tried.passed.push(format!("{count} ({})", names.join(", ")));
            tried
        }
        Err(error) => tried.and_failed(error.to_string(), error.hint()),
    }
}

fn described(dataset: &Dataset) -> String {
    match dataset.columns.len() {
        0 => dataset.name.clone(),
        columns => format!("{}: {}", dataset.name, counted(columns as u64, "column")),
    }
}
