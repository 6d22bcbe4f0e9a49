//! What the component says of itself: lines that the test writes over those that are here.
//!
//! ```text
//! name(parameter TYPE; parameter TYPE; TYPE...) -> TYPE
//! 1001 name(...) -> TYPE     as many, each with its number behind its name
//! !loop                      a misdeed, done when the component is asked
//! ```

use std::hint::black_box;

use crate::bindings::duckpen::columns::columns::{Column, Node, Values};
use crate::bindings::duckpen::functions::{log, results};
use crate::bindings::exports::duckpen::functions::scalar::{Declaration, NullPolicy, Parameter, Stability};

/// Bytes of a script, its mark included.
const BYTES: usize = 4096;

/// By which the test finds the place.
const MARK: &[u8] = b"SCRIPT OF THE PUPPET\n";

static SCRIPT: [u8; BYTES] = script();

const fn script() -> [u8; BYTES] {
    let mut bytes = [b' '; BYTES];
    let mut at = 0;
    while at < MARK.len() {
        bytes[at] = MARK[at];
        at += 1;
    }
    bytes
}

/// Does what the script says.
pub fn perform() -> Vec<Declaration> {
    // The compiler must not know what is in it.
    let bytes = &black_box(&SCRIPT)[MARK.len()..];
    let mut declarations = Vec::new();
    for line in String::from_utf8_lossy(bytes).lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('!') {
            Some(misdeed) => commit(misdeed),
            None => declarations.extend(declared(line)),
        }
    }
    declarations
}

fn declared(line: &str) -> Vec<Declaration> {
    match line.split_once(' ').and_then(|(times, line)| Some((times.parse::<u32>().ok()?, line))) {
        Some((times, line)) => (0..times)
            .map(|number| {
                let mut declaration = declaration(line);
                declaration.name += &number.to_string();
                declaration
            })
            .collect(),
        None => vec![declaration(line)],
    }
}

fn declaration(line: &str) -> Declaration {
    let (name, rest) = line.split_once('(').unwrap_or((line, ") -> "));
    let (parameters, returns) = rest.rsplit_once(") -> ").unwrap_or((rest, ""));
    let mut declaration = Declaration {
        name: name.to_owned(),
        parameters: Vec::new(),
        varargs: None,
        returns: returns.to_owned(),
        nulls: NullPolicy::Propagate,
        stability: Stability::Volatile,
        doc: None,
    };
    for parameter in parameters.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()) {
        match parameter.strip_suffix("...") {
            Some(kind) => declaration.varargs = Some(kind.to_owned()),
            None => {
                let (name, kind) = parameter.split_once(' ').unwrap_or((parameter, ""));
                declaration.parameters.push(Parameter { name: name.to_owned(), logical_type: kind.to_owned() });
            }
        }
    }
    declaration
}

fn commit(misdeed: &str) {
    match misdeed {
        "loop" => loop {
            black_box(0);
        },
        "panic" => panic!("as told"),
        "log" => (0..1_000).for_each(|_| log::write(log::Level::Info, "x")),
        "emit" => results::emit(&Column {
            root: Node { rows: 0, values: Values::Int64(Vec::new()), validity: None },
            children: Vec::new(),
        }),
        "fill" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(black_box(vec![1u8; 1 << 20]));
            }
        }
        _ => {}
    }
}
