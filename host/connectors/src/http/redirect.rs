//! Redirects: which are followed.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::HttpMethod;

/// Redirects that are followed one after the other.
pub(super) const MOST: usize = 5;

/// Where a response sends who asked, if it is followed there: within the same host, and never out of encryption. A request
/// that changes something is only followed where it stays what it is. All others are responses like any other.
pub(super) fn followed(from: &Url, method: HttpMethod, status: StatusCode, headers: &HeaderMap) -> Option<Url> {
    let keeps_method = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let may_change = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER);
    if !(keeps_method || may_change && method.is_safe()) {
        return None;
    }
    let mut to = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    to.set_fragment(None);
    let is_same = to.scheme() == from.scheme() && to.port_or_known_default() == from.port_or_known_default();
    let becomes_encrypted = from.scheme() == "http" && to.scheme() == "https";
    let has_credentials = !to.username().is_empty() || to.password().is_some();
    (to.host() == from.host() && (is_same || becomes_encrypted) && !has_credentials).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_followed_within_a_host() {
        use HttpMethod::{Get, Post};
        for (from, method, status, location, expected) in [
            ("https://a.example/x", Get, 302, "/y?z=1#f", Some("https://a.example/y?z=1")),
            ("https://a.example/x", Get, 301, "https://a.example:443/y", Some("https://a.example/y")),
            ("http://a.example/x", Get, 301, "https://a.example/x", Some("https://a.example/x")),
            ("https://a.example/x", Get, 301, "http://a.example/x", None),
            ("https://a.example/x", Get, 302, "https://b.example/x", None),
            ("https://a.example/x", Get, 302, "//169.254.169.254/x", None),
            ("https://a.example/x", Get, 302, "https://a.example:8443/x", None),
            ("https://a.example/x", Get, 302, "https://u:p@a.example/x", None),
            ("https://a.example/x", Get, 302, "file:///etc/passwd", None),
            ("https://a.example/x", Get, 304, "/y", None),
            ("https://a.example/x", Post, 303, "/y", None),
            ("https://a.example/x", Post, 302, "/y", None),
            ("https://a.example/x", Post, 307, "/y", Some("https://a.example/y")),
            ("https://a.example/x", Post, 308, "/y", Some("https://a.example/y")),
        ] {
            let headers = HeaderMap::from_iter([(LOCATION, location.parse().expect("a value"))]);
            let url = Url::parse(from).expect("an address");
            let status = StatusCode::from_u16(status).expect("a status");
            let to = followed(&url, method, status, &headers);
            assert_eq!(to.as_ref().map(Url::as_str), expected, "{from} {status} {location}");
        }
        let url = Url::parse("https://a.example/x").expect("an address");
        assert_eq!(followed(&url, Get, StatusCode::FOUND, &HeaderMap::new()), None);
    }
}
