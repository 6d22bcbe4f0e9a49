//! Functions that hide who somebody is.

use duckpen::{Error, ErrorKind};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of a pseudonym: two of a million customers share one once in 37 million tables.
const LENGTH: usize = 8;

/// A name for a text that tells nothing about it without the key: the first 16 hexadecimal digits of HMAC-SHA256.
#[duckpen::function]
pub fn pseudonym(text: &str, key: &str) -> Result<String, Error> {
    if key.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "the key of a pseudonym is empty"));
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|error| error.to_string())?;
    mac.update(text.as_bytes());
    Ok(hexadecimal(&mac.finalize().into_bytes()[..LENGTH]))
}

/// What is behind the last `@` of an address, in lower case; NULL for what is not an address.
#[duckpen::function]
pub fn domain_of(email: &str) -> Option<String> {
    match email.rsplit_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => Some(domain.to_lowercase()),
        _ => None,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

duckpen::functions!(pseudonym, domain_of);

#[cfg(test)]
mod tests {
    use super::*;

    /// The second test case of RFC 4231.
    #[test]
    fn a_pseudonym_is_the_beginning_of_the_hmac() {
        assert_eq!(pseudonym("what do ya want for nothing?", "Jefe").unwrap(), "5bdcc146bf60754e");
    }

    #[test]
    fn another_key_gives_another_pseudonym_and_no_key_gives_none() {
        assert_ne!(pseudonym("ann@example.org", "a").unwrap(), pseudonym("ann@example.org", "b").unwrap());
        assert_eq!(pseudonym("ann@example.org", "").unwrap_err().message, "the key of a pseudonym is empty");
    }

    #[test]
    fn only_an_address_has_a_domain() {
        for (email, domain) in [
            ("ann@Example.ORG", Some("example.org")),
            ("\"a@b\"@example.org", Some("example.org")),
            ("@example.org", None),
            ("ann@", None),
            ("nobody", None),
        ] {
            assert_eq!(domain_of(email).as_deref(), domain, "{email}");
        }
    }
}
