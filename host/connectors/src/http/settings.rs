use std::time::Duration;

use serde_json::{Map, Value};

use crate::ConnectorError;
use crate::parameters::Parameters;
use crate::resilience::Policy;

/// How long one attempt may take, from the connection to the last byte.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most that a request may carry.
const REQUEST_BYTES: u64 = 32 << 20;
/// The most that may come back.
const RESPONSE_BYTES: u64 = 32 << 20;

/// How patient requests are, and how large they and their responses may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// How often a request is repeated, and how many there may be.
    pub policy: Policy,
    /// Time for one attempt, from the connection to the last byte.
    pub timeout: Duration,
    /// Bytes a request may carry.
    pub request_bytes: u64,
    /// Bytes a response may have, as it is sent and once it is unpacked.
    pub response_bytes: u64,
}

impl Default for HttpSettings {
    /// Half a minute for an attempt, 32 MiB in either direction.
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            timeout: TIMEOUT,
            request_bytes: REQUEST_BYTES,
            response_bytes: RESPONSE_BYTES,
        }
    }
}

impl HttpSettings {
    /// The parameters by which a connector's requests are configured, whatever the connector.
    pub const PARAMETERS: &[&str] = &[
        "timeout",
        "timeout_seconds",
        "max_response_bytes",
        "max_retries",
        "retry_delay",
        "rate_limit_per_minute",
        "rate_limit_burst",
        "circuit_breaker_failures",
        "circuit_breaker_recovery",
    ];

    /// Reads [`PARAMETERS`](Self::PARAMETERS); times are in seconds.
    ///
    /// # Errors
    /// A value of another kind.
    pub fn of_parameters(connector: &str, params: &Map<String, Value>) -> Result<Self, ConnectorError> {
        let parameters = Parameters::new(connector, params);
        let defaults = Self::default();
        let timeout = match parameters.seconds("timeout_seconds")? {
            Some(timeout) => Some(timeout),
            None => parameters.seconds("timeout")?,
        };
        Ok(Self {
            policy: Policy::of_parameters(&parameters)?,
            timeout: timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(defaults.timeout),
            response_bytes: parameters.count("max_response_bytes")?.map_or(defaults.response_bytes, u64::from),
            ..defaults
        })
    }
}
