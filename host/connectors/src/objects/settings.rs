use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::NAME;
use crate::ConnectorError;
use crate::parameters::Parameters;
use crate::resilience::Policy;

/// Variables of the environment, by name: where credentials come from that no parameter gives.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How long is waited for a connection, unless the parameters say otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long is waited for any one answer, or part of one.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);
/// Objects that one source may be.
const MOST_FILES: u32 = 10_000;
/// Bytes that one source may be, in units of 1,000,000,000.
const MOST_GIGABYTES: f64 = 100.0;
/// Bytes of a part of an upload, in units of 1,048,576. All but the last have to have 5 of them on most servers.
const PART_MEBIBYTES: f64 = 8.0;
/// Objects or parts that are under way at once.
const WORKERS: u32 = 4;
/// Most of them.
const MOST_WORKERS: u32 = 64;
/// The region that servers without regions are said to be in.
const REGION: &str = "us-east-1";

/// How an object store is reached and treated. Two connectors with equal settings share what is known of its health.
#[derive(Clone, PartialEq)]
pub(crate) struct ObjectSettings {
    /// The server, where it is not Amazon's.
    pub(super) endpoint: Option<Url>,
    pub(super) region: String,
    pub(super) credentials: Credentials,
    /// Whether the bucket stands in the path, and not in the name of the host.
    pub(super) is_path_style: bool,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) policy: Policy,
    pub(super) max_files: usize,
    pub(super) max_bytes: u64,
    pub(super) part_bytes: u64,
    pub(super) workers: usize,
    /// What objects are encrypted with where they lie, and with which key.
    pub(super) encryption: Option<(String, Option<String>)>,
    /// Of the objects that are meant, one in how many is read, and how many at the most: while somebody tries things.
    pub(super) sample: Sample,
    /// Only objects with these values in the names of their folders: `day=2026-01-01`.
    pub(super) partitions: Vec<(String, Vec<String>)>,
}

/// A part of the objects that are meant.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Sample {
    /// How much of them, from 0 to 1.
    pub(super) share: f64,
    pub(super) most: usize,
}

#[derive(Clone, PartialEq)]
pub(super) enum Credentials {
    /// Anybody.
    Anonymous,
    /// Whoever has these.
    Keys { id: String, secret: String, token: Option<String> },
}

impl ObjectSettings {
    /// Reads the parameters of a connector, and from the environment what they leave out.
    pub(crate) fn read(params: &Map<String, Value>, environment: &Environment) -> Result<Self, ConnectorError> {
        let parameters = Parameters::new(NAME, params);
        let variable = |names: &[&str]| names.iter().find_map(|name| environment(name).filter(|text| !text.is_empty()));
        let endpoint = match parameters.text("endpoint_url")? {
            Some(text) => Some(text),
            None => variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
        };
        let use_ssl = flag(&parameters, "use_ssl")?.unwrap_or(true);
        let endpoint = endpoint.map(|text| read_endpoint(&text, use_ssl)).transpose();
        let endpoint = endpoint.map_err(|()| {
            parameters.bad("endpoint_url", "an address such as https://s3.example.com, without a path")
        })?;
        let region = match parameters.text("region")? {
            Some(region) => Some(region),
            None => variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]),
        };
        let region = region.unwrap_or_else(|| REGION.to_owned());
        if region.is_empty() || !region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(parameters.bad("region", "the name of a region such as eu-central-1"));
        }
        let is_path_style = match parameters.text("addressing_style")?.as_deref().map(str::to_lowercase).as_deref() {
            None | Some("auto") => endpoint.is_some(),
            Some("path") => true,
            Some("virtual") => false,
            Some(_) => return Err(parameters.bad("addressing_style", "auto, path or virtual")),
        };
        let workers = parameters.count("parallel_workers")?.unwrap_or(WORKERS).clamp(1, MOST_WORKERS);
        let encryption = parameters.text("server_side_encryption")?;
        if encryption.as_deref().is_some_and(|kind| !matches!(kind, "AES256" | "aws:kms" | "aws:kms:dsse")) {
            return Err(parameters.bad("server_side_encryption", "AES256, aws:kms or aws:kms:dsse"));
        }
        let kms_key = parameters.text("kms_key_id")?;
        Ok(Self {
            endpoint,
            region,
            credentials: Credentials::read(&parameters, &variable)?,
            is_path_style,
            connect_timeout: parameters.seconds("connect_timeout")?.unwrap_or(CONNECT_TIMEOUT),
            timeout: parameters.seconds("timeout_seconds")?.unwrap_or(ANSWER_TIMEOUT),
            policy: Policy::of_parameters(&parameters)?,
            max_files: match parameters.count("max_files")? {
                Some(count) => count as usize,
                None => parameters.count("max_files_per_run")?.unwrap_or(MOST_FILES) as usize,
            },
            max_bytes: bytes(&parameters, "max_data_size_gb", MOST_GIGABYTES, 1e9)?,
            part_bytes: bytes(&parameters, "part_size_mb", PART_MEBIBYTES, f64::from(1 << 20))?.max(1),
            workers: workers as usize,
            encryption: encryption.map(|kind| (kind, kms_key)),
            sample: Sample::read(&parameters)?,
            partitions: partitions(&parameters, params.get("partition_filter"))?,
        })
    }

    /// The server without credentials: `s3.eu-central-1.amazonaws.com`, `127.0.0.1:9000`.
    pub(super) fn host(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => {
                let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}{port}", endpoint.host_str().unwrap_or_default())
            }
            None => self.amazon(),
        }
    }

    /// The address that the keys of a bucket are below.
    pub(super) fn bucket_address(&self, bucket: &str) -> Result<Url, url::ParseError> {
        let server = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => Url::parse(&format!("https://{}", self.amazon()))?,
        };
        // No certificate is for names with a dot in the place of the bucket's.
        if self.is_path_style || bucket.contains('.') {
            return server.join(bucket);
        }
        let mut address = server.clone();
        let host = format!("{bucket}.{}", server.host_str().unwrap_or_default());
        address.set_host(Some(&host))?;
        Ok(address)
    }

    fn amazon(&self) -> String {
        let domain = if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("s3.{}.{domain}", self.region)
    }
}

/// Without credentials.
impl fmt::Debug for ObjectSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ObjectSettings").field(&self.host()).finish()
    }
}

impl Sample {
    fn read(parameters: &Parameters<'_>) -> Result<Self, ConnectorError> {
        let share = match parameters.text("dev_sampling")? {
            None => 1.0,
            Some(text) => {
                let share = text.trim().parse().ok().filter(|share: &f64| *share > 0.0 && *share <= 1.0);
                share.ok_or_else(|| parameters.bad("dev_sampling", "a number above 0, and 1 at the most"))?
            }
        };
        let most = parameters.count("dev_max_files")?.map_or(usize::MAX, |most| most.max(1) as usize);
        Ok(Self { share, most })
    }

    /// Keeps a part of what is sorted: the same one of the same, from all places of it.
    pub(super) fn thin<T>(self, all: &mut Vec<T>) {
        let whole = all.len();
        let kept = ((whole as f64 * self.share) as usize).clamp(1, whole.max(1));
        let mut place = 0;
        all.retain(|_| {
            let (before, after) = (place * kept / whole, (place + 1) * kept / whole);
            place += 1;
            after > before
        });
        all.truncate(self.most);
    }
}

impl Credentials {
    fn read(
        parameters: &Parameters<'_>,
        variable: &impl Fn(&[&str]) -> Option<String>,
    ) -> Result<Self, ConnectorError> {
        let id = parameters.any_text(&["access_key_id", "access_key"])?;
        let secret = parameters.any_text(&["secret_access_key", "secret_key"])?;
        let is_anonymous = flag(parameters, "anonymous")?.unwrap_or(false);
        match (id, secret) {
            (Some(_), _) | (_, Some(_)) if is_anonymous => {
                Err(parameters.bad("anonymous", "false, as there are credentials"))
            }
            (None, None) if is_anonymous => Ok(Self::Anonymous),
            (Some(id), Some(secret)) => Ok(Self::Keys { id, secret, token: parameters.text("session_token")? }),
            (Some(_), None) => Err(parameters.bad("secret_access_key", "the secret that belongs to `access_key_id`")),
            (None, Some(_)) => Err(parameters.bad("access_key_id", "the name that belongs to `secret_access_key`")),
            (None, None) => match (variable(&["AWS_ACCESS_KEY_ID"]), variable(&["AWS_SECRET_ACCESS_KEY"])) {
                (Some(id), Some(secret)) => Ok(Self::Keys { id, secret, token: variable(&["AWS_SESSION_TOKEN"]) }),
                _ => Err(parameters.bad(
                    "access_key_id",
                    "credentials, as `access_key_id` and `secret_access_key`, or in the environment as AWS_ACCESS_KEY_ID \
                     and AWS_SECRET_ACCESS_KEY; or `anonymous`: true",
                )),
            },
        }
    }
}

fn read_endpoint(text: &str, use_ssl: bool) -> Result<Url, ()> {
    let scheme = if use_ssl { "https" } else { "http" };
    let text = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
    let url = Url::parse(&text).map_err(|_| ())?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    if is_bare && is_web && url.username().is_empty() && url.password().is_none() { Ok(url) } else { Err(()) }
}

fn flag(parameters: &Parameters<'_>, name: &str) -> Result<Option<bool>, ConnectorError> {
    match parameters.text(name)?.as_deref().map(str::to_lowercase).as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(parameters.bad(name, "true or false")),
    }
}

/// A number of bytes that is given in larger units.
fn bytes(parameters: &Parameters<'_>, name: &str, default: f64, unit: f64) -> Result<u64, ConnectorError> {
    let Some(text) = parameters.text(name)? else { return Ok((default * unit) as u64) };
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.map(|number| (number * unit) as u64).ok_or_else(|| parameters.bad(name, "a number above 0"))
}

/// `{"year": 2026, "month": ["01", "02"]}`.
fn partitions(
    parameters: &Parameters<'_>,
    filter: Option<&Value>,
) -> Result<Vec<(String, Vec<String>)>, ConnectorError> {
    let bad =
        || parameters.bad("partition_filter", "an object of names of folders, each with a value or a list of them");
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(bad()),
    };
    let filter = match filter {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(filter)) => filter.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| bad())?,
        Some(_) => return Err(bad()),
    };
    let wanted = filter.iter().map(|(name, value)| {
        let values = match value {
            Value::Array(values) => values.iter().map(text).collect::<Result<_, _>>()?,
            value => vec![text(value)?],
        };
        Ok((name.clone(), values))
    });
    wanted.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(params: Value, variables: &'static [(&str, &str)]) -> Result<ObjectSettings, String> {
        let environment: Environment =
            Arc::new(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
        ObjectSettings::read(params.as_object().expect("an object"), &environment).map_err(|error| error.to_string())
    }

    #[test]
    fn buckets_have_addresses_in_two_styles() {
        for (params, bucket, expected) in [
            (json!({"region": "eu-central-1"}), "shop", "https://shop.s3.eu-central-1.amazonaws.com/"),
            (json!({}), "my.shop", "https://s3.us-east-1.amazonaws.com/my.shop"),
            (json!({"region": "cn-north-1"}), "shop", "https://shop.s3.cn-north-1.amazonaws.com.cn/"),
            (json!({"endpoint_url": "http://127.0.0.1:9000"}), "shop", "http://127.0.0.1:9000/shop"),
            (json!({"endpoint_url": "minio:9000", "use_ssl": false}), "shop", "http://minio:9000/shop"),
            (
                json!({"endpoint_url": "https://store.example", "addressing_style": "virtual"}),
                "shop",
                "https://shop.store.example/",
            ),
        ] {
            let mut params = params;
            params["anonymous"] = true.into();
            let address = read(params, &[]).expect("settings").bucket_address(bucket).expect("an address");
            assert_eq!(address.as_str(), expected);
        }
    }

    #[test]
    fn a_sample_is_a_part_from_all_places_and_the_same_each_time() {
        for (params, whole, expected) in [
            (json!({}), 3, &[0, 1, 2][..]),
            (json!({"dev_sampling": 0.5}), 6, &[1, 3, 5]),
            (json!({"dev_sampling": "0.1"}), 5, &[4]),
            (json!({"dev_sampling": 1}), 2, &[0, 1]),
            (json!({"dev_max_files": 2}), 5, &[0, 1]),
            (json!({"dev_sampling": 0.5, "dev_max_files": 1}), 6, &[1]),
            (json!({"dev_sampling": 0.5}), 0, &[]),
        ] {
            let mut params = params;
            params["anonymous"] = true.into();
            let mut all: Vec<usize> = (0..whole).collect();
            read(params.clone(), &[]).expect("settings").sample.thin(&mut all);
            assert_eq!(all, expected, "{params} of {whole}");
        }
    }

    #[test]
    fn partitions_may_be_given_as_text() {
        let given = json!({"anonymous": true, "partition_filter": "{\"year\": 2026}"});
        let found = read(given, &[]).expect("settings").partitions;
        assert_eq!(found, [("year".to_owned(), vec!["2026".to_owned()])]);
    }

    #[test]
    fn credentials_are_parameters_or_of_the_environment_or_expressly_none() {
        const KEYS: &[(&str, &str)] = &[("AWS_ACCESS_KEY_ID", "env"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
        let of = |params, variables| read(params, variables).map(|settings| settings.credentials);
        let keys = |id: &str, secret: &str| Credentials::Keys { id: id.into(), secret: secret.into(), token: None };
        let given = json!({"access_key_id": "a", "secret_access_key": "hunter2"});
        assert!(of(given.clone(), KEYS) == Ok(keys("a", "hunter2")));
        assert!(of(json!({"access_key": "a", "secret_key": "b"}), &[]) == Ok(keys("a", "b")));
        assert!(of(json!({}), KEYS) == Ok(keys("env", "hunter2")));
        assert!(of(json!({"anonymous": true}), KEYS) == Ok(Credentials::Anonymous));
        assert!(of(json!({}), &[]).is_err_and(|error| error.contains("AWS_ACCESS_KEY_ID")));
        assert!(of(json!({"access_key_id": "a"}), KEYS).is_err_and(|error| error.contains("secret_access_key")));
        assert!(!format!("{:?}", read(given, &[]).expect("settings")).contains("hunter2"));
    }

    #[test]
    fn what_is_unusable_is_named_and_not_shown() {
        for (name, value) in [
            ("endpoint_url", json!("https://user:hunter2@store.example")),
            ("endpoint_url", json!("ftp://hunter2")),
            ("endpoint_url", json!("https://store.example/hunter2")),
            ("region", json!("hunter2/")),
            ("addressing_style", json!("hunter2")),
            ("max_data_size_gb", json!("hunter2")),
            ("part_size_mb", json!(-2)),
            ("dev_sampling", json!("hunter2")),
            ("dev_sampling", json!(0)),
            ("dev_sampling", json!(1.5)),
            ("server_side_encryption", json!("hunter2")),
            ("partition_filter", json!("hunter2")),
        ] {
            let mut params = json!({"anonymous": true});
            params[name] = value;
            let error = read(params, &[]).expect_err(name);
            assert!(error.contains(&format!("`{name}`")) && !error.contains("hunter2"), "{error}");
        }
    }
}
