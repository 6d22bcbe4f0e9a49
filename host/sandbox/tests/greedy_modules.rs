//! What only a module made by hand can want: too many memories, tables and instances, memory and table instructions
//! without end. Each is stopped when its instance is made, by the limit that is for it.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use duckpen_sandbox::{
    Component, Embedder, Engine, EngineOptions, LimitKind, Limits, LogLevel, NoMeter, Stopped, Template,
};
use wasm_encoder::{
    BlockType, CodeSection, ElementSection, Elements, Function, FunctionSection, HeapType, Instruction, MemorySection,
    MemoryType, Module, RefType, StartSection, TableSection, TableType, TypeSection,
};

struct Nobody;

impl Embedder for Nobody {
    fn log(&mut self, _: LogLevel, _: &str) {}
}

/// A module whose start function does this, over and over or once.
struct Greedy {
    /// Pages at first of each memory.
    memories: Vec<u64>,
    /// Elements at first of each table.
    tables: Vec<u64>,
    start: Vec<Instruction<'static>>,
}

impl Greedy {
    fn module(&self) -> Vec<u8> {
        let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
        types.ty().function([], []);
        functions.function(0);
        let mut tables = TableSection::new();
        for minimum in &self.tables {
            let element_type = RefType::FUNCREF;
            tables.table(TableType { element_type, minimum: *minimum, maximum: None, table64: false, shared: false });
        }
        let mut memories = MemorySection::new();
        for minimum in &self.memories {
            let (memory64, shared) = (false, false);
            memories.memory(MemoryType { minimum: *minimum, maximum: None, memory64, shared, page_size_log2: None });
        }
        let mut elements = ElementSection::new();
        elements.declared(Elements::Functions([0].as_slice().into()));
        let mut body = Function::new([]);
        self.start.iter().for_each(|instruction| {
            body.instruction(instruction);
        });
        body.instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&tables).section(&memories);
        module.section(&StartSection { function_index: 0 }).section(&elements).section(&code);
        module.finish()
    }
}

/// A component of one module and so many instances of it.
fn component(module: &[u8], instances: usize) -> Vec<u8> {
    let section = |id: u8, content: &[u8]| [&[id][..], &unsigned(content.len()), content].concat();
    let instantiation = [0, 0, 0].repeat(instances);
    [b"\0asm\x0d\0\x01\0".to_vec(), section(1, module), section(2, &[unsigned(instances), instantiation].concat())]
        .concat()
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

fn forever(mut body: Vec<Instruction<'static>>) -> Vec<Instruction<'static>> {
    body.insert(0, Instruction::Loop(BlockType::Empty));
    body.extend([Instruction::Br(0), Instruction::End]);
    body
}

/// Crashes where the number on the stack is -1, as that of a growth that was refused.
fn crash_if_refused(mut body: Vec<Instruction<'static>>) -> Vec<Instruction<'static>> {
    body.extend([
        Instruction::I32Const(-1),
        Instruction::I32Eq,
        Instruction::If(BlockType::Empty),
        Instruction::Unreachable,
        Instruction::End,
    ]);
    body
}

struct Case {
    what: &'static str,
    module: Greedy,
    instances: usize,
    stopped_by: LimitKind,
}

fn case(what: &'static str, stopped_by: LimitKind, memories: &[u64], tables: &[u64]) -> Case {
    let module = Greedy { memories: memories.to_vec(), tables: tables.to_vec(), start: Vec::new() };
    Case { what, module, instances: 1, stopped_by }
}

fn running(what: &'static str, stopped_by: LimitKind, start: Vec<Instruction<'static>>) -> Case {
    Case { what, module: Greedy { memories: vec![100], tables: vec![100], start }, instances: 1, stopped_by }
}

fn cases() -> Vec<Case> {
    use Instruction::{Drop, I32Const, MemoryCopy, MemoryFill, MemoryGrow, RefNull, TableCopy, TableFill, TableGrow};
    let null = || RefNull(HeapType::Abstract { shared: false, ty: wasm_encoder::AbstractHeapType::Func });
    vec![
        case("a memory of 4 GiB", LimitKind::Memory, &[65_536], &[]),
        case("a memory one page too large", LimitKind::Memory, &[161], &[]),
        Case { instances: 3, ..case("memories that are too large together", LimitKind::Memory, &[60], &[]) },
        case("a table that is too large", LimitKind::TableElements, &[], &[20_000]),
        Case { instances: 3, ..case("tables that are too large together", LimitKind::TableElements, &[], &[400]) },
        Case { instances: 9, ..case("too many instances", LimitKind::Instances, &[], &[]) },
        running(
            "a memory filled without end",
            LimitKind::Time,
            forever(vec![I32Const(0), I32Const(1), I32Const(6 << 20), MemoryFill(0)]),
        ),
        running(
            "a memory copied without end",
            LimitKind::Time,
            forever(vec![I32Const(0), I32Const(3 << 20), I32Const(3 << 20), MemoryCopy { src_mem: 0, dst_mem: 0 }]),
        ),
        running(
            "a table filled without end",
            LimitKind::Fuel,
            forever(vec![I32Const(0), null(), I32Const(100), TableFill(0)]),
        ),
        running(
            "a table copied without end",
            LimitKind::Fuel,
            forever(vec![I32Const(0), I32Const(0), I32Const(100), TableCopy { src_table: 0, dst_table: 0 }]),
        ),
        running(
            "a table that grows",
            LimitKind::TableElements,
            forever(crash_if_refused(vec![null(), I32Const(100), TableGrow(0)])),
        ),
        running(
            "a memory that grows by too much at once",
            LimitKind::Memory,
            crash_if_refused(vec![I32Const(1_000), MemoryGrow(0)]),
        ),
        running(
            "a memory that grows and is refused without end",
            LimitKind::Fuel,
            forever(vec![I32Const(-1), MemoryGrow(0), Drop]),
        ),
    ]
}

#[test]
fn each_is_stopped_by_the_limit_that_is_for_it() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let limits = Limits {
        fuel: 200_000,
        memory: 10 << 20,
        time: Duration::from_millis(100),
        table_elements: 1_000,
        instances: 8,
        ..Limits::functions()
    };
    for Case { what, module, instances, stopped_by } in cases() {
        // What one unit of fuel moves is much: there time is the guard.
        let fuel = if stopped_by == LimitKind::Time { u64::MAX / 2 } else { limits.fuel };
        let component = match Component::load(&engine, "greedy", &component(&module.module(), instances)) {
            Ok(component) => component,
            Err(error) => panic!("{what}: {error}"),
        };
        let template = Template::new(&component, Limits { fuel, ..limits.clone() }, &[], |_| Ok(())).unwrap();
        let started = Instant::now();
        let stopped = template.instantiate(Nobody, Arc::new(NoMeter)).map(|_| ());
        let Err(Stopped::Limit(exceeded)) = stopped else { panic!("{what}: {stopped:?}") };
        assert_eq!(exceeded.kind, stopped_by, "{what}");
        assert!(started.elapsed() < Duration::from_secs(2), "{what}: {:?}", started.elapsed());
    }
}

#[test]
fn what_no_place_could_hold_is_refused_when_it_is_loaded() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    for (what, memories, tables, reason) in [
        (
            "a table of 10 million elements",
            &[][..],
            &[9_999_999][..],
            "table index 0 has a minimum element size of 9999999",
        ),
        ("five memories", &[1; 5], &[], "memories"),
        ("17 tables", &[], &[1; 17], "tables"),
        ("100 memories", &[1; 100], &[], "memories"),
    ] {
        let module = Greedy { memories: memories.to_vec(), tables: tables.to_vec(), start: Vec::new() };
        let refusal = Component::load(&engine, "greedy", &component(&module.module(), 1)).map(|_| ()).unwrap_err();
        let refusal = refusal.to_string();
        assert!(refusal.starts_with("component `greedy` cannot be compiled: "), "{what}: {refusal}");
        assert!(refusal.contains(reason), "{what}: {refusal}");
    }
}
