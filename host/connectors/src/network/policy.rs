use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

use super::addresses::{effective, is_public};
use super::{HostPattern, NetworkRefusal};

/// What of the network a project may reach, as its configuration says. By default all but private addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// The only hosts that may be asked; any where there is no list.
    hosts: Option<Vec<HostPattern>>,
    /// Private addresses that may be asked all the same.
    private: Vec<PrivateGrant>,
}

/// Private addresses, on one port or on any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PrivateGrant {
    addresses: IpNet,
    port: Option<u16>,
}

impl NetworkPolicy {
    /// Restricts all to these hosts.
    #[must_use]
    pub fn with_hosts(mut self, hosts: impl IntoIterator<Item = HostPattern>) -> Self {
        self.hosts.get_or_insert_default().extend(hosts);
        self
    }

    /// Grants private addresses: `127.0.0.1`, `127.0.0.1:9000`, `[::1]:9000`, `10.0.0.0/8`.
    ///
    /// # Errors
    /// What is expected, where the text is none of these.
    pub fn with_private(mut self, addresses: &str) -> Result<Self, &'static str> {
        self.private.push(addresses.parse()?);
        Ok(self)
    }

    /// Looks at an address of the web before it is asked. Of a host that is a name it is seen when it is resolved where it
    /// leads.
    ///
    /// # Errors
    /// Why it may not be asked.
    pub fn check(&self, url: &Url) -> Result<(), NetworkRefusal> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(NetworkRefusal::Address { what: "it names no host" });
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NetworkRefusal::Address { what: "it begins neither with https: nor with http:" });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NetworkRefusal::Address { what: "it carries credentials, which have parameters of their own" });
        }
        self.check_host(&host)?;
        match host {
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check_address(url.host_str().unwrap_or_default(), (address, port).into()),
            Host::Ipv6(address) => self.check_address(url.host_str().unwrap_or_default(), (address, port).into()),
        }
    }

    fn check_host(&self, host: &Host<&str>) -> Result<(), NetworkRefusal> {
        match &self.hosts {
            Some(hosts) if !hosts.iter().any(|pattern| pattern.matches(host)) => {
                Err(NetworkRefusal::UnlistedHost { host: host.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// Whether a host's address may be connected to.
    pub(super) fn check_address(&self, host: &str, address: SocketAddr) -> Result<(), NetworkRefusal> {
        let (seen, port) = (effective(address.ip()), address.port());
        if is_public(seen) || self.private.iter().any(|grant| grant.covers(seen, port)) {
            return Ok(());
        }
        Err(NetworkRefusal::PrivateAddress { host: host.to_owned(), address: SocketAddr::new(seen, port) })
    }
}

impl PrivateGrant {
    fn covers(&self, address: IpAddr, port: u16) -> bool {
        self.addresses.contains(&address) && self.port.is_none_or(|granted| granted == port)
    }
}

impl FromStr for PrivateGrant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if let Ok(addresses) = text.parse::<IpNet>() {
            return Ok(Self { addresses, port: None });
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { addresses: effective(address).into(), port: None });
        }
        match text.parse::<SocketAddr>() {
            Ok(address) => Ok(Self { addresses: effective(address.ip()).into(), port: Some(address.port()) }),
            Err(_) => {
                Err("an address such as 127.0.0.1, one with a port such as 127.0.0.1:9000, or a network such as \
                           10.0.0.0/8")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(hosts: &[&str], private: &[&str]) -> NetworkPolicy {
        let mut policy = NetworkPolicy::default();
        if !hosts.is_empty() {
            policy = policy.with_hosts(hosts.iter().map(|host| host.parse().expect("a pattern")));
        }
        private.iter().fold(policy, |policy, address| policy.with_private(address).expect("an address"))
    }

    #[test]
    fn addresses_of_the_web_are_looked_at_before_they_are_asked() {
        let local = &["127.0.0.1:9000", "10.0.0.0/8", "::1"][..];
        for (hosts, private, url, expected) in [
            (&[][..], &[][..], "https://api.example.com/a", "asked"),
            (&[], &[], "http://93.184.216.34/", "asked"),
            (&[], &[], "http://127.0.0.1:9000/", "the host `127.0.0.1` is at the private address 127.0.0.1:9000"),
            (&[], &[], "http://0177.0.0.1/", "the host `127.0.0.1` is at the private address 127.0.0.1:80"),
            (&[], &[], "http://2130706433/", "the host `127.0.0.1` is at the private address 127.0.0.1:80"),
            (
                &[],
                &[],
                "http://169.254.169.254/latest",
                "the host `169.254.169.254` is at the private address 169.254.169.254:80",
            ),
            (
                &[],
                &[],
                "https://[::ffff:10.0.0.1]/",
                "the host `[::ffff:a00:1]` is at the private address 10.0.0.1:443",
            ),
            (&[], local, "http://127.0.0.1:9000/", "asked"),
            (&[], local, "http://[::ffff:127.0.0.1]:9000/", "asked"),
            (&[], local, "http://127.0.0.1:9001/", "the host `127.0.0.1` is at the private address 127.0.0.1:9001"),
            (&[], local, "https://10.200.0.1/", "asked"),
            (&[], local, "https://[::1]:1/", "asked"),
            (&["*.example.com"], local, "https://api.example.com/", "asked"),
            (
                &["*.example.com"],
                local,
                "https://evil.org/",
                "the host `evil.org` is not among those that the project may reach",
            ),
            (
                &["*.example.com"],
                local,
                "http://127.0.0.1:9000/",
                "the host `127.0.0.1` is not among those that the project may reach",
            ),
            (&[], &[], "ftp://example.com/", "an unusable address: it begins neither with https: nor with http:"),
            (&[], &[], "file:///etc/passwd", "an unusable address: it names no host"),
            (
                &[],
                &[],
                "https://u:p@example.com/",
                "an unusable address: it carries credentials, which have parameters of their own",
            ),
        ] {
            let checked = policy(hosts, private).check(&Url::parse(url).expect("an address"));
            let told = checked.map_or_else(|refusal| refusal.to_string(), |()| "asked".to_owned());
            assert_eq!(told, expected, "{url}");
        }
    }

    #[test]
    fn what_is_no_address_grants_nothing() {
        for text in ["", "localhost", "localhost:9000", "10.0.0.0/33", "127.0.0.1:99999"] {
            assert!(NetworkPolicy::default().with_private(text).is_err(), "{text}");
        }
    }
}
