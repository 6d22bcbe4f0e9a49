//! The standard library for WebAssembly, without which no guest can be compiled.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    failure::{Failure, Result},
    process::Call,
    workspace::Workspace,
};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Where rustup cannot reach its server it may wait for minutes.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);
/// Debian's compiler of this generation comes with the sources of its standard library.
const DEBIAN_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
/// The least version of Debian's compiler that will do: (1, minor).
const LEAST_MINOR: u32 = 95;

/// Where the standard library for WebAssembly comes from.
pub enum WasmStd {
    /// The compiler in use has it.
    Installed,
    /// Debian's compiler compiles it from source, along with the guest.
    FromSource {
        /// `rust-lld` of the compiler in use: Debian's has none.
        linker: PathBuf,
    },
}

impl WasmStd {
    /// Finds it, or installs it by whatever way is open.
    pub fn obtain(workspace: &Workspace) -> Result<Self> {
        if is_installed() {
            return Ok(Self::Installed);
        }
        if debian_is_complete() {
            return Self::from_source();
        }
        let added = Call::new("rustup").args(["target", "add", TARGET]).within(&workspace.root).run_within(
            RUSTUP_LIMIT,
            "add the standard library for WebAssembly: handlers and functions are compiled to it",
        );
        match added {
            Ok(()) if is_installed() => return Ok(Self::Installed),
            Ok(()) => eprintln!("rustup has added it, but not for the compiler in use; trying Debian's packages"),
            Err(failure) => eprintln!("{failure}trying Debian's packages instead"),
        }
        install_debian()?;
        Self::from_source()
    }

    /// Makes this call of cargo compile for WebAssembly.
    pub fn apply(&self, cargo: Call) -> Call {
        let cargo = cargo.args(["--target", TARGET]).shown_env("RUSTFLAGS", "-C target-feature=+simd128");
        match self {
            Self::Installed => cargo,
            Self::FromSource { linker } => cargo
                .arg("-Zbuild-std=std,panic_abort")
                .shown_env("RUSTC", DEBIAN_RUSTC)
                // Building the standard library is an unstable feature, which no released compiler gives otherwise.
                .shown_env("RUSTC_BOOTSTRAP", "1")
                .shown_env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker),
        }
    }

    /// The compiler, as far as its choice changes what is built.
    pub fn identity(&self) -> String {
        let rustc = match self {
            Self::Installed => Call::new("rustc"),
            Self::FromSource { .. } => Call::new(DEBIAN_RUSTC),
        };
        rustc.arg("-vV").answer().unwrap_or_default()
    }

    fn from_source() -> Result<Self> {
        let sysroot = Call::new("rustc").args(["--print", "sysroot"]).answer();
        let host = Call::new("rustc").arg("-vV").answer();
        let host = host.as_deref().and_then(|answer| answer.lines().find_map(|line| line.strip_prefix("host: ")));
        let linker = sysroot
            .zip(host)
            .map(|(sysroot, host)| Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld"));
        match linker {
            Some(linker) if linker.is_file() => Ok(Self::FromSource { linker }),
            _ => Err(Failure::new("the compiler in use has no `rust-lld`, which links WebAssembly")
                .hint("install Rust by rustup; its toolchains have it")),
        }
    }
}

fn is_installed() -> bool {
    let folder = Call::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).answer();
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

fn debian_is_complete() -> bool {
    let version = Call::new(DEBIAN_RUSTC).arg("--version").answer();
    version.is_some_and(|version| is_recent(&version)) && Path::new(DEBIAN_SOURCES).is_file()
}

/// Whether `rustc 1.96.0 (...)` is of a generation that will do.
fn is_recent(version: &str) -> bool {
    let number = version.strip_prefix("rustc 1.").and_then(|rest| rest.split('.').next());
    number.and_then(|minor| minor.parse().ok()).is_some_and(|minor: u32| minor >= LEAST_MINOR)
}

fn install_debian() -> Result<()> {
    let by_hand = format!("as root: apt-get install {}; or: rustup target add {TARGET}", DEBIAN_PACKAGES.join(" "));
    let is_root = Call::new("id").arg("-u").answer().as_deref() == Some("0");
    let apt_get = || {
        let call =
            if is_root { Call::new("apt-get") } else { Call::new("sudo").args(["--non-interactive", "apt-get"]) };
        call.env("DEBIAN_FRONTEND", "noninteractive").output_to_stderr().hint(by_hand.clone())
    };
    apt_get().args(["update", "--quiet"]).run("learn which packages there are")?;
    apt_get()
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(DEBIAN_PACKAGES)
        .run("install a compiler with the sources of its standard library, to compile that for WebAssembly")?;
    if debian_is_complete() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} are installed, but there is no compiler from 1.{LEAST_MINOR} on with sources",
        DEBIAN_PACKAGES.join(" and ")
    ))
    .hint(by_hand))
}

#[cfg(test)]
mod tests {
    use super::is_recent;

    #[test]
    fn only_recent_compilers_will_do() {
        for (version, recent) in [
            ("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)", true),
            ("rustc 1.95.0 (59807616e 2026-04-14)", true),
            ("rustc 1.63.0", false),
            ("clang 19", false),
            ("", false),
        ] {
            assert_eq!(is_recent(version), recent, "{version}");
        }
    }
}
