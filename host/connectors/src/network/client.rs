//! Clients of HTTP that stay within the policy.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::redirect;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::resolver::GuardedResolver;
use super::{Lookup, NetworkPolicy, NetworkRefusal, SystemLookup};
use crate::ConnectorError;

/// How long is waited for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// The network, as far as a project may reach it. Cheap to clone.
#[derive(Clone)]
pub struct Network {
    policy: Arc<NetworkPolicy>,
    lookup: Arc<dyn Lookup>,
}

impl Network {
    /// The network within a policy.
    pub fn new(policy: NetworkPolicy) -> Self {
        Self { policy: Arc::new(policy), lookup: Arc::new(SystemLookup) }
    }

    /// Names mean what `lookup` says, rather than what the system does.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Arc<dyn Lookup>) -> Self {
        self.lookup = lookup;
        self
    }

    /// Looks at an address of the web. A client does not do it for an address without a name, so it has to be done before
    /// each request, and for each redirect that is followed.
    ///
    /// # Errors
    /// Why it may not be asked.
    pub fn check(&self, url: &Url) -> Result<(), NetworkRefusal> {
        self.policy.check(url)
    }

    /// A client for requests to the port of `url`, as it may be adjusted: encrypted by the library that connections to
    /// databases have, with the authorities that certify public servers. It follows no redirect, repeats nothing, unpacks
    /// nothing, and asks no proxy that the environment names, behind which nobody would see where requests go.
    ///
    /// # Errors
    /// Why `url` may not be asked; the system's, where there is no encryption.
    pub fn client(&self, url: &Url) -> Result<ClientBuilder, ConnectorError> {
        self.check(url)?;
        let resolver = GuardedResolver {
            policy: Arc::clone(&self.policy),
            lookup: Arc::clone(&self.lookup),
            port: url.port_or_known_default().unwrap_or(443),
        };
        Ok(ClientBuilder::new()
            .tls_backend_preconfigured(encryption()?)
            .dns_resolver(Arc::new(resolver))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("duckpen/", env!("CARGO_PKG_VERSION"))))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Network").field(&self.policy).finish()
    }
}

fn encryption() -> Result<ClientConfig, ConnectorError> {
    let mut authorities = RootCertStore::empty();
    authorities.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectorError::Host(format!("no encryption: {error}")))?;
    let mut config = builder.with_root_certificates(authorities).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
