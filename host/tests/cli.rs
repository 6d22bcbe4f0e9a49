//! Whole commands: what they print and how they end.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use insta::assert_snapshot;
use serde_json::Value;

use support::{Project, guest_bytes};

const USERS: &str = "id,name\n1,Ada\n2,Grace\n";

const PIPELINE: &str = "\
SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\", \"has_header\": true};
LOAD users FROM users_csv;
CREATE TABLE shouted AS SELECT id, upper(name) AS name FROM users;
EXPORT SELECT * FROM shouted ORDER BY id TO \"out/shouted.csv\" TYPE CSV OPTIONS {\"header\": true};
";

fn project() -> Project {
    Project::new(PIPELINE).file("data/users.csv", USERS)
}

#[test]
fn help_shows_the_commands_and_the_exit_codes() {
    assert_snapshot!(project().transcript(&["--help"]), @r"
    exit 0
    --- stdout
    Runs SQL pipelines whose code nobody has to trust.

    Usage: duckpen [OPTIONS] <COMMAND>

    Commands:
      run          Run a pipeline
      compile      Show the plan of a pipeline
      validate     Look for mistakes in one pipeline or all
      list         List the pipelines of the project
      sql          Run a query on the project's database, locked down, with the functions of its
                   components
      plan         Say what a run would do, and why; nothing is run
      show         Show a table of the project's database, and what made it
      lineage      Show what is made of what
      docs         Write the documentation of the project as an HTML page
      functions    List the functions of the project's components, look at one, or check them all
      init         Write a project that runs at once
      new          Write what a function, a connector, a pipeline or a profile begins with
      profiles     List, show and check the profiles of the project
      env          List the variables of the environment that the project refers to
      connect      List and try the connectors of a profile
      build        Build the components of the project, where something has changed
      test         Check the functions of the project against their tables of tests
      bench        Measure the functions of the project over generated rows
      inspect      Say what a component imports, exports and would have to be granted
      migrate      Say what of a SQLFlow project works and what changes, and write duckpen.toml
      explain      Say what an error code means
      completions  Print what completes the command line in a shell

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Output:
          --format <FORMAT>
              What standard output looks like

              Possible values:
              - text: For people
              - json: For programs

              [default: text]

          --log-format <LOG_FORMAT>
              What the log on standard error looks like

              Possible values:
              - text: For people
              - json: For programs

              [default: text]

          --no-progress
              No moving progress display on a terminal

      -q, --quiet
              Errors only

      -v, --verbose...
              Log what happens; twice for more

    Exit codes:
      0    done
      1    a step or a query failed
      2    usage, configuration or plan are wrong; nothing ran
      3    a fault of the host
      4    refused by policy
      130  interrupted
    --- stderr
    ");
}

#[test]
fn a_run_prints_a_line_a_step_and_the_table_of_costs() {
    let transcript = project().transcript(&["run", "p", "--threads", "1"]);
    assert_snapshot!(transcript, @r"
    exit 0
    --- stdout
    step kind status rows time fuel memory handler
    ─
    source_users_csv source success [QUANTITY] [FUEL] [QUANTITY] of [QUANTITY] duckpen-handler-source 0.1.0
    load_users_replace_1 load success 2 [QUANTITY] [FUEL] [QUANTITY] of [QUANTITY] duckpen-handler-load 0.1.0
    transform_shouted_2 transform success 2 [QUANTITY] [FUEL] [QUANTITY] of [QUANTITY] duckpen-handler-transform 0.1.0
    export_csv_shouted export success 2 [QUANTITY] [FUEL] [QUANTITY] of [QUANTITY] duckpen-handler-export 0.1.0
    --- stderr
    ok  source_users_csv  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    ok  load_users_replace_1  2 rows  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    ok  transform_shouted_2  2 rows  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    ok  export_csv_shouted  2 rows  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    4 steps: 4 ok in [QUANTITY]
    ");
}

#[test]
fn a_run_in_json_is_one_document_that_is_kept_with_the_project() {
    let project = project();
    let said = project.duckpen(&["run", "p", "--format", "json", "--quiet"]);
    assert_eq!((said.exit, said.stderr.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let steps = document["steps"].as_array().unwrap();
    let told = steps.iter().map(|step| format!("{} {} {} {}", step["id"], step["kind"], step["status"], step["rows"]));
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    "source_users_csv" "source" "success" null
    "load_users_replace_1" "load" "success" 2
    "transform_shouted_2" "transform" "success" 2
    "export_csv_shouted" "export" "success" 2
    "#);
    for step in steps {
        assert!(
            step["fuel"]["used"].as_u64() > Some(0) && step["fuel"]["used"].as_u64() < step["fuel"]["limit"].as_u64()
        );
        assert!(step["memory"]["peak"].as_u64() <= step["memory"]["limit"].as_u64());
        assert!(step["handler"]["digest"].as_str().unwrap().starts_with("sha256:"));
    }
    let runs = project.path().join("target/runs");
    let run = runs.read_dir().unwrap().next().unwrap().unwrap().path();
    let kept: Value = serde_json::from_slice(&std::fs::read(run.join("run_results.json")).unwrap()).unwrap();
    assert_eq!((&kept["pipeline"], &kept["status"]), (&document["pipeline"], &document["status"]));
    let exported = std::fs::read_to_string(project.path().join("out/shouted.csv")).unwrap();
    assert_eq!(exported, "id,name\n1,ADA\n2,GRACE\n");
}

#[test]
fn sql_prints_an_array_of_objects() {
    let project = project();
    assert_eq!(project.duckpen(&["run", "p", "--database", "out.duckdb", "-q"]).exit, 0);
    let query = "SELECT * FROM shouted ORDER BY id";
    assert_snapshot!(project.transcript(&["sql", query, "--database", "out.duckdb", "--format", "json"]), @r#"
    exit 0
    --- stdout
    [
      {
        "id": 1,
        "name": "ADA"
      },
      {
        "id": 2,
        "name": "GRACE"
      }
    ]
    --- stderr
    "#);
    assert_snapshot!(project.transcript(&["sql", query, "--database", "out.duckdb"]), @r"
    exit 0
    --- stdout
    id   name
    ─
    1    ADA
    2    GRACE
    --- stderr
    ");
    let nothing = project.duckpen(&["sql", "SELECT 1 WHERE false", "--format", "json"]);
    assert_eq!((nothing.exit, nothing.stdout.as_str()), (0, "[]\n"));
}

#[test]
fn sql_does_not_leave_the_database() {
    let transcript = project().transcript(&["sql", "COPY (SELECT 1) TO 'x.csv'"]);
    assert_snapshot!(transcript, @r#"
    exit 4
    --- stdout
    --- stderr
    error[E0905]: Permission Error: Cannot access file "x.csv" - file system operations are disabled by configuration
     |
    hint: a query stays within its database
    "#);
}

#[test]
fn sql_without_its_database_does_not_make_one() {
    let project = project();
    assert_snapshot!(project.transcript(&["sql", "SELECT 1", "--database", "none.duckdb"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0704]: there is no database [PROJECT]/none.duckdb
     |
    hint: a run of a pipeline makes it
    ");
    assert!(!project.path().join("none.duckdb").exists());
}

#[test]
fn an_unknown_pipeline_is_told_with_the_ones_there_are() {
    let project = project().file("pipelines/daily.sf", "");
    assert_snapshot!(project.transcript(&["run", "dialy"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: there is no pipeline `dialy` in the project
     |
     = pipelines are daily, p
    hint: did you mean `daily`?
    ");
}

#[test]
fn mistakes_in_a_pipeline_are_found_before_anything_runs() {
    let project = Project::new(
        "LOAD a FROM nowhere;\n\
         CREATE TABLE t AS SELECT 1 AS x;\n\
         CREATE TABLE t AS SELECT 2 AS x;\n\
         CREATE TABLE left_side AS SELECT * FROM right_side;\n\
         CREATE TABLE right_side AS SELECT * FROM left_side;\n",
    );
    assert_snapshot!(project.transcript(&["run", "p", "--database", "out.duckdb"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0402]: LOAD references undefined source: 'nowhere'
     --> pipelines/p.sf:1:13
      |
    1 | LOAD a FROM nowhere;
      |             ^^^^^^^
      |
    hint: define it: SOURCE nowhere TYPE CSV PARAMS { ... };

    error[E0403]: Duplicate table definitions found: Table 't' defined at line 3, but already defined at line 2
     --> pipelines/p.sf:3:14
      |
    2 | CREATE TABLE t AS SELECT 1 AS x;
      |              - first defined here
    3 | CREATE TABLE t AS SELECT 2 AS x;
      |              ^
      |
    hint: write CREATE OR REPLACE TABLE to replace it, or give it another name

    error[E0405]: Circular dependency detected: transform_left_side_3 -> transform_right_side_4 -> transform_left_side_3
     --> pipelines/p.sf:4:14
      |
    4 | CREATE TABLE left_side AS SELECT * FROM right_side;
      |              ^^^^^^^^^ needs transform_right_side_4
    5 | CREATE TABLE right_side AS SELECT * FROM left_side;
      |              ---------- needs transform_left_side_3
    ");
    assert!(!project.path().join("out.duckdb").exists());
}

#[test]
fn a_misspelt_table_is_told_with_the_one_meant() {
    let project = Project::new(&PIPELINE.replace("FROM users;", "FROM usres;"));
    assert_snapshot!(project.transcript(&["validate"]), @r"
    exit 2
    --- stdout
    rejected  p  1 error
    --- stderr
    error[E0404]: Referenced table 'usres' might not be defined
     --> pipelines/p.sf:3:61
      |
    3 | CREATE TABLE shouted AS SELECT id, upper(name) AS name FROM usres;
      |                                                             ^^^^^
      |
      = available tables: shouted, users
    hint: did you mean 'users' instead of 'usres'?
    ");
}

#[test]
fn an_unknown_option_is_refused_by_the_handler_at_its_place() {
    let project = Project::new(&PIPELINE.replace("has_header", "has_haeder")).file("data/users.csv", USERS);
    assert_snapshot!(project.transcript(&["validate", "p"]), @r#"
    exit 2
    --- stdout
    rejected  p  1 error
    --- stderr
    error[E0412]: step `source_users_csv`: Unknown parameters for CSV connector: has_haeder
     --> pipelines/p.sf:1:61
      |
    1 | SOURCE users_csv TYPE CSV PARAMS {"path": "data/users.csv", "has_haeder": true};
      |                                                             ^^^^^^^^^^^^
      |
    hint: Did you mean 'has_header'?
    "#);
}

#[test]
fn a_rejected_pipeline_is_one_document_in_json() {
    let said = Project::new("LOAD a FROM nowhere;").duckpen(&["run", "p", "--format", "json"]);
    assert_eq!((said.exit, said.stderr.as_str()), (2, ""));
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["status"], "rejected");
    let first = &document["diagnostics"][0];
    assert_eq!((&first["code"], &first["location"]["line"]), (&"E0402".into(), &1.into()));
}

#[test]
fn a_missing_file_fails_its_step_and_skips_what_needs_it() {
    let project = Project::new(PIPELINE);
    assert_snapshot!(project.transcript(&["run", "p", "--threads", "1", "--database", "out.duckdb"]), @r#"
    exit 1
    --- stdout
    step kind status rows time fuel memory handler
    ─
    source_users_csv source failed [QUANTITY] duckpen-handler-source 0.1.0
    load_users_replace_1 load skipped duckpen-handler-load 0.1.0
    transform_shouted_2 transform skipped duckpen-handler-transform 0.1.0
    export_csv_shouted export skipped duckpen-handler-export 0.1.0
    --- stderr
    failed  source_users_csv  [QUANTITY]
    skipped  load_users_replace_1  because `source_users_csv` failed
    skipped  transform_shouted_2  because `source_users_csv` failed
    skipped  export_csv_shouted  because `source_users_csv` failed
    4 steps: 1 failed, 3 skipped in [QUANTITY]

    error[E0901]: step `source_users_csv` failed: no such file: 'data/users.csv'
     --> pipelines/p.sf:1:1
      |
    1 | SOURCE users_csv TYPE CSV PARAMS {"path": "data/users.csv", "has_header": true};
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    to continue where it stopped: duckpen run p --threads 1 --database out.duckdb --resume
    "#);
    assert!(!project.path().join("out").exists());
}

#[test]
fn a_place_outside_of_the_project_is_refused() {
    let project = Project::new(&PIPELINE.replace("data/users.csv", "../users.csv"));
    assert_snapshot!(project.transcript(&["run", "p"]), @r#"
    exit 4
    --- stdout
    --- stderr
    error[E0413]: step `source_users_csv`: '../users.csv' is outside of the project
     --> pipelines/p.sf:1:1
      |
    1 | SOURCE users_csv TYPE CSV PARAMS {"path": "../users.csv", "has_header": true};
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    hint: places are relative to the project's folder
    "#);
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let project = project().file("functions/text.wasm", "not wasm");
    assert_snapshot!(project.transcript(&["run", "p"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0801]: `text` is not a WebAssembly component: the file does not begin like one
     |
     = in functions/text.wasm
    hint: build it for wasm32-unknown-unknown with the guest SDK, or as a component
    ");
}

#[test]
fn a_component_of_another_version_of_the_contract_is_refused() {
    let mut bytes = guest_bytes("web_orders_text.wasm");
    let versions = bytes.windows(5).enumerate().filter(|(_, window)| window == b"0.1.0").map(|(at, _)| at);
    for at in versions.collect::<Vec<_>>() {
        bytes[at + 2] = b'7';
    }
    assert_snapshot!(project().file("functions/text.wasm", bytes).transcript(&["functions"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0803]: component `text` was built for `duckpen:functions/scalar@0.7.0`; this host speaks `duckpen:functions/scalar@0.1.0`
     |
     = in functions/text.wasm
    hint: build it with the guest SDK that belongs to this host
    ");
}

#[test]
fn a_component_that_imports_too_much_is_refused() {
    assert_snapshot!(project().component("evil_import.wasm").transcript(&["functions"]), @r"
    exit 4
    --- stdout
    --- stderr
    error[E0802]: component `text` imports evil:net/sockets@0.1.0, which it is not granted
     |
     = in functions/text.wasm
    hint: duckpen.toml cannot grant imports beyond the contract of functions: build the component without them
    ");
}

#[test]
fn functions_are_listed_with_their_signatures() {
    assert_snapshot!(project().component("web_orders_text.wasm").transcript(&["functions"]), @r"
    exit 0
    --- stdout
    function                                               kind        component   digest                what it does
    ─
    slugify(text VARCHAR) -> VARCHAR                       scalar      text        sha256:[HEX]   Lower-case words joined by hyphens: `Hello, World!` becomes `hello-world`.
    mask_email(email VARCHAR) -> VARCHAR                   scalar      text        sha256:[HEX]   Hides all but the first letter of the name: `ann@example.org` becomes `a***@example.org`. What is not an address is
    common_divisor(a BIGINT, b BIGINT) -> BIGINT           scalar      text        sha256:[HEX]   The greatest common divisor, never negative.
    affine(x BIGINT, y BIGINT) -> BIGINT                   scalar      text        sha256:[HEX]   `3 * x + y`, in 64 bits.
    upper_ascii(text VARCHAR) -> VARCHAR                   scalar      text        sha256:[HEX]   ASCII letters in upper case; others stay.
    weighted_mean(value BIGINT, weight BIGINT) -> DOUBLE   aggregate   text        sha256:[HEX]   The average of values that count as often as their weights say; NULL without any weight.
    --- stderr
    ");
}

#[test]
fn what_functions_cost_in_the_last_run_is_told() {
    let pipeline = "CREATE TABLE t AS SELECT slugify('Hello ' || range) AS s FROM range(5000);\n\
                    EXPORT SELECT max(s) AS s FROM t TO \"out/t.csv\" TYPE CSV OPTIONS { \"header\": true };\n";
    let project = Project::new(pipeline).component("web_orders_text.wasm");
    assert_snapshot!(project.transcript(&["functions", "--stats"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: there are no statistics: target/runs holds no results of a run
     |
    hint: run a pipeline first: `duckpen run PIPELINE`
    ");
    assert_eq!(project.duckpen(&["run", "p", "--quiet"]).exit, 0);
    let said = project.duckpen(&["functions", "--stats"]);
    let cells: Vec<Vec<&str>> = said.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        cells[0].join(" "),
        "function component calls rows in out guest boundary fuel memory instances discarded limits hit log lines dropped"
    );
    assert_eq!(cells[2][..4], ["slugify", "text", "3", "5,000"]);
    assert!(said.stderr.contains("of pipeline `p`, finished 2"), "{}", said.stderr);
    let said = project.duckpen(&["functions", "--stats", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["pipeline"], "p");
    let function = &document["functions"][0];
    assert_eq!(
        (&function["name"], &function["rows"], &function["calls"]),
        (&"slugify".into(), &5000.into(), &3.into())
    );
    let nanoseconds = |name: &str| function[name].as_u64().unwrap();
    assert!(nanoseconds("guest_nanoseconds") > 0 && nanoseconds("boundary_nanoseconds") > 0);
    assert_eq!(nanoseconds("nanoseconds"), nanoseconds("guest_nanoseconds") + nanoseconds("boundary_nanoseconds"));
}

#[test]
fn a_limit_that_was_hit_is_in_the_figures_of_the_run() {
    let pipeline = "CREATE TABLE t AS SELECT slugify('Hello ' || range) AS s FROM range(5000);\n";
    let project = Project::new(pipeline).component("web_orders_text.wasm");
    assert_eq!(project.duckpen(&["run", "p", "--quiet", "--limits", "fuel=100k"]).exit, 1);
    let said = project.duckpen(&["functions", "--stats", "--format", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let function = &document["functions"][0];
    assert_eq!(function["limit_hits_by_limit"]["fuel"], function["limit_hits"]);
    assert_eq!(function["instances_discarded"]["limit"], function["limit_hits"]);
    assert!(function["limit_hits"].as_u64() > Some(0), "{function}");
}

#[test]
fn a_component_can_be_inspected_without_being_used() {
    let project = project().component("web_orders_text.wasm").file("evil.wasm", guest_bytes("evil_import.wasm"));
    assert_snapshot!(project.transcript(&["inspect", "functions/text.wasm"]), @r"
    exit 0
    --- stdout
    component of functions text  sha256:[HEX]
    imports:
      duckpen:functions/log@0.1.0  write  (given)
      duckpen:columns/columns@0.1.0  types only  (given)
      duckpen:functions/results@0.1.0  emit  (given)
      duckpen:columns/failures@0.1.0  types only  (given)
      duckpen:functions/declarations@0.1.0  types only  (given)
      duckpen:functions/states@0.1.0  emit  (given)
    exports:
      duckpen:functions/scalar@0.1.0
      duckpen:functions/aggregate@0.1.0
    functions:
      scalar  slugify(text VARCHAR) -> VARCHAR
      scalar  mask_email(email VARCHAR) -> VARCHAR
      scalar  common_divisor(a BIGINT, b BIGINT) -> BIGINT
      scalar  affine(x BIGINT, y BIGINT) -> BIGINT
      scalar  upper_ascii(text VARCHAR) -> VARCHAR
      aggregate  weighted_mean(value BIGINT, weight BIGINT) -> DOUBLE
    would have to be granted:
      none
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["inspect", "evil.wasm"]), @r"
    exit 0
    --- stdout
    component of functions evil  sha256:[HEX]
    imports:
      evil:net/sockets@0.1.0  connect  (not granted)
      duckpen:columns/columns@0.1.0  types only  (given)
      duckpen:functions/results@0.1.0  emit  (given)
      duckpen:columns/failures@0.1.0  types only  (given)
      duckpen:functions/declarations@0.1.0  types only  (given)
    exports:
      duckpen:functions/scalar@0.1.0
    functions:
      not known: component `evil` imports evil:net/sockets@0.1.0, which it is not granted
    would have to be granted:
      evil:net/sockets@0.1.0
    --- stderr
    ");
}

#[test]
fn a_connector_can_be_inspected_before_it_is_configured() {
    let project = project().file("ducks.wasm", guest_bytes("ducks.wasm")).file("logs.wasm", guest_bytes("logs.wasm"));
    assert_snapshot!(project.transcript(&["inspect", "ducks.wasm"]), @r"
    exit 0
    --- stdout
    connector ducks  sha256:[HEX]
    imports:
      duckpen:columns/columns@0.1.0  types only  (given)
      duckpen:connectors/rows@0.1.0  emit  (given)
      duckpen:columns/failures@0.1.0  types only  (given)
      duckpen:connectors/types@0.1.0  types only  (given)
      duckpen:connectors/context@0.1.0  log, is-cancelled, now  (given)
      duckpen:connectors/http@0.1.0  send  (given)
    exports:
      duckpen:connectors/source@0.1.0
      duckpen:connectors/connector@0.1.0
    about:
      Items of an API.
      it is read from
      it asks the hosts of its parameters of kind url, and those that `hosts` grants it
    parameters:
      url  (url, required)  The address of the API
      token  (secret)  Shown to the API with each request
    parameters of a source:
      category  (text)  Items of this category only
    would have to be granted:
      none
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["inspect", "logs.wasm", "--format", "json"]), @r#"
    exit 0
    --- stdout
    {
      "name": "logs",
      "digest": "sha256:[HEX]",
      "imports": [
        {
          "name": "duckpen:columns/columns@0.1.0",
          "functions": [],
          "answer": "given"
        },
        {
          "name": "duckpen:connectors/rows@0.1.0",
          "functions": [
            "emit"
          ],
          "answer": "given"
        },
        {
          "name": "duckpen:columns/failures@0.1.0",
          "functions": [],
          "answer": "given"
        },
        {
          "name": "duckpen:connectors/types@0.1.0",
          "functions": [],
          "answer": "given"
        },
        {
          "name": "duckpen:connectors/context@0.1.0",
          "functions": [
            "log"
          ],
          "answer": "given"
        },
        {
          "name": "duckpen:connectors/files@0.1.0",
          "functions": [
            "all",
            "read"
          ],
          "answer": "given"
        }
      ],
      "exports": [
        "duckpen:connectors/source@0.1.0",
        "duckpen:connectors/connector@0.1.0"
      ],
      "kind": "connector",
      "functions": null,
      "not_callable": [],
      "connector": {
        "type": "logs",
        "version": "0.1.0",
        "doc": "Lines of logs.",
        "reads_files": true,
        "is_source": true,
        "is_sink": false,
        "parameters": [],
        "source_parameters": [
          {
            "name": "level",
            "kind": "text",
            "required": false,
            "one_of": [
              "INFO",
              "WARN",
              "ERROR"
            ],
            "doc": "Entries of this level only"
          }
        ],
        "sink_parameters": []
      },
      "needs_granted": []
    }
    --- stderr
    "#);
}

#[test]
fn a_component_with_its_own_wit_can_be_inspected_and_called() {
    let hopeless = guest_bytes("plain_hopeless.wasm");
    let project = project().component("plain_odd.wasm").file("hopeless.wasm", hopeless);
    assert_snapshot!(project.transcript(&["inspect", "functions/text.wasm"]), @r"
    exit 0
    --- stdout
    plain component text  sha256:[HEX]
    imports:
      wasi:random/random@0.2.0  get-random-u64  (inert stand-in)
    exports:
      select
      position
      extent
      drawn
      plain:odd/misdeeds@0.2.0
      plain:odd/metric@0.2.0
      plain:odd/imperial@0.2.0
      plain:odd/a@0.2.0
      plain:odd/b@0.2.0
      plain:odd/without-likeness@0.2.0
    functions:
      scalar  extent(value BIGINT) -> BIGINT
      scalar  drawn() -> UBIGINT
      scalar  trap_at(value BIGINT, at BIGINT) -> BIGINT
      scalar  loop_at(value BIGINT, at BIGINT) -> BIGINT
      scalar  fill_memory_at(value BIGINT, at BIGINT) -> BIGINT
      scalar  not_text(value BIGINT) -> VARCHAR
      scalar  bytes_of(length UINTEGER) -> BLOB
      scalar  long_error(length UINTEGER) -> BIGINT
      scalar  well_behaved(value BIGINT) -> BIGINT
      scalar  metric_extent(value DOUBLE) -> DOUBLE
      scalar  metres(value DOUBLE) -> DOUBLE
      scalar  imperial_extent(value DOUBLE) -> DOUBLE
      scalar  b_b(value BIGINT) -> BIGINT
    not callable from SQL:
      plain:odd/without-likeness@0.2.0.[constructor]session: it belongs to a resource, which SQL cannot hold
      plain:odd/without-likeness@0.2.0.[method]session.name: it belongs to a resource, which SQL cannot hold
      plain:odd/without-likeness@0.2.0.[static]session.open: it belongs to a resource, which SQL cannot hold
      plain:odd/without-likeness@0.2.0.nothing: it returns no value
      plain:odd/without-likeness@0.2.0.no-value: it returns no value
      plain:odd/without-likeness@0.2.0.take: parameter `value` is a resource, for which SQL has no type
      plain:odd/without-likeness@0.2.0.draw: parameter `value` is a variant whose cases have values, for which SQL has no type
      plain:odd/without-likeness@0.2.0.twice-optional: parameter `value` is an option of an option, for which SQL has no type
      plain:odd/without-likeness@0.2.0.ask: a part of an element of parameter `value` is a resource, for which SQL has no type
      plain:odd/without-likeness@0.2.0.inner-result: its result is a result inside of another type, for which SQL has no type
      select: `select` is a reserved word of SQL
      position: `position` is a reserved word of SQL
      plain:odd/a@0.2.0.b: another function would be called `a_b` too
      plain:odd/b@0.2.0.a-b: another function would be called `a_b` too
    would have to be granted:
      none
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["inspect", "hopeless.wasm", "--format", "json"]), @r#"
    exit 0
    --- stdout
    {
      "name": "hopeless",
      "digest": "sha256:[HEX]",
      "imports": [],
      "exports": [
        "forget",
        "select"
      ],
      "kind": "plain component",
      "functions": [],
      "not_callable": [
        {
          "function": "forget",
          "reason": "it returns no value"
        },
        {
          "function": "select",
          "reason": "`select` is a reserved word of SQL"
        }
      ],
      "connector": null,
      "needs_granted": []
    }
    --- stderr
    "#);
    let query = "SELECT extent(20) AS extent, metric_extent(2.5) AS metric, bytes_of(3) AS bytes";
    assert_snapshot!(project.transcript(&["sql", query]), @r"
    exit 0
    --- stdout
    extent   metric   bytes
    ─
    20       2.5      \xAB\xAB\xAB
    --- stderr
    ");
    assert_snapshot!(project.transcript(&["sql", "SELECT trap_at(i, 7) FROM range(10) t(i)"]), @r"
    exit 1
    --- stdout
    --- stderr
    error[E0904]: Invalid Input Error: function `trap_at` of component `text`: crashed: wasm trap: wasm `unreachable` instruction executed in `__rustc::rust_panic`, after 0 rows
     |
     =   in row 7 of this thread: trap_at(value = 7, at = 7)
    ");
    let project = project.file("functions/text.wasm", guest_bytes("plain_hopeless.wasm"));
    assert_snapshot!(project.transcript(&["functions"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0801]: component `text` exports no function that SQL can call:
     |
     =   forget: it returns no value
         select: `select` is a reserved word of SQL
     = in functions/text.wasm
    ");
}

#[test]
fn a_misspelt_key_of_the_configuration_is_told_with_its_place() {
    let project = project().file("duckpen.toml", "[limits]\nfuel = \"500M\"\n\n[componnets.text]\n");
    assert_snapshot!(project.transcript(&["run", "p"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: unknown key 'componnets'
     --> duckpen.toml:4:2
      |
    4 | [componnets.text]
      |  ^^^^^^^^^^
      |
    hint: did you mean 'components'?
    ");
    let project = project.file("duckpen.toml", "[limits]\nfule = 1\n");
    assert_snapshot!(project.transcript(&["run", "p"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: limits.fule: there is no limit `fule`; limits are fuel, memory, time, table_elements, instances, result_bytes, result_rows, log_bytes, host_calls, handles, state_bytes
     --> duckpen.toml:2:1
      |
    2 | fule = 1
      | ^^^^
      |
    hint: did you mean 'fuel'?
    ");
}

#[test]
fn a_profile_that_is_named_has_to_be_there() {
    assert_eq!(project().duckpen(&["run", "p", "--profile", "dev"]).exit, 0);
    let project = project().file("profiles/prod.yml", "");
    assert_snapshot!(project.transcript(&["run", "p", "--profile", "prd"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0703]: there is no profile `prd`: profiles/prd.yml is missing
     |
     = profiles are prod
    hint: did you mean `prod`?
    ");
}

#[test]
fn a_run_that_failed_is_continued_only_when_asked_to() {
    let project = Project::new(&format!("CREATE TABLE first AS SELECT 1 AS x;\n{PIPELINE}"));
    let run = ["run", "p", "--threads", "1", "--database", "out.duckdb"];
    assert_eq!(project.duckpen(&run).exit, 1);
    let project = project.file("data/users.csv", USERS);
    assert_snapshot!(project.duckpen(&[&run[..], &["--resume"]].concat()).stderr, @r"
    continuing run [HEX], which failed: 1 step complete (--fresh starts anew)
    resumed  transform_first_0
    ok  source_users_csv  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    ok  load_users_replace_2  2 rows  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    ok  transform_shouted_3  2 rows  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    ok  export_csv_shouted  2 rows  [QUANTITY]  fuel [FUEL]  mem [QUANTITY]
    5 steps: 4 ok, 1 resumed in [QUANTITY]
    ");
    let anew = project.duckpen(&run);
    assert_eq!((anew.exit, anew.stderr.contains("resumed")), (0, false));
}

#[test]
fn the_plan_is_a_table_or_a_document() {
    let project = project();
    assert_snapshot!(project.transcript(&["compile", "p"]), @r"
    exit 0
    --- stdout
    step kind what after place
    ─
    source_users_csv       source      csv                                         pipelines/p.sf:1
    load_users_replace_1   load        users_csv -> users   source_users_csv       pipelines/p.sf:2
    transform_shouted_2    transform   -> table shouted     load_users_replace_1   pipelines/p.sf:3
    export_csv_shouted     export      -> out/shouted.csv   transform_shouted_2    pipelines/p.sf:4
    --- stderr
    ");
    let said = project.duckpen(&["pipeline", "compile", "p", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.exit, &plan["operation_count"]), (0, &4.into()));
}

#[test]
fn pipelines_are_listed_and_codes_explained() {
    assert_snapshot!(project().transcript(&["list"]), @r"
    exit 0
    --- stdout
    pipeline   file
    ─
    p          pipelines/p.sf
    --- stderr
    ");
    assert_snapshot!(project().transcript(&["explain", "e0404"]), @r"
    exit 0
    --- stdout
    E0404: a table that nothing defines, with a name like one that is

    A query reads a table that neither the pipeline nor the database has, and its name is almost that of one they do. Correct the name; where the table is made by another pipeline, run that one first, on the same database.

    Wrong:

        CREATE TABLE customers AS SELECT 1 AS id;
        CREATE TABLE t AS SELECT * FROM custmers;

    Right:

        CREATE TABLE customers AS SELECT 1 AS id;
        CREATE TABLE t AS SELECT * FROM customers;
    --- stderr
    ");
    assert_snapshot!(project().transcript(&["explain", "E9999"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: there is no code `E9999`
     |
    hint: codes stand in brackets at the beginning of a message, such as error[E0404]
    ");
}
