//! A table function for the pipelines of this project.

use duckpen::Date;

/// A day of the calendar.
#[derive(Debug, PartialEq, duckpen::Row)]
pub struct Day {
    day: Date,
    /// From Monday, 1, to Sunday, 7.
    weekday: i32,
    is_weekend: bool,
}

/// Every day from the first to the last: also those on which nothing happened. Without weekends where these are not wanted.
#[duckpen::table_function]
pub fn calendar(first: Date, last: Date, #[named] weekends: Option<bool>) -> impl Iterator<Item = Day> {
    let weekends = weekends.unwrap_or(true);
    (first.0..=last.0).map(day).filter(move |day| weekends || !day.is_weekend)
}

/// 1970-01-01, day 0, was a Thursday.
fn day(number: i32) -> Day {
    let weekday = (i64::from(number) + 3).rem_euclid(7) as i32 + 1;
    Day { day: Date(number), weekday, is_weekend: weekday > 5 }
}

duckpen::functions!(table calendar);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_right_before_and_after_1970() {
        // 1969-12-28 was a Sunday, 2024-01-01 a Monday.
        for (number, weekday) in [(-4, 7), (-3, 1), (0, 4), (19_723, 1)] {
            assert_eq!(day(number).weekday, weekday, "day {number}");
        }
    }

    #[test]
    fn weekends_can_be_left_out() {
        let (monday, sunday) = (Date(19_723), Date(19_729));
        assert_eq!(calendar(monday, sunday, None).count(), 7);
        assert_eq!(calendar(monday, sunday, Some(false)).map(|day| day.weekday).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(calendar(sunday, monday, None).count(), 0);
    }
}
