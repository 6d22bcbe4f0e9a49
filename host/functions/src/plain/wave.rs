//! Component values in words, for messages: as WIT's notation of values (WAVE) writes them.

use std::fmt::Write as _;

use wasmtime::component::Val;

/// Bytes after which a value is cut off: more is read by nobody.
const MOST: usize = 4_000;

/// An error of a function in words: a text as it is, anything else as WIT writes it.
pub(crate) fn words(value: &Val) -> String {
    if let Val::String(text) = value {
        return text.clone();
    }
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Val, text: &mut String) {
    if text.len() > MOST {
        return;
    }
    match value {
        Val::Bool(value) => push(text, value),
        Val::S8(value) => push(text, value),
        Val::S16(value) => push(text, value),
        Val::S32(value) => push(text, value),
        Val::S64(value) => push(text, value),
        Val::U8(value) => push(text, value),
        Val::U16(value) => push(text, value),
        Val::U32(value) => push(text, value),
        Val::U64(value) => push(text, value),
        Val::Float32(value) => push(text, value),
        Val::Float64(value) => push(text, value),
        Val::Char(value) => push(text, format_args!("{value:?}")),
        Val::String(value) => push(text, format_args!("{:?}", value.chars().take(MOST).collect::<String>())),
        Val::List(values) | Val::FixedLengthList(values) => sequence(text, ['[', ']'], values, write),
        Val::Tuple(values) => sequence(text, ['(', ')'], values, write),
        Val::Record(fields) => sequence(text, ['{', '}'], fields, |(name, value), text| {
            push(text, format_args!("{name}: "));
            write(value, text);
        }),
        Val::Map(entries) => sequence(text, ['{', '}'], entries, |(key, value), text| {
            write(key, text);
            text.push_str(": ");
            write(value, text);
        }),
        Val::Flags(names) => sequence(text, ['{', '}'], names, |name, text| text.push_str(name)),
        Val::Enum(name) => text.push_str(name),
        Val::Variant(name, value) => case(name, value.as_deref(), text),
        Val::Option(None) => text.push_str("none"),
        Val::Option(value) => case("some", value.as_deref(), text),
        Val::Result(Ok(value)) => case("ok", value.as_deref(), text),
        Val::Result(Err(value)) => case("err", value.as_deref(), text),
        Val::Resource(_) => text.push_str("a resource"),
        Val::Future(_) => text.push_str("a future"),
        Val::Stream(_) => text.push_str("a stream"),
        Val::ErrorContext(_) => text.push_str("an error context"),
    }
}

fn push(text: &mut String, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(text, "{value}");
}

fn sequence<T>(text: &mut String, [open, close]: [char; 2], items: &[T], mut write: impl FnMut(&T, &mut String)) {
    text.push(open);
    for (index, item) in items.iter().enumerate() {
        if text.len() > MOST {
            break;
        }
        if index > 0 {
            text.push_str(", ");
        }
        write(item, text);
    }
    text.push(close);
}

fn case(name: &str, value: Option<&Val>, text: &mut String) {
    text.push_str(name);
    if let Some(value) = value {
        text.push('(');
        write(value, text);
        text.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_wit_writes_them() {
        let some = |value| Val::Option(Some(Box::new(value)));
        let text = |text: &str| Val::String(text.into());
        for (value, expected) in [
            (text("as it is"), "as it is"),
            (Val::Float64(f64::INFINITY), "inf"),
            (Val::Float64(0.5), "0.5"),
            (Val::Char('\''), "'\\''"),
            (some(text("a \"b\"\n")), "some(\"a \\\"b\\\"\\n\")"),
            (Val::Option(None), "none"),
            (Val::Result(Ok(None)), "ok"),
            (Val::Variant("not-found".into(), Some(Box::new(Val::U32(7)))), "not-found(7)"),
            (Val::Tuple(vec![Val::Bool(true), Val::S8(-1)]), "(true, -1)"),
            (Val::Flags(vec!["read".into(), "write".into()]), "{read, write}"),
            (
                Val::Record(vec![
                    ("code".into(), Val::Enum("out-of-range".into())),
                    ("rows".into(), Val::List(vec![Val::U64(1), Val::U64(2)])),
                ]),
                "{code: out-of-range, rows: [1, 2]}",
            ),
        ] {
            assert_eq!(words(&value), expected);
        }
    }

    #[test]
    fn a_long_value_is_cut_off() {
        let long = Val::List(vec![Val::List(vec![Val::String("x".repeat(100_000)); 100]); 100]);
        assert!(words(&long).len() < 3 * MOST);
    }
}
