//! `bench`: measures, then prints figures beside their targets.

use crate::{
    commands::{BenchFormat, setup},
    failure::Result,
    workspace::Workspace,
};

const PACKAGE: &str = "duckpen-benches";

pub fn run(workspace: &Workspace, format: BenchFormat) -> Result<()> {
    setup::run(workspace)?;
    // The profile of everything else, so that the engine is not compiled once more.
    let measure = workspace.cargo().args(["bench", "--package", PACKAGE, "--profile", "dev"]);
    measure.output_to_stderr().run("measure, with the baselines in the same run")?;
    let report = workspace.cargo().args(["run", "--quiet", "--package", PACKAGE, "--bin", "report", "--"]);
    let report = match format {
        BenchFormat::Table => report,
        BenchFormat::Json => report.arg("--json"),
    };
    report.run("set the figures beside their targets")
}
