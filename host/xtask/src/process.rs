//! Calling other programs.

use std::{
    ffi::OsStr,
    fmt,
    fs::File,
    io::{self, ErrorKind},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::failure::{Failure, Result};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Success,
    Failure,
    /// It was not done in time.
    Killed,
}

/// A program to be called, with what is to be said about it.
pub struct Call {
    command: Command,
    /// Settings of the environment worth showing.
    shown: Vec<String>,
    hint: Option<String>,
}

impl Call {
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program), shown: Vec::new(), hint: None }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets a variable without saying so: plumbing.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets a variable that whoever repeats the call by hand has to set too.
    pub fn shown_env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.shown.push(format!("{name}={}", quoted(&value.as_ref().to_string_lossy())));
        self.env(name, value)
    }

    /// Sends what the program prints to standard error, where standard output is kept for data.
    pub fn output_to_stderr(mut self) -> Self {
        self.command.stdout(io::stderr());
        self
    }

    /// What helps if the program fails or is not there.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says why and what, calls, and expects success.
    pub fn run(mut self, why: &str) -> Result<()> {
        self.announce(why);
        let status = self.command.status().map_err(|error| self.not_started(&error))?;
        self.expect_success(status)
    }

    /// Says why and what, calls, and hands back the exit code; -1 if a signal ended the program.
    pub fn exit_code(mut self, why: &str) -> Result<i32> {
        self.announce(why);
        let status = self.command.status().map_err(|error| self.not_started(&error))?;
        Ok(status.code().unwrap_or(-1))
    }

    /// As [`run`](Self::run), for a program that may hang: after `limit` it is killed, which is a failure.
    pub fn run_within(mut self, limit: Duration, why: &str) -> Result<()> {
        self.announce(why);
        let mut child = self.command.stdin(Stdio::null()).spawn().map_err(|error| self.not_started(&error))?;
        let deadline = Instant::now() + limit;
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return self.expect_success(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
                Ok(None) | Err(_) => {
                    // It may have ended by itself in between; either way it is gone.
                    let _ = child.kill().and_then(|()| child.wait());
                    return Err(self.failure(format!("`{self}` was not done after {} s", limit.as_secs())));
                }
            }
        }
    }

    /// Calls quietly, with all that is printed in a file; after `limit` the program is killed, with what it has started.
    pub fn logged_within(mut self, limit: Duration, log: &Path) -> Result<Ended> {
        let file = File::create(log).map_err(|error| Failure::io("write", log, &error))?;
        let copy = file.try_clone().map_err(|error| Failure::io("write", log, &error))?;
        self.command.stdin(Stdio::null()).stdout(file).stderr(copy);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
        let mut child = self.command.spawn().map_err(|error| self.not_started(&error))?;
        let deadline = Instant::now() + limit;
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(Ended::Success),
                Ok(Some(_)) => return Ok(Ended::Failure),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
                Ok(None) | Err(_) => {
                    // Its group is named after it. It may have ended by itself in between; either way it is gone.
                    let group = format!("-{}", child.id());
                    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
                    let _ = child.kill().and_then(|()| child.wait());
                    return Ok(Ended::Killed);
                }
            }
        }
    }

    /// What the program prints, trimmed; quietly, for questions to the machine. `None` if it fails or is not there.
    pub fn answer(mut self) -> Option<String> {
        let output = self.command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn announce(&self, why: &str) {
        eprintln!("\n== {why}\n $ {self}");
    }

    fn expect_success(&self, status: ExitStatus) -> Result<()> {
        if status.success() { Ok(()) } else { Err(self.failure(format!("`{self}` failed ({status})"))) }
    }

    fn not_started(&self, error: &io::Error) -> Failure {
        let program = self.command.get_program().to_string_lossy();
        self.failure(match error.kind() {
            ErrorKind::NotFound => format!("the program `{program}` is not there"),
            _ => format!("`{program}` cannot be started: {error}"),
        })
    }

    fn failure(&self, message: String) -> Failure {
        Failure { hint: self.hint.clone(), ..Failure::new(message) }
    }
}

/// The call as it could be typed.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.command.get_program().to_string_lossy();
        let arguments = self.command.get_args().map(|argument| quoted(&argument.to_string_lossy()));
        let words = self.shown.iter().cloned().chain([program.into_owned()]).chain(arguments);
        formatter.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=+,./:@".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Call;

    #[test]
    fn a_call_is_shown_as_it_could_be_typed() {
        let call = Call::new("cargo").shown_env("RUSTFLAGS", "-C a=b").env("QUIET", "1").args(["test", "-p", "a b"]);
        assert_eq!(call.to_string(), "RUSTFLAGS='-C a=b' cargo test -p 'a b'");
    }

    #[test]
    fn a_failure_names_the_call_and_keeps_the_hint() {
        let failure = Call::new("false").hint("try true").run("to fail").expect_err("it fails");
        assert_eq!(failure.to_string(), "error: `false` failed (exit status: 1)\nhint: try true\n");
        let failure = Call::new("no-such-program").run("to fail").expect_err("it is not there");
        assert_eq!(failure.message, "the program `no-such-program` is not there");
    }

    #[test]
    fn a_call_that_hangs_is_ended() {
        let failure = Call::new("sleep").arg("60").run_within(Duration::ZERO, "to hang").expect_err("it hangs");
        assert_eq!(failure.message, "`sleep 60` was not done after 0 s");
    }

    #[test]
    fn an_answer_is_what_was_printed() {
        assert_eq!(Call::new("echo").arg("hello").answer().as_deref(), Some("hello"));
        assert_eq!(Call::new("false").answer(), None);
    }
}
