//! Chunks: batches of several columns to fill.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use duckdb::ffi;

use crate::types::LogicalType;
use crate::vector::OutputVector;

/// A batch to fill, or to leave without a row.
pub struct OutputChunk<'batch> {
    raw: ffi::duckdb_data_chunk,
    /// Of each column that is wanted: its vector's number, and its type.
    columns: &'batch [(u64, LogicalType)],
    rows: usize,
    lifetime: PhantomData<&'batch mut ()>,
}

#[expect(unsafe_code, reason = "writes the memory of a live chunk")]
impl<'batch> OutputChunk<'batch> {
    /// # Safety
    /// `raw` has flat vectors under these numbers and of these types, has room for [`capacity`](Self::capacity) rows, is
    /// used by nobody else and outlives the value.
    pub(crate) unsafe fn new(raw: ffi::duckdb_data_chunk, columns: &'batch [(u64, LogicalType)]) -> Self {
        Self { raw, columns, rows: 0, lifetime: PhantomData }
    }

    /// How many rows it takes at most.
    pub fn capacity(&self) -> usize {
        // SAFETY: takes nothing and returns a number.
        unsafe { ffi::duckdb_vector_size() as usize }
    }

    /// How many columns are to be filled.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// How many rows were put into it.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Gives it `rows` rows, at most [`capacity`](Self::capacity): `write` is called for every column, in order, and fills
    /// it. Where that fails the chunk stays without rows.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn fill<E>(
        &mut self,
        rows: usize,
        mut write: impl FnMut(usize, &mut OutputVector<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let rows = rows.min(self.capacity());
        for (index, (vector, kind)) in self.columns.iter().enumerate() {
            // SAFETY: the chunk is live, and has a flat vector of this type under this number, with room for as many rows
            // as the capacity says.
            let mut output =
                unsafe { OutputVector::new(ffi::duckdb_data_chunk_get_vector(self.raw, *vector), kind.clone(), rows) };
            write(index, &mut output)?;
        }
        // SAFETY: the chunk is live; the rows are within its capacity and were written.
        unsafe { ffi::duckdb_data_chunk_set_size(self.raw, rows as u64) };
        self.rows = rows;
        Ok(())
    }
}

/// A place through which a chunk reaches code that cannot be handed a reference: the host call by which a guest delivers
/// rows.
#[derive(Default)]
pub struct ChunkSlot {
    lent: Mutex<Option<Lent>>,
}

/// A chunk whose lifetime is that of the call that lends it.
struct Lent(NonNull<OutputChunk<'static>>);

// SAFETY: the chunk behind the pointer is used only with the lock held, and only while `lend`, which borrows it, runs.
#[expect(unsafe_code)]
unsafe impl Send for Lent {}

impl ChunkSlot {
    /// Lends the chunk to whoever calls [`with`](Self::with) while `run` runs.
    pub fn lend<R>(&self, output: &mut OutputChunk<'_>, run: impl FnOnce() -> R) -> R {
        /// Takes the chunk back on every way out, a panic included.
        struct TakeBack<'a>(&'a ChunkSlot);
        impl Drop for TakeBack<'_> {
            fn drop(&mut self) {
                *self.0.lock() = None;
            }
        }
        *self.lock() = Some(Lent(NonNull::from(output).cast()));
        let _take_back = TakeBack(self);
        run()
    }

    /// Uses the lent chunk; none when none is lent.
    pub fn with<R>(&self, use_it: impl FnOnce(&mut OutputChunk<'_>) -> R) -> Option<R> {
        /// Gives the chunk the lifetime of the borrow.
        #[expect(unsafe_code)]
        fn shortened<'a>(lent: &'a mut Lent) -> &'a mut OutputChunk<'a> {
            // SAFETY: it is lent, so the chunk that `lend` borrows mutably is live and untouched by others; the lock, held
            // by the caller for longer than the borrow, keeps `lend` from returning and others from using it meanwhile.
            unsafe { lent.0.cast::<OutputChunk<'a>>().as_mut() }
        }
        let mut lent = self.lock();
        Some(use_it(shortened(lent.as_mut()?)))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Lent>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
