//! How requests go: encrypted by certificates of private authorities, and through a proxy.

#[path = "support/relay.rs"]
mod relay;
#[path = "support/web.rs"]
mod web;

use std::net::SocketAddr;
use std::sync::Arc;

use duckpen_connectors::{
    Cancel, ConnectorError, Connectors, HostGrants, HttpClient, HttpMethod, HttpParts, HttpRequest, HttpResponse,
    HttpSettings, Network, NetworkPolicy, ProjectFiles, RemoteFailure,
};
use duckpen_object_server::Server;
use relay::{AUTHORITY, Proxy, encrypted};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Handle;
use url::Url;
use web::{Web, answer};

/// A project with the authority in `certs/ca.pem`.
fn project() -> (TempDir, Arc<ProjectFiles>) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("certs")).expect("a folder");
    std::fs::write(folder.path().join("certs/ca.pem"), AUTHORITY).expect("it is written");
    std::fs::write(folder.path().join("certs/none.pem"), "no certificate").expect("it is written");
    let broken = AUTHORITY.replacen("MII", "AAA", 1);
    std::fs::write(folder.path().join("certs/broken.pem"), broken).expect("it is written");
    let files = Arc::new(ProjectFiles::open(folder.path()).expect("a project"));
    (folder, files)
}

fn granting(addresses: &[SocketAddr]) -> NetworkPolicy {
    let grant = |policy: NetworkPolicy, address: &SocketAddr| policy.with_private(&address.to_string());
    addresses.iter().fold(NetworkPolicy::default(), |policy, address| grant(policy, address).expect("an address"))
}

async fn get(policy: NetworkPolicy, files: &Arc<ProjectFiles>, url: &str) -> Result<HttpResponse, ConnectorError> {
    let base: Url = url.parse().expect("an address");
    let mut settings = HttpSettings::default();
    settings.policy.retries = 0;
    let client = HttpClient::new(HttpParts {
        connector: "test",
        place: "test".to_owned(),
        network: Network::new(policy).with_files(Arc::clone(files)),
        grants: HostGrants::new("test").with_address(&base).expect("a host"),
        authentication: None,
        secrets: Vec::new(),
        settings,
        observer: Arc::new(()),
        runtime: Handle::current(),
    })?;
    let request = HttpRequest {
        method: HttpMethod::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        is_repeatable: true,
    };
    client.send_within(&request, &Cancel::default()).await
}

fn told(outcome: Result<HttpResponse, ConnectorError>) -> Result<String, String> {
    match outcome {
        Ok(response) => Ok(String::from_utf8_lossy(&response.body).into_owned()),
        Err(ConnectorError::Remote(error)) => Err(format!("{:?}", error.kind)),
        Err(error) => Err(error.to_string()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_private_authority_is_believed_where_the_project_names_it() {
    let (_folder, files) = project();
    let web = Web::start(|_, _| answer(200, "rows")).await;
    let address = encrypted(web.address).await;
    let url = format!("https://{address}/");
    for (place, expected) in [
        (None, Err("Tls")),
        (Some("certs/ca.pem"), Ok("rows")),
        (
            Some("certs/none.pem"),
            Err("'certs/none.pem' is no file of certificates as PEM, as `[network] ca_file` in duckpen.toml names it"),
        ),
        (
            Some("certs/broken.pem"),
            Err(
                "'certs/broken.pem' is no file of certificates as PEM, as `[network] ca_file` in duckpen.toml names it",
            ),
        ),
        (Some("../ca.pem"), Err("'../ca.pem' is outside of the project")),
    ] {
        let policy = granting(&[address]);
        let policy = place.map_or(policy.clone(), |place| policy.with_authorities(place));
        let found = told(get(policy, &files, &url).await);
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{place:?}");
    }
    // A name that the certificate is not for.
    let policy = granting(&[address]).with_authorities("certs/ca.pem");
    let named = format!("https://[::ffff:127.0.0.1]:{}/", address.port());
    assert_eq!(told(get(policy, &files, &named).await), Err("Tls".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_come_from_a_store_with_a_private_authority() {
    let (_folder, files) = project();
    let server = Server::with_keys("id", "secret").expect("a free port");
    server.put("shop", "in/a.csv", "a");
    let address = encrypted(server.address().parse().expect("an address")).await;
    let test = |policy: NetworkPolicy| {
        let params = json!({"bucket": "shop", "path_prefix": "in", "endpoint_url": format!("https://{address}"),
            "access_key_id": "id", "secret_access_key": "secret", "max_retries": 0});
        let connectors = Connectors::new(Arc::clone(&files), Arc::new(())).with_network(policy);
        let params = params.as_object().expect("an object");
        tokio::task::block_in_place(|| connectors.objects(params, None)?.test(&Cancel::default()))
    };
    let policy = granting(&[address]);
    let refused = test(policy.clone()).expect_err("nobody knows the authority");
    assert!(matches!(&refused, ConnectorError::Remote(error) if error.kind == RemoteFailure::Tls), "{refused:?}");
    assert!(refused.hint().is_some_and(|hint| hint.contains("ca_file")), "{refused:?}");
    let found = test(policy.with_authorities("certs/ca.pem")).expect("it is believed");
    assert_eq!(found, format!("s3 shop at {address}, 1 object of s3://shop/in/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_through_the_proxy_and_only_for_hosts_that_are_listed() {
    let (_folder, files) = project();
    let web = Web::start(|_, asked| answer(200, &asked.target)).await;
    let (plain, secure) = (web.address.port(), encrypted(web.address).await.port());
    let proxy = Proxy::start().await;
    let policy = |hosts: &[&str]| {
        let policy = NetworkPolicy::default().with_proxy(&format!("http://{}", proxy.address)).expect("an address");
        let policy = policy.with_authorities("certs/ca.pem").with_direct(["localhost".parse().expect("a host")]);
        let hosts: Vec<_> = hosts.iter().map(|host| host.parse().expect("a host")).collect();
        if hosts.is_empty() { policy } else { policy.with_hosts(hosts) }
    };
    let listed = &["shop.test", "localhost"][..];
    for (hosts, url, expected) in [
        // The name means something to the proxy alone.
        (listed, format!("http://shop.test:{plain}/a"), Ok(format!("http://shop.test:{plain}/a"))),
        (listed, format!("https://shop.test:{secure}/b"), Ok("/b".to_owned())),
        (
            listed,
            format!("http://other.test:{plain}/"),
            Err("the host `other.test` is not among those that the project may reach".to_owned()),
        ),
        (
            &[],
            format!("http://shop.test:{plain}/"),
            Err("the host `shop.test` would be looked for by the proxy, where nobody sees its address".to_owned()),
        ),
        // Without the proxy, and so with a look at its address.
        (
            listed,
            format!("http://localhost:{plain}/"),
            Err(format!("the host `localhost` is at the private address 127.0.0.1:{plain}")),
        ),
    ] {
        assert_eq!(told(get(policy(hosts), &files, &url).await), expected, "{url}");
    }
    let asked = [format!("GET http://shop.test:{plain}/a"), format!("CONNECT shop.test:{secure}")];
    assert_eq!(proxy.asked(), asked);
}
