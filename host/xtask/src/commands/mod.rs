//! The commands, one file each.

mod bench;
mod ci;
mod demo;
mod fuzz;
mod mutate;
mod setup;
pub mod test;

use std::time::Duration;

use crate::{
    failure::{Failure, Result},
    workspace::Workspace,
};

pub const HELP: &str = "\
Set-up, demo, tests and checks of this repository. Each command does the set-up it needs.

Usage: cargo xtask COMMAND

  setup            put in place what building needs: DuckDB's library, the standard library for WebAssembly, the
                   compiled guests. Afterwards plain `cargo build`, `cargo run -p duckpen -- ...`, `cargo test` work
  guests           compile the handlers and the examples' functions to WebAssembly, if they have changed
  demo             run the example pipeline, then one whose function never ends
  test [ARGUMENT]  run every test, or those whose name contains a word; arguments are those of `cargo test`
  fuzz [SECONDS]   try what guests may return with new seeds, for a minute or longer
  mutate [--list | GUARD ...]
                   take each guard of the host away, in a copy of the sources, and look whether a test notices: half an
                   hour for all of them
  bench [--json] [--peers]
                   run the benchmarks and print figures, targets and ratios; with `--peers` also of arrow-udf, whose
                   runtime has to be built first (10 minutes, once)
  ci [--parity FOLDER]
                   formatting, lints, tests, documentation, benchmarks compiled, parity cases if they are there
                   (../shared/parity if no folder is given)
  help             this text

CARGO_TARGET_DIR moves everything that is built or fetched.
";

/// How long is fuzzed where nothing is said.
const FUZZ_TIME: Duration = Duration::from_secs(60);

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Invocation {
    Help,
    Setup,
    Guests,
    Demo,
    Test { arguments: Vec<String> },
    Fuzz { time: Duration },
    ListMutations,
    Mutate { guards: Vec<String> },
    Bench(BenchFormat, Peers),
    Ci { parity: Option<String> },
}

/// How the figures of the benchmarks are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchFormat {
    Table,
    Json,
}

/// Which other systems are measured beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// Those that need no build of their own.
    Quick,
    All,
}

impl Invocation {
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match *words.as_slice() {
            [] | ["help" | "-h" | "--help", ..] => Ok(Self::Help),
            ["setup"] => Ok(Self::Setup),
            ["guests"] => Ok(Self::Guests),
            ["demo"] => Ok(Self::Demo),
            ["test", ..] => Ok(Self::Test { arguments: arguments[1..].to_vec() }),
            ["fuzz"] => Ok(Self::Fuzz { time: FUZZ_TIME }),
            ["fuzz", seconds] => seconds
                .parse()
                .map(|seconds| Self::Fuzz { time: Duration::from_secs(seconds) })
                .map_err(|_| Failure::usage(format!("`{seconds}` is no number of seconds"))),
            ["mutate", "--list"] => Ok(Self::ListMutations),
            ["mutate", ..] => Ok(Self::Mutate { guards: arguments[1..].to_vec() }),
            ["bench"] => Ok(Self::Bench(BenchFormat::Table, Peers::Quick)),
            ["bench", "--json"] => Ok(Self::Bench(BenchFormat::Json, Peers::Quick)),
            ["bench", "--peers"] => Ok(Self::Bench(BenchFormat::Table, Peers::All)),
            ["bench", "--json", "--peers"] | ["bench", "--peers", "--json"] => {
                Ok(Self::Bench(BenchFormat::Json, Peers::All))
            }
            ["ci"] => Ok(Self::Ci { parity: None }),
            ["ci", "--parity", folder] => Ok(Self::Ci { parity: Some(folder.to_owned()) }),
            [command @ ("setup" | "guests" | "demo" | "fuzz" | "bench" | "ci"), argument, ..] => {
                Err(Failure::usage(format!("`{command}` does not take `{argument}`")))
            }
            [command, ..] => Err(Failure::usage(format!("there is no command `{command}`"))),
        }
    }

    pub fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Help => Ok(()),
            Self::Setup => setup::run(workspace),
            Self::Guests => crate::guests::build(workspace),
            Self::Demo => demo::run(workspace),
            Self::Test { arguments } => test::run(workspace, &arguments),
            Self::Fuzz { time } => fuzz::run(workspace, time),
            Self::ListMutations => {
                mutate::list();
                Ok(())
            }
            Self::Mutate { guards } => mutate::run(workspace, &guards),
            Self::Bench(format, peers) => bench::run(workspace, format, peers),
            Self::Ci { parity } => ci::run(workspace, parity),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BenchFormat, Invocation, Peers};

    fn parse(line: &str) -> Result<Invocation, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Invocation::parse(&arguments).map_err(|failure| failure.message)
    }

    #[test]
    fn commands_are_read() {
        for (line, expected) in [
            ("", Invocation::Help),
            ("--help", Invocation::Help),
            ("setup", Invocation::Setup),
            ("test", Invocation::Test { arguments: Vec::new() }),
            ("test upsert --release", Invocation::Test { arguments: vec!["upsert".into(), "--release".into()] }),
            ("fuzz 30", Invocation::Fuzz { time: Duration::from_secs(30) }),
            ("mutate --list", Invocation::ListMutations),
            ("mutate", Invocation::Mutate { guards: Vec::new() }),
            ("mutate fuel time", Invocation::Mutate { guards: vec!["fuel".into(), "time".into()] }),
            ("bench --json", Invocation::Bench(BenchFormat::Json, Peers::Quick)),
            ("bench --peers --json", Invocation::Bench(BenchFormat::Json, Peers::All)),
            ("ci --parity cases", Invocation::Ci { parity: Some("cases".into()) }),
        ] {
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_is_not_a_command_is_refused_by_name() {
        assert_eq!(parse("tset"), Err("there is no command `tset`".into()));
        assert_eq!(parse("bench --jsn"), Err("`bench` does not take `--jsn`".into()));
        assert_eq!(parse("fuzz long"), Err("`long` is no number of seconds".into()));
        assert_eq!(parse("demo now"), Err("`demo` does not take `now`".into()));
    }
}
