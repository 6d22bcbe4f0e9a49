//! Whatever an API answers, the connector ends, and does not panic.
#![allow(clippy::unwrap_used, missing_docs)]

use duckpen::connectors::testing::{self, TestServer};
use duckpen::connectors::{Delivery, JsonPath, Logical, Relation, Response, Sink, Source, url};
use duckpen_connector_rest::Rest;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

static TYPES: [&str; 9] =
    ["BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMPTZ", "DECIMAL(9,2)", "UUID", "BOOLEAN", "TIME"];
static KINDS: [&str; 6] = ["none", "page", "offset", "cursor", "next_link", "link_header"];

/// Documents in which the words of the options below come up.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?)?".prop_map(Value::from),
        "(https?:)?/{0,2}(a\\.example)?/?[a-z?=#:/]{0,8}".prop_map(Value::from),
    ];
    let key = prop_oneof![Just("data".to_owned()), Just("next".to_owned()), Just("id".to_owned()), ".{0,6}"];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        let object = prop::collection::vec((key.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            object.prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn pagination() -> impl Strategy<Value = Value> {
    (prop::sample::select(&KINDS[..]), prop::option::of(0u64..4), 1u64..5).prop_map(|(kind, size, pages)| {
        json!({"type": kind, "page_size": size, "max_pages": pages, "cursor_path": "next", "next_path": "next"})
    })
}

fn selection() -> impl Strategy<Value = Value> {
    let types = prop::sample::select(&TYPES[..]);
    (pagination(), any::<bool>(), prop::option::of(types), prop::option::of(Just("id")), any::<bool>()).prop_map(
        |(pagination, flatten, id, cursor, below)| {
            let mut selection = json!({"pagination": pagination, "flatten_response": flatten, "sample_rows": 2});
            if below {
                selection["data_path"] = json!("data");
            }
            if let Some(id) = id {
                selection["types"] = json!({"id": id});
            }
            if let Some(cursor) = cursor {
                selection["cursor_field"] = json!(cursor);
            }
            selection
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_answered_a_read_ends(
        documents in prop::collection::vec(document(), 1..5),
        link in ".{0,20}",
        selection in selection(),
    ) {
        let asked = std::cell::Cell::new(0);
        let server = TestServer::new(move |_| {
            let number = asked.replace(asked.get() + 1);
            let headers = vec![("link".to_owned(), format!("<{link}>; rel=next"))];
            Response { headers, ..Response::json_of(200, &documents[number % documents.len()]) }
        });
        let configuration = testing::parameters(json!({"url": "https://a.example/v1"})).unwrap();
        let Ok(selection) = testing::parameters(selection) else { return Ok(()) };
        if let Ok(rows) = <Rest as Source>::open(configuration, selection, &server.host()) {
            prop_assert!(!rows.fields().is_empty());
            if let Ok(read) = testing::read(&rows, None) {
                // What was read is what a read that goes on leaves out.
                if let Some(state) = read.state {
                    let state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
                    let _ = testing::read(&rows, Some(state));
                }
            }
        }
        prop_assert!(server.requests().len() <= 15, "{} requests", server.requests().len());
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error(body in prop::collection::vec(any::<u8>(), 0..64), status in 100u16..600) {
        let server = TestServer::new(move |_| Response { status, headers: Vec::new(), body: body.clone() });
        let configuration = testing::parameters(json!({"url": "https://a.example"})).unwrap();
        let rows = <Rest as Source>::open(configuration, testing::parameters(json!({})).unwrap(), &server.host());
        if let Ok(rows) = rows {
            let _ = testing::read(&rows, None);
        }
    }

    #[test]
    fn a_path_that_is_one_is_written_as_it_is_read(text in "[a-c.\\[\\]\"0-9$]{0,12}", document in document()) {
        if let Ok(path) = text.parse::<JsonPath>() {
            prop_assert_eq!(&path.to_string().parse::<JsonPath>().unwrap(), &path);
            let _ = (path.find(&document), path.explain(&document), path.take(&mut document.clone()));
        }
    }

    #[test]
    fn any_text_is_a_link_a_type_or_none(text in ".{0,40}", nested in "(STRUCT\\(a |MAP\\(|ENUM\\('|[A-Z]{3,8}|\\[|\\]|,|\\)|[0-9]){0,30}") {
        let _ = url::resolve("https://a.example/x", &text);
        let _ = (url::origin(&text), url::query(&text), url::join(&text, "x"), url::with_query(&text, [("a", "b")]));
        let _ = (text.parse::<Logical>(), nested.parse::<Logical>());
    }

    #[test]
    fn what_is_sent_is_what_was_given(
        rows in prop::collection::vec((any::<i64>(), ".{0,20}", -1e300..1e300f64, any::<bool>()), 0..20),
        batch_size in 1usize..6,
        most in 1usize..6,
        bytes in 1usize..400,
    ) {
        let server = TestServer::new(|_| Response::json_of(200, &json!({})));
        let fields = testing::fields(&[("id", "BIGINT"), ("a \"name\"", "VARCHAR"), ("x", "DOUBLE"), ("b", "BOOLEAN")]);
        let rows: Vec<_> = rows.iter().map(|(id, name, x, b)| json!({"id": id, "a \"name\"": name, "x": x, "b": b})).collect();
        let selection = json!({"batch_size": batch_size, "max_request_bytes": bytes, "rows_path": "data.rows"});
        let configuration = testing::parameters(json!({"url": "https://a.example"})).unwrap();
        let delivery = Delivery { fields: fields.clone(), ..Delivery::default() };
        let selection = testing::parameters(selection).unwrap();
        let writer = <Rest as Sink>::open(configuration, selection, delivery, &server.host()).unwrap();
        let written = testing::write(writer, &fields, &rows, most).unwrap();
        prop_assert_eq!(written.inserted, rows.len() as u64);
        let mut sent = Vec::new();
        for request in server.requests() {
            let Value::Array(batch) = request.json().unwrap()["data"]["rows"].take() else { panic!("no rows") };
            prop_assert!((1..=batch_size).contains(&batch.len()));
            prop_assert!(batch.len() == 1 || request.body.unwrap().len() <= bytes + 30);
            sent.extend(batch);
        }
        prop_assert_eq!(sent, rows);
    }
}
