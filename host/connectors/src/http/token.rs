//! Tokens that are asked for: the client-credentials grant of OAuth 2.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

/// A token is renewed so long before it runs out: one that is sent is to be good when it arrives.
const MARGIN: Duration = Duration::from_secs(30);
/// The longest that a token is believed to be good: what a server says beyond is not checked.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// How a token is asked for. Its credentials are secret.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// The address that gives tokens.
    pub url: Url,
    /// Who asks.
    pub client_id: String,
    /// What shows it.
    pub client_secret: String,
    /// What for; the server's default where it is not said.
    pub scope: Option<String>,
}

/// The token that is in use.
#[derive(Default)]
pub(super) struct TokenSlot {
    /// Locked while one is asked for, so that several requests ask once.
    pub(super) token: Mutex<Option<Token>>,
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    good_until: Option<Instant>,
}

/// What a server answers.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<f64>,
}

impl Token {
    pub(super) fn of_answer(answer: &[u8]) -> Option<Self> {
        let TokenAnswer { access_token: text, expires_in } = serde_json::from_slice(answer).ok()?;
        let life = expires_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let good_until = life.map(|life| Instant::now() + life.min(LONGEST).saturating_sub(MARGIN));
        (!text.is_empty()).then_some(Self { text, good_until })
    }

    pub(super) fn is_good(&self) -> bool {
        self.good_until.is_none_or(|until| Instant::now() < until)
    }
}
