//! How systems beyond the project's files are reached, which is the host's matter: options that SOURCE and EXPORT have in
//! common.

use super::options::OptionKind::{Any, Count, OneOf, Seconds, Text};
use super::options::OptionSpec;

/// What is done about failures.
pub(super) const RESILIENCE: &[OptionSpec] = &[
    OptionSpec::optional("max_retries", Any),
    OptionSpec::optional("retry_delay", Seconds),
    OptionSpec::optional("rate_limit_per_minute", Count),
    OptionSpec::optional("rate_limit_burst", Count),
    OptionSpec::optional("circuit_breaker_failures", Count),
    OptionSpec::optional("circuit_breaker_recovery", Seconds),
];

/// How a server of PostgreSQL is reached.
pub const POSTGRES_SERVER: &[OptionSpec] =
    &OptionSpec::joined::<{ POSTGRES_CONNECTION.len() + RESILIENCE.len() }>(&[POSTGRES_CONNECTION, RESILIENCE]);

const POSTGRES_CONNECTION: &[OptionSpec] = &[
    OptionSpec::optional("host", Text),
    OptionSpec::optional("port", Count),
    OptionSpec::optional("database", Text),
    OptionSpec::optional("dbname", Text),
    OptionSpec::optional("user", Text),
    OptionSpec::optional("username", Text),
    OptionSpec::optional("password", Any),
    OptionSpec::optional("connection_string", Text),
    OptionSpec::optional("connection", Text),
    OptionSpec::optional("url", Text),
    OptionSpec::optional("sslmode", OneOf(SSL_MODES)),
    OptionSpec::optional("sslrootcert", Text),
    OptionSpec::optional("application_name", Text),
    OptionSpec::optional("connect_timeout", Seconds),
    OptionSpec::optional("timeout_seconds", Seconds),
    // How many connections there are; SQLFlow keeps some open, and lets there be more for a moment.
    OptionSpec::optional("pool_size", Count),
    OptionSpec::optional("min_connections", Any),
    OptionSpec::optional("max_connections", Count),
    OptionSpec::optional("max_overflow", Any),
];

/// How strict encryption is, as the server's own client has it.
const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
