use std::io;
use std::path::{Path, PathBuf};

/// A function that is not made or not built.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// The name is not one for a function or a connector.
    #[error("`{name}` is no name for a {what}: lower-case letters, digits and `_`, a letter first, at most 60")]
    Name {
        /// What was to have it.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// There is something in its place already.
    #[error("{} exists already", path.display())]
    Exists {
        /// The place.
        path: PathBuf,
    },
    /// A compiler is not there.
    #[error("a function in {language} is built with {tool}, which is not there")]
    Missing {
        /// The language.
        language: &'static str,
        /// What is missing.
        tool: &'static str,
        /// The command that installs it.
        install: &'static str,
    },
    /// `function.toml` or `connector.toml` cannot be used.
    #[error("{} cannot be used: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The compiler does not take the source.
    #[error("`{program}` failed ({status})\n{output}")]
    Compiler {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// What it printed.
        output: String,
    },
    /// What was compiled cannot be made a component.
    #[error("what was compiled does not fit the contract: {reason}")]
    Contract {
        /// Why not.
        reason: String,
    },
    /// The compiler does not come to an end.
    #[error("`{program}` was stopped after {seconds} s: a module that is imported does not come to an end, perhaps")]
    Endless {
        /// The program.
        program: String,
        /// How long it ran.
        seconds: u64,
    },
    /// A module that lies outside of the project.
    #[error("{} leads out of the project", path.display())]
    Outside {
        /// The file.
        path: PathBuf,
    },
    /// Modules that are too much.
    #[error("the files in python_udfs/ and python_packages/ have more than {} MiB", most >> 20)]
    TooLarge {
        /// Bytes that are accepted.
        most: u64,
    },
    /// A file cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
}

impl ToolchainError {
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }
}
