use std::fs;
use std::path::{Path, PathBuf};

use crate::fingerprint::{self, Fingerprint};
use crate::languages::{c, javascript, python, rust, typescript, zig};
use crate::manifest::Manifest;
use crate::{Language, ToolchainError, sdk};

/// How a build ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// It was compiled; bytes of the component.
    Compiled(u64),
    /// Nothing has changed since it was.
    UpToDate,
}

/// What the build of one component works with.
pub(crate) struct Job<'a> {
    /// What is built.
    pub(crate) manifest: &'a Manifest,
    /// The SDK of its language.
    pub(crate) sdk: PathBuf,
    /// A folder for what is made on the way.
    pub(crate) work: PathBuf,
}

/// Makes a component, `functions/NAME.wasm` or `connectors/NAME.wasm`, unless the one that is there was made of the same
/// sources with the same SDK. What is made on the way goes to the folder `target` of the project.
///
/// # Errors
/// When a compiler is not there or does not take the source, or a file cannot be read or written.
pub fn build(project: &Path, target: &str, manifest: &Manifest) -> Result<Built, ToolchainError> {
    // Compilers are called in folders of their own.
    let project = &std::path::absolute(project).map_err(|error| ToolchainError::io("find", project, error))?;
    let place = manifest.kind.folder();
    let manifest = &Manifest { folder: project.join(place).join(&manifest.name), ..manifest.clone() };
    let component = manifest.component();
    let target = &project.join(target);
    let work = target.join(place).join(&manifest.name);
    let stamp = work.join("built-from");
    let sources = sources(manifest)?;
    if is_up_to_date(&stamp, &sources, &component) {
        return Ok(Built::UpToDate);
    }
    let sdk = sdk::provide(target, manifest.language)?;
    fs::create_dir_all(&work).map_err(|error| ToolchainError::io("make", &work, error))?;
    let job = Job { manifest, sdk, work };
    let bytes = match manifest.language {
        Language::Rust => rust::build(&job),
        Language::C => c::build(&job),
        Language::Zig => zig::build(&job),
        Language::Python => python::build(&job),
        Language::JavaScript => javascript::build(&job),
        Language::TypeScript => typescript::build(&job),
    }?;
    // Whoever loads it meanwhile sees the old one or the new one.
    let part = component.with_extension("wasm.part");
    fs::write(&part, &bytes)
        .and_then(|()| fs::rename(&part, &component))
        .map_err(|error| ToolchainError::io("write", &component, error))?;
    sdk::write(&stamp, &stamp_text(&sources, &bytes))?;
    Ok(Built::Compiled(bytes.len() as u64))
}

fn sources(manifest: &Manifest) -> Result<String, ToolchainError> {
    let mut fingerprint = Fingerprint::default();
    for (path, text) in sdk::contents(manifest.language) {
        fingerprint.include(&path, text.as_bytes());
    }
    fingerprint.include_folder(&manifest.folder)?;
    Ok(fingerprint.finish())
}

fn is_up_to_date(stamp: &Path, sources: &str, component: &Path) -> bool {
    let Ok(bytes) = fs::read(component) else { return false };
    fs::read_to_string(stamp).is_ok_and(|text| text == stamp_text(sources, &bytes))
}

fn stamp_text(sources: &str, component: &[u8]) -> String {
    format!("sources {sources}\ncomponent {}\n", fingerprint::of(component))
}
