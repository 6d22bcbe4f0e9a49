//! Logical types for which Rust has no type of its own.

use super::fixed::Fixed;
use super::parameter::ListItem;
use super::physical::Words;

macro_rules! times {
    ($($(#[$doc:meta])* $name:ident($stored:ty): $logical:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $stored);

        impl Fixed for $name {
            type Stored = $stored;
            const LOGICAL_TYPE: &'static str = $logical;

            #[inline(always)]
            fn load(stored: $stored) -> Self {
                Self(stored)
            }

            #[inline(always)]
            fn store(self) -> $stored {
                self.0
            }
        }

        impl ListItem for $name {}
    )*};
}

times! {
    /// A day: days since 1970-01-01.
    Date(i32): "DATE",
    /// A time of day: microseconds since midnight.
    Time(i64): "TIME",
    /// A moment without a time zone: microseconds since 1970-01-01 00:00.
    Timestamp(i64): "TIMESTAMP",
    /// A moment without a time zone: seconds since 1970-01-01 00:00.
    TimestampS(i64): "TIMESTAMP_S",
    /// A moment without a time zone: milliseconds since 1970-01-01 00:00.
    TimestampMs(i64): "TIMESTAMP_MS",
    /// A moment without a time zone: nanoseconds since 1970-01-01 00:00.
    TimestampNs(i64): "TIMESTAMP_NS",
    /// A moment: microseconds since 1970-01-01 00:00 UTC.
    TimestampTz(i64): "TIMESTAMPTZ",
}

/// A span of time. Its parts are independent: a month has no fixed number of days, nor a day of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Whole months.
    pub months: i32,
    /// Whole days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

impl Fixed for Interval {
    type Stored = Words;
    const LOGICAL_TYPE: &'static str = "INTERVAL";

    #[inline(always)]
    fn load([low, high]: Words) -> Self {
        Self { months: low as i32, days: (low >> 32) as i32, micros: high as i64 }
    }

    #[inline(always)]
    fn store(self) -> Words {
        [u64::from(self.months as u32) | u64::from(self.days as u32) << 32, self.micros as u64]
    }
}

impl ListItem for Interval {}

/// A time of day with its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TimeTz {
    /// Microseconds since midnight, where the offset holds.
    pub micros: i64,
    /// Seconds east of UTC, up to 57,599 (15:59:59).
    pub offset: i32,
}

impl TimeTz {
    /// The largest offset, in seconds.
    pub const MOST_OFFSET: i32 = 57_599;
}

impl Fixed for TimeTz {
    type Stored = u64;
    const LOGICAL_TYPE: &'static str = "TIME WITH TIME ZONE";

    #[inline(always)]
    fn load(stored: u64) -> Self {
        Self { micros: (stored >> 24) as i64, offset: Self::MOST_OFFSET - (stored & 0xFF_FFFF) as i32 }
    }

    #[inline(always)]
    fn store(self) -> u64 {
        (self.micros as u64) << 24 | u64::from((Self::MOST_OFFSET - self.offset) as u32 & 0xFF_FFFF)
    }
}

impl ListItem for TimeTz {}

/// A UUID as a number, its first byte the most significant one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uuid(pub u128);

impl Fixed for Uuid {
    type Stored = Words;
    const LOGICAL_TYPE: &'static str = "UUID";

    #[inline(always)]
    fn load(stored: Words) -> Self {
        Self(u128::load(stored))
    }

    #[inline(always)]
    fn store(self) -> Words {
        self.0.store()
    }
}

impl ListItem for Uuid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_keeps_the_signs_of_its_parts() {
        let interval = Interval { months: -1, days: 2, micros: -3 };
        assert_eq!(interval.store(), [0x0000_0002_ffff_ffff, -3i64 as u64]);
        assert_eq!(Interval::load(interval.store()), interval);
    }

    #[test]
    fn a_time_keeps_its_offset() {
        for (micros, offset) in [(0, 0), (86_400_000_000, -57_599), (1, 57_599), (43_200_000_000, 19_800)] {
            let time = TimeTz { micros, offset };
            assert_eq!(TimeTz::load(time.store()), time);
        }
        assert_eq!(TimeTz { micros: 1, offset: 57_599 }.store(), 1 << 24);
    }

    #[test]
    fn a_uuid_has_its_first_bytes_in_the_high_word() {
        let uuid = Uuid(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        assert_eq!(uuid.store(), [0x8899_aabb_ccdd_eeff, 0x0011_2233_4455_6677]);
        assert_eq!(Uuid::load(uuid.store()), uuid);
    }
}
