use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::NAME;
use crate::ConnectorError;
use crate::parameters::Parameters;
use crate::resilience::Policy;

/// How long is waited for a connection, unless the parameters say otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long is waited for any one answer, or part of one.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);
/// Connections that one server is held at most.
const POOL_SIZE: u32 = 5;

/// How a server is reached and treated. Two connectors with equal settings share their connections.
#[derive(Clone, PartialEq)]
pub(crate) struct PostgresSettings {
    pub(super) config: Config,
    pub(super) tls: Tls,
    pub(super) pool_size: usize,
    pub(super) timeout: Duration,
    pub(super) policy: Policy,
    pub(crate) schema: Option<String>,
}

/// What is asked of encryption, as the server's own client has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tls {
    /// None, or whatever the server offers: it is not looked at who answers.
    Unverified,
    /// The server shows a certificate of a known authority.
    VerifyCa { root: Option<String> },
    /// And for the name it was called by.
    VerifyFull { root: Option<String> },
}

impl PostgresSettings {
    /// Reads the parameters of a connector.
    pub(crate) fn read(params: &Map<String, Value>) -> Result<Self, ConnectorError> {
        let parameters = Parameters::new(NAME, params);
        let mut config = match parameters.any_text(&["connection_string", "connection", "url"])? {
            Some(text) => connection_string(&text)
                .ok_or_else(|| parameters.bad("connection_string", "postgresql://user:password@host:port/database"))?,
            None => Config::new(),
        };
        let mut ssl_mode = match parameters.any_text(&["connection_string", "connection", "url"])? {
            Some(text) => ssl_mode_in(&text),
            None => None,
        };
        let required = |name, found: bool, expected| if found { Ok(()) } else { Err(parameters.bad(name, expected)) };
        if let Some(host) = parameters.text("host")? {
            config.host(host);
        }
        required("host", !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty(), "the server's name")?;
        if let Some(port) = parameters.text("port")? {
            config.port(port.trim().parse().map_err(|_| parameters.bad("port", "a number up to 65535"))?);
        }
        if let Some(database) = parameters.any_text(&["database", "dbname"])? {
            config.dbname(database);
        }
        if let Some(user) = parameters.any_text(&["user", "username"])? {
            config.user(user);
        }
        required("user", config.get_user().is_some(), "the name of a role")?;
        if let Some(password) = parameters.text("password")? {
            config.password(password);
        }
        config.application_name(parameters.text("application_name")?.unwrap_or_else(|| "duckpen".to_owned()));
        config.connect_timeout(parameters.seconds("connect_timeout")?.unwrap_or(CONNECT_TIMEOUT));
        if let Some(given) = parameters.text("sslmode")? {
            ssl_mode = Some(given);
        }
        let root = parameters.text("sslrootcert")?;
        let tls = match ssl_mode.as_deref().map(str::to_lowercase).as_deref() {
            None | Some("prefer" | "allow") => (SslMode::Prefer, Tls::Unverified),
            Some("disable") => (SslMode::Disable, Tls::Unverified),
            Some("require") => (SslMode::Require, Tls::Unverified),
            Some("verify-ca") => (SslMode::Require, Tls::VerifyCa { root }),
            Some("verify-full") => (SslMode::Require, Tls::VerifyFull { root }),
            Some(_) => {
                return Err(parameters.bad("sslmode", "disable, allow, prefer, require, verify-ca or verify-full"));
            }
        };
        config.ssl_mode(tls.0);
        let pool_size = match parameters.count("pool_size")? {
            Some(size) => Some(size),
            None => parameters.count("max_connections")?,
        };
        Ok(Self {
            config,
            tls: tls.1,
            pool_size: pool_size.unwrap_or(POOL_SIZE).max(1) as usize,
            timeout: parameters.seconds("timeout_seconds")?.unwrap_or(ANSWER_TIMEOUT),
            policy: Policy::of_parameters(&parameters)?,
            schema: parameters.text("schema")?,
        })
    }

    /// All that may be connected to: names, addresses, and folders with sockets of this machine.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let name = |host: &Host| match host {
            Host::Tcp(host) => host.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        };
        let addresses = self.config.get_hostaddrs().iter().map(ToString::to_string);
        self.config.get_hosts().iter().map(name).chain(addresses).collect()
    }

    /// The server without credentials: `postgres shop at db.example:5432`.
    pub(super) fn place(&self) -> String {
        let host = self.hosts().into_iter().next().unwrap_or_default();
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let database = self.config.get_dbname().or_else(|| self.config.get_user()).unwrap_or_default();
        format!("postgres {database} at {host}:{port}")
    }
}

/// Without the password, and without what else a connection string may carry.
impl fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresSettings").field(&self.place()).finish()
    }
}

/// The client library knows fewer modes of encryption than the server's own.
fn connection_string(text: &str) -> Option<Config> {
    let mut known = text.to_owned();
    for (mode, nearest) in [("verify-full", "require"), ("verify-ca", "require"), ("allow", "prefer")] {
        known = known.replace(&format!("sslmode={mode}"), &format!("sslmode={nearest}"));
    }
    known.parse().ok()
}

fn ssl_mode_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("sslmode=")?;
    Some(rest.split(['&', ' ']).next().unwrap_or_default().trim_matches('\'').to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(params: Value) -> Result<PostgresSettings, String> {
        PostgresSettings::read(params.as_object().expect("an object")).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_have_the_names_that_pipelines_use() {
        let spelled = read(json!({"host": "h", "port": "5433", "dbname": "d", "username": "u", "password": "p"}));
        let string = read(json!({"connection_string": "postgresql://u:p@h:5433/d"}));
        assert_eq!(spelled, string);
        let settings = spelled.expect("settings");
        assert_eq!(settings.place(), "postgres d at h:5433");
        assert!(!format!("{settings:?}").contains("\"p\""));
    }

    #[test]
    fn encryption_is_as_strict_as_it_is_said() {
        let root = || Some("ca.pem".to_owned());
        for (params, mode, tls) in [
            (json!({"host": "h", "user": "u"}), SslMode::Prefer, Tls::Unverified),
            (json!({"host": "h", "user": "u", "sslmode": "disable"}), SslMode::Disable, Tls::Unverified),
            (
                json!({"url": "postgres://u@h/d?sslmode=verify-full", "sslrootcert": "ca.pem"}),
                SslMode::Require,
                Tls::VerifyFull { root: root() },
            ),
            (
                json!({"url": "postgres://u@h/d?sslmode=require", "sslmode": "verify-ca"}),
                SslMode::Require,
                Tls::VerifyCa { root: None },
            ),
        ] {
            let settings = read(params).expect("settings");
            assert_eq!((settings.config.get_ssl_mode(), settings.tls), (mode, tls));
        }
    }

    #[test]
    fn every_server_that_may_be_connected_to_is_known() {
        for (params, expected) in [
            (json!({"host": "h", "user": "u"}), &["h"][..]),
            (json!({"url": "postgres://u@a:1,b:2/d"}), &["a", "b"]),
            (json!({"url": "host=a hostaddr=10.0.0.1 user=u"}), &["a", "10.0.0.1"]),
            (json!({"url": "hostaddr=::1 user=u"}), &["::1"]),
            (json!({"url": "postgres://u@a/d", "host": "b"}), &["a", "b"]),
            (json!({"host": "/run/postgresql", "user": "u"}), &["/run/postgresql"]),
        ] {
            assert_eq!(read(params.clone()).expect("settings").hosts(), expected, "{params}");
        }
    }

    #[test]
    fn what_is_unusable_is_named_and_not_shown() {
        for (params, expected) in [
            (
                json!({"user": "u"}),
                "the parameter `host` of a postgres connector is unusable: expected the server's name",
            ),
            (
                json!({"host": "h"}),
                "the parameter `user` of a postgres connector is unusable: expected the name of a role",
            ),
            (
                json!({"connection_string": "hunter2"}),
                "the parameter `connection_string` of a postgres connector is unusable: expected \
                 postgresql://user:password@host:port/database",
            ),
            (
                json!({"host": "h", "user": "u", "port": 70000}),
                "the parameter `port` of a postgres connector is unusable: expected a number up to 65535",
            ),
            (
                json!({"host": "h", "user": "u", "timeout_seconds": "soon"}),
                "the parameter `timeout_seconds` of a postgres connector is unusable: expected a number of seconds",
            ),
        ] {
            assert_eq!(read(params).expect_err("unusable"), expected);
        }
    }
}
