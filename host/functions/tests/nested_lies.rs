//! Nested results that are not what they say are refused, and nothing of them stays.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_sandbox::Limits;
use support::{engine, register, session, value};

const CASES: &[(&str, &str)] = &[
    ("list_without_child", "the column has 0 children, children of children included, where 1 are expected"),
    ("list_past_child", "the last offset is 200 where there are 100 elements"),
    ("list_before_child", "the last offset is 100 where there are 101 elements"),
    ("list_falls", "the offset of row 1 is smaller than the one before it"),
    ("list_short", "99 rows where 100 are expected"),
    ("list_of_floats", "the values are not of the physical type of BIGINT"),
    ("list_instead_of_array", "the values are not of the physical type of BIGINT[1]"),
    ("list_of_broken_text", "row 0 is not valid UTF-8"),
    ("list_lies_about_child", "1 rows where 100 are expected"),
    ("list_flood", "the lists of a batch have 134217728 elements, more than 67108864"),
    ("array_of_other_size", "2 elements are in lists of 3"),
    ("array_short", "299 rows where 300 are expected"),
    ("struct_of_three", "3 fields are in a struct of 2"),
    ("struct_short", "99 rows where 100 are expected"),
    ("struct_with_a_child_more", "the column has 3 children, children of children included, where 2 are expected"),
    ("struct_short_validity", "the validity bitmap has 1 bytes where 13 are expected"),
    ("map_with_null_key", "the map of row 0 has a key that is NULL"),
    ("map_with_key_twice", "the map of row 0 has a key twice"),
    ("rows_misstated", "101 rows where 100 are expected"),
    ("bit_with_too_much_padding", "row 0 is not as BIT is written"),
    ("bignum_without_digits", "row 0 is not as BIGNUM is written"),
    ("enum_past_names", "row 0 is out of the range of ENUM('a', 'b')"),
];

#[test]
fn each_lie_fails_its_query_only() {
    let session = session(1);
    let engine = engine();
    let _evil = register(&session, &engine, "duckpen_evil", "evil", &Limits::functions());
    let _good = register(&session, &engine, "duckpen_types", "good", &Limits::functions());
    for (function, message) in CASES {
        let sql = format!("SELECT count({function}(i)::VARCHAR) FROM range(100) t(i)");
        let error = session.query(&sql).map(drop).expect_err(function).to_string();
        assert!(error.contains(&format!("function `{function}` of component `evil`: ")), "{error}");
        assert!(error.contains(&format!("the results are not what was declared: {message}, after 0 rows")), "{error}");
        assert_eq!(value(&session, "SELECT sum(len(same_list_bigint([i, NULL]))) FROM range(3000) t(i)"), "6000");
    }
}

#[test]
fn what_a_guest_may_hand_over_counts_all_children_together() {
    let session = session(1);
    let mut limits = Limits::functions();
    limits.set("result_bytes", "100KiB").unwrap();
    let _library = register(&session, &engine(), "duckpen_types", "types", &limits);
    assert_eq!(value(&session, "SELECT len(same_list_bigint(range(100)))"), "100");
    let error = session.query("SELECT len(same_list_bigint(range(100000)))").unwrap_err().to_string();
    assert!(error.contains("result_bytes limit reached: more than 102400 bytes in one host call"), "{error}");
}
