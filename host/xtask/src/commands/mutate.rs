//! `mutate`: takes the guards between guests and the host away, one after the other, and looks whether a test notices.
//!
//! In a copy of the sources: nothing of the working tree is touched. The copy shares the target folder, so that of the
//! dependencies nothing is built again.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    commands::{setup, test},
    failure::{Failure, Result},
    mutations::{MUTATIONS, Mutation},
    process::{Call, Ended},
    workspace::Workspace,
};

/// How long tests may take without the guard. Without some a guest never ends.
const PATIENCE: Duration = Duration::from_secs(240);

/// What became of a mutation.
enum Verdict {
    Noticed(Ended),
    NotNoticed,
}

pub fn run(workspace: &Workspace, guard: Option<&str>) -> Result<()> {
    let chosen: Vec<&Mutation> = MUTATIONS.iter().filter(|m| guard.is_none_or(|guard| m.guard == guard)).collect();
    if chosen.is_empty() {
        let known: Vec<&str> = MUTATIONS.iter().map(|mutation| mutation.guard).collect();
        let hint = format!("the guards are {}", known.join(", "));
        return Err(Failure::usage("there is no guard of this name").hint(hint));
    }
    setup::run(workspace)?;
    let copy = copy(workspace)?;
    let tests: BTreeSet<&str> = chosen.iter().map(|mutation| mutation.test).collect();
    let log = copy.root.with_file_name("mutations.log");
    for test in tests {
        eprintln!("\n== {test}, with every guard in place");
        compile(&copy, test, &log)?;
        if let Ended::Failure | Ended::Killed = attempt(&copy, test, &log)? {
            let message = format!("the tests of `{test}` fail by themselves: {}", log.display());
            return Err(Failure::new(message).hint("mend them first: otherwise they notice nothing"));
        }
    }
    let mut missed = Vec::new();
    for mutation in chosen {
        let Mutation { guard, file, test, .. } = *mutation;
        match without(&copy, mutation, &log)? {
            Verdict::Noticed(Ended::Killed) => println!("noticed      {guard:22} {test:20} {file}  (never ends)"),
            Verdict::Noticed(_) => println!("noticed      {guard:22} {test:20} {file}"),
            Verdict::NotNoticed => {
                println!("NOT NOTICED  {guard:22} {test:20} {file}");
                missed.push(guard);
            }
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no test notices that a guard is gone: {}", missed.join(", "))))
}

/// Tries one mutation, and puts the guard back.
fn without(copy: &Workspace, mutation: &Mutation, log: &Path) -> Result<Verdict> {
    let Mutation { guard, file, from, to, test } = *mutation;
    let path = copy.root.join(file);
    let text = fs::read_to_string(&path).map_err(|error| Failure::io("read", &path, &error))?;
    if text.matches(from).count() != 1 {
        return Err(Failure::new(format!("the guard `{guard}` is not, or not once, in {file}: {from}")));
    }
    write(&path, &text.replacen(from, to, 1))?;
    eprintln!("\n== {test}, without {guard}");
    let ended = compile(copy, test, log).and_then(|()| attempt(copy, test, log));
    write(&path, &text)?;
    Ok(match ended? {
        Ended::Success => Verdict::NotNoticed,
        ended => Verdict::Noticed(ended),
    })
}

fn compile(copy: &Workspace, test: &str, log: &Path) -> Result<()> {
    let call = test::call(copy)?.args(["--test", test, "--no-run"]);
    match call.logged_within(Duration::from_secs(3_600), log)? {
        Ended::Success => Ok(()),
        Ended::Failure | Ended::Killed => Err(Failure::new(format!("`{test}` does not compile: {}", log.display()))),
    }
}

fn attempt(copy: &Workspace, test: &str, log: &Path) -> Result<Ended> {
    test::call(copy)?.args(["--test", test]).logged_within(PATIENCE, log)
}

/// The sources as they are, uncommitted changes included, beside what is built.
fn copy(workspace: &Workspace) -> Result<Workspace> {
    let root = workspace.target.join("mutations");
    let listed = Call::new("git")
        .within(&workspace.root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .answer()
        .ok_or_else(|| Failure::new("the sources are not known").hint("run it in a checkout of git"))?;
    for file in listed.lines().map(|line| line.trim_matches('"')) {
        let (from, to) = (workspace.root.join(file), root.join(file));
        // One that is deleted and not committed is listed all the same.
        let Ok(mut bytes) = fs::read(&from) else { continue };
        if file == "Cargo.toml" {
            bytes = renamed(&bytes)?;
        }
        // What is the same keeps its time, so that it is not built again.
        if fs::read(&to).is_ok_and(|present| present == bytes) {
            continue;
        }
        let folder = to.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(&to, &bytes)).map_err(|error| Failure::io("write", &to, &error))?;
    }
    // Tests look for guests where the target folder is by default.
    link(&workspace.target, &root.join("target"))?;
    Ok(Workspace { root, target: workspace.target.clone() })
}

/// The manifest of the workspace with another version. What cargo builds of a crate of the workspace it knows again by name and
/// version, wherever the workspace is: without this, crates without a guard would be taken for those of the working tree.
fn renamed(manifest: &[u8]) -> Result<Vec<u8>> {
    let manifest = String::from_utf8_lossy(manifest);
    let version = "\nversion = \"";
    match manifest.split_once(version) {
        Some((before, after)) => Ok(format!("{before}{version}0.0.0-without-guards+{after}").into_bytes()),
        None => Err(Failure::new("the workspace has no version by which its crates could be told apart")),
    }
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) -> Result<()> {
    if place.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink(target, place).map_err(|error| Failure::io("make the link", place, &error))
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    Err(Failure::new("guards are taken away on Unix only"))
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| Failure::io("write", path, &error))
}
