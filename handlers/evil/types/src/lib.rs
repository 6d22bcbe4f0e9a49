//! Functions that return what they are given, of every type: whatever differs afterwards was changed on the way.
//!
//! Of each type there are two: `same_*` sees NULLs, `plain_*` leaves rows with a NULL to the host. `columns_*` do the same
//! with whole columns. The rest returns values that a column of its type cannot hold.

use duckpen::{Column, Date, Decimal, Interval, Results, Time, Timestamp, TimestampTz, Uuid};

macro_rules! identities {
    ($($same:ident, $plain:ident: $argument:ty => $result:ty;)*) => {
        $(
            #[duckpen::function]
            fn $same(x: Option<$argument>) -> Option<$result> {
                x.map(Into::into)
            }

            #[duckpen::function]
            fn $plain(x: $argument) -> $result {
                x.into()
            }
        )*
        duckpen::functions!(
            $($same, $plain,)*
            columns_bigint,
            columns_varchar,
            time_past_midnight,
            time_before_midnight,
            date_below_all,
            timestamp_below_all,
        );
    };
}

identities! {
    same_boolean, plain_boolean: bool => bool;
    same_tinyint, plain_tinyint: i8 => i8;
    same_smallint, plain_smallint: i16 => i16;
    same_integer, plain_integer: i32 => i32;
    same_bigint, plain_bigint: i64 => i64;
    same_hugeint, plain_hugeint: i128 => i128;
    same_utinyint, plain_utinyint: u8 => u8;
    same_usmallint, plain_usmallint: u16 => u16;
    same_uinteger, plain_uinteger: u32 => u32;
    same_ubigint, plain_ubigint: u64 => u64;
    same_uhugeint, plain_uhugeint: u128 => u128;
    same_float, plain_float: f32 => f32;
    same_double, plain_double: f64 => f64;
    same_decimal4, plain_decimal4: Decimal<4, 1> => Decimal<4, 1>;
    same_decimal9, plain_decimal9: Decimal<9, 2> => Decimal<9, 2>;
    same_decimal18, plain_decimal18: Decimal<18, 3> => Decimal<18, 3>;
    same_decimal38, plain_decimal38: Decimal<38, 10> => Decimal<38, 10>;
    same_varchar, plain_varchar: &str => String;
    same_blob, plain_blob: &[u8] => Vec<u8>;
    same_date, plain_date: Date => Date;
    same_time, plain_time: Time => Time;
    same_timestamp, plain_timestamp: Timestamp => Timestamp;
    same_timestamptz, plain_timestamptz: TimestampTz => TimestampTz;
    same_interval, plain_interval: Interval => Interval;
    same_uuid, plain_uuid: Uuid => Uuid;
}

#[duckpen::function(columns)]
fn columns_bigint(x: Column<i64>, same: &mut Results<i64>) {
    for row in 0..x.rows() {
        same.push(x.value(row));
    }
}

#[duckpen::function(columns)]
fn columns_varchar(x: Column<str>, same: &mut Results<str>) {
    for row in 0..x.rows() {
        same.push(x.value(row));
    }
}

#[duckpen::function]
fn time_past_midnight(x: i64) -> Time {
    Time(86_400_000_000 + x)
}

#[duckpen::function]
fn time_before_midnight(x: i64) -> Time {
    Time(-x)
}

#[duckpen::function]
fn date_below_all(_x: i64) -> Date {
    Date(i32::MIN)
}

#[duckpen::function]
fn timestamp_below_all(_x: i64) -> Timestamp {
    Timestamp(i64::MIN)
}
