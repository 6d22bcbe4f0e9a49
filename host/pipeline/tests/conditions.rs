//! Which branch of an IF is taken.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::Project;

#[track_caller]
fn check(condition: &str, expected: bool) {
    let text = format!(
        "IF {condition} THEN CREATE TABLE yes AS SELECT 1 AS x; ELSE CREATE TABLE no AS SELECT 1 AS x; END IF;"
    );
    let project = Project::new(&text)
        .vars(json!({
            "env": "prod", "region": "us-east-1", "n": 42, "t": "42", "f": 5.5, "flag": true, "off": "False",
            "s": "hello world", "d": "2024-06-01", "v": "1.10", "none": null,
        }))
        .env("FROM_ENV", "10");
    let step = project.order().remove(0);
    assert_eq!(step, if expected { "transform_yes_0" } else { "transform_no_0" }, "{condition}");
}

#[test]
fn conditions_that_hold() {
    for condition in [
        "${env} == 'prod'",
        "${env} == \"prod\"",
        "${env} == prod",
        "${region} == us-east-1",
        "${region|x} == 'us-east-1'",
        "${other|us-west-2} == 'us-west-2'",
        "${env} != dev",
        "${env} <> 'dev'",
        "${n} > 5",
        "${n} >= 42 and ${n} <= 42",
        "${f} <= 5.5",
        "${n} == ${t}",
        "${FROM_ENV} > 9",
        "${flag}",
        "not ${off}",
        "${flag} == true",
        "${flag} == TRUE AND NOT ${off}",
        "(${n} == 1 or ${n} == 42) and ${env} == 'prod'",
        "not (${env} == 'dev')",
        "NOT NOT ${flag}",
        "${s} == 'hello world'",
        "${d} >= '2024-01-01'",
        "${d} > 2024-01-01",
        "${d} == '2024-06-01T00:00:00'",
        "'1.10' == ${v}",
        "${v} != '1.1'",
        "${env} in ('dev', 'prod')",
        "${env} NOT IN ('dev', 'test',)",
        "${n} in [1, 42]",
        "${undefined} is null",
        "${none} IS NULL",
        "${env} is not null",
        "1 < 5 < 9",
        "${n} == 42.0",
        "'a' < 'b'",
        "'10' > '9'",
        "${env} == 'prod' && ${n} == 42 || false",
        "'${env}-x' == 'prod-x'",
        "(${n}) == (42)",
        "-5 < ${n}",
        "'it''s' == \"it's\"",
        "9007199254740993 > 9007199254740992",
    ] {
        check(condition, true);
    }
}

#[test]
fn conditions_that_do_not_hold() {
    for condition in [
        "${env} == 'production'",
        "${env} == 'Prod'",
        "1 < 5 < 3",
        "${v} == '1.1'",
        "${d} < '2024-01-01'",
        "${env} in ('a')",
        "${env} is null",
        "${flag} and ${off}",
        "${env} == 5",
        "${none} == ''",
        "'007' == '7'",
    ] {
        check(condition, false);
    }
}

#[test]
fn the_first_branch_that_holds_is_taken() {
    for (value, expected) in [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")] {
        let text = "IF ${e} == 'a' THEN
                CREATE TABLE t AS SELECT 1 AS a;
            ELSEIF ${e} == 'b' THEN
                CREATE TABLE t AS SELECT CASE WHEN true THEN 2 ELSE 0 END AS a;
            ELSE IF ${e} == 'c' THEN
                IF ${f|z} == 'z' THEN CREATE TABLE t AS SELECT 3 AS a; END IF;
            ELSE
                CREATE TABLE t AS SELECT 4 AS a;
            ENDIF;";
        let query = Project::new(text).vars(json!({"e": value})).transform("t").query;
        assert!(query.contains(expected), "{value}: {query}");
    }
}
