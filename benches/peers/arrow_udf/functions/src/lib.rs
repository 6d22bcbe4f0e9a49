//! Two of the functions in `benches/functions`, in terms of arrow-udf's SDK.

use arrow_udf::function;

#[function("arithmetic(int64, int64) -> int64")]
fn arithmetic(x: i64, y: i64) -> i64 {
    x.wrapping_mul(3).wrapping_add(y)
}

#[function("upper_case(string) -> string")]
fn upper_case(text: &str) -> String {
    text.to_ascii_uppercase()
}
