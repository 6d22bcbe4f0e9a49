//! Requests that are made for somebody who is not trusted, to servers that fail in every way.

#[path = "support/web.rs"]
mod web;

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use duckpen_connectors::{
    Authentication, Cancel, ConnectorError, ConnectorObserver, HostGrants, HostPattern, HttpClient, HttpMethod,
    HttpParts, HttpRequest, HttpResponse, HttpSettings, Network, NetworkPolicy, TokenGrant,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::runtime::Handle;
use web::{Reply, Web, answer, with_header};

/// Pauses that were made, and for how long.
#[derive(Default)]
struct Pauses(Mutex<Vec<Duration>>);

impl ConnectorObserver for Pauses {
    fn retrying(&self, _: &str, _: &ConnectorError, delay: Duration) {
        self.0.lock().expect("no panic").push(delay);
    }
    fn circuit_opened(&self, _: &str, _: u32, _: Duration) {}
    fn circuit_closed(&self, _: &str) {}
    fn throttled(&self, _: &str, _: Duration) {}
    fn read_as_text(&self, _: &str, _: &str, _: &str) {}
}

/// A client that may ask a server of the tests.
struct Setup {
    authentication: Option<Authentication>,
    settings: HttpSettings,
    pauses: Arc<Pauses>,
    is_granted: bool,
    /// Hosts that the project may reach, if not all.
    listed: &'static [&'static str],
    /// Hosts that are granted besides the connector's own.
    further: &'static [&'static str],
}

impl Default for Setup {
    fn default() -> Self {
        let mut settings = HttpSettings { timeout: Duration::from_secs(20), ..HttpSettings::default() };
        settings.policy.delay = Duration::from_millis(1);
        settings.policy.retries = 2;
        settings.response_bytes = 100_000;
        settings.request_bytes = 10_000;
        Self { authentication: None, settings, pauses: Arc::default(), is_granted: true, listed: &[], further: &[] }
    }
}

impl Setup {
    fn client(&self, web: &Web) -> HttpClient {
        let policy = NetworkPolicy::default();
        let policy = match self.is_granted {
            true => policy.with_private(&web.address.to_string()).expect("an address"),
            false => policy,
        };
        let hosts = |names: &'static [&str]| names.iter().map(|name| name.parse::<HostPattern>().expect("a host"));
        let policy = if self.listed.is_empty() { policy } else { policy.with_hosts(hosts(self.listed)) };
        let base = web.url("/").parse().expect("an address");
        HttpClient::new(HttpParts {
            connector: "test",
            place: "test at loopback".to_owned(),
            network: Network::new(policy),
            grants: HostGrants::new("test").with_address(&base).expect("a host").with_hosts(hosts(self.further)),
            authentication: self.authentication.clone(),
            secrets: Vec::new(),
            settings: self.settings.clone(),
            observer: Arc::<Pauses>::clone(&self.pauses),
            runtime: Handle::current(),
        })
        .expect("a client")
    }

    async fn get(&self, web: &Web, path: &str) -> Result<HttpResponse, ConnectorError> {
        self.client(web).send_within(&get(web, path), &Cancel::default()).await
    }
}

fn get(web: &Web, path: &str) -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Get,
        url: web.url(path),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        body: None,
        is_repeatable: true,
    }
}

fn post(web: &Web, is_repeatable: bool) -> HttpRequest {
    HttpRequest { method: HttpMethod::Post, body: Some(b"rows".to_vec()), is_repeatable, ..get(web, "/rows") }
}

fn text(response: &HttpResponse) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("it is packed");
    encoder.finish().expect("it is packed")
}

fn packed(body: Vec<u8>) -> Reply {
    Reply::Answer(200, vec![("content-encoding", "gzip".to_owned())], body)
}

#[tokio::test]
async fn a_request_goes_out_as_it_was_asked_for_and_its_response_comes_back() {
    let web = Web::start(|_, _| Reply::Answer(201, vec![("X-Next", "2".to_owned())], b"{}".to_vec())).await;
    let response =
        Setup::default().client(&web).send_within(&post(&web, false), &Cancel::default()).await.expect("an answer");
    assert_eq!((response.status, text(&response)), (201, "{}".to_owned()));
    assert!(response.headers.contains(&("x-next".to_owned(), "2".to_owned())));
    let asked = &web.asked()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str(), &asked.body[..]), ("POST", "/rows", &b"rows"[..]));
    assert_eq!(asked.header("accept"), Some("application/json"));
    assert!(asked.header("user-agent").is_some_and(|agent| agent.starts_with("duckpen/")));
    assert_eq!(asked.header("authorization"), None);
}

#[tokio::test]
async fn any_status_but_those_that_may_pass_is_a_response() {
    for status in [204, 301, 304, 400, 401, 404, 422, 500, 501] {
        let web = Web::start(move |_, _| answer(status, "")).await;
        let response = Setup::default().get(&web, "/").await.expect("an answer");
        assert_eq!(response.status, status);
        assert_eq!(web.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_where_that_does_no_harm() {
    for status in [429, 502, 503, 504] {
        let web =
            Web::start(move |number, _| if number < 2 { answer(status, "later") } else { answer(200, "now") }).await;
        let response = Setup::default().get(&web, "/").await.expect("an answer in the end");
        assert_eq!((text(&response).as_str(), web.asked().len()), ("now", 3), "{status}");
    }
    let web = Web::start(|_, _| answer(503, "too  much\nwork")).await;
    let error = Setup::default().get(&web, "/").await.expect_err("it stays so");
    assert_eq!(error.to_string(), "test at loopback: 503 Service Unavailable: too much work");
    assert_eq!(web.asked().len(), 3);
    let error =
        Setup::default().client(&web).send_within(&post(&web, false), &Cancel::default()).await.expect_err("busy");
    assert!(error.is_transient());
    assert_eq!(web.asked().len(), 4, "what may have arrived is not sent twice");
}

#[tokio::test]
async fn a_server_that_names_a_pause_gets_it() {
    let web = Web::start(|number, _| match number {
        0 => with_header(429, "Retry-After", "0.2"),
        _ => answer(200, "now"),
    })
    .await;
    let setup = Setup::default();
    setup.get(&web, "/").await.expect("an answer");
    assert_eq!(setup.pauses.0.lock().expect("no panic").as_slice(), [Duration::from_millis(200)]);
}

#[tokio::test]
async fn connections_that_break_are_made_again() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody";
    for (name, broken) in [
        ("nothing", ""),
        ("half a head", "HTTP/1.1 200 OK\r\ncontent-le"),
        ("half a body", "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\nhalf"),
        ("half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nhalf"),
    ] {
        let web = Web::start(move |number, _| Reply::Raw(if number == 0 { broken } else { whole }.into())).await;
        let response = Setup::default().get(&web, "/").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((text(&response).as_str(), web.asked().len()), ("body", 2), "{name}");
    }
    let web = Web::start(|_, _| Reply::Raw(Vec::new())).await;
    let error =
        Setup::default().client(&web).send_within(&post(&web, false), &Cancel::default()).await.expect_err("cut");
    assert!(error.is_transient(), "{error}");
    assert_eq!(web.asked().len(), 1, "what may have arrived is not sent twice");
}

#[tokio::test]
async fn what_did_not_arrive_is_sent_again_whatever_it_is() {
    let setup = Setup::default();
    // Nobody listens there any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let policy = NetworkPolicy::default().with_private("127.0.0.1").expect("an address");
    let base = format!("http://127.0.0.1:{port}/");
    let client = HttpClient::new(HttpParts {
        connector: "test",
        place: "test at loopback".to_owned(),
        network: Network::new(policy),
        grants: HostGrants::new("test").with_address(&base.parse().expect("an address")).expect("a host"),
        authentication: None,
        secrets: Vec::new(),
        settings: setup.settings.clone(),
        observer: Arc::<Pauses>::clone(&setup.pauses),
        runtime: Handle::current(),
    })
    .expect("a client");
    let request = HttpRequest {
        method: HttpMethod::Post,
        url: base,
        headers: Vec::new(),
        body: Some(b"rows".to_vec()),
        is_repeatable: false,
    };
    let error = client.send_within(&request, &Cancel::default()).await.expect_err("refused");
    assert!(error.to_string().contains("refused"), "{error}");
    assert_eq!(
        error.hint().as_deref(),
        Some("look at the address, and whether the server runs and can be reached from here")
    );
    assert_eq!(setup.pauses.0.lock().expect("no panic").len(), 2);
}

#[tokio::test]
async fn answers_that_are_none_are_told() {
    for (name, reply, expected) in [
        ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "invalid HTTP"),
        (
            "broken gzip",
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nnever",
            "cannot be unpacked",
        ),
        (
            "unknown packing",
            "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 4\r\n\r\nbody",
            "packed with `br`",
        ),
        ("announced too large", "HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n", "more than 100000 bytes"),
    ] {
        let web = Web::start(move |_, _| Reply::Raw(reply.into())).await;
        let error = Setup::default().get(&web, "/").await.expect_err(name);
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert_eq!(web.asked().len(), 1, "{name}: another attempt would not go better");
    }
}

#[tokio::test]
async fn bytes_are_counted_as_they_are_sent_and_once_they_are_unpacked() {
    let web = Web::start(|_, asked| match asked.target.as_str() {
        "/fits" => packed(gzip(&[b' '; 100_000])),
        "/bomb" => packed(gzip(&vec![b' '; 50 << 20])),
        "/twice" => packed([gzip(b"one "), gzip(b"two")].concat()),
        "/cut" => {
            let whole = gzip(&[7; 1000]);
            packed(whole[..whole.len() - 10].to_vec())
        }
        // Without a length.
        _ => Reply::Raw([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[b'x'; 100_001]].concat()),
    })
    .await;
    let setup = Setup::default();
    assert_eq!(setup.get(&web, "/fits").await.expect("it fits").body.len(), 100_000);
    assert_eq!(text(&setup.get(&web, "/twice").await.expect("two parts")), "one two");
    for (path, expected) in
        [("/bomb", "more than 100000 bytes"), ("/long", "more than 100000 bytes"), ("/cut", "cannot be unpacked")]
    {
        let error = setup.get(&web, path).await.expect_err(path).to_string();
        assert!(error.contains(expected), "{path}: {error}");
    }
    let request = HttpRequest { body: Some(vec![0; 10_001]), ..post(&web, true) };
    let error = setup.client(&web).send_within(&request, &Cancel::default()).await.expect_err("too large");
    assert_eq!(error.to_string(), "a request that is not made: it carries 10001 bytes, where at most 10000 are sent");
}

#[tokio::test]
async fn nobody_is_waited_for_too_long() {
    let web = Web::start(|number, _| match number {
        0 => Reply::Silence,
        _ => answer(200, "now"),
    })
    .await;
    let mut setup = Setup::default();
    setup.settings.timeout = Duration::from_millis(200);
    assert_eq!(text(&setup.get(&web, "/").await.expect("the second attempt")), "now");
    let web = Web::start(|_, _| Reply::Silence).await;
    setup.settings.policy.retries = 0;
    let error = setup.get(&web, "/").await.expect_err("silence");
    assert_eq!(error.to_string(), "test at loopback: no answer within 0.2 s");
}

#[tokio::test]
async fn a_request_in_flight_ends_when_the_work_is_to_stop() {
    let web = Web::start(|_, _| Reply::Silence).await;
    let setup = Setup::default();
    let (client, cancel, request) = (setup.client(&web), Cancel::default(), get(&web, "/"));
    let (outcome, ()) = tokio::join!(client.send_within(&request, &cancel), async {
        while web.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.raise();
    });
    assert!(matches!(outcome, Err(ConnectorError::Cancelled)));
}

#[tokio::test]
async fn redirects_are_followed_within_the_host_and_given_back_otherwise() {
    let web = Web::start(|_, asked| match asked.target.as_str() {
        "/old" => with_header(301, "location", "/new"),
        "/new" => answer(200, "new"),
        "/round" => with_header(302, "location", "/round"),
        "/away" => with_header(302, "location", "https://other.example/secret"),
        "/inside" => with_header(307, "location", "http://169.254.169.254/latest"),
        _ => with_header(302, "location", "http://127.0.0.1:1/"),
    })
    .await;
    let setup = Setup { authentication: Some(Authentication::Bearer("token-for-the-host".into())), ..Setup::default() };
    assert_eq!(text(&setup.get(&web, "/old").await.expect("the new place")), "new");
    assert!(web.asked().iter().all(|asked| asked.header("authorization") == Some("Bearer token-for-the-host")));
    for path in ["/away", "/inside", "/port"] {
        let response = setup.get(&web, path).await.expect(path);
        assert!(matches!(response.status, 302 | 307), "{path}");
    }
    let error = setup.get(&web, "/round").await.expect_err("a circle");
    assert_eq!(error.to_string(), "test at loopback: more than 5 redirects one after the other");
}

#[tokio::test]
async fn hosts_that_were_not_granted_are_not_asked() {
    let web = Web::start(|_, _| answer(200, "")).await;
    let setup = Setup::default();
    let client = setup.client(&web);
    for (url, expected) in [
        ("https://evil.org/", "the connector `test` was not granted the host `evil.org`"),
        ("http://localhost/", "the connector `test` was not granted the host `localhost`"),
        ("http://127.0.0.1:1/", "the host `127.0.0.1` is at the private address 127.0.0.1:1"),
        ("http://u:p@127.0.0.1/", "an unusable address: it carries credentials, which have parameters of their own"),
        ("ftp://127.0.0.1/", "an unusable address: it begins neither with https: nor with http:"),
        ("/orders", "a request that is not made: its address is no URL: relative URL without a base"),
    ] {
        let request = HttpRequest { url: url.to_owned(), ..get(&web, "/") };
        let error = client.send_within(&request, &Cancel::default()).await.expect_err(url);
        assert_eq!(error.to_string(), expected, "{url}");
        assert!(!error.is_transient(), "{url}");
    }
    let setup = Setup { is_granted: false, ..Setup::default() };
    let error = setup.get(&web, "/").await.expect_err("private");
    assert_eq!(error.to_string(), format!("the host `127.0.0.1` is at the private address {}", web.address));
    assert_eq!(error.hint(), Some(format!("`[network] private = [\"{}\"]` in duckpen.toml grants it", web.address)));
    let setup = Setup { listed: &["api.example.com"], ..Setup::default() };
    let error = setup.get(&web, "/").await.expect_err("not listed");
    assert_eq!(error.to_string(), "the host `127.0.0.1` is not among those that the project may reach");
    assert!(web.asked().is_empty());
}

/// One server is the connector's own by its address, and another host by its name.
#[tokio::test]
async fn credentials_stay_with_the_connectors_own_hosts() {
    let web = Web::start(|_, _| answer(200, "")).await;
    let authentication = Some(Authentication::Bearer("token-for-the-host".into()));
    let setup = Setup { authentication, further: &["localhost"], ..Setup::default() };
    let elsewhere = HttpRequest { url: format!("http://localhost:{}/", web.address.port()), ..get(&web, "/") };
    setup.get(&web, "/").await.expect("its own");
    setup.client(&web).send_within(&elsewhere, &Cancel::default()).await.expect("granted");
    let sent: Vec<bool> = web.asked().iter().map(|asked| asked.header("authorization").is_some()).collect();
    assert_eq!(sent, [true, false]);
}

#[tokio::test]
async fn headers_that_are_the_hosts_own_are_not_sent_for_others() {
    let web = Web::start(|_, _| answer(200, "")).await;
    let authentication = Some(Authentication::Bearer("token-for-the-host".into()));
    let setup = Setup { authentication, ..Setup::default() };
    for name in ["Host", "content-length", "transfer-encoding", "connection", "accept-encoding", "authorization"] {
        let request = HttpRequest { headers: vec![(name.to_owned(), "1".to_owned())], ..get(&web, "/") };
        let error = setup.client(&web).send_within(&request, &Cancel::default()).await.expect_err(name);
        let expected = format!("the header `{}` is set by the host", name.to_lowercase());
        assert_eq!(error.to_string(), format!("a request that is not made: {expected}"), "{name}");
    }
    assert!(web.asked().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_leads_nowhere() {
    let web = Web::start(|_, _| answer(200, "")).await;
    let url = format!("http://localhost:{}/", web.address.port());
    let client = |policy| {
        HttpClient::new(HttpParts {
            connector: "test",
            place: "test".to_owned(),
            network: Network::new(policy),
            grants: HostGrants::new("test").with_address(&url.parse().expect("an address")).expect("a host"),
            authentication: None,
            secrets: Vec::new(),
            settings: Setup::default().settings,
            observer: Arc::new(()),
            runtime: Handle::current(),
        })
        .expect("a client")
    };
    let request = HttpRequest { url: url.clone(), ..get(&web, "/") };
    let refused = client(NetworkPolicy::default()).send_within(&request, &Cancel::default()).await;
    let error = refused.expect_err("private");
    assert!(matches!(error, ConnectorError::Network(_)), "{error}");
    let granted = NetworkPolicy::default().with_private(&web.address.to_string()).expect("an address");
    client(granted).send_within(&request, &Cancel::default()).await.expect("granted");
    assert_eq!(web.asked().len(), 1);
}

#[tokio::test]
async fn credentials_are_put_in_by_the_host_and_never_given_back() {
    let secret = "hunter2hunter2";
    for (authentication, expected) in [
        (Authentication::Bearer(secret.into()), "authorization: Bearer ***"),
        (Authentication::Basic("me".into(), secret.into()), "authorization: Basic ***"),
        (Authentication::Header("X-Shop-Token".into(), secret.into()), "x-shop-token: ***"),
        (Authentication::Query("api_key".into(), secret.into()), "/?api_key=***"),
    ] {
        // It repeats all it was sent.
        let web = Web::start(|_, asked| {
            let headers = asked.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>();
            Reply::Answer(
                200,
                vec![("x-echo", headers.replace('\n', " "))],
                format!("{}\n{headers}", asked.target).into(),
            )
        })
        .await;
        let setup = Setup { authentication: Some(authentication), ..Setup::default() };
        let response = setup.get(&web, "/").await.expect("an answer");
        let (seen, body) = (format!("{:?}", web.asked()), text(&response));
        assert!(seen.contains(secret) || seen.contains("Basic bWU6aHVudGVyMmh1bnRlcjI="), "{seen}");
        assert!(body.contains(expected), "{body}");
        let all = format!("{response:?}{body}");
        assert!(!all.contains(secret) && !all.contains("bWU6aHVudGVyMmh1bnRlcjI="), "{all}");
    }
    let web = Web::start(|_, _| answer(200, "")).await;
    let setup =
        Setup { authentication: Some(Authentication::Header("X-Key".into(), secret.into())), ..Setup::default() };
    let request = HttpRequest { headers: vec![("x-key".to_owned(), "mine".to_owned())], ..get(&web, "/") };
    let error = setup.client(&web).send_within(&request, &Cancel::default()).await.expect_err("reserved");
    assert_eq!(error.to_string(), "a request that is not made: the header `x-key` is set by the host");
}

fn client_credentials(web: &Web) -> Setup {
    let grant = TokenGrant {
        url: web.url("/token").parse().expect("an address"),
        client_id: "me".into(),
        client_secret: "hunter2hunter2".into(),
        scope: Some("read".into()),
    };
    Setup { authentication: Some(Authentication::ClientCredentials(grant)), ..Setup::default() }
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_again_when_it_is_refused() {
    let web = Web::start(|number, asked| match asked.target.as_str() {
        "/token" => answer(200, &format!(r#"{{"access_token": "token-number-{number}", "expires_in": 3600}}"#)),
        _ if number == 3 => answer(401, ""),
        _ => answer(200, asked.header("authorization").unwrap_or_default()),
    })
    .await;
    let setup = client_credentials(&web);
    let client = setup.client(&web);
    for _ in 0..3 {
        let response = client.send_within(&get(&web, "/"), &Cancel::default()).await.expect("an answer");
        assert_eq!((response.status, text(&response).as_str()), (200, "Bearer ***"));
    }
    let targets: Vec<_> = web.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(targets, ["/token", "/", "/", "/", "/token", "/"]);
    let asked = web.asked();
    assert_eq!(asked[0].header("authorization"), Some("Basic bWU6aHVudGVyMmh1bnRlcjI="));
    assert_eq!(asked[0].body, b"grant_type=client_credentials&scope=read");
    assert_eq!(asked[5].header("authorization"), Some("Bearer token-number-4"));
}

#[tokio::test]
async fn a_token_is_asked_for_in_the_body_where_a_server_wants_it_there() {
    let web = Web::start(|_, asked| match asked.target.as_str() {
        "/token" if asked.body.ends_with(b"client_id=me&client_secret=hunter2hunter2") => {
            answer(200, r#"{"access_token": "t"}"#)
        }
        "/token" => answer(401, r#"{"error": "invalid_client", "you sent": "hunter2hunter2"}"#),
        _ => answer(200, "in"),
    })
    .await;
    assert_eq!(text(&client_credentials(&web).get(&web, "/").await.expect("an answer")), "in");
    let web = Web::start(|_, _| answer(401, r#"{"error": "invalid_client", "you sent": "hunter2hunter2"}"#)).await;
    let error = client_credentials(&web).get(&web, "/").await.expect_err("no token");
    assert_eq!(
        error.to_string(),
        r#"test at loopback: no token was given: status 401: {"error": "invalid_client", "you sent": "***"}"#
    );
    let web = Web::start(|_, _| answer(200, "welcome")).await;
    let error = client_credentials(&web).get(&web, "/").await.expect_err("no token");
    assert_eq!(error.to_string(), "test at loopback: an answer without a token where one was asked for");
}
