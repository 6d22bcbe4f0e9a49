//! A call of a table function, bound to its arguments: with a schema of its own, or rows of one type.

use super::batch::Batch;
use super::shape::Shape;
use crate::Error;
use crate::functions::contract::table::batches;

/// A call that says itself what its columns are and how they are divided: what a function with the option `dynamic`
/// returns.
///
/// ```
/// # extern crate duckpen_guest as duckpen;
/// use duckpen::{Batch, DynamicTable, Error, Scan, Shape};
///
/// /// As many columns of zeros as it is told.
/// #[duckpen::table_function(dynamic)]
/// fn zeros(rows: i64, columns: i64) -> Zeros {
///     Zeros { rows: rows.max(0) as u64, columns }
/// }
///
/// struct Zeros {
///     rows: u64,
///     columns: i64,
/// }
///
/// impl DynamicTable for Zeros {
///     type Scan = Left;
///
///     fn shape(&self) -> Shape {
///         let shape = Shape::new().cardinality(self.rows);
///         (0..self.columns).fold(shape, |shape, number| shape.field::<i64>(format!("zero{number}")))
///     }
///
///     fn scan(&self, _partition: u32) -> Result<Left, Error> {
///         Ok(Left(self.rows))
///     }
/// }
///
/// struct Left(u64);
///
/// impl Scan for Left {
///     fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
///         let rows = self.0.min(batch.most() as u64);
///         self.0 -= rows;
///         batch.set_rows(rows as usize);
///         for place in 0..batch.projection().len() {
///             batch.column::<i64>(place).push_all((0..rows).map(|_| 0));
///         }
///         Ok(())
///     }
/// }
///
/// duckpen::functions!(table zeros);
/// # fn main() {}
/// ```
pub trait DynamicTable: 'static {
    /// A partition being scanned.
    type Scan: Scan;

    /// What the call will give: equal arguments have to give an equal shape.
    fn shape(&self) -> Shape;

    /// Begins with a partition; they are counted from 0. Several may be scanned at once, in instances of their own.
    ///
    /// # Errors
    /// The query fails with them.
    fn scan(&self, partition: u32) -> Result<Self::Scan, Error>;
}

/// A partition being scanned.
pub trait Scan: 'static {
    /// Fills the next batch, or leaves it without rows at the end.
    ///
    /// # Errors
    /// The query fails with them.
    fn next(&mut self, batch: &mut Batch) -> Result<(), Error>;
}

/// A call, whatever form its function has.
pub trait Call {
    /// What it will give.
    fn shape(&self) -> Shape;

    /// Begins with a partition, of which the fields with these numbers are wanted.
    fn scan(&self, partition: u32, projection: Vec<usize>) -> Result<Box<dyn Emit>, Error>;
}

/// A scan that hands its rows over.
pub trait Emit {
    /// The next batch, of at most `most` rows.
    fn emit(&mut self, most: usize) -> Result<(), Error>;
}

/// A call that says itself what its columns are.
pub fn dynamic(table: impl DynamicTable) -> Box<dyn Call> {
    Box::new(Dynamic(table))
}

struct Dynamic<T>(T);

impl<T: DynamicTable> Call for Dynamic<T> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn scan(&self, partition: u32, projection: Vec<usize>) -> Result<Box<dyn Emit>, Error> {
        Ok(Box::new(Batches { scan: self.0.scan(partition)?, batch: Batch::new(projection) }))
    }
}

struct Batches<S> {
    scan: S,
    batch: Batch,
}

impl<S: Scan> Emit for Batches<S> {
    fn emit(&mut self, most: usize) -> Result<(), Error> {
        self.batch.begin(most);
        self.scan.next(&mut self.batch)?;
        self.batch.emit(batches::emit)
    }
}
