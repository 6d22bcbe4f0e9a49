//! The results of a run: the document, the lines and the tables.

use std::collections::BTreeMap;

use duckpen_observe::{
    ErrorReport, FuelUse, FunctionResult, HandlerUse, MemoryUse, RunResults, RunStatus, StepResult, StepStatus,
    TestFailure, function_costs, function_statistics, settled_line, step_costs, tally_line,
};

const DIGEST: &str = "sha256:5f2c";

fn step(id: &str, kind: &str, status: StepStatus) -> StepResult {
    StepResult {
        id: id.to_owned(),
        kind: kind.to_owned(),
        status,
        attempts: 0,
        rows: None,
        rows_in: None,
        rows_inserted: None,
        rows_updated: None,
        rows_deleted: None,
        rows_rejected: None,
        seconds: 0.0,
        fuel: None,
        memory: None,
        handler: None,
        note: None,
        test: None,
        error: None,
        skipped_because: None,
    }
}

fn run() -> RunResults {
    let handler =
        |name: &str| HandlerUse { name: name.to_owned(), version: "0.1.0".to_owned(), digest: DIGEST.to_owned() };
    RunResults {
        run_id: "r1".to_owned(),
        pipeline: "daily".to_owned(),
        status: RunStatus::Failed,
        started_at: "2026-01-02T03:04:05.5Z".parse().expect("RFC 3339"),
        finished_at: "2026-01-02T03:04:09.7Z".parse().expect("RFC 3339"),
        seconds: 4.2,
        steps: vec![
            StepResult {
                attempts: 1,
                rows: Some(1_204_331),
                rows_in: Some(1_204_331),
                rows_inserted: Some(1_204_331),
                seconds: 2.1,
                fuel: Some(FuelUse { used: 41_000_000, limit: 500_000_000 }),
                memory: Some(MemoryUse { peak: 18 << 20, limit: 64 << 20 }),
                handler: Some(handler("load")),
                ..step("orders_clean", "load", StepStatus::Success)
            },
            StepResult {
                attempts: 3,
                seconds: 0.9,
                fuel: Some(FuelUse { used: 500_000_000, limit: 500_000_000 }),
                memory: Some(MemoryUse { peak: 3 << 19, limit: 64 << 20 }),
                handler: Some(handler("transform")),
                error: Some(ErrorReport {
                    code: Some("E0412".to_owned()),
                    message: "step `masked` stopped: fuel limit reached".to_owned(),
                    hint: None,
                }),
                ..step("masked", "transform", StepStatus::Failed)
            },
            StepResult { skipped_because: Some("masked".to_owned()), ..step("report", "export", StepStatus::Skipped) },
            step("late", "export", StepStatus::Skipped),
            step("orders", "source", StepStatus::Resumed),
        ],
        functions: vec![FunctionResult {
            name: "mask".to_owned(),
            component: "pii".to_owned(),
            digest: DIGEST.to_owned(),
            step: "masked".to_owned(),
            calls: 397,
            rows: 812_400,
            fuel: 500_000_000,
            nanoseconds: 89_364_000,
            guest_nanoseconds: 71_364_000,
            boundary_nanoseconds: 18_000_000,
            ns_per_row: Some(110.0),
            bytes_in: 13_000_000,
            bytes_out: 13_000_000,
            peak_memory: 19 << 20,
            instances: 2,
            instances_discarded: BTreeMap::from([("limit".to_owned(), 1)]),
            failures: 1,
            limit_hits: 1,
            limit_hits_by_limit: BTreeMap::from([("fuel".to_owned(), 1)]),
            log_lines_dropped: 12,
        }],
        error: None,
    }
}

#[test]
fn a_settled_step_is_one_line() {
    let lines: Vec<String> = run().steps.iter().map(settled_line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    ok  orders_clean  1,204,331 rows  2.1 s  fuel 41M/500M  mem 18/64 MiB
    failed  masked  900 ms  3 attempts  fuel 500M/500M  mem 1.5/64 MiB
    skipped  report  because `masked` failed
    skipped  late
    resumed  orders
    ");
}

#[test]
fn a_settled_line_tells_what_became_of_the_rows() {
    let changed = StepResult {
        attempts: 1,
        rows: Some(1_207),
        rows_in: Some(1_209),
        rows_inserted: Some(1_204),
        rows_updated: Some(3),
        rows_rejected: Some(2),
        note: Some("added column note VARCHAR".to_owned()),
        seconds: 0.012,
        ..step("load_users", "load", StepStatus::Success)
    };
    let found = TestFailure { message: "2 rows".to_owned(), rows_found: 2, sample: Vec::new() };
    let test = |id: &str| StepResult { attempts: 1, rows: Some(0), ..step(id, "test", StepStatus::Success) };
    let warned = StepResult { rows: Some(2), test: Some(found), ..test("test_users_unique") };
    let run = RunResults { steps: vec![changed, test("test_users_not_null"), warned], ..run() };
    let lines: Vec<String> = run.steps.iter().map(settled_line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    ok  load_users  1,207 rows  1,204 inserted, 3 updated, 2 rejected  added column note VARCHAR  12 ms
    ok  test_users_not_null  0 ms
    warn  test_users_unique  2 rows found  0 ms
    ");
    insta::assert_snapshot!(tally_line(&run), @"3 steps: 2 ok, 1 warn in 4.2 s");
}

#[test]
fn the_tally_counts_what_occurred() {
    insta::assert_snapshot!(tally_line(&run()), @"5 steps: 1 ok, 1 resumed, 1 failed, 2 skipped in 4.2 s");
    let nothing = RunResults { steps: Vec::new(), seconds: 0.0, ..run() };
    insta::assert_snapshot!(tally_line(&nothing), @"0 steps in 0 ms");
}

#[test]
fn costs_of_steps_are_a_table() {
    insta::assert_snapshot!(step_costs(&run()), @r"
    step           kind        status         rows     time        fuel              memory   handler
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    orders_clean   load        success   1,204,331    2.1 s    41M/500M    18 MiB of 64 MiB   load 0.1.0
    masked         transform   failed                900 ms   500M/500M   1.5 MiB of 64 MiB   transform 0.1.0
    report         export      skipped
    late           export      skipped
    orders         source      resumed
    ");
}

#[test]
fn costs_of_functions_are_a_table() {
    insta::assert_snapshot!(function_costs(&run()), @r"
    function   component   step     calls      rows   ns/row    time   fuel   memory
    ─────────────────────────────────────────────────────────────────────────────────
    mask       pii         masked     397   812,400      110   89 ms   500M   19 MiB
    ");
    assert_eq!(function_costs(&RunResults { functions: Vec::new(), ..run() }), "");
}

#[test]
fn all_that_was_measured_of_functions_is_a_table() {
    insta::assert_snapshot!(function_statistics(&run().functions), @r"
    function   component   calls      rows       in      out   guest   boundary   fuel   memory   instances   discarded   limits hit   log lines dropped
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    mask       pii           397   812,400   12 MiB   12 MiB   71 ms      18 ms   500M   19 MiB           2   1 limit     1 fuel                      12
    ");
    assert_eq!(function_statistics(&[]), "");
}

#[test]
fn the_document_writes_every_field_and_reads_back() {
    let brief = RunResults { steps: run().steps.split_off(4), functions: run().functions, ..run() };
    let document = serde_json::to_string_pretty(&brief).expect("plain data");
    insta::assert_snapshot!(document, @r#"
    {
      "run_id": "r1",
      "pipeline": "daily",
      "status": "failed",
      "started_at": "2026-01-02T03:04:05.5Z",
      "finished_at": "2026-01-02T03:04:09.7Z",
      "seconds": 4.2,
      "steps": [
        {
          "id": "orders",
          "kind": "source",
          "status": "resumed",
          "attempts": 0,
          "rows": null,
          "rows_in": null,
          "rows_inserted": null,
          "rows_updated": null,
          "rows_deleted": null,
          "rows_rejected": null,
          "seconds": 0.0,
          "fuel": null,
          "memory": null,
          "handler": null,
          "note": null,
          "test": null,
          "error": null,
          "skipped_because": null
        }
      ],
      "functions": [
        {
          "name": "mask",
          "component": "pii",
          "digest": "sha256:5f2c",
          "step": "masked",
          "calls": 397,
          "rows": 812400,
          "fuel": 500000000,
          "nanoseconds": 89364000,
          "guest_nanoseconds": 71364000,
          "boundary_nanoseconds": 18000000,
          "ns_per_row": 110.0,
          "bytes_in": 13000000,
          "bytes_out": 13000000,
          "peak_memory": 19922944,
          "instances": 2,
          "instances_discarded": {
            "limit": 1
          },
          "failures": 1,
          "limit_hits": 1,
          "limit_hits_by_limit": {
            "fuel": 1
          },
          "log_lines_dropped": 12
        }
      ],
      "error": null
    }
    "#);
    assert_eq!(serde_json::from_str::<RunResults>(&document).expect("just written"), brief);
}
