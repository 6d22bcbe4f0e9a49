//! What is read of an API, against a double of it.
#![allow(clippy::unwrap_used, missing_docs)]

use duckpen::ErrorKind;
use duckpen::connectors::testing::{self, TestServer};
use duckpen::connectors::{Connector, Level, Progress, Relation, Response, Source, url};
use duckpen_connector_rest::{Rest, Rows};
use serde_json::{Value, json};

fn open(server: &TestServer, selection: Value) -> Result<Rows, duckpen::Error> {
    let configuration = testing::parameters(json!({"url": "https://a.example/orders"}))?;
    <Rest as Source>::open(configuration, testing::parameters(selection)?, &server.host())
}

fn serving(rows: Value) -> TestServer {
    TestServer::new(move |_| Response::json_of(200, &rows))
}

fn types(rows: &Rows) -> Vec<(String, String)> {
    rows.fields().into_iter().map(|field| (field.name, field.logical_type)).collect()
}

#[test]
fn rows_have_the_types_that_they_show() {
    let server = serving(json!([
        {"id": 1, "paid": 1, "at": "2025-01-31T10:00:00Z", "address": {"city": "Oslo"}, "tags": ["a"], "open": true},
        {"id": 2, "paid": 2.5, "at": "2025-02-01T10:00:00+02:00", "day": "2025-02-01"},
    ]));
    let rows = open(&server, json!({})).unwrap();
    let field = |name: &str, logical_type: &str| (name.to_owned(), logical_type.to_owned());
    assert_eq!(
        types(&rows),
        [
            field("id", "BIGINT"),
            field("paid", "DOUBLE"),
            field("at", "TIMESTAMP WITH TIME ZONE"),
            field("address.city", "VARCHAR"),
            field("tags", "VARCHAR"),
            field("open", "BOOLEAN"),
            field("day", "DATE"),
        ]
    );
    let read = testing::read(&rows, None).unwrap();
    assert_eq!(
        read.rows,
        [
            json!({"id": 1, "paid": 1.0, "at": "2025-01-31T10:00:00Z", "address.city": "Oslo", "tags": "[\"a\"]", "open": true, "day": null}),
            json!({"id": 2, "paid": 2.5, "at": "2025-02-01T08:00:00Z", "address.city": null, "tags": null, "open": null, "day": "2025-02-01"}),
        ]
    );
    assert_eq!((read.state, rows.estimated_rows()), (None, Some(2)));
    assert_eq!(server.requests().len(), 1, "the sample is read once");
    testing::read(&rows, None).unwrap();
    assert_eq!(server.requests().len(), 2, "another read begins anew");
}

#[test]
fn columns_that_are_given_need_no_sample() {
    let server = serving(json!([{"id": "7", "paid": "1.50", "customer": {"name": "Ada"}, "more": 1}]));
    let columns = json!({
        "id": "BIGINT", "paid": "DECIMAL(18,2)", "name": {"type": "VARCHAR", "path": "customer.name"}, "none": "DATE",
    });
    let rows = open(&server, json!({"columns": columns})).unwrap();
    assert!(server.requests().is_empty());
    let read = testing::read(&rows, None).unwrap();
    assert_eq!(read.rows, [json!({"id": 7, "paid": 1.5, "name": "Ada", "none": null})]);
    assert!(server.log().is_empty(), "fields that nobody wants are no matter");
}

#[test]
fn a_projection_and_small_batches_give_the_same_rows() {
    let server = serving(json!([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "c"}]));
    let rows = open(&server, json!({})).unwrap();
    let read = testing::read_columns(&rows, &[1], None, 2).unwrap();
    assert_eq!(
        (read.rows, read.batches),
        (vec![json!({"name": "a"}), json!({"name": "b"}), json!({"name": "c"})], vec![2, 1])
    );
    assert_eq!(testing::read_columns(&rows, &[], None, 2).unwrap().batches, [2, 1], "only their number counts");
}

#[test]
fn a_value_that_does_not_fit_names_row_and_field() {
    let pages = |request: &duckpen::connectors::Request| match url::query(&request.url).as_slice() {
        [(_, page)] if page == "1" => Response::json_of(200, &json!([{"id": 1, "at": "2025-01-01"}])),
        [(_, page)] if page == "2" => Response::json_of(200, &json!([{"id": "x", "at": "soon"}])),
        _ => Response::json_of(200, &json!([])),
    };
    let selection = |types: Value| json!({"pagination": {"type": "page"}, "sample_rows": 1, "types": types});
    for (types, expected) in [
        (json!({}), Err("row 2: `id` is a text that is no BIGINT")),
        (json!({"id": "VARCHAR"}), Err("row 2: `at` is a text that is no DATE")),
        (json!({"id": "VARCHAR", "at": "VARCHAR"}), Ok(2)),
    ] {
        let server = TestServer::new(pages);
        let rows = open(&server, selection(types)).unwrap();
        let read = testing::read(&rows, None).map(|read| read.rows.len()).map_err(|error| error.message);
        assert_eq!(read, expected.map_err(str::to_owned));
    }
    // What was seen in the sample widens the type instead.
    let server = TestServer::new(pages);
    let rows = open(&server, json!({"pagination": {"type": "page"}, "sample_rows": 2})).unwrap();
    assert_eq!(testing::read(&rows, None).unwrap().rows[1], json!({"id": "x", "at": "soon"}));
}

#[test]
fn a_field_that_comes_behind_the_sample_is_told_once() {
    let server = TestServer::new(|request| match url::query(&request.url).as_slice() {
        [(_, page)] if page == "1" => Response::json_of(200, &json!([{"id": 1}])),
        [(_, page)] if page == "2" => Response::json_of(200, &json!([{"id": 2, "late": 1}, {"id": 3, "late": 2}])),
        _ => Response::json_of(200, &json!([])),
    });
    let rows = open(&server, json!({"pagination": {"type": "page"}, "sample_rows": 1})).unwrap();
    assert_eq!(testing::read(&rows, None).unwrap().rows.len(), 3);
    let [(Level::Warn, message)] = &server.log()[..] else { panic!("{:?}", server.log()) };
    assert!(message.starts_with("row 2: the field `late` is in none of the rows"), "{message}");
}

#[test]
fn a_read_goes_on_where_another_ended() {
    let orders = |request: &duckpen::connectors::Request| {
        let since = url::query(&request.url).into_iter().find(|(name, _)| name == "updated_since");
        let all = [
            json!({"id": 1, "updated": "2025-01-01T00:00:00Z"}),
            json!({"id": 2, "updated": "2025-01-02T00:00:00Z"}),
            // It came between the two reads, with the value that the first one ended with.
            json!({"id": 3, "updated": "2025-01-02T00:00:00Z"}),
            json!({"id": 4, "updated": "2025-01-03T00:00:00Z"}),
        ];
        let rows: Vec<_> = match &since {
            None => all[..2].to_vec(),
            // At or behind it, as most APIs have it.
            Some((_, since)) => {
                all.iter().filter(|row| row["updated"].as_str().unwrap() >= since.as_str()).cloned().collect()
            }
        };
        Response::json_of(200, &rows)
    };
    let selection = json!({"cursor_field": "updated", "since_param": "updated_since"});
    let server = TestServer::new(orders);
    let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>();
    let first = testing::read(&open(&server, selection.clone()).unwrap(), None).unwrap();
    assert_eq!(ids(&first.rows), [1, 2]);
    // As the host keeps it.
    let kept = serde_json::to_string(&first.state).unwrap();
    let state: Option<Progress> = serde_json::from_str(&kept).unwrap();
    let second = testing::read(&open(&server, selection.clone()).unwrap(), state).unwrap();
    assert_eq!(ids(&second.rows), [3, 4]);
    let asked = server.requests().into_iter().filter_map(|request| url::query(&request.url).pop()).collect::<Vec<_>>();
    assert_eq!(asked, [("updated_since".to_owned(), "2025-01-02T00:00:00Z".to_owned())]);
    let third = testing::read(&open(&server, selection.clone()).unwrap(), second.state.clone()).unwrap();
    assert_eq!((ids(&third.rows), third.state), (vec![], second.state));
    let error = testing::read(&open(&server, json!({})).unwrap(), first.state).unwrap_err();
    assert_eq!(error.message, "a read cannot go on where another ended without a `cursor_field`");
}

#[test]
fn what_cannot_be_read_is_said() {
    for (rows, selection, expected) in [
        (json!([]), json!({}), "there are no rows in which columns could be found"),
        (json!([{"a": 1}, 2]), json!({}), "some rows are objects and others are not"),
        (json!([]), json!({"since_param": "s"}), "`since_param` needs a `cursor_field`"),
        (
            json!([]),
            json!({"columns": {"a": "DATE"}, "types": {"a": "DATE"}}),
            "`columns` and `types` cannot be used together",
        ),
        (json!([]), json!({"body": {}}), "`body` needs the `method` POST"),
        (json!([]), json!({"method": "PUT"}), "`method` is GET or POST, not `PUT`"),
        (json!([]), json!({"data_path": "a["}), "`a[` is no path into JSON: a `]` is missing"),
    ] {
        assert_eq!(open(&serving(rows), selection).unwrap_err().message, expected);
    }
    let server = serving(json!([{"at": true}]));
    let rows = open(&server, json!({"cursor_field": "at"})).unwrap();
    let error = testing::read(&rows, None).unwrap_err();
    assert_eq!(error.message, "row 1: `at`: the cursor's value is a boolean, and no number or text");
}

#[test]
fn a_check_says_what_answers() {
    for (status, expected) in [
        (200, Ok("https://a.example/v1 answers with status 200")),
        (404, Ok("https://a.example/v1 answers, with status 404")),
        (401, Err(ErrorKind::InvalidConfiguration)),
        (500, Err(ErrorKind::Retryable)),
    ] {
        let server = TestServer::new(move |_| Response { status, headers: Vec::new(), body: Vec::new() });
        let configuration = testing::parameters(json!({"url": "https://a.example/v1?key=x"})).unwrap();
        let said = Rest::check(configuration, &server.host());
        assert_eq!(said.map_err(|error| error.kind), expected.map(str::to_owned), "{status}");
    }
}

#[test]
fn a_run_that_is_stopped_asks_for_no_more_pages() {
    let server = serving(json!([{"id": 1}]));
    server.cancel();
    assert_eq!(open(&server, json!({})).unwrap_err().kind, ErrorKind::Cancelled);
    assert!(server.requests().is_empty());
}
