//! Headers in both directions.

use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use super::redaction::Redaction;

/// Headers that a request may have.
const MOST: usize = 100;
/// Bytes of all names and values together.
const MOST_BYTES: usize = 64 << 10;
/// Those that the host or the protocol sets.
const HOSTS_OWN: [HeaderName; 10] =
    [ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// The headers that were asked for, if they are fit to be sent. `reserved` is that of the authentication.
///
/// # Errors
/// Which header is refused, and why.
pub(super) fn checked(given: &[(String, String)], reserved: Option<&HeaderName>) -> Result<HeaderMap, String> {
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if given.len() > MOST || bytes > MOST_BYTES {
        return Err(format!(
            "{} headers of {bytes} bytes, where at most {MOST} of {MOST_BYTES} bytes are sent",
            given.len()
        ));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 2);
    for (name, value) in given {
        let shown = || name.escape_debug().take(60).collect::<String>();
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{}` is no header", shown()))?;
        if HOSTS_OWN.contains(&known) || known.as_str().starts_with("proxy-") || Some(&known) == reserved {
            return Err(format!("the header `{known}` is set by the host"));
        }
        let value = HeaderValue::from_str(value).map_err(|_| format!("the header `{known}` has an unusable value"))?;
        headers.append(known, value);
    }
    Ok(headers)
}

/// The headers of a response, without secrets.
pub(super) fn disclosed(headers: &HeaderMap, redaction: &Redaction) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = redaction.applied(value.as_bytes().to_vec());
            (name.as_str().to_owned(), String::from_utf8_lossy(&value).into_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_sets_cannot_be_set() {
        let reserved = HeaderName::from_static("x-key");
        for (name, value, expected) in [
            ("Accept", "application/json", None),
            ("X-Custom", "1", None),
            ("Host", "evil.org", Some("the header `host` is set by the host")),
            ("content-length", "0", Some("the header `content-length` is set by the host")),
            ("Transfer-Encoding", "chunked", Some("the header `transfer-encoding` is set by the host")),
            ("Authorization", "Bearer x", Some("the header `authorization` is set by the host")),
            ("Proxy-Authorization", "x", Some("the header `proxy-authorization` is set by the host")),
            ("X-Key", "x", Some("the header `x-key` is set by the host")),
            ("a b", "x", Some("`a b` is no header")),
            ("x", "a\r\nHost: evil.org", Some("the header `x` has an unusable value")),
        ] {
            let outcome = checked(&[(name.to_owned(), value.to_owned())], Some(&reserved));
            assert_eq!(outcome.err().as_deref(), expected, "{name}");
        }
        let many = vec![("x".to_owned(), "y".to_owned()); 101];
        assert!(checked(&many, None).is_err());
    }
}
