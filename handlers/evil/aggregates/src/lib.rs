//! Aggregates that DuckDB has as well, under names of their own: whatever differs was lost on the way.
//!
//! Those named `our_*` leave their states with the host, those named `kept_*` keep them. There are states of a few bytes,
//! of many, and of any number.

use std::collections::BTreeMap;

use duckpen::{Decimal, State, Timestamp};

/// `sum` of BIGINT.
#[derive(Default, Clone, State)]
pub struct OurSum(Option<i64>);

#[duckpen::aggregate]
impl OurSum {
    fn step(&mut self, x: i64) {
        self.0 = Some(self.0.unwrap_or(0).wrapping_add(x));
    }

    fn merge(&mut self, other: Self) {
        if let Some(x) = other.0 {
            self.step(x);
        }
    }

    fn finish(self) -> Option<i64> {
        self.0
    }
}

/// `avg` of DOUBLE.
#[derive(Default, State)]
pub struct OurAvg {
    sum: f64,
    rows: u64,
}

#[duckpen::aggregate]
impl OurAvg {
    fn step(&mut self, x: f64) {
        self.sum += x;
        self.rows += 1;
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.rows += other.rows;
    }

    fn finish(self) -> Option<f64> {
        (self.rows > 0).then(|| self.sum / self.rows as f64)
    }
}

/// `count` of rows where something is NULL.
#[derive(Default, State)]
pub struct OurNulls(u64);

#[duckpen::aggregate]
impl OurNulls {
    fn step(&mut self, x: Option<i64>) {
        self.0 += u64::from(x.is_none());
    }

    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }

    fn finish(self) -> u64 {
        self.0
    }
}

/// `count(*)`.
#[derive(Default, State)]
pub struct OurCount(i64);

#[duckpen::aggregate]
impl OurCount {
    fn step(&mut self) {
        self.0 += 1;
    }

    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }

    fn finish(self) -> i64 {
        self.0
    }
}

/// `string_agg`, with the separator as an argument.
#[derive(Default, Clone, State)]
pub struct OurJoin {
    text: Option<String>,
    separator: String,
}

#[duckpen::aggregate]
impl OurJoin {
    fn step(&mut self, text: &str, separator: &str) {
        separator.clone_into(&mut self.separator);
        match &mut self.text {
            Some(joined) => {
                joined.push_str(separator);
                joined.push_str(text);
            }
            None => self.text = Some(text.to_owned()),
        }
    }

    fn merge(&mut self, other: Self) {
        if let Some(text) = &other.text {
            self.step(text, &other.separator);
        }
    }

    fn finish(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// `max` of VARCHAR.
#[derive(Default, State)]
pub struct OurMaxText(Option<String>);

#[duckpen::aggregate(name = "our_max")]
impl OurMaxText {
    fn step(&mut self, text: &str) {
        if self.0.as_deref().is_none_or(|most| most < text) {
            self.0 = Some(text.to_owned());
        }
    }

    fn merge(&mut self, other: Self) {
        if let Some(text) = &other.0 {
            self.step(text);
        }
    }

    fn finish(self) -> Option<String> {
        self.0
    }
}

/// `max` of TIMESTAMP.
#[derive(Default, State)]
pub struct OurMaxTimestamp(Option<i64>);

#[duckpen::aggregate(name = "our_max")]
impl OurMaxTimestamp {
    fn step(&mut self, when: Timestamp) {
        self.0 = self.0.max(Some(when.0));
    }

    fn merge(&mut self, other: Self) {
        self.0 = self.0.max(other.0);
    }

    fn finish(self) -> Option<Timestamp> {
        self.0.map(Timestamp)
    }
}

/// `max` of DECIMAL(18,3).
#[derive(Default, State)]
pub struct OurMaxDecimal(Option<i128>);

#[duckpen::aggregate(name = "our_max")]
impl OurMaxDecimal {
    fn step(&mut self, x: Decimal<18, 3>) {
        self.0 = self.0.max(Some(x.unscaled()));
    }

    fn merge(&mut self, other: Self) {
        self.0 = self.0.max(other.0);
    }

    fn finish(self) -> Result<Option<Decimal<18, 3>>, duckpen::Error> {
        self.0.map(Decimal::from_unscaled).transpose()
    }
}

/// How many of the residues of 32 numbers are there: a state of a fixed size that is not small.
#[derive(Default, State)]
pub struct OurResidues([u64; 32]);

#[duckpen::aggregate]
impl OurResidues {
    fn step(&mut self, x: i64) {
        self.0[(x & 31) as usize] += 1;
    }

    fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, other)| *count += other);
    }

    fn finish(self) -> i64 {
        self.0.iter().filter(|count| **count > 0).count() as i64
    }
}

/// `mode` of BIGINT, the smallest of several.
#[derive(Default, Clone, State)]
pub struct KeptMode(BTreeMap<i64, u64>);

#[duckpen::aggregate]
impl KeptMode {
    fn step(&mut self, x: i64) {
        *self.0.entry(x).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        for (x, count) in other.0 {
            *self.0.entry(x).or_default() += count;
        }
    }

    fn finish(&self) -> Option<i64> {
        let most = self.0.values().max()?;
        self.0.iter().find(|(_, count)| *count == most).map(|(x, _)| *x)
    }
}

/// `sum` of BIGINT.
#[derive(Default, Clone, State)]
pub struct KeptSum(OurSum);

#[duckpen::aggregate]
impl KeptSum {
    fn step(&mut self, x: i64) {
        self.0.step(x);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    fn finish(self) -> Option<i64> {
        self.0.finish()
    }
}

/// `string_agg`.
#[derive(Default, Clone, State)]
pub struct KeptJoin(OurJoin);

#[duckpen::aggregate]
impl KeptJoin {
    fn step(&mut self, text: &str, separator: &str) {
        self.0.step(text, separator);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    fn finish(&self) -> Option<&str> {
        self.0.finish()
    }
}

/// The number itself: a component has functions of all kinds.
#[duckpen::function]
pub fn same(x: i64) -> i64 {
    x
}

duckpen::functions!(
    same,
    aggregate OurSum,
    aggregate OurAvg,
    aggregate OurNulls,
    aggregate OurCount,
    aggregate OurJoin,
    aggregate OurMaxText,
    aggregate OurMaxTimestamp,
    aggregate OurMaxDecimal,
    aggregate OurResidues,
    resident KeptMode,
    resident KeptSum,
    resident KeptJoin,
);
