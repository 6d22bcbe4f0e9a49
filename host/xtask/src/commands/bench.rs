//! `bench`: measures, then prints figures beside their targets.

use crate::{
    commands::{BenchFormat, Peers, setup, test},
    failure::Result,
    peers,
    process::Call,
    workspace::Workspace,
};

const BENCHES: [&str; 3] = ["queries", "sandbox", "steps"];

pub fn run(workspace: &Workspace, format: BenchFormat, peers: Peers) -> Result<()> {
    setup::run(workspace)?;
    // Built like the tests, profile and selection of packages alike, so that the engine is not compiled once more.
    let benches = BENCHES.iter().flat_map(|bench| ["--bench", bench]);
    let measure = test::call(workspace)?.args(benches).args(["--", "--bench"]);
    measure.output_to_stderr().run("measure, with the baselines in the same run")?;
    peers::measure(workspace)?;
    if peers == Peers::All {
        peers::measure_arrow_udf(workspace)?;
    }
    // It was built with the benchmarks; to run it as a package of its own would compile the engine once more.
    let report = Call::new(workspace.built("report")).within(&workspace.root);
    let report = match format {
        BenchFormat::Table => report,
        BenchFormat::Json => report.arg("--json"),
    };
    report.run("set the figures beside their targets")
}
