//! Reading on where another read ended, by the greatest value of a field.

use std::cmp::Ordering;
use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{from_json, kind_of};
use crate::Error;

/// Rows with the greatest value that are remembered one by one.
const MOST_REMEMBERED: usize = 1_000;
/// Bytes of a value.
const MOST_BYTES: usize = 1_024;

/// Where a read ended: the greatest value of its cursor, and which rows have it.
///
/// Rows that come later may have that same value, so it alone does not tell what is new. Rows are remembered by a digest of
/// all they hold: one that was changed without its cursor being moved is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    newest: Value,
    rows: Vec<u64>,
    /// Whether there were more than could be remembered: then all rows with this value count as read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_full: bool,
}

impl Progress {
    /// The greatest value that was read.
    pub fn newest(&self) -> &Value {
        &self.newest
    }

    /// The greatest value as the parameter of a request.
    pub fn newest_text(&self) -> String {
        from_json::text(&self.newest).into_owned()
    }
}

/// Tells which rows are new, and where the read ends.
#[derive(Debug, Default)]
pub struct Cursor {
    since: Option<(Progress, Place)>,
    newest: Option<(Value, Place)>,
    rows: HashSet<u64>,
    is_full: bool,
}

impl Cursor {
    /// Begins after what an earlier read had.
    ///
    /// # Errors
    /// When its greatest value is none that can be compared.
    pub fn new(since: Option<Progress>) -> Result<Self, Error> {
        let Some(progress) = since else { return Ok(Self::default()) };
        let place = Place::of(&progress.newest)?;
        Ok(Self {
            newest: Some((progress.newest.clone(), place.clone())),
            rows: progress.rows.iter().copied().collect(),
            is_full: progress.is_full,
            since: Some((progress, place)),
        })
    }

    /// Where the earlier read ended.
    pub fn since(&self) -> Option<&Progress> {
        self.since.as_ref().map(|(progress, _)| progress)
    }

    /// Whether a row is new, and so to be read; `value` is the one of its cursor. A row that has none is read only when
    /// everything is.
    ///
    /// # Errors
    /// When the value is no number and no text, or cannot be compared with those before.
    pub fn is_new(&mut self, value: Option<&Value>, row: &Value) -> Result<bool, Error> {
        let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(self.since.is_none()) };
        let place = Place::of(value)?;
        let digest = digest(row);
        if let Some((progress, since)) = &self.since {
            match place.compare(since)? {
                Ordering::Less => return Ok(false),
                Ordering::Equal if progress.is_full || progress.rows.contains(&digest) => return Ok(false),
                Ordering::Equal | Ordering::Greater => {}
            }
        }
        let order = self.newest.as_ref().map_or(Ok(Ordering::Greater), |(_, newest)| place.compare(newest))?;
        if order == Ordering::Greater {
            self.newest = Some((value.clone(), place));
            self.rows.clear();
            self.is_full = false;
        }
        if order != Ordering::Less && !self.rows.contains(&digest) {
            if self.rows.len() < MOST_REMEMBERED {
                self.rows.insert(digest);
            } else {
                self.is_full = true;
            }
        }
        Ok(true)
    }

    /// Where the read has ended. None where no row had a value.
    pub fn progress(&self) -> Option<Progress> {
        let (newest, _) = self.newest.as_ref()?;
        let mut rows: Vec<u64> = if self.is_full { Vec::new() } else { self.rows.iter().copied().collect() };
        rows.sort_unstable();
        Some(Progress { newest: newest.clone(), rows, is_full: self.is_full })
    }
}

/// A value that has a place in an order.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    Whole(i128),
    Number(f64),
    /// A text, and what moment it says, where it says one with a zone.
    Text(String, Option<Timestamp>),
}

impl Place {
    fn of(value: &Value) -> Result<Self, Error> {
        let number = match value {
            Value::String(text) if text.len() <= MOST_BYTES => {
                return Ok(Self::Text(text.clone(), text.trim().parse().ok()));
            }
            Value::String(_) => return Err(format!("the cursor's value has more than {MOST_BYTES} bytes").into()),
            Value::Number(number) => number,
            other => return Err(format!("the cursor's value is {}, and no number or text", kind_of(other)).into()),
        };
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        match (whole, number.as_f64()) {
            (Some(whole), _) => Ok(Self::Whole(whole)),
            (None, Some(number)) if number.is_finite() => Ok(Self::Number(number)),
            _ => Err("the cursor's value is no finite number".into()),
        }
    }

    /// Numbers are compared as numbers, texts that say moments as these, other texts letter by letter.
    fn compare(&self, other: &Self) -> Result<Ordering, Error> {
        Ok(match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(b),
            (Self::Text(_, Some(a)), Self::Text(_, Some(b))) => a.cmp(b),
            (Self::Text(a, _), Self::Text(b, _)) => a.cmp(b),
            (Self::Text(..), _) | (_, Self::Text(..)) => {
                return Err("the cursor's values are numbers in some rows and texts in others".into());
            }
            (a, b) => a.number().total_cmp(&b.number()),
        })
    }

    fn number(&self) -> f64 {
        match self {
            Self::Whole(whole) => *whole as f64,
            Self::Number(number) => *number,
            Self::Text(..) => 0.0,
        }
    }
}

/// FNV-1a of a document: the same in every version of this crate, since it is kept.
pub fn digest(document: &Value) -> u64 {
    digest_of(document.to_string().as_bytes())
}

/// FNV-1a of some bytes.
pub fn digest_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(since: Option<Progress>, rows: &[Value]) -> (Vec<Value>, Option<Progress>) {
        let mut cursor = Cursor::new(since).unwrap();
        let new = rows.iter().filter(|row| cursor.is_new(row.get("at"), row).unwrap()).cloned().collect();
        (new, cursor.progress())
    }

    #[test]
    fn a_row_is_read_once_though_others_have_its_value() {
        let row = |id: i64, at: &str| json!({"id": id, "at": at});
        let (first, second) = ("2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z");
        let (new, progress) = read(None, &[row(2, second), row(1, first), json!({"id": 9})]);
        assert_eq!(new.len(), 3, "everything is read, a row without a value too");
        assert_eq!(progress.as_ref().unwrap().newest(), &json!(second));
        // As it was kept.
        let kept = serde_json::from_value(serde_json::to_value(&progress).unwrap()).unwrap();
        let late = row(3, "2025-01-02T01:00:00+01:00");
        let changed = json!({"id": 2, "at": second, "paid": true});
        let (new, progress) =
            read(kept, &[row(1, first), row(2, second), late.clone(), changed.clone(), json!({"id": 9})]);
        assert_eq!(new, [late.clone(), changed.clone()], "the same moment, and a row that was changed");
        let (new, again) = read(progress.clone(), &[row(2, second), late, changed]);
        assert_eq!((new.len(), &again), (0, &progress));
        assert_eq!(read(progress.clone(), &[]), (vec![], progress), "no rows move nothing");
    }

    #[test]
    fn values_are_compared_as_what_they_are() {
        for (least, most) in [
            (json!(9), json!(10)),
            (json!(9.5), json!(10)),
            (json!(i64::MAX), json!(u64::MAX)),
            (json!("a"), json!("b")),
            (json!("2025-01-01T10:00:00+05:00"), json!("2025-01-01T06:00:00Z")),
            (json!("2025-01-01"), json!("2025-01-02")),
        ] {
            let rows = [json!({"at": most}), json!({"at": least})];
            assert_eq!(read(None, &rows).1.unwrap().newest(), &most, "{least} {most}");
        }
    }

    #[test]
    fn values_without_an_order_are_refused() {
        let mut cursor = Cursor::new(None).unwrap();
        assert!(cursor.is_new(Some(&json!(1)), &json!({})).unwrap());
        for value in [json!("x"), json!([1]), json!(true), json!("x".repeat(2_000))] {
            assert!(cursor.is_new(Some(&value), &json!({})).is_err(), "{value}");
        }
    }

    #[test]
    fn more_rows_of_one_value_than_can_be_remembered_all_count_as_read() {
        let rows: Vec<_> = (0..=MOST_REMEMBERED).map(|id| json!({"id": id, "at": 7})).collect();
        let (new, progress) = read(None, &rows);
        assert_eq!(new.len(), rows.len());
        assert!(serde_json::to_string(&progress).unwrap().len() < 64);
        assert_eq!(read(progress, &[json!({"id": -1, "at": 7}), json!({"id": 0, "at": 8})]).0.len(), 1);
    }
}
