use std::fmt;

use crate::quantity::Bytes;

/// Which limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the fields of `Limits`")]
pub enum LimitKind {
    Fuel,
    Memory,
    Time,
    TableElements,
    Instances,
    ResultBytes,
    ResultRows,
    HostCalls,
    Handles,
    StateBytes,
    /// The depth of calls inside the guest; fixed.
    Stack,
    /// Instances in the whole process at once; fixed.
    Slots,
}

impl LimitKind {
    /// Every kind, in the order of the variants.
    pub const ALL: [Self; 12] = [
        Self::Fuel,
        Self::Memory,
        Self::Time,
        Self::TableElements,
        Self::Instances,
        Self::ResultBytes,
        Self::ResultRows,
        Self::HostCalls,
        Self::Handles,
        Self::StateBytes,
        Self::Stack,
        Self::Slots,
    ];

    /// The name in configuration: `fuel`, `memory`, ...
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Time => "time",
            Self::TableElements => "table_elements",
            Self::Instances => "instances",
            Self::ResultBytes => "result_bytes",
            Self::ResultRows => "result_rows",
            Self::HostCalls => "host_calls",
            Self::Handles => "handles",
            Self::StateBytes => "state_bytes",
            Self::Stack => "stack",
            Self::Slots => "slots",
        }
    }

    /// Whether `limits.<name>` raises it.
    pub fn is_adjustable(self) -> bool {
        !matches!(self, Self::Stack | Self::Slots)
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which one.
    pub kind: LimitKind,
    /// Its value: bytes, units, milliseconds or a number, by kind.
    pub limit: u64,
    /// What was used, or wanted where the guest wanted more than was left.
    pub used: u64,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, limit, used } = self;
        let (limit, used) = (Quantity(*kind, *limit), Quantity(*kind, *used));
        match kind {
            LimitKind::Fuel => write!(f, "fuel limit reached: used {used} of {limit} in one call"),
            LimitKind::Memory => write!(f, "memory limit reached: wanted {used} where {limit} are allowed"),
            LimitKind::Time => write!(f, "time limit reached: ran {used} where {limit} are allowed for one call"),
            LimitKind::Stack => write!(f, "stack limit reached: calls are nested too deeply (stack of {limit})"),
            // The engine stops at the limit and does not tell how much more there was.
            LimitKind::ResultBytes => write!(f, "result_bytes limit reached: more than {limit} in one host call"),
            LimitKind::Slots => write!(f, "all {limit} places for instances are taken"),
            _ => write!(f, "{} limit reached: {used} where {limit} are allowed", kind.name()),
        }
    }
}

/// A quantity in the unit of its limit.
struct Quantity(LimitKind, u64);

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, value) = *self;
        match kind {
            LimitKind::Memory | LimitKind::ResultBytes | LimitKind::StateBytes | LimitKind::Stack => {
                Bytes(value).fmt(f)
            }
            LimitKind::Time => write!(f, "{value} ms"),
            _ => {
                let digits = value.to_string();
                for (index, digit) in digits.chars().enumerate() {
                    if index > 0 && (digits.len() - index).is_multiple_of(3) {
                        f.write_str(",")?;
                    }
                    write!(f, "{digit}")?;
                }
                Ok(())
            }
        }
    }
}

/// What a host function answers when it refuses a guest: the call ends there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// A limit was reached in the host.
    #[error("{0}")]
    Limit(Exceeded),
    /// The guest asked for what it was not granted, or broke the contract.
    #[error("{0}")]
    Denied(String),
    /// The host itself failed.
    #[error("{0}")]
    Fault(String),
    /// The guest's embedder wants it to stop.
    #[error("the run is being stopped")]
    Cancelled,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned.
    Returned,
    /// It returned an error of its own.
    GuestError,
    /// It crashed: an `unreachable`, an access outside its memory, a division by zero.
    Trap(String),
    /// It reached a limit.
    Limit(Exceeded),
    /// It was refused something, or broke the contract.
    Denied(String),
    /// The host failed.
    HostFault(String),
    /// The host stopped it.
    Cancelled,
}

impl Outcome {
    /// The words of [`label`](Self::label) for which an instance is not used again.
    pub const FATAL: [&str; 5] = ["trap", "limit", "denied", "host_fault", "cancelled"];

    /// One word, for counters and logs.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::GuestError => "guest_error",
            Self::Trap(_) => "trap",
            Self::Limit(_) => "limit",
            Self::Denied(_) => "denied",
            Self::HostFault(_) => "host_fault",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a call did not return. The instance is not used again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "as in `Outcome`")]
pub enum Stopped {
    #[error("crashed: {0}")]
    Trap(String),
    #[error("{0}")]
    Limit(Exceeded),
    #[error("{0}")]
    Denied(String),
    #[error("fault of the host: {0}")]
    HostFault(String),
    #[error("stopped because the run is being stopped")]
    Cancelled,
}

impl From<&Stopped> for Outcome {
    fn from(stopped: &Stopped) -> Self {
        match stopped.clone() {
            Stopped::Trap(message) => Self::Trap(message),
            Stopped::Limit(exceeded) => Self::Limit(exceeded),
            Stopped::Denied(message) => Self::Denied(message),
            Stopped::HostFault(message) => Self::HostFault(message),
            Stopped::Cancelled => Self::Cancelled,
        }
    }
}
