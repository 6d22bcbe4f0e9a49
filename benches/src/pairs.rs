//! Two things measured in turn, for differences smaller than what a machine's speed wanders by between two benchmarks.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Measurements;

/// Runs both, in turns, so many times. What is kept as the time of the second is its median; as that of the first, the
/// same times the median of the ratios of a turn. So their ratio is that median.
pub fn measure_pair<R>(
    benchmarks: [&str; 2],
    turns: usize,
    mut first: impl FnMut() -> R,
    mut second: impl FnMut() -> R,
) {
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    for turn in 0..turns {
        // Whatever goes before may favour what comes next.
        let [of_first, of_second] = if turn % 2 == 0 {
            let of_first = time(&mut first);
            [of_first, time(&mut second)]
        } else {
            let of_second = time(&mut second);
            [time(&mut first), of_second]
        };
        ratios.push(of_first.as_secs_f64() / of_second.as_secs_f64());
        times.push(of_second.as_secs_f64());
    }
    let (ratio, second) = (median(&mut ratios), median(&mut times));
    let spread = ratios[turns * 3 / 4] - ratios[turns / 4];
    println!("{} / {}: {ratio:.4}, half of {turns} turns within {spread:.4}", benchmarks[0], benchmarks[1]);
    let measurements = Measurements::latest();
    for (benchmark, seconds) in benchmarks.into_iter().zip([second * ratio, second]) {
        measurements.keep(benchmark, seconds * 1e9).expect("the target folder can be written");
    }
}

fn time<R>(run: &mut impl FnMut() -> R) -> Duration {
    let began = Instant::now();
    black_box(run());
    began.elapsed()
}

/// Sorts them.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
