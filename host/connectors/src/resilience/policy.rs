use std::num::NonZeroU32;
use std::time::Duration;

use backon::ExponentialBuilder;

use crate::ConnectorError;
use crate::parameters::Parameters;

/// How patient a connector is with its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How often a call is made again that failed and may go better.
    pub retries: u32,
    /// The pause before it is made again, which doubles each time and varies by chance, up to
    /// [`MAX_DELAY`](Self::MAX_DELAY).
    pub delay: Duration,
    /// Calls a minute; as many as there are where nothing is said.
    pub calls_per_minute: Option<NonZeroU32>,
    /// Calls that may come at once before that limit holds.
    pub burst: NonZeroU32,
    /// Failures in a row after which the system is left alone.
    pub failures: NonZeroU32,
    /// For how long it is left alone.
    pub recovery: Duration,
}

impl Default for Policy {
    /// Those of a database: three more attempts beginning with half a second, five failures, half a minute.
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            retries: 3,
            delay: Duration::from_millis(500),
            calls_per_minute: None,
            burst: number(20),
            failures: number(5),
            recovery: Duration::from_secs(30),
        }
    }
}

impl Policy {
    /// The longest pause between two attempts.
    pub const MAX_DELAY: Duration = Duration::from_secs(60);

    /// Reads `max_retries`, `retry_delay`, `rate_limit_per_minute`, `rate_limit_burst`, `circuit_breaker_failures` and
    /// `circuit_breaker_recovery`; times are in seconds.
    pub(crate) fn of_parameters(parameters: &Parameters<'_>) -> Result<Self, ConnectorError> {
        let defaults = Self::default();
        let positive = |name| parameters.count(name).map(|count| count.and_then(NonZeroU32::new));
        Ok(Self {
            retries: parameters.count("max_retries")?.unwrap_or(defaults.retries),
            delay: parameters.seconds("retry_delay")?.unwrap_or(defaults.delay),
            calls_per_minute: positive("rate_limit_per_minute")?,
            burst: positive("rate_limit_burst")?.unwrap_or(defaults.burst),
            failures: positive("circuit_breaker_failures")?.unwrap_or(defaults.failures),
            recovery: parameters.seconds("circuit_breaker_recovery")?.unwrap_or(defaults.recovery),
        })
    }

    pub(crate) fn pauses(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.delay)
            .with_max_delay(Self::MAX_DELAY)
            .with_max_times(self.retries as usize)
            .with_jitter()
    }
}
