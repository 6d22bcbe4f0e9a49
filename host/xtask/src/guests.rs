//! The guests of this repository: the handlers, the misbehaving components of the tests, the examples' functions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    failure::{Failure, Result},
    fingerprint::Fingerprint,
    wasm_std::{TARGET, WasmStd},
    workspace::Workspace,
};

/// Folders whose subfolders may be crates of guests; `*` stands for any one folder.
const PLACES: [&str; 7] = [
    "handlers",
    "handlers/connectors",
    "handlers/evil",
    "handlers/plain",
    "examples/*/connectors",
    "examples/*/functions",
    "benches",
];
/// What guests are built from besides their own crates.
const SHARED_INPUTS: [&str; 4] = ["guest-sdk", "wit", "Cargo.toml", "Cargo.lock"];
/// The profile of the workspace they are built with.
const PROFILE: &str = "guest";
/// Among the compiled guests: the fingerprint of what they were compiled from.
const STAMP: &str = ".built-from";

/// A crate that is compiled to a component.
#[derive(Debug, PartialEq, Eq)]
pub struct Guest {
    pub package: String,
    folder: PathBuf,
    /// Whether it can be linked to something native as well, and so be tested there.
    pub native: Native,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    Possible,
    Impossible,
}

impl Guest {
    fn file_name(&self) -> String {
        format!("{}.wasm", self.package.replace('-', "_"))
    }

    /// Where its component has to be: with the others and, for a function or a connector of an example, in the project too, where its
    /// users would put it.
    fn destinations(&self, workspace: &Workspace) -> Vec<PathBuf> {
        let mut destinations = vec![workspace.guests().join(self.file_name())];
        if self.folder.starts_with(workspace.root.join("examples")) {
            destinations.extend(self.folder.parent().map(|functions| functions.join(self.file_name())));
        }
        destinations
    }
}

/// Every guest there is, in the order of their folders.
pub fn find(workspace: &Workspace) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    for place in PLACES {
        for folder in folders(&workspace.root, place) {
            for folder in subfolders(&folder) {
                let manifest = folder.join("Cargo.toml");
                if manifest.is_file() {
                    let text = fs::read_to_string(&manifest).map_err(|error| Failure::io("read", &manifest, &error))?;
                    guests.extend(read_manifest(&text).map(|(package, native)| Guest { package, folder, native }));
                }
            }
        }
    }
    Ok(guests)
}

/// Compiles every guest whose sources have changed, and puts the components in place.
pub fn build(workspace: &Workspace) -> Result<()> {
    let guests = find(workspace)?;
    let wasm_std = WasmStd::obtain(workspace)?;
    let fingerprint = fingerprint(workspace, &guests, &wasm_std)?;
    let stamp = workspace.guests().join(STAMP);
    let up_to_date = fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == fingerprint);
    if up_to_date && guests.iter().all(|guest| guest.destinations(workspace).iter().all(|path| path.is_file())) {
        return Ok(());
    }
    let build_folder = workspace.target.join("guests-build");
    for guest in &guests {
        // One call each: in a common one cargo would give all of them the features of `guest-sdk` that any one wants,
        // and a handler would carry the exports of a library of functions.
        // And one crate type, whatever the manifest says: link-time optimisation compiles the dependencies another way
        // for an `rlib` beside it, the standard library included.
        let cargo = workspace.cargo().args(["rustc", "--lib", "--crate-type", "cdylib", "--profile", PROFILE]);
        let cargo = cargo.args(["--package", &guest.package]);
        let why = format!("compile the guest {} to WebAssembly", guest.package);
        wasm_std.apply(cargo.arg("--target-dir").arg(&build_folder)).run(&why)?;
        let built = build_folder.join(TARGET).join(PROFILE).join(guest.file_name());
        let component = fs::read(&built).map_err(|error| Failure::io("read", &built, &error))?;
        for destination in guest.destinations(workspace) {
            place(&component, &destination)?;
        }
    }
    fs::write(&stamp, fingerprint).map_err(|error| Failure::io("write", &stamp, &error))
}

fn fingerprint(workspace: &Workspace, guests: &[Guest], wasm_std: &WasmStd) -> Result<String> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.include(&wasm_std.identity());
    for input in SHARED_INPUTS {
        fingerprint.include_path(&workspace.root.join(input))?;
    }
    for guest in guests {
        fingerprint.include_path(&guest.folder)?;
    }
    Ok(fingerprint.finish())
}

/// Whoever reads the file at the same time sees the old one or the new one, and what has not changed keeps its time.
fn place(component: &[u8], destination: &Path) -> Result<()> {
    if fs::read(destination).is_ok_and(|present| present == component) {
        return Ok(());
    }
    let part = destination.with_extension("part");
    let placed = destination
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&part, component))
        .and_then(|()| fs::rename(&part, destination));
    placed.map_err(|error| Failure::io("write", destination, &error))
}

/// The folders a place stands for.
fn folders(root: &Path, place: &str) -> Vec<PathBuf> {
    place.split('/').fold(vec![root.to_owned()], |folders, part| match part {
        "*" => folders.iter().flat_map(|folder| subfolders(folder)).collect(),
        name => folders.into_iter().map(|folder| folder.join(name)).collect(),
    })
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort_unstable();
    folders
}

/// The name of the package and whether it can be built natively too; `None` if it makes no component. The manifests are
/// our own and plain, so that lines are enough and no parser of TOML has to be compiled first.
fn read_manifest(text: &str) -> Option<(String, Native)> {
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        lines.find(|(found, _)| found.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    let kinds = value("crate-type").filter(|kinds| kinds.contains("\"cdylib\""))?;
    let native = if kinds.contains("\"rlib\"") { Native::Possible } else { Native::Impossible };
    Some((value("name")?.trim_matches('"').to_owned(), native))
}

#[cfg(test)]
mod tests {
    use super::{Native, read_manifest};

    #[test]
    fn a_manifest_tells_what_is_a_guest() {
        for (manifest, expected) in [
            (
                "[package]\nname = \"a-b\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n",
                Some(("a-b", Native::Possible)),
            ),
            ("[package]\nname=\"evil\"\n\n[lib]\ncrate-type = [\"cdylib\"]", Some(("evil", Native::Impossible))),
            ("[package]\nname = \"plain\"\n", None),
            ("[lib]\ncrate-type = [\"rlib\"]\n", None),
        ] {
            let found = read_manifest(manifest);
            assert_eq!(found.as_ref().map(|(name, native)| (name.as_str(), *native)), expected, "{manifest}");
        }
    }
}
