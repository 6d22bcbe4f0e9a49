//! Large and hostile texts take time in proportion to their length.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use support::Project;

/// Ten megabytes of statements that have to be read, and no step made of them.
fn large(statement: &str) -> String {
    let repeated = statement.repeat(10_000_000 / statement.len());
    format!("IF false THEN\n{repeated}\nEND IF;")
}

/// The least time of three that something takes this thread's processor; where that is not told, the time that passes.
fn least_time(mut work: impl FnMut()) -> Duration {
    // Nanoseconds on a processor come first.
    let on_processor = || {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    let mut measure = || {
        let (start, before) = (Instant::now(), on_processor());
        work();
        on_processor().zip(before).map_or_else(|| start.elapsed(), |(after, before)| after - before)
    };
    (0..3).map(|_| measure()).min().unwrap()
}

#[test]
fn ten_megabytes_are_read_within_a_second() {
    let statement = "-- a comment\nSOURCE s TYPE CSV PARAMS {\"path\": \"${dir|data}/x.csv\", \"n\": [1, 2, 3]};\n\
        CREATE TABLE t AS SELECT a, 'text; ''quoted''' AS b, v::INT FROM u WHERE x > ${v|1} /* why */;\n\
        EXPORT SELECT * FROM t TO \"out/t.csv\" TYPE CSV OPTIONS {\"header\": true};\n";
    let project = Project::new(&large(statement));
    let time = least_time(|| assert!(project.plan().steps.is_empty()));
    println!("10 MB: {time:?}");
    assert!(time < Duration::from_secs(1), "{time:?}");
}

#[test]
fn hostile_texts_are_no_slower() {
    for (name, piece) in [
        ("quotes", "'\n"),
        ("comments", "/*\n"),
        ("dollar tags", "$a$\n$b$\n"),
        ("variables", "'${a|${a|"),
        ("parentheses", "IF ((((((\n"),
        ("braces", "SOURCE a TYPE CSV PARAMS {\"a\": [[[[[\n"),
        ("nested conditions", "IF a THEN\n"),
        ("not", "IF NOT NOT NOT "),
    ] {
        let project = Project::new(&piece.repeat(500_000 / piece.len()));
        let start = Instant::now();
        assert!(project.compile().plan.is_none(), "{name}");
        println!("{name}: {:?}", start.elapsed());
    }
}

#[test]
fn what_is_nested_too_deep_is_told_once() {
    let project = Project::new(&format!("SET a = 1;\n{}{}", "IF a == 1 THEN\n".repeat(200), "END IF;\n".repeat(200)));
    let shown = project.shown();
    assert_eq!(shown.matches("error[").count(), 1, "{shown}");
    assert!(shown.contains("IF is nested more than"), "{shown}");
}

#[test]
fn a_thousand_steps_are_planned() {
    let mut text = String::from("SOURCE s TYPE CSV PARAMS {};\nLOAD t0 FROM s;\n");
    for step in 1..1_000 {
        text.push_str(&format!(
            "CREATE TABLE t{step} AS SELECT a, ${{v|5}} AS b FROM t{} JOIN t0 USING (a);\n",
            step - 1
        ));
    }
    let project = Project::new(&text);
    let start = Instant::now();
    assert_eq!(project.plan().steps.len(), 1_001);
    println!("1,000 steps: {:?}", start.elapsed());
}
