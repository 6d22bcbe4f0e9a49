//! The rules of CREATE TABLE and of TEST.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use duckpen_steps::StepFault;
use support::Project;

const EVENTS: &str = "day,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n";

fn project() -> Project {
    Project::new(&[("data/e.csv", EVENTS)])
}

fn daily(rest: &str, query: &str) -> String {
    format!(
        "SOURCE e TYPE CSV PARAMS {{\"path\": \"data/e.csv\"}};\nLOAD events FROM e;\n\
         CREATE TABLE daily MODE {rest} AS {query};"
    )
}

const BY_DAY: &str = "SELECT day, sum(v) AS v FROM events GROUP BY day";

#[test]
fn an_incremental_table_computes_only_its_window_again() {
    let project = project();
    let text = daily("INCREMENTAL BY day LOOKBACK 1 DAY", BY_DAY);
    project.run(&text).unwrap();
    // Days before the window are not touched, whatever becomes of their events.
    project.write("data/e.csv", "day,v\n2024-01-01,100\n2024-01-03,4\n2024-01-04,5\n");
    let outputs = project.run(&text).unwrap();
    assert_eq!(
        project.rows("SELECT day::VARCHAR AS d, v FROM daily ORDER BY day"),
        concat!(
            r#"[{"d":"2024-01-01","v":1},{"d":"2024-01-02","v":2},"#,
            r#"{"d":"2024-01-03","v":4},{"d":"2024-01-04","v":5}]"#
        )
    );
    let output = &outputs["transform_daily_2"];
    assert_eq!((output.deleted, output.inserted, output.rows), (Some(1), Some(2), Some(2)));
}

#[test]
fn an_incremental_table_without_its_time_is_made_once_and_not_gone_on_with() {
    let project = project();
    let text = daily("INCREMENTAL BY day", "SELECT sum(v) AS v FROM events");
    project.run(&text).unwrap();
    assert_eq!(
        project.run(&text).unwrap_err().to_string(),
        "INCREMENTAL BY day: the query of 'daily' has no column 'day'. Available columns: v"
    );
    assert_eq!(
        project.run(&daily("INCREMENTAL BY day", BY_DAY)).unwrap_err().to_string(),
        "INCREMENTAL BY day: the table 'daily' has no column 'day'"
    );
    assert_eq!(project.rows("SELECT v FROM daily"), r#"[{"v":6}]"#, "nothing was changed");
}

#[test]
fn the_rows_of_a_window_may_be_gone() {
    let project = project();
    let text = daily("INCREMENTAL BY day LOOKBACK 2 DAYS", BY_DAY);
    project.run(&text).unwrap();
    project.write("data/e.csv", "day,v\n2024-01-02,20\n");
    project.run(&text).unwrap();
    assert_eq!(
        project.rows("SELECT day::VARCHAR AS d, v FROM daily ORDER BY day"),
        r#"[{"d":"2024-01-01","v":1},{"d":"2024-01-02","v":20}]"#
    );
}

#[test]
fn without_a_lookback_later_rows_are_added() {
    let project = project();
    let text = daily("INCREMENTAL BY day", "SELECT day, v FROM events WHERE day > @start_date");
    project.run(&text).unwrap();
    project.write("data/e.csv", "day,v\n2024-01-03,9\n2024-01-04,4\n");
    let outputs = project.run(&text).unwrap();
    assert_eq!(project.rows("SELECT sum(v) AS v FROM daily"), r#"[{"v":10}]"#);
    assert_eq!(outputs["transform_daily_2"].inserted, Some(1));
}

#[test]
fn a_table_without_rows_or_times_is_filled() {
    let project = project();
    project.write("data/e.csv", "day,v\n");
    let text = daily("INCREMENTAL BY day LOOKBACK 1 DAY", "SELECT day::DATE AS day, v::BIGINT AS v FROM events");
    project.run(&text).unwrap();
    project.write("data/e.csv", EVENTS);
    project.run(&text).unwrap();
    project.run(&text).unwrap();
    assert_eq!(project.rows("SELECT count(*) AS n FROM daily"), r#"[{"n":3}]"#);
}

#[test]
fn rows_without_a_time_stay() {
    let project = project();
    let text = daily("INCREMENTAL BY day LOOKBACK 5 DAYS", "SELECT day, v FROM events");
    project.write("data/e.csv", "day,v\n2024-01-01,1\n,7\n");
    project.run(&text).unwrap();
    project.write("data/e.csv", "day,v\n2024-01-02,2\n");
    project.run(&text).unwrap();
    assert_eq!(project.rows("SELECT list(v ORDER BY v) AS v FROM daily"), r#"[{"v":[2,7]}]"#);
}

#[test]
fn other_modes_count_their_rows() {
    let project = project();
    for (mode, times, expected) in
        [("APPEND", 2, (Some(3), Some(3), None)), ("UPSERT KEY (day)", 1, (Some(3), Some(0), Some(3)))]
    {
        let text = daily(mode, "SELECT day, v FROM events");
        let mut last = None;
        for _ in 0..times {
            last = project.run(&text).unwrap().remove("transform_daily_2");
        }
        if mode.starts_with("UPSERT") {
            project.run("CREATE TABLE daily AS SELECT 1 AS x;").unwrap();
            project.run(&daily("REPLACE", "SELECT day, v FROM events")).unwrap();
            last = project.run(&text).unwrap().remove("transform_daily_2");
        }
        let output = last.unwrap();
        assert_eq!((output.rows_in, output.inserted, output.updated), expected, "{mode}");
    }
}

const ORDERS: &str = "SOURCE o TYPE CSV PARAMS {\"path\": \"data/o.csv\"};\nLOAD orders FROM o;\n";

fn orders() -> Project {
    Project::new(&[("data/o.csv", "id,status,customer\n1,new,7\n2,paid,8\n2,gone,\n,new,9\n")])
}

#[test]
fn tests_find_the_rows_that_must_not_be() {
    let customers = "CREATE TABLE customers AS SELECT 7 AS id UNION ALL SELECT 8 UNION ALL SELECT NULL;\n";
    for (test, found) in [
        ("orders NOT NULL (status)", None),
        ("orders NOT NULL (id, customer)", Some("2 rows of `orders` have no value in id, customer")),
        ("orders UNIQUE (id)", Some("1 value of id in `orders` occurs more than once")),
        ("orders UNIQUE (id, status)", None),
        ("orders (status) IN ('new', 'paid', 'gone')", None),
        (
            "orders (status) IN ('new', 'paid')",
            Some("1 row of `orders` has another value in status than ('new', 'paid')"),
        ),
        (
            "orders (customer) IN (SELECT id FROM customers WHERE id IS NOT NULL)",
            Some("1 row of `orders` has another value"),
        ),
        (
            "orders (customer) REFERENCES customers (id)",
            Some("1 row of `orders` has a value in customer that is not in customers (id)"),
        ),
        (
            "no_ghosts AS SELECT * FROM orders WHERE status = 'gone'",
            Some("`no_ghosts` found 1 row, and must find none"),
        ),
        ("no_seals AS SELECT * FROM orders WHERE status = 'sealed' -- none\n", None),
    ] {
        let text = format!("{ORDERS}{customers}TEST {test};");
        match (orders().run(&text), found) {
            (Ok(outputs), None) => assert!(outputs.values().all(|output| output.warning.is_none()), "{test}"),
            (Err(StepFault::Test(failed)), Some(expected)) => {
                assert!(failed.what.starts_with(expected), "{}", failed.what)
            }
            (outcome, _) => panic!("{test}: {outcome:?}"),
        }
        // A warning says the same and lets the step succeed.
        let warns =
            text.replace(&format!("TEST {test}"), &format!("TEST {}", test.replacen(' ', " SEVERITY WARN ", 1)));
        let outputs = orders().run(&warns).unwrap();
        let said = outputs.values().find_map(|output| output.warning.as_ref()).map(|failed| failed.what.as_str());
        match found {
            None => assert_eq!(said, None, "{test}"),
            Some(expected) => assert!(said.is_some_and(|said| said.starts_with(expected)), "{test}: {said:?}"),
        }
    }
}

#[test]
fn some_of_the_rows_are_shown() {
    let text = format!("{ORDERS}TEST orders (status) IN ('new');");
    let Err(StepFault::Test(failed)) = orders().run(&text) else { panic!("it holds") };
    assert_eq!(failed.found, 2);
    assert_eq!(failed.sample, ["id: 2, status: 'paid', customer: 8", "id: 2, status: 'gone', customer: NULL"]);
}

#[test]
fn a_column_that_is_not_there_is_named_with_those_that_are() {
    for test in ["orders UNIQUE (ident)", "orders (customer) REFERENCES orders (ident)"] {
        let fault = orders().run(&format!("{ORDERS}TEST {test};")).unwrap_err();
        assert_eq!(fault.to_string(), "the table `orders` has no column `ident`");
        assert_eq!(fault.hint().as_deref(), Some("its columns are id, status, customer"));
    }
}

#[test]
fn a_test_is_no_way_out_of_the_pipeline() {
    let fault = orders().run("TEST x AS SELECT * FROM read_text('/etc/hostname');").unwrap_err();
    assert!(fault.is_policy(), "{fault}");
}
