//! Requests that nobody should make.

use crate::bindings::duckpen::columns::failures::Failure;
use crate::bindings::duckpen::connectors::http::{self, Header, Method, Request};

/// Makes the request that the misdeed is, if it is one. What comes back is no matter.
pub fn make(misdeed: &str, url: &str) -> Result<(), Failure> {
    match misdeed {
        "ask_ungranted_host" => get("https://evil.example/"),
        "ask_private_address" => get("http://169.254.169.254/latest/meta-data"),
        "ask_in_disguise" => get("http://[::ffff:127.0.0.1]:1/"),
        "ask_with_credentials" => get("https://user:password@evil.example/"),
        "ask_a_file" => get("file:///etc/passwd"),
        "ask_nothing" => get(""),
        "set_host" => with_header(url, "Host", "evil.example"),
        "set_authorization" => with_header(url, "Authorization", "Bearer mine"),
        "smuggle_a_header" => with_header(url, "X-A", "b\r\nHost: evil.example"),
        "send_too_much" => {
            let body = Some(vec![b'x'; 40 << 20]);
            send(Request { method: Method::Post, body, ..request(url) })
        }
        "tell_the_secret" => {
            let response = http::send(&request(url))?;
            let told = String::from_utf8_lossy(&response.body).into_owned();
            Err(super::failure(&told))
        }
        _ => Ok(()),
    }
}

/// Asks for something.
pub fn get(url: &str) -> Result<(), Failure> {
    send(request(url))
}

fn with_header(url: &str, name: &str, value: &str) -> Result<(), Failure> {
    send(Request { headers: vec![Header { name: name.to_owned(), value: value.to_owned() }], ..request(url) })
}

fn send(request: Request) -> Result<(), Failure> {
    http::send(&request).map(drop)
}

fn request(url: &str) -> Request {
    Request { method: Method::Get, url: url.to_owned(), headers: Vec::new(), body: None, is_repeatable: true }
}
