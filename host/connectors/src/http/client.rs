//! Makes requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::runtime::Handle;
use url::Url;

use super::authentication::{Credentials, basic};
use super::body::{self, BodyError};
use super::diagnosis::{Failed, busy, explain, no_token, timed_out, unusable};
use super::headers;
use super::redaction::Redaction;
use super::redirect;
use super::token::{Token, TokenSlot};
use super::{Authentication, HostGrants, HttpMethod, HttpRequest, HttpResponse, HttpSettings, TokenGrant};
use crate::ConnectorError;
use crate::network::{Network, Route};
use crate::resilience::{ConnectorObserver, Guard};
use crate::rows::Cancel;

/// Bytes of a response that is an error, of which a message shows the beginning.
const ERROR_BYTES: u64 = 64 << 10;

/// What requests of one connector are made of.
pub struct HttpParts<'a> {
    /// The name of the connector: `shopify`.
    pub connector: &'a str,
    /// What is asked, without credentials, for messages: `shopify at quack.example`.
    pub place: String,
    /// How far the network may be reached.
    pub network: Network,
    /// The hosts that may be asked.
    pub grants: HostGrants,
    /// How requests show who asks.
    pub authentication: Option<Authentication>,
    /// Further values that no response is to repeat.
    pub secrets: Vec<String>,
    /// Times, sizes and patience.
    pub settings: HttpSettings,
    /// Learns of pauses and retries.
    pub observer: Arc<dyn ConnectorObserver>,
    /// Where connections live.
    pub runtime: Handle,
}

/// Makes the requests of one configured connector.
pub struct HttpClient {
    network: Network,
    grants: HostGrants,
    settings: HttpSettings,
    credentials: Credentials,
    redaction: Redaction,
    token: TokenSlot,
    guard: Guard,
    /// With their connections, by the way that requests go.
    clients: Mutex<HashMap<Route, Client>>,
    runtime: Handle,
}

/// A request that may be sent, several times if need be.
struct Prepared<'a> {
    method: HttpMethod,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    given: &'a HttpRequest,
}

impl HttpClient {
    /// A client that has asked nobody yet.
    ///
    /// # Errors
    /// Credentials that no request could carry.
    pub fn new(parts: HttpParts<'_>) -> Result<Self, ConnectorError> {
        let redaction = Redaction::default();
        parts.secrets.iter().for_each(|secret| redaction.add(secret));
        let credentials = Credentials::new(parts.connector, parts.authentication.as_ref(), &redaction)?;
        Ok(Self {
            network: parts.network,
            grants: parts.grants,
            credentials,
            redaction,
            token: TokenSlot::default(),
            guard: Guard::new(parts.place, parts.settings.policy.clone(), parts.observer),
            settings: parts.settings,
            clients: Mutex::default(),
            runtime: parts.runtime,
        })
    }

    /// What is asked, without credentials.
    pub fn place(&self) -> &str {
        self.guard.place()
    }

    /// A text without the connector's secrets.
    pub fn redacted(&self, text: &str) -> String {
        self.redaction.text(text)
    }

    /// Makes a request, from a thread that may block and for no longer than `within`. What may pass is tried again where that
    /// does no harm.
    ///
    /// # Errors
    /// A request that may not be made; what remains of what may pass: a connection that breaks, no answer in time, the
    /// statuses 429, 502, 503 and 504. Any other status is a response.
    pub fn send(
        &self,
        request: &HttpRequest,
        cancel: &Cancel,
        within: Duration,
    ) -> Result<HttpResponse, ConnectorError> {
        let answered = async {
            let answer = tokio::time::timeout(within, self.send_within(request, cancel)).await;
            answer.unwrap_or_else(|_| Err(timed_out(self.place(), within)))
        };
        self.runtime.block_on(answered)
    }

    /// As [`send`](Self::send), from a task.
    ///
    /// # Errors
    /// As of `send`.
    pub async fn send_within(&self, request: &HttpRequest, cancel: &Cancel) -> Result<HttpResponse, ConnectorError> {
        let prepared = self.prepared(request)?;
        let has_arrived = AtomicBool::new(false);
        let may_repeat = |error: &ConnectorError| {
            error.is_transient() && (request.is_repeatable || !has_arrived.load(Ordering::Relaxed))
        };
        self.guard.call_if(cancel, may_repeat, || self.attempt(&prepared, &has_arrived)).await
    }

    fn prepared<'a>(&self, request: &'a HttpRequest) -> Result<Prepared<'a>, ConnectorError> {
        let refused = |reason: String| ConnectorError::BadRequest { reason };
        let url = Url::parse(&request.url).map_err(|error| refused(format!("its address is no URL: {error}")))?;
        self.check(&url)?;
        let mut headers = headers::checked(&request.headers, self.credentials.reserved()).map_err(refused)?;
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPTED));
        let body = request.body.as_deref().map(Bytes::copy_from_slice);
        let (bytes, limit) = (body.as_ref().map_or(0, Bytes::len) as u64, self.settings.request_bytes);
        if bytes > limit {
            return Err(refused(format!("it carries {bytes} bytes, where at most {limit} are sent")));
        }
        Ok(Prepared { method: request.method, url, headers, body, given: request })
    }

    /// Whether an address may be asked.
    fn check(&self, url: &Url) -> Result<(), ConnectorError> {
        self.grants.check(url)?;
        Ok(self.network.check(url)?)
    }

    async fn attempt(&self, prepared: &Prepared<'_>, arrived: &AtomicBool) -> Result<HttpResponse, ConnectorError> {
        match tokio::time::timeout(self.settings.timeout, self.exchange(prepared)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(Failed { error, has_arrived })) => {
                arrived.fetch_or(has_arrived, Ordering::Relaxed);
                Err(error)
            }
            Err(_) => {
                arrived.store(true, Ordering::Relaxed);
                Err(timed_out(self.place(), self.settings.timeout))
            }
        }
    }

    /// A request and its response, redirects and the renewal of a token included.
    async fn exchange(&self, prepared: &Prepared<'_>) -> Result<HttpResponse, Failed> {
        let mut url = prepared.url.clone();
        let (mut redirects, mut has_renewed) = (0, false);
        loop {
            let token = self.good_token(&url).await?;
            let response = self.one(prepared, &url, token.as_deref()).await?;
            let status = response.status();
            if let (StatusCode::UNAUTHORIZED, Some(refused), false) = (status, &token, has_renewed) {
                // It was taken back before its time.
                self.forget_token(refused).await;
                has_renewed = true;
                continue;
            }
            if let Some(next) = redirect::followed(&url, prepared.method, status, response.headers()) {
                redirects += 1;
                if redirects > redirect::MOST {
                    let message = format!("more than {} redirects one after the other", redirect::MOST);
                    return Err(arrived(unusable(self.place(), message, None)));
                }
                self.check(&next).map_err(arrived)?;
                url = next;
                continue;
            }
            return self.response(prepared, response).await;
        }
    }

    async fn one(&self, prepared: &Prepared<'_>, url: &Url, token: Option<&str>) -> Result<Response, Failed> {
        let (mut url, mut headers) = (url.clone(), prepared.headers.clone());
        if url.host().is_some_and(|host| self.grants.gets_credentials(&host)) {
            self.credentials.put(&mut url, &mut headers, token).map_err(not_sent)?;
        }
        self.sent(prepared.method.to_method(), url, headers, prepared.body.clone()).await
    }

    async fn sent(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Response, Failed> {
        let mut request = self.client(&url).map_err(not_sent)?.request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(|error| explain(self.place(), &error, &self.redaction))
    }

    async fn response(&self, prepared: &Prepared<'_>, response: Response) -> Result<HttpResponse, Failed> {
        let (status, received) = (response.status(), response.headers().clone());
        if matches!(status.as_u16(), 429 | 502..=504) {
            let body = body::receive(response, ERROR_BYTES).await.unwrap_or_default();
            return Err(arrived(busy(self.place(), status, &received, &self.redaction.applied(body))));
        }
        let limit = self.settings.response_bytes;
        let body = match body::receive(response, limit).await {
            Ok(body) => body,
            Err(error) => return Err(self.unreceived(error, limit)),
        };
        tracing::debug!(
            place = self.place(),
            method = %prepared.method.to_method(),
            status = status.as_u16(),
            bytes = body.len(),
            sent = prepared.given.body.as_ref().map_or(0, Vec::len),
            "a request was answered"
        );
        Ok(HttpResponse {
            status: status.as_u16(),
            headers: headers::disclosed(&received, &self.redaction),
            body: self.redaction.applied(body),
        })
    }

    fn unreceived(&self, error: BodyError, limit: u64) -> Failed {
        let place = self.place();
        arrived(match error {
            BodyError::Receive(error) => explain(place, &error, &self.redaction).error,
            BodyError::TooLarge => unusable(
                place,
                format!("a response of more than {limit} bytes"),
                Some("ask for less at once, or raise `max_response_bytes`"),
            ),
            BodyError::Corrupt(error) => unusable(place, format!("a response that cannot be unpacked: {error}"), None),
            BodyError::Packing(packing) => unusable(
                place,
                format!("a response that is packed with `{}`, which was not asked for", self.redaction.text(&packing)),
                None,
            ),
        })
    }

    /// The token that goes along to an address, asked for if need be.
    async fn good_token(&self, url: &Url) -> Result<Option<String>, Failed> {
        let Credentials::Token(grant) = &self.credentials else { return Ok(None) };
        if !url.host().is_some_and(|host| self.grants.gets_credentials(&host)) {
            return Ok(None);
        }
        let mut slot = self.token.token.lock().await;
        if let Some(token) = slot.as_ref().filter(|token| token.is_good()) {
            return Ok(Some(token.text.clone()));
        }
        // What goes wrong here did not reach the system that the request is for.
        let token = self.new_token(grant).await.map_err(|failed| not_sent(failed.error))?;
        self.redaction.add(&token.text);
        Ok(Some(slot.insert(token).text.clone()))
    }

    async fn forget_token(&self, refused: &str) {
        let mut slot = self.token.token.lock().await;
        if slot.as_ref().is_some_and(|token| token.text == refused) {
            *slot = None;
        }
    }

    /// Asks for a token: with the client's credentials in a header, as every server has to understand, or else in the body,
    /// as some want it.
    async fn new_token(&self, grant: &TokenGrant) -> Result<Token, Failed> {
        self.check(&grant.url).map_err(not_sent)?;
        let mut refusal = None;
        for in_body in [false, true] {
            let response = self.ask_for_token(grant, in_body).await?;
            let (status, received) = (response.status(), response.headers().clone());
            let body = match body::receive(response, ERROR_BYTES).await {
                Ok(body) => body,
                Err(error) => return Err(self.unreceived(error, ERROR_BYTES)),
            };
            match status.as_u16() {
                200..=299 => {
                    let unusable = || unusable(self.place(), "an answer without a token where one was asked for", None);
                    return Token::of_answer(&body).ok_or_else(|| arrived(unusable()));
                }
                429 | 502..=504 => {
                    return Err(arrived(busy(self.place(), status, &received, &self.redaction.applied(body))));
                }
                other => refusal = Some(no_token(self.place(), other, &self.redaction.applied(body))),
            }
            if !matches!(status.as_u16(), 400 | 401) {
                break;
            }
        }
        Err(arrived(refusal.unwrap_or_else(|| ConnectorError::Host("no token was asked for".to_owned()))))
    }

    async fn ask_for_token(&self, grant: &TokenGrant, in_body: bool) -> Result<Response, Failed> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &grant.scope {
            form.append_pair("scope", scope);
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPTED));
        if in_body {
            form.append_pair("client_id", &grant.client_id).append_pair("client_secret", &grant.client_secret);
        } else {
            headers.insert(AUTHORIZATION, basic(&grant.client_id, &grant.client_secret).map_err(not_sent)?);
        }
        self.sent(Method::POST, grant.url.clone(), headers, Some(Bytes::from(form.finish()))).await
    }

    /// The client for the way to an address, with its connections.
    fn client(&self, url: &Url) -> Result<Client, ConnectorError> {
        let route = self.network.route(url);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&route) {
            return Ok(client.clone());
        }
        let built = self.network.client(url)?.build();
        let client = built.map_err(|error| ConnectorError::Host(format!("no client of HTTP: {error}")))?;
        Ok(clients.entry(route).or_insert(client).clone())
    }
}

fn arrived(error: ConnectorError) -> Failed {
    Failed { error, has_arrived: true }
}

fn not_sent(error: ConnectorError) -> Failed {
    Failed { error, has_arrived: false }
}
