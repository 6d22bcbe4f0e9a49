//! Clients of HTTP that stay within the policy.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use reqwest::{ClientBuilder, Proxy};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::resolver::{GuardedResolver, ProxyResolver};
use super::{Lookup, NetworkPolicy, NetworkRefusal, Route, SystemLookup};
use crate::{ConnectorError, ProjectFiles};

/// How long is waited for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// The network, as far as a project may reach it. Cheap to clone.
#[derive(Clone)]
pub struct Network {
    policy: Arc<NetworkPolicy>,
    lookup: Arc<dyn Lookup>,
    /// Where the file of authorities lies.
    files: Option<Arc<ProjectFiles>>,
}

impl Network {
    /// The network within a policy.
    pub fn new(policy: NetworkPolicy) -> Self {
        Self { policy: Arc::new(policy), lookup: Arc::new(SystemLookup), files: None }
    }

    /// Names mean what `lookup` says, rather than what the system does.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Arc<dyn Lookup>) -> Self {
        self.lookup = lookup;
        self
    }

    /// The file of authorities that the policy names is one of these.
    #[must_use]
    pub fn with_files(mut self, files: Arc<ProjectFiles>) -> Self {
        self.files = Some(files);
        self
    }

    /// How requests to an address go. Clients that [`client`](Self::client) gives are for all addresses of one route.
    pub fn route(&self, url: &Url) -> Route {
        self.policy.route(url)
    }

    /// Looks at an address of the web. A client does not do it for an address without a name, so it has to be done before
    /// each request, and for each redirect that is followed.
    ///
    /// # Errors
    /// Why it may not be asked.
    pub fn check(&self, url: &Url) -> Result<(), NetworkRefusal> {
        self.policy.check(url)
    }

    /// Looks at the host of a server that is no web's before it is connected to.
    ///
    /// # Errors
    /// Why it may not be.
    pub fn check_server(&self, host: &str) -> Result<(), NetworkRefusal> {
        self.policy.check_server(host)
    }

    /// A client for requests that go as those to `url`, as it may be adjusted: encrypted by the library that connections to
    /// databases have, with the authorities that certify public servers and those that the policy names. It follows no
    /// redirect, repeats nothing, unpacks nothing, and asks no proxy but the policy's: behind one that the environment names
    /// nobody would see where requests go.
    ///
    /// # Errors
    /// Why `url` may not be asked; what is wrong with the file of authorities; the system's, where there is no encryption.
    pub fn client(&self, url: &Url) -> Result<ClientBuilder, ConnectorError> {
        self.check(url)?;
        let lookup = Arc::clone(&self.lookup);
        let builder = ClientBuilder::new().no_proxy();
        let builder = match (self.route(url), self.policy.proxy()) {
            (Route::Proxy, Some(proxy)) => {
                let port = proxy.port_or_known_default().unwrap_or(80);
                let broken = |error: reqwest::Error| ConnectorError::Host(format!("no proxy: {error}"));
                let proxy = Proxy::all(proxy.clone()).map_err(broken)?;
                builder.proxy(proxy).dns_resolver(Arc::new(ProxyResolver { lookup, port }))
            }
            (Route::Direct { port }, _) => {
                let policy = Arc::clone(&self.policy);
                builder.dns_resolver(Arc::new(GuardedResolver { policy, lookup, port }))
            }
            (Route::Proxy, None) => return Err(ConnectorError::Host("there is no proxy".to_owned())),
        };
        Ok(builder
            .tls_backend_preconfigured(self.encryption()?)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("duckpen/", env!("CARGO_PKG_VERSION"))))
    }

    fn encryption(&self) -> Result<ClientConfig, ConnectorError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| ConnectorError::Host(format!("no encryption: {error}")))?;
        let mut config = builder.with_root_certificates(self.authorities()?).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Those that certify public servers, and those of the project's file.
    fn authorities(&self) -> Result<RootCertStore, ConnectorError> {
        let mut store = RootCertStore::empty();
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let Some(place) = self.policy.authorities() else { return Ok(store) };
        let unusable = || ConnectorError::BadAuthorities { place: place.to_owned() };
        let files = self.files.as_ref().ok_or_else(unusable)?;
        let public = store.len();
        for certificate in CertificateDer::pem_slice_iter(files.read_text(place)?.as_bytes()) {
            store.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
        }
        if store.len() == public { Err(unusable()) } else { Ok(store) }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Network").field(&self.policy).finish()
    }
}
