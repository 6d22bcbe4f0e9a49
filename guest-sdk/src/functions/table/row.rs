//! Rows: tuples and structs whose values go to columns.

use std::borrow::Cow;

use crate::Error;
use crate::functions::contract::RawColumn;
use crate::functions::results::{OpenBlock, Put, ResultType, Results, Return, Sink};

/// A row of a table function: a tuple of up to 12 values, or a struct with `#[derive(duckpen::Row)]`. A value is of a
/// type of [the table](crate#types), or an `Option` of one for NULL.
pub trait Row {
    /// The buffers of all fields.
    #[doc(hidden)]
    type Buffers: Default + 'static;

    /// 32 rows of all fields.
    #[doc(hidden)]
    type Blocks<'b>;

    /// Name, where the row gives one, and logical type of each field.
    #[doc(hidden)]
    fn fields() -> Vec<(Option<&'static str>, Cow<'static, str>)>;

    /// The buffer of each field, in order.
    #[doc(hidden)]
    fn buffers(buffers: &mut Self::Buffers) -> Vec<&mut dyn FieldBuffer>;

    /// Rows `32 * index` and following, to be put in order.
    #[doc(hidden)]
    fn blocks(buffers: &mut Self::Buffers, index: usize) -> Self::Blocks<'_>;

    /// Puts the row; `row` counts from the start of the block.
    #[doc(hidden)]
    fn put(self, blocks: &mut Self::Blocks<'_>, row: usize) -> Result<(), Error>;

    /// After the last row that is put.
    #[doc(hidden)]
    fn finish(blocks: Self::Blocks<'_>);
}

/// What an iterator of rows yields: a row, or a `Result` of one.
pub trait Yield {
    /// The row.
    type Row: Row;

    /// The row, or what went wrong.
    #[doc(hidden)]
    fn resolve(self) -> Result<Self::Row, Error>;
}

impl<R: Row> Yield for R {
    type Row = R;

    #[inline(always)]
    fn resolve(self) -> Result<R, Error> {
        Ok(self)
    }
}

impl<R: Row, E: Into<Error>> Yield for Result<R, E> {
    type Row = R;

    #[inline(always)]
    fn resolve(self) -> Result<R, Error> {
        self.map_err(Into::into)
    }
}

/// The results of one field, if it is wanted.
pub struct Field<T: ResultType + ?Sized> {
    results: Results<T>,
    wanted: bool,
}

impl<T: ResultType + ?Sized> Default for Field<T> {
    fn default() -> Self {
        Self { results: Results::default(), wanted: false }
    }
}

impl<T: ResultType + ?Sized> Field<T> {
    /// Rows `32 * index` and following.
    #[inline(always)]
    pub fn block(&mut self, index: usize) -> FieldBlock<'_, T> {
        FieldBlock(self.wanted.then(|| self.results.open(index)))
    }
}

/// 32 rows of a field, if it is wanted.
pub struct FieldBlock<'b, T: ResultType + ?Sized>(Option<OpenBlock<'b, T>>);

impl<'b, T: ResultType + ?Sized> FieldBlock<'b, T> {
    /// Puts a value; `row` counts from the start of the block.
    #[inline(always)]
    pub fn put<V: Return<Type = T>>(&mut self, row: usize, value: V) -> Result<(), Error>
    where
        <T::Sink as Sink>::Block<'b>: Put<V::Value>,
    {
        if let Some(block) = &mut self.0 {
            block.put(row, value.resolve()?);
        }
        Ok(())
    }

    /// After the last row that is put.
    #[inline(always)]
    pub fn finish(self) {
        if let Some(block) = self.0 {
            block.finish();
        }
    }
}

/// A field whose type is not known here.
pub trait FieldBuffer {
    /// Says that the field is wanted.
    fn want(&mut self);

    /// Makes room for so many rows.
    fn begin(&mut self, most: usize);

    /// The column, of which so many rows were put.
    fn finish(&mut self, rows: usize) -> RawColumn;

    /// Takes the column's buffers back.
    fn hand_back(&mut self, column: RawColumn);
}

impl<T: ResultType + ?Sized> FieldBuffer for Field<T> {
    fn want(&mut self) {
        self.wanted = true;
    }

    fn begin(&mut self, most: usize) {
        if self.wanted {
            self.results.begin(most);
        }
    }

    fn finish(&mut self, rows: usize) -> RawColumn {
        self.results.finish_early(rows);
        self.results.take()
    }

    fn hand_back(&mut self, column: RawColumn) {
        self.results.hand_back(column);
    }
}

macro_rules! tuples {
    ($(($($value:ident $place:tt),+))*) => {$(
        impl<$($value: Return),+> Row for ($($value,)+)
        where
            $(for<'b> <<$value::Type as ResultType>::Sink as Sink>::Block<'b>: Put<$value::Value>,)+
        {
            type Buffers = ($(Field<$value::Type>,)+);
            type Blocks<'b> = ($(FieldBlock<'b, $value::Type>,)+);

            fn fields() -> Vec<(Option<&'static str>, Cow<'static, str>)> {
                vec![$((None, $value::Type::logical_type())),+]
            }

            fn buffers(buffers: &mut Self::Buffers) -> Vec<&mut dyn FieldBuffer> {
                vec![$(&mut buffers.$place),+]
            }

            #[inline(always)]
            fn blocks(buffers: &mut Self::Buffers, index: usize) -> Self::Blocks<'_> {
                ($(buffers.$place.block(index),)+)
            }

            #[inline(always)]
            fn put(self, blocks: &mut Self::Blocks<'_>, row: usize) -> Result<(), Error> {
                $(blocks.$place.put(row, self.$place)?;)+
                Ok(())
            }

            #[inline(always)]
            fn finish(blocks: Self::Blocks<'_>) {
                $(blocks.$place.finish();)+
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
