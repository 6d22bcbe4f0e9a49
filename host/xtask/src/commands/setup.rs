//! `setup`: what building needs.

use crate::{duckdb, failure::Result, guests, workspace::Workspace};

pub fn run(workspace: &Workspace) -> Result<()> {
    duckdb::fetch(workspace)?;
    guests::build(workspace)?;
    eprintln!("\nset-up complete: DuckDB's library and the guests are in {}", workspace.target.display());
    Ok(())
}
