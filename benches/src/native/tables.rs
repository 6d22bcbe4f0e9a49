//! A table function like `series` of `handlers/evil/rows`.

use duckpen_database::{
    BoundTable, CallbackError, LogicalType, OutputChunk, Session, TableArguments, TableColumn, TableFunction,
    TableScan, TableSignature,
};

/// Registers `series_native(start, stop)`, which gives the numbers from `start` up to `stop` without it.
pub fn register_series(session: &Session) {
    let parameters = vec![LogicalType::BigInt; 2];
    let signature = TableSignature { name: "series_native".to_owned(), parameters, named: Vec::new() };
    session.register_tables(vec![Series(signature)]).expect("the name is free");
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
        output
            .fill(values.len(), |_, vector| vector.write_fixed(values, None))
            .map_err(|error| CallbackError(error.to_string()))
    }
}
