//! How large the allocation behind a vector is.

use std::sync::OnceLock;

/// `sallocx` of the allocator inside of DuckDB's library: the usable bytes behind a pointer that it gave out.
#[cfg(unix)]
type UsableBytes = unsafe extern "C" fn(pointer: *const std::ffi::c_void, flags: i32) -> usize;

/// The usable bytes of the allocation that begins at this place of a vector's data; nothing where DuckDB's allocator cannot
/// be asked: its official library for Linux has one of its own, and shows it.
///
/// # Safety
/// The place is where the data of a live vector begins, which DuckDB allocated.
#[cfg(unix)]
#[expect(unsafe_code)]
pub(super) unsafe fn usable_bytes<T>(data: *const T) -> Option<usize> {
    static ALLOCATOR: OnceLock<Option<UsableBytes>> = OnceLock::new();
    let usable = (*ALLOCATOR.get_or_init(|| {
        let process = libloading::os::unix::Library::this();
        // SAFETY: the function of this name has this type; DuckDB's library stays loaded for as long as the process runs.
        unsafe { process.get::<UsableBytes>(b"duckdb_je_sallocx\0").ok().map(|found| *found) }
    }))?;
    // SAFETY: as promised by the caller.
    Some(unsafe { usable(data.cast(), 0) })
}

#[cfg(not(unix))]
#[expect(unsafe_code)]
pub(super) unsafe fn usable_bytes<T>(_data: *const T) -> Option<usize> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use duckdb::ffi;

    use super::super::without_nulls::Vector;
    use super::usable_bytes;
    use crate::types::LogicalType;

    /// DuckDB's official library, with which the tests are linked, answers; otherwise aggregates in windows fall back on
    /// guesses, and some queries are refused.
    #[test]
    #[expect(unsafe_code)]
    fn the_size_of_a_vector_is_known() {
        for (rows, least, most) in [(1, 8, 15), (2048, 16_384, 20_480)] {
            let vector = Vector::new(&LogicalType::BigInt, rows).unwrap();
            // SAFETY: a live vector's data.
            let bytes = unsafe { usable_bytes(ffi::duckdb_vector_get_data(vector.0)) }.unwrap();
            assert!((least..=most).contains(&bytes), "{rows} rows: {bytes} bytes");
        }
    }
}
