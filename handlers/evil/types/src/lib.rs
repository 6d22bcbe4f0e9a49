//! Functions that return what they are given, of every type: whatever differs afterwards was changed on the way.
//!
//! Of each type there are two: `same_*` sees NULLs, `plain_*` leaves rows with a NULL to the host. `columns_*` do the same
//! with whole columns. The rest returns values that a column of its type cannot hold.

mod nested;

use duckpen::{
    BigNum, BitString, Column, Date, Decimal, Interval, Map, Rest, Results, Time, TimeTz, Timestamp, TimestampMs,
    TimestampNs, TimestampS, TimestampTz, Uuid,
};
use nested::{Mood, Nest, Person};

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
            slots_bigint,
            columns_varchar,
            time_past_midnight,
            time_before_midnight,
            timetz_past_midnight,
            timetz_far_east,
            date_below_all,
            timestamp_below_all,
            count_arguments,
            count_texts,
            power_of_constant,
            among_prepared,
            reject,
            double_int,
            double_text,
            random_like,
            sum_of,
            same_key_twice,
            mood_of,
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
    same_timetz, plain_timetz: TimeTz => TimeTz;
    same_bit, plain_bit: BitString => BitString;
    same_bignum, plain_bignum: BigNum => BigNum;
    same_list_timetz, plain_list_timetz: Vec<Option<TimeTz>> => Vec<Option<TimeTz>>;
    same_list_bit, plain_list_bit: Vec<Option<BitString>> => Vec<Option<BitString>>;
    same_list_bignum, plain_list_bignum: Vec<Option<BigNum>> => Vec<Option<BigNum>>;
    same_timestamp_s, plain_timestamp_s: TimestampS => TimestampS;
    same_timestamp_ms, plain_timestamp_ms: TimestampMs => TimestampMs;
    same_timestamp_ns, plain_timestamp_ns: TimestampNs => TimestampNs;
    same_enum, plain_enum: Mood => Mood;
    same_list_bigint, plain_list_bigint: Vec<Option<i64>> => Vec<Option<i64>>;
    same_list_boolean, plain_list_boolean: Vec<Option<bool>> => Vec<Option<bool>>;
    same_list_utinyint, plain_list_utinyint: Vec<Option<u8>> => Vec<Option<u8>>;
    same_list_varchar, plain_list_varchar: Vec<Option<&str>> => Vec<Option<&str>>;
    same_list_blob, plain_list_blob: Vec<Option<Vec<u8>>> => Vec<Option<Vec<u8>>>;
    same_list_decimal, plain_list_decimal: Vec<Option<Decimal<4, 1>>> => Vec<Option<Decimal<4, 1>>>;
    same_list_hugeint, plain_list_hugeint: Vec<Option<i128>> => Vec<Option<i128>>;
    same_list_uuid, plain_list_uuid: Vec<Option<Uuid>> => Vec<Option<Uuid>>;
    same_list_enum, plain_list_enum: Vec<Option<Mood>> => Vec<Option<Mood>>;
    same_list_list, plain_list_list: Vec<Option<Vec<Option<i32>>>> => Vec<Option<Vec<Option<i32>>>>;
    same_array, plain_array: [Option<i32>; 3] => [Option<i32>; 3];
    same_array_varchar, plain_array_varchar: [Option<&str>; 2] => [Option<&str>; 2];
    same_array_list, plain_array_list: [Option<Vec<Option<i64>>>; 2] => [Option<Vec<Option<i64>>>; 2];
    same_array_array, plain_array_array: [Option<[Option<bool>; 2]>; 3] => [Option<[Option<bool>; 2]>; 3];
    same_struct, plain_struct: Person<'_> => Person<'_>;
    same_tuple, plain_tuple: (Option<i32>, Option<&str>) => (Option<i32>, Option<&str>);
    same_struct_nested, plain_struct_nested: Nest => Nest;
    same_list_struct, plain_list_struct: Vec<Option<Person<'_>>> => Vec<Option<Person<'_>>>;
    same_map, plain_map: Map<&str, Option<i64>> => Map<&str, Option<i64>>;
    same_map_nested, plain_map_nested: Map<i32, Option<Vec<Option<&str>>>> => Map<i32, Option<Vec<Option<&str>>>>;
    same_list_map, plain_list_map: Vec<Option<Map<i32, Option<bool>>>> => Vec<Option<Map<i32, Option<bool>>>>;
}

#[duckpen::function(columns)]
fn columns_bigint(x: Column<i64>, same: &mut Results<i64>) {
    for row in 0..x.rows() {
        same.push(x.value(row));
    }
}

/// The largest value of a batch as it is stored, whether or not its row is NULL.
#[duckpen::function(columns)]
fn slots_bigint(x: Column<i64>, largest: &mut Results<i64>) {
    let most = x.values().unwrap_or_default().iter().copied().max().unwrap_or_default();
    largest.push_all(std::iter::repeat_n(most, x.rows()));
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
fn timetz_past_midnight(x: i64) -> TimeTz {
    TimeTz { micros: 86_400_000_000 + x, offset: 0 }
}

#[duckpen::function]
fn timetz_far_east(x: i32) -> TimeTz {
    TimeTz { micros: 0, offset: TimeTz::MOST_OFFSET + x }
}

#[duckpen::function]
fn date_below_all(_x: i64) -> Date {
    Date(i32::MIN)
}

#[duckpen::function]
fn timestamp_below_all(_x: i64) -> Timestamp {
    Timestamp(i64::MIN)
}

/// Any number of arguments, of which none is NULL.
#[duckpen::function]
fn count_arguments(first: i64, rest: Rest<i64>) -> i64 {
    first * 100 + rest.len() as i64
}

#[duckpen::function]
fn count_texts(texts: Rest<Option<&str>>) -> i64 {
    texts.iter().flatten().map(|text| text.len() as i64).sum()
}

/// Counts how often it was prepared, in its result.
#[duckpen::function]
fn power_of_constant(x: i64, #[prepare(|power: i64| prepared(power))] power: &(i64, i64)) -> i64 {
    x * 1_000 + power.0 * 100 + power.1
}

/// The value, and how many values were prepared so far.
fn prepared(power: i64) -> Result<(i64, i64), String> {
    use std::sync::atomic::{AtomicI64, Ordering};
    static TIMES: AtomicI64 = AtomicI64::new(0);
    match power {
        0.. => Ok((power, TIMES.fetch_add(1, Ordering::Relaxed) + 1)),
        _ => Err(format!("{power} is no power")),
    }
}

/// Ten times how many lists were prepared so far, and 1 where the word is in this one.
#[duckpen::function]
fn among_prepared(
    word: &str,
    #[prepare(|words: Vec<Option<&str>>| prepared_words(words))] words: &(Vec<String>, i64),
) -> i64 {
    10 * words.1 + i64::from(words.0.iter().any(|known| known == word))
}

fn prepared_words(words: Vec<Option<&str>>) -> Result<(Vec<String>, i64), String> {
    use std::sync::atomic::{AtomicI64, Ordering};
    static TIMES: AtomicI64 = AtomicI64::new(0);
    let words = words.into_iter().flatten().map(str::to_owned).collect();
    Ok((words, TIMES.fetch_add(1, Ordering::Relaxed) + 1))
}

/// Fails at the row it is told.
#[duckpen::function]
fn reject(
    at: i64,
    title: &str,
    tags: Vec<Option<&str>>,
    when: Option<Timestamp>,
    price: Decimal<9, 2>,
) -> Result<i64, String> {
    let _ = (tags, when, price);
    if title == "bad" { Err(format!("{at} is bad")) } else { Ok(at) }
}

#[duckpen::function(name = "doubled")]
fn double_int(x: i64) -> i64 {
    2 * x
}

#[duckpen::function(name = "doubled")]
fn double_text(x: &str) -> String {
    x.repeat(2)
}

/// A number a call, however equal its arguments are.
#[duckpen::function(volatile)]
fn random_like(_x: i64) -> i64 {
    use std::sync::atomic::{AtomicI64, Ordering};
    static NEXT: AtomicI64 = AtomicI64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Takes no NULL inside of a list.
#[duckpen::function]
fn sum_of(numbers: &[i64]) -> i64 {
    numbers.iter().sum()
}

#[duckpen::function]
fn same_key_twice(key: f64) -> Map<f64, i64> {
    [(key, 1), (-key, 2)].into_iter().collect()
}

#[duckpen::function]
fn mood_of(mood: Mood) -> &'static str {
    match mood {
        Mood::Sad => "sad",
        Mood::Ok => "ok",
        Mood::Happy => "happy",
    }
}
