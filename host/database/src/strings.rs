//! Text across the C boundary.

use std::ffi::{CStr, CString, c_char};

use crate::Error;

pub(crate) fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error::NulCharacter)
}

/// A message for DuckDB: a NUL would cut it, so it is shown instead.
pub(crate) fn c_message(text: &str) -> CString {
    CString::new(text.replace('\0', "\\0")).unwrap_or_default()
}

/// Copies a string that stays the property of DuckDB; empty where the pointer is null.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string that lives during the call.
#[expect(unsafe_code)]
pub(crate) unsafe fn borrowed(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and NUL-terminated by the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Copies a string that DuckDB allocated for us, and frees it.
///
/// # Safety
/// `text` is null or was returned by DuckDB as a string to be freed with `duckdb_free`.
#[expect(unsafe_code)]
pub(crate) unsafe fn owned(text: *mut c_char) -> String {
    // SAFETY: as promised by the caller; freed exactly once, after the copy.
    unsafe {
        let copy = borrowed(text);
        if !text.is_null() {
            duckdb::ffi::duckdb_free(text.cast());
        }
        copy
    }
}
