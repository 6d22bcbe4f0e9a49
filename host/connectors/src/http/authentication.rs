use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::TokenGrant;
use super::redaction::Redaction;
use crate::ConnectorError;

/// How a request shows who asks. It has no `Debug`: its values are secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Authentication {
    /// `Authorization: Bearer TOKEN`
    Bearer(String),
    /// `Authorization: Basic ...`: user and password.
    Basic(String, String),
    /// A header of this name, with this value.
    Header(String, String),
    /// A parameter of the query of this name, with this value.
    Query(String, String),
    /// A token that is asked for.
    ClientCredentials(TokenGrant),
}

/// What is put into requests.
pub(super) enum Credentials {
    None,
    Header(HeaderName, HeaderValue),
    Query(String, String),
    /// `Authorization: Bearer`, with a token that is asked for first.
    Token(TokenGrant),
}

impl Credentials {
    /// Makes ready what is put into requests, and tells `redaction` of all that is secret.
    pub(super) fn new(
        connector: &str,
        authentication: Option<&Authentication>,
        redaction: &Redaction,
    ) -> Result<Self, ConnectorError> {
        let bad = |parameter: &str, expected| ConnectorError::BadParameter {
            connector: connector.to_owned(),
            parameter: parameter.to_owned(),
            expected,
        };
        let value = |text: String| {
            let mut value =
                HeaderValue::try_from(text).map_err(|_| bad("authentication", "a value that a header can have"))?;
            value.set_sensitive(true);
            Ok::<_, ConnectorError>(value)
        };
        Ok(match authentication {
            None => Self::None,
            Some(Authentication::Bearer(token)) => {
                redaction.add(token);
                Self::Header(AUTHORIZATION, value(format!("Bearer {token}"))?)
            }
            Some(Authentication::Basic(user, password)) => {
                redaction.add(password);
                redaction.add(&encoded(user, password));
                Self::Header(AUTHORIZATION, basic(user, password)?)
            }
            Some(Authentication::Header(name, secret)) => {
                redaction.add(secret);
                let name = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| bad("authentication", "the name of a header"))?;
                Self::Header(name, value(secret.clone())?)
            }
            Some(Authentication::Query(name, secret)) => {
                redaction.add(secret);
                Self::Query(name.clone(), secret.clone())
            }
            Some(Authentication::ClientCredentials(grant)) => {
                redaction.add(&grant.client_secret);
                redaction.add(&encoded(&grant.client_id, &grant.client_secret));
                Self::Token(grant.clone())
            }
        })
    }

    /// The header that nobody else may set.
    pub(super) fn reserved(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name, _) => Some(name),
            _ => None,
        }
    }

    /// Puts them into a request. `token` is the one that was asked for, where one is.
    pub(super) fn put(
        &self,
        url: &mut Url,
        headers: &mut HeaderMap,
        token: Option<&str>,
    ) -> Result<(), ConnectorError> {
        match self {
            Self::None => {}
            Self::Header(name, value) => {
                headers.insert(name.clone(), value.clone());
            }
            Self::Query(name, value) => {
                url.query_pairs_mut().append_pair(name, value);
            }
            Self::Token(_) => {
                let text = format!("Bearer {}", token.unwrap_or_default());
                let mut value = HeaderValue::try_from(text)
                    .map_err(|_| ConnectorError::Host("a token that no header can have".to_owned()))?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        Ok(())
    }
}

/// The value of `Authorization` for a user and a password.
pub(super) fn basic(user: &str, password: &str) -> Result<HeaderValue, ConnectorError> {
    let mut value = HeaderValue::try_from(format!("Basic {}", encoded(user, password)))
        .map_err(|_| ConnectorError::Host("a password that no header can have".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn encoded(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}
