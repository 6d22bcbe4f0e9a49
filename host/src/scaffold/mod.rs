//! What a new project, pipeline or profile begins with. The files stand in this folder as they are written, but for
//! `{{name}}`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::abort::Abort;
use crate::output::{Code, Report, unwritable};

/// A file to be written: its path and its text.
pub type NewFile = (String, String);

/// How much a new project has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A pipeline that runs, with its data.
    Runnable,
    /// Configuration and profiles only.
    Minimal,
}

/// The files of a new project.
pub fn project(name: &str, extent: Extent) -> Vec<NewFile> {
    let mut files = vec![
        ("duckpen.toml", include_str!("project/duckpen.toml")),
        ("profiles/dev.yml", include_str!("project/profiles/dev.yml")),
        ("profiles/prod.yml", include_str!("project/profiles/prod.yml")),
        (".gitignore", include_str!("project/gitignore")),
    ];
    if extent == Extent::Runnable {
        files.extend([
            ("pipelines/orders.sf", include_str!("project/pipelines/orders.sf")),
            ("data/customers.csv", include_str!("project/data/customers.csv")),
            ("data/orders.csv", include_str!("project/data/orders.csv")),
        ]);
    }
    files.into_iter().map(|(path, text)| (path.to_owned(), filled(text, name))).collect()
}

/// A pipeline that runs.
pub fn pipeline(folder: &str, name: &str) -> NewFile {
    // A table may not be called as a file may.
    let table = name.replace('-', "_");
    (format!("{folder}/{name}.sf"), filled(include_str!("pipeline.sf"), &table))
}

/// A profile with its sections.
pub fn profile(folder: &str, name: &str) -> NewFile {
    (format!("{folder}/{name}.yml"), filled(include_str!("profile.yml"), name))
}

fn filled(text: &str, name: &str) -> String {
    text.replace("{{name}}", name)
}

/// Whether something may be called so: what is a file's name everywhere, and almost a table's.
pub fn check_name(what: &str, name: &str) -> Result<(), Abort> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if fits {
        return Ok(());
    }
    let message = format!("`{name}` cannot be the name of a {what}");
    Err(Abort::rejected(Report::error(Code::Usage, message).hint("use letters, digits, `_` and `-`, a letter first")))
}

/// Writes all of the files, or none where one of them is there already.
pub fn write(folder: &Path, files: &[NewFile]) -> Result<(), Abort> {
    let existing: Vec<&str> = files
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| folder.join(path).symlink_metadata().is_ok())
        .collect();
    if !existing.is_empty() {
        let verb = if existing.len() == 1 { "exists" } else { "exist" };
        let message = format!("{} {verb} already in {}", existing.join(", "), folder.display());
        return Err(Abort::rejected(Report::error(Code::Usage, message).note("nothing was written")));
    }
    for (path, text) in files {
        let path = folder.join(path);
        write_one(&path, text).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

fn write_one(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
