//! How large component values are.

use wasmtime::component::Val;

/// The bytes that a value holds in the host's memory.
pub(crate) fn held(value: &Val) -> u64 {
    size_of::<Val>() as u64
        + match value {
            Val::String(text) | Val::Enum(text) => text.len() as u64,
            Val::List(values) | Val::Tuple(values) => values.iter().map(held).sum(),
            Val::Record(fields) => fields.iter().map(|(name, value)| name.len() as u64 + held(value)).sum(),
            Val::Flags(names) => names.iter().map(|name| (size_of::<String>() + name.len()) as u64).sum(),
            Val::Variant(name, value) => name.len() as u64 + value.as_deref().map_or(0, held),
            Val::Option(value) => value.as_deref().map_or(0, held),
            _ => 0,
        }
}

/// The bytes that a value is to a guest, what says how long it is left out.
pub(crate) fn payload(value: &Val) -> u64 {
    match value {
        Val::Bool(_) | Val::S8(_) | Val::U8(_) | Val::Enum(_) | Val::Variant(..) | Val::Flags(_) => 1,
        Val::S16(_) | Val::U16(_) => 2,
        Val::S32(_) | Val::U32(_) | Val::Float32(_) | Val::Char(_) => 4,
        Val::S64(_) | Val::U64(_) | Val::Float64(_) => 8,
        Val::String(text) => text.len() as u64,
        Val::List(values) | Val::Tuple(values) => values.iter().map(payload).sum(),
        Val::Record(fields) => fields.iter().map(|(_, value)| payload(value)).sum(),
        Val::Option(value) => value.as_deref().map_or(0, payload),
        _ => 0,
    }
}
