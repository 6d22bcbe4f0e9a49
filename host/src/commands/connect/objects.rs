use std::sync::Arc;

use duckpen_connectors::Cancel;
use duckpen_pipeline::Connector;
use serde_json::Map;

use super::test::Tried;
use crate::means::Means;
use crate::workbench::Workbench;

/// Reaches the object store that a connector stands for, and looks for the objects that it names.
pub fn test(workbench: &Workbench, connector: &Connector) -> Tried {
    let mut params = match connector.merged(&Map::new(), &workbench.variables) {
        Ok(settings) => settings.expose().clone(),
        Err(missing) => return Tried::failed(format!("its parameters: {missing}"), None),
    };
    let names = |names: &[&str]| names.iter().any(|name| params.contains_key(*name));
    if !names(&["uri", "bucket"]) {
        let hint = "a step that uses it names the objects in its OPTIONS; give a `bucket` here to have it tried";
        return Tried::failed("it has no `bucket`".to_owned(), Some(hint.to_owned()));
    }
    if !names(&["uri", "key", "path_prefix", "prefix"]) {
        // All of the bucket.
        params.insert("path_prefix".to_owned(), "".into());
    }
    let connectors = Means::of(&workbench.project, &workbench.kinds).connectors(Arc::new(()));
    let answer = connectors.objects(&params, None).and_then(|objects| objects.test(&Cancel::default()));
    match answer {
        Ok(answered) => Tried { passed: vec![answered], failure: None },
        Err(error) => Tried::failed(error.to_string(), error.hint()),
    }
}
