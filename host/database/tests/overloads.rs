//! Which overloads of one name DuckDB can choose between.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use duckpen_database::{
    BindArguments, CallbackError, Chunk, Database, LogicalType, NullHandling, Options, OutputVector, ScalarFunction,
    ScalarSignature, Session, Stability,
};

/// A function that is never called: what it would be is told by the type of its result.
struct Uncalled(ScalarSignature);

impl Uncalled {
    fn new(name: &str, parameter: LogicalType, returns: LogicalType) -> Self {
        Self(ScalarSignature {
            name: name.to_owned(),
            parameters: vec![parameter],
            varargs: None,
            returns,
            nulls: NullHandling::Propagate,
            stability: Stability::Consistent,
        })
    }
}

impl ScalarFunction for Uncalled {
    type Bound = ();
    type Local = ();

    fn signature(&self) -> &ScalarSignature {
        &self.0
    }

    fn bind(&self, _: &BindArguments) -> Result<(), CallbackError> {
        Ok(())
    }

    fn open(&self, _: &Arc<()>) -> Result<(), CallbackError> {
        Ok(())
    }

    fn evaluate(&self, (): &(), (): &mut (), _: &Chunk<'_>, _: &mut OutputVector<'_>) -> Result<(), CallbackError> {
        Err(CallbackError("it was called".to_owned()))
    }
}

const TYPES: &[&str] = &[
    "BOOLEAN",
    "TINYINT",
    "BIGINT",
    "UBIGINT",
    "HUGEINT",
    "DOUBLE",
    "DECIMAL(4,1)",
    "DECIMAL(9,2)",
    "DECIMAL(9,3)",
    "VARCHAR",
    "BLOB",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP_NS",
    "TIMESTAMPTZ",
    "ENUM('a', 'b')",
    "ENUM('a', 'c')",
    "BIGINT[]",
    "VARCHAR[]",
    "BIGINT[][]",
    "DECIMAL(9,2)[]",
    "DECIMAL(18,2)[]",
    "ENUM('a')[]",
    "BIGINT[2]",
    "BIGINT[3]",
    "DECIMAL(9,2)[3]",
    "DECIMAL(9,1)[3]",
    "STRUCT(a BIGINT)",
    "STRUCT(A BIGINT)",
    "STRUCT(b BIGINT)",
    "STRUCT(a BIGINT, b BIGINT)",
    "STRUCT(a DECIMAL(9,2))",
    "STRUCT(a DECIMAL(18,2))",
    "MAP(VARCHAR, BIGINT)",
    "MAP(BIGINT, VARCHAR)",
    "MAP(VARCHAR, DECIMAL(9,2))",
];

fn chosen(session: &Session, name: &str, argument: &str) -> Option<String> {
    let query = format!("SELECT typeof({name}(CAST(NULL AS {argument})))");
    session.query(&query).ok()?.first().map(ToString::to_string)
}

#[test]
fn overloads_that_the_database_cannot_choose_between_are_known() {
    let mut wrong = Vec::new();
    for (i, first) in TYPES.iter().enumerate() {
        let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
        for (j, second) in TYPES.iter().enumerate().skip(i + 1) {
            let (one, other): (LogicalType, LogicalType) = (first.parse().unwrap(), second.parse().unwrap());
            let name = format!("f_{i}_{j}");
            let overloads = vec![
                Uncalled::new(&name, one.clone(), LogicalType::TinyInt),
                Uncalled::new(&name, other.clone(), LogicalType::Uuid),
            ];
            let works = match session.register_scalars(overloads) {
                Err(_) => false,
                Ok(()) => {
                    chosen(&session, &name, first).as_deref() == Some("TINYINT")
                        && chosen(&session, &name, second).as_deref() == Some("UUID")
                }
            };
            if works == one.is_alike(&other) {
                wrong.push(format!("{first} and {second}: DuckDB chooses: {works}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
