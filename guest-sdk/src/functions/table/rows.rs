//! Calls whose rows an iterator makes.

use std::cell::RefCell;
use std::iter::Fuse;

use super::call::{Call, Emit};
use super::row::{Row, Yield};
use super::shape::Shape;
use crate::functions::block::BLOCK_ROWS;
use crate::functions::contract::table::batches;
use crate::{Error, ErrorKind};

/// The call of a function that returns an iterator. `begin` calls the function: now, so that what is wrong with the
/// arguments is known when the query is planned, and again for a second scan.
pub fn rows<I>(
    names: &'static [&'static str],
    begin: impl Fn() -> Result<I, Error> + 'static,
) -> Result<Box<dyn Call>, Error>
where
    I: Iterator<Item: Yield> + 'static,
{
    let fields = row_fields::<I>();
    let is_named = |(name, _): &(Option<&str>, _)| name.is_some();
    if names.len() != fields.len() && !(names.is_empty() && fields.iter().all(is_named)) {
        let message =
            format!("its rows have {} fields, for which `fields(...)` has {} names", fields.len(), names.len());
        return Err(Error::new(ErrorKind::Internal, message));
    }
    let first = begin()?;
    let cardinality = match first.size_hint() {
        (least, Some(most)) if least == most => Some(most as u64),
        _ => None,
    };
    Ok(Box::new(Rows { names, cardinality, first: RefCell::new(Some(first)), begin }))
}

type RowOf<I> = <<I as Iterator>::Item as Yield>::Row;

fn row_fields<I: Iterator<Item: Yield>>() -> Vec<(Option<&'static str>, std::borrow::Cow<'static, str>)> {
    RowOf::<I>::fields()
}

struct Rows<I, B> {
    /// In place of the names that the rows give.
    names: &'static [&'static str],
    cardinality: Option<u64>,
    /// The iterator that was made when the call was bound.
    first: RefCell<Option<I>>,
    begin: B,
}

impl<I, B> Call for Rows<I, B>
where
    I: Iterator<Item: Yield> + 'static,
    B: Fn() -> Result<I, Error>,
{
    fn shape(&self) -> Shape {
        let fields = row_fields::<I>().into_iter().enumerate();
        let shape = Shape::new().cardinality(self.cardinality);
        fields.fold(shape, |shape, (index, (name, logical_type))| {
            let name = self.names.get(index).copied().or(name).unwrap_or_default();
            shape.field_of(name, logical_type)
        })
    }

    fn scan(&self, partition: u32, projection: Vec<usize>) -> Result<Box<dyn Emit>, Error> {
        if partition != 0 {
            return Err(Error::new(ErrorKind::Internal, format!("there is no partition {partition}")));
        }
        let rows = match self.first.take() {
            Some(first) => first,
            None => (self.begin)()?,
        };
        let mut buffers = <RowOf<I> as Row>::Buffers::default();
        let mut fields = RowOf::<I>::buffers(&mut buffers);
        projection.iter().for_each(|field| fields[*field].want());
        Ok(Box::new(RowScan { rows: rows.fuse(), projection, buffers }))
    }
}

struct RowScan<I: Iterator<Item: Yield>> {
    rows: Fuse<I>,
    projection: Vec<usize>,
    buffers: <RowOf<I> as Row>::Buffers,
}

impl<I: Iterator<Item: Yield>> RowScan<I> {
    /// Puts the next rows of the batch, of which there are `first` before them: as many as there are, `most` of them. A block is
    /// opened once for all its rows.
    #[inline(always)]
    fn fill_block(&mut self, first: usize, most: usize) -> Result<usize, Error> {
        let mut blocks = RowOf::<I>::blocks(&mut self.buffers, first / BLOCK_ROWS);
        let mut put = 0;
        for row in 0..BLOCK_ROWS {
            if row == most {
                break;
            }
            let Some(next) = self.rows.next() else { break };
            next.resolve().and_then(|next| next.put(&mut blocks, row)).map_err(|error| error.at_row(first + row))?;
            put += 1;
        }
        RowOf::<I>::finish(blocks);
        Ok(put)
    }
}

impl<I: Iterator<Item: Yield>> Emit for RowScan<I> {
    fn emit(&mut self, most: usize) -> Result<(), Error> {
        for buffer in RowOf::<I>::buffers(&mut self.buffers) {
            buffer.begin(most);
        }
        let mut count = 0;
        while count < most {
            // Apart, so that the count of the loop is a constant.
            let put = match most - count {
                left if left < BLOCK_ROWS => self.fill_block(count, left)?,
                _ => self.fill_block(count, BLOCK_ROWS)?,
            };
            count += put;
            if put < BLOCK_ROWS {
                break;
            }
        }
        if count == 0 {
            return Ok(());
        }
        let mut buffers = RowOf::<I>::buffers(&mut self.buffers);
        let columns: Vec<_> = self.projection.iter().map(|field| buffers[*field].finish(count)).collect();
        // A batch's rows come from the host as a `u32`.
        batches::emit(count as u32, &columns);
        for (field, column) in self.projection.iter().zip(columns) {
            buffers[*field].hand_back(column);
        }
        Ok(())
    }
}
