use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

use super::addresses::{effective, is_public};
use super::{HostPattern, NetworkRefusal, Route};

/// What of the network a project may reach, as its configuration says. By default all but private addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// The only hosts that may be asked; any where there is no list.
    hosts: Option<Vec<HostPattern>>,
    /// Private addresses that may be asked all the same.
    private: Vec<PrivateGrant>,
    /// What is asked in the place of hosts.
    proxy: Option<Url>,
    /// Hosts that are asked themselves, although there is a proxy.
    direct: Vec<HostPattern>,
    /// The file of the project with authorities that are believed beside the public ones.
    authorities: Option<String>,
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

    /// Sends all requests through a proxy: `http://proxy.example:3128`. Its address is granted by that, private or not.
    ///
    /// # Errors
    /// What is expected, where the text is no such address.
    pub fn with_proxy(mut self, address: &str) -> Result<Self, &'static str> {
        let expected = "an address such as http://proxy.example.com:3128, without credentials and without a path";
        let url = Url::parse(address.trim()).map_err(|_| expected)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_open = url.username().is_empty() && url.password().is_none();
        if !is_bare || !is_open || !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(expected);
        }
        self.proxy = Some(url);
        Ok(self)
    }

    /// Sends requests to these hosts through no proxy.
    #[must_use]
    pub fn with_direct(mut self, hosts: impl IntoIterator<Item = HostPattern>) -> Self {
        self.direct.extend(hosts);
        self
    }

    /// Believes the authorities whose certificates are in a file of the project, beside those that certify public servers.
    #[must_use]
    pub fn with_authorities(mut self, place: &str) -> Self {
        self.authorities = Some(place.to_owned());
        self
    }

    pub(super) fn proxy(&self) -> Option<&Url> {
        self.proxy.as_ref()
    }

    pub(super) fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }

    /// How requests to an address go. Private addresses that stand in the place of a name are asked themselves: a proxy's
    /// `127.0.0.1` is another one.
    pub(super) fn route(&self, url: &Url) -> Route {
        let port = url.port_or_known_default().unwrap_or(443);
        let is_private = match url.host() {
            Some(Host::Ipv4(address)) => !is_public(effective(address.into())),
            Some(Host::Ipv6(address)) => !is_public(effective(address.into())),
            Some(Host::Domain(_)) | None => false,
        };
        let is_named = url.host().is_some_and(|host| self.direct.iter().any(|pattern| pattern.matches(&host)));
        if self.proxy.is_none() || is_private || is_named { Route::Direct { port } } else { Route::Proxy }
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
        if self.route(url) == Route::Proxy && self.hosts.is_none() {
            return Err(NetworkRefusal::UnlistedBehindProxy { host: host.to_string() });
        }
        match host {
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check_address(url.host_str().unwrap_or_default(), (address, port).into()),
            Host::Ipv6(address) => self.check_address(url.host_str().unwrap_or_default(), (address, port).into()),
        }
    }

    /// Looks at the host of a server that is no web's before it is connected to. Only the list counts: servers of databases
    /// stand in private networks.
    ///
    /// # Errors
    /// When there is a list of hosts, and it is not on it.
    pub fn check_server(&self, host: &str) -> Result<(), NetworkRefusal> {
        if self.hosts.is_none() {
            return Ok(());
        }
        let unlisted = |_| NetworkRefusal::UnlistedHost { host: host.to_owned() };
        // An address of IPv6 has no brackets here.
        let parsed = host.parse().map(Host::Ipv6).or_else(|_| Host::parse(host)).map_err(unlisted)?;
        match &parsed {
            Host::Domain(name) => self.check_host(&Host::Domain(name)),
            Host::Ipv4(address) => self.check_host(&Host::Ipv4(*address)),
            Host::Ipv6(address) => self.check_host(&Host::Ipv6(*address)),
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
    fn servers_of_databases_are_those_of_the_list_where_there_is_one() {
        for (hosts, server, expected) in [
            (&[][..], "10.0.0.1", true),
            (&[], "/run/postgresql", true),
            (&["db.example.com", "*.intern"], "db.example.com", true),
            (&["db.example.com", "*.intern"], "DB.example.com.", true),
            (&["db.example.com", "*.intern"], "pg.intern", true),
            (&["db.example.com", "*.intern"], "evil.org", false),
            (&["db.example.com", "*.intern"], "127.0.0.1", false),
            (&["db.example.com", "*.intern"], "/run/postgresql", false),
            (&["127.0.0.1", "::1"], "127.0.0.1", true),
            (&["127.0.0.1", "::1"], "::1", true),
            (&["127.0.0.1", "::1"], "localhost", false),
        ] {
            assert_eq!(policy(hosts, &[]).check_server(server).is_ok(), expected, "{hosts:?} {server}");
        }
    }

    #[test]
    fn behind_a_proxy_only_listed_hosts_are_asked_and_private_addresses_not_through_it() {
        let behind = |hosts: &[&str], private: &[&str]| {
            let policy = policy(hosts, private).with_proxy("http://10.0.0.5:3128").expect("an address");
            policy.with_direct(["*.intern.example".parse().expect("a pattern")])
        };
        let listed = &["*.example.com", "8.8.8.8", "127.0.0.1", "a.intern.example"][..];
        for (hosts, url, expected) in [
            (listed, "https://api.example.com/", Ok(Route::Proxy)),
            (listed, "http://8.8.8.8/", Ok(Route::Proxy)),
            (listed, "http://a.intern.example:81/", Ok(Route::Direct { port: 81 })),
            (listed, "http://127.0.0.1:9000/", Ok(Route::Direct { port: 9000 })),
            (listed, "http://127.0.0.1/", Err("the host `127.0.0.1` is at the private address 127.0.0.1:80")),
            (listed, "https://evil.org/", Err("the host `evil.org` is not among those that the project may reach")),
            (
                &[],
                "https://api.example.com/",
                Err("the host `api.example.com` would be looked for by the proxy, where nobody sees its address"),
            ),
            (&[], "https://a.intern.example/", Ok(Route::Direct { port: 443 })),
            (&[], "http://127.0.0.1:9000/", Ok(Route::Direct { port: 9000 })),
        ] {
            let (policy, url) = (behind(hosts, &["127.0.0.1:9000"]), Url::parse(url).expect("an address"));
            let found = policy.check(&url).map(|()| policy.route(&url)).map_err(|refusal| refusal.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{url}");
        }
        for text in ["proxy:3128", "ftp://proxy", "http://u:secret@proxy", "http://proxy/path", ""] {
            assert!(NetworkPolicy::default().with_proxy(text).is_err_and(|words| !words.contains("secret")), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_grants_nothing() {
        for text in ["", "localhost", "localhost:9000", "10.0.0.0/33", "127.0.0.1:99999"] {
            assert!(NetworkPolicy::default().with_private(text).is_err(), "{text}");
        }
    }
}
