//! Secrets that a system repeats.

use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

/// Shorter ones would stand in texts by chance.
const SHORTEST: usize = 8;
const IN_PLACE: &[u8] = b"***";

/// Takes secrets out of what somebody is to see who may not know them.
#[derive(Default)]
pub(super) struct Redaction {
    /// In every form in which they may be repeated, long ones first.
    secrets: RwLock<Vec<Vec<u8>>>,
}

impl Redaction {
    /// Learns of a secret.
    pub(super) fn add(&self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let percent = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
        let json = serde_json::Value::from(secret).to_string();
        let forms = [
            secret.to_owned(),
            percent.replace('+', "%20"),
            percent,
            json.trim_matches('"').to_owned(),
            STANDARD.encode(secret),
        ];
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        secrets.extend(forms.into_iter().map(String::into_bytes));
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
    }

    /// Bytes without secrets.
    pub(super) fn applied(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for secret in self.secrets.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if memmem::find(&bytes, secret).is_none() {
                continue;
            }
            let mut kept = Vec::with_capacity(bytes.len());
            let mut from = 0;
            for at in memmem::find_iter(&bytes, secret) {
                kept.extend_from_slice(&bytes[from..at]);
                kept.extend_from_slice(IN_PLACE);
                from = at + secret.len();
            }
            kept.extend_from_slice(&bytes[from..]);
            bytes = kept;
        }
        bytes
    }

    /// Text without secrets.
    pub(super) fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.applied(text.as_bytes().to_vec())).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_in_every_form() {
        let redaction = Redaction::default();
        redaction.add("s3cret/\"pass word");
        redaction.add("short");
        for (text, expected) in [
            ("a s3cret/\"pass word b s3cret/\"pass word", "a *** b ***"),
            (r#"{"token": "s3cret/\"pass word"}"#, r#"{"token": "***"}"#),
            ("?t=s3cret%2F%22pass+word&x", "?t=***&x"),
            ("?t=s3cret%2F%22pass%20word&x", "?t=***&x"),
            ("Basic czNjcmV0LyJwYXNzIHdvcmQ=", "Basic ***"),
            ("short stays", "short stays"),
        ] {
            assert_eq!(redaction.text(text), expected, "{text}");
        }
    }
}
