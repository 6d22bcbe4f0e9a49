//! What stands for numpy and pandas in components of Python gives what these gave, which was written down.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::process::Command;

#[test]
fn what_stands_for_numpy_and_pandas_gives_what_they_give() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_stand_ins/check.py");
    // Nothing is left beside the SDK's files, which are carried into the command.
    let checked = Command::new("python3").arg("-B").arg(script).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success() && said.contains(" expressions, 0 with other results"), "{said}{checked:?}");
}
