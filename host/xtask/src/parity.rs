//! Comparing with SQLFlow: cases recorded from it, kept beside the repository.

use std::{
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

/// Where the cases are if nobody says otherwise.
const USUAL_PLACE: &str = "../shared/parity";

/// The folder of `check.py` and `cases`: the one asked for, or the usual one if it is there.
pub fn folder(workspace: &Workspace, asked_for: Option<&str>) -> Option<PathBuf> {
    let folder = workspace.root.join(asked_for.unwrap_or(USUAL_PLACE));
    (asked_for.is_some() || folder.join("check.py").is_file()).then_some(folder)
}

/// Runs the cases of the areas covered.
pub fn check(workspace: &Workspace, folder: &Path) -> Result<()> {
    let cases = select(&folder.join("cases"), &workspace.target.join("parity-cases"))?;
    test::compile_host(workspace)?;
    let check = Call::new("python3").arg(folder.join("check.py")).arg("--bin").arg(workspace.duckpen());
    check
        .arg("--cases")
        .arg(cases)
        .within(&workspace.root)
        .hint("`python3 check.py --only CASE --keep` leaves the working folder of a case")
        .run(&format!("compare with what SQLFlow does, in the areas {}", AREAS.join(", ")))
}

/// A folder of links to the cases of the areas covered; `check.py` can only choose by a part of a name.
fn select(all: &Path, selection: &Path) -> Result<PathBuf> {
    if selection.exists() {
        fs::remove_dir_all(selection).map_err(|error| Failure::io("remove", selection, &error))?;
    }
    fs::create_dir_all(selection).map_err(|error| Failure::io("make", selection, &error))?;
    let all = all.canonicalize().map_err(|error| Failure::io("find", all, &error))?;
    for entry in fs::read_dir(&all).map_err(|error| Failure::io("list", &all, &error))?.flatten() {
        let description = fs::read_to_string(entry.path().join("case.json")).unwrap_or_default();
        if area(&description).is_some_and(|area| AREAS.contains(&area)) {
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
