//! DuckDB's official shared library, from its package for Node: compiling it takes tens of minutes.

use std::{env, fs, path::Path};

use crate::{
    failure::{Failure, Result},
    process::Call,
    workspace::Workspace,
};

/// The version of the package; that of DuckDB itself is its first three numbers.
const VERSION: &str = "1.5.5-r.5";
/// Beside the library: the version it is of.
const STAMP: &str = "version";

/// Puts the library in place, unless it is there.
pub fn fetch(workspace: &Workspace) -> Result<()> {
    let folder = workspace.duckdb();
    let library = library_name(env::consts::OS);
    let present = fs::read_to_string(folder.join(STAMP)).is_ok_and(|version| version == VERSION);
    if present && folder.join(library).is_file() {
        return Ok(());
    }
    let package = package(env::consts::OS, env::consts::ARCH).ok_or_else(|| {
        Failure::new(format!("there is no DuckDB library for {} on {}", env::consts::OS, env::consts::ARCH))
            .hint("`cargo build -p duckpen --features bundled` compiles it, in tens of minutes")
    })?;
    let unpacked = workspace.target.join("duckdb.part");
    replace_folder(&unpacked)?;
    Call::new("npm")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(&unpacked)
        .arg(format!("{package}@{VERSION}"))
        .within(&unpacked)
        .output_to_stderr()
        .hint(format!(
            "install Node.js, which brings npm; or put {library} of DuckDB 1.5.5 into {} and `printf {VERSION}` into \
             the file `{STAMP}` beside it",
            folder.display()
        ))
        .run("fetch DuckDB's shared library (23 MB): the host links it instead of compiling it")?;
    let archive = only_file(&unpacked, "tgz")?;
    Call::new("tar")
        .args(["--extract", "--gzip", "--strip-components=1", "--file"])
        .arg(&archive)
        .arg(format!("package/{library}"))
        .within(&unpacked)
        .run("unpack it")?;
    fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
    let placed = folder.join(library);
    fs::rename(unpacked.join(library), &placed).map_err(|error| Failure::io("put in place", &placed, &error))?;
    // Last, so that an interrupted fetch is done again.
    fs::write(folder.join(STAMP), VERSION).map_err(|error| Failure::io("write", &folder.join(STAMP), &error))?;
    fs::remove_dir_all(&unpacked).map_err(|error| Failure::io("remove", &unpacked, &error))
}

fn library_name(os: &str) -> &'static str {
    if os == "macos" { "libduckdb.dylib" } else { "libduckdb.so" }
}

fn package(os: &str, architecture: &str) -> Option<String> {
    let os = match os {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    let architecture = match architecture {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        _ => return None,
    };
    Some(format!("@duckdb/node-bindings-{os}-{architecture}"))
}

fn replace_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::io("remove", folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))
}

fn only_file(folder: &Path, extension: &str) -> Result<std::path::PathBuf> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::io("list", folder, &error))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    files
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .ok_or_else(|| Failure::new(format!("npm left no .{extension} file in {}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn each_platform_has_its_package() {
        for (os, architecture, expected) in [
            ("linux", "x86_64", Some("@duckdb/node-bindings-linux-x64")),
            ("linux", "aarch64", Some("@duckdb/node-bindings-linux-arm64")),
            ("macos", "aarch64", Some("@duckdb/node-bindings-darwin-arm64")),
            ("linux", "riscv64", None),
            ("windows", "x86_64", None),
        ] {
            assert_eq!(package(os, architecture).as_deref(), expected);
        }
    }
}
