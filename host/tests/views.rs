//! What a project is and will do: plan, show, lineage, docs.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use duckpen_database::{Database, Options};
use insta::assert_snapshot;
use serde_json::{Value, json};

use support::Project;

const USERS: &str = "id,name\n1,Ada\n2,Grace\n3,\n";

const PIPELINE: &str = "\
-- Who there is.
SOURCE users_csv TYPE CSV PARAMS {\"path\": \"data/users.csv\", \"has_header\": true};
LOAD users FROM users_csv;
CREATE VIEW named AS SELECT id, name FROM users WHERE name IS NOT NULL;
CREATE TABLE shouted AS SELECT id, upper(name) AS name, slugify(name) AS slug FROM named;
EXPORT SELECT slug, count(*) AS n FROM shouted GROUP BY slug TO \"out/slugs.csv\" TYPE CSV;
";

const KEPT: &str =
    "engines:\n  duckdb:\n    mode: persistent\n    path: target/kept.duckdb\nvariables:\n  token: s3cret\n";

/// A project with a function, whose tables are kept.
fn project() -> Project {
    Project::new(PIPELINE)
        .file("data/users.csv", USERS)
        .file("profiles/dev.yml", KEPT)
        .file("duckpen.toml", "[limits]\nmemory = \"32MiB\"\n[components.text.limits]\nfuel = \"100M\"\n")
        .component("web_orders_text.wasm")
}

fn document(project: &Project, arguments: &[&str]) -> Value {
    let said = project.duckpen(&[arguments, &["--format", "json"]].concat());
    assert_eq!(said.exit, 0, "{}\n{}", said.stdout, said.stderr);
    serde_json::from_str(&said.stdout).unwrap()
}

/// The member `member` of every element.
fn all(list: &Value, member: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|element| element[member].clone()).collect()
}

#[test]
fn a_plan_says_what_every_step_would_do_and_does_none_of_it() {
    let project = project();
    assert_snapshot!(project.transcript(&["plan", "p"]), @r"
    exit 0
    --- stdout
    p  pipelines/p.sf
    begins anew: no run waits to be continued
    5 steps would run

    step what reads writes calls last would
    ─
    source_users_csv       source, csv      data/users.csv                                    run: it needs nothing before it
    load_users_replace_1   load, REPLACE    users_csv        users                            run: after source_users_csv
    transform_named_2      view             users            named                            run: after load_users_replace_1
    transform_shouted_3    table, REPLACE   named            shouted         slugify          run: after load_users_replace_1, transform_named_2
    export_csv_shouted     export, csv      shouted          out/slugs.csv                    run: after transform_shouted_3

    files
      read   data/users.csv
      write  out/slugs.csv

    handlers
    export duckpen-handler-export 0.1.0 sha256:[HEX]
    load duckpen-handler-load 0.1.0 sha256:[HEX]
    source duckpen-handler-source 0.1.0 sha256:[HEX]
    transform duckpen-handler-transform 0.1.0 sha256:[HEX]

    functions
      slugify(text VARCHAR) -> VARCHAR  of component text  sha256:[HEX]

    limits
      of each step handler: fuel 1G, memory 64MiB, time 1h
      of component text: fuel 100M (duckpen.toml:4), memory 32MiB (duckpen.toml:2), time 10s
    --- stderr
    ");
    assert!(!project.path().join("target").exists() && !project.path().join("out").exists());
}

#[test]
fn a_plan_for_programs_has_handlers_functions_and_limits_with_their_origins() {
    let project = project();
    let plan = document(&project, &["plan", "p", "--limits", "time=3s"]);
    let step = &plan["steps"][3];
    assert_eq!(step["id"], "transform_shouted_3");
    assert_eq!(step["reads"], json!(["named"]));
    assert_eq!(step["writes"], "shouted");
    assert_eq!(step["functions"][0]["name"], "slugify");
    assert_eq!(step["functions"][0]["component"], "text");
    assert!(step["functions"][0]["digest"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(step["handler"]["name"], "duckpen-handler-transform");
    assert_eq!(step["last"], Value::Null);
    assert_eq!(plan["files_read"], json!(["data/users.csv"]));
    let limits = plan["components"][0]["limits"].as_array().unwrap();
    let limit = |name: &str| limits.iter().find(|limit| limit["limit"] == name).unwrap().clone();
    for (name, value, origin) in [
        ("fuel", "100M", "duckpen.toml:4"),
        ("memory", "32MiB", "duckpen.toml:2"),
        ("time", "3s", "--limits"),
        ("handles", "10k", "default"),
    ] {
        assert_eq!(limit(name), json!({ "limit": name, "value": value, "from": origin }));
    }
}

#[test]
fn a_plan_knows_the_last_run_and_what_can_be_continued() {
    let project = project();
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let plan = document(&project, &["plan", "p"]);
    assert_eq!(plan["begins"]["why"], "anew: no run waits to be continued");
    assert!(plan["steps"][1]["last"]["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(plan["steps"][1]["last"]["rows"], 3);

    // The export fails: its place is a folder.
    std::fs::remove_file(project.path().join("out/slugs.csv")).unwrap();
    let project = project.file("out/slugs.csv/in_the_way", "");
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 1);
    let plan = document(&project, &["plan", "p"]);
    assert!(plan["begins"]["why"].as_str().unwrap().ends_with(" failed; --resume would continue it"));
    assert_eq!(all(&plan["steps"], "would"), ["run", "run", "run", "run", "run"]);
    let plan = document(&project, &["plan", "p", "--resume"]);
    assert!(plan["begins"]["why"].as_str().unwrap().starts_with("by continuing run "));
    assert_eq!(all(&plan["steps"], "would"), ["run", "skip", "skip", "skip", "run"]);
    assert!(plan["steps"][1]["why"].as_str().unwrap().starts_with("complete in run "));
}

#[test]
fn a_plan_says_which_steps_are_left_out() {
    let project = project();
    let plan = document(&project, &["plan", "p", "--select", "+shouted"]);
    assert_eq!(all(&plan["steps"], "would"), ["run", "run", "run", "run", "leave_out"]);
    assert_eq!(plan["steps"][4]["why"], "it is not selected");
    let said = project.duckpen(&["plan", "p", "--select", "nothing"]);
    assert_eq!(said.exit, 2);
    assert!(said.stderr.starts_with("error[E0701]: no step, table or source is called 'nothing'"), "{}", said.stderr);
}

#[test]
fn a_table_is_shown_with_what_wrote_it() {
    let project = project();
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let shown = document(&project, &["show", "USERS", "--nulls", "--limit", "1"]);
    assert_eq!(shown["table"], "users");
    assert_eq!(shown["rows"], 3);
    assert_eq!(
        shown["columns"],
        json!([{ "name": "id", "type": "BIGINT", "nulls": 0 }, { "name": "name", "type": "VARCHAR", "nulls": 1 }])
    );
    assert_eq!(shown["first_rows"], json!([{ "id": 1, "name": "Ada" }]));
    assert_eq!(shown["written_by"][0]["step"], "load_users_replace_1");
    assert_eq!(shown["written_by"][0]["place"], "pipelines/p.sf:3");
    assert!(shown["written_by"][0]["completed_at"].is_string());
    let text = project.duckpen(&["show", "shouted"]).stdout;
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("completed")).collect();
    assert_snapshot!(lines.join("\n"), @r"
    shouted  table, 2 rows, in [PROJECT]/target/kept.duckdb

    column   type
    ─
    id       BIGINT
    name     VARCHAR
    slug     VARCHAR

    id   name    slug
    ─
    1    ADA     ada
    2    GRACE   grace
    ");
    assert_eq!(document(&project, &["show", "named"])["kind"], "view");
}

#[test]
fn a_view_that_calls_a_function_is_shown() {
    let project = Project::new("CREATE VIEW v AS SELECT slugify('A b') AS s;")
        .file("profiles/dev.yml", KEPT)
        .component("web_orders_text.wasm");
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    assert_eq!(document(&project, &["show", "v"])["first_rows"], json!([{ "s": "a-b" }]));
}

#[test]
fn a_watermark_is_shown_with_its_table() {
    let source = "SOURCE s TYPE CSV PARAMS {\"path\": \"data/users.csv\", \"has_header\": true, \
                  \"sync_mode\": \"incremental\", \"cursor_field\": \"id\"};\nLOAD users FROM s MODE APPEND;";
    let project = Project::new(source).file("data/users.csv", USERS).file("profiles/dev.yml", KEPT);
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let shown = document(&project, &["show", "users"]);
    assert_eq!(shown["watermarks"][0]["cursor"], "id");
    assert_eq!(shown["watermarks"][0]["value"], "3");
    assert!(project.duckpen(&["show", "users"]).stdout.contains("watermark of s in p: id = 3, moved "));
}

#[test]
fn a_table_that_cannot_be_shown_has_a_reason() {
    let project = project();
    assert_snapshot!(project.transcript(&["show", "users"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0704]: there is no database [PROJECT]/target/kept.duckdb
     |
    hint: a run of a pipeline makes it
    ");
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    assert_snapshot!(project.transcript(&["show", "usres"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: there is no table `usres` in the database
     |
     = tables are named, shouted, users
    hint: did you mean `users`?
    ");
    let held = Database::open(Options::file(project.path().join("target/kept.duckdb"))).unwrap();
    let said = project.duckpen(&["show", "users"]);
    assert_eq!(said.exit, 2);
    assert!(said.stderr.contains("kept.duckdb is in use by another process"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: wait until the other process has ended"), "{}", said.stderr);
    // A plan can be had all the same.
    let plan = document(&project, &["plan", "p"]);
    assert!(plan["begins"]["why"].as_str().unwrap().contains("in use by another process"));
    drop(held);
    let project = project.file("profiles/memory.yml", "engines:\n  duckdb:\n    mode: memory\n");
    assert_snapshot!(project.transcript(&["show", "users", "--profile", "memory"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0704]: there are no tables to show: the database is in memory
     |
    hint: let the profile keep it (engines.duckdb.mode: persistent), or give --database FILE
    ");
}

#[test]
fn lineage_is_a_tree_of_what_everything_is_made_of() {
    assert_snapshot!(project().transcript(&["lineage"]), @r"
    exit 0
    --- stdout
    out/slugs.csv  export
    └─ shouted  table, calls slugify
       └─ named  view
          └─ users  table
             └─ users_csv  source data/users.csv
    --- stderr
    ");
}

#[test]
fn lineage_of_columns_goes_back_to_the_sources() {
    assert_snapshot!(project().transcript(&["lineage", "p", "--columns"]), @r"
    exit 0
    --- stdout
    users_csv  source
      column   type
      ─────────────────
      id       BIGINT
      name     VARCHAR

    users  table
      column   type      made of
      ──────────────────────────────────
      id       BIGINT    users_csv.id
      name     VARCHAR   users_csv.name

    named  view
      column   type      made of
      ──────────────────────────────
      id       BIGINT    users.id
      name     VARCHAR   users.name
      rows by users.name (transform_named_2)

    shouted  table
      column   type      made of
      ──────────────────────────────
      id       BIGINT    named.id
      name     VARCHAR   named.name
      slug     VARCHAR   named.name

    out/slugs.csv  export
      column   type      made of
      ────────────────────────────────
      slug     VARCHAR   shouted.slug
      n        BIGINT
      rows by shouted.slug (export_csv_shouted)
    --- stderr
    ");
}

#[test]
fn lineage_for_programs_names_nodes_edges_and_columns() {
    let lineage = document(&project(), &["lineage"]);
    assert_eq!(
        all(&lineage["nodes"], "id"),
        ["source:users_csv", "table:users", "view:named", "table:shouted", "function:slugify", "export:out/slugs.csv"]
    );
    let edges: Vec<String> = lineage["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| format!("{} -> {}", edge["from"].as_str().unwrap(), edge["to"].as_str().unwrap()))
        .collect();
    assert_eq!(
        edges,
        [
            "source:users_csv -> table:users",
            "table:users -> view:named",
            "view:named -> table:shouted",
            "function:slugify -> table:shouted",
            "table:shouted -> export:out/slugs.csv",
        ]
    );
    let shouted = &lineage["nodes"][3];
    assert_eq!(
        shouted["columns"][2],
        json!({ "name": "slug", "type": "VARCHAR", "from": [{ "node": "view:named", "column": "name" }], "unknown": null })
    );
    assert_eq!(lineage["nodes"][2]["made_by"][0]["rows_from"], json!([{ "node": "table:users", "column": "name" }]));
}

#[test]
fn a_pipeline_that_is_wrong_keeps_no_other_out() {
    let project = project().file("pipelines/wrong.sf", "LOAD a FROM nowhere;");
    let lineage = document(&project, &["lineage"]);
    assert_eq!(lineage["nodes"].as_array().unwrap().len(), 6);
    assert!(lineage["pipelines"][1]["problems"][0].as_str().unwrap().contains("nowhere"));
    assert_eq!(project.duckpen(&["lineage", "wrong"]).exit, 2);
}

#[test]
fn tables_in_memory_are_those_of_their_pipelines_alone() {
    let two = "CREATE TABLE t AS SELECT 1 AS i;\nEXPORT t TO \"out/q.csv\" TYPE CSV;";
    let one = "CREATE TABLE t AS SELECT 2 AS j;\nEXPORT t TO \"out/p.csv\" TYPE CSV;";
    let in_memory = Project::new(one).file("pipelines/q.sf", two);
    let ids = |project: &Project| all(&document(project, &["lineage"])["nodes"], "id");
    assert_eq!(ids(&in_memory), ["table:t", "export:out/p.csv", "table:q/t", "export:out/q.csv"]);
    let kept = Project::new(one).file("pipelines/q.sf", two).file("profiles/dev.yml", KEPT);
    assert_eq!(ids(&kept), ["table:t", "export:out/p.csv", "export:out/q.csv"]);
}

const HOSTILE: &str = "\
CREATE TABLE \"<img src=x onerror=alert(1)>\" AS SELECT 1 AS \"\"\"><script>alert(1)\", '</script>' AS b;
EXPORT \"<img src=x onerror=alert(1)>\" TO \"out/<b>x.csv\" TYPE CSV;
";

#[test]
fn pages_are_written_and_hostile_names_are_text() {
    let project = Project::new(HOSTILE);
    let said = project.duckpen(&["lineage", "--html", "pages/graph.html"]);
    assert_eq!((said.exit, said.stdout.as_str()), (0, ""), "{}", said.stderr);
    let said = project.duckpen(&["docs", "--out", "pages"]);
    assert_eq!((said.exit, said.stdout.as_str()), (0, "pages/index.html\n"), "{}", said.stderr);
    for page in ["pages/graph.html", "pages/index.html"] {
        let page = std::fs::read_to_string(project.path().join(page)).unwrap();
        assert!(page.contains("alert(1)"), "the names are shown");
        for markup in ["<script>alert", "<img", "<b>x"] {
            assert!(!page.contains(markup), "{markup}");
        }
    }
}

#[test]
fn documentation_has_everything_and_no_secrets() {
    let project = project();
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let file = document(&project, &["docs"])["file"].as_str().unwrap().to_owned();
    assert!(file.ends_with("target/docs/index.html"), "{file}");
    let page = std::fs::read_to_string(project.path().join("target/docs/index.html")).unwrap();
    for text in [
        "Who there is.",
        "transform_shouted_3",
        "slugify(",
        "duckpen.toml:4",
        "target/kept.duckdb",
        "Columns as they are in the database.",
        "<span class=\"status success\">success</span>",
        "token",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("s3cret"));
}
