//! Calls whose types the compiler knows. A value of any type goes to a guest, and comes back, as one of many cases and in
//! part on the heap, which takes longer than most functions do; numbers and texts need not.

mod parameters;
mod results;

use duckpen_database::{Chunk, InputVector, OutputVector};
use duckpen_sandbox::{Guest, Refusal};
use wasmtime::Store;
use wasmtime::component::Func;

use super::callee::{Callee, Errors};
use super::caller::{Answer, Traffic, within_limit};
use super::shape::Shape;
use crate::host::FunctionHost;
use parameters::Parameters;
use results::{Given, Stored};

/// A way to compute a batch. `row` is the one that is being computed.
pub(super) type Compute = fn(
    &mut Store<Guest<FunctionHost>>,
    Func,
    &Chunk<'_>,
    &mut OutputVector<'_>,
    row: &mut usize,
) -> wasmtime::Result<Answer>;

/// How a function of such types is called, if it is one of one or two parameters, and all is of the commonest types. Each
/// combination is code of its own.
pub(super) fn of(callee: &Callee) -> Option<Compute> {
    let parameters: Vec<&Shape> = callee.parameters.iter().map(|(_, shape)| shape).collect();
    match *parameters.as_slice() {
        [Shape::Bool] => returning::<(bool,)>(callee),
        [Shape::S32] => returning::<(i32,)>(callee),
        [Shape::U32] => returning::<(u32,)>(callee),
        [Shape::S64] => returning::<(i64,)>(callee),
        [Shape::U64] => returning::<(u64,)>(callee),
        [Shape::F64] => returning::<(f64,)>(callee),
        [Shape::Text] => returning::<(String,)>(callee),
        [Shape::S32, Shape::S32] => returning::<(i32, i32)>(callee),
        [Shape::U32, Shape::U32] => returning::<(u32, u32)>(callee),
        [Shape::S64, Shape::S64] => returning::<(i64, i64)>(callee),
        [Shape::U64, Shape::U64] => returning::<(u64, u64)>(callee),
        [Shape::F64, Shape::F64] => returning::<(f64, f64)>(callee),
        [Shape::Text, Shape::Text] => returning::<(String, String)>(callee),
        [Shape::Text, Shape::S32] => returning::<(String, i32)>(callee),
        [Shape::Text, Shape::U32] => returning::<(String, u32)>(callee),
        [Shape::Text, Shape::S64] => returning::<(String, i64)>(callee),
        [Shape::Text, Shape::F64] => returning::<(String, f64)>(callee),
        _ => None,
    }
}

fn returning<P: Parameters>(callee: &Callee) -> Option<Compute> {
    match (callee.errors, &callee.returns) {
        (Errors::None, Shape::Optional(returns)) => match **returns {
            Shape::S64 => Some(compute::<P, Option<i64>>),
            Shape::F64 => Some(compute::<P, Option<f64>>),
            Shape::Text => Some(compute::<P, Option<String>>),
            _ => None,
        },
        (Errors::None, Shape::Bool) => Some(compute::<P, bool>),
        (Errors::None, Shape::S32) => Some(compute::<P, i32>),
        (Errors::None, Shape::U32) => Some(compute::<P, u32>),
        (Errors::None, Shape::S64) => Some(compute::<P, i64>),
        (Errors::None, Shape::U64) => Some(compute::<P, u64>),
        (Errors::None, Shape::F64) => Some(compute::<P, f64>),
        (Errors::None, Shape::Text) => Some(compute::<P, String>),
        (Errors::Text, Shape::Bool) => Some(compute::<P, Result<bool, String>>),
        (Errors::Text, Shape::S64) => Some(compute::<P, Result<i64, String>>),
        (Errors::Text, Shape::F64) => Some(compute::<P, Result<f64, String>>),
        (Errors::Text, Shape::Text) => Some(compute::<P, Result<String, String>>),
        _ => None,
    }
}

fn compute<P: Parameters, R: Given>(
    store: &mut Store<Guest<FunctionHost>>,
    function: Func,
    input: &Chunk<'_>,
    output: &mut OutputVector<'_>,
    row: &mut usize,
) -> wasmtime::Result<Answer> {
    let function = function.typed::<P::Lowered<'_>, (R,)>(&*store)?;
    // DuckDB converts arguments to the types that were declared.
    let fault = || Refusal::Fault("an argument is not of the type that was declared".into());
    let values = P::values(input.vectors()).ok_or_else(fault)?;
    let nullable: Vec<&InputVector<'_>> = input.vectors().iter().filter(|vector| vector.validity().is_some()).collect();
    let mut column = <R::Value as Stored>::Column::default();
    let mut validity = vec![0; input.rows().div_ceil(8)];
    let (mut bytes_in, mut held) = (0, 0);
    while *row < input.rows() {
        let mut result = None;
        // A function that does not take NULL is not called with one.
        if nullable.iter().all(|vector| vector.is_valid(*row)) {
            let (arguments, bytes) = P::value(values, *row);
            bytes_in += bytes as u64;
            let (returned,) = function.call(&mut *store, arguments)?;
            result = match returned.resolve() {
                Ok(result) => result,
                Err(message) => return Ok(Err(message)),
            };
        }
        if result.is_some() {
            validity[*row / 8] |= 1 << (*row % 8);
        }
        held += result.unwrap_or_default().push(&mut column) as u64;
        within_limit(held, store)?;
        *row += 1;
    }
    let bytes_out = R::Value::write(&column, &validity, output).and_then(|bytes| {
        output.write_validity(&validity)?;
        Ok(bytes)
    });
    let bytes_out = bytes_out.map_err(|error| Refusal::Fault(format!("its results cannot be stored: {error}")))?;
    Ok(Ok(Traffic { bytes_in, bytes_out }))
}
