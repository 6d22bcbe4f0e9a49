use std::time::Duration;

use criterion::Criterion;

/// For what takes seconds: as few samples as criterion allows, of one iteration each, and no time spent on warming up.
pub fn seconds_long() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
}
