//! A component with its own WIT and no SDK: odd names, odd types and misdeeds. Never shipped.

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "odd", generate_all });
}

use std::hint::black_box;

use bindings::exports::plain::odd::without_likeness::{self, GuestSession, Session, SessionBorrow, Shape};
use bindings::exports::plain::odd::{a, b, imperial, metric, misdeeds};
use bindings::wasi::random::random;

/// The component.
pub struct Odd;

impl misdeeds::Guest for Odd {
    fn trap_at(value: i64, at: i64) -> i64 {
        assert_ne!(value, at);
        value
    }
    fn loop_at(value: i64, at: i64) -> i64 {
        while black_box(value) == at {}
        value
    }
    fn fill_memory_at(value: i64, at: i64) -> i64 {
        let mut kept = Vec::new();
        while black_box(value) == at {
            kept.push(vec![1u8; 1 << 20]);
        }
        value + black_box(kept).len() as i64
    }
    fn not_text(_value: i64) -> String {
        // SAFETY: it is not sound, and meant to be so.
        unsafe { String::from_utf8_unchecked(vec![0xFF, 0xFE]) }
    }
    fn bytes_of(length: u32) -> Vec<u8> {
        vec![0xAB; length as usize]
    }
    fn long_error(length: u32) -> Result<i64, String> {
        Err("x".repeat(length as usize))
    }
    fn well_behaved(value: i64) -> i64 {
        value
    }
}

impl metric::Guest for Odd {
    fn extent(value: f64) -> f64 {
        value
    }
    fn metres(value: f64) -> f64 {
        value
    }
}

impl imperial::Guest for Odd {
    fn extent(value: f64) -> f64 {
        value / 0.3048
    }
}

impl a::Guest for Odd {
    fn b(value: i64) -> i64 {
        value
    }
}

impl b::Guest for Odd {
    fn b(value: i64) -> i64 {
        value
    }
    fn a_b(value: i64) -> i64 {
        value
    }
}

/// A resource.
pub struct Named(String);

impl GuestSession for Named {
    fn new(name: String) -> Self {
        Self(name)
    }
    fn name(&self) -> String {
        self.0.clone()
    }
    fn open() -> Session {
        Session::new(Self(String::new()))
    }
}

impl without_likeness::Guest for Odd {
    type Session = Named;

    fn nothing(_value: i64) {}
    fn no_value(_value: i64) -> Result<(), String> {
        Ok(())
    }
    fn take(value: SessionBorrow<'_>) -> i64 {
        value.get::<Named>().0.len() as i64
    }
    fn draw(value: Shape) -> String {
        format!("{value:?}")
    }
    fn twice_optional(value: Option<Option<i64>>) -> i64 {
        value.flatten().unwrap_or_default()
    }
    fn ask(value: Vec<(i64, Session)>) -> i64 {
        value.len() as i64
    }
    fn inner_result(value: i64) -> Option<Result<i64, String>> {
        Some(Ok(value))
    }
}

impl bindings::Guest for Odd {
    fn select(value: i64) -> i64 {
        value
    }
    fn position(value: i64) -> i64 {
        value
    }
    fn extent(value: i64) -> i64 {
        value
    }
    fn drawn() -> u64 {
        random::get_random_u64()
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Odd with_types_in bindings);
