//! How functions are called: constants, any number of arguments, overloads, and errors that show their row.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_database::Session;
use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use support::{engine, register, session, statistics, value};

fn functions(session: &Session) -> Library {
    register(session, &engine(), "duckpen_types", "calls", &Limits::functions())
}

#[track_caller]
fn refused(session: &Session, sql: &str) -> String {
    session.query(sql).map(|rows| panic!("{sql}: {:?}", rows.first())).unwrap_or_else(|error| error.to_string())
}

#[test]
fn functions_take_any_number_of_arguments_and_share_names() {
    let session = session(1);
    let _library = functions(&session);
    for (sql, expected) in [
        ("SELECT count_arguments(7)", "700"),
        ("SELECT count_arguments(7, 1, 2, 3)", "703"),
        ("SELECT count_arguments(7, 1, NULL)", "NULL"),
        ("SELECT sum(count_arguments(0, i, 1, i)) FROM range(2049) t(i)", "6147"),
        ("SELECT count_texts()", "0"),
        ("SELECT sum(count_texts('ab', CASE WHEN i % 2 = 0 THEN 'cde' END, NULL)) FROM range(100) t(i)", "350"),
        ("SELECT doubled(21)", "42"),
        ("SELECT doubled('ab')", "abab"),
        ("SELECT max(doubled(s)) FROM (SELECT 'x' || i AS s FROM range(3) t(i))", "x2x2"),
        ("SELECT count(DISTINCT random_like(1)) FROM range(3000)", "3000"),
        ("SELECT mood_of('it''s ok')", "ok"),
        (
            "SELECT string_agg(mood_of(m::ENUM('sad', 'it''s ok', 'happy')), ',') FROM (VALUES ('happy'), (NULL), ('sad')) v(m)",
            "happy,sad",
        ),
        ("SELECT sum_of([1, 2, 3])", "6"),
        ("SELECT sum(sum_of(range(i))) FROM range(5) t(i)", "10"),
        ("SELECT sum_of(NULL)", "NULL"),
    ] {
        assert_eq!(value(&session, sql), expected, "{sql}");
    }
}

#[test]
fn a_constant_is_prepared_once_and_another_argument_when_it_changes() {
    let session = session(1);
    let library = functions(&session);
    // The last digits are how often an instance has prepared a value so far.
    let distinct = |power: &str| {
        let sql = format!(
            "SELECT string_agg(DISTINCT p, ' ' ORDER BY p) FROM \
             (SELECT power_of_constant(i, {power}) % 1000 AS p FROM range(5000) t(i))"
        );
        value(&session, &sql)
    };
    assert_eq!(distinct("3"), "301");
    // Converted to the type of the parameter, and computed by the query itself.
    assert_eq!(distinct("'4'::VARCHAR::TINYINT - 1"), "301");
    assert_eq!(distinct("i // 2500"), "1 102");
    let costs = statistics(&library, "power_of_constant");
    assert_eq!((costs.instances, costs.calls), (3, 9));

    // A nested one as well.
    let lists = |list: &str| {
        let sql = format!(
            "SELECT string_agg(DISTINCT p, ' ' ORDER BY p) FROM \
             (SELECT among_prepared('w' || i % 3, {list}) AS p FROM range(5000) t(i))"
        );
        value(&session, &sql)
    };
    assert_eq!(lists("['w0', NULL, 'w1']"), "10 11");
    assert_eq!(lists("CASE WHEN i < 2500 THEN ['w0', NULL] ELSE [NULL, 'w0'] END"), "10 11 20 21");

    let error = refused(&session, "SELECT sum(power_of_constant(i, -1)) FROM range(10) t(i)");
    assert!(
        error.contains("-1 is no power\n  in row 0 of this thread: power_of_constant(x = 0, power = -1)"),
        "{error}"
    );
    assert_eq!(value(&session, "SELECT count(power_of_constant(i, NULL)) FROM range(10) t(i)"), "0");
}

#[test]
fn an_error_shows_the_row_it_is_about() {
    let session = session(1);
    let _library = functions(&session);
    let call = |title: &str, tags: &str, when: &str, price: &str| {
        refused(
            &session,
            &format!(
                "SELECT max(reject(i, CASE WHEN i = 5000 THEN {title} ELSE 'good' END, {tags}, {when}, {price})) FROM range(9000) t(i)"
            ),
        )
    };
    let error = call("'bad'", "['a', NULL, i::VARCHAR]", "TIMESTAMP '2026-11-24 12:00:00.5'", "-0.05");
    let expected = "function `reject` of component `calls`: 5000 is bad\n  in row 5000 of this thread: reject(\
                    at = 5000, title = 'bad', tags = ['a', NULL, '5000'], when = 2026-11-24 12:00:00.500000, price = -0.05)";
    assert!(error.contains(expected), "{error}");

    let error = call("'bad'", "list_transform(range(1000), lambda x: repeat('long ', 100))", "NULL", "1");
    let shown = error.split("this thread: ").nth(1).unwrap().lines().next().unwrap();
    assert!(
        shown.starts_with("reject(at = 5000, title = 'bad', tags = ['long long ") && shown.contains("…, when = NULL"),
        "{shown}"
    );
    assert!(shown.chars().count() < 220, "{shown}");
}

#[test]
fn a_null_that_a_function_does_not_take_is_an_error_and_no_zero() {
    let session = session(1);
    let _library = functions(&session);
    let error = refused(&session, "SELECT sum(sum_of([i, CASE WHEN i <> 70 THEN 1 END])) FROM range(100) t(i)");
    assert!(
        error.contains(
            "a value of BIGINT[] has a NULL in it\n  in row 70 of this thread: sum_of(numbers = [70, NULL])\nhint: "
        ),
        "{error}"
    );
}

#[test]
fn a_map_has_each_key_once() {
    let session = session(1);
    let _library = functions(&session);
    assert_eq!(value(&session, "SELECT same_key_twice(2)::VARCHAR"), "{2.0=1, -2.0=2}");
    let error = refused(&session, "SELECT max(same_key_twice(3 - i)::VARCHAR) FROM range(5) t(i)");
    assert!(error.contains("the results are not what was declared: the map of row 3 has a key twice"), "{error}");
}

#[test]
fn constants_of_every_kind_are_known_before_the_first_row() {
    let session = session(1);
    let _library = functions(&session);
    // A list that all rows share is one value, and its child need not be flat.
    for list in [
        "[1, 2, 3, 4, 5]",
        "list_slice([1, 9, 2, 9, 3, 9, 4, 9, 5], 1, 9, 2)",
        "[5, 4, 3, 2, 1][:]",
        "list_sort([5, 1, 4, 2, 3])",
    ] {
        let sql = format!("SELECT sum(sum_of({list})) FROM range(3000)");
        assert_eq!(value(&session, &sql), "45000", "{sql}");
        let sql = format!("SELECT sum(sum_of(l)) FROM (SELECT {list} AS l, 1 AS x) a, range(3000)");
        assert_eq!(value(&session, &sql), "45000", "{sql}");
    }
    let sql = "SELECT sum(sum_of(list_slice(l, 1, 9, 2))) FROM (SELECT [i, 9, 2, 9, 3, 9, 4, 9, 5] AS l FROM range(5000) t(i))";
    assert_eq!(value(&session, sql), (4_999 * 5_000 / 2 + 14 * 5_000).to_string());
    let sql = "SELECT sum(sum_of(list_sort(l))) FROM (SELECT [i, 9, 2] AS l FROM range(1) t(i))";
    assert_eq!(value(&session, sql), "11");
}
