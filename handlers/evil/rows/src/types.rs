//! For each type a table of three rows: what it is given, NULL, what it is given by name.

/// A STRUCT.
#[derive(duckpen::Struct)]
pub struct Pair {
    number: Option<i32>,
    flags: Option<Vec<Option<bool>>>,
}

/// Defines the functions of all types, and exports them with others.
macro_rules! with_all_types {
    ($($others:tt)*) => {
        $crate::types::tables! {
            [$($others)*]
            of_boolean: bool;
            of_tinyint: i8;
            of_smallint: i16;
            of_integer: i32;
            of_bigint: i64;
            of_hugeint: i128;
            of_utinyint: u8;
            of_usmallint: u16;
            of_uinteger: u32;
            of_ubigint: u64;
            of_uhugeint: u128;
            of_float: f32;
            of_double: f64;
            of_decimal4: duckpen::Decimal<4, 1>;
            of_decimal9: duckpen::Decimal<9, 2>;
            of_decimal18: duckpen::Decimal<18, 3>;
            of_decimal38: duckpen::Decimal<38, 10>;
            of_varchar: &'static str;
            of_owned_varchar: String;
            of_blob: &'static [u8];
            of_owned_blob: Vec<u8>;
            of_date: duckpen::Date;
            of_time: duckpen::Time;
            of_timetz: duckpen::TimeTz;
            of_bit: duckpen::BitString;
            of_bignum: duckpen::BigNum;
            of_timestamp: duckpen::Timestamp;
            of_timestamptz: duckpen::TimestampTz;
            of_interval: duckpen::Interval;
            of_uuid: duckpen::Uuid;
            of_list: Vec<Option<&'static str>>;
            of_list_list: Vec<Option<Vec<Option<i32>>>>;
            of_array: [Option<i64>; 2];
            of_struct: $crate::types::Pair;
            of_map: duckpen::Map<&'static str, Option<i64>>;
            of_list_struct: Vec<Option<$crate::types::Pair>>;
        }
    };
}

macro_rules! tables {
    ([$($others:tt)*] $($name:ident: $type:ty;)*) => {
        $(
            #[duckpen::table_function(fields(position, x))]
            fn $name(x: Option<$type>, #[named] y: Option<$type>) -> impl Iterator<Item = (i32, Option<$type>)> {
                (1..).zip([x, None, y])
            }
        )*
        duckpen::functions!($($others)*, $(table $name),*);
    };
}

pub(crate) use {tables, with_all_types};
