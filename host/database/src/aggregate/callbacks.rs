//! What DuckDB calls.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::OnceLock;

use duckdb::ffi;

use super::AggregateFunction;
use super::allocation::usable_bytes;
use super::history::{self, Array, Pointers};
use super::states::{Batch, Groups, MOST_ROWS, Slot, States, batch_of};
use super::without_nulls::{SelectedVectors, Selection, Vector, rows_without_nulls};
use crate::callback::{CallbackError, contained};
use crate::scalar::{Chunk, NullHandling};
use crate::strings::c_message;
use crate::types::LogicalType;
use crate::vector::OutputVector;

/// # Safety
/// `info` is live information about a call of a function whose extra information is a boxed `F`, for as long as `'call`.
#[expect(unsafe_code)]
unsafe fn function<'call, F>(info: ffi::duckdb_function_info) -> &'call F {
    // SAFETY: as promised by the caller.
    unsafe { &*ffi::duckdb_aggregate_function_get_extra_info(info).cast::<F>() }
}

/// Runs a callback's body; its error becomes that of the query.
///
/// # Safety
/// `info` is live.
#[expect(unsafe_code)]
unsafe fn reported(info: ffi::duckdb_function_info, body: impl FnOnce() -> Result<(), CallbackError>) {
    if let Err(error) = contained(body) {
        // SAFETY: the information is live; the message is copied.
        unsafe { ffi::duckdb_aggregate_function_set_error(info, c_message(&error.0).as_ptr()) }
    }
}

/// What an array for so many rows has: one pointer, or one for each row. Nothing where it does not matter, as one and each
/// come to the same.
///
/// # Safety
/// The array is live, and has what `pointers` says.
#[expect(unsafe_code)]
unsafe fn array<S>(
    states: *const *mut Slot<S>,
    rows: usize,
    pointers: Pointers,
) -> Result<Option<Array>, CallbackError> {
    if rows == 1 {
        return Ok(None);
    }
    if pointers == Pointers::Known(Array::Each) {
        return Ok(Some(Array::Each));
    }
    // SAFETY: arrays of states are the data of a vector of DuckDB's, from its beginning.
    match unsafe { usable_bytes(states) } {
        Some(bytes) if bytes < rows * size_of::<*mut Slot<S>>() => return Ok(Some(Array::One)),
        Some(bytes) if bytes >= MOST_ROWS * size_of::<*mut Slot<S>>() => return Ok(Some(Array::Each)),
        // Not the allocator that was meant.
        _ => {}
    }
    let (place, count) = match pointers {
        Pointers::Known(array) => return Ok(Some(array)),
        Pointers::InRow { place, count } => (place, count),
    };
    if !states.addr().is_multiple_of(vector_alignment()) {
        return Ok(Some(Array::One));
    }
    // SAFETY: the array has a pointer.
    let first = unsafe { states.read() }.addr();
    let mut is_one_group = true;
    let ends_early = (1..rows).any(|row| {
        // SAFETY: the pointer before it is to a state in the row, so that the array has not ended, or it has just now, and
        // what lies behind it is in the same pair of words, which is not on two pages. It is not looked at as a pointer
        // but compared; the compiler may not assume anything of it.
        let pointer = unsafe { states.add(row).read_volatile() }.addr();
        is_one_group &= pointer == first;
        let offset = pointer.wrapping_sub(place);
        !offset.is_multiple_of(size_of::<Slot<S>>()) || offset / size_of::<Slot<S>>() >= count
    });
    match (ends_early, is_one_group) {
        (true, _) => Ok(Some(Array::One)),
        (false, true) => Ok(None),
        (false, false) if rows >= CERTAIN_ROWS || rows >= count => Ok(Some(Array::Each)),
        (false, false) => Err(CallbackError(
            "DuckDB does not tell to which partition of the window these rows belong\nhint: group them with GROUP BY, and \
             join what comes out"
                .into(),
        )),
    }
}

/// So many pointers to states in a row do not stand one behind the other by chance.
const CERTAIN_ROWS: usize = 4;

/// What the places of vectors of many rows are multiples of: that of a vector of one row rarely is.
fn vector_alignment() -> usize {
    const TRIALS: usize = 8;
    const MOST: usize = 64;
    static ALIGNMENT: OnceLock<usize> = OnceLock::new();
    *ALIGNMENT.get_or_init(|| {
        let vector = |_| Vector::new(&LogicalType::BigInt, MOST_ROWS).ok();
        let vectors: Vec<Vector> = (0..TRIALS).filter_map(vector).collect();
        // SAFETY: the vectors are live.
        #[expect(unsafe_code)]
        let places = vectors.iter().map(|vector| unsafe { ffi::duckdb_vector_get_data(vector.0) }.addr());
        let common = if vectors.len() == TRIALS { places.fold(MOST, |bits, place| bits | place) } else { 1 };
        // Every allocator gives at least what two words need.
        (1 << common.trailing_zeros()).max(2 * size_of::<usize>())
    })
}

fn check_count(count: usize) -> Result<(), CallbackError> {
    if count <= MOST_ROWS {
        Ok(())
    } else {
        Err(CallbackError(format!("fault of the database: a batch of {count} rows, where {MOST_ROWS} are the most")))
    }
}

/// An array of pointers to states.
///
/// # Safety
/// `states` points to `count` pointers that live for as long as `'call`.
#[expect(unsafe_code)]
unsafe fn slots<'call, S>(states: *mut ffi::duckdb_aggregate_state, count: usize) -> &'call [*mut Slot<S>] {
    // SAFETY: as promised by the caller; a handle of a state is a pointer to it.
    unsafe { slice::from_raw_parts(states.cast::<*mut Slot<S>>(), count) }
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn state_size<F: AggregateFunction>(info: ffi::duckdb_function_info) -> ffi::idx_t {
    // SAFETY: live information. Neither line panics.
    history::measured(unsafe { function::<F>(info) });
    size_of::<Slot<F::State>>() as ffi::idx_t
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn init<F: AggregateFunction>(
    info: ffi::duckdb_function_info,
    state: ffi::duckdb_aggregate_state,
) {
    // SAFETY: live information; the place has the size asked for. It is not aligned as promised only if DuckDB changes: a
    // write that does not rely on it lets the state be refused, or destroyed, when it is used.
    unsafe {
        reported(info, || {
            let (function, slot, batch) = (function::<F>(info), state.cast::<Slot<F::State>>(), Batch::next());
            slot.write_unaligned(Slot::new(function.init(), batch));
            history::made(function, slot, batch);
            Ok(())
        });
    }
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn update<F: AggregateFunction>(
    info: ffi::duckdb_function_info,
    input: ffi::duckdb_data_chunk,
    states: *mut ffi::duckdb_aggregate_state,
) {
    let body = || {
        // SAFETY: live information, and a live chunk whose vectors are flat and of the declared types.
        let (function, rows, chunk) = unsafe {
            let function = function::<F>(info);
            let rows = ffi::duckdb_data_chunk_get_size(input) as usize;
            (function, rows, Chunk::new(rows, vectors(function, input)))
        };
        check_count(rows)?;
        if rows == 0 {
            return Ok(());
        }
        let batch = Batch::next();
        // SAFETY: there is a pointer to a state for the first row.
        let (first, stamp) =
            unsafe { (*states.cast::<*mut Slot<F::State>>(), batch_of(*states.cast::<*mut Slot<F::State>>())?) };
        let pointers = history::updated(function, first, stamp, batch);
        // SAFETY: the array has at least one pointer, and more where the history says so.
        let array = unsafe { array::<F::State>(states.cast(), rows, pointers)? };
        if let (Some(array), Pointers::InRow { .. }) = (array, pointers) {
            history::seen(function, first, array);
        }
        let is_alone = array != Some(Array::Each);
        let kept =
            (function.signature().nulls == NullHandling::Propagate).then(|| rows_without_nulls(&chunk)).flatten();
        let kept_rows = kept.as_ref().map_or(rows, Vec::len);
        // SAFETY: the states are live, and used by nobody else during the call. Where the first one is the only one, its
        // pointer may be, too; otherwise there is one for each row, and the rows kept are some of them.
        let groups = unsafe {
            if is_alone {
                Groups::one(first, kept_rows, batch)?
            } else {
                let slots = slots::<F::State>(states, rows);
                match &kept {
                    Some(kept) => Groups::of_rows(kept.iter().map(|row| slots[*row as usize]), batch)?,
                    None => Groups::of_rows(slots.iter().copied(), batch)?,
                }
            }
        };
        if kept_rows == 0 {
            return Ok(());
        }
        // SAFETY: as above.
        let (mut states, of_row) = unsafe { groups.states() };
        let updated = match &kept {
            None => function.update(&mut states, of_row, &chunk),
            Some(kept) => {
                // SAFETY: the vectors are those of the chunk, and the rows are some of its rows.
                let selected = unsafe { SelectedVectors::new(vectors(function, input), kept)? };
                function.update(&mut states, of_row, &selected.chunk())
            }
        };
        if updated.is_err() {
            abandon(function, &mut states);
        }
        updated
    };
    // SAFETY: live information.
    unsafe { reported(info, body) }
}

/// The arguments with their types.
///
/// # Safety
/// The chunk is live and has a vector for each parameter.
#[expect(unsafe_code)]
unsafe fn vectors<F: AggregateFunction>(
    function: &F,
    input: ffi::duckdb_data_chunk,
) -> impl Iterator<Item = (ffi::duckdb_vector, LogicalType)> {
    let parameters = function.signature().parameters.iter().cloned().enumerate();
    // SAFETY: as promised by the caller.
    parameters.map(move |(index, kind)| (unsafe { ffi::duckdb_data_chunk_get_vector(input, index as u64) }, kind))
}

/// Empties states that a failed call leaves behind: a sorted aggregate that fails does not destroy its state.
fn abandon<F: AggregateFunction>(function: &F, states: &mut States<'_, F::State>) {
    if std::mem::needs_drop::<F::State>() {
        (0..states.len()).for_each(|group| *states.get_mut(group) = function.init());
    }
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn combine<F: AggregateFunction>(
    info: ffi::duckdb_function_info,
    source: *mut ffi::duckdb_aggregate_state,
    target: *mut ffi::duckdb_aggregate_state,
    count: ffi::idx_t,
) {
    let body = || {
        // SAFETY: live information, and as many pointers to live states as counted. The targets are used by nobody else, the
        // sources written by nobody else.
        unsafe {
            let function = function::<F>(info);
            slots::<F::State>(source, count as usize).first().inspect(|first| history::combined(**first));
            let targets = slots::<F::State>(target, count as usize).chunks(MOST_ROWS);
            let sources = slots::<F::State>(source, count as usize).chunks(MOST_ROWS);
            targets.zip(sources).try_for_each(|(targets, sources)| merge_all(function, targets, sources))
        }
    };
    // SAFETY: live information.
    unsafe { reported(info, body) }
}

/// Merges each source into its target, one after the other where it matters.
///
/// # Safety
/// The pointers are to live states; nobody else uses the targets or writes to the sources.
#[expect(unsafe_code)]
unsafe fn merge_all<F: AggregateFunction>(
    function: &F,
    targets: &[*mut Slot<F::State>],
    sources: &[*mut Slot<F::State>],
) -> Result<(), CallbackError> {
    // SAFETY: as promised by the caller.
    unsafe {
        if merge(function, targets, sources)?.is_continue() {
            return Ok(());
        }
        // For DISTINCT in a window, what one pair gives is the source of the next.
        for (target, source) in targets.chunks(1).zip(sources.chunks(1)) {
            if merge(function, target, source)?.is_break() {
                return Err(CallbackError("fault of the database: a state is to be merged with itself".into()));
            }
        }
    }
    Ok(())
}

/// Merges each source into its target. Breaks off, with nothing done, where a source is a target as well.
///
/// # Safety
/// The pointers are to live states; nobody else uses the targets or writes to the sources.
#[expect(unsafe_code)]
unsafe fn merge<F: AggregateFunction>(
    function: &F,
    targets: &[*mut Slot<F::State>],
    sources: &[*mut Slot<F::State>],
) -> Result<ControlFlow<()>, CallbackError> {
    let batch = Batch::next();
    // SAFETY: as promised by the caller, and no source is a target when references to both are made.
    unsafe {
        let groups = Groups::of_rows(targets.iter().copied(), batch)?;
        for source in sources {
            if batch_of(*source)? == batch {
                return Ok(ControlFlow::Break(()));
            }
        }
        let (mut targets, target_of) = groups.states();
        function.combine(&mut targets, &States::new(sources), target_of)?;
    }
    Ok(ControlFlow::Continue(()))
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn finalize<F: AggregateFunction>(
    info: ffi::duckdb_function_info,
    source: *mut ffi::duckdb_aggregate_state,
    result: ffi::duckdb_vector,
    count: ffi::idx_t,
    offset: ffi::idx_t,
) {
    let body = || {
        // SAFETY: live information, and as many pointers to live states as counted.
        let (function, all) = unsafe { (function::<F>(info), slots::<F::State>(source, count as usize)) };
        for (index, slots) in all.chunks(MOST_ROWS).enumerate() {
            // SAFETY: the states are live, and used by nobody else during the call.
            let states = unsafe {
                slots.iter().try_for_each(|slot| batch_of(*slot).map(drop))?;
                history::finished(function, slots[0], batch_of(slots[0])?, all.len());
                States::new(slots)
            };
            let offset = offset + (index * MOST_ROWS) as ffi::idx_t;
            // SAFETY: the result vector is flat, of the declared type, has room for the rows behind the offset, and is ours.
            let finalized = unsafe { write_results(function, &states, result, offset) };
            if finalized.is_err() {
                // SAFETY: nobody else uses the states, and nobody asks for their results again.
                abandon(function, &mut unsafe { States::new(all) });
                return finalized;
            }
        }
        Ok(())
    };
    // SAFETY: live information.
    unsafe { reported(info, body) }
}

/// # Safety
/// `result` is a live, flat vector of the function's type, used by nobody else, with room for the states behind `offset`.
#[expect(unsafe_code)]
unsafe fn write_results<F: AggregateFunction>(
    function: &F,
    states: &States<'_, F::State>,
    result: ffi::duckdb_vector,
    offset: ffi::idx_t,
) -> Result<(), CallbackError> {
    let (returns, count) = (&function.signature().returns, states.len());
    if offset == 0 {
        // SAFETY: as promised by the caller.
        return function.finalize(states, &mut unsafe { OutputVector::new(result, returns.clone(), count) });
    }
    let rows: Vec<u32> = (0..count as u32).collect();
    let (part, selection) = (Vector::new(returns, count)?, Selection::new(&rows));
    // SAFETY: the vector is our own, and of the declared type.
    function.finalize(states, &mut unsafe { OutputVector::new(part.0, returns.clone(), count) })?;
    // SAFETY: both vectors are live and of one type, and the result has room as promised by the caller.
    unsafe { ffi::duckdb_vector_copy_sel(part.0, result, selection.0, count as u64, 0, offset) };
    Ok(())
}

#[expect(unsafe_code)]
pub(super) unsafe extern "C" fn destroy<F: AggregateFunction>(
    states: *mut ffi::duckdb_aggregate_state,
    count: ffi::idx_t,
) {
    // SAFETY: as many pointers to states that `init` made, each handed over once. A panic must not reach C.
    let _ = catch_unwind(AssertUnwindSafe(|| unsafe {
        let slots = slots::<F::State>(states, count as usize);
        slots.first().inspect(|first| history::destroyed(**first, slots.len()));
        slots.iter().for_each(|slot| drop(slot.read_unaligned()));
    }));
}
