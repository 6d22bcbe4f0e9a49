use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use duckpen_database::{OutputChunk, TableColumn};

use super::decode;
use super::reader::{ArrowFile, broken};
use super::types::read;
use crate::rows::{Cancel, CursorValue, RowScan, RowSource, ScanRequest};
use crate::{ConnectorError, SourceFiles};

/// Files with the same columns, read one after the other.
pub(super) struct ArrowFileSource {
    files: Arc<SourceFiles>,
    columns: Vec<TableColumn>,
    /// The type in which each column is read.
    types: Vec<DataType>,
}

impl ArrowFileSource {
    /// Looks at the columns of all files.
    pub(super) fn open(files: SourceFiles) -> Result<Self, ConnectorError> {
        let SourceFiles { place, paths } = &files;
        let first = paths.first().ok_or_else(|| ConnectorError::NoMatch { place: place.clone() })?;
        let schema = ArrowFile::open(first, &files.place_of(first), None)?.schema();
        for other in &paths[1..] {
            let name = files.place_of(other);
            if !has_columns(&ArrowFile::open(other, &name, None)?.schema(), &schema) {
                return Err(broken(&name, "its columns are not those of the first file"));
            }
        }
        if schema.fields().is_empty() {
            return Err(broken(place, "it has no columns"));
        }
        let (mut columns, mut types) = (Vec::new(), Vec::new());
        for field in schema.fields() {
            let (logical_type, target) = read(field.data_type()).ok_or_else(|| ConnectorError::Unfit {
                column: field.name().clone(),
                reason: format!("the database has no type for {} of Arrow", field.data_type()),
                hint: None,
            })?;
            columns.push(TableColumn { name: field.name().clone(), logical_type });
            types.push(target);
        }
        Ok(Self { files: Arc::new(files), columns, types })
    }
}

fn has_columns(one: &SchemaRef, other: &SchemaRef) -> bool {
    let columns = |schema: &SchemaRef| {
        schema.fields().iter().map(|field| (field.name().clone(), read(field.data_type()))).collect::<Vec<_>>()
    };
    columns(one) == columns(other)
}

impl RowSource for ArrowFileSource {
    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn is_narrowing(&self) -> bool {
        false
    }

    fn newest(&self, _: &str, _: &Cancel) -> Result<Option<CursorValue>, ConnectorError> {
        Ok(None)
    }

    fn scan(&self, request: &ScanRequest) -> Result<Box<dyn RowScan>, ConnectorError> {
        // A file hands its columns over in its own order, each once.
        let mut wanted = request.projection.clone();
        wanted.sort_unstable();
        wanted.dedup();
        let place_of = |column: &usize| wanted.binary_search(column).unwrap_or_default();
        let order = request.projection.iter().map(place_of).collect();
        let types = wanted.iter().filter_map(|column| self.types.get(*column).cloned()).collect();
        Ok(Box::new(ArrowFileScan {
            files: Arc::clone(&self.files),
            next: 0,
            wanted,
            types,
            order,
            names: self.columns.iter().map(|column| column.name.clone()).collect(),
            file: None,
            rows: None,
            cancel: request.cancel.clone(),
        }))
    }
}

struct ArrowFileScan {
    files: Arc<SourceFiles>,
    /// The number of the file that is read next.
    next: usize,
    /// The numbers of the columns that are read, rising.
    wanted: Vec<usize>,
    /// Their types.
    types: Vec<DataType>,
    /// Of each column that is filled the place among those that are read.
    order: Vec<usize>,
    /// The names of all columns.
    names: Vec<String>,
    file: Option<ArrowFile>,
    /// Rows that are still to be handed over.
    rows: Option<Converted>,
    cancel: Cancel,
}

/// The rest of a record batch, in the types of the database.
struct Converted {
    columns: Vec<ArrayRef>,
    rows: usize,
}

impl ArrowFileScan {
    /// Makes sure that there are rows to hand over; false at the end.
    fn advance(&mut self) -> Result<bool, ConnectorError> {
        while self.rows.as_ref().is_none_or(|rest| rest.rows == 0) {
            if self.cancel.is_raised() {
                return Err(ConnectorError::Cancelled);
            }
            let Some(file) = &mut self.file else {
                let Some(path) = self.files.paths.get(self.next) else { return Ok(false) };
                self.next += 1;
                self.file = Some(ArrowFile::open(path, &self.files.place_of(path), Some(self.wanted.clone()))?);
                continue;
            };
            match file.next()? {
                None => self.file = None,
                Some(batch) => self.rows = Some(self.converted(&batch)?),
            }
        }
        Ok(true)
    }

    fn converted(&self, batch: &RecordBatch) -> Result<Converted, ConnectorError> {
        let typed = batch.columns().iter().zip(&self.types).enumerate();
        let columns = typed.map(|(place, (array, target))| {
            decode::converted(array, target).map_err(|error| self.unfit(place, error.to_string()))
        });
        Ok(Converted { columns: columns.collect::<Result<_, _>>()?, rows: batch.num_rows() })
    }

    /// Why the column at a place among those that are read cannot be handed over.
    fn unfit(&self, place: usize, reason: String) -> ConnectorError {
        let column = self.wanted.get(place).and_then(|column| self.names.get(*column));
        ConnectorError::Unfit { column: column.cloned().unwrap_or_default(), reason, hint: None }
    }
}

impl RowScan for ArrowFileScan {
    fn next(&mut self, output: &mut OutputChunk<'_>) -> Result<(), ConnectorError> {
        if !self.advance()? {
            return Ok(());
        }
        let Some(Converted { columns, rows: left }) = self.rows.take() else { return Ok(()) };
        let rows = left.min(output.capacity());
        let filled = output.fill(rows, |index, vector| {
            let place = self.order.get(index).copied().unwrap_or_default();
            let array = columns.get(place);
            let array = array.ok_or_else(|| self.unfit(place, "the file does not have it any more".to_owned()))?;
            decode::write(&*array.slice(0, rows), vector).map_err(|error| self.unfit(place, error.to_string()))
        });
        let rest = columns.iter().map(|array| array.slice(rows, left - rows)).collect();
        self.rows = Some(Converted { columns: rest, rows: left - rows });
        filled
    }
}
