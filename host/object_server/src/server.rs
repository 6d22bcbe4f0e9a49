use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::api;
use crate::fault::{Fault, Rule};
use crate::http::{Request, Response, decoded};
use crate::signature;
use crate::store::{Bucket, Object, Store, Upload};

/// The keys that requests have to be signed with.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The public half.
    pub id: String,
    /// The other.
    pub secret: String,
}

/// A server that listens until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    keys: Option<Keys>,
    is_closed: AtomicBool,
    store: Mutex<Store>,
    rules: Mutex<Vec<Rule>>,
    requests: Mutex<Vec<String>>,
}

impl Server {
    /// A server that answers anybody.
    ///
    /// # Errors
    /// When no port of loopback is free.
    pub fn start() -> io::Result<Self> {
        Self::listen(None)
    }

    /// A server that answers those who sign with these keys.
    ///
    /// # Errors
    /// When no port of loopback is free.
    pub fn with_keys(id: &str, secret: &str) -> io::Result<Self> {
        Self::listen(Some(Keys { id: id.to_owned(), secret: secret.to_owned() }))
    }

    fn listen(keys: Option<Keys>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            keys,
            is_closed: AtomicBool::new(false),
            store: Mutex::default(),
            rules: Mutex::default(),
            requests: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if served.is_closed.load(Ordering::SeqCst) {
                    break;
                }
                let (Ok(stream), served) = (stream, Arc::clone(&served)) else { continue };
                // A connection that breaks is the client's to notice.
                std::thread::spawn(move || drop(served.serve(stream)));
            }
        });
        Ok(Self { address, shared })
    }

    /// Its address, `127.0.0.1:40123`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Where it is reached: `http://127.0.0.1:40123`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a bucket, unless it is there.
    pub fn make_bucket(&self, bucket: &str) {
        self.shared.store().buckets.entry(bucket.to_owned()).or_default();
    }

    /// Lets nobody write to a bucket any more.
    pub fn close_bucket(&self, bucket: &str) {
        self.bucket(bucket, |bucket| bucket.is_closed = true);
    }

    /// Puts an object into a bucket, which is made if it is missing.
    pub fn put(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        self.make_bucket(bucket);
        self.bucket(bucket, |bucket| bucket.objects.insert(key.to_owned(), Object::new(bytes.into(), Vec::new())));
    }

    /// The bytes of an object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.bucket(bucket, |bucket| bucket.objects.get(key).map(|object| object.bytes.clone())).flatten()
    }

    /// The keys of a bucket, sorted.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.bucket(bucket, |bucket| bucket.objects.keys().cloned().collect()).unwrap_or_default()
    }

    /// Keys of a bucket that somebody has begun to upload to and neither completed nor given up, sorted.
    pub fn uploads(&self, bucket: &str) -> Vec<String> {
        let uploads = |bucket: &mut Bucket| bucket.uploads.values().map(|upload| upload.key.clone()).collect();
        let mut keys: Vec<String> = self.bucket(bucket, uploads).unwrap_or_default();
        keys.sort();
        keys
    }

    /// Begins an upload to a key, as somebody else, so long ago. Its name is returned.
    pub fn begin_upload(&self, bucket: &str, key: &str, ago: Duration) -> String {
        let id = self.shared.store().upload_id();
        let begun_at = Timestamp::now() - ago;
        let upload = Upload { key: key.to_owned(), begun_at, metadata: Vec::new(), parts: BTreeMap::new() };
        self.bucket(bucket, |bucket| bucket.uploads.insert(id.clone(), upload));
        id
    }

    /// The server's names of the uploads of a bucket that are begun, sorted.
    pub fn upload_ids(&self, bucket: &str) -> Vec<String> {
        self.bucket(bucket, |bucket| bucket.uploads.keys().cloned().collect()).unwrap_or_default()
    }

    /// Forgets the uploads of a bucket that are not completed, as servers do after some days.
    pub fn forget_uploads(&self, bucket: &str) {
        self.bucket(bucket, |bucket| bucket.uploads.clear());
    }

    /// Lets requests go wrong. The first rule that holds for a request is the one that counts.
    pub fn misbehave(&self, rule: Rule) {
        self.shared.rules().push(rule);
    }

    /// The requests so far: method, path and query.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }

    /// Another server, with what this one keeps.
    ///
    /// # Errors
    /// When no port of loopback is free.
    pub fn copy(&self) -> io::Result<Self> {
        let copy = Self::listen(self.shared.keys.clone())?;
        *copy.shared.store() = self.shared.store().clone();
        Ok(copy)
    }

    fn bucket<R>(&self, bucket: &str, look: impl FnOnce(&mut Bucket) -> R) -> Option<R> {
        self.shared.store().buckets.get_mut(bucket).map(look)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        drop(TcpStream::connect(self.address));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        lock(&self.rules)
    }

    /// Answers the requests of a connection until it is closed.
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = Request::read(&mut reader)? {
            lock(&self.requests).push(format!("{} {}", request.method, request.target));
            let fault = self.rules().iter_mut().find_map(|rule| rule.applies(&request).then(|| rule.fault.clone()));
            let mut most = usize::MAX;
            let mut longer = 0;
            let response = match fault {
                Some(Fault::Cut) => return stream.shutdown(Shutdown::Both),
                Some(Fault::Refused(status, code)) => api::refused(status, code),
                fault => {
                    match &fault {
                        Some(Fault::Slow(pause)) => std::thread::sleep(*pause),
                        Some(Fault::Changed(bytes)) => self.change(&request, bytes),
                        Some(Fault::CutAfter(bytes)) => most = *bytes,
                        Some(Fault::Longer(bytes)) => longer = *bytes,
                        _ => {}
                    }
                    let response = self.answer(&request);
                    if matches!(fault, Some(Fault::Unanswered)) {
                        return stream.shutdown(Shutdown::Both);
                    }
                    response
                }
            };
            let mut response = Response { length: Some(response.body.len() + longer), ..response };
            if request.method == "HEAD" {
                response.body.clear();
            }
            response.write(&mut stream, most)?;
            if most < usize::MAX || longer > 0 {
                return stream.shutdown(Shutdown::Both);
            }
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Response {
        if let Some(keys) = &self.keys
            && let Err(code) = signature::check(request, keys)
        {
            return api::refused(403, code);
        }
        api::answer(&mut self.store(), request)
    }

    /// Gives the object that a request is about other bytes.
    fn change(&self, request: &Request, bytes: &[u8]) {
        let path = decoded(request.path());
        let Some((bucket, key)) = path.trim_start_matches('/').split_once('/') else { return };
        if let Some(bucket) = self.store().buckets.get_mut(bucket) {
            bucket.objects.insert(key.to_owned(), Object::new(bytes.to_vec(), Vec::new()));
        }
    }
}
