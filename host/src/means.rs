use std::collections::HashMap;
use std::sync::Arc;

use duckpen_connectors::{ConnectorKinds, ConnectorObserver, Connectors, Environment, NetworkPolicy, ProjectFiles};

use crate::project::Project;

/// What the connectors of a project are made of: its files, the hosts it may ask, connectors that are components, and the
/// variables in which credentials are looked for.
pub struct Means {
    files: Arc<ProjectFiles>,
    network: NetworkPolicy,
    kinds: ConnectorKinds,
    environment: Environment,
}

impl Means {
    /// Those of a project.
    pub fn of(project: &Project, kinds: &ConnectorKinds) -> Self {
        let variables: HashMap<String, String> = project.environment.variables().collect();
        Self {
            files: Arc::clone(&project.files),
            network: project.configuration.network.clone(),
            kinds: kinds.clone(),
            environment: Arc::new(move |name| variables.get(name).cloned()),
        }
    }

    /// The connectors. What happens between them and their systems is told to `observer`.
    pub fn connectors(&self, observer: Arc<dyn ConnectorObserver>) -> Connectors {
        Connectors::new(Arc::clone(&self.files), observer)
            .with_network(self.network.clone())
            .with_kinds(self.kinds.clone())
            .with_environment(Arc::clone(&self.environment))
    }
}
