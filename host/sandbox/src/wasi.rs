//! Stand-ins for WASI. Components of many languages import it whether they use it or not: they get an empty environment,
//! no files, no network, a clock that stands, the same "random" numbers every time, and output that goes to the log.

use wasmtime::StoreContextMut;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceAny, ResourceType, Val};

use crate::template::{Embedder, Guest, LogLevel};
use crate::{Component, Refusal};

/// Every resource of WASI is one of these; only its number means anything.
struct Inert;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;
/// Streams that are always at their end, and things that are always ready.
const NOTHING: u32 = 0;

/// What the stand-ins remember for one guest.
#[derive(Default)]
pub(crate) struct State {
    random: u64,
    monotonic: u64,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Bytes of an unfinished line that are kept.
const LINE_BYTES: usize = 4096;

impl State {
    /// SplitMix64, from the same seed in every instance.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

type Answer = Result<Option<Val>, Refusal>;

/// Defines every import of the component whose name begins with `wasi:`.
pub(crate) fn add_to_linker<T: Embedder>(linker: &mut Linker<Guest<T>>, component: &Component) -> wasmtime::Result<()> {
    let engine = &component.engine().wasmtime;
    for (name, item) in component.wasmtime().component_type().imports(engine) {
        if !name.starts_with("wasi:") {
            continue;
        }
        if let ComponentItem::ComponentInstance(interface) = &item.ty {
            let base = name.split('@').next().unwrap_or(name).to_owned();
            let mut instance = linker.instance(name)?;
            for (member, item) in interface.exports(engine) {
                match &item.ty {
                    ComponentItem::ComponentFunc(_) => define(&mut instance, &base, member)?,
                    ComponentItem::Resource(_) => {
                        instance.resource(member, ResourceType::host::<Inert>(), |_, _| Ok(()))?;
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

fn define<T: Embedder>(instance: &mut LinkerInstance<'_, Guest<T>>, base: &str, member: &str) -> wasmtime::Result<()> {
    let path = format!("{base}.{member}");
    instance.func_new(member, move |mut store: StoreContextMut<'_, Guest<T>>, _, parameters, results| {
        store.data_mut().count_host_call()?;
        let value = match stream_of(&mut store, &path)? {
            Some(stream) => Some(stream),
            None => answer(&mut store, &path, parameters)?,
        };
        if let (Some(result), Some(value)) = (results.first_mut(), value) {
            *result = value;
        }
        Ok(())
    })
}

/// The functions that make a resource.
fn stream_of<T: Embedder>(store: &mut StoreContextMut<'_, Guest<T>>, path: &str) -> wasmtime::Result<Option<Val>> {
    let number = match path {
        "wasi:cli/stdout.get-stdout" => STDOUT,
        "wasi:cli/stderr.get-stderr" => STDERR,
        "wasi:cli/stdin.get-stdin"
        | "wasi:clocks/monotonic-clock.subscribe-instant"
        | "wasi:clocks/monotonic-clock.subscribe-duration"
        | "wasi:io/streams.[method]input-stream.subscribe"
        | "wasi:io/streams.[method]output-stream.subscribe" => NOTHING,
        _ => return Ok(None),
    };
    let resource = Resource::<Inert>::new_own(number);
    Ok(Some(Val::Resource(ResourceAny::try_from_resource(resource, store)?)))
}

fn answer<T: Embedder>(store: &mut StoreContextMut<'_, Guest<T>>, path: &str, parameters: &[Val]) -> Answer {
    let ok = |value: Option<Val>| Ok(Some(Val::Result(Ok(value.map(Box::new)))));
    Ok(Some(match path {
        "wasi:cli/environment.get-environment"
        | "wasi:cli/environment.get-arguments"
        | "wasi:filesystem/preopens.get-directories" => Val::List(Vec::new()),
        "wasi:cli/environment.initial-cwd"
        | "wasi:cli/terminal-stdin.get-terminal-stdin"
        | "wasi:cli/terminal-stdout.get-terminal-stdout"
        | "wasi:cli/terminal-stderr.get-terminal-stderr" => Val::Option(None),
        "wasi:cli/exit.exit" => return Err(Refusal::Denied("the guest ended itself (exit)".into())),
        "wasi:io/streams.[method]output-stream.check-write" => return ok(Some(Val::U64(LINE_BYTES as u64))),
        "wasi:io/streams.[method]output-stream.write"
        | "wasi:io/streams.[method]output-stream.blocking-write-and-flush" => {
            write(store, parameters)?;
            return ok(None);
        }
        "wasi:io/streams.[method]output-stream.flush" | "wasi:io/streams.[method]output-stream.blocking-flush" => {
            return ok(None);
        }
        "wasi:io/streams.[method]input-stream.read" | "wasi:io/streams.[method]input-stream.blocking-read" => {
            Val::Result(Err(Some(Box::new(Val::Variant("closed".into(), None)))))
        }
        "wasi:io/poll.poll" => match parameters {
            [Val::List(pollables)] => Val::List((0..pollables.len() as u32).map(Val::U32).collect()),
            _ => Val::List(Vec::new()),
        },
        "wasi:io/poll.[method]pollable.ready" => Val::Bool(true),
        "wasi:io/poll.[method]pollable.block" => return Ok(None),
        "wasi:io/error.[method]error.to-debug-string" => Val::String("closed".into()),
        "wasi:clocks/wall-clock.now" | "wasi:clocks/wall-clock.resolution" => {
            Val::Record(vec![("seconds".into(), Val::U64(0)), ("nanoseconds".into(), Val::U32(0))])
        }
        "wasi:clocks/monotonic-clock.now" => {
            // It has to move, or a guest that waits for a time to pass waits for ever.
            store.data_mut().wasi.monotonic += 1_000;
            Val::U64(store.data().wasi.monotonic)
        }
        "wasi:clocks/monotonic-clock.resolution" => Val::U64(1_000),
        "wasi:random/random.get-random-u64" | "wasi:random/insecure.get-insecure-random-u64" => {
            Val::U64(store.data_mut().wasi.random())
        }
        "wasi:random/insecure-seed.insecure-seed" => {
            let state = &mut store.data_mut().wasi;
            Val::Tuple(vec![Val::U64(state.random()), Val::U64(state.random())])
        }
        "wasi:random/random.get-random-bytes" | "wasi:random/insecure.get-insecure-random-bytes" => {
            random_bytes(store.data_mut(), parameters)?
        }
        _ => return Err(Refusal::Denied(format!("`{path}` is not available to a guest"))),
    }))
}

fn random_bytes<T: Embedder>(guest: &mut Guest<T>, parameters: &[Val]) -> Result<Val, Refusal> {
    const MOST: u64 = 64 << 10;
    match parameters {
        [Val::U64(length)] if *length <= MOST => {
            Ok(Val::List((0..*length).map(|_| Val::U8(guest.wasi.random() as u8)).collect()))
        }
        _ => Err(Refusal::Denied(format!("more than {MOST} random bytes at once"))),
    }
}

/// Output becomes lines of the log.
fn write<T: Embedder>(store: &mut StoreContextMut<'_, Guest<T>>, parameters: &[Val]) -> Result<(), Refusal> {
    let [Val::Resource(stream), Val::List(bytes)] = parameters else {
        return Err(Refusal::Denied("a write without a stream".into()));
    };
    let number = stream
        .try_into_resource::<Inert>(&mut *store)
        .map_err(|error| Refusal::Denied(format!("a write to something else: {error}")))?
        .rep();
    let guest = store.data_mut();
    let (buffer, level) = match number {
        STDERR => (&mut guest.wasi.stderr, LogLevel::Warn),
        _ => (&mut guest.wasi.stdout, LogLevel::Info),
    };
    let mut pending = std::mem::take(buffer);
    let mut lines = Vec::new();
    for byte in bytes {
        match byte {
            Val::U8(b'\n') => lines.push(std::mem::take(&mut pending)),
            Val::U8(byte) if pending.len() < LINE_BYTES => pending.push(*byte),
            _ => {}
        }
    }
    *buffer = pending;
    for line in lines {
        guest.log(level, &String::from_utf8_lossy(&line));
    }
    Ok(())
}
