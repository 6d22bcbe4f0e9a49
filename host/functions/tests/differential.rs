//! Functions of a guest against expressions of DuckDB that mean the same, over pseudo-random columns: for each of 13
//! functions 6,241 rows without NULLs, with some, with many and with nothing else.
#![allow(clippy::unwrap_used)]

mod support;

use duckpen_sandbox::Limits;
use support::{engine, register, session, value};

/// How many seeds there are, and rows for each.
const SEEDS: usize = 4;
const ROWS: usize = 3 * 2_048 + 97;

/// A call, the expression that is to be equal to it, and the columns `x` and `y` they are about, made of a hash `h`.
const PAIRS: &[(&str, &str, &str, &str)] = &[
    ("doubled(x)", "2 * x", "(h % 1000000)::BIGINT - 500000", "NULL"),
    ("doubled(x)", "x || x", "repeat(chr((h % 500 + 40)::INTEGER), (h % 17)::INTEGER)", "NULL"),
    ("sum_of(x)", "coalesce(list_sum(x), 0) + x[1] * 0", "range(1 + (h % 5)::BIGINT, 3 + (h % 9)::BIGINT + 3)", "NULL"),
    (
        "sum_of(list_slice(x, 1, 9, 2))",
        "list_sum(list_slice(x, 1, 9, 2))",
        "range((h % 5)::BIGINT, (h % 5)::BIGINT + 1 + (h % 7)::BIGINT)",
        "NULL",
    ),
    ("count_arguments(x, y, x)", "x * 100 + 2 + y * 0", "(h % 1000)::BIGINT", "(h % 77)::BIGINT"),
    (
        "count_texts(x, y, 'ü')",
        "coalesce(strlen(x), 0) + coalesce(strlen(y), 0) + 2",
        "repeat('é', (h % 9)::INTEGER)",
        "repeat('x', (h % 5)::INTEGER)",
    ),
    (
        "mood_of(x)",
        "CASE x WHEN 'it''s ok' THEN 'ok' ELSE x END",
        "(['sad', 'it''s ok', 'happy'][(h % 3)::BIGINT + 1])::ENUM('sad', 'it''s ok', 'happy')",
        "NULL",
    ),
    (
        "same_list_varchar(list_reverse(x))",
        "list_reverse(x)",
        "[h::VARCHAR, NULL, repeat('z', (h % 20)::INTEGER)]",
        "NULL",
    ),
    (
        "same_struct_nested(x).point.y",
        "x.point.y",
        "{point: CASE WHEN h % 3 > 0 THEN {x: 1, y: h::HUGEINT} END, tags: NULL, pair: NULL}",
        "NULL",
    ),
    (
        "same_struct(x).name",
        "x.name",
        "{name: CASE WHEN h % 5 > 0 THEN 'n' || h END, \"b c\": 1, flag: h % 2 = 0}",
        "NULL",
    ),
    ("same_map(x)[y]", "x[y]", "MAP {'k' || h % 3: h::BIGINT % 100, 'other': NULL}", "'k' || h % 5"),
    ("same_list_list(x)[2][1]", "x[2][1]", "[[], [h::INTEGER % 100, NULL], NULL]", "NULL"),
    (
        "same_array_varchar(x)[2]",
        "x[2]",
        "['a text that is long', CASE WHEN h % 2 = 0 THEN h::VARCHAR END]::VARCHAR[2]",
        "NULL",
    ),
];

#[test]
fn functions_give_what_expressions_of_the_same_meaning_give() {
    let session = session(1);
    let _library = register(&session, &engine(), "duckpen_types", "types", &Limits::functions());
    for (call, expression, x, y) in PAIRS {
        let x = x.replace("h::INTEGER %", "(h % 1000)::INTEGER %").replace("h::BIGINT %", "(h % 1000)::BIGINT %");
        for seed in 0..SEEDS {
            // NULLs are rare, frequent, everywhere or nowhere.
            let nulls = ["0", "13", "2", "1"][seed];
            let null_if = |value: &str, salt: u32| {
                let is_null = if nulls == "0" { "false".to_owned() } else { format!("(h + {salt}) % {nulls} = 0") };
                format!("nullif([{value}][CASE WHEN NOT ({is_null}) THEN 1 END], NULL)")
            };
            let sql = format!(
                "SELECT count(*) FILTER ({call} IS DISTINCT FROM {expression}) FROM \
                 (SELECT {} AS x, {} AS y FROM (SELECT hash(i * 1000003 + {seed}) // 2 AS h FROM range({ROWS}) t(i)))",
                null_if(&x, 0),
                null_if(y, 1),
            );
            assert_eq!(value(&session, &sql), "0", "{sql}");
        }
    }
}
