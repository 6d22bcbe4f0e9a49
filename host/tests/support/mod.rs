//! Projects in folders of their own, the real command, and its output without what differs from run to run.
#![allow(dead_code, missing_docs, reason = "each test binary uses its part")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// A project in a folder of its own.
pub struct Project {
    folder: TempDir,
}

/// What a command said.
pub struct Said {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// With one pipeline, `p`.
    pub fn new(pipeline: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }.file("pipelines/p.sf", pipeline)
    }

    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// With a component of functions, `text`, that the guests' build has made.
    pub fn component(self, guest: &str) -> Self {
        let bytes = guest_bytes(guest);
        self.file("functions/text.wasm", bytes)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The command in the project's folder.
    pub fn duckpen(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        let clean = |bytes: Vec<u8>| mask(&self.without_paths(&String::from_utf8(bytes).unwrap()));
        Said { exit: output.status.code().unwrap(), stdout: clean(output.stdout), stderr: clean(output.stderr) }
    }

    /// What a command that succeeds prints, as it is.
    pub fn raw(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("duckpen"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env_remove("DUCKPEN_LOG");
        command
    }

    /// Everything a command said, for a snapshot.
    pub fn transcript(&self, arguments: &[&str]) -> String {
        let Said { exit, stdout, stderr } = self.duckpen(arguments);
        format!("exit {exit}\n--- stdout\n{stdout}--- stderr\n{stderr}")
    }

    fn without_paths(&self, text: &str) -> String {
        let resolved = self.path().canonicalize().unwrap();
        text.replace(&resolved.display().to_string(), "[PROJECT]")
            .replace(&self.path().display().to_string(), "[PROJECT]")
    }
}

/// A compiled guest.
pub fn guest_bytes(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("DUCKPEN_GUESTS")).join(name)).unwrap()
}

/// Times, fuel, memory, digests and names of runs as `[...]`, blanks of tables as one, lines of a table as `─`.
fn mask(text: &str) -> String {
    text.split_inclusive('\n').map(mask_line).collect()
}

fn mask_line(line: &str) -> String {
    const UNITS: [&str; 8] = ["ms", "s", "min", "B", "KiB", "MiB", "ns", "us"];
    let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
    let line = line.trim_end();
    if line.starts_with('─') {
        return format!("─{end}");
    }
    let is_table = line.contains("duckpen-handler-") || line.trim_start().starts_with("step ");
    let mut words: Vec<String> = Vec::new();
    for word in line.split(' ').filter(|word| !(is_table && word.is_empty())) {
        let is_number = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || ".,/".contains(c));
        let is_fuel = word.split_once('/').is_some_and(|(used, limit)| {
            used.starts_with(|c: char| c.is_ascii_digit()) && limit.ends_with(['M', 'G', 'k'])
        });
        if UNITS.contains(&word) && words.last().is_some_and(|last| is_number(last)) {
            words.pop();
            words.push("[QUANTITY]".to_owned());
        } else if is_fuel {
            words.push("[FUEL]".to_owned());
        } else {
            words.push(mask_word(word));
        }
    }
    words.join(" ") + end
}

/// Long runs of hexadecimal digits, as in digests and names of runs.
fn mask_word(word: &str) -> String {
    let mut masked = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        masked.push_str(&rest[..start]);
        let tail = &rest[start..];
        let length = tail.find(|c: char| !c.is_ascii_hexdigit() && c != '-').unwrap_or(tail.len());
        let is_name = length >= 12 && tail[..12].chars().all(|c| c.is_ascii_hexdigit());
        masked.push_str(if is_name { "[HEX]" } else { &tail[..length] });
        rest = &tail[length..];
    }
    masked + rest
}
