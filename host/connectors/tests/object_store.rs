//! Objects that are fetched and sent, from and to a server of the S3 API on loopback that fails when it is told to.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use duckpen_connectors::{
    Cancel, ConnectorError, ConnectorObserver, Connectors, NetworkPolicy, ObjectConnector, PendingUpload, ProjectFiles,
    RemoteFailure, Staging, UploadRecord,
};
use duckpen_object_server::{Fault, Rule, Server};
use serde_json::{Value, json};
use tempfile::TempDir;

const ID: &str = "test-id";
const SECRET: &str = "test-secret-hunter2";

/// How often something was tried again.
#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl ConnectorObserver for Seen {
    fn retrying(&self, _: &str, error: &ConnectorError, _: Duration) {
        self.0.lock().unwrap().push(error.to_string());
    }
    fn circuit_opened(&self, _: &str, _: u32, _: Duration) {}
    fn circuit_closed(&self, _: &str) {}
    fn throttled(&self, _: &str, _: Duration) {}
    fn read_as_text(&self, _: &str, _: &str, _: &str) {}
}

/// A server with the bucket `shop`, and a project that may ask it.
struct Shop {
    server: Server,
    folder: TempDir,
    files: Arc<ProjectFiles>,
    staging: Staging,
    connectors: Connectors,
    seen: Arc<Seen>,
}

impl Shop {
    fn new() -> Self {
        let server = Server::with_keys(ID, SECRET).unwrap();
        server.make_bucket("shop");
        let folder = tempfile::tempdir().unwrap();
        let files = Arc::new(ProjectFiles::open(folder.path()).unwrap());
        let staging = Staging::create(Arc::clone(&files), "run").unwrap();
        let seen = Arc::new(Seen::default());
        let policy = NetworkPolicy::default().with_private("127.0.0.1").unwrap();
        let connectors = Connectors::new(Arc::clone(&files), Arc::<Seen>::clone(&seen) as Arc<dyn ConnectorObserver>)
            .with_network(policy)
            .with_environment(Arc::new(|_| None));
        Self { server, folder, files, staging, connectors, seen }
    }

    fn params(&self, more: &Value) -> Value {
        let mut params = json!({
            "endpoint_url": self.server.endpoint(), "access_key_id": ID, "secret_access_key": SECRET, "retry_delay": 0.001,
        });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    }

    fn objects(&self, more: Value) -> Result<ObjectConnector, ConnectorError> {
        self.connectors.objects(self.params(&more).as_object().unwrap(), None)
    }

    /// The texts of what is fetched, by the paths of the copies within their folder.
    fn fetch(&self, more: Value) -> Result<Vec<(String, String)>, ConnectorError> {
        let inbox = self.staging.inbox("load_orders", "orders").unwrap();
        let fetched = self.objects(more)?.fetch(inbox, &Cancel::default())?;
        let root = self.staging.path().join("load_orders.orders.fetched");
        let copies = fetched.files().paths.iter().map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            (name, fs::read_to_string(path).unwrap())
        });
        Ok(copies.collect())
    }

    /// Sends `bytes` as the file that a step wrote.
    fn send(&self, more: Value, bytes: &[u8]) -> Result<PendingUpload, ConnectorError> {
        self.send_of("export_orders", more, bytes)
    }

    fn send_of(&self, step: &str, more: Value, bytes: &[u8]) -> Result<PendingUpload, ConnectorError> {
        let staged = self.staging.stage_object(step);
        fs::write(staged.absolute(), bytes).unwrap();
        let origin = ("shop", step);
        let objects = self.objects(more)?;
        objects.send(&staged, objects.one_key()?, origin, None, "run-1".to_owned(), &Cancel::default())
    }

    fn left_aside(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.staging.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn retries(&self) -> usize {
        self.seen.0.lock().unwrap().len()
    }
}

fn kind(error: &ConnectorError) -> Option<RemoteFailure> {
    match error {
        ConnectorError::Remote(error) => Some(error.kind),
        _ => None,
    }
}

#[test]
fn objects_are_copied_with_what_their_names_tell_and_removed_again() {
    let shop = Shop::new();
    for key in ["in/b.csv", "in/a.csv", "in/day=1/c.csv", "in/a.txt", "in/_SUCCESS", "other/a.csv", "in/k [1]?.csv"] {
        shop.server.put("shop", key, key);
    }
    shop.server.put("shop", "in/folder", "");
    let named = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned())).collect()
    };
    for (place, expected) in [
        (json!({"uri": "s3://shop/in/a.csv"}), named(&[("000000/a.csv", "in/a.csv")])),
        (
            json!({"bucket": "shop", "key": "in/?.csv"}),
            named(&[("000000/a.csv", "in/a.csv"), ("000001/b.csv", "in/b.csv")]),
        ),
        (json!({"uri": "s3://shop/*/day=*/*.csv"}), named(&[("000000/day=1/c.csv", "in/day=1/c.csv")])),
        (
            json!({"bucket": "shop", "path_prefix": "in", "partition_filter": {"day": 1}}),
            named(&[("000000/day=1/c.csv", "in/day=1/c.csv")]),
        ),
        (json!({"uri": "s3://shop/in/k*"}), named(&[("000000/k %5B1%5D%3F.csv", "in/k [1]?.csv")])),
    ] {
        assert_eq!(shop.fetch(place.clone()).unwrap(), expected, "{place}");
    }
    assert_eq!(shop.fetch(json!({"bucket": "shop", "path_prefix": "in/"})).unwrap().len(), 5);
    assert!(shop.left_aside().is_empty(), "{:?}", shop.left_aside());
}

#[test]
fn listings_are_read_to_their_end() {
    let shop = Shop::new();
    for number in 0..2_345 {
        shop.server.put("shop", &format!("in/{number:05}.csv"), number.to_string());
    }
    let copies = shop.fetch(json!({"uri": "s3://shop/in/*.csv", "parallel_workers": 16})).unwrap();
    assert_eq!(copies.len(), 2_345);
    assert_eq!(copies[2_344], ("002344/02344.csv".to_owned(), "2344".to_owned()));
    let listings = shop.server.requests().iter().filter(|request| request.contains("list-type=2")).count();
    assert_eq!(listings, 3);
}

#[test]
fn what_is_too_much_is_refused_before_it_is_copied() {
    let shop = Shop::new();
    for number in 0..20 {
        shop.server.put("shop", &format!("in/{number}.csv"), "x".repeat(1_000));
    }
    for (more, message, hint) in [
        (json!({"max_files": 19}), "'s3://shop/in/*': more than 19 objects match", "max_files"),
        (json!({"max_files_per_run": 3}), "'s3://shop/in/*': more than 3 objects match", "max_files"),
        (
            json!({"max_data_size_gb": 0.00001}),
            "'s3://shop/in/*': the objects have more than 0.00001 GB",
            "max_data_size_gb",
        ),
    ] {
        let mut place = json!({"uri": "s3://shop/in/*"});
        place.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = shop.fetch(place).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.hint().unwrap().contains(hint), "{error}");
    }
    assert!(!shop.server.requests().iter().any(|request| request.starts_with("GET /shop/in")));
}

#[test]
fn a_server_that_fails_now_and_then_is_asked_again() {
    let text = "0123456789".repeat(10_000);
    let refused = |status, code| Fault::Refused(status, code);
    for (part, fault, times, retries) in [
        ("list-type", refused(503, "SlowDown"), 2, 2),
        ("list-type", refused(500, "InternalError"), 1, 1),
        ("list-type", Fault::Cut, 1, 1),
        ("/in/", refused(503, "SlowDown"), 3, 3),
        ("/in/", Fault::Cut, 1, 1),
        ("/in/", Fault::CutAfter(0), 1, 1),
        ("/in/", Fault::CutAfter(54_321), 1, 1),
        ("/in/", Fault::Unanswered, 1, 1),
    ] {
        let shop = Shop::new();
        shop.server.put("shop", "in/a.csv", text.clone());
        shop.server.misbehave(Rule::new("GET", part, fault.clone()).times(times));
        let copies = shop.fetch(json!({"uri": "s3://shop/in/*.csv"}));
        let copies = copies.unwrap_or_else(|error| panic!("{part} {fault:?}: {error}"));
        assert!(copies[0].1 == text, "{part} {fault:?}: {} bytes", copies[0].1.len());
        assert_eq!(shop.retries(), retries, "{part} {fault:?}: {:?}", shop.seen.0.lock().unwrap());
    }
}

#[test]
fn what_goes_wrong_is_told_in_words_and_leaves_nothing() {
    struct Case {
        params: Value,
        rules: Vec<Rule>,
        kind: RemoteFailure,
        words: &'static str,
    }
    let case = |params: Value, rules: Vec<Rule>, kind, words| Case { params, rules, kind, words };
    let orders = || json!({"uri": "s3://shop/in/*.csv"});
    for Case { params, rules, kind: expected, words } in [
        case(json!({"uri": "s3://nowhere/a.csv"}), vec![], RemoteFailure::NoSuchBucket, "there is no bucket"),
        case(json!({"uri": "s3://shop/a.csv"}), vec![], RemoteFailure::NoSuchObject, "there is no object `a.csv`"),
        case(
            json!({"uri": "s3://shop/in/a.csv", "access_key_id": "other"}),
            vec![],
            RemoteFailure::Credentials,
            "InvalidAccessKeyId",
        ),
        case(
            json!({"uri": "s3://shop/in/a.csv", "secret_access_key": "other"}),
            vec![],
            RemoteFailure::Credentials,
            "SignatureDoesNotMatch",
        ),
        case(
            orders(),
            vec![Rule::new("GET", "/in/", Fault::Refused(403, "AccessDenied"))],
            RemoteFailure::Permission,
            "AccessDenied",
        ),
        case(
            orders(),
            vec![Rule::new("GET", "list-type", Fault::Refused(503, "SlowDown")).times(9)],
            RemoteFailure::Busy,
            "SlowDown",
        ),
        case(
            orders(),
            vec![Rule::new("GET", "/in/", Fault::Changed(b"other bytes".to_vec()))],
            RemoteFailure::Changed,
            "changed while it was read",
        ),
        case(
            orders(),
            vec![
                Rule::new("GET", "/in/", Fault::CutAfter(3)),
                Rule::new("GET", "/in/", Fault::Changed(b"0987654321".to_vec())),
            ],
            RemoteFailure::Changed,
            "changed while it was read",
        ),
        case(
            orders(),
            vec![Rule::new("GET", "/in/", Fault::Longer(7)).times(9)],
            RemoteFailure::Changed,
            "it had 10 bytes, and has 17",
        ),
    ] {
        let shop = Shop::new();
        shop.server.put("shop", "in/a.csv", "0123456789");
        rules.into_iter().for_each(|rule| shop.server.misbehave(rule));
        let error = shop.fetch(params.clone()).unwrap_err();
        let told = format!("{error} {:?}", error.hint());
        assert_eq!(kind(&error), Some(expected), "{params}: {told}");
        assert!(told.contains(words) && error.hint().is_some(), "{params}: {told}");
        assert!(told.contains("s3 ") && !told.contains(SECRET) && !told.contains(ID), "{params}: {told}");
        assert!(shop.left_aside().is_empty(), "{params}: {:?}", shop.left_aside());
    }
}

#[test]
fn a_server_that_is_slow_is_waited_for_only_so_long() {
    let shop = Shop::new();
    shop.server.put("shop", "in/a.csv", "a");
    shop.server.misbehave(Rule::new("GET", "/in/", Fault::Slow(Duration::from_secs(5))));
    let slow = json!({"uri": "s3://shop/in/*", "timeout_seconds": 0.2, "max_retries": 0});
    assert_eq!(kind(&shop.fetch(slow).unwrap_err()), Some(RemoteFailure::Timeout));
}

#[test]
fn a_host_that_was_not_granted_is_not_asked() {
    let shop = Shop::new();
    let files = Arc::clone(&shop.files);
    let connectors = Connectors::new(files, Arc::new(())).with_environment(Arc::new(|_| None));
    let params = shop.params(&json!({"uri": "s3://shop/in/a.csv"}));
    let error = connectors.objects(params.as_object().unwrap(), None).err().unwrap();
    assert!(error.to_string().contains("private address"), "{error}");
    assert!(error.hint().unwrap().contains("[network] private"), "{error}");
    assert!(shop.server.requests().is_empty());
}

#[test]
fn an_object_appears_when_its_upload_is_completed_and_whole() {
    let shop = Shop::new();
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    for (part_size_mb, parts) in [(json!(8), 1), (json!(0.1), 4), (json!("0.1"), 4)] {
        shop.server.put("shop", "out.bin", "old");
        let place = json!({"uri": "s3://shop/out.bin", "part_size_mb": part_size_mb});
        let mut pending = shop.send(place, &bytes).unwrap();
        assert_eq!(pending.record().parts.len(), parts);
        assert_eq!(shop.server.object("shop", "out.bin").unwrap(), b"old");
        assert_eq!(shop.left_aside(), ["export_orders", "export_orders.upload"]);
        pending.commit();
        pending.complete().unwrap();
        assert!(shop.server.object("shop", "out.bin").unwrap() == bytes);
        pending.complete().unwrap();
        pending.forget().unwrap();
        assert!(shop.server.uploads("shop").is_empty());
        assert!(shop.left_aside().is_empty());
    }
    let mut empty = shop.send(json!({"uri": "s3://shop/empty.csv"}), b"").unwrap();
    empty.commit();
    empty.complete().unwrap();
    assert_eq!(shop.server.object("shop", "empty.csv").unwrap(), b"");
}

#[test]
fn an_upload_that_is_not_committed_is_given_up() {
    let shop = Shop::new();
    let pending = shop.send(json!({"uri": "s3://shop/out.bin"}), b"new").unwrap();
    assert_eq!(shop.server.uploads("shop"), ["out.bin"]);
    drop(pending);
    assert!(shop.server.uploads("shop").is_empty());
    assert!(shop.server.keys("shop").is_empty());
    assert_eq!(shop.left_aside(), ["export_orders"]);
    for (method, part) in [("POST", "uploads"), ("PUT", "partNumber=1"), ("PUT", "partNumber=3")] {
        for fault in [Fault::Refused(403, "AccessDenied"), Fault::Refused(400, "EntityTooSmall")] {
            shop.server.misbehave(Rule::new(method, part, fault));
            let error = shop.send(json!({"uri": "s3://shop/out.bin", "part_size_mb": 0.000001}), b"new").err().unwrap();
            assert!(matches!(kind(&error), Some(RemoteFailure::Permission | RemoteFailure::Rejected)), "{error}");
            assert!(shop.server.uploads("shop").is_empty() && shop.server.keys("shop").is_empty(), "{method} {part}");
            assert_eq!(shop.left_aside(), ["export_orders"]);
        }
    }
}

#[test]
fn sending_is_tried_again_and_completing_twice_does_no_harm() {
    let refused = Fault::Refused(503, "SlowDown");
    for (method, part, fault, retries) in [
        ("POST", "uploads", refused.clone(), 1),
        ("PUT", "partNumber=2", refused.clone(), 1),
        ("PUT", "partNumber=2", Fault::Cut, 1),
        ("PUT", "partNumber=2", Fault::Unanswered, 1),
        ("POST", "uploadId", refused, 1),
        ("POST", "uploadId", Fault::Cut, 1),
        // It is completed, and the second attempt finds no upload, but its object.
        ("POST", "uploadId", Fault::Unanswered, 1),
    ] {
        let shop = Shop::new();
        shop.server.put("shop", "out.bin", "old");
        shop.server.misbehave(Rule::new(method, part, fault.clone()));
        let place = json!({"uri": "s3://shop/out.bin", "part_size_mb": 0.000001});
        let mut pending = shop.send(place, b"new").unwrap_or_else(|error| panic!("{part} {fault:?}: {error}"));
        pending.commit();
        pending.complete().unwrap_or_else(|error| panic!("{part} {fault:?}: {error}"));
        assert_eq!(shop.server.object("shop", "out.bin").unwrap(), b"new", "{part} {fault:?}");
        assert!(shop.server.uploads("shop").is_empty(), "{part} {fault:?}");
        assert_eq!(shop.retries(), retries, "{part} {fault:?}");
    }
}

#[test]
fn an_upload_of_an_earlier_run_is_completed_or_sent_again_or_told_of() {
    let shop = Shop::new();
    let objects = shop.objects(json!({"uri": "s3://shop/out.bin"})).unwrap();
    let staged = shop.staging.stage_object("export_orders");
    let cancel = Cancel::default();
    let pending = || {
        let mut pending = shop.send(json!({"uri": "s3://shop/out.bin"}), b"new").unwrap();
        // As a process that is killed after the commit.
        pending.commit();
        pending.record().clone()
    };
    let record = pending();
    objects.recover(&record, &staged, &cancel).unwrap();
    assert_eq!(shop.server.object("shop", "out.bin").unwrap(), b"new");
    // The answer was lost, and so was the host.
    objects.recover(&record, &staged, &cancel).unwrap();

    // The server has forgotten it, and somebody else has written since.
    let record = pending();
    shop.server.forget_uploads("shop");
    shop.server.put("shop", "out.bin", "old");
    objects.recover(&record, &staged, &cancel).unwrap();
    assert_eq!(shop.server.object("shop", "out.bin").unwrap(), b"new");
    assert!(shop.server.uploads("shop").is_empty());

    let record = pending();
    shop.server.forget_uploads("shop");
    shop.server.put("shop", "out.bin", "old");
    fs::remove_file(staged.absolute()).unwrap();
    let error = objects.recover(&record, &staged, &cancel).unwrap_err();
    assert_eq!(kind(&error), Some(RemoteFailure::NoSuchUpload), "{error}");
}

#[test]
fn uploads_that_were_cut_off_are_given_up_before_their_folder_is_removed() {
    let shop = Shop::new();
    let objects = shop.objects(json!({"uri": "s3://shop/out.bin"})).unwrap();
    let mut pending = shop.send(json!({"uri": "s3://shop/out.bin"}), b"new").unwrap();
    pending.commit();
    drop(pending);
    let folder = shop.folder.path().join("target/staging/run");
    let sweep = |give_up: &mut dyn FnMut() -> bool| {
        Staging::sweep(
            &shop.files,
            |run| run == "run",
            |record| {
                assert_eq!(record.place(), "s3://shop/out.bin");
                give_up() && objects.give_up(record, &Cancel::default()).is_ok()
            },
        )
        .unwrap();
    };
    sweep(&mut || false);
    assert!(
        folder.is_dir() && shop.server.uploads("shop").len() == 1,
        "what cannot be given up is kept for another time"
    );
    sweep(&mut || true);
    assert!(!folder.exists() && shop.server.uploads("shop").is_empty());
}

#[test]
fn an_upload_whose_beginning_is_not_answered_does_not_stay() {
    let place = |max_retries: u32| json!({"uri": "s3://shop/out.bin", "max_retries": max_retries});
    let finish = |shop: &Shop, mut pending: PendingUpload| {
        pending.commit();
        pending.complete().unwrap();
        pending.forget().unwrap();
        assert!(shop.server.uploads("shop").is_empty() && shop.left_aside().is_empty());
    };
    // It is begun again.
    let shop = Shop::new();
    shop.server.misbehave(Rule::new("POST", "uploads", Fault::Unanswered));
    let pending = shop.send(place(2), b"new").unwrap();
    assert_eq!(shop.server.upload_ids("shop"), [pending.record().upload_id.as_str()]);
    finish(&shop, pending);
    // It is begun again, and the first one can be given up only at the end.
    let shop = Shop::new();
    shop.server.misbehave(Rule::new("POST", "uploads", Fault::Unanswered));
    shop.server.misbehave(Rule::new("GET", "uploads", Fault::Refused(403, "AccessDenied")).after(1));
    let pending = shop.send(place(2), b"new").unwrap();
    assert_eq!(shop.server.uploads("shop").len(), 2);
    finish(&shop, pending);
    // It is not begun again.
    let shop = Shop::new();
    shop.server.misbehave(Rule::new("POST", "uploads", Fault::Unanswered));
    assert_eq!(shop.send(place(0), b"new").err().and_then(|error| kind(&error)), Some(RemoteFailure::Lost));
    assert!(shop.server.uploads("shop").is_empty());
    assert_eq!(shop.left_aside(), ["export_orders"]);
}

#[test]
fn of_uploads_without_a_name_only_those_are_given_up_that_can_be_meant() {
    let shop = Shop::new();
    let now = Duration::ZERO;
    let before = shop.server.begin_upload("shop", "out/ü 1+.bin", now);
    let place = json!({"uri": "s3://shop/out/ü 1+.bin", "max_retries": 0});
    // A run that leaves an upload and its note: the answer is lost, and so is the first look for what it left.
    shop.server.misbehave(Rule::new("POST", "uploads", Fault::Unanswered));
    shop.server.misbehave(Rule::new("GET", "uploads", Fault::Refused(403, "AccessDenied")).after(1));
    assert!(shop.send(place.clone(), b"new").is_err());
    assert_eq!(shop.left_aside(), ["export_orders", "export_orders.upload"]);
    let left = shop.server.upload_ids("shop").into_iter().find(|id| *id != before).unwrap();
    let others = [
        before,
        shop.server.begin_upload("shop", "out/ü 1+.bin", Duration::from_secs(7_200)),
        shop.server.begin_upload("shop", "out/ü 1+.bin.gz", now),
        shop.server.begin_upload("shop", "out/", now),
    ];
    // Another run writes the same object, and has sent a part.
    let running = shop.send_of("export_others", place.clone(), b"others").unwrap();
    let expected = |also: &[String]| {
        let mut ids = [&others[..], &[running.record().upload_id.clone()], also].concat();
        ids.sort();
        ids
    };
    assert_eq!(shop.server.upload_ids("shop"), expected(&[left]));
    let give_up = |record: &UploadRecord| {
        record.step == "export_orders"
            && shop.objects(place.clone()).unwrap().give_up(record, &Cancel::default()).is_ok()
    };
    Staging::sweep(&shop.files, |run| run == "run", give_up).unwrap();
    assert_eq!(shop.server.upload_ids("shop"), expected(&[]));
}

#[test]
fn an_upload_that_somebody_gives_up_is_sent_again() {
    let shop = Shop::new();
    let place = json!({"uri": "s3://shop/out.bin", "part_size_mb": 0.000001});
    // Before its parts are sent.
    shop.server.misbehave(Rule::new("PUT", "partNumber=1", Fault::Refused(404, "NoSuchUpload")));
    let mut pending = shop.send(place.clone(), b"new").unwrap();
    assert_eq!(shop.server.upload_ids("shop"), [pending.record().upload_id.as_str()]);
    // And once more, after its step was committed.
    shop.server.forget_uploads("shop");
    pending.commit();
    pending.complete().unwrap();
    pending.forget().unwrap();
    assert_eq!(shop.server.object("shop", "out.bin").unwrap(), b"new");
    assert!(shop.server.uploads("shop").is_empty() && shop.left_aside().is_empty());
    // Whose uploads always go is told so.
    shop.server.misbehave(Rule::new("PUT", "partNumber=1", Fault::Refused(404, "NoSuchUpload")).times(2));
    let error = shop.send(place, b"new").err().unwrap();
    assert_eq!(kind(&error), Some(RemoteFailure::NoSuchUpload), "{error}");
    assert!(shop.server.uploads("shop").is_empty());
}

#[test]
fn a_server_that_lists_no_uploads_takes_them_all_the_same() {
    for fault in
        [Fault::Refused(403, "AccessDenied"), Fault::Refused(501, "NotImplemented"), Fault::Refused(404, "NoSuchKey")]
    {
        let shop = Shop::new();
        shop.server.misbehave(Rule::new("GET", "uploads", fault.clone()));
        let mut pending = shop.send(json!({"uri": "s3://shop/out.bin"}), b"new").unwrap();
        assert_eq!(pending.record().beginning, None);
        pending.commit();
        pending.complete().unwrap();
        assert_eq!(shop.server.object("shop", "out.bin").unwrap(), b"new", "{fault:?}");
    }
}

#[test]
fn a_listing_of_many_uploads_is_read_to_the_end_of_the_key() {
    let shop = Shop::new();
    for _ in 0..1_500 {
        shop.server.begin_upload("shop", "out.bin", Duration::ZERO);
    }
    shop.server.misbehave(Rule::new("POST", "uploads", Fault::Unanswered));
    let pending = shop.send(json!({"uri": "s3://shop/out.bin"}), b"new").unwrap();
    // All of them were there before, and are somebody's.
    assert_eq!(shop.server.upload_ids("shop").len(), 1_501);
    drop(pending);
    assert_eq!(shop.server.upload_ids("shop").len(), 1_500);
}

#[test]
fn folders_of_runs_in_memory_are_cleared_when_their_process_is_gone_and_their_uploads_are_given_up() {
    let shop = Shop::new();
    let objects = shop.objects(json!({"uri": "s3://shop/out.bin"})).unwrap();
    let staging = Staging::create_in_memory(Arc::clone(&shop.files), "memory").unwrap();
    let folder = staging.path();
    let staged = staging.stage_object("export_orders");
    fs::write(staged.absolute(), "new").unwrap();
    let sent =
        objects.send(&staged, "out.csv", ("shop", "export_orders"), None, "run-1".to_owned(), &Cancel::default());
    let mut pending = sent.unwrap();
    // Its process is killed after the commit, which is gone with it.
    pending.commit();
    drop(pending);
    let asked = Mutex::new(0);
    let sweep = |does: bool| {
        let give_up = |record: &UploadRecord| {
            *asked.lock().unwrap() += 1;
            does && objects.give_up(record, &Cancel::default()).is_ok()
        };
        Staging::sweep_in_memory(&shop.files, give_up).unwrap();
        let is_left = !shop.server.uploads("shop").is_empty();
        assert_eq!(is_left, folder.is_dir());
        (*asked.lock().unwrap(), is_left)
    };
    assert_eq!(sweep(true), (0, true), "its process is still there");
    drop(staging);
    assert_eq!(sweep(false), (1, true));
    assert_eq!(sweep(true), (2, false));
    assert_eq!(sweep(true), (2, false));
}

#[test]
fn fetching_stops_when_it_is_told_to() {
    let shop = Shop::new();
    shop.server.put("shop", "in/a.csv", "a");
    shop.server.misbehave(Rule::new("GET", "/in/", Fault::Slow(Duration::from_secs(60))));
    let cancel = Cancel::default();
    let stopper = cancel.clone();
    let objects = shop.objects(json!({"uri": "s3://shop/in/*"})).unwrap();
    let inbox = shop.staging.inbox("load_orders", "orders").unwrap();
    let outcome = std::thread::scope(|scope| {
        let fetching = scope.spawn(|| objects.fetch(inbox, &cancel).map(|_| ()));
        while shop.server.requests().len() < 2 {
            std::thread::yield_now();
        }
        stopper.raise();
        fetching.join().unwrap()
    });
    assert!(matches!(outcome, Err(ConnectorError::Cancelled)), "{outcome:?}");
    assert!(shop.left_aside().is_empty());
}

#[test]
fn a_connector_is_tried_by_looking_into_its_bucket() {
    let shop = Shop::new();
    shop.server.put("shop", "in/a.csv", "a");
    shop.server.put("shop", "in/b.txt", "b");
    let test = |more: Value| shop.objects(more).and_then(|objects| objects.test(&Cancel::default()));
    let answer = test(json!({"uri": "s3://shop/in/*.csv"})).unwrap();
    assert_eq!(answer, format!("s3 shop at {}, 1 object of s3://shop/in/*.csv", shop.server.address()));
    let error = test(json!({"bucket": "shop", "path_prefix": "", "secret_access_key": "other"})).unwrap_err();
    assert_eq!(kind(&error), Some(RemoteFailure::Credentials));
    assert!(Path::new(&shop.staging.path()).is_dir());
}
