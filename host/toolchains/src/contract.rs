//! The contract a core module carries with it, for compilers that know nothing of components.

use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::{ToolchainError, sdk};

/// The world of the SDKs that are not Rust's.
pub(crate) const WORLD: &str = "functions";

/// The module with the contract in a custom section. The host makes a component of it when it is loaded.
pub(crate) fn embed(mut module: Vec<u8>) -> Result<Vec<u8>, ToolchainError> {
    let wrong = |error: String| ToolchainError::Contract { reason: error };
    let mut resolve = Resolve::default();
    let mut package = None;
    // What is used comes before what uses it.
    for folder in ["wit/columns/", "wit/functions/"] {
        for (path, text) in sdk::files(folder) {
            package = Some(resolve.push_str(path, text).map_err(|error| wrong(format!("{error:#}")))?);
        }
    }
    let package = package.ok_or_else(|| wrong("it is not here".to_owned()))?;
    let world = resolve.select_world(&[package], Some(WORLD)).map_err(|error| wrong(format!("{error:#}")))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| wrong(format!("{error:#}")))?;
    Ok(module)
}
