//! A connector that misbehaves, in the one way that its parameter `misdeed` names. Never shipped.
//!
//! It is written against the contract itself, because the SDK does not let a connector do most of this. Where it does not
//! misbehave, it is read as three rows of one field `x`, and takes all rows.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit/columns", "../../../wit/connectors"],
        world: "duckpen:connectors/row-connector",
        generate_all,
    });
}
mod batches;
mod requests;

use std::cell::Cell;
use std::hint::black_box;

use bindings::duckpen::columns::columns::Column;
use bindings::duckpen::columns::failures::{Failure, Kind};
use bindings::duckpen::connectors::context;
use bindings::duckpen::connectors::types::Field;
use bindings::exports::duckpen::connectors::connector::{
    Authentication, Declaration, Guest as Connector, Parameter, ParameterKind,
};
use bindings::exports::duckpen::connectors::sink::{self, Delivery, GuestWriter, Writer, Written};
use bindings::exports::duckpen::connectors::source::{self, Dataset, GuestReader, GuestRelation, Reader, Relation};

/// The component.
pub struct Evil;

impl Connector for Evil {
    fn describe() -> Declaration {
        let parameter = |name: &str, kind| Parameter {
            name: name.to_owned(),
            kind,
            required: false,
            one_of: Vec::new(),
            doc: String::new(),
        };
        Declaration {
            name: "evil".to_owned(),
            version: "1".to_owned(),
            doc: "misbehaves".to_owned(),
            parameters: vec![
                parameter("url", ParameterKind::Url),
                parameter("token", ParameterKind::Secret),
                parameter("behaviour", ParameterKind::Text),
            ],
            source_parameters: vec![parameter("misdeed", ParameterKind::Text)],
            sink_parameters: vec![parameter("misdeed", ParameterKind::Text)],
            authentication: vec![Authentication::Bearer("token".to_owned())],
        }
    }

    fn check(configuration: String) -> Result<String, Failure> {
        match value(&configuration, "behaviour").as_str() {
            "loop" => forever(),
            "fail" => Err(failure("it does not feel like it")),
            "tell_configuration" => Ok(configuration),
            "long_answer" => Ok("x".repeat(1 << 20)),
            _ => Ok("evil, at your service".to_owned()),
        }
    }
}

impl source::Guest for Evil {
    type Relation = Evildoer;
    type Reader = Evildoer;

    fn discover(configuration: String) -> Result<Vec<Dataset>, Failure> {
        let many = if value(&configuration, "behaviour") == "many_datasets" { 20_000 } else { 1 };
        let dataset = |number: usize| Dataset {
            name: format!("rows{number}"),
            fields: Vec::new(),
            primary_key: Vec::new(),
            is_incremental: true,
            doc: None,
        };
        Ok((0..many).map(dataset).collect())
    }

    fn open(configuration: String, selection: String) -> Result<Relation, Failure> {
        let evildoer = Evildoer::new(&configuration, &selection);
        match evildoer.misdeed.as_str() {
            "loop_in_open" => forever(),
            "fail_in_open" => return Err(failure("this selection is not to its taste")),
            "emit_in_open" => batches::emit(&evildoer.misdeed, 3),
            _ => {}
        }
        Ok(Relation::new(evildoer))
    }
}

impl sink::Guest for Evil {
    type Writer = Evildoer;

    fn open(configuration: String, selection: String, _: Delivery) -> Result<Writer, Failure> {
        Ok(Writer::new(Evildoer::new(&configuration, &selection)))
    }
}

/// Whoever does it.
#[derive(Clone)]
pub struct Evildoer {
    misdeed: String,
    url: String,
    calls: Cell<u32>,
    rows: Cell<u64>,
}

impl Evildoer {
    fn new(configuration: &str, selection: &str) -> Self {
        let (misdeed, url) = (value(selection, "misdeed"), value(configuration, "url"));
        Self { misdeed, url, calls: Cell::new(0), rows: Cell::new(0) }
    }
}

impl GuestRelation for Evildoer {
    fn fields(&self) -> Vec<Field> {
        let field = |name: &str, kind: &str| Field { name: name.to_owned(), logical_type: kind.to_owned() };
        match self.misdeed.as_str() {
            "no_fields" => Vec::new(),
            "duplicate_fields" => vec![field("x", "BIGINT"), field("X", "BIGINT")],
            "unknown_type" => vec![field("x", "NUMBER OF ANGELS")],
            "too_many_fields" => (0..2_000).map(|number| field(&number.to_string(), "BIGINT")).collect(),
            "bad_utf8" | "offsets_backwards" => vec![field("x", "VARCHAR")],
            _ => vec![field("x", "BIGINT")],
        }
    }

    fn estimated_rows(&self) -> Option<u64> {
        Some(u64::MAX)
    }

    fn read(&self, _: Vec<u32>, _: Option<String>) -> Result<Reader, Failure> {
        match self.misdeed.as_str() {
            "loop_in_read" => forever(),
            "trap_in_read" => std::process::abort(),
            _ => requests::make(&self.misdeed, &self.url)?,
        }
        Ok(Reader::new(self.clone()))
    }
}

impl GuestReader for Evildoer {
    fn next(&self, most: u32) -> Result<(), Failure> {
        let call = self.calls.replace(self.calls.get() + 1);
        match self.misdeed.as_str() {
            "loop_in_next" => forever(),
            "trap_in_next" => std::process::abort(),
            "fail_in_next" => return Err(failure("no more of this")),
            "grow_in_next" => grow(),
            "flood_of_calls" => loop {
                black_box(context::is_cancelled());
            },
            "flood_of_log" => {
                for _ in 0..200 {
                    context::log(context::Level::Info, &"x".repeat(1 << 10));
                }
            }
            "send_for_ever" => loop {
                requests::get(&self.url)?;
            },
            "never_ends" => {
                batches::emit(&self.misdeed, most);
                return Ok(());
            }
            _ => {}
        }
        if call == 0 {
            batches::emit(&self.misdeed, most);
        }
        Ok(())
    }

    fn state(&self) -> Option<String> {
        match self.misdeed.as_str() {
            "loop_in_state" => forever(),
            "huge_state" => Some("x".repeat((64 << 10) + 1)),
            "no_state" => None,
            _ => Some("the end".to_owned()),
        }
    }
}

impl GuestWriter for Evildoer {
    fn write(&self, rows: u32, _: Vec<Column>) -> Result<(), Failure> {
        self.rows.set(self.rows.get() + u64::from(rows));
        match self.misdeed.as_str() {
            "loop_in_write" => forever(),
            "trap_in_write" => std::process::abort(),
            "fail_in_write" => Err(failure("it does not want these rows")),
            "send_in_write" => requests::get(&self.url),
            "emit_in_write" => {
                batches::emit(&self.misdeed, 3);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn finish(&self) -> Result<Written, Failure> {
        match self.misdeed.as_str() {
            "loop_in_finish" => forever(),
            "trap_in_finish" => std::process::abort(),
            "lie_in_finish" => Ok(Written { inserted: u64::MAX, updated: u64::MAX }),
            _ => Ok(Written { inserted: self.rows.get(), updated: 0 }),
        }
    }
}

impl Drop for Evildoer {
    fn drop(&mut self) {
        if self.misdeed == "loop_in_drop" {
            forever();
        }
    }
}

fn forever() -> ! {
    let mut number = 0u64;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

fn grow() {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(Vec::<u8>::with_capacity(1 << 22)));
    }
}

fn failure(message: &str) -> Failure {
    let hint = Some("try another".to_owned());
    Failure { kind: Kind::InvalidInput, message: message.to_owned(), hint, row: None }
}

/// A text of an object of JSON. Ours have no quotes inside.
fn value(object: &str, name: &str) -> String {
    let mark = format!("\"{name}\":\"");
    let found = object.split_once(&mark).and_then(|(_, rest)| rest.split_once('"'));
    found.map(|(value, _)| value.to_owned()).unwrap_or_default()
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Evil with_types_in bindings);
