//! PostgreSQL, for the tests of the connector. They start a server of their own from its programs.

use std::path::Path;

use crate::{failure::Result, process::Call};

/// Where distributions put the programs that are not on everybody's path.
const FOLDERS: [&str; 4] = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"];

/// Installs the server where it is missing and this can be done: Debian's package, by somebody who may. A machine without it
/// is no failure: the tests say that they leave out what needs it.
pub fn install() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    if Call::new("apt-get").arg("--version").answer().is_none() || !is_root() {
        eprintln!("PostgreSQL is not installed: the tests against a real server are left out");
        eprintln!("hint: `apt-get install postgresql`, or what installs it here");
        return Ok(());
    }
    // Without a cluster of its own, which would be started at once and keep its port.
    let install = "mkdir -p /etc/postgresql-common && \
                   echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf && \
                   apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql";
    let call = Call::new("sh").args(["-c", install]).output_to_stderr();
    if let Err(failure) = call.run("install PostgreSQL, which the tests of its connector start") {
        eprintln!("{failure}the tests against a real server are left out");
    }
    Ok(())
}

fn is_there() -> bool {
    let on_path = Call::new("initdb").arg("--version").answer().is_some();
    on_path || FOLDERS.iter().any(|folder| has_server(Path::new(folder)))
}

fn has_server(folder: &Path) -> bool {
    let versions = std::fs::read_dir(folder).into_iter().flatten().flatten();
    versions.map(|version| version.path()).any(|version| version.join("bin/initdb").is_file())
}

fn is_root() -> bool {
    Call::new("id").arg("-u").answer().as_deref() == Some("0")
}
