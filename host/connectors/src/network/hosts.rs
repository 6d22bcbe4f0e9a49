use std::fmt;
use std::str::FromStr;

use url::Host;

/// A host, or all below one: `api.example.com`, `*.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    host: Host,
    /// Whether it stands for the hosts below, and not for itself.
    is_parent: bool,
}

/// A text that is no pattern of hosts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither a host such as api.example.com nor a pattern such as *.example.com")]
pub struct PatternError {
    text: String,
}

impl HostPattern {
    /// The host of an address of the web, itself.
    pub fn exactly(host: &Host<&str>) -> Self {
        Self { host: host.to_owned(), is_parent: false }
    }

    /// Whether it stands for a host.
    pub fn matches(&self, host: &Host<&str>) -> bool {
        match (&self.host, host) {
            (Host::Domain(own), Host::Domain(host)) => {
                // A name with a dot at its end is the same name.
                let (own, host) = (own.trim_end_matches('.'), host.trim_end_matches('.'));
                if self.is_parent {
                    host.strip_suffix(own)
                        .and_then(|below| below.strip_suffix('.'))
                        .is_some_and(|name| !name.is_empty())
                } else {
                    own == host
                }
            }
            (Host::Ipv4(own), Host::Ipv4(host)) => own == host,
            (Host::Ipv6(own), Host::Ipv6(host)) => own == host,
            _ => false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let error = || PatternError { text: text.to_owned() };
        let (name, is_parent) = match text.trim().strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text.trim(), false),
        };
        // Of IPv6 the brackets belong to the address of the web, and may be left out here.
        let host = match name.parse() {
            Ok(address) => Host::Ipv6(address),
            Err(_) => Host::parse(name).map_err(|_| error())?,
        };
        let is_name = matches!(&host, Host::Domain(name) if !name.contains('*'));
        if !is_name && (is_parent || matches!(&host, Host::Domain(_))) {
            return Err(error());
        }
        Ok(Self { host, is_parent })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = if self.is_parent { "*." } else { "" };
        write!(f, "{below}{}", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text).expect("a host")
    }

    fn borrowed(host: &Host) -> Host<&str> {
        match host {
            Host::Domain(name) => Host::Domain(name),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        }
    }

    #[test]
    fn patterns_stand_for_hosts_and_for_all_below_them() {
        for (pattern, asked, expected) in [
            ("api.example.com", "api.example.com", true),
            ("API.Example.com", "api.example.COM.", true),
            ("api.example.com", "example.com", false),
            ("api.example.com", "api.example.com.evil.org", false),
            ("*.example.com", "api.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "evilexample.com", false),
            ("bücher.example", "xn--bcher-kva.example", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "0x7f.1", true),
            ("::1", "[::1]", true),
            ("127.0.0.1", "localhost", false),
        ] {
            let pattern: HostPattern = pattern.parse().expect("a pattern");
            assert_eq!(pattern.matches(&borrowed(&host(asked))), expected, "{pattern} {asked}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in
            ["", "*", "*.", "a.*.com", "https://example.com", "example.com/path", "example.com:443", "*.127.0.0.1"]
        {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }
}
