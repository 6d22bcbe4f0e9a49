//! `arrow-udf-peer FUNCTIONS.wasm`: prints nanoseconds a row as a JSON object, in the runtime and in a native loop over the
//! same columns. In turns, so that what slows the machine down slows both.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use arrow_udf_runtime::wasm::Runtime;

/// Of a batch, as of DuckDB's vectors.
const ROWS: usize = 2_048;
/// Calls of a turn.
const CALLS: usize = 200;
const TURNS: usize = 51;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: arrow-udf-peer FUNCTIONS.wasm")?;
    let runtime = Runtime::new(&std::fs::read(file)?)?;

    let arithmetic = runtime.find_function("arithmetic", vec![DataType::Int64; 2], DataType::Int64)?;
    let x = Int64Array::from_iter_values(0..ROWS as i64);
    let y = Int64Array::from_iter_values((0..ROWS as i64).map(|i| i * 7));
    let numbers = batch(&[("x", Arc::new(x.clone())), ("y", Arc::new(y.clone()))])?;
    let native = || -> ArrayRef {
        let values = x.values().iter().zip(y.values());
        Arc::new(Int64Array::from_iter_values(values.map(|(x, y)| x.wrapping_mul(3).wrapping_add(*y))))
    };
    assert_eq!(&native(), runtime.call(&arithmetic, &numbers)?.column(0));
    let i64s = in_turns(|| runtime.call(&arithmetic, &numbers).map(drop), || drop(black_box(native())))?;

    let upper_case = runtime.find_function("upper_case", vec![DataType::Utf8], DataType::Utf8)?;
    // 17 bytes each, as in `benches/src/tables.rs`.
    let s = StringArray::from_iter_values((0..ROWS).map(|i| format!("abcdefghij{i:07}")));
    let texts = batch(&[("s", Arc::new(s.clone()))])?;
    let native = || -> ArrayRef {
        Arc::new(StringArray::from_iter_values(s.iter().flatten().map(str::to_ascii_uppercase)))
    };
    assert_eq!(&native(), runtime.call(&upper_case, &texts)?.column(0));
    let strings = in_turns(|| runtime.call(&upper_case, &texts).map(drop), || drop(black_box(native())))?;

    println!(
        "{{\"peer_i64/arrow_udf\": {}, \"peer_i64/arrow_udf_native\": {}, \"peer_string/arrow_udf\": {}, \
         \"peer_string/arrow_udf_native\": {}}}",
        i64s[0], i64s[1], strings[0], strings[1]
    );
    Ok(())
}

fn batch(columns: &[(&str, ArrayRef)]) -> Result<RecordBatch, Box<dyn Error>> {
    let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    Ok(RecordBatch::try_new(Arc::new(schema), columns.iter().map(|(_, column)| Arc::clone(column)).collect())?)
}

/// Medians of both, in nanoseconds a row.
fn in_turns<E: Into<Box<dyn Error>>>(
    mut one: impl FnMut() -> Result<(), E>,
    mut other: impl FnMut(),
) -> Result<[f64; 2], Box<dyn Error>> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        let began = Instant::now();
        for _ in 0..CALLS {
            one().map_err(Into::into)?;
        }
        times[0].push(began.elapsed());
        let began = Instant::now();
        for _ in 0..CALLS {
            other();
        }
        times[1].push(began.elapsed());
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times[TURNS / 2].as_nanos() as f64 / (CALLS * ROWS) as f64
    }))
}
