//! Declarations that are no use are refused with the name and the reason, word for word.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use duckpen_functions::{Library, LibraryError, Names};
use duckpen_sandbox::Limits;
use support::{engine, puppet, register, session, value};

/// What the host says of a component with this script, when it is loaded or, if it is, when it is registered.
fn refusal(script: &str) -> String {
    let library = Library::load(&engine(), "odd", &puppet(script), &Limits::functions());
    match library.and_then(|library| library.register(&session(1))) {
        Ok(()) => panic!("it was taken: {script}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_declared_wrongly_is_refused_by_name() {
    let long = format!("{}(x BIGINT) -> BIGINT", "f".repeat(101));
    let long_refusal = format!("`{}` is no name for a function: letters, digits and `_` only", "f".repeat(101));
    let parameters: Vec<String> = (0..251).map(|number| format!("p{number} INT")).collect();
    let many = format!("f({}) -> BIGINT", parameters.join(";"));
    let cases = [
        (
            "f(x BIGINT) -> BLURB",
            "the result of function `f` has the unknown type `BLURB`: there is no type `BLURB` that functions exchange",
        ),
        (
            "f(x BIGINT) -> ;",
            "the result of function `f` has the unknown type `;`: the name of a type is expected instead of `;`",
        ),
        (
            "f(x BLURB) -> BIGINT",
            "parameter `x` of function `f` has the unknown type `BLURB`: there is no type `BLURB` that functions exchange",
        ),
        (
            "f(x) -> BIGINT",
            "parameter `x` of function `f` has the unknown type ``: the name of a type is missing at the end",
        ),
        (
            "f(x DECIMAL(39,1)) -> BIGINT",
            "parameter `x` of function `f` has the unknown type `DECIMAL(39,1)`: a decimal has a width of 1 to 38 and a scale up to it, not 39 and 1",
        ),
        (
            "f(x BIGINT; BLURB...) -> BIGINT",
            "the varargs of function `f` has the unknown type `BLURB`: there is no type `BLURB` that functions exchange",
        ),
        ("f(x BIGINT; x VARCHAR) -> BIGINT", "function `f` has two parameters `x`"),
        ("f(x BIGINT; X VARCHAR) -> BIGINT", "function `f` has two parameters `X`"),
        (
            "f(x' BIGINT) -> BIGINT",
            "`x'` is no name for a parameter of function `f`: letters, digits, `_` and `-` only",
        ),
        ("(x BIGINT) -> BIGINT", "`` is no name for a function: letters, digits and `_` only"),
        ("1f(x BIGINT) -> BIGINT", "`1f` is no name for a function: letters, digits and `_` only"),
        ("f-g(x BIGINT) -> BIGINT", "`f-g` is no name for a function: letters, digits and `_` only"),
        ("f\"g(x BIGINT) -> BIGINT", "`f\"g` is no name for a function: letters, digits and `_` only"),
        ("f'g(x BIGINT) -> BIGINT", "`f'g` is no name for a function: letters, digits and `_` only"),
        ("f;DROP(x BIGINT) -> BIGINT", "`f;DROP` is no name for a function: letters, digits and `_` only"),
        ("f\u{7}g(x BIGINT) -> BIGINT", "`f\u{FFFD}g` is no name for a function: letters, digits and `_` only"),
        ("größe(x BIGINT) -> BIGINT", "`größe` is no name for a function: letters, digits and `_` only"),
        (&long, &long_refusal),
        (&many, "function `f` has 251 parameters; at most 250 are accepted"),
        ("f(x BIGINT) -> BIGINT\nf(y BIGINT) -> VARCHAR", "it declares `f(y BIGINT) -> VARCHAR` twice"),
        ("f(x BIGINT) -> BIGINT\nF(x BIGINT) -> BIGINT", "it declares `F(x BIGINT) -> BIGINT` twice"),
        (
            "f(x DECIMAL(9,2)) -> BIGINT\nf(x DECIMAL(18,2)) -> BIGINT",
            "it declares `f(x DECIMAL(9,2)) -> BIGINT` and `f(x DECIMAL(18,2)) -> BIGINT`, between which DuckDB cannot choose",
        ),
        (
            "f(x BIGINT; l BIGINT[]) -> BIGINT\nf(x BIGINT; l BIGINT[3]) -> BIGINT",
            "it declares `f(x BIGINT, l BIGINT[]) -> BIGINT` and `f(x BIGINT, l BIGINT[3]) -> BIGINT`, between which DuckDB \
             cannot choose",
        ),
        ("1001 f(x BIGINT) -> BIGINT", "it declares 1001 functions; at most 1000 are accepted"),
        ("select(x BIGINT) -> BIGINT", "it declares the function `select`, which is a word that SQL keeps for itself"),
        (
            "fine(x BIGINT) -> BIGINT\nTable(x BIGINT) -> BIGINT",
            "it declares the function `table`, which is a word that SQL keeps for itself",
        ),
        (
            "coalesce(x BIGINT) -> BIGINT",
            "it declares the function `coalesce`, which is a word that SQL keeps for itself",
        ),
    ];
    for (script, reason) in cases {
        assert_eq!(refusal(script), format!("component `odd` does not fit the contract: {reason}"), "{script}");
    }
}

#[test]
fn a_name_that_a_function_of_duckdb_has_is_refused() {
    assert_eq!(
        refusal("abs(x BLOB) -> BLOB"),
        "component `odd`: cannot register the function `abs`: a function of this name exists already"
    );
}

#[test]
fn a_project_gives_declared_functions_other_names() {
    let bytes = puppet("abs(x BLOB) -> BIGINT\nover(x BIGINT) -> BIGINT\nover(x VARCHAR) -> BIGINT");
    let load = |prefix: &str, renamed: &[(&str, &str)]| {
        let mut names = Names::default();
        names.set_prefix(prefix).unwrap();
        renamed.iter().for_each(|(name, other)| names.rename(name, other).unwrap());
        let library = Library::load_as(&engine(), "odd", &bytes, &Limits::functions(), &names)?;
        library.register(&session(1))?;
        Ok(library.functions().map(|function| function.signature()).collect::<Vec<_>>())
    };
    assert_eq!(
        load("p_", &[("ABS", "size")]).unwrap(),
        ["size(x BLOB) -> BIGINT", "p_over(x BIGINT) -> BIGINT", "p_over(x VARCHAR) -> BIGINT"]
    );
    let error =
        |prefix, renamed: &[_]| load(prefix, renamed).map_err(|error: LibraryError| error.to_string()).unwrap_err();
    assert_eq!(error("p_", &[("abss", "size")]), "component `odd` has no function `abss` that could be renamed");
    let taken = "component `odd`: cannot register the function `sum`: a function of this name exists already";
    assert_eq!(error("p_", &[("abs", "sum")]), taken);
    let long = "p".repeat(100);
    assert!(error(&long, &[]).contains("is no name for a function"));
}

#[test]
fn what_is_done_while_a_component_is_asked_is_limited() {
    let stopped = [
        ("!loop", "fuel limit reached: used 100,000,000 of 100,000,000 in one call"),
        ("!fill", "memory limit reached: wanted 6"),
        ("!log", "host_calls limit reached: 101 where 100 are allowed"),
        ("!panic", "crashed: wasm trap: wasm `unreachable` instruction executed"),
        ("!emit", "results were emitted outside of a batch"),
    ];
    for (script, reason) in stopped {
        let started = Instant::now();
        let refusal = refusal(script);
        let expected = format!("component `odd` was stopped in `describe`: {reason}");
        assert!(refusal.starts_with(&expected), "{script}: {refusal}");
        assert!(started.elapsed() < Duration::from_secs(5), "{script}: {:?}", started.elapsed());
    }
}

#[test]
fn what_is_declared_well_can_be_called() {
    let session = session(1);
    let script = "1000 many(x BLOB) -> BIGINT\noverloaded(x BIGINT) -> BIGINT\noverloaded(x VARCHAR) -> BIGINT";
    let refused = Library::load(&engine(), "odd", &puppet(script), &Limits::functions()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("1002 functions"), "{refused}");
    let bytes = puppet("one(x BLOB; first-name VARCHAR; y DECIMAL; INTEGER...) -> BIGINT\ncursor(x BLOB) -> BIGINT");
    let library = Library::load(&engine(), "fine", &bytes, &Limits::functions()).unwrap();
    library.register(&session).unwrap();
    let signatures: Vec<String> = library.functions().map(|function| function.signature()).collect();
    assert_eq!(
        signatures,
        ["one(x BLOB, first-name VARCHAR, y DECIMAL(18,3), INTEGER...) -> BIGINT", "cursor(x BLOB) -> BIGINT"]
    );
    // One column of one row: an `int64`, 7, without NULLs.
    let order = "010000000001000000040100000007000000000000".to_owned() + "0000" + "00";
    assert_eq!(value(&session, &format!("SELECT cursor(from_hex('{order}'))")), "7");
    let _neighbour = register(&session, &engine(), "duckpen_types", "good", &Limits::functions());
}
