//! Components made to harm whoever compiles them are refused within limits of time and memory, with the reason; the host
//! goes on.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use duckpen_database::{Database, Options};
use duckpen_sandbox::{CompileLimits, Compiler, Component, Engine, EngineOptions};
use wasm_encoder::{
    BlockType, CodeSection, CustomSection, DataSection, Function, FunctionSection, Instruction, Module, TypeSection,
    ValType,
};

const LIMITS: CompileLimits = CompileLimits {
    memory: 1 << 30,
    processor_time: Duration::from_secs(30),
    time: Duration::from_secs(60),
    code: 64 << 20,
};

fn engine(limits: CompileLimits) -> Engine {
    let compiler = Compiler::Subprocess { program: PathBuf::from(env!("CARGO_BIN_EXE_duckpen")), limits };
    Engine::new(EngineOptions { compiler, ..EngineOptions::default() }).unwrap()
}

/// A component of one core module, which nothing uses.
fn component(module: &[u8]) -> Vec<u8> {
    let mut bytes = b"\0asm\x0d\0\x01\0\x01".to_vec();
    bytes.extend(unsigned(module.len()));
    bytes.extend_from_slice(module);
    bytes
}

/// LEB128.
fn unsigned(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A module of so many functions without parameters, all with one body.
fn functions(count: u32, body: &Function) -> Vec<u8> {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for _ in 0..count {
        functions.function(0);
        code.function(body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    component(&module.finish())
}

/// A sum of many terms, each depending on the one before.
fn long_function(terms: usize) -> Function {
    let mut body = Function::new([(1, ValType::I64)]);
    for term in 0..terms {
        body.instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::I64Const(term as i64))
            .instruction(&Instruction::I64Mul)
            .instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::I64Xor)
            .instruction(&Instruction::LocalSet(0));
    }
    body.instruction(&Instruction::End);
    body
}

fn nested_blocks(depth: usize) -> Function {
    let mut body = Function::new([]);
    for _ in 0..depth {
        body.instruction(&Instruction::Block(BlockType::Empty));
    }
    for _ in 0..=depth {
        body.instruction(&Instruction::End);
    }
    body
}

/// Blocks each of which may jump to all around it.
fn branch_tables(depth: u32) -> Function {
    let mut body = Function::new([(1, ValType::I32)]);
    for _ in 0..depth {
        body.instruction(&Instruction::Block(BlockType::Empty));
    }
    for level in 0..depth {
        let targets: Vec<u32> = (0..depth - level).collect();
        body.instruction(&Instruction::LocalGet(0))
            .instruction(&Instruction::BrTable(targets.into(), 0))
            .instruction(&Instruction::End);
    }
    body.instruction(&Instruction::End);
    body
}

fn with_locals(count: u32) -> Function {
    let mut body = Function::new([(count, ValType::V128)]);
    for local in 0..count.min(50_000) {
        body.instruction(&Instruction::LocalGet(local)).instruction(&Instruction::LocalSet(count - 1 - local));
    }
    body.instruction(&Instruction::End);
    body
}

fn many_types(count: u32) -> Vec<u8> {
    let mut types = TypeSection::new();
    for number in 0..count {
        let parameters = (0..17).map(|bit| if number >> bit & 1 == 1 { ValType::I64 } else { ValType::I32 });
        types.ty().function(parameters, []);
    }
    let mut module = Module::new();
    module.section(&types);
    component(&module.finish())
}

/// Components in components.
fn nested_components(depth: usize) -> Vec<u8> {
    (0..depth).fold(b"\0asm\x0d\0\x01\0".to_vec(), |inner, _| {
        let mut outer = b"\0asm\x0d\0\x01\0\x04".to_vec();
        outer.extend(unsigned(inner.len()));
        outer.extend(inner);
        outer
    })
}

/// Bytes that stay beside the code.
fn with_data(bytes: usize) -> Vec<u8> {
    let mut data = DataSection::new();
    data.passive(vec![1; bytes]);
    let mut module = Module::new();
    module.section(&data);
    component(&module.finish())
}

/// Bytes that nobody looks at.
fn padded(bytes: usize) -> Vec<u8> {
    let mut module = Module::new();
    module.section(&CustomSection { name: "padding".into(), data: vec![0; bytes].into() });
    component(&module.finish())
}

/// Forgets the most memory this process has held.
fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The most memory this process has held since then, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// More than this process may grow by while a bomb is refused.
const GROWTH: u64 = 16 << 20;

struct Bomb {
    what: &'static str,
    bytes: fn() -> Vec<u8>,
    limits: CompileLimits,
    /// What is said behind "component `bomb` "; nothing where it does no harm.
    refusal: &'static str,
}

/// One that is refused by what it is.
const fn refused(what: &'static str, bytes: fn() -> Vec<u8>, refusal: &'static str) -> Bomb {
    Bomb { what, bytes, limits: LIMITS, refusal }
}

/// One that takes longer than it may.
const fn slow(what: &'static str, bytes: fn() -> Vec<u8>) -> Bomb {
    let limits = CompileLimits { processor_time: Duration::from_secs(1), ..LIMITS };
    Bomb { what, bytes, limits, refusal: "cannot be compiled: that took more than 1 s of processor time" }
}

const BOMBS: &[Bomb] = &[
    refused(
        "a function of 12 MB",
        || functions(1, &long_function(1_000_000)),
        "cannot be compiled: failed to parse WebAssembly module: function body size count exceeds limit of 7654321 (at \
         offset 0x29)",
    ),
    slow("a function of 6 MB", || functions(1, &long_function(500_000))),
    slow("many long functions", || functions(200, &long_function(5_000))),
    slow("a module of 108 MB", || functions(20_000, &long_function(500))),
    slow("blocks that jump to all around them", || functions(1, &branch_tables(2_000))),
    slow("100,000 types", || many_types(100_000)),
    Bomb {
        limits: CompileLimits { memory: 512 << 20, ..LIMITS },
        ..refused(
            "2,500,000 blocks in each other",
            || functions(1, &nested_blocks(2_500_000)),
            "cannot be compiled: that takes more than 512.0 MiB of memory",
        )
    },
    slow("50,000 locals a function", || functions(100, &with_locals(50_000))),
    refused(
        "50,000,000 locals",
        || functions(1, &with_locals(50_000_000)),
        "cannot be compiled: failed to compile: wasm[0]::function[0]: WebAssembly translation error: Invalid input \
         WebAssembly code at offset 39: too many locals: locals exceed maximum",
    ),
    refused(
        "1,000,001 types",
        || many_types(1_000_001),
        "cannot be compiled: failed to parse WebAssembly module: types count exceeds limit of 1000000 (at offset 0x1a)",
    ),
    refused("1,000 components in each other", || nested_components(1_000), ""),
    refused("120 MiB that nobody looks at", || padded(120 << 20), ""),
    refused(
        "129 MiB that nobody looks at",
        || padded(129 << 20),
        "has 135266338 bytes; at most 134217728 are accepted",
    ),
    Bomb {
        limits: CompileLimits { code: 64 << 10, ..LIMITS },
        ..refused(
            "code larger than it may be",
            || with_data(1 << 20),
            "cannot be compiled: its compiled code is larger than 65536 bytes",
        )
    },
    Bomb {
        limits: CompileLimits { time: Duration::from_secs(1), ..LIMITS },
        ..refused(
            "whatever takes long in another way",
            || functions(1, &branch_tables(2_000)),
            "cannot be compiled: that took more than 1 s",
        )
    },
];

#[test]
fn what_harms_a_compiler_is_refused_and_the_host_goes_on() {
    for Bomb { what, bytes, limits, refusal } in BOMBS {
        let bytes = bytes();
        let engine = engine(*limits);
        reset_peak();
        let before = peak();
        let started = Instant::now();
        let loaded = Component::load(&engine, "bomb", &bytes);
        let elapsed = started.elapsed();
        let growth = peak() - before;
        let said = loaded.err().map(|error| error.to_string());
        let expected = (!refusal.is_empty()).then(|| format!("component `bomb` {refusal}"));
        assert_eq!(said, expected, "{what}");
        // Two cores share what is counted of processor time, and other tests the cores.
        assert!(elapsed < limits.time + Duration::from_secs(2), "{what}: {elapsed:?}");
        assert!(growth < GROWTH, "{what}: {growth} bytes more at the most");
        Component::load(&engine, "innocent", &functions(1, &long_function(1))).expect(what);
    }
}

#[test]
fn a_compiler_that_cannot_be_started_is_told() {
    let compiler = Compiler::Subprocess { program: PathBuf::from("/nowhere/duckpen"), limits: LIMITS };
    let engine = Engine::new(EngineOptions { compiler, ..EngineOptions::default() }).unwrap();
    let error = Component::load(&engine, "lost", &functions(1, &long_function(1))).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "component `lost` cannot be compiled: the compiler cannot be started: No such file or directory (os error 2)"
    );
}

#[test]
fn the_compiler_inherits_no_handle_of_the_database() {
    const CLOSED_ON_EXECUTION: u32 = 0o2_000_000;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().canonicalize().unwrap().join("ours.db");
    let database = Database::open(Options::file(file.clone())).unwrap();
    let _session = database.connect().unwrap();
    let mut found = 0;
    for entry in fs::read_dir("/proc/self/fd").unwrap() {
        let entry = entry.unwrap();
        if fs::read_link(entry.path()).is_ok_and(|link| link.starts_with(folder.path())) {
            let about = fs::read_to_string(format!("/proc/self/fdinfo/{}", entry.file_name().display())).unwrap();
            let flags = about.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
            let flags = u32::from_str_radix(flags.trim(), 8).unwrap();
            assert_ne!(flags & CLOSED_ON_EXECUTION, 0, "{about}");
            found += 1;
        }
    }
    assert!(found > 0, "the database has no file open");
}
