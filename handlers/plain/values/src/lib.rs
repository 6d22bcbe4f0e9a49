//! A component with its own WIT and no SDK: values of every type, there and back. Never shipped.
#![allow(clippy::too_many_arguments, reason = "more parameters than are passed one by one")]

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "values" });
}

use std::cell::Cell;

use bindings::exports::plain::values::policies::{self, Problem, Reason};
use bindings::exports::plain::values::same::{self, Colour, Level, Permissions, Place};

/// The component.
pub struct Values;

impl same::Guest for Values {
    fn same_bool(value: bool) -> bool {
        value
    }
    fn same_s8(value: i8) -> i8 {
        value
    }
    fn same_s16(value: i16) -> i16 {
        value
    }
    fn same_s32(value: i32) -> i32 {
        value
    }
    fn same_s64(value: i64) -> i64 {
        value
    }
    fn same_u8(value: u8) -> u8 {
        value
    }
    fn same_u16(value: u16) -> u16 {
        value
    }
    fn same_u32(value: u32) -> u32 {
        value
    }
    fn same_u64(value: u64) -> u64 {
        value
    }
    fn same_f32(value: f32) -> f32 {
        value
    }
    fn same_f64(value: f64) -> f64 {
        value
    }
    fn same_char(value: char) -> char {
        value
    }
    fn same_string(value: String) -> String {
        value
    }
    fn same_bytes(value: Vec<u8>) -> Vec<u8> {
        value
    }
    fn same_colour(value: Colour) -> Colour {
        value
    }
    fn same_level(value: Level) -> Level {
        value
    }
    fn same_permissions(value: Permissions) -> Permissions {
        value
    }
    fn same_numbers(value: Vec<i64>) -> Vec<i64> {
        value
    }
    fn same_texts(value: Vec<String>) -> Vec<String> {
        value
    }
    fn same_optional_numbers(value: Vec<Option<i32>>) -> Vec<Option<i32>> {
        value
    }
    fn same_matrix(value: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        value
    }
    fn same_pair(value: (i32, String)) -> (i32, String) {
        value
    }
    fn same_place(value: Place) -> Place {
        value
    }
    fn same_route(value: Vec<Place>) -> Vec<Place> {
        value
    }
    fn same_optional_place(value: Option<Place>) -> Option<Place> {
        value
    }
    fn same_option(value: Option<String>) -> Option<String> {
        value
    }
    fn same_optional_number(value: Option<i64>) -> Option<i64> {
        value
    }
}

impl policies::Guest for Values {
    fn or_minus_one(value: Option<i64>) -> i64 {
        value.unwrap_or(-1)
    }
    fn half(value: i64) -> Option<i64> {
        (value % 2 == 0).then_some(value / 2)
    }
    fn mixed(first: Option<i64>, second: i64) -> i64 {
        first.unwrap_or(100) + second
    }
    fn parse(text: String) -> Result<i64, String> {
        text.parse().map_err(|error| format!("`{text}` is no number: {error}"))
    }
    fn within(value: i64, low: i64, high: i64) -> Result<i64, Problem> {
        let limits = (low, high);
        if value < low {
            Err(Problem { reason: Reason::TooSmall, limits })
        } else if value > high {
            Err(Problem { reason: Reason::TooLarge, limits })
        } else {
            Ok(value)
        }
    }
    fn maybe(value: i64) -> Result<Option<i64>, ()> {
        match value {
            0 => Ok(None),
            1.. => Ok(Some(value)),
            _ => Err(()),
        }
    }
}

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

impl bindings::Guest for Values {
    fn sum_two(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }
    fn repeat_text(text: String, times: u32) -> String {
        text.repeat(times as usize)
    }
    fn count_calls() -> u64 {
        CALLS.with(|calls| {
            calls.set(calls.get() + 1);
            calls.get()
        })
    }
    fn sum_of_many(
        a: i64,
        b: i64,
        c: i64,
        d: i64,
        e: i64,
        f: i64,
        g: i64,
        h: i64,
        i: i64,
        j: i64,
        k: i64,
        l: i64,
        m: i64,
        n: i64,
        o: i64,
        p: i64,
        q: i64,
        r: i64,
    ) -> i64 {
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r].iter().sum()
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Values with_types_in bindings);
