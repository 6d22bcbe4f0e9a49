//! Telling: errors and lines of the log that are too many, too long, or no text.

use std::mem::ManuallyDrop;

use super::Outcome;
use crate::allocator;
use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::functions::{log, results};
use crate::columns::zeros;

pub fn fail(rows: usize) -> Outcome {
    Err(Failure {
        kind: Kind::InvalidInput,
        message: "this row is not to its taste".to_owned(),
        hint: Some("try another row".to_owned()),
        row: Some(rows as u32 / 2),
    })
}

pub fn huge_message(_rows: usize) -> Outcome {
    Err(Failure { kind: Kind::Internal, message: "x".repeat(1 << 20), hint: None, row: None })
}

pub fn log_flood(rows: usize) -> Outcome {
    let line = "y".repeat(1000);
    for _ in 0..100_000 {
        log::write(log::Level::Info, &line);
    }
    results::emit(&zeros(rows));
    Ok(())
}

/// Each line is longer than all that may be logged.
pub fn log_long_lines(rows: usize) -> Outcome {
    let line = "y".repeat(1 << 20);
    for _ in 0..20 {
        log::write(log::Level::Info, &line);
    }
    results::emit(&zeros(rows));
    Ok(())
}

pub fn log_without_utf8(rows: usize) -> Outcome {
    let line = unsafe { String::from_utf8_unchecked(vec![0xFF; 100]) };
    log::write(log::Level::Info, &line);
    results::emit(&zeros(rows));
    Ok(())
}

pub fn log_outside(_rows: usize) -> Outcome {
    let line = ManuallyDrop::new(unsafe { String::from_raw_parts(0xFFFF_0000usize as *mut u8, 1 << 20, 1 << 20) });
    log::write(log::Level::Info, &line);
    Ok(())
}

fn failure(message: String) -> Outcome {
    Err(Failure { kind: Kind::Internal, message, hint: None, row: None })
}

pub fn message_of_1_gib(_rows: usize) -> Outcome {
    failure(unsafe { String::from_raw_parts(1024 as *mut u8, 1 << 30, 1 << 30) })
}

pub fn message_without_utf8(_rows: usize) -> Outcome {
    failure(unsafe { String::from_utf8_unchecked(vec![0xFF; 100]) })
}

/// Would move the cursor, ring the bell and end a string of C.
pub fn message_of_controls(_rows: usize) -> Outcome {
    failure("\u{1b}[2J\u{7}\0end".to_owned())
}

pub fn huge_hint(_rows: usize) -> Outcome {
    Err(Failure {
        kind: Kind::Internal,
        message: "short".to_owned(),
        hint: Some("h".repeat(1 << 20)),
        row: Some(u32::MAX),
    })
}

/// What is given back when the host has read the message.
pub fn loop_in_post_return(_rows: usize) -> Outcome {
    failure("x".repeat(allocator::LOOPS_WHEN_FREED))
}

pub fn trap_in_post_return(_rows: usize) -> Outcome {
    failure("x".repeat(allocator::TRAPS_WHEN_FREED))
}
