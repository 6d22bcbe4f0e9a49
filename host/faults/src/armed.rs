//! What the environment arms. A point can only be armed before the first one is reached.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::{Injected, Point};

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The process ends at once and cleans nothing up.
    Kill,
    /// The call fails.
    Fail,
}

struct Armed {
    name: String,
    fault: Fault,
    /// The fault happens the time the count comes to zero.
    countdown: AtomicU32,
}

struct Settings {
    armed: Option<Armed>,
    trace: Option<Mutex<std::fs::File>>,
}

pub(crate) fn reach(point: Point) -> Result<(), Injected> {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let settings = SETTINGS.get_or_init(read);
    if let Some(trace) = &settings.trace {
        // A trace that cannot be written is missed by the test that reads it.
        let _ = writeln!(trace.lock().unwrap_or_else(PoisonError::into_inner), "{}", point.name());
    }
    match &settings.armed {
        Some(armed) if armed.name == point.name() && armed.countdown.fetch_sub(1, Ordering::SeqCst) == 1 => {
            match armed.fault {
                Fault::Kill => std::process::abort(),
                Fault::Fail => Err(Injected(point)),
            }
        }
        _ => Ok(()),
    }
}

fn read() -> Settings {
    let armed = std::env::var("DUCKPEN_FAULT").ok().and_then(|text| parse(&text));
    let trace = std::env::var_os("DUCKPEN_FAULT_TRACE").and_then(|path| {
        let file = OpenOptions::new().create(true).append(true).open(path);
        file.ok().map(Mutex::new)
    });
    Settings { armed, trace }
}

/// `name=kill`, `name=fail`, `name=kill@3`.
fn parse(text: &str) -> Option<Armed> {
    let (name, fault) = text.split_once('=')?;
    let (fault, count) = fault.split_once('@').unwrap_or((fault, "1"));
    let fault = match fault {
        "kill" => Fault::Kill,
        "fail" => Fault::Fail,
        _ => return None,
    };
    Some(Armed { name: name.to_owned(), fault, countdown: AtomicU32::new(count.parse().ok()?) })
}
