use std::fmt;

use crate::network::NetworkRefusal;
use crate::{RemoteError, RemoteFailure};

/// Longest message of a server that is told on.
const LONGEST_MESSAGE: usize = 300;

/// Why a request came to nothing. It goes through the library as the source of an error, and is found again there.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// The host may not be asked.
    Network(NetworkRefusal),
    /// There was no answer.
    Remote(RemoteError),
    /// The answer was a refusal.
    Refused(Refusal),
}

/// A refusal of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The API's word for it, where the answer has one: `NoSuchBucket`.
    pub(super) code: Option<String>,
    /// The server's words.
    pub(super) message: Option<String>,
}

impl Refusal {
    /// What an answer of this status says in its body.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let text = |name: &str| {
            let (_, rest) = body.split_once(&format!("<{name}>"))?;
            let (text, _) = rest.split_once(&format!("</{name}>"))?;
            let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_MESSAGE).collect();
            Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
        };
        Self { status, code: text("Code"), message: text("Message").filter(|text| !text.is_empty()) }
    }

    /// Which kind of failure it is.
    pub(super) fn kind(&self) -> RemoteFailure {
        match (self.code.as_deref(), self.status) {
            (Some("NoSuchBucket"), _) => RemoteFailure::NoSuchBucket,
            (Some("NoSuchUpload"), _) => RemoteFailure::NoSuchUpload,
            (Some("SlowDown" | "ServiceUnavailable" | "InternalError" | "RequestTimeout"), _) => RemoteFailure::Busy,
            (
                Some(
                    "InvalidAccessKeyId"
                    | "SignatureDoesNotMatch"
                    | "ExpiredToken"
                    | "InvalidToken"
                    | "TokenRefreshRequired"
                    | "AuthorizationHeaderMalformed"
                    | "MissingSecurityHeader",
                ),
                _,
            )
            | (_, 401) => RemoteFailure::Credentials,
            (_, 403) => RemoteFailure::Permission,
            (_, 404) => RemoteFailure::NoSuchObject,
            (_, 412) => RemoteFailure::Changed,
            (_, 408 | 429 | 500 | 502 | 503 | 504) => RemoteFailure::Busy,
            _ => RemoteFailure::Rejected,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, &self.code) {
            (Some(message), Some(code)) => write!(f, "{message} ({code})"),
            (None, Some(code)) => f.write_str(code),
            (Some(message), None) => f.write_str(message),
            (None, None) => write!(f, "status {}", self.status),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(refusal) => refusal.fmt(f),
            Self::Remote(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for Told {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_code_and_status() {
        let with = |code: &str| format!("<Error><Code>{code}</Code><Message>a &lt;b&gt;\n</Message></Error>");
        for (status, body, kind, words) in [
            (404, with("NoSuchBucket"), RemoteFailure::NoSuchBucket, "a <b> (NoSuchBucket)"),
            (404, with("NoSuchKey"), RemoteFailure::NoSuchObject, "a <b> (NoSuchKey)"),
            (404, with("NoSuchUpload"), RemoteFailure::NoSuchUpload, "a <b> (NoSuchUpload)"),
            (403, with("SignatureDoesNotMatch"), RemoteFailure::Credentials, "a <b> (SignatureDoesNotMatch)"),
            (403, with("AccessDenied"), RemoteFailure::Permission, "a <b> (AccessDenied)"),
            (503, with("SlowDown"), RemoteFailure::Busy, "a <b> (SlowDown)"),
            (400, with("EntityTooSmall"), RemoteFailure::Rejected, "a <b> (EntityTooSmall)"),
            (412, String::new(), RemoteFailure::Changed, "status 412"),
            (500, "<html>".to_owned(), RemoteFailure::Busy, "status 500"),
        ] {
            let refusal = Refusal::read(status, body.as_bytes());
            assert_eq!((refusal.kind(), refusal.to_string().as_str()), (kind, words), "{status} {body}");
        }
    }
}
