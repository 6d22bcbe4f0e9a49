//! The same functions as in `examples/web_orders` and `handlers/evil/rows`, registered through DuckDB's C API as a native extension would.

use std::sync::Arc;

use duckpen_database::{
    BindArguments, BoundTable, CallbackError, Chunk, LogicalType, NullHandling, OutputChunk, OutputVector,
    ScalarFunction, ScalarSignature, Session, Stability, TableArguments, TableColumn, TableFunction, TableScan,
    TableSignature, VectorError,
};

/// Registers `affine_native(x, y)`, which is `3 * x + y`.
pub fn register_affine(session: &Session) {
    let signature = signature("affine_native", vec![LogicalType::BigInt; 2], LogicalType::BigInt);
    session.register_scalars(vec![Affine(signature)]).expect("the name is free");
}

/// Registers `upper_native(s)`, which puts ASCII letters into upper case.
pub fn register_upper(session: &Session) {
    let signature = signature("upper_native", vec![LogicalType::Varchar], LogicalType::Varchar);
    session.register_scalars(vec![Upper(signature)]).expect("the name is free");
}

/// Registers `series_native(start, stop)`, which gives the numbers from `start` up to `stop` without it.
pub fn register_series(session: &Session) {
    let parameters = vec![LogicalType::BigInt; 2];
    let signature = TableSignature { name: "series_native".to_owned(), parameters, named: Vec::new() };
    session.register_tables(vec![Series(signature)]).expect("the name is free");
}

fn signature(name: &str, parameters: Vec<LogicalType>, returns: LogicalType) -> ScalarSignature {
    ScalarSignature {
        name: name.to_owned(),
        parameters,
        varargs: None,
        returns,
        nulls: NullHandling::Propagate,
        stability: Stability::Consistent,
    }
}

fn refused(error: VectorError) -> CallbackError {
    CallbackError(error.to_string())
}

struct Affine(ScalarSignature);

impl ScalarFunction for Affine {
    type Bound = ();
    type Local = Vec<i64>;

    fn signature(&self) -> &ScalarSignature {
        &self.0
    }

    fn bind(&self, _: &BindArguments) -> Result<(), CallbackError> {
        Ok(())
    }

    fn open(&self, _: &Arc<()>) -> Result<Vec<i64>, CallbackError> {
        Ok(Vec::new())
    }

    fn evaluate(
        &self,
        (): &(),
        results: &mut Vec<i64>,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let [x, y] = input.vectors() else { return Err(CallbackError("two arguments are expected".into())) };
        let (x, y) = (x.fixed::<i64>().unwrap_or_default(), y.fixed::<i64>().unwrap_or_default());
        results.clear();
        results.extend(x.iter().zip(y).map(|(x, y)| x.wrapping_mul(3).wrapping_add(*y)));
        output.write_fixed(results, None).map_err(refused)
    }
}

struct Upper(ScalarSignature);

impl ScalarFunction for Upper {
    type Bound = ();
    type Local = (Vec<u32>, Vec<u8>);

    fn signature(&self) -> &ScalarSignature {
        &self.0
    }

    fn bind(&self, _: &BindArguments) -> Result<(), CallbackError> {
        Ok(())
    }

    fn open(&self, _: &Arc<()>) -> Result<Self::Local, CallbackError> {
        Ok(Self::Local::default())
    }

    fn evaluate(
        &self,
        (): &(),
        (offsets, bytes): &mut Self::Local,
        input: &Chunk<'_>,
        output: &mut OutputVector<'_>,
    ) -> Result<(), CallbackError> {
        let [texts] = input.vectors() else { return Err(CallbackError("one argument is expected".into())) };
        let Some(texts) = texts.strings() else { return Err(CallbackError("texts are expected".into())) };
        offsets.clear();
        bytes.clear();
        offsets.push(0);
        for row in 0..input.rows() {
            bytes.extend(texts.get(row).unwrap_or_default().iter().map(u8::to_ascii_uppercase));
            offsets.push(bytes.len() as u32);
        }
        output.write_bytes(offsets, bytes).map_err(refused)
    }
}

struct Series(TableSignature);

impl TableFunction for Series {
    type Bound = [i64; 2];
    /// The scan has one partition, which its only thread keeps.
    type Scan = ();
    type Local = (Option<i64>, Vec<i64>);

    fn signature(&self) -> &TableSignature {
        &self.0
    }

    fn bind(&self, arguments: TableArguments) -> Result<BoundTable<[i64; 2]>, CallbackError> {
        let [start, stop] = arguments.positional.as_slice() else {
            return Err(CallbackError("two arguments are expected".into()));
        };
        let bound = [start, stop].map(|value| value.vector().fixed::<i64>().unwrap_or_default()[0]);
        let columns = vec![TableColumn { name: "value".to_owned(), logical_type: LogicalType::BigInt }];
        Ok(BoundTable { columns, cardinality: u64::try_from(bound[1] - bound[0]).ok(), bound })
    }

    fn begin(&self, _: &[i64; 2], _: &[usize]) -> Result<TableScan<()>, CallbackError> {
        Ok(TableScan { threads: 1, scan: () })
    }

    fn next(
        &self,
        [start, stop]: &[i64; 2],
        (): &(),
        (next, values): &mut Self::Local,
        output: &mut OutputChunk<'_>,
    ) -> Result<(), CallbackError> {
        let first = next.unwrap_or(*start);
        let last = (*stop).min(first + output.capacity() as i64);
        *next = Some(last);
        values.clear();
        values.extend(first..last);
        output.fill(values.len(), |_, vector| vector.write_fixed(values, None)).map_err(refused)
    }
}
