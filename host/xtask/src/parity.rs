//! Comparing with SQLFlow: cases recorded from it, kept beside the repository.

use std::{
    collections::HashSet,
    env,
    ffi::{OsStr, OsString},
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::{
    commands::test,
    failure::{Failure, Result},
    process::Call,
    workspace::Workspace,
};

/// What the language and the steps cover so far; of these areas every case has to pass.
const AREAS: [&str; 16] = [
    "csv",
    "deps",
    "errors",
    "export",
    "if",
    "include",
    "incremental",
    "load",
    "modes",
    "parquet",
    "profile",
    "project",
    "rerun",
    "sql",
    "upsert",
    "vars",
];

/// Functions in Python, where their compiler is there. The cases have two sets of modules between them, which are built once.
const WITH_PYTHON: &str = "udf";

/// What builds them.
const PYTHON_COMPILER: &str = "componentize-py";

/// Where the cases are if nobody says otherwise.
const USUAL_PLACE: &str = "../shared/parity";

/// The folder of `check.py` and `cases`: the one asked for, or the usual one if it is there.
pub fn folder(workspace: &Workspace, asked_for: Option<&str>) -> Option<PathBuf> {
    let folder = workspace.root.join(asked_for.unwrap_or(USUAL_PLACE));
    (asked_for.is_some() || folder.join("check.py").is_file()).then_some(folder)
}

/// Runs the cases of the areas covered.
pub fn check(workspace: &Workspace, folder: &Path) -> Result<()> {
    let path = path(workspace)?;
    let mut areas = AREAS.to_vec();
    if env::split_paths(&path).any(|folder| folder.join(PYTHON_COMPILER).is_file()) {
        areas.push(WITH_PYTHON);
    } else {
        eprintln!("the area {WITH_PYTHON} is left out: no {PYTHON_COMPILER}");
    }
    let cases = select(&folder.join("cases"), &workspace.target.join("parity-cases"), &areas)?;
    test::compile_host(workspace)?;
    build_modules(workspace, &cases, &path)?;
    let check = Call::new("python3").arg(folder.join("check.py")).arg("--bin").arg(workspace.duckpen());
    check
        .arg("--cases")
        .arg(cases)
        .within(&workspace.root)
        .env("PATH", &path)
        .hint("`python3 check.py --only CASE --keep` leaves the working folder of a case")
        .run(&format!("compare with what SQLFlow does, in the areas {}", areas.join(", ")))
}

/// Where programs are looked for: where `languages` installs compilers, and then as usual.
fn path(workspace: &Workspace) -> Result<OsString> {
    let usual = env::var_os("PATH").unwrap_or_default();
    let installed = workspace.target.join("languages/venv/bin");
    env::join_paths([installed].into_iter().chain(env::split_paths(&usual)))
        .map_err(|error| Failure::new(format!("the search path cannot be made: {error}")))
}

/// Builds the functions in Python of the cases, each set of modules once, so that no case waits for it: `check.py` gives a run
/// two minutes. What is built is kept for the user, and found there the next time.
fn build_modules(workspace: &Workspace, cases: &Path, path: &OsStr) -> Result<()> {
    let mut built = HashSet::new();
    for case in fs::read_dir(cases).map_err(|error| Failure::io("list", cases, &error))?.flatten() {
        let modules = contents(&case.path().join("python_udfs"));
        if modules.is_empty() || !built.insert(modules) {
            continue;
        }
        let functions = Call::new(workspace.duckpen()).args(["functions", "--quiet", "--project"]).arg(case.path());
        functions.env("PATH", path).output_to_stderr().run("build the functions in Python of the cases, once")?;
    }
    Ok(())
}

/// The files of a folder with their names; none where it is not there.
fn contents(folder: &Path) -> Vec<(OsString, Vec<u8>)> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = files.filter_map(|file| Some((file.file_name(), fs::read(file.path()).ok()?))).collect();
    files.sort();
    files
}

/// A folder of links to the cases of the areas covered; `check.py` can only choose by a part of a name.
fn select(all: &Path, selection: &Path, areas: &[&str]) -> Result<PathBuf> {
    if selection.exists() {
        fs::remove_dir_all(selection).map_err(|error| Failure::io("remove", selection, &error))?;
    }
    fs::create_dir_all(selection).map_err(|error| Failure::io("make", selection, &error))?;
    let all = all.canonicalize().map_err(|error| Failure::io("find", all, &error))?;
    for entry in fs::read_dir(&all).map_err(|error| Failure::io("list", &all, &error))?.flatten() {
        let description = fs::read_to_string(entry.path().join("case.json")).unwrap_or_default();
        if area(&description).is_some_and(|area| areas.contains(&area)) {
            let link = selection.join(entry.file_name());
            symlink(entry.path(), &link).map_err(|error| Failure::io("link", &link, &error))?;
        }
    }
    Ok(selection.to_owned())
}

/// The area a case says it belongs to. The key stands on a line of its own in every case.
fn area(description: &str) -> Option<&str> {
    let value = description.lines().find_map(|line| line.trim().strip_prefix("\"area\":"))?;
    value.trim().trim_end_matches(',').strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::area;

    #[test]
    fn a_case_says_its_area() {
        assert_eq!(area("{\n \"area\": \"csv\",\n \"title\": \"x\"\n}"), Some("csv"));
        assert_eq!(area("{\n \"title\": \"area\"\n}"), None);
    }
}
