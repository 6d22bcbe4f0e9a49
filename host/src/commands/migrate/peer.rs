//! SQLFlow itself: where it is, and how it is run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::abort::Abort;
use crate::output::{Code, Report};

/// Time for one pipeline.
const PATIENCE: Duration = Duration::from_secs(300);

const GLANCE: Duration = Duration::from_millis(50);

/// The program and its first arguments.
pub(super) struct Peer(Vec<String>);

/// How a run of it ended.
pub(super) struct PeerRun {
    pub(super) succeeded: bool,
    /// What it printed.
    pub(super) printed: String,
}

/// SQLFlow as it is named, or as it is installed: `sqlflow`, or a module of Python.
pub(super) fn find(named: Option<&str>) -> Result<Peer, Abort> {
    let candidates = match named {
        Some(command) => vec![command.to_owned()],
        None => vec!["sqlflow".to_owned(), "python3 -m sqlflow.cli.main".to_owned()],
    };
    for candidate in candidates {
        let words: Vec<String> = candidate.split_whitespace().map(str::to_owned).collect();
        let Some((program, first)) = words.split_first() else { continue };
        let version = Command::new(program).args(first).arg("--version").stdin(Stdio::null()).output();
        if version.is_ok_and(|output| output.status.success()) {
            return Ok(Peer(words));
        }
    }
    let report = Report::error(Code::Tool, "SQLFlow is not there, which --check compares with");
    Err(Abort::rejected(report.hint(
        "install it with `pip install sqlflow-core==0.1.7 'duckdb<1.4' 'pandas<3' 'click<8.2'`, or name its command with \
         --sqlflow",
    )))
}

impl Peer {
    /// Runs a pipeline of the project in `folder`. What it prints waits in a file beside.
    pub(super) fn run(
        &self,
        folder: &Path,
        pipeline: &str,
        profile: &str,
        vars: &[String],
    ) -> std::io::Result<PeerRun> {
        let log = folder.join("sqlflow.log");
        let file = std::fs::File::create(&log)?;
        let (program, first) = self.0.split_first().ok_or(std::io::ErrorKind::NotFound)?;
        let mut command = Command::new(program);
        command.args(first).args(["pipeline", "run", pipeline, "--profile", profile]).current_dir(folder);
        for text in vars {
            command.args(["--vars", text]);
        }
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let mut child = command.spawn()?;
        let began = Instant::now();
        let status = loop {
            match child.try_wait()? {
                Some(status) => break Some(status),
                None if began.elapsed() >= PATIENCE => {
                    child.kill()?;
                    child.wait()?;
                    break None;
                }
                None => std::thread::sleep(GLANCE),
            }
        };
        let printed = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
        std::fs::remove_file(&log)?;
        // It reports success with status 0 also where a pipeline has failed.
        let succeeded = status.is_some_and(|status| status.success()) && !printed.contains("Pipeline failed");
        Ok(PeerRun { succeeded, printed })
    }
}
