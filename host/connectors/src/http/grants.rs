use url::{Host, Url};

use crate::network::{HostPattern, NetworkRefusal};

/// The hosts that one connector may ask, and those of them to which its credentials go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostGrants {
    connector: String,
    /// Hosts of addresses that its parameters have.
    own: Vec<Own>,
    /// Hosts that the configuration adds.
    further: Vec<HostPattern>,
}

/// A host of one of the connector's own addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Own {
    host: HostPattern,
    is_encrypted: bool,
}

impl HostGrants {
    /// For a connector of this name, which may ask nobody so far.
    pub fn new(connector: &str) -> Self {
        Self { connector: connector.to_owned(), ..Self::default() }
    }

    /// Grants the host of an address that stands in the connector's parameters.
    ///
    /// # Errors
    /// An address that no host could be asked by.
    pub fn with_address(mut self, address: &Url) -> Result<Self, NetworkRefusal> {
        let Some(host) = address.host() else { return Err(NetworkRefusal::Address { what: "it names no host" }) };
        self.own.push(Own { host: HostPattern::exactly(&host), is_encrypted: address.scheme() == "https" });
        Ok(self)
    }

    /// Grants hosts that the configuration adds.
    #[must_use]
    pub fn with_hosts(mut self, hosts: impl IntoIterator<Item = HostPattern>) -> Self {
        self.further.extend(hosts);
        self
    }

    /// Whether an address may be asked.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn check(&self, url: &Url) -> Result<(), NetworkRefusal> {
        let Some(host) = url.host() else { return Err(NetworkRefusal::Address { what: "it names no host" }) };
        let mut own = self.own.iter().filter(|own| own.host.matches(&host)).peekable();
        if own.peek().is_some() {
            // What is to be secret on its way there does not become readable because somebody leaves out a letter.
            return if url.scheme() == "https" || own.any(|own| !own.is_encrypted) {
                Ok(())
            } else {
                Err(NetworkRefusal::Address { what: "it is not encrypted, and the connector's own address is" })
            };
        }
        if self.further.iter().any(|pattern| pattern.matches(&host)) {
            return Ok(());
        }
        Err(NetworkRefusal::UngrantedHost { connector: self.connector.clone(), host: host.to_string() })
    }

    /// Whether the connector's credentials go to a host: to those of its own addresses, or to all that are granted where it
    /// has none.
    pub(super) fn gets_credentials(&self, host: &Host<&str>) -> bool {
        self.own.is_empty() || self.own.iter().any(|own| own.host.matches(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn a_connector_asks_the_hosts_of_its_addresses_and_those_that_are_added() {
        let grants = HostGrants::new("shop").with_address(&url("https://api.example.com/v1")).expect("a host");
        let grants = grants.with_hosts(["*.cdn.example".parse().expect("a pattern")]);
        for (asked, expected, credentials) in [
            ("https://api.example.com/v2/orders", "granted", true),
            ("https://api.example.com:8443/", "granted", true),
            ("https://eu.cdn.example/x", "granted", false),
            ("http://eu.cdn.example/x", "granted", false),
            (
                "http://api.example.com/v2",
                "an unusable address: it is not encrypted, and the connector's own address is",
                true,
            ),
            ("https://evil.org/", "the connector `shop` was not granted the host `evil.org`", false),
            (
                "https://api.example.com.evil.org/",
                "the connector `shop` was not granted the host `api.example.com.evil.org`",
                false,
            ),
        ] {
            let url = url(asked);
            let told = grants.check(&url).map_or_else(|refusal| refusal.to_string(), |()| "granted".to_owned());
            assert_eq!(told, expected, "{asked}");
            assert_eq!(grants.gets_credentials(&url.host().expect("a host")), credentials, "{asked}");
        }
    }

    #[test]
    fn without_an_address_of_its_own_all_granted_hosts_get_its_credentials() {
        let grants = HostGrants::new("hub").with_hosts(["api.hub.example".parse().expect("a pattern")]);
        let url = url("https://api.hub.example/");
        assert_eq!(grants.check(&url), Ok(()));
        assert!(grants.gets_credentials(&url.host().expect("a host")));
    }
}
