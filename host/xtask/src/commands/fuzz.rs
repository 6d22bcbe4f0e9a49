//! `fuzz`: the properties of what guests may say, over and over with new seeds, until the time is over or one fails.

use std::time::{Duration, Instant};

use crate::{
    commands::{setup, test},
    failure::Result,
    workspace::Workspace,
};

/// The tests of properties that decode what guests return.
const TARGETS: [&str; 2] = ["emitted_columns", "type_names"];

/// Cases of each property in one round: about a minute.
const CASES: &str = "5000";

pub fn run(workspace: &Workspace, time: Duration) -> Result<()> {
    setup::run(workspace)?;
    let began = Instant::now();
    let mut rounds = 0;
    while began.elapsed() < time {
        let targets = TARGETS.iter().flat_map(|target| ["--test", target]);
        let call = test::call(workspace)?.args(targets).shown_env("PROPTEST_CASES", CASES);
        call.run("try columns and names of types with seeds of their own")?;
        rounds += 1;
    }
    eprintln!("\n{rounds} rounds of {CASES} cases a property in {} s, and no failure", began.elapsed().as_secs());
    Ok(())
}
