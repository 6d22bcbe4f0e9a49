use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use duckpen_connectors::{
    ConnectorError, ConnectorKind, HostGrants, HostPattern, HttpClient, HttpParts, HttpSettings, ParameterProblem,
    Purpose, RowConnector, Surroundings,
};
use duckpen_functions::{FunctionStatistics, Statistics};
use duckpen_sandbox::{Component, Engine, Limits, Template};
use serde_json::{Map, Value};
use url::Url;

use crate::authentication;
use crate::connection::Connection;
use crate::declaration::{Declaration, Parameter, ParameterKind};
use crate::description::{CONNECTOR, KindError, SINK, SOURCE, describe};
use crate::host::{ConnectorHost, GRANTED_INTERFACES, add_to_linker};
use crate::instance::Maker;
use crate::reach::Reach;
use crate::values;

/// A connector that is a component.
pub struct ComponentKind {
    /// The name under which it is configured, which is the type by which pipelines and profiles name it.
    configured: String,
    declaration: Arc<Declaration>,
    is_source: bool,
    is_sink: bool,
    /// Hosts that the configuration grants beside those of its own addresses.
    hosts: Vec<HostPattern>,
    template: Template<ConnectorHost>,
    statistics: Arc<Statistics>,
}

impl ComponentKind {
    /// Loads a component and asks it what connector it is. `name` is that under which it is configured.
    ///
    /// # Errors
    /// When the bytes are no component, it wants what it is not granted, it is no connector, or what it declares is not
    /// usable. A component that misbehaves while it is asked is stopped.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8], limits: &Limits) -> Result<Self, KindError> {
        let component = Component::load(engine, name, bytes)?;
        let (is_source, is_sink) = (component.offers(SOURCE)?, component.offers(SINK)?);
        if !component.offers(CONNECTOR)? || !(is_source || is_sink) {
            let reason = format!("a connector exports `{CONNECTOR}`, and `{SOURCE}` or `{SINK}`");
            return Err(component.contract_error(reason).into());
        }
        let declaration = describe(&component, GRANTED_INTERFACES, add_to_linker)?;
        Ok(Self {
            configured: name.to_owned(),
            declaration: Arc::new(declaration),
            is_source,
            is_sink,
            hosts: Vec::new(),
            template: Template::new(&component, limits.clone(), GRANTED_INTERFACES, add_to_linker)?,
            statistics: Arc::default(),
        })
    }

    /// The limits of connectors where the configuration sets none: wide enough for large answers of slow systems.
    pub fn limits() -> Limits {
        Limits {
            fuel: 10_000_000_000,
            memory: 256 << 20,
            time: Duration::from_secs(600),
            host_calls: 100_000,
            ..Limits::functions()
        }
    }

    /// Grants hosts beside those of its own addresses.
    #[must_use]
    pub fn with_hosts(mut self, hosts: impl IntoIterator<Item = HostPattern>) -> Self {
        self.hosts.extend(hosts);
        self
    }

    /// What it says of itself.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Whether it is read from.
    pub fn is_source(&self) -> bool {
        self.is_source
    }

    /// Whether it is written to.
    pub fn is_sink(&self) -> bool {
        self.is_sink
    }

    /// What its calls have cost so far.
    pub fn statistics(&self) -> FunctionStatistics {
        self.statistics.snapshot()
    }

    /// The component.
    pub fn component(&self) -> &Component {
        self.template.component()
    }

    /// The addresses among values, each with its parameter.
    fn addresses<'p>(&'p self, given: &Map<String, Value>) -> Result<Vec<(&'p Parameter, Url)>, ConnectorError> {
        let urls = self.declaration.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::Url);
        let mut addresses = Vec::new();
        for parameter in urls {
            let Some(value) = values::find(parameter, given) else { continue };
            let address = values::address(value.as_str().unwrap_or_default());
            addresses.push((parameter, address.map_err(|expected| self.bad(&parameter.name, expected))?));
        }
        Ok(addresses)
    }

    fn bad(&self, parameter: &str, expected: &'static str) -> ConnectorError {
        ConnectorError::BadParameter { connector: self.configured.clone(), parameter: parameter.to_owned(), expected }
    }

    /// Values in which every secret stands where it can be found.
    fn unpacked<'v>(&self, params: &'v Map<String, Value>) -> Cow<'v, Map<String, Value>> {
        values::unpacked(&self.declaration.parameters, params)
    }

    fn serves(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Connecting => true,
            Purpose::Reading => self.is_source,
            Purpose::Writing => self.is_sink,
        }
    }

    /// The parameters that count for a purpose, and those for others.
    fn parameters(&self, purpose: Purpose) -> (Vec<&Parameter>, Vec<&Parameter>) {
        let Declaration { parameters, source_parameters, sink_parameters, .. } = &*self.declaration;
        let own = parameters.iter();
        match purpose {
            Purpose::Connecting => (own.collect(), source_parameters.iter().chain(sink_parameters).collect()),
            Purpose::Reading => (own.chain(source_parameters).collect(), sink_parameters.iter().collect()),
            Purpose::Writing => (own.chain(sink_parameters).collect(), source_parameters.iter().collect()),
        }
    }
}

impl ConnectorKind for ComponentKind {
    fn name(&self) -> &str {
        &self.configured
    }

    fn problems(&self, purpose: Purpose, params: &Map<String, Value>) -> Vec<ParameterProblem> {
        let upper = self.configured.to_ascii_uppercase();
        if !self.serves(purpose) {
            let message = match purpose {
                Purpose::Writing => format!("EXPORT to {upper} is not supported: the connector only reads"),
                _ => format!("{upper} cannot be a SOURCE: the connector only writes"),
            };
            return vec![ParameterProblem { message, hint: None, parameter: Some("connector_type".to_owned()) }];
        }
        let owner = match purpose {
            Purpose::Writing => format!("{upper} export"),
            _ => format!("{upper} connector"),
        };
        let (parameters, others) = self.parameters(purpose);
        let params = &*self.unpacked(params);
        let mut problems = values::problems(&owner, &parameters, &others, params);
        if let Err(error) = HttpSettings::of_parameters(&self.configured, params) {
            problems.push(ParameterProblem { message: error.to_string(), hint: None, parameter: None });
        }
        problems
    }

    fn disclosed(&self, params: &Map<String, Value>) -> Map<String, Value> {
        values::disclosed(self.declaration.all_parameters(), &self.unpacked(params))
    }

    fn secrets(&self, params: &Map<String, Value>) -> Vec<String> {
        authentication::secrets(&self.declaration, &self.unpacked(params))
    }

    fn connection(&self, params: &Map<String, Value>) -> Map<String, Value> {
        let mut connection = values::selected(&self.declaration.parameters, &self.unpacked(params));
        for name in HttpSettings::PARAMETERS {
            if let Some(value) = params.get(*name) {
                connection.insert((*name).to_owned(), value.clone());
            }
        }
        connection
    }

    fn connect(
        &self,
        params: &Map<String, Value>,
        surroundings: &Surroundings,
    ) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        let declaration = &self.declaration;
        let params = &*self.unpacked(params);
        if let Some(missing) = declaration
            .parameters
            .iter()
            .find(|parameter| parameter.is_required && values::find(parameter, params).is_none())
        {
            return Err(self.bad(&missing.name, "a value"));
        }
        let addresses = self.addresses(params)?;
        let mut grants = HostGrants::new(&self.configured).with_hosts(self.hosts.iter().cloned());
        for (_, address) in &addresses {
            grants = grants.with_address(address)?;
        }
        let host = addresses.first().and_then(|(_, address)| address.host_str()).map(|host| format!(" at {host}"));
        let client = HttpClient::new(HttpParts {
            connector: &self.configured,
            place: format!("{}{}", self.configured, host.unwrap_or_default()),
            network: surroundings.network.clone(),
            grants,
            authentication: authentication::chosen(declaration, params),
            secrets: authentication::secrets(declaration, params),
            settings: HttpSettings::of_parameters(&self.configured, params)?,
            observer: Arc::clone(&surroundings.observer),
            runtime: surroundings.runtime.clone(),
        })?;
        let maker = Maker {
            name: self.configured.as_str().into(),
            template: self.template.clone(),
            statistics: Arc::clone(&self.statistics),
            reach: Reach::Network(Arc::new(client)),
        };
        Ok(Arc::new(Connection {
            maker,
            declaration: Arc::clone(declaration),
            configuration: Value::from(values::told(&declaration.parameters, params)).to_string(),
            is_source: self.is_source,
            is_sink: self.is_sink,
        }))
    }
}
