//! An allocator that misbehaves when it is told to: through it the host writes arguments into the guest, and gives back
//! what it has read.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU8, Ordering};

/// Bytes of a block that is never given back.
pub const LOOPS_WHEN_FREED: usize = 12_345;

/// Bytes of a block that nobody gives back and lives.
pub const TRAPS_WHEN_FREED: usize = 12_347;

/// What an allocation does.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Allocation {
    Loops = 1,
    Traps,
    Misaligned,
    Outside,
}

static ARMED: AtomicU8 = AtomicU8::new(0);

/// From now on allocations do this.
pub fn arm(allocation: Allocation) {
    ARMED.store(allocation as u8, Ordering::Relaxed);
}

#[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "allocates in components only"))]
struct Trapdoor;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: Trapdoor = Trapdoor;

#[cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "allocates in components only"))]
fn loop_forever() -> ! {
    loop {
        black_box(0);
    }
}

unsafe impl GlobalAlloc for Trapdoor {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        const LOOPS: u8 = Allocation::Loops as u8;
        const TRAPS: u8 = Allocation::Traps as u8;
        const MISALIGNED: u8 = Allocation::Misaligned as u8;
        const OUTSIDE: u8 = Allocation::Outside as u8;
        match ARMED.load(Ordering::Relaxed) {
            LOOPS => loop_forever(),
            TRAPS => std::process::abort(),
            MISALIGNED => black_box(1025) as *mut u8,
            OUTSIDE => black_box(0xFFFF_0000usize) as *mut u8,
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match layout.size() {
            LOOPS_WHEN_FREED => loop_forever(),
            TRAPS_WHEN_FREED => std::process::abort(),
            _ => unsafe { System.dealloc(block, layout) },
        }
    }
}
