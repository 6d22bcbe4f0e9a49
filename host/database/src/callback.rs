//! What the callbacks of all kinds of functions have in common.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An error of a function, which becomes the error of the query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CallbackError(pub String);

/// Runs a callback's body; a panic becomes an error like any other.
pub(crate) fn contained<R>(body: impl FnOnce() -> Result<R, CallbackError>) -> Result<R, CallbackError> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panic_message(&*panic)))
}

fn panic_message(panic: &(dyn Any + Send)) -> CallbackError {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned());
    CallbackError(format!("fault of the host: panic in a function: {text}"))
}

/// Frees what extra information, bind data or state of a function consist of.
#[expect(unsafe_code)]
pub(crate) unsafe extern "C" fn drop_box<T>(pointer: *mut c_void) {
    // SAFETY: DuckDB hands back, once, what `Box::into_raw` gave it. A panic in a destructor must not reach C.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(pointer.cast::<T>()) })));
}
