//! What isolation costs where no query is: calls, instances, loading, stopping. The zero is bare wasmtime with the same
//! component: pooled, without limits, without measurements.

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use duckpen_benches::contract::{answer, exports::duckpen::functions::scalar};
use duckpen_benches::{guest, metered_engine};
use duckpen_functions::GRANTED_INTERFACES;
use duckpen_sandbox::{
    Cache, Component, Embedder, Engine, EngineOptions, Instance, Limits, LogLevel, NoMeter, Stopped, Template,
};
use wasmtime::component::{InstancePre, Linker, ResourceAny};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

struct Nobody;

impl Embedder for Nobody {
    fn log(&mut self, _: LogLevel, _: &str) {}
}

/// A component in the sandbox.
fn template(engine: &Engine, name: &str, limits: Limits) -> Template<Nobody> {
    let component = Component::load(engine, name, &guest(name)).expect("it is loaded");
    Template::new(&component, limits, GRANTED_INTERFACES, answer).expect("its imports are granted")
}

fn instantiate(template: &Template<Nobody>) -> Instance<Nobody> {
    template.instantiate(Nobody, Arc::new(NoMeter)).expect("it is made")
}

fn interface(instance: &mut Instance<Nobody>) -> scalar::Guest {
    instance.inspect(|store, instance| {
        let indices = scalar::GuestIndices::new(&instance.instance_pre(&*store)).expect("it exports functions");
        indices.load(store, instance).expect("it exports functions")
    })
}

/// Opens a function for a call site without arguments.
fn open(instance: &mut Instance<Nobody>, functions: &scalar::Guest, index: u32) -> ResourceAny {
    let opened = instance.call("open", Result::is_err, |store, _| functions.call_open(store, index, NO_ARGUMENTS));
    opened.expect("it is opened").expect("it is opened")
}

const NO_ARGUMENTS: scalar::CallSite<'static> = scalar::CallSite { argument_types: &[], constants: &[] };

/// The same component in bare wasmtime.
fn bare(name: &str) -> InstancePre<()> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::default()));
    let engine = wasmtime::Engine::new(&config).expect("this machine runs WebAssembly");
    let module = guest(name);
    let component = wit_component::ComponentEncoder::default().module(&module).and_then(|mut encoder| encoder.encode());
    let component = component.expect("it carries its contract");
    let component = wasmtime::component::Component::new(&engine, component).expect("it is compiled");
    let mut linker = Linker::new(&engine);
    answer(&mut linker).expect("its imports are answered");
    linker.instantiate_pre(&component).expect("all imports are answered")
}

fn bare_instance(pre: &InstancePre<()>) -> (Store<()>, wasmtime::component::Instance) {
    let mut store = Store::new(pre.engine(), ());
    let instance = pre.instantiate(&mut store).expect("it is made");
    (store, instance)
}

fn bare_open(pre: &InstancePre<()>, index: u32) -> (Store<()>, scalar::Guest, ResourceAny) {
    let (mut store, instance) = bare_instance(pre);
    let indices = scalar::GuestIndices::new(pre).expect("it exports functions");
    let functions = indices.load(&mut store, &instance).expect("it exports functions");
    let opened = functions.call_open(&mut store, index, NO_ARGUMENTS).expect("it is opened").expect("it is opened");
    (store, functions, opened)
}

/// The number of a function of a component.
fn index_of(template: &Template<Nobody>, name: &str) -> u32 {
    let mut instance = instantiate(template);
    let functions = interface(&mut instance);
    let declared = instance.call("describe", |_| false, |store, _| functions.call_describe(store)).expect("it returns");
    declared.iter().position(|function| function.name == name).expect("it is declared") as u32
}

/// A function that returns at once.
const IDLE: &str = "no_emit";

fn calls(criterion: &mut Criterion) {
    let template = template(&metered_engine(), "duckpen_evil", Limits::functions());
    let idle = index_of(&template, IDLE);
    let mut group = criterion.benchmark_group("call");
    let mut instance = instantiate(&template);
    let functions = interface(&mut instance);
    let evaluator = open(&mut instance, &functions, idle);
    group.bench_function("sandbox", |bencher| {
        bencher.iter(|| {
            instance.call("evaluate", Result::is_err, |store, _| {
                functions.evaluator().call_evaluate(store, evaluator, &[], 0)
            })
        });
    });
    let (mut store, functions, evaluator) = bare_open(&bare("duckpen_evil"), idle);
    group.bench_function("bare", |bencher| {
        bencher.iter(|| functions.evaluator().call_evaluate(&mut store, evaluator, &[], 0));
    });
    group.finish();
}

fn instances(criterion: &mut Criterion) {
    let template = template(&metered_engine(), "web_orders_text", Limits::functions());
    let affine = index_of(&template, "affine");
    let bare = bare("web_orders_text");
    let mut group = criterion.benchmark_group("instance");
    group.bench_function("sandbox", |bencher| bencher.iter(|| instantiate(&template)));
    group.bench_function("bare", |bencher| bencher.iter(|| bare_instance(&bare)));
    group.bench_function("sandbox_opened", |bencher| {
        bencher.iter(|| {
            let mut instance = instantiate(&template);
            let functions = interface(&mut instance);
            open(&mut instance, &functions, affine);
            instance
        });
    });
    group.bench_function("bare_opened", |bencher| bencher.iter(|| bare_open(&bare, affine)));
    group.finish();
}

/// The largest component of functions there is here.
fn loading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::open(folder.path()).expect("a cache");
    let engine = Engine::new(EngineOptions { cache: Some(cache), ..EngineOptions::default() }).expect("an engine");
    let bytes = guest("duckpen_types");
    let load = || Component::load(&engine, "types", &bytes).expect("it is loaded");
    // Compiles it; what is measured then comes from the cache.
    load();
    criterion.benchmark_group("load").bench_function("cached", |bencher| bencher.iter(load));
}

/// How long a loop goes on after its time is over.
fn stopping(criterion: &mut Criterion) {
    const TIME: Duration = Duration::from_millis(50);
    let limits = Limits { fuel: u64::MAX / 2, time: TIME, ..Limits::functions() };
    let template = template(&metered_engine(), "duckpen_evil", limits);
    let endless = index_of(&template, "loop_forever");
    let overtime = || {
        let mut instance = instantiate(&template);
        let functions = interface(&mut instance);
        let evaluator = open(&mut instance, &functions, endless);
        let started = Instant::now();
        let stopped = instance
            .call("evaluate", Result::is_err, |store, _| functions.evaluator().call_evaluate(store, evaluator, &[], 0));
        assert!(matches!(stopped, Err(Stopped::Limit(_))));
        started.elapsed().saturating_sub(TIME)
    };
    criterion
        .benchmark_group("stop")
        .bench_function("loop", |bencher| bencher.iter_custom(|times| (0..times).map(|_| overtime()).sum()));
}

criterion_group! {
    name = sandbox;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .without_plots();
    targets = calls, instances, loading
}
criterion_group! {
    name = stop;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(500))
        .without_plots();
    targets = stopping
}
criterion_main!(sandbox, stop);
