//! What DuckDB calls: from its information to the trait, every panic contained.

use duckdb::ffi;

use super::{BoundTable, TableArguments, TableFunction, TableScan};
use crate::callback::{CallbackError, contained, drop_box};
use crate::chunk::OutputChunk;
use crate::strings::{c_message, c_string};
use crate::types::LogicalType;

/// What is kept for one call in one query.
struct BindData<F: TableFunction> {
    columns: Vec<LogicalType>,
    bound: F::Bound,
}

/// What is kept for one execution of a call.
struct ScanData<F: TableFunction> {
    /// Of each wanted column: its vector's number, and its type.
    columns: Vec<(u64, LogicalType)>,
    scan: F::Scan,
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn bind<F: TableFunction>(info: ffi::duckdb_bind_info) {
    let outcome = contained(|| {
        // SAFETY: DuckDB passes live information; the extra information is the boxed function.
        let function = unsafe { &*ffi::duckdb_bind_get_extra_info(info).cast::<F>() };
        // SAFETY: as above.
        let arguments = unsafe { TableArguments::of(info, function.signature())? };
        let BoundTable { columns, cardinality, bound } = function.bind(arguments)?;
        for column in &columns {
            let name = c_string(&column.name).map_err(|error| CallbackError(error.to_string()))?;
            let kind = column.logical_type.handle().map_err(|error| CallbackError(error.to_string()))?;
            // SAFETY: name and type are live during the call, and are copied.
            unsafe { ffi::duckdb_bind_add_result_column(info, name.as_ptr(), kind.raw()) };
        }
        if let Some(rows) = cardinality {
            // SAFETY: the information is live.
            unsafe { ffi::duckdb_bind_set_cardinality(info, rows, false) };
        }
        let columns = columns.into_iter().map(|column| column.logical_type).collect();
        let data = Box::new(BindData::<F> { columns, bound });
        // SAFETY: DuckDB keeps the pointer and frees it with the callback given.
        unsafe { ffi::duckdb_bind_set_bind_data(info, Box::into_raw(data).cast(), Some(drop_box::<BindData<F>>)) };
        Ok(())
    });
    if let Err(error) = outcome {
        // SAFETY: the information is live; the message is copied.
        unsafe { ffi::duckdb_bind_set_error(info, c_message(&error.0).as_ptr()) }
    }
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn begin<F: TableFunction>(info: ffi::duckdb_init_info) {
    let outcome = contained(|| {
        // SAFETY: live information; the extra information is the boxed function, the bind data what `bind` set.
        let (function, bind) = unsafe {
            (
                &*ffi::duckdb_init_get_extra_info(info).cast::<F>(),
                &*ffi::duckdb_init_get_bind_data(info).cast::<BindData<F>>(),
            )
        };
        // SAFETY: the information is live, and positions are below the number of columns.
        let wanted = unsafe {
            (0..ffi::duckdb_init_get_column_count(info)).map(|at| (at, ffi::duckdb_init_get_column_index(info, at)))
        };
        let mut projection = Vec::new();
        let mut columns = Vec::new();
        for (vector, column) in wanted {
            // Past the function's own columns is the one by which DuckDB only counts rows.
            if let Ok(column) = usize::try_from(column)
                && let Some(kind) = bind.columns.get(column)
            {
                projection.push(column);
                columns.push((vector, kind.clone()));
            }
        }
        let TableScan { threads, scan } = function.begin(&bind.bound, &projection)?;
        let data = Box::new(ScanData::<F> { columns, scan });
        // SAFETY: DuckDB keeps the pointer and frees it with the callback given.
        unsafe {
            ffi::duckdb_init_set_max_threads(info, threads.max(1));
            ffi::duckdb_init_set_init_data(info, Box::into_raw(data).cast(), Some(drop_box::<ScanData<F>>));
        }
        Ok(())
    });
    fail_init(info, outcome);
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn open<F: TableFunction>(info: ffi::duckdb_init_info) {
    let outcome = contained(|| {
        let local = Box::new(F::Local::default());
        // SAFETY: DuckDB keeps the pointer and frees it with the callback given.
        unsafe { ffi::duckdb_init_set_init_data(info, Box::into_raw(local).cast(), Some(drop_box::<F::Local>)) };
        Ok(())
    });
    fail_init(info, outcome);
}

#[expect(unsafe_code)]
fn fail_init(info: ffi::duckdb_init_info, outcome: Result<(), CallbackError>) {
    if let Err(error) = outcome {
        // SAFETY: the callers pass live information; the message is copied.
        unsafe { ffi::duckdb_init_set_error(info, c_message(&error.0).as_ptr()) }
    }
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn next<F: TableFunction>(
    info: ffi::duckdb_function_info,
    output: ffi::duckdb_data_chunk,
) {
    let outcome = contained(|| {
        // SAFETY: live information; the extra information is the boxed function, the others what `bind`, `begin` and
        // `open` set; no other thread uses the local one.
        let (function, bind, scan, local) = unsafe {
            (
                &*ffi::duckdb_function_get_extra_info(info).cast::<F>(),
                &*ffi::duckdb_function_get_bind_data(info).cast::<BindData<F>>(),
                &*ffi::duckdb_function_get_init_data(info).cast::<ScanData<F>>(),
                &mut *ffi::duckdb_function_get_local_init_data(info).cast::<F::Local>(),
            )
        };
        // SAFETY: the chunk is empty and ours during the call; its vectors are flat, in the order of the projection, of
        // the types that were bound, and have room for a vector's rows.
        let mut output = unsafe { OutputChunk::new(output, &scan.columns) };
        function.next(&bind.bound, &scan.scan, local, &mut output)
    });
    if let Err(error) = outcome {
        // SAFETY: the information is live; the message is copied.
        unsafe { ffi::duckdb_function_set_error(info, c_message(&error.0).as_ptr()) }
    }
}
