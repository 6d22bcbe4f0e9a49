//! Addresses, as far as a connector makes them; whether one is an address is the host's to judge.

use form_urlencoded::Serializer;

use crate::Error;

/// The address with further parameters of the query.
pub fn with_query<'a>(url: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(parameters);
    let query = query.finish();
    // What stands behind `#` is never sent.
    let url = url.split('#').next().unwrap_or_default();
    match (query.is_empty(), url.contains('?')) {
        (true, _) => url.to_owned(),
        (false, false) => format!("{url}?{query}"),
        (false, true) if url.ends_with(['?', '&']) => format!("{url}{query}"),
        (false, true) => format!("{url}&{query}"),
    }
}

/// The address up to its query, which may carry what nobody wants in a log.
pub fn without_query(url: &str) -> &str {
    &url[..url.find(['?', '#']).unwrap_or(url.len())]
}

/// The parameters of the query.
pub fn query(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Scheme, host and port: `https://shop.example:8443`; None where it is no address of http.
pub fn origin(url: &str) -> Option<&str> {
    let scheme = url
        .find("://")
        .filter(|end| url[..*end].eq_ignore_ascii_case("http") || url[..*end].eq_ignore_ascii_case("https"))?;
    let rest = &url[scheme + 3..];
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    (end > 0).then(|| &url[..scheme + 3 + end])
}

/// What a parameter of kind `url` says: an address, or a host alone, which is asked over https.
pub fn complete(address: &str) -> String {
    let address = address.trim();
    if address.contains("://") { address.to_owned() } else { format!("https://{address}") }
}

/// An address with a path behind it, with one `/` between them. The query of the address stays.
pub fn join(base: &str, path: &str) -> String {
    if path.is_empty() {
        return base.to_owned();
    }
    let (address, query) = match base.find(['?', '#']) {
        Some(end) => (&base[..end], &base[end..]),
        None => (base, ""),
    };
    let joined = format!("{}/{}", address.trim_end_matches('/'), path.trim_start_matches('/'));
    match (query.strip_prefix('?'), joined.contains('?')) {
        (Some(query), true) => format!("{joined}&{query}"),
        _ => joined + query,
    }
}

/// What `link` means where it stands in an answer of `base`; None where that cannot be said.
pub fn resolve(base: &str, link: &str) -> Option<String> {
    let origin = origin(base)?;
    let scheme = &origin[..origin.find("://")?];
    if self::origin(link).is_some() {
        return Some(link.to_owned());
    }
    if let Some(rest) = link.strip_prefix("//") {
        return self::origin(&format!("{scheme}://{rest}")).map(|_| format!("{scheme}://{rest}"));
    }
    if link.starts_with('/') {
        return Some(format!("{origin}{link}"));
    }
    let path = without_query(base);
    if link.starts_with('?') {
        return Some(format!("{path}{link}"));
    }
    let is_other_scheme = link.find(':').is_some_and(|colon| !link[..colon].contains(['/', '?', '#']));
    if link.is_empty() || is_other_scheme {
        return None;
    }
    let folder = match path[origin.len()..].rfind('/') {
        Some(slash) => &path[..origin.len() + slash],
        None => origin,
    };
    Some(format!("{folder}/{link}"))
}

/// The address of the next page, which a link in an answer of `base` leads to. It has to be of the same host, since it is
/// asked with the same credentials; an API behind a proxy may not know that it is asked over https.
///
/// # Errors
/// When it is no address, or one of another host.
pub fn next_page(base: &str, link: &str) -> Result<String, Error> {
    let wrong = |what: &str| {
        let link: String = without_query(link).chars().take(200).collect();
        Error::from(format!("the link to the next page, `{link}`, {what}"))
    };
    let resolved = resolve(base, link.trim()).ok_or_else(|| wrong("is no address"))?;
    let (home, there) = (origin(base).unwrap_or_default(), origin(&resolved).unwrap_or_default());
    if home.eq_ignore_ascii_case(there) {
        return Ok(resolved);
    }
    let over_https = format!("https{}", resolved.strip_prefix("http").unwrap_or_default());
    if origin(&over_https).is_some_and(|there| home.eq_ignore_ascii_case(there)) {
        return Ok(over_https);
    }
    Err(wrong("leads to another host").with_hint(format!("only pages of {home} are read")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_put_behind_those_that_are_there() {
        for (url, expected) in [
            ("https://a.example/x", "https://a.example/x?q=a+b%26c&n=1"),
            ("https://a.example/x?y=2", "https://a.example/x?y=2&q=a+b%26c&n=1"),
            ("https://a.example/x?", "https://a.example/x?q=a+b%26c&n=1"),
            ("https://a.example/x#part", "https://a.example/x?q=a+b%26c&n=1"),
        ] {
            assert_eq!(with_query(url, [("q", "a b&c"), ("n", "1")]), expected);
        }
        assert_eq!(with_query("https://a.example", []), "https://a.example");
        let parameters = query("https://a.example/x?q=a+b%26c&n=1#part");
        assert_eq!(parameters, [("q".to_owned(), "a b&c".to_owned()), ("n".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn links_mean_what_they_mean_in_a_browser() {
        let base = "https://a.example:8443/api/v1/orders?page=1";
        for (link, expected) in [
            ("https://b.example/x", Some("https://b.example/x")),
            ("//b.example/x", Some("https://b.example/x")),
            ("/x?page=2", Some("https://a.example:8443/x?page=2")),
            ("?page=2", Some("https://a.example:8443/api/v1/orders?page=2")),
            ("orders?page=2", Some("https://a.example:8443/api/v1/orders?page=2")),
            ("", None),
            ("mailto:duck@a.example", None),
            ("javascript:alert(1)", None),
            ("//", None),
        ] {
            assert_eq!(resolve(base, link).as_deref(), expected, "{link}");
        }
        assert_eq!(resolve("https://a.example", "x").as_deref(), Some("https://a.example/x"));
        assert_eq!(resolve("file:///etc", "/passwd"), None);
    }

    #[test]
    fn pages_of_another_host_are_not_asked_for() {
        let base = "https://a.example/x?page=1";
        for (link, expected) in [
            ("?page=2", Ok("https://a.example/x?page=2")),
            ("http://A.example/x?page=2", Ok("https://A.example/x?page=2")),
            (
                "https://b.example/x?key=1",
                Err("the link to the next page, `https://b.example/x`, leads to another host"),
            ),
            (
                "https://a.example:8443/",
                Err("the link to the next page, `https://a.example:8443/`, leads to another host"),
            ),
            (
                "https://a.example@b.example/",
                Err("the link to the next page, `https://a.example@b.example/`, leads to another host"),
            ),
            ("mailto:x", Err("the link to the next page, `mailto:x`, is no address")),
        ] {
            let found = next_page(base, link).map_err(|error| error.message);
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{link}");
        }
        assert!(
            next_page("http://a.example/", "https://a.example/").is_err(),
            "credentials of one are not those of the other"
        );
    }

    #[test]
    fn an_address_and_a_path_have_one_slash_between_them() {
        for (base, path, expected) in [
            ("https://a.example/", "/x", "https://a.example/x"),
            ("https://a.example/v1", "x/y", "https://a.example/v1/x/y"),
            ("https://a.example/v1?key=1", "x?y=2", "https://a.example/v1/x?y=2&key=1"),
            ("https://a.example/v1?key=1", "x", "https://a.example/v1/x?key=1"),
            ("https://a.example/v1", "", "https://a.example/v1"),
        ] {
            assert_eq!(join(base, path), expected);
        }
        assert_eq!((complete("a.example").as_str(), complete("http://a").as_str()), ("https://a.example", "http://a"));
    }

    #[test]
    fn an_origin_is_scheme_and_host() {
        for (url, expected) in [
            ("https://a.example/x", Some("https://a.example")),
            ("HTTP://a.example?x", Some("HTTP://a.example")),
            ("https://", None),
            ("ftp://a.example", None),
            ("a.example", None),
        ] {
            assert_eq!(origin(url), expected, "{url}");
        }
    }
}
