//! Peers of the benchmarks: other systems that run functions of users, measured beside ours.

use std::{fs, path::Path};

use crate::{
    failure::{Failure, Result},
    process::Call,
    wasm_std::{self, WasmStd},
    workspace::Workspace,
};

/// Versions that are measured together. Without pandas, DuckDB looks for it again for every row of a Python function.
const PACKAGES: [&str; 4] = ["duckdb==1.5.5", "pyarrow==26.0.1", "numpy", "pandas"];
/// Rows of the tables, as in `benches/src/tables.rs`.
const ROWS: [&str; 2] = ["10000000", "2000000"];

/// Measures DuckDB's functions in Python, and leaves the figures where those of criterion are, so that the report finds
/// them. Where there is no Python, says so: the report then has no value for these lines.
pub fn measure(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("peers/python");
    if let Err(failure) = install(&folder) {
        eprint!("{failure}");
        eprintln!("the peers in Python are not measured");
        return Ok(());
    }
    eprintln!("\n== measure DuckDB's own functions in Python");
    let script = workspace.root.join("benches/peers/duckdb_python.py");
    let answer = Call::new(folder.join("bin/python")).arg(&script).args(ROWS).answer();
    let answer = answer.ok_or_else(|| Failure::new(format!("{} failed", script.display())))?;
    keep_all(workspace, &answer)
}

fn keep_all(workspace: &Workspace, answer: &str) -> Result<()> {
    for (benchmark, nanoseconds) in figures(answer) {
        keep(&workspace.target.join("criterion").join(benchmark).join("new"), nanoseconds)?;
    }
    Ok(())
}

/// Measures functions in arrow-udf's runtime, which brings another wasmtime: 10 minutes of building on two cores, once.
/// Where it cannot be built, says so: the report then has no value for these lines.
pub fn measure_arrow_udf(workspace: &Workspace) -> Result<()> {
    match arrow_udf(workspace) {
        Ok(answer) => keep_all(workspace, &answer),
        Err(failure) => {
            eprint!("{failure}");
            eprintln!("arrow-udf is not measured");
            Ok(())
        }
    }
}

fn arrow_udf(workspace: &Workspace) -> Result<String> {
    let peer = workspace.root.join("benches/peers/arrow_udf");
    let target = workspace.target.join("peers/arrow_udf");
    let cargo = || workspace.cargo().within(&peer).shown_env("CARGO_TARGET_DIR", &target);
    // Its own tool builds for WASI, of which these functions need nothing.
    let functions = cargo().args(["build", "--release", "--locked", "--package", "arrow-udf-functions"]);
    let functions = WasmStd::obtain(workspace)?.apply(functions).output_to_stderr();
    functions.run("compile two functions with arrow-udf's SDK")?;
    let build = cargo().args(["build", "--release", "--locked", "--package", "arrow-udf-peer"]).output_to_stderr();
    build.run("compile arrow-udf's runtime, a peer that runs functions in WebAssembly")?;
    let functions = target.join(wasm_std::TARGET).join("release/arrow_udf_functions.wasm");
    let program = target.join("release/arrow-udf-peer");
    let call = Call::new(&program).arg(&functions);
    call.answer().ok_or_else(|| Failure::new(format!("{} failed", program.display())))
}

/// A Python of our own with the packages in it, unless it is there.
fn install(folder: &Path) -> Result<()> {
    let stamp = folder.join("packages");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGES.join(" ")) {
        return Ok(());
    }
    Call::new("python3")
        .args(["-m", "venv"])
        .arg(folder)
        .output_to_stderr()
        .hint("install Python 3 with its module `venv`")
        .run("make a Python for the peers of the benchmarks")?;
    Call::new(folder.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES)
        .output_to_stderr()
        .run("fetch DuckDB's Python package and Arrow (150 MB): peers that run functions in SQL")?;
    fs::write(&stamp, PACKAGES.join(" ")).map_err(|error| Failure::io("write", &stamp, &error))
}

/// As criterion keeps the median of a benchmark.
fn keep(folder: &Path, nanoseconds: f64) -> Result<()> {
    let file = folder.join("estimates.json");
    let text = format!("{{\"median\":{{\"point_estimate\":{nanoseconds}}}}}\n");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, text))
        .map_err(|error| Failure::io("write", &file, &error))
}

/// The members of the flat JSON object that the script prints.
fn figures(text: &str) -> Vec<(&str, f64)> {
    let members = text.trim().trim_start_matches('{').trim_end_matches('}').split(',');
    members
        .filter_map(|member| {
            let (name, value) = member.split_once(':')?;
            Some((name.trim().trim_matches('"'), value.trim().parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::figures;

    #[test]
    fn figures_are_read_from_what_the_script_prints() {
        let text = "{\"peer_i64/python_arrow\": 5754975961, \"peer_string/python_native\": 1.5}\n";
        assert_eq!(figures(text), [("peer_i64/python_arrow", 5_754_975_961.0), ("peer_string/python_native", 1.5)]);
        assert_eq!(figures("{}"), []);
    }
}
