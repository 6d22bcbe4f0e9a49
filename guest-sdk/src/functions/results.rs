//! What a function returns, and the buffers that its results are written to.

use std::borrow::Cow;

use super::block::{BLOCK_ROWS, Mask, blocks, rows_mask};
use super::contract::{Node, RawColumn, Values};
use crate::{Error, ErrorKind};

/// What a function may return: a value, `Option` of one for NULL, `Result` of either.
pub trait Return {
    /// Whether it may be NULL.
    const NULLABLE: bool = false;

    /// The type of the result's column.
    type Type: ResultType + ?Sized;

    /// What is put into the column.
    type Value;

    /// None for NULL.
    fn resolve(self) -> Result<Option<Self::Value>, Error>;
}

impl<R: Return, E: Into<Error>> Return for Result<R, E> {
    const NULLABLE: bool = R::NULLABLE;
    type Type = R::Type;
    type Value = R::Value;

    #[inline(always)]
    fn resolve(self) -> Result<Option<R::Value>, Error> {
        match self {
            Ok(value) => value.resolve(),
            Err(error) => Err(error.into()),
        }
    }
}

/// A type that a column of results may have.
pub trait ResultType: 'static {
    /// The buffer.
    type Sink: Sink;

    /// In DuckDB's spelling.
    fn logical_type() -> Cow<'static, str>;
}

/// A buffer of results. It is kept from batch to batch, so that a batch allocates nothing once it has its size.
pub trait Sink: Default + 'static {
    /// 32 rows to be written.
    type Block<'b>: SinkBlock;

    /// Makes room for `rows` results, in whole blocks.
    fn begin(&mut self, rows: usize);

    /// Rows `32 * index` and following. Blocks are taken in order.
    fn block(&mut self, index: usize) -> Self::Block<'_>;

    /// Lends the buffer out, cut to `rows`.
    fn lend(&mut self, rows: usize) -> Values;

    /// Takes it back.
    fn reclaim(&mut self, values: Values);

    /// Puts the children of what was just lent out into `children`: those that a nested value has.
    fn lend_children(&mut self, _children: &mut Vec<Node>) {}

    /// Takes them back. They are as they were lent, and [`reclaim`](Self::reclaim) follows.
    fn reclaim_children(&mut self, _children: &mut Vec<Node>) {}
}

/// 32 rows of a buffer. Each is put or skipped once, in order.
pub trait SinkBlock {
    /// A NULL, or a row that does not exist; `row` counts from the start of the block.
    fn skip(&mut self, row: usize);

    /// After the last row that is written now.
    fn finish(self);
}

/// Writing a value of one of the types that the buffer takes.
pub trait Put<V>: SinkBlock {
    /// A result; `row` counts from the start of the block.
    fn put(&mut self, row: usize, value: V);
}

/// The results of a batch, to be filled with one value a row.
pub struct Results<T: ResultType + ?Sized> {
    sink: T::Sink,
    /// Packed bits, in whole words.
    validity: Vec<u8>,
    nulls: bool,
    rows: usize,
    /// Rows put so far by [`Results::push`].
    pushed: usize,
    lent: RawColumn,
}

impl<T: ResultType + ?Sized> Default for Results<T> {
    fn default() -> Self {
        let lent = flat_column(0, T::Sink::default().lend(0), None);
        Self { sink: T::Sink::default(), validity: Vec::new(), nulls: false, rows: 0, pushed: 0, lent }
    }
}

impl<T: ResultType + ?Sized> Results<T> {
    /// Rows of the batch: as many results are wanted.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The result of the next row.
    pub fn push<V>(&mut self, value: V)
    where
        for<'b> <T::Sink as Sink>::Block<'b>: Put<V>,
    {
        self.push_option(Some(value));
    }

    /// The results of the next rows.
    pub fn push_all<V>(&mut self, values: impl IntoIterator<Item = V>)
    where
        for<'b> <T::Sink as Sink>::Block<'b>: Put<V>,
    {
        let mut values = values.into_iter();
        // Whole blocks, as far as the iterator knows that it has them; the loop over one is unrolled.
        while self.pushed.is_multiple_of(BLOCK_ROWS)
            && self.rows.saturating_sub(self.pushed) >= BLOCK_ROWS
            && values.size_hint().0 >= BLOCK_ROWS
        {
            let mut block = self.sink.block(self.pushed / BLOCK_ROWS);
            let mut put = 0;
            for row in 0..BLOCK_ROWS {
                let Some(value) = values.next() else { break };
                block.put(row, value);
                put += 1;
            }
            block.finish();
            self.pushed += put;
        }
        values.for_each(|value| self.push(value));
    }

    /// The result of the next row; None is NULL.
    pub fn push_option<V>(&mut self, value: Option<V>)
    where
        for<'b> <T::Sink as Sink>::Block<'b>: Put<V>,
    {
        let (index, row) = (self.pushed / BLOCK_ROWS, self.pushed % BLOCK_ROWS);
        self.pushed += 1;
        if self.pushed > self.rows {
            return;
        }
        let mut block = self.sink.block(index);
        match value {
            Some(value) => block.put(row, value),
            None => {
                block.skip(row);
                self.nulls = true;
                self.validity[index * 4 + row / 8] &= !(1 << (row % 8));
            }
        }
        block.finish();
    }

    /// Starts a batch.
    #[doc(hidden)]
    pub fn begin(&mut self, rows: usize) {
        self.sink.reclaim_children(&mut self.lent.children);
        self.sink.reclaim(std::mem::replace(&mut self.lent.root.values, Values::Bits(Vec::new())));
        if let Some(validity) = self.lent.root.validity.take() {
            self.validity = validity;
        }
        self.sink.begin(rows);
        self.validity.clear();
        self.validity.resize(blocks(rows) * 4, u8::MAX);
        (self.nulls, self.rows, self.pushed) = (false, rows, 0);
    }

    /// Rows `32 * index` and following, to be put in order. Blocks are opened in order.
    #[doc(hidden)]
    #[inline(always)]
    pub fn open(&mut self, index: usize) -> OpenBlock<'_, T> {
        OpenBlock {
            validity: &mut self.validity.as_chunks_mut().0[index],
            nulls: &mut self.nulls,
            valid: Mask::MAX,
            block: self.sink.block(index),
        }
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn block(&mut self, index: usize) -> <T::Sink as Sink>::Block<'_> {
        self.sink.block(index)
    }

    /// Says which rows of a block are not NULL.
    #[doc(hidden)]
    #[inline(always)]
    pub fn set_valid(&mut self, index: usize, valid: Mask) {
        let valid = valid | !rows_mask(self.rows, index);
        if valid != Mask::MAX {
            self.nulls = true;
            self.validity[index * 4..][..4].copy_from_slice(&valid.to_le_bytes());
        }
    }

    /// Ends a batch that was filled by `push`.
    #[doc(hidden)]
    pub fn finish_pushed(&mut self) -> Result<&RawColumn, Error> {
        if self.pushed != self.rows {
            let message = format!("the function gave {} results for {} rows", self.pushed, self.rows);
            return Err(Error::new(ErrorKind::Internal, message));
        }
        Ok(self.finish())
    }

    /// Ends a batch of which only the first `rows` were put.
    #[doc(hidden)]
    pub fn finish_early(&mut self, rows: usize) -> &RawColumn {
        self.rows = rows.min(self.rows);
        self.finish()
    }

    /// Takes the column of the batch that has ended, to be handed back before the next one begins.
    #[doc(hidden)]
    pub fn take(&mut self) -> RawColumn {
        std::mem::replace(&mut self.lent, flat_column(0, Values::Bits(Vec::new()), None))
    }

    /// Hands a column back whose buffers are to be filled again.
    #[doc(hidden)]
    pub fn hand_back(&mut self, column: RawColumn) {
        self.lent = column;
    }

    /// Ends a batch.
    #[doc(hidden)]
    pub fn finish(&mut self) -> &RawColumn {
        let validity = self.nulls.then(|| {
            self.validity.truncate(self.rows.div_ceil(8));
            std::mem::take(&mut self.validity)
        });
        // A batch's rows come from the host as a `u32`.
        self.lent.root = Node { rows: self.rows as u32, values: self.sink.lend(self.rows), validity };
        self.sink.lend_children(&mut self.lent.children);
        &self.lent
    }
}

/// 32 rows of results and which of them are NULL.
pub struct OpenBlock<'b, T: ResultType + ?Sized> {
    block: <T::Sink as Sink>::Block<'b>,
    valid: Mask,
    /// The bits of the rows, and whether any row of the batch is NULL.
    validity: &'b mut [u8; 4],
    nulls: &'b mut bool,
}

impl<'b, T: ResultType + ?Sized> OpenBlock<'b, T> {
    /// A result, None for NULL; `row` counts from the start of the block.
    #[inline(always)]
    pub fn put<V>(&mut self, row: usize, value: Option<V>)
    where
        <T::Sink as Sink>::Block<'b>: Put<V>,
    {
        match value {
            Some(value) => self.block.put(row, value),
            None => {
                self.block.skip(row);
                self.valid &= !(1 << row);
            }
        }
    }

    /// After the last row that is put.
    #[inline(always)]
    pub fn finish(self) {
        if self.valid != Mask::MAX {
            *self.nulls = true;
            *self.validity = self.valid.to_le_bytes();
        }
        self.block.finish();
    }
}

/// A column that is not nested.
pub fn flat_column(rows: usize, values: Values, validity: Option<Vec<u8>>) -> RawColumn {
    // A batch's rows come from the host as a `u32`.
    RawColumn { root: Node { rows: rows as u32, values, validity }, children: Vec::new() }
}
