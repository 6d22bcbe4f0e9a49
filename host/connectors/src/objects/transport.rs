use std::error::Error;
use std::io;

use async_trait::async_trait;
use http_body_util::{BodyExt, Limited};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use url::Url;

use super::answer::{Refusal, Told};
use super::diagnosis::unanswered;
use crate::RemoteFailure;
use crate::network::{Network, NetworkRefusal};

/// Longest answer that is no object.
const LONGEST_ANSWER: usize = 32 << 20;
/// Longest refusal that is looked at.
const LONGEST_REFUSAL: usize = 64 << 10;

/// Carries the library's requests, within what the project may reach.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    pub(super) client: reqwest::Client,
    pub(super) network: Network,
    /// Of whom errors speak.
    pub(super) place: String,
}

impl HttpConnector for Transport {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Transport {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url: Url =
            parts.uri.to_string().parse().map_err(|_| {
                told(Told::Network(NetworkRefusal::Address { what: "the library made one that is none" }))
            })?;
        self.network.check(&url).map_err(|refusal| told(Told::Network(refusal)))?;
        // Objects are asked for without a query; listings, of objects, uploads and parts, with one.
        let is_object = parts.method == http::Method::GET && parts.uri.query().is_none();
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(reqwest::Body::wrap(body));
        let response = self.client.execute(request).await.map_err(|error| self.unanswered(&error))?;
        let status = response.status();
        let (parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        let place = self.place.clone();
        if !status.is_success() {
            // What cannot be read of it was not the point of it.
            let body = Limited::new(body, LONGEST_REFUSAL).collect().await.map(|body| body.to_bytes());
            let refusal = Refusal::read(status.as_u16(), &body.unwrap_or_default());
            return Err(told(Told::Refused(refusal)));
        }
        let most = if is_object { usize::MAX } else { LONGEST_ANSWER };
        let body = Limited::new(body, most).map_err(move |error| broken(&place, &*error));
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body)))
    }
}

impl Transport {
    fn unanswered(&self, error: &reqwest::Error) -> HttpError {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(found) = cause {
            if let Some(refusal) = found.downcast_ref::<NetworkRefusal>() {
                return told(Told::Network(refusal.clone()));
            }
            cause = found.source();
        }
        told(Told::Remote(unanswered(&self.place, kind(error), error)))
    }
}

/// An error as the library carries it.
fn told(told: Told) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, told)
}

/// A body that ended before its end.
fn broken(place: &str, error: &(dyn Error + Send + Sync + 'static)) -> HttpError {
    let kind = match error.downcast_ref::<reqwest::Error>() {
        Some(error) if error.is_timeout() => RemoteFailure::Timeout,
        Some(_) => RemoteFailure::Lost,
        None => RemoteFailure::Unexpected,
    };
    told(Told::Remote(unanswered(place, kind, error)))
}

fn kind(error: &reqwest::Error) -> RemoteFailure {
    if error.is_timeout() {
        return RemoteFailure::Timeout;
    }
    let mut cause = error.source();
    let mut is_tls = false;
    while let Some(found) = cause {
        if let Some(error) = found.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return RemoteFailure::Refused,
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                    return RemoteFailure::Unreachable;
                }
                io::ErrorKind::TimedOut => return RemoteFailure::Timeout,
                io::ErrorKind::NotFound => return RemoteFailure::NameResolution,
                _ => {}
            }
        }
        let text = found.to_string();
        if text.contains("dns error") || text.contains("lookup address") {
            return RemoteFailure::NameResolution;
        }
        is_tls |= found.is::<rustls::Error>() || text.contains("certificate");
        cause = found.source();
    }
    if is_tls { RemoteFailure::Tls } else { RemoteFailure::Lost }
}
