//! Scalar functions written in Rust, through the safe wrapper.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use duckpen_database::{
    ArgumentForm, BindArguments, CallbackError, Chunk, Database, LogicalType, NullHandling, Options, OutputSlot,
    OutputVector, ScalarFunction, ScalarSignature, Session, Stability,
};

/// Adds a first argument that has to be constant to the second.
struct AddConstant {
    signature: ScalarSignature,
    opened: Arc<AtomicUsize>,
}

impl ScalarFunction for AddConstant {
    type Bound = ();
    type Local = Vec<i64>;

    fn signature(&self) -> &ScalarSignature {
        &self.signature
    }

    fn bind(&self, arguments: &BindArguments) -> Result<(), CallbackError> {
        match arguments.form(0) {
            ArgumentForm::Constant => Ok(()),
            ArgumentForm::Vector => Err(CallbackError("the first argument must be constant".into())),
        }
    }

    fn open(&self, _: &Arc<()>) -> Result<Vec<i64>, CallbackError> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        Ok(Vec::new())
    }

    fn evaluate(
        &self,
        (): &(),
        results: &mut Vec<i64>,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        results.clear();
        let constants = input.vectors()[0].first_row().fixed::<i64>().unwrap();
        let values = input.vectors()[1].fixed::<i64>().unwrap();
        assert!(!values.contains(&-13), "minus thirteen");
        results.extend(values.iter().map(|value| value.wrapping_add(constants[0])));
        output.write_fixed(results, None).map_err(|error| CallbackError(error.to_string()))
    }
}

fn session(name: &str) -> Session {
    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    register(&session, name).unwrap();
    session
}

fn register(session: &Session, name: &str) -> Result<(), duckpen_database::Error> {
    let signature = ScalarSignature {
        name: name.to_owned(),
        parameters: vec![LogicalType::BigInt, LogicalType::BigInt],
        varargs: None,
        returns: LogicalType::BigInt,
        nulls: NullHandling::Propagate,
        stability: Stability::Consistent,
    };
    session.register_scalars(vec![AddConstant { signature, opened: Arc::default() }])
}

#[track_caller]
fn check(session: &Session, sql: &str, expected: &str) {
    assert_eq!(session.query(sql).unwrap().first().unwrap().to_string(), expected, "{sql}");
}

/// Gives what it is called with, by way of a slot, and looks whether the slot is empty before and after.
struct Lending(ScalarSignature, OutputSlot);

impl ScalarFunction for Lending {
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

    fn evaluate(
        &self,
        (): &(),
        (): &mut (),
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let values = input.vectors()[0].fixed::<i64>().unwrap();
        assert!(self.1.with(|_| ()).is_none(), "a vector is within reach before it is lent");
        let written = self.1.lend(output, || self.1.with(|vector| vector.write_fixed(values, None)));
        assert!(self.1.with(|_| ()).is_none(), "a vector is within reach after it was taken back");
        written.unwrap().map_err(|error| CallbackError(error.to_string()))
    }
}

#[test]
fn a_vector_that_was_lent_is_out_of_reach_afterwards() {
    let session = Database::open(Options::in_memory()).unwrap().connect().unwrap();
    let signature = ScalarSignature {
        name: "lent".to_owned(),
        parameters: vec![LogicalType::BigInt],
        varargs: None,
        returns: LogicalType::BigInt,
        nulls: NullHandling::Propagate,
        stability: Stability::Consistent,
    };
    session.register_scalars(vec![Lending(signature, OutputSlot::default())]).unwrap();
    check(&session, "SELECT sum(lent(i)) FROM range(5000) t(i)", "12497500");
}

#[test]
fn batches_of_every_size_are_computed() {
    let session = session("plus_constant");
    for rows in [0u64, 1, 2, 2047, 2048, 2049, 100_000] {
        let sum = (0..rows).map(|i| i + 7).sum::<u64>();
        check(
            &session,
            &format!("SELECT coalesce(sum(plus_constant(7, i)), 0) FROM range({rows}) t(i)"),
            &sum.to_string(),
        );
    }
    check(&session, "SELECT plus_constant(1, 2)", "3");
}

#[test]
fn null_arguments_give_null() {
    let session = session("plus_constant");
    check(
        &session,
        "SELECT count(plus_constant(1, CASE WHEN i % 3 = 0 THEN NULL ELSE i END)) FROM range(3000) t(i)",
        "2000",
    );
    check(&session, "SELECT plus_constant(1, NULL)", "NULL");
}

#[test]
fn errors_of_bind_and_panics_of_evaluate_fail_the_query_only() {
    let session = session("plus_constant");
    let bind = session.query("SELECT plus_constant(i, i) FROM range(3) t(i)").unwrap_err().to_string();
    assert!(bind.contains("the first argument must be constant"), "{bind}");
    let panic = session.query("SELECT plus_constant(1, i - 20) FROM range(20) t(i)").unwrap_err().to_string();
    assert!(panic.contains("panic in a function: minus thirteen"), "{panic}");
    check(&session, "SELECT plus_constant(1, 2)", "3");
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let session = session("plus_two");
    assert!(register(&session, "PLUS_two").is_err());
    assert!(register(&session, "abs").is_err());
}
