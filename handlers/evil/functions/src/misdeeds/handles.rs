//! Handles: forged, dropped, hoarded; and what may happen when a function is opened.

use super::{Misdeed, Outcome, honest};
use crate::allocator::{self, Allocation};
use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::functions::results;
use crate::bindings::exports::duckpen::functions::scalar::Evaluator;
use crate::columns::zeros;
use crate::{Opened, misdeeds::running};

/// What the component model lets the maker of a resource do.
#[cfg(target_family = "wasm")]
mod raw {
    #[link(wasm_import_module = "[export]duckpen:functions/scalar@0.1.0")]
    unsafe extern "C" {
        #[link_name = "[resource-new]evaluator"]
        pub fn new(representation: u32) -> u32;
        #[link_name = "[resource-rep]evaluator"]
        pub fn representation(handle: u32) -> u32;
        #[link_name = "[resource-drop]evaluator"]
        pub fn drop(handle: u32);
    }
}

#[cfg(not(target_family = "wasm"))]
mod raw {
    pub unsafe fn new(_: u32) -> u32 {
        0
    }
    pub unsafe fn representation(_: u32) -> u32 {
        0
    }
    pub unsafe fn drop(_: u32) {}
}

/// The number of the first handle an instance gives out: that of its evaluator, which belongs to the host by now.
const FIRST: u32 = 1;

pub fn drop_own_handle(rows: usize) -> Outcome {
    unsafe { raw::drop(FIRST) };
    results::emit(&zeros(rows));
    Ok(())
}

pub fn drop_forged_handle(rows: usize) -> Outcome {
    unsafe { raw::drop(12_345) };
    results::emit(&zeros(rows));
    Ok(())
}

pub fn look_into_forged_handle(rows: usize) -> Outcome {
    std::hint::black_box(unsafe { raw::representation(12_345) });
    results::emit(&zeros(rows));
    Ok(())
}

pub fn drop_handle_twice(rows: usize) -> Outcome {
    let evaluator = Evaluator::new(Opened(&honest::HONEST));
    let handle = evaluator.take_handle();
    unsafe {
        raw::drop(handle);
        raw::drop(handle);
    }
    results::emit(&zeros(rows));
    Ok(())
}

pub fn hoard_handles(_rows: usize) -> Outcome {
    loop {
        std::hint::black_box(unsafe { raw::new(0) });
    }
}

/// Its destructor never ends.
pub fn loop_in_destructor(rows: usize) -> Outcome {
    drop(Evaluator::new(Opened(&honest::ENDLESS)));
    results::emit(&zeros(rows));
    Ok(())
}

pub fn forge(_: &'static Misdeed) -> Result<Evaluator, Failure> {
    Ok(unsafe { Evaluator::from_handle(12_345) })
}

pub fn forge_zero(_: &'static Misdeed) -> Result<Evaluator, Failure> {
    Ok(unsafe { Evaluator::from_handle(0) })
}

pub fn open_loop(_: &'static Misdeed) -> Result<Evaluator, Failure> {
    running::loop_forever(0).map(|()| Evaluator::new(Opened(&honest::HONEST)))
}

pub fn open_trap(_: &'static Misdeed) -> Result<Evaluator, Failure> {
    running::trap(0).map(|()| Evaluator::new(Opened(&honest::HONEST)))
}

pub fn open_fail(_: &'static Misdeed) -> Result<Evaluator, Failure> {
    Err(Failure { kind: Kind::Unsupported, message: "it does not open".to_owned(), hint: None, row: None })
}

pub fn open_emit(misdeed: &'static Misdeed) -> Result<Evaluator, Failure> {
    results::emit(&zeros(1));
    super::open(misdeed)
}

/// From now on allocations do this: the next ones are for the arguments of the first batch.
fn arm(misdeed: &'static Misdeed, allocation: Allocation) -> Result<Evaluator, Failure> {
    let opened = super::open(misdeed);
    allocator::arm(allocation);
    opened
}

pub fn arm_loop(misdeed: &'static Misdeed) -> Result<Evaluator, Failure> {
    arm(misdeed, Allocation::Loops)
}

pub fn arm_trap(misdeed: &'static Misdeed) -> Result<Evaluator, Failure> {
    arm(misdeed, Allocation::Traps)
}

pub fn arm_misaligned(misdeed: &'static Misdeed) -> Result<Evaluator, Failure> {
    arm(misdeed, Allocation::Misaligned)
}

pub fn arm_outside(misdeed: &'static Misdeed) -> Result<Evaluator, Failure> {
    arm(misdeed, Allocation::Outside)
}
