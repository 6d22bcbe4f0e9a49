//! Batches that are filled column by column, whatever their types.

use std::any::Any;

use crate::functions::contract::RawColumn;
use crate::functions::results::{ResultType, Results};
use crate::{Error, ErrorKind};

/// The next rows of a scan, to be filled column by column.
pub struct Batch {
    most: usize,
    rows: usize,
    projection: Vec<usize>,
    /// Of each wanted field, once it was filled for the first time.
    columns: Vec<Option<Box<dyn Buffer>>>,
}

impl Batch {
    /// A batch of the fields with these numbers.
    #[doc(hidden)]
    pub fn new(projection: Vec<usize>) -> Self {
        let columns = projection.iter().map(|_| None).collect();
        Self { most: 0, rows: 0, projection, columns }
    }

    /// How many rows it may have.
    pub fn most(&self) -> usize {
        self.most
    }

    /// The numbers of the fields that are wanted. It may be empty: then only the number of rows counts.
    pub fn projection(&self) -> &[usize] {
        &self.projection
    }

    /// How many rows it has. A batch that has none ends the scan.
    ///
    /// # Panics
    /// When they are more than [`most`](Self::most).
    pub fn set_rows(&mut self, rows: usize) {
        assert!(rows <= self.most, "{rows} rows for a batch of at most {}", self.most);
        self.rows = rows;
    }

    /// The column in place `place` of the projection: to be filled, after [`set_rows`](Self::set_rows), with one result a
    /// row. `T` is the field's type.
    pub fn column<T: ResultType + ?Sized>(&mut self, place: usize) -> &mut Results<T> {
        let column = &mut self.columns[place];
        if !column.as_deref().is_some_and(|column| (column as &dyn Any).is::<Results<T>>()) {
            *column = Some(Box::<Results<T>>::default());
        }
        let column = column.as_mut().map(|column| &mut **column as &mut dyn Any);
        let results: &mut Results<T> = column.and_then(<dyn Any>::downcast_mut).expect("it was made of this type");
        results.begin(self.rows);
        results
    }

    /// A call begins that asks for at most `most` rows.
    pub(crate) fn begin(&mut self, most: usize) {
        (self.most, self.rows) = (most, 0);
    }

    /// Hands the rows over to `emit`, if there are any.
    pub(crate) fn emit(&mut self, emit: impl FnOnce(u32, &[RawColumn])) -> Result<(), Error> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut columns = Vec::with_capacity(self.columns.len());
        for (buffer, field) in self.columns.iter_mut().zip(&self.projection) {
            let missing = || Error::new(ErrorKind::Internal, format!("field {field} was not filled"));
            columns.push(buffer.as_mut().ok_or_else(missing)?.finish()?);
        }
        // A batch's rows come from the host as a `u32`.
        emit(self.rows as u32, &columns);
        for (buffer, column) in self.columns.iter_mut().flatten().zip(columns) {
            buffer.hand_back(column);
        }
        Ok(())
    }
}

/// The results of a column whose type is not known here.
trait Buffer: Any {
    /// The column, of which every row was pushed.
    fn finish(&mut self) -> Result<RawColumn, Error>;

    /// Takes the column's buffers back.
    fn hand_back(&mut self, column: RawColumn);
}

impl<T: ResultType + ?Sized> Buffer for Results<T> {
    fn finish(&mut self) -> Result<RawColumn, Error> {
        self.finish_pushed()?;
        Ok(self.take())
    }

    fn hand_back(&mut self, column: RawColumn) {
        Self::hand_back(self, column);
    }
}
