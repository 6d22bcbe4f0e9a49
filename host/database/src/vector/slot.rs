//! An output vector within reach of a host call.

use std::sync::{Mutex, MutexGuard, PoisonError};

use duckdb::ffi;

use super::OutputVector;
use crate::types::LogicalType;

/// A place through which an output vector reaches code that cannot be handed a reference: the host call by which a guest
/// delivers its results.
#[derive(Default)]
pub struct OutputSlot {
    lent: Mutex<Option<Lent>>,
}

struct Lent {
    raw: ffi::duckdb_vector,
    kind: LogicalType,
    rows: usize,
}

// SAFETY: the vector behind the pointer is used only with the lock held, and only while `lend`, which borrows it, runs.
#[expect(unsafe_code)]
unsafe impl Send for Lent {}

impl OutputSlot {
    /// Lends the vector to whoever calls [`with`](Self::with) while `run` runs.
    pub fn lend<R>(&self, output: &mut OutputVector<'_>, run: impl FnOnce() -> R) -> R {
        /// Takes the vector back on every way out, a panic included.
        struct TakeBack<'a>(&'a OutputSlot);
        impl Drop for TakeBack<'_> {
            fn drop(&mut self) {
                *self.0.lock() = None;
            }
        }
        *self.lock() = Some(Lent { raw: output.raw, kind: output.kind.clone(), rows: output.rows });
        let _take_back = TakeBack(self);
        run()
    }

    /// Uses the lent vector; none when none is lent.
    pub fn with<R>(&self, use_it: impl FnOnce(&mut OutputVector<'_>) -> R) -> Option<R> {
        let lent = self.lock();
        let Lent { raw, kind, rows } = lent.as_ref()?;
        // SAFETY: it is lent, so the vector that `lend` borrows mutably is live and untouched by others; the lock, held
        // until the end of this function, keeps `lend` from returning and others from using it meanwhile.
        #[expect(unsafe_code)]
        let mut output = unsafe { OutputVector::new(*raw, kind.clone(), *rows) };
        Some(use_it(&mut output))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Lent>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
