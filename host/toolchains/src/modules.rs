//! The Python modules of a project, `python_udfs/`: one component of all of them.
//!
//! They are imported while the component is made, by CPython in WebAssembly; no interpreter of this machine ever reads them.
//! What is built is kept in a folder of the user, under a digest of everything that went in, so that the next run of any
//! project with the same modules finds it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::definitions::Definitions;
use crate::fingerprint::{Fingerprint, LEFT_OUT};
use crate::languages::python;
use crate::{Language, ToolchainError, process, sdk};

/// The folder of modules, and the package they are in.
pub const MODULES: &str = "python_udfs";

/// Packages from elsewhere that the modules import: `pip install --target python_packages NAME`.
const PACKAGES: &str = "python_packages";

const WORLD: &str = "modules-of-functions";

/// The module the component is made of.
const ENTRY: &str = "component";
const SOURCE: &str = "\
from duckpen import _modules

_modules.discover(\"python_udfs\")

from duckpen._component import Aggregate, Scalar
from duckpen._modules import Modules
from duckpen._relations import Relation
";

/// Folders of a project below which no modules are looked for, beside hidden ones.
const NOT_SEARCHED: [&str; 4] = ["site-packages", "venv", "output", "data"];

/// How deep in a project folders of modules are looked for.
const DEEPEST: usize = 6;

/// Bytes of all files together.
const MOST_BYTES: u64 = 64 << 20;

/// A module that never ends being imported ends here.
const PATIENCE: Duration = Duration::from_secs(300);

/// The files of a project that are modules, as they were read.
#[derive(Debug)]
pub struct PythonModules {
    /// Paths relative to where they are imported from, with `/`.
    files: BTreeMap<String, Vec<u8>>,
    digest: String,
}

/// What a build came to.
#[derive(Debug)]
pub struct BuiltModules {
    /// The component's file.
    pub path: PathBuf,
    /// Whether it was there already.
    pub fresh: bool,
}

impl PythonModules {
    /// The modules of a project; none where it has no folder of them. Folders `python_udfs` further down count, too; of
    /// several files of one name the first is taken, those of the project's own folder before all. Nothing is looked for in
    /// the folder `target`, where copies of projects may lie.
    ///
    /// # Errors
    /// When a file cannot be read, leads out of the project, or there is too much of them.
    pub fn find(project: &Path, target: &str) -> Result<Option<Self>, ToolchainError> {
        let root = project.canonicalize().map_err(|error| ToolchainError::io("find", project, error))?;
        let mut folders = Vec::new();
        find_folders(&root, &root.join(target), 0, &mut folders)?;
        if folders.is_empty() {
            return Ok(None);
        }
        let mut reading = Reading { root: &root, files: BTreeMap::new(), bytes: 0 };
        for folder in folders {
            reading.folder(&folder, MODULES)?;
        }
        let packages = root.join(PACKAGES);
        if packages.is_dir() {
            reading.folder(&packages, "")?;
        }
        let mut fingerprint = Fingerprint::default();
        let built_with = sdk::contents(Language::Python);
        let built_with = built_with.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
        let tools = [("entry", SOURCE.as_bytes()), ("tool", python::INSTALL.as_bytes())];
        let own = reading.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()));
        for (name, content) in built_with.chain(tools).chain(own) {
            fingerprint.include(name, content);
        }
        Ok(Some(Self { files: reading.files, digest: fingerprint.finish() }))
    }

    /// Whether [`build`](Self::build) would find the component in `cache`.
    pub fn is_built(&self, cache: &Path) -> bool {
        self.place(cache).is_file()
    }

    /// Whether the compiler is there; the error says how to get it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn compiler() -> Result<(), ToolchainError> {
        python::compiler().map(|_| ())
    }

    /// What functions the modules define, as far as their text tells, which is parsed and not run.
    pub fn definitions(&self) -> Definitions {
        let mut definitions = Definitions::default();
        for (path, content) in &self.files {
            let Some(stem) = path.strip_suffix(".py").filter(|stem| stem.starts_with("python_udfs/")) else { continue };
            let is_left_out = |part: &str| part.starts_with("__") || part.starts_with('.');
            if !stem.split('/').any(is_left_out) {
                definitions.read(&stem.replace('/', "."), content);
            }
        }
        definitions
    }

    /// Makes the component, unless it is in the folder `cache` already. Builds of the same modules wait for each other,
    /// also those of other processes.
    ///
    /// # Errors
    /// When the compiler is not there or fails, or a file cannot be written. A module that cannot be imported is no error:
    /// the component tells of it.
    pub fn build(&self, cache: &Path) -> Result<BuiltModules, ToolchainError> {
        let path = self.place(cache);
        if path.is_file() {
            return Ok(BuiltModules { path, fresh: true });
        }
        let compiler = python::compiler()?;
        fs::create_dir_all(cache).map_err(|error| ToolchainError::io("make", cache, error))?;
        let lock_path = path.with_extension("lock");
        let lock = File::create(&lock_path).map_err(|error| ToolchainError::io("write", &lock_path, error))?;
        // Where a file system has no locks, both build, each in a folder of its own, and the later one wins.
        let _locked = lock.lock();
        if path.is_file() {
            return Ok(BuiltModules { path, fresh: true });
        }
        let work = Work::new(cache.join(format!("work-{}-{}", &self.digest[..16], std::process::id())))?;
        let bytes = self.compile(&compiler, &work.0)?;
        let part = work.0.join("component.wasm.part");
        fs::write(&part, bytes)
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|error| ToolchainError::io("write", &path, error))?;
        Ok(BuiltModules { path, fresh: false })
    }

    fn place(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}.wasm", self.digest))
    }

    /// Everything is copied first: what the modules write while they are imported is written to the copies.
    fn compile(&self, compiler: &Path, work: &Path) -> Result<Vec<u8>, ToolchainError> {
        for (path, content) in &self.files {
            write(&work.join("project").join(path), content)?;
        }
        for (path, text) in sdk::contents(Language::Python) {
            write(&work.join("sdk").join(path), text.as_bytes())?;
        }
        write(&work.join("project").join(ENTRY).with_extension("py"), SOURCE.as_bytes())?;
        let component = work.join("component.wasm");
        let mut command = Command::new(compiler);
        command.current_dir(work).args(["-d", "sdk/wit", "-w", WORLD, "componentize", "--stub-wasi", ENTRY]);
        command.args(["-p", "project", "-p", "sdk", "-p", "sdk/stand_ins", "-o"]).arg(&component);
        process::run_within(&mut command, PATIENCE, work)?;
        fs::read(&component).map_err(|error| ToolchainError::io("read", &component, error))
    }
}

/// Folders of modules, the project's own first.
fn find_folders(folder: &Path, target: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), ToolchainError> {
    let entries = fs::read_dir(folder).map_err(|error| ToolchainError::io("list", folder, error))?;
    // Links are not followed: they may lead in circles.
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
    folders.retain(|folder| folder != target);
    folders.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    found.extend(folders.iter().filter(|path| name(path) == MODULES).cloned());
    for path in folders {
        let name = name(&path);
        let is_searched = !name.starts_with('.') && !LEFT_OUT.contains(&&*name) && !NOT_SEARCHED.contains(&&*name);
        if is_searched && name != MODULES && name != PACKAGES && depth < DEEPEST {
            find_folders(&path, target, depth + 1, found)?;
        }
    }
    Ok(())
}

struct Reading<'a> {
    root: &'a Path,
    files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

impl Reading<'_> {
    /// Takes the files of a folder in, under a name.
    fn folder(&mut self, folder: &Path, name: &str) -> Result<(), ToolchainError> {
        let entries = fs::read_dir(folder).map_err(|error| ToolchainError::io("list", folder, error))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let entry = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if entry.starts_with('.') || LEFT_OUT.contains(&&*entry) {
                continue;
            }
            let inside = path.canonicalize().map_err(|error| ToolchainError::io("read", &path, error))?;
            if !inside.starts_with(self.root) {
                return Err(ToolchainError::Outside { path });
            }
            let name = if name.is_empty() { entry } else { format!("{name}/{entry}") };
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                self.folder(&path, &name)?;
            } else if path.is_file() && !self.files.contains_key(&name) {
                let content = fs::read(&path).map_err(|error| ToolchainError::io("read", &path, error))?;
                self.bytes += content.len() as u64;
                if self.bytes > MOST_BYTES {
                    return Err(ToolchainError::TooLarge { most: MOST_BYTES });
                }
                self.files.insert(name, content);
            }
        }
        Ok(())
    }
}

/// A folder that is gone when the build is over.
struct Work(PathBuf);

impl Work {
    fn new(path: PathBuf) -> Result<Self, ToolchainError> {
        // What a build that was killed has left there.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).map_err(|error| ToolchainError::io("make", &path, error))?;
        Ok(Self(path))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} cannot be removed: {error}", self.0.display());
        }
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), ToolchainError> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| ToolchainError::io("write", path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            write(&folder.path().join(path), text.as_bytes()).expect("a file");
        }
        folder
    }

    fn files(project: &tempfile::TempDir) -> Vec<String> {
        let found = PythonModules::find(project.path(), "build/made").expect("it can be read");
        found.map_or_else(Vec::new, |found| found.files.into_keys().collect())
    }

    #[test]
    fn modules_are_found_wherever_their_folder_is() {
        for (given, expected) in [
            (&["pipelines/p.sf"][..], &[][..]),
            (&["python_udfs/m.py", "python_udfs/sub/n.py"], &["python_udfs/m.py", "python_udfs/sub/n.py"]),
            (&["parts/one/python_udfs/m.py"], &["python_udfs/m.py"]),
            (
                &["python_udfs/m.py", "a/python_udfs/m.py", "a/python_udfs/n.py"],
                &["python_udfs/m.py", "python_udfs/n.py"],
            ),
            (&["build/made/x/python_udfs/m.py", "build/python_udfs/n.py"], &["python_udfs/n.py"]),
            (&["target/x/python_udfs/m.py", ".venv/python_udfs/m.py", "venv/python_udfs/m.py"], &[]),
            (&["python_udfs/m.py", "python_udfs/__pycache__/m.pyc", "python_udfs/.hidden"], &["python_udfs/m.py"]),
            (&["python_udfs/m.py", "python_packages/dep/__init__.py"], &["dep/__init__.py", "python_udfs/m.py"]),
        ] {
            let given: Vec<(&str, &str)> = given.iter().map(|path| (*path, "")).collect();
            assert_eq!(files(&project(&given)), expected, "{given:?}");
        }
    }

    #[test]
    fn the_digest_is_of_names_and_contents() {
        let digest = |files: &[(&str, &str)]| {
            PythonModules::find(project(files).path(), "target")
                .expect("it can be read")
                .expect("there are modules")
                .digest
        };
        let first = digest(&[("python_udfs/m.py", "x = 1")]);
        assert_eq!(first, digest(&[("python_udfs/m.py", "x = 1"), ("data/a.csv", "a")]));
        assert_ne!(first, digest(&[("python_udfs/m.py", "x = 2")]));
        assert_ne!(first, digest(&[("python_udfs/n.py", "x = 1")]));
    }

    #[test]
    fn definitions_are_those_of_modules_only() {
        let udf = "@python_scalar_udf\ndef f(x): ...\n";
        let project = project(&[
            ("python_udfs/m.py", udf),
            ("python_udfs/__init__.py", udf),
            ("python_udfs/sub/n.py", udf),
            ("python_udfs/notes.txt", udf),
            ("python_packages/dep/m.py", udf),
        ]);
        let definitions =
            PythonModules::find(project.path(), "build/made").expect("it can be read").expect("modules").definitions();
        assert_eq!(definitions.modules, ["python_udfs.m", "python_udfs.sub.n"]);
        let names: Vec<&str> = definitions.functions.iter().map(|function| &*function.name).collect();
        assert_eq!(names, ["python_udfs.m.f", "python_udfs.sub.n.f"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_project_is_refused() {
        let elsewhere = project(&[("secret", "1")]);
        let project = project(&[("python_udfs/m.py", "")]);
        std::os::unix::fs::symlink(elsewhere.path().join("secret"), project.path().join("python_udfs/n.py"))
            .expect("a link");
        let refused = PythonModules::find(project.path(), "build/made").expect_err("it leads out");
        assert!(matches!(refused, ToolchainError::Outside { .. }), "{refused}");
    }
}
