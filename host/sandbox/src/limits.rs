use std::time::Duration;

use crate::quantity::{parse_bytes, parse_count, parse_duration, written_bytes, written_count, written_duration};

/// What a guest may use. Every limit holds for one instance; those marked "a call" are given anew for every call.
///
/// The defaults are safe for code of strangers and wide enough for ordinary functions over ordinary rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Fuel a call: about one unit an instruction. A call computes up to 2,048 rows.
    pub fuel: u64,
    /// Bytes of all linear memories and tables together.
    pub memory: u64,
    /// Wall time a call, what the host does for the guest included.
    pub time: Duration,
    /// Elements of all tables together.
    pub table_elements: u64,
    /// Core instances: a component is often several modules.
    pub instances: u32,
    /// Bytes a guest may hand to the host in one host call, results of a batch included.
    pub result_bytes: u64,
    /// Rows a guest may hand to the host in one batch.
    pub result_rows: u64,
    /// Bytes of log an instance may write; more is counted and dropped.
    pub log_bytes: u64,
    /// Calls from the guest into the host, a call.
    pub host_calls: u64,
    /// Resources an instance may hold at once: the host keeps a slot for each.
    pub handles: u32,
    /// Bytes of states of groups that the host holds for one aggregate function, all queries and threads together.
    pub state_bytes: u64,
}

/// The name of each limit, its unit, and what it is for: the table that is shown to users.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("fuel", "units a call"),
    ("memory", "bytes"),
    ("time", "a call"),
    ("table_elements", "elements"),
    ("instances", "core instances"),
    ("result_bytes", "bytes a host call"),
    ("result_rows", "rows a batch"),
    ("log_bytes", "bytes"),
    ("host_calls", "a call"),
    ("handles", "resources"),
    ("state_bytes", "bytes a function"),
];

/// A limit that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No limit has this name.
    #[error("there is no limit `{name}`; limits are {}", NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))]
    Unknown {
        /// The name given.
        name: String,
    },
    /// The value is no quantity of the limit's unit.
    #[error("`{value}` is not a value for the limit `{name}` ({expected})")]
    Value {
        /// The limit.
        name: String,
        /// The value given.
        value: String,
        /// What is expected, with an example.
        expected: &'static str,
    },
}

impl Limits {
    /// For functions in SQL.
    pub fn functions() -> Self {
        Self {
            fuel: 500_000_000,
            memory: 64 << 20,
            time: Duration::from_secs(10),
            table_elements: 20_000,
            instances: 64,
            result_bytes: 128 << 20,
            result_rows: 2_048,
            log_bytes: 64 << 10,
            host_calls: 10_000,
            handles: 10_000,
            state_bytes: 512 << 20,
        }
    }

    /// For step handlers, whose one call lasts as long as the step.
    pub fn steps() -> Self {
        Self {
            fuel: 1_000_000_000,
            time: Duration::from_secs(3600),
            result_bytes: 16 << 20,
            host_calls: 100_000,
            ..Self::functions()
        }
    }

    /// For the calls by which a component says what it offers.
    pub fn describe() -> Self {
        Self {
            fuel: 100_000_000,
            time: Duration::from_secs(1),
            result_bytes: 16 << 20,
            host_calls: 100,
            ..Self::functions()
        }
    }

    /// The names of all limits.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// A limit by its name, as it is written: `500M`, `64MiB`, `10s`.
    pub fn written(&self, name: &str) -> Option<String> {
        Some(match name {
            "fuel" => written_count(self.fuel),
            "memory" => written_bytes(self.memory),
            "time" => written_duration(self.time),
            "table_elements" => written_count(self.table_elements),
            "instances" => written_count(self.instances.into()),
            "result_bytes" => written_bytes(self.result_bytes),
            "result_rows" => written_count(self.result_rows),
            "log_bytes" => written_bytes(self.log_bytes),
            "host_calls" => written_count(self.host_calls),
            "handles" => written_count(self.handles.into()),
            "state_bytes" => written_bytes(self.state_bytes),
            _ => return None,
        })
    }

    /// Those of one call that does the work of several.
    pub(crate) fn times(&self, calls: u64) -> Self {
        let time = u32::try_from(calls).map_or(Duration::MAX, |calls| self.time.saturating_mul(calls));
        let (fuel, host_calls) = (self.fuel.saturating_mul(calls), self.host_calls.saturating_mul(calls));
        Self { fuel, time, host_calls, ..self.clone() }
    }

    /// Sets a limit by its name, as a configuration or the command line gives it.
    ///
    /// # Errors
    /// An unknown name, or a value that is no quantity of its unit. Zero is refused: nothing could run.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), LimitError> {
        const COUNT: &str = "a number above 0 such as 500M";
        const BYTES: &str = "bytes such as 64MiB";
        const TIME: &str = "a time such as 250ms or 10s";
        let wrong = |expected| LimitError::Value { name: name.to_owned(), value: value.to_owned(), expected };
        let count = || parse_count(value).filter(|count| *count > 0).ok_or_else(|| wrong(COUNT));
        let bytes = || parse_bytes(value).filter(|bytes| *bytes > 0).ok_or_else(|| wrong(BYTES));
        match name {
            "fuel" => self.fuel = count()?,
            "memory" => self.memory = bytes()?,
            "time" => self.time = parse_duration(value).filter(|time| !time.is_zero()).ok_or_else(|| wrong(TIME))?,
            "table_elements" => self.table_elements = count()?,
            "instances" => self.instances = u32::try_from(count()?).map_err(|_| wrong(COUNT))?,
            "result_bytes" => self.result_bytes = bytes()?,
            "result_rows" => self.result_rows = count()?,
            "log_bytes" => self.log_bytes = bytes()?,
            "host_calls" => self.host_calls = count()?,
            "handles" => self.handles = u32::try_from(count()?).map_err(|_| wrong(COUNT))?,
            "state_bytes" => self.state_bytes = bytes()?,
            _ => return Err(LimitError::Unknown { name: name.to_owned() }),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_can_be_set_by_its_name() {
        let mut limits = Limits::functions();
        for (name, _) in NAMES {
            limits.set(name, "7").unwrap();
            assert!(limits.written(name).unwrap().starts_with('7'), "{name}");
        }
        let all = Limits {
            fuel: 7,
            memory: 7,
            time: Duration::from_secs(7),
            table_elements: 7,
            instances: 7,
            result_bytes: 7,
            result_rows: 7,
            log_bytes: 7,
            host_calls: 7,
            handles: 7,
            state_bytes: 7,
        };
        assert_eq!(limits, all);
    }

    #[test]
    fn what_is_no_limit_or_no_value_is_refused() {
        let mut limits = Limits::functions();
        for (name, value, message) in [
            (
                "fule",
                "1",
                "there is no limit `fule`; limits are fuel, memory, time, table_elements, instances, \
              result_bytes, result_rows, log_bytes, host_calls, handles, state_bytes",
            ),
            ("fuel", "many", "`many` is not a value for the limit `fuel` (a number above 0 such as 500M)"),
            ("fuel", "0", "`0` is not a value for the limit `fuel` (a number above 0 such as 500M)"),
            ("memory", "64 parsecs", "`64 parsecs` is not a value for the limit `memory` (bytes such as 64MiB)"),
            ("time", "-1s", "`-1s` is not a value for the limit `time` (a time such as 250ms or 10s)"),
        ] {
            assert_eq!(limits.set(name, value).unwrap_err().to_string(), message);
        }
        assert_eq!(limits, Limits::functions());
    }
}
