//! Running: forever, too deeply, into what is not there, and out of memory.

use std::hint::black_box;

use super::Outcome;
use crate::bindings::duckpen::columns::columns::Values;
use crate::bindings::duckpen::functions::results;
use crate::columns::{column, zeros};

pub fn loop_forever(_rows: usize) -> Outcome {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Takes memory until it is refused, then dies of it as any allocation does.
pub fn memory_fill(_rows: usize) -> Outcome {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(vec![1; 1 << 20]));
    }
}

pub fn recurse(rows: usize) -> Outcome {
    fn deeper(depth: u64) -> u64 {
        let ballast = black_box([depth; 64]);
        if ballast[0] == u64::MAX { 0 } else { deeper(depth + 1) + ballast[63] }
    }
    results::emit(&column(rows, Values::Int64(vec![deeper(0) as i64; rows])));
    Ok(())
}

/// On the engine's stack, not on the one that compilers keep in memory.
pub fn recurse_without_memory(rows: usize) -> Outcome {
    #[inline(never)]
    fn deeper(depth: u64) -> u64 {
        if depth == 0 { 0 } else { deeper(depth - 1).wrapping_mul(3) ^ depth }
    }
    results::emit(&column(rows, Values::Int64(vec![deeper((rows as u64) << 40) as i64; rows])));
    Ok(())
}

/// One instruction for 48 MiB, over and over.
pub fn fill_forever(_rows: usize) -> Outcome {
    let mut block = vec![0u8; 48 << 20];
    let mut value = 0u8;
    loop {
        value = value.wrapping_add(1);
        black_box(&mut block).fill(value);
    }
}

/// One instruction for 24 MiB, over and over.
pub fn copy_forever(_rows: usize) -> Outcome {
    let mut block = vec![1u8; 48 << 20];
    loop {
        black_box(&mut block).copy_within(..24 << 20, 24 << 20);
    }
}

/// Takes page by page until it is refused, says how many it got, and does no harm.
pub fn grow_until_refused(rows: usize) -> Outcome {
    #[cfg(target_arch = "wasm32")]
    let pages = (0i64..).take_while(|_| core::arch::wasm32::memory_grow::<0>(1) != usize::MAX).count();
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0;
    results::emit(&column(rows, Values::Int64(vec![pages as i64; rows])));
    Ok(())
}

/// Asks for more than any memory can have.
pub fn allocate_2_gib(rows: usize) -> Outcome {
    let hoard: Vec<u8> = Vec::with_capacity((2 << 30) - 1);
    black_box(&hoard);
    results::emit(&zeros(rows));
    Ok(())
}

#[cfg(target_arch = "wasm32")]
pub fn trap(_rows: usize) -> Outcome {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn trap(_rows: usize) -> Outcome {
    std::process::abort()
}

pub fn panic(_rows: usize) -> Outcome {
    panic!("the guest's own words are lost")
}

pub fn read_outside(_rows: usize) -> Outcome {
    // What is read does not matter.
    let nothing = unsafe { black_box(0xFFFF_0000usize as *const u8).read_volatile() };
    black_box(nothing);
    Ok(())
}

pub fn write_outside(_rows: usize) -> Outcome {
    unsafe { black_box(0xFFFF_0000usize as *mut u8).write_volatile(1) };
    Ok(())
}

/// Calls a function that is not in the table.
pub fn call_nowhere(_rows: usize) -> Outcome {
    let nowhere: fn(usize) = unsafe { std::mem::transmute(black_box(0x00FF_FFFFusize)) };
    nowhere(0);
    Ok(())
}

/// Calls a function as if it were another.
pub fn call_as_another(_rows: usize) -> Outcome {
    let another: fn(u64, u64, f64) -> f64 =
        unsafe { std::mem::transmute(black_box(call_nowhere as fn(usize) -> Outcome)) };
    black_box(another(0, 0, 0.0));
    Ok(())
}
