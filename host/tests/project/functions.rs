//! What is told of functions and components.

use insta::assert_snapshot;

use crate::support::guest_bytes;
use crate::{Project, json, shop};

#[test]
fn a_function_is_told_with_its_limits_and_who_set_them() {
    let project = shop()
        .component("web_orders_text.wasm")
        .file("pipelines/p.sf", "CREATE TABLE t AS SELECT slugify('A b') AS s;\n");
    assert_snapshot!(project.transcript(&["functions", "info", "slugify", "--limits", "time=2s"]), @r"
    exit 0
    --- stdout
    scalar  slugify(text VARCHAR) -> VARCHAR
      Lower-case words joined by hyphens: `Hello, World!` becomes `hello-world`.
    component:
      text  sha256:[HEX]
    limits:
      fuel = 200M  (duckpen.toml:12)
      memory = 16MiB  (duckpen.toml:15)
      time = 2s  (--limits)
      table_elements = 20k  (default)
      instances = 64  (default)
      result_bytes = 128MiB  (default)
      result_rows = 2048  (default)
      log_bytes = 64KiB  (default)
      host_calls = 10k  (default)
      handles = 10k  (default)
      state_bytes = 512MiB  (default)
    last run:
      there was none
    --- stderr
    ");
    assert_eq!(project.duckpen(&["run", "p", "-q"]).exit, 0);
    let told = json(&project.duckpen(&["udf", "info", "text.slugify", "--format", "json"]).stdout);
    assert_eq!(told[0]["limits"]["fuel"]["value"], "200M");
    assert_eq!(told[0]["limits"]["fuel"]["origin"]["line"], 12);
    assert_eq!((&told[0]["last_run"]["pipeline"], &told[0]["last_run"]["cost"]["rows"]), (&"p".into(), &1.into()));
    assert_snapshot!(project.transcript(&["functions", "info", "slugfy"]), @r"
    exit 2
    --- stdout
    --- stderr
    error[E0701]: the project has no function `slugfy`
     |
    hint: did you mean `slugify`?
    ");
}

#[test]
fn components_are_checked_one_by_one() {
    let project = shop()
        .component("web_orders_text.wasm")
        .file("functions/again.wasm", guest_bytes("web_orders_text.wasm"))
        .file("functions/broken.wasm", "no component");
    assert_snapshot!(project.transcript(&["functions", "validate"]), @r"
    exit 2
    --- stdout
    ok  again  6 functions
    rejected  broken  functions/broken.wasm
    rejected  text  functions/text.wasm
    --- stderr
    error[E0801]: `broken` is not a WebAssembly component: the file does not begin like one
     |
     = in functions/broken.wasm
    hint: build it for wasm32-unknown-unknown with the guest SDK, or as a component

    error[E0801]: component `text`: cannot register the function `affine`: a function of this name exists already
     |
    hint: where a function of DuckDB or of another component has the name, `prefix` or `rename` in [components.text] of duckpen.toml gives it another
    ");
    let document = json(&project.duckpen(&["udf", "validate", "--format", "json"]).stdout);
    assert_eq!((&document["status"], document["components"].as_array().unwrap().len()), (&"rejected".into(), 3));
}

#[test]
fn the_configuration_gives_functions_other_names() {
    let project = Project::new("")
        .component("web_orders_text.wasm")
        .file("functions/again.wasm", guest_bytes("web_orders_text.wasm"))
        .file("duckpen.toml", "[components.again]\nprefix = \"again_\"\nrename = { affine = \"line\" }\n");
    assert_snapshot!(project.transcript(&["functions", "validate"]), @r"
    exit 0
    --- stdout
    ok  again  6 functions
    ok  text  6 functions
    --- stderr
    ");
    let query = "SELECT again_slugify('A b') || slugify('C d') || line(1, 2) || affine(3, 4) AS said";
    let said = project.duckpen(&["sql", query, "--format", "json"]);
    assert_eq!((said.exit, &json(&said.stdout)[0]["said"]), (0, &"a-bc-d513".into()), "{}", said.stderr);
    let project = project.file(
        "duckpen.toml",
        "[components.again]\nprefix = \"2nd-\"\nrenam = {}\nrename = { affine = \"a line\", slugify = [] }\n",
    );
    assert_snapshot!(project.transcript(&["functions", "list"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: duckpen.toml: unknown key 'renam' in [components.again]
     --> duckpen.toml:3:1
      |
    3 | renam = {}
      | ^^^^^
      |
    hint: did you mean 'rename'?

    error[E0702]: duckpen.toml: components.again.prefix: no name of a function can begin with `2nd-`: letters, digits and `_` only
     --> duckpen.toml:2:10
      |
    2 | prefix = "2nd-"
      |          ^^^^^^

    error[E0702]: duckpen.toml: components.again.rename.affine: `a line` is no name for a function: letters, digits and `_` only
     --> duckpen.toml:4:21
      |
    4 | rename = { affine = "a line", slugify = [] }
      |                     ^^^^^^^^

    error[E0702]: duckpen.toml: 'components.again.rename.slugify' must be a text
     --> duckpen.toml:4:41
      |
    4 | rename = { affine = "a line", slugify = [] }
      |                                         ^^
    "#);
    let project = project.file("duckpen.toml", "[components.again.rename]\naffin = \"line\"\n");
    assert_snapshot!(project.transcript(&["functions", "list"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error[E0702]: component `again` has no function `affin` that could be renamed
     |
     = in functions/again.wasm
    hint: `duckpen inspect functions/again.wasm` lists its functions
    "#);
}
