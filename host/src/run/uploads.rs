//! How uploads of earlier runs are reached, whose credentials are not kept.

use duckpen_connectors::{ConnectorError, Connectors, ObjectConnector, UploadRecord};
use duckpen_pipeline::{Plan, Profile, StepKind, Variables};
use serde_json::{Map, Value};

use crate::workbench::ConnectorParams;

/// Where parameters of connectors are found.
pub struct Uploads<'a> {
    pub connectors: &'a Connectors,
    pub profile: &'a Profile,
    pub variables: &'a Variables,
    pub plan: &'a Plan,
    pub params: &'a ConnectorParams,
}

impl Uploads<'_> {
    /// The connector that an upload was made through: of the step in this plan, or of the profile, or else what its record
    /// says of the server, with the credentials of the environment.
    pub fn connector(&self, record: &UploadRecord) -> Result<ObjectConnector, ConnectorError> {
        let mut params = match (self.of_step(record), self.of_profile(record)) {
            (Some(params), _) => params,
            (None, Some(params)) => params?,
            (None, None) => Map::new(),
        };
        for name in ["uri", "path_prefix", "prefix"] {
            params.remove(name);
        }
        params.insert("bucket".to_owned(), record.bucket.clone().into());
        params.insert("key".to_owned(), record.key.clone().into());
        let server = [
            ("endpoint_url", record.endpoint_url.clone()),
            ("region", Some(record.region.clone())),
            ("addressing_style", Some(record.addressing_style.clone())),
        ];
        for (name, value) in server {
            // What is configured now goes before what was.
            if let (false, Some(value)) = (params.contains_key(name), value) {
                params.insert(name.to_owned(), value.into());
            }
        }
        self.connectors.objects(&params, None)
    }

    fn of_step(&self, record: &UploadRecord) -> Option<Map<String, Value>> {
        if self.plan.pipeline != record.pipeline {
            return None;
        }
        let step = self.plan.steps.iter().find(|step| step.id.as_str() == record.step)?;
        let StepKind::Export(export) = &step.kind else { return None };
        Some(self.params.get(step.id.as_str()).unwrap_or(&export.options).clone())
    }

    fn of_profile(&self, record: &UploadRecord) -> Option<Result<Map<String, Value>, ConnectorError>> {
        let connector = self.profile.connectors.get(record.connector.as_ref()?)?;
        let settings = connector.merged(&Map::new(), self.variables);
        Some(match settings {
            Ok(settings) => Ok(settings.expose().clone()),
            Err(missing) => Err(ConnectorError::Host(missing.to_string())),
        })
    }
}
