use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use object_store::RetryConfig;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpError, HttpRequestBody, HttpService};
use object_store::path::Path;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Handle;
use url::Url;

use super::diagnosis::explain;
use super::settings::{Credentials, ObjectSettings};
use super::transport::Transport;
use crate::ConnectorError;
use crate::network::Network;
use crate::resilience::{ConnectorObserver, Guard};
use crate::rows::Cancel;

/// What the API wants escaped in a query.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// And in the path of an object.
const IN_PATH: &AsciiSet = &IN_QUERY.remove(b'/');

/// A bucket of a server, and what is known of the server's health.
pub(crate) struct Bucket {
    name: String,
    settings: ObjectSettings,
    store: AmazonS3,
    /// What the keys are below.
    address: Url,
    transport: Transport,
    guard: Guard,
    runtime: Handle,
}

/// The buckets that are in use.
#[derive(Default)]
pub(crate) struct BucketSlot {
    buckets: Mutex<Vec<Arc<Bucket>>>,
}

impl BucketSlot {
    /// The bucket of a name that is reached with these settings.
    pub(crate) fn bucket(
        &self,
        name: &str,
        settings: &ObjectSettings,
        network: &Network,
        runtime: &Handle,
        observer: &Arc<dyn ConnectorObserver>,
    ) -> Result<Arc<Bucket>, ConnectorError> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = buckets.iter().find(|bucket| bucket.name == name && bucket.settings == *settings) {
            return Ok(Arc::clone(found));
        }
        let bucket = Bucket::new(name, settings.clone(), network, runtime.clone(), Arc::clone(observer))?;
        let bucket = Arc::new(bucket);
        buckets.push(Arc::clone(&bucket));
        Ok(bucket)
    }
}

impl Bucket {
    fn new(
        name: &str,
        settings: ObjectSettings,
        network: &Network,
        runtime: Handle,
        observer: Arc<dyn ConnectorObserver>,
    ) -> Result<Self, ConnectorError> {
        let place = format!("s3 {name} at {}", settings.host());
        let broken = |what: String| ConnectorError::Host(format!("{place}: {what}"));
        let address = settings.bucket_address(name).map_err(|error| broken(error.to_string()))?;
        let client = network.client(&address)?;
        let client = client.connect_timeout(settings.connect_timeout).read_timeout(settings.timeout).build();
        let client = client.map_err(|error| broken(error.to_string()))?;
        let transport = Transport { client, network: network.clone(), place: place.clone() };
        let once = RetryConfig { max_retries: 0, retry_timeout: Duration::MAX, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(&settings.region)
            // Taken as it is, with the bucket in it.
            .with_endpoint(address.as_str().trim_end_matches('/'))
            .with_virtual_hosted_style_request(true)
            .with_allow_http(address.scheme() == "http")
            .with_retry(once)
            .with_http_connector(transport.clone());
        builder = match &settings.credentials {
            Credentials::Anonymous => builder.with_skip_signature(true),
            Credentials::Keys { id, secret, token } => {
                let builder = builder.with_access_key_id(id).with_secret_access_key(secret);
                match token {
                    Some(token) => builder.with_token(token),
                    None => builder,
                }
            }
        };
        if let Some((kind, key)) = &settings.encryption {
            let named = |name: &str| name.parse::<AmazonS3ConfigKey>().map_err(|error| broken(error.to_string()));
            builder = builder.with_config(named("aws_server_side_encryption")?, kind);
            if let Some(key) = key {
                builder = builder.with_config(named("aws_sse_kms_key_id")?, key);
            }
        }
        let store = builder.build().map_err(|error| broken(error.to_string()))?;
        let guard = Guard::new(place, settings.policy.clone(), observer);
        Ok(Self { name: name.to_owned(), settings, store, address, transport, guard, runtime })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn settings(&self) -> &ObjectSettings {
        &self.settings
    }

    pub(super) fn store(&self) -> &AmazonS3 {
        &self.store
    }

    /// The bucket and its server without credentials: `s3 shop at s3.eu-central-1.amazonaws.com`.
    pub(super) fn place(&self) -> &str {
        self.guard.place()
    }

    /// Does work of several calls, from a thread that may block.
    pub(super) fn wait<R>(&self, work: impl Future<Output = R>) -> R {
        self.runtime.block_on(work)
    }

    /// Makes a call about `what` that does no harm when it is made twice.
    pub(super) async fn call<R, F>(
        &self,
        what: &str,
        cancel: &Cancel,
        call: impl Fn() -> F,
    ) -> Result<R, ConnectorError>
    where
        F: Future<Output = object_store::Result<R>>,
    {
        self.guarded(cancel, || async { call().await.map_err(|error| self.explained(what, &error)) }).await
    }

    /// As [`call`](Self::call), with errors that are explained already.
    pub(super) async fn guarded<R, F>(&self, cancel: &Cancel, call: impl FnMut() -> F) -> Result<R, ConnectorError>
    where
        F: Future<Output = Result<R, ConnectorError>>,
    {
        self.guard.call(cancel, call).await
    }

    /// Asks for a document of the API that the library does not know: of the bucket, or of the object at a path. `what` is
    /// what errors are about.
    pub(super) async fn ask(
        &self,
        what: &str,
        path: Option<&Path>,
        query: &[(&str, &str)],
    ) -> Result<http::Response<Bytes>, ConnectorError> {
        let broken = |what: String| ConnectorError::Host(format!("{}: {what}", self.place()));
        let mut address = self.address.to_string().trim_end_matches('/').to_owned();
        address.push('/');
        if let Some(path) = path {
            address.extend(utf8_percent_encode(path.as_ref(), IN_PATH));
        }
        let query = query.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, IN_QUERY)));
        address += &format!("?{}", query.collect::<Vec<_>>().join("&"));
        let request = http::Request::get(address).body(HttpRequestBody::empty());
        let mut request = request.map_err(|error| broken(error.to_string()))?;
        if let Credentials::Keys { id, secret, token } = &self.settings.credentials {
            let credential = AwsCredential { key_id: id.clone(), secret_key: secret.clone(), token: token.clone() };
            let signed = AwsAuthorizer::new(&credential, "s3", &self.settings.region).try_authorize(&mut request, None);
            signed.map_err(|error| broken(error.to_string()))?;
        }
        let explained = |error: HttpError| explain(self.place(), what, &error);
        let (head, body) = self.transport.call(request).await.map_err(explained)?.into_parts();
        Ok(http::Response::from_parts(head, body.bytes().await.map_err(explained)?))
    }

    pub(super) fn explained(&self, what: &str, error: &object_store::Error) -> ConnectorError {
        explain(self.place(), what, error)
    }
}
