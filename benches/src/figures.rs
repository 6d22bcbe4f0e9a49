//! What is to be reached, and how it follows from what was measured.

use std::fmt;
use std::path::{Path, PathBuf};

/// A line of the report.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// What it tells.
    pub name: &'static str,
    /// How it is computed.
    pub formula: Formula,
    /// The unit of its value; `x` for a ratio.
    pub unit: &'static str,
    /// What is to be reached; none where the figure is there to be compared with.
    pub target: Option<Target>,
}

/// How a figure follows from benchmarks, which are named as criterion names them: `group/function`.
#[derive(Debug, Clone, Copy)]
pub enum Formula {
    /// The time of a benchmark, in nanoseconds divided by the number.
    Time(&'static str, f64),
    /// The time of the first by that of the second.
    Ratio(&'static str, &'static str),
    /// Likewise, of two that were measured in turns: with bounds.
    Pair(&'static str, &'static str),
    /// The geometric mean, over the ten functions, of the time of the first by that of the second.
    GeometricMean(&'static str, &'static str),
    /// How much longer the first takes than the second, in nanoseconds divided by the number.
    More(&'static str, &'static str, f64),
}

/// A bound.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// Whether a value reaches it.
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(bound) => write!(f, "<= {bound}"),
            Self::AtLeast(bound) => write!(f, ">= {bound}"),
        }
    }
}

const NUMBERS: f64 = crate::NUMBERS as f64;
const TEXTS: f64 = crate::TEXTS as f64;

/// The functions of `benches/functions`, each with the columns of `samples` it is called with. One is a benchmark group.
pub const TEN_FUNCTIONS: &[(&str, &str)] = &[
    ("arithmetic", "x, y"),
    ("upper_case", "text"),
    ("hash_of", "text"),
    ("month_start", "day"),
    ("is_reference", "text"),
    ("json_number", "json"),
    ("tax", "amount"),
    ("first_of", "sparse, sparse_too"),
    ("at_most", "x, 1000"),
    ("class_of", "x, y"),
];

/// All lines, in the order of the report.
pub const FIGURES: &[Figure] = &[
    ratio("i64 function in a query / native", "i64_1_thread/wasm", "i64_1_thread/native", Some(Target::AtMost(1.25))),
    ratio("i64 function, one thread / two", "i64_1_thread/wasm", "i64_2_threads/wasm", Some(Target::AtLeast(1.8))),
    ratio("native i64 function, one thread / two", "i64_1_thread/native", "i64_2_threads/native", None),
    ratio(
        "string function in a query / native",
        "string_1_thread/wasm",
        "string_1_thread/native",
        Some(Target::AtMost(1.4)),
    ),
    ratio(
        "string function, one thread / two",
        "string_1_thread/wasm",
        "string_2_threads/wasm",
        Some(Target::AtLeast(1.8)),
    ),
    ratio("native string function, one thread / two", "string_1_thread/native", "string_2_threads/native", None),
    Figure {
        name: "ten functions / native, geometric mean",
        formula: Formula::GeometricMean("wasm", "native"),
        unit: "x",
        target: Some(Target::AtMost(1.3)),
    },
    ratio("arithmetic / native", "arithmetic/wasm", "arithmetic/native", None),
    ratio("string / native", "upper_case/wasm", "upper_case/native", None),
    ratio("hash / native", "hash_of/wasm", "hash_of/native", None),
    ratio("date / native", "month_start/wasm", "month_start/native", None),
    ratio("regex / native", "is_reference/wasm", "is_reference/native", None),
    ratio("JSON / native", "json_number/wasm", "json_number/native", None),
    ratio("decimal / native", "tax/wasm", "tax/native", None),
    ratio("NULL-heavy / native", "first_of/wasm", "first_of/native", None),
    ratio("constant argument / native", "at_most/wasm", "at_most/native", None),
    ratio("branchy / native", "class_of/wasm", "class_of/native", None),
    ratio("table function, rows / native", "table_1_thread/wasm", "table_1_thread/native", None),
    ratio("table function, columns / native", "table_1_thread/wasm_columns", "table_1_thread/native", None),
    ratio(
        "table function, one thread / two",
        "table_1_thread/wasm_columns",
        "table_2_threads/wasm_columns",
        Some(Target::AtLeast(1.8)),
    ),
    ratio("aggregate, 1 group / native", "aggregate_1_group/wasm", "aggregate_1_group/native", None),
    ratio(
        "aggregate, 1,000 groups / native",
        "aggregate_1000_groups/wasm",
        "aggregate_1000_groups/native",
        Some(Target::AtMost(2.0)),
    ),
    ratio(
        "metering on / off, i64 query",
        "i64_1_thread/wasm",
        "i64_1_thread/wasm_unmetered",
        Some(Target::AtMost(1.15)),
    ),
    ratio(
        "i64: Python function, Arrow / WASM",
        "peer_i64/python_arrow",
        "i64_1_thread/wasm",
        Some(Target::AtLeast(50.0)),
    ),
    ratio("i64: Python function, row by row / WASM", "peer_i64/python_native", "i64_1_thread/wasm", None),
    ratio("string: Python function, Arrow / WASM", "peer_string/python_arrow", "string_1_thread/wasm", None),
    ratio("i64: arrow-udf's runtime / a native loop", "peer_i64/arrow_udf", "peer_i64/arrow_udf_native", None),
    ratio("string: arrow-udf's runtime / a native loop", "peer_string/arrow_udf", "peer_string/arrow_udf_native", None),
    time("i64: arrow-udf's runtime", "peer_i64/arrow_udf", "ns/row", 1.0, None),
    beyond("i64: WASM, more than the query without it", "i64_1_thread/wasm", "i64_1_thread/none", NUMBERS),
    time("string: arrow-udf's runtime", "peer_string/arrow_udf", "ns/row", 1.0, None),
    beyond("string: WASM, more than the query without it", "string_1_thread/wasm", "string_1_thread/none", TEXTS),
    ratio("new instance / bare wasmtime", "instance/sandbox", "instance/bare", Some(Target::AtMost(1.5))),
    ratio("call that does nothing / bare wasmtime", "call/sandbox", "call/bare", None),
    Figure {
        name: "measuring on / off, i64 query",
        formula: Formula::Pair("measuring/on", "measuring/off"),
        unit: "x",
        target: Some(Target::AtMost(1.01)),
    },
    time("component from the precompiled cache", "load/cached", "ms", 1e6, Some(Target::AtMost(5.0))),
    more("step through its handler, more than the same SQL", "step/handler", "step/direct", Target::AtMost(0.2)),
    time("step with ledger", "step/handler", "ms", 1e6, Some(Target::AtMost(1.0))),
    ratio(
        "load of CSV, DuckDB's own time / time of the step",
        "load_csv/direct",
        "load_csv/host",
        Some(Target::AtLeast(0.9)),
    ),
    ratio(
        "load of Parquet, DuckDB's own time / time of the step",
        "load_parquet/direct",
        "load_parquet/host",
        Some(Target::AtLeast(0.9)),
    ),
    time("infinite loop, stopped after its time", "stop/loop", "ms", 1e6, Some(Target::AtMost(20.0))),
    time("i64 query, WASM", "i64_1_thread/wasm", "ns/row", NUMBERS, None),
    time("i64 query, WASM without metering", "i64_1_thread/wasm_unmetered", "ns/row", NUMBERS, None),
    time("i64 query, native", "i64_1_thread/native", "ns/row", NUMBERS, None),
    time("i64 query, built-in", "i64_1_thread/builtin", "ns/row", NUMBERS, None),
    time("i64 query, no function", "i64_1_thread/none", "ns/row", NUMBERS, None),
    time("string query, WASM", "string_1_thread/wasm", "ns/row", TEXTS, None),
    time("string query, native", "string_1_thread/native", "ns/row", TEXTS, None),
    time("string query, built-in", "string_1_thread/builtin", "ns/row", TEXTS, None),
    time("string query, no function", "string_1_thread/none", "ns/row", TEXTS, None),
    time("table function, rows", "table_1_thread/wasm", "ns/row", NUMBERS, None),
    time("table function, columns", "table_1_thread/wasm_columns", "ns/row", NUMBERS, None),
    time("table function, native", "table_1_thread/native", "ns/row", NUMBERS, None),
    time("table function, built-in", "table_1_thread/builtin", "ns/row", NUMBERS, None),
    time("aggregate, 1 group, WASM", "aggregate_1_group/wasm", "ns/row", NUMBERS, None),
    time("aggregate, 1 group, native", "aggregate_1_group/native", "ns/row", NUMBERS, None),
    time("aggregate, 1,000 groups, WASM", "aggregate_1000_groups/wasm", "ns/row", NUMBERS, None),
    time("aggregate, 1,000 groups, native", "aggregate_1000_groups/native", "ns/row", NUMBERS, None),
    calls_of_plain_component("plain component, a number there and back", "plain/typed"),
    calls_of_plain_component("the same by way of values of any type", "plain/values"),
    time("call that does nothing", "call/sandbox", "us", 1e3, None),
    time("call that does nothing, bare wasmtime", "call/bare", "us", 1e3, None),
    time("new instance", "instance/sandbox", "us", 1e3, None),
    time("new instance, bare wasmtime", "instance/bare", "us", 1e3, None),
    time("new instance and `open`", "instance/sandbox_opened", "us", 1e3, None),
    time("new instance and `open`, bare wasmtime", "instance/bare_opened", "us", 1e3, None),
];

const fn ratio(name: &'static str, of: &'static str, to: &'static str, target: Option<Target>) -> Figure {
    Figure { name, formula: Formula::Ratio(of, to), unit: "x", target }
}

const fn more(name: &'static str, of: &'static str, than: &'static str, target: Target) -> Figure {
    Figure { name, formula: Formula::More(of, than, 1e6), unit: "ms", target: Some(target) }
}

/// What calls take beyond the query.
const fn calls_of_plain_component(name: &'static str, of: &'static str) -> Figure {
    beyond(name, of, "plain/none", crate::PLAIN_ROWS as f64)
}

/// What a function takes beyond the query without it.
const fn beyond(name: &'static str, of: &'static str, than: &'static str, rows: f64) -> Figure {
    Figure { name, formula: Formula::More(of, than, rows), unit: "ns/row", target: None }
}

const fn time(name: &'static str, of: &'static str, unit: &'static str, by: f64, target: Option<Target>) -> Figure {
    Figure { name, formula: Formula::Time(of, by), unit, target }
}

impl Figure {
    /// The value; none where a benchmark it needs was not run.
    pub fn value(&self, measurements: &Measurements) -> Option<f64> {
        match self.formula {
            Formula::Time(of, by) => Some(measurements.median(of)? / by),
            Formula::More(of, than, by) => Some((measurements.median(of)? - measurements.median(than)?) / by),
            Formula::GeometricMean(of, to) => {
                let ratio = |group| {
                    Some(
                        measurements.median(&format!("{group}/{of}"))?
                            / measurements.median(&format!("{group}/{to}"))?,
                    )
                };
                let logarithms: Option<Vec<f64>> =
                    TEN_FUNCTIONS.iter().map(|(group, _)| Some(f64::ln(ratio(group)?))).collect();
                Some((logarithms?.iter().sum::<f64>() / TEN_FUNCTIONS.len() as f64).exp())
            }
            Formula::Ratio(of, to) | Formula::Pair(of, to) => Some(measurements.median(of)? / measurements.median(to)?),
        }
    }
}

impl Figure {
    /// The bounds between which the value is at 95 %, where they were measured.
    pub fn bounds(&self, measurements: &Measurements) -> Option<(f64, f64)> {
        let Formula::Pair(of, to) = self.formula else { return None };
        let (low, high) = measurements.bounds(of)?;
        let to = measurements.median(to)?;
        Some((low / to, high / to))
    }
}

/// What criterion has measured and kept.
#[derive(Debug)]
pub struct Measurements {
    folder: PathBuf,
}

impl Measurements {
    /// Those of the last run of this workspace's benchmarks.
    pub fn latest() -> Self {
        let from_environment = std::env::var_os("CRITERION_HOME").map(PathBuf::from);
        let target = std::env::var_os("CARGO_TARGET_DIR").map(|folder| Path::new(&folder).join("criterion"));
        let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/criterion");
        Self { folder: from_environment.or(target).unwrap_or_else(default) }
    }

    /// Keeps the time of a benchmark and the bounds it is between, as criterion does, in nanoseconds.
    pub(crate) fn keep(&self, benchmark: &str, nanoseconds: f64, bounds: Option<(f64, f64)>) -> std::io::Result<()> {
        let folder = self.folder.join(benchmark).join("new");
        let interval = bounds.map(|(low, high)| serde_json::json!({ "lower_bound": low, "upper_bound": high }));
        let estimates =
            serde_json::json!({ "median": { "point_estimate": nanoseconds, "confidence_interval": interval } });
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("estimates.json"), estimates.to_string())
    }

    /// The median time of a benchmark, in nanoseconds.
    fn median(&self, benchmark: &str) -> Option<f64> {
        self.estimates(benchmark)?["median"]["point_estimate"].as_f64()
    }

    /// The bounds that the median is between.
    fn bounds(&self, benchmark: &str) -> Option<(f64, f64)> {
        let interval = &self.estimates(benchmark)?["median"]["confidence_interval"];
        Some((interval["lower_bound"].as_f64()?, interval["upper_bound"].as_f64()?))
    }

    fn estimates(&self, benchmark: &str) -> Option<serde_json::Value> {
        let text = std::fs::read_to_string(self.folder.join(benchmark).join("new/estimates.json")).ok()?;
        serde_json::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(benchmarks: &[(&str, f64)]) -> (tempfile::TempDir, Measurements) {
        let folder = tempfile::tempdir().expect("a folder");
        for (benchmark, median) in benchmarks {
            let run = folder.path().join(benchmark).join("new");
            std::fs::create_dir_all(&run).expect("a folder");
            let estimates =
                serde_json::json!({ "median": { "point_estimate": median }, "mean": { "point_estimate": 0 } });
            std::fs::write(run.join("estimates.json"), estimates.to_string()).expect("a file");
        }
        let measurements = Measurements { folder: folder.path().to_owned() };
        (folder, measurements)
    }

    #[test]
    fn figures_follow_from_medians() {
        let (_folder, measurements) = measured(&[("group/slow", 3e6), ("group/quick", 2e6)]);
        assert_eq!(ratio("", "group/slow", "group/quick", None).value(&measurements), Some(1.5));
        assert_eq!(time("", "group/slow", "ms", 1e6, None).value(&measurements), Some(3.0));
        measurements.keep("group/quick", 1e6, None).expect("a file");
        assert_eq!(ratio("", "group/slow", "group/quick", None).value(&measurements), Some(3.0));
        let pair = Figure { name: "", formula: Formula::Pair("group/slow", "group/quick"), unit: "x", target: None };
        assert_eq!(pair.bounds(&measurements), None);
        measurements.keep("group/slow", 2e6, Some((1.5e6, 2.5e6))).expect("a file");
        assert_eq!((pair.value(&measurements), pair.bounds(&measurements)), (Some(2.0), Some((1.5, 2.5))));
    }

    #[test]
    fn the_mean_of_the_ten_functions_is_geometric() {
        let names: Vec<(String, f64)> = TEN_FUNCTIONS
            .iter()
            .enumerate()
            .flat_map(|(index, (name, _))| {
                let slower = if index % 2 == 0 { 4.0 } else { 1.0 };
                [(format!("{name}/wasm"), slower), (format!("{name}/native"), 1.0)]
            })
            .collect();
        let benchmarks: Vec<(&str, f64)> = names.iter().map(|(name, median)| (name.as_str(), *median)).collect();
        let mean = Figure { name: "", formula: Formula::GeometricMean("wasm", "native"), unit: "x", target: None };
        let value = mean.value(&measured(&benchmarks).1).expect("all are measured");
        assert!((value - 2.0).abs() < 1e-9, "{value}");
        assert_eq!(mean.value(&measured(&benchmarks[1..]).1), None);
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let (_folder, measurements) = measured(&[("group/slow", 3e6)]);
        assert_eq!(ratio("", "group/slow", "group/quick", None).value(&measurements), None);
    }

    #[test]
    fn targets_are_bounds_on_one_side() {
        assert!(Target::AtMost(1.25).is_met(1.25) && !Target::AtMost(1.25).is_met(1.26));
        assert!(Target::AtLeast(1.8).is_met(1.8) && !Target::AtLeast(1.8).is_met(1.79));
    }
}
