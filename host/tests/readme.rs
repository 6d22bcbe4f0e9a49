//! Every command of the README does what it says there.
//!
//! Commands stand in blocks marked `sh`, one a line, and are run in their order from the repository's root. A comment
//! behind a command says with which code it ends, if not with 0: `# exit 1`. Of `cargo xtask`, which would build
//! everything anew, it is only asked whether it knows the command.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

/// A command of the README.
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

#[test]
fn every_command_of_the_readme_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let commands = commands(&readme);
    assert!(commands.iter().any(|command| matches!(command, Shown::Duckpen { .. })), "the README shows no command");
    let xtask = output(Command::new(env!("CARGO")).args(["xtask", "--help"]).current_dir(&root)).1;
    for command in commands {
        match command {
            Shown::Xtask { command } => {
                let word = |line: &str| line.split_whitespace().next() == Some(command);
                assert!(xtask.lines().any(word), "`cargo xtask` does not know `{command}`:\n{xtask}");
            }
            Shown::Duckpen { arguments, .. } if arguments.contains(IN_PYTHON) && !compiler_of_python().is_file() => {
                eprintln!("left out, as componentize-py is not there: duckpen {arguments}");
            }
            Shown::Duckpen { arguments, exit_code } => {
                let (code, printed) = output(&mut shell(&format!("duckpen {arguments}"), &root));
                assert_eq!(code, Some(exit_code), "`duckpen {arguments}` printed:\n{printed}");
            }
        }
    }
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
    let arguments = arguments.unwrap_or_else(|| panic!("the README shows a command that is not tested: {line}"));
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
