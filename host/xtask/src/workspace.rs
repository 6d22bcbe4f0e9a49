//! Where things are.

use std::{env, ffi::OsString, path::PathBuf};

use crate::{
    failure::{Failure, Result},
    process::Call,
};

/// The repository and its target folder.
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
}

impl Workspace {
    /// Asks the environment cargo starts this program with.
    pub fn locate() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.as_deref().and_then(|folder| folder.ancestors().nth(2)).map(PathBuf::from);
        let root = root.ok_or_else(|| Failure::new("this program finds its way by cargo").hint("run `cargo xtask`"))?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// DuckDB's shared library, where the linker and, relative to the executables, the loader look for it.
    pub fn duckdb(&self) -> PathBuf {
        self.target.join("duckdb")
    }

    /// Compiled guests, where the host's build and tests look for them.
    pub fn guests(&self) -> PathBuf {
        self.target.join("guests")
    }

    pub fn duckpen(&self) -> PathBuf {
        self.built("duckpen")
    }

    /// A call of cargo for this workspace. The two folders are given too, because `.cargo/config.toml` only knows them
    /// for the default target folder; there the values are the same, so nothing is built twice.
    /// A program of the workspace, which is there once a test or a benchmark of its package was built.
    pub fn built(&self, program: &str) -> PathBuf {
        self.target.join("debug").join(format!("{program}{}", env::consts::EXE_SUFFIX))
    }

    pub fn cargo(&self) -> Call {
        Call::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
            .within(&self.root)
            .env("DUCKDB_LIB_DIR", self.duckdb())
            .env("DUCKPEN_GUESTS", self.guests())
    }
}
