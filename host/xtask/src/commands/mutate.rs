//! `mutate`: takes the guards of the host away, one after the other, and looks whether a test notices.
//!
//! In a copy of the sources, in which each guard can be switched off by a variable of the environment: so the tests are
//! compiled once for all guards, and nothing of the working tree is touched. The copy shares the target folder, so that of
//! the dependencies nothing is built again.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    commands::{setup, test},
    failure::{Failure, Result},
    mutations::{MUTATIONS, Mutation},
    process::{Call, Ended},
    workspace::Workspace,
};

/// Names the guard that is gone.
const SWITCH: &str = "DUCKPEN_WITHOUT_GUARD";
/// How long tests may take with every guard in place.
const PATIENCE: Duration = Duration::from_secs(900);
/// How much longer they may take without one. Without some a guest never ends.
const GRACE: Duration = Duration::from_secs(60);
/// Tests that run at once: without a limit of memory each may take all that 32 bits address.
const AT_ONCE: &str = "2";

pub fn list() {
    let mut guards: BTreeMap<&str, &str> = BTreeMap::new();
    for mutation in MUTATIONS {
        guards.insert(mutation.guard, mutation.test);
    }
    guards.iter().for_each(|(guard, test)| println!("{guard:22} {test}"));
}

pub fn run(workspace: &Workspace, guards: &[String]) -> Result<()> {
    if let Some(unknown) = guards.iter().find(|guard| MUTATIONS.iter().all(|mutation| mutation.guard != *guard)) {
        let hint = "`cargo xtask mutate --list` has them";
        return Err(Failure::usage(format!("there is no guard `{unknown}`")).hint(hint));
    }
    let chosen: BTreeMap<&str, &str> = MUTATIONS
        .iter()
        .filter(|mutation| guards.is_empty() || guards.iter().any(|guard| guard == mutation.guard))
        .map(|mutation| (mutation.guard, mutation.test))
        .collect();
    setup::run(workspace)?;
    let copy = copy(workspace)?;
    let log = copy.root.with_file_name("mutations.log");
    let tests: BTreeMap<&str, Duration> = intact(&copy, chosen.values().copied(), &log)?;
    let mut missed = Vec::new();
    for (guard, test) in chosen {
        let within = tests.get(test).map_or(PATIENCE, |usual| *usual * 3 + GRACE);
        let call = tests_of(&copy, test)?.env(SWITCH, guard);
        let noticed_by = match call.logged_within(within, &log)? {
            Ended::Success => {
                missed.push(guard);
                None
            }
            Ended::Killed => Some("it does not end".to_owned()),
            Ended::Failure => Some(failed(&log)?),
        };
        match noticed_by {
            Some(tests) => println!("noticed      {guard:22} {test:20} {tests}"),
            None => println!("NOT NOTICED  {guard:22} {test}"),
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no test notices that a guard is gone: {}", missed.join(", "))))
}

/// Compiles the tests and runs them with every guard in place: how long each takes.
fn intact<'t>(
    copy: &Workspace,
    tests: impl Iterator<Item = &'t str>,
    log: &Path,
) -> Result<BTreeMap<&'t str, Duration>> {
    let mut taken: BTreeMap<&str, Duration> = tests.map(|test| (test, Duration::ZERO)).collect();
    eprintln!("\n== compile the tests, with a switch for every guard");
    let wanted = taken.keys().flat_map(|test| ["--test", test]);
    let compile = test::call(copy)?.arg("--no-run").args(wanted);
    match compile.logged_within(Duration::from_secs(3_600), log)? {
        Ended::Success => {}
        Ended::Failure | Ended::Killed => {
            return Err(Failure::new(format!("the tests do not compile: {}", log.display())));
        }
    }
    for (test, taken) in &mut taken {
        eprintln!("\n== {test}, with every guard in place");
        let begun = Instant::now();
        if let Ended::Failure | Ended::Killed = tests_of(copy, test)?.logged_within(PATIENCE, log)? {
            let message = format!("the tests of `{test}` fail by themselves: {}", log.display());
            return Err(Failure::new(message).hint("mend them first: otherwise they notice nothing"));
        }
        *taken = begun.elapsed();
    }
    Ok(taken)
}

fn tests_of(copy: &Workspace, test: &str) -> Result<Call> {
    Ok(test::call(copy)?.args(["--test", test]).env("RUST_TEST_THREADS", AT_ONCE))
}

/// Which tests have failed, or how the process ended that had them.
fn failed(log: &Path) -> Result<String> {
    let text = fs::read(log).map_err(|error| Failure::io("read", log, &error))?;
    let text = String::from_utf8_lossy(&text);
    let names = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let names: Vec<&str> = names.collect();
    let signal = || text.lines().find_map(|line| line.split_once("(signal: ")).map(|(_, signal)| signal);
    Ok(match (names.as_slice(), signal()) {
        ([], Some(signal)) => format!("signal {}", signal.trim_end_matches(')')),
        (names, _) => names.join(", "),
    })
}

/// The sources as they are, uncommitted changes included, with switches, beside what is built.
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
        if MUTATIONS.iter().any(|mutation| mutation.file == file) {
            bytes = switched(file, &bytes)?;
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

/// A file in which each of its guards is looked at by a switch before it is asked.
fn switched(file: &str, text: &[u8]) -> Result<Vec<u8>> {
    let mut text = String::from_utf8_lossy(text).into_owned();
    for mutation in MUTATIONS.iter().filter(|mutation| mutation.file == file) {
        let Mutation { guard: name, without, .. } = mutation;
        let missing = || Failure::new(format!("the guard `{name}` is not, or not once, in {file}"));
        let [before, guard, behind] = mutation.parts().ok_or_else(missing)?;
        let place = format!("{before}{guard}{behind}");
        if text.matches(&place).count() != 1 {
            return Err(missing());
        }
        let is_gone = format!(
            "{{ static IS_GONE: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| \
             std::env::var_os(\"{SWITCH}\").is_some_and(|guard| guard == \"{name}\")); *IS_GONE }}"
        );
        text = text.replacen(&place, &format!("{before}(if {is_gone} {{ {without} }} else {{ {guard} }}){behind}"), 1);
    }
    Ok(text.into_bytes())
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
