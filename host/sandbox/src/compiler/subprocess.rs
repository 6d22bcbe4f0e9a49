//! The host's side of a compilation in a process of its own.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::work::CompileFailure;
use super::{CompileLimits, Ended, NOT_A_COMPONENT, NOT_COMPILED, Order};
use crate::engine::Metering;

/// How often a process that has said all it has to say is looked at, until it is gone.
const GLANCE: Duration = Duration::from_millis(1);

/// Bytes of messages that are read.
const MESSAGE_BYTES: u64 = 16 << 10;

/// Compiles `bytes` in a process, which is gone when this returns.
pub(super) fn compile(
    program: &Path,
    limits: &CompileLimits,
    metering: Metering,
    bytes: &[u8],
) -> Result<Vec<u8>, CompileFailure> {
    let until = Instant::now() + limits.time;
    let mut child = start(program, &Order::new(metering, limits))
        .map_err(|error| CompileFailure::Compile(format!("the compiler cannot be started: {error}")))?;
    let output = exchange(&mut child, bytes, limits, until);
    let status = end(&mut child, until);
    let output = output.map_err(|error| match error {
        Unread::Ended(ended) => CompileFailure::Compile(ended.to_string()),
        Unread::Failed(error) => CompileFailure::Compile(format!("the compiler cannot be heard: {error}")),
    })?;
    let status = status.map_err(|error| CompileFailure::Compile(format!("the compiler does not end: {error}")))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(MESSAGE_BYTES as usize)]).into_owned();
    match status.code() {
        Some(0) => Ok(output.code),
        Some(code) if code == i32::from(NOT_A_COMPONENT) => Err(CompileFailure::NotAComponent(said(&output.code))),
        Some(code) if code == i32::from(NOT_COMPILED) => Err(CompileFailure::Compile(said(&output.code))),
        _ => Err(CompileFailure::Compile(match reason(status, &said(&output.messages), limits) {
            Some(ended) => ended.to_string(),
            None => format!("the compiler crashed ({status})"),
        })),
    }
}

fn start(program: &Path, order: &Order) -> io::Result<Child> {
    Command::new(program)
        .args(order.words())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

struct Output {
    code: Vec<u8>,
    messages: Vec<u8>,
}

enum Unread {
    Ended(Ended),
    Failed(io::Error),
}

/// Writes the component and reads what comes back. The process is killed where that is too late or too much.
fn exchange(child: &mut Child, bytes: &[u8], limits: &CompileLimits, until: Instant) -> Result<Output, Unread> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        // The process reads to the end before it answers. One that ends before shows why by its status.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(bytes)));
        let messages = scope.spawn(move || read(stderr, MESSAGE_BYTES));
        let (sender, answer) = mpsc::channel();
        // One byte more than is accepted, to see whether there is more.
        scope.spawn(move || sender.send(read(stdout, limits.code.saturating_add(1))));
        let code = match answer.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Ok(code)) if code.len() as u64 > limits.code => Err(Unread::Ended(Ended::Code(limits.code))),
            Ok(Ok(code)) => Ok(code),
            Ok(Err(error)) => Err(Unread::Failed(error)),
            Err(_) => Err(Unread::Ended(Ended::Time(limits.time))),
        };
        if code.is_err() {
            // The threads that read and write end with it.
            let _ = child.kill();
        }
        let messages = messages.join().unwrap_or_else(|_| Ok(Vec::new())).unwrap_or_default();
        Ok(Output { code: code?, messages })
    })
}

fn read(source: Option<impl Read>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(source) = source {
        source.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Waits for a process that has closed its output, and kills it where it takes longer than it may.
fn end(child: &mut Child, until: Instant) -> io::Result<ExitStatus> {
    while Instant::now() < until {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(GLANCE);
    }
    child.kill()?;
    child.wait()
}

/// Which limit ended a process. Neither the allocator nor the guard of a stack can say it otherwise than in words.
fn reason(status: ExitStatus, messages: &str, limits: &CompileLimits) -> Option<Ended> {
    const OUT_OF_MEMORY: [&str; 3] =
        ["memory allocation of", "Cannot allocate memory", "Resource temporarily unavailable"];
    if signal(status) == Some(rustix::process::Signal::XCPU.as_raw()) {
        return Some(Ended::ProcessorTime(limits.processor_time));
    }
    if messages.contains("has overflowed its stack") {
        return Some(Ended::Stack);
    }
    OUT_OF_MEMORY.iter().any(|words| messages.contains(words)).then_some(Ended::Memory(limits.memory))
}

fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.signal()
}
