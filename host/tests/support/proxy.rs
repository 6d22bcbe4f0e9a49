//! A proxy between a client and a server that breaks a connection once, and then passes everything.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// When the connection is broken.
#[derive(Clone, Copy)]
pub enum Cut {
    /// When the server has sent so many bytes through one connection.
    FromServer { after: usize },
    /// When the client has.
    FromClient { after: usize },
    /// When the client has sent this text: it reaches the server, whose answer reaches nobody.
    AnswerTo(&'static str),
}

pub struct Proxy {
    port: u16,
    has_cut: Arc<AtomicBool>,
}

impl Proxy {
    pub fn start(server: u16, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let has_cut = Arc::new(AtomicBool::new(false));
        let state = Arc::clone(&has_cut);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let (to_server, to_client) = (clone(&client, &server), clone(&server, &client));
                let states = [Arc::clone(&state), Arc::clone(&state)];
                let [up, down] = states;
                thread::spawn(move || pass(to_server, |sent, text| from_client(cut, sent, text), &up));
                thread::spawn(move || pass(to_client, |sent, _| from_server(cut, sent), &down));
            }
        });
        Self { port, has_cut }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn has_cut(&self) -> bool {
        self.has_cut.load(Ordering::SeqCst)
    }
}

fn clone(from: &TcpStream, to: &TcpStream) -> (TcpStream, TcpStream) {
    (from.try_clone().unwrap(), to.try_clone().unwrap())
}

fn from_server(cut: Cut, sent: usize) -> bool {
    matches!(cut, Cut::FromServer { after } if sent >= after)
}

fn from_client(cut: Cut, sent: usize, bytes: &[u8]) -> bool {
    match cut {
        Cut::FromServer { .. } => false,
        Cut::FromClient { after } => sent >= after,
        Cut::AnswerTo(text) => bytes.windows(text.len()).any(|window| window == text.as_bytes()),
    }
}

/// Passes bytes on, until it is time to break the connection, or it ends.
fn pass((mut from, mut to): (TcpStream, TcpStream), is_time: impl Fn(usize, &[u8]) -> bool, has_cut: &AtomicBool) {
    let mut buffer = [0; 16 << 10];
    let mut sent = 0;
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        sent += count;
        let cuts = is_time(sent, &buffer[..count]) && !has_cut.swap(true, Ordering::SeqCst);
        if cuts {
            // Whoever waits for an answer is cut off before it can come.
            let _ = from.shutdown(Shutdown::Both);
        }
        if to.write_all(&buffer[..count]).is_err() || cuts {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
