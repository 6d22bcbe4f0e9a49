//! Two things measured in turn, for differences smaller than what a machine's speed wanders by between two benchmarks.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Measurements;

/// Runs both, in turns, so many times. What is kept as the time of the second is its median; as that of the first, the
/// same times the median of the ratios of a turn, with the bounds between which that median is, in 95 of 100 such
/// measurements. So their ratio is that median, and its bounds are those of the ratio.
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
    let (low, high) = bounds_of_median(&ratios);
    println!(
        "{} / {}: {ratio:.4}, at 95 % between {low:.4} and {high:.4}; half of {turns} turns within {spread:.4}",
        benchmarks[0], benchmarks[1]
    );
    let measurements = Measurements::latest();
    let nanoseconds = |ratio: f64| second * ratio * 1e9;
    measurements
        .keep(benchmarks[0], nanoseconds(ratio), Some((nanoseconds(low), nanoseconds(high))))
        .and_then(|()| measurements.keep(benchmarks[1], nanoseconds(1.0), None))
        .expect("the target folder can be written");
}

/// Bounds between which the median of what these values are a sample of is with a probability of 95 %: how many of the
/// values are below it is binomial, whatever their distribution is. They are sorted.
fn bounds_of_median(values: &[f64]) -> (f64, f64) {
    /// Standard deviations on either side of 95 % of a normal distribution, which the binomial one is close to.
    const DEVIATIONS: f64 = 1.96;
    let count = values.len() as f64;
    let reach = DEVIATIONS * count.sqrt() / 2.0;
    let low = (count / 2.0 - reach).floor().max(0.0) as usize;
    let high = (count / 2.0 + reach).ceil().min(count - 1.0) as usize;
    (values[low], values[high])
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

#[cfg(test)]
mod tests {
    use super::bounds_of_median;

    #[test]
    fn the_bounds_of_a_median_come_closer_with_more_values() {
        let values = |count: usize| (0..count).map(|value| value as f64).collect::<Vec<_>>();
        assert_eq!(bounds_of_median(&values(100)), (40.0, 60.0));
        assert_eq!(bounds_of_median(&values(10_000)), (4_902.0, 5_098.0));
        assert_eq!(bounds_of_median(&values(1)), (0.0, 0.0));
    }
}
