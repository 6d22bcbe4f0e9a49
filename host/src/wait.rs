//! Waiting for a database that another process has. DuckDB refuses at once, so it is asked again.

use std::time::Duration;

use duckpen_database::Error;

use crate::arguments::Patience;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Tries to open a database until it is free or patience is at its end. `told` is told once who has it; `pause` waits.
///
/// # Errors
/// The last attempt's. Other errors than that it is in use are not waited for.
pub fn until_free<T>(
    patience: Patience,
    mut open: impl FnMut() -> Result<T, Error>,
    told: impl FnOnce(&Error),
    mut pause: impl FnMut(Duration),
) -> Result<T, Error> {
    let mut left = match patience {
        Patience::Endless => None,
        Patience::Of(time) => Some(time),
    };
    let mut told = Some(told);
    loop {
        let error = match open() {
            Err(error @ Error::Locked { .. }) if left != Some(Duration::ZERO) => error,
            outcome => return outcome,
        };
        if let Some(told) = told.take() {
            told(&error);
        }
        let time = left.map_or(PAUSE, |left| left.min(PAUSE));
        pause(time);
        left = left.map(|left| left.saturating_sub(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked() -> Error {
        Error::Locked { path: "d.duckdb".into(), message: String::new() }
    }

    /// What came of it, how long was waited, how often somebody was told.
    fn waited(patience: Patience, attempts: Vec<Result<u8, Error>>) -> (Result<u8, String>, Duration, usize) {
        let mut attempts = attempts.into_iter();
        let (mut time, mut told) = (Duration::ZERO, 0);
        let found = until_free(
            patience,
            || attempts.next().unwrap_or_else(|| Err(locked())),
            |_| told += 1,
            |pause| time += pause,
        );
        (found.map_err(|error| error.to_string()), time, told)
    }

    #[test]
    fn it_is_waited_until_the_database_is_free_or_the_time_is_over() {
        let busy = |times: usize| (0..times).map(|_| Err(locked())).collect::<Vec<_>>();
        let then = |times: usize, last: Result<u8, Error>| busy(times).into_iter().chain([last]).collect::<Vec<_>>();
        let seconds = |seconds: u64| Patience::Of(Duration::from_secs(seconds));
        let in_use = Err(locked().to_string());
        assert_eq!(waited(seconds(5), vec![Ok(1)]), (Ok(1), Duration::ZERO, 0));
        assert_eq!(waited(seconds(5), then(3, Ok(1))), (Ok(1), PAUSE * 3, 1));
        assert_eq!(waited(Patience::Endless, then(100_000, Ok(1))), (Ok(1), PAUSE * 100_000, 1));
        assert_eq!(waited(seconds(2), busy(100)), (in_use.clone(), Duration::from_secs(2), 1));
        assert_eq!(waited(seconds(0), busy(100)), (in_use, Duration::ZERO, 0));
        // Another error is no matter of time.
        let other = || Error::Unexpected("no database".into());
        assert_eq!(waited(seconds(5), then(1, Err(other()))), (Err(other().to_string()), PAUSE, 1));
    }
}
