//! The files of the SDKs, as they are in the repository this command was built from.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Language, ToolchainError};

/// Paths in the repository, and texts.
static CARRIED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/carried.rs"));

/// The files below a folder, which ends with a slash: paths relative to it, and texts.
pub(crate) fn files(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    CARRIED.iter().filter_map(move |(path, text)| Some((path.strip_prefix(folder)?, *text)))
}

/// Where the SDK of a language is put for the functions of a project, in its folder for what is made.
pub(crate) fn place(target: &Path, language: Language) -> PathBuf {
    target.join("sdk").join(language.as_str())
}

/// Puts the SDK of a language in its place and says where that is. What is there already and the same keeps its time.
pub(crate) fn provide(target: &Path, language: Language) -> Result<PathBuf, ToolchainError> {
    let place = place(target, language);
    for (path, text) in contents(language) {
        write(&place.join(path), &text)?;
    }
    Ok(place)
}

/// The files of the SDK of a language, contract included.
pub(crate) fn contents(language: Language) -> Vec<(String, String)> {
    let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
    let under = |folder: &'static str, into: &'static str| {
        files(folder).map(move |(path, text)| (format!("{into}{path}"), text.to_owned()))
    };
    // The layout tools look for: a package, and the packages it uses in `deps`.
    let wit = || under("wit/functions/", "wit/").chain(under("wit/columns/", "wit/deps/columns/"));
    match language {
        Language::C => files("guest-sdk/c/").map(owned).collect(),
        Language::Zig => files("guest-sdk/c/").chain(files("guest-sdk/zig/")).map(owned).collect(),
        Language::Python => files("guest-sdk/python/").map(owned).chain(wit()).collect(),
        Language::JavaScript | Language::TypeScript => files("guest-sdk/javascript/").map(owned).chain(wit()).collect(),
        Language::Rust => {
            let is_crate = |path: &str| path == "guest-sdk/Cargo.toml" || path.starts_with("guest-sdk/src/");
            let sdk = CARRIED.iter().filter(move |(path, _)| is_crate(path) || path.starts_with("guest-sdk/macros/"));
            let files = sdk.map(|(path, text)| owned((path, text))).chain(under("wit/", "wit/"));
            files.chain([("Cargo.toml".to_owned(), rust_workspace())]).collect()
        }
    }
}

/// The manifest of a workspace of the SDK alone: the repository's, without its rooms.
fn rust_workspace() -> String {
    let whole = files("Cargo.toml").next().map_or("", |(_, text)| text);
    let inherited = whole.find("[workspace.package]").map_or("", |start| &whole[start..]);
    let inherited = inherited.find("\n[profile").map_or(inherited, |end| &inherited[..end]);
    let lines = inherited.lines().filter(|line| !line.contains("path = \"host/"));
    let head = "[workspace]\nresolver = \"3\"\nmembers = [\"guest-sdk\", \"guest-sdk/macros\"]\n".lines();
    head.chain([""]).chain(lines).fold(String::new(), |text, line| text + line + "\n")
}

/// Writes a file, unless it has this content already.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), ToolchainError> {
    if fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| ToolchainError::io("write", path, error))
}
