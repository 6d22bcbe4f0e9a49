//! Components that are no use are refused when they are loaded, by a message that says what is wrong with them.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use duckpen_functions::Library;
use duckpen_sandbox::Limits;
use support::{engine, guest};

/// What the host says of a component that it does not take.
fn refusal(bytes: &[u8]) -> String {
    match Library::load(&engine(), "odd", bytes, &Limits::functions()) {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_no_component_is_refused() {
    let module = guest("duckpen_types");
    let noise: Vec<u8> = (0..1000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (what, bytes, message) in [
        ("nothing", &[][..], "`odd` is not a WebAssembly component: the file does not begin like one"),
        ("text", b"fn main() {}", "`odd` is not a WebAssembly component: the file does not begin like one"),
        ("noise", &noise, "`odd` is not a WebAssembly component: the file does not begin like one"),
        (
            "half a module",
            &module[..module.len() / 2],
            "`odd` is not a WebAssembly component: a module that is not valid",
        ),
        ("a component's beginning", b"\0asm\x0d\0\x01\0\x01\xff", "component `odd` cannot be compiled: "),
        (
            "an empty component",
            b"\0asm\x0d\0\x01\0",
            "component `odd` does not fit the contract: it exports no functions",
        ),
        ("an empty module", b"\0asm\x01\0\0\0", "`odd`"),
    ] {
        let refusal = refusal(bytes);
        assert!(refusal.contains(message), "{what}: {refusal}");
    }
}

#[test]
fn an_import_that_is_not_granted_is_refused_by_name() {
    assert_eq!(
        refusal(&guest("evil_import")),
        "component `odd` imports evil:net/sockets@0.1.0, which it is not granted"
    );
}

#[test]
fn a_component_of_another_version_of_the_contract_is_refused() {
    assert_eq!(
        refusal(&replaced(&guest("duckpen_types"), b"@0.1.0", b"@9.9.9")),
        "component `odd` was built for `duckpen:functions/scalar@9.9.9`; this host speaks \
         `duckpen:functions/scalar@0.1.0`"
    );
}

#[test]
fn a_component_that_does_not_describe_itself_is_stopped() {
    let bytes = guest("evil_describe_loop");
    let started = Instant::now();
    assert_eq!(
        refusal(&bytes),
        "component `odd` was stopped in `describe`: fuel limit reached: used 100,000,000 of 100,000,000 in one call"
    );
    // Compiling it included.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

fn replaced(bytes: &[u8], from: &[u8; 6], to: &[u8; 6]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, part)| part == from).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}
