//! Every command of the README and of the manual does what it says there, and their links lead somewhere.
//!
//! Commands stand in blocks marked `sh`, one a line, and are run in their order from the repository's root. A comment
//! behind a command says with which code it ends, if not with 0: `# exit 1`. Of `cargo xtask`, which would build
//! everything anew, it is only asked whether it knows the command.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

/// A command of a page.
#[derive(Debug, PartialEq, Eq)]
enum Shown<'a> {
    Duckpen { arguments: &'a str, exit_code: i32 },
    Xtask { command: &'a str },
}

/// The example whose functions are built when they are first called.
const IN_PYTHON: &str = "examples/sqlflow_udfs";

/// Where the set-up installs it.
fn compiler_of_python() -> PathBuf {
    Path::new(env!("DUCKPEN_GUESTS")).with_file_name("languages").join("venv/bin/componentize-py")
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The README and the pages of the manual, relative to the repository.
fn pages() -> Vec<PathBuf> {
    let manual = fs::read_dir(root().join("host/manual")).expect("the manual");
    let mut pages: Vec<_> = manual.map(|entry| entry.expect("a page").file_name()).collect();
    pages.sort();
    let pages = pages.iter().map(|name| Path::new("host/manual").join(name));
    [PathBuf::from("README.md")].into_iter().chain(pages).collect()
}

fn text_of(page: &Path) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

#[test]
fn every_command_of_the_readme_and_of_the_manual_works() {
    let root = root();
    let xtask = output(Command::new(env!("CARGO")).args(["xtask", "--help"]).current_dir(&root)).1;
    for page in pages() {
        let text = text_of(&page);
        for command in commands(&text) {
            match command {
                Shown::Xtask { command } => {
                    let word = |line: &str| line.split_whitespace().next() == Some(command);
                    assert!(xtask.lines().any(word), "`cargo xtask` does not know `{command}`:\n{xtask}");
                }
                Shown::Duckpen { arguments, .. }
                    if arguments.contains(IN_PYTHON) && !compiler_of_python().is_file() =>
                {
                    eprintln!("left out, as componentize-py is not there: duckpen {arguments}");
                }
                Shown::Duckpen { arguments, exit_code } => {
                    let (code, printed) = output(&mut shell(&format!("duckpen {arguments}"), &root));
                    let page = page.display();
                    assert_eq!(code, Some(exit_code), "{page}: `duckpen {arguments}` printed:\n{printed}");
                }
            }
        }
    }
}

#[test]
fn pages_show_commands_and_lead_to_files_that_are_there() {
    let root = root();
    let mut shown = 0;
    for page in pages() {
        let text = text_of(&page);
        shown += commands(&text).len();
        for link in links(&text) {
            let folder = root.join(&page);
            let target = folder.parent().expect("a page is in a folder").join(link);
            assert!(target.exists(), "{}: nothing is at {link}", page.display());
        }
    }
    assert!(shown > 20, "only {shown} commands are shown");
}

/// Where a page leads in the repository: without addresses of the web, and without the place within a page.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let targets = targets.filter(|target| !target.contains("://"));
    targets.map(|target| target.split('#').next().unwrap_or_default()).filter(|path| !path.is_empty()).collect()
}

#[test]
fn commands_are_found_in_their_blocks_only() {
    let text = "```sh\nduckpen run a   # exit 1\n# a remark\n\ncargo run -p duckpen -- sql \"SELECT 1\"\n```\nduckpen no\n\
                ```rust\nduckpen no\n```\n```sh\ncargo xtask test\n```\n";
    let expected = [
        Shown::Duckpen { arguments: "run a", exit_code: 1 },
        Shown::Duckpen { arguments: "sql \"SELECT 1\"", exit_code: 0 },
        Shown::Xtask { command: "test" },
    ];
    assert_eq!(commands(text), expected);
}

#[test]
fn links_are_found_with_their_files_only() {
    let text = "see [a](b/c.md#d), [e](https://f.example/g), [h](#i) and [j](k)";
    assert_eq!(links(text), ["b/c.md", "k"]);
}

fn commands(text: &str) -> Vec<Shown<'_>> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside && !line.is_empty() && !line.starts_with('#') => commands.push(command(line)),
            _ => {}
        }
    }
    commands
}

fn command(line: &str) -> Shown<'_> {
    let (call, exit_code) = match line.split_once(" # exit ") {
        Some((call, code)) => (call.trim_end(), code.trim().parse().unwrap_or_else(|_| panic!("no exit code: {line}"))),
        None => (line.split_once(" # ").map_or(line, |(call, _)| call).trim_end(), 0),
    };
    if let Some(rest) = call.strip_prefix("cargo xtask ") {
        return Shown::Xtask { command: rest.split_whitespace().next().unwrap_or_default() };
    }
    let arguments = call.strip_prefix("duckpen ").or_else(|| call.strip_prefix("cargo run -p duckpen -- "));
    let arguments = arguments.unwrap_or_else(|| panic!("a command is shown that is not tested: {line}"));
    Shown::Duckpen { arguments, exit_code }
}

/// A line for the shell, which finds the command that was just built.
fn shell(line: &str, folder: &Path) -> Command {
    let built = cargo_bin!("duckpen");
    let here = built.parent().expect("an executable is in a folder");
    let path = env::var_os("PATH").unwrap_or_default();
    let compilers = compiler_of_python().parent().expect("an executable is in a folder").to_owned();
    let path = env::join_paths([here.to_owned(), compilers].into_iter().chain(env::split_paths(&path)))
        .expect("a search path");
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", path);
    command
}

/// The exit code, and all that was printed.
fn output(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), printed.concat())
}
