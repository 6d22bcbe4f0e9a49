//! States as bytes.

use std::collections::{BTreeMap, BTreeSet};

/// What a group is remembered by, as bytes that the host can keep. Its default is the state of a group without rows.
///
/// Derived for a struct whose fields have it: `#[derive(Default, duckpen::State)]`. Numbers, `bool`, `char`, arrays, tuples
/// and `Option`s of these have a fixed size; `String`, `Vec` and sorted collections have any.
pub trait State: Default + 'static {
    /// Bytes of every state, where all have as many.
    const SIZE: Option<usize>;

    /// Appends the bytes.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Takes the value off the front of `bytes`; None when it is not there.
    fn decode(bytes: &mut &[u8]) -> Option<Self>;
}

/// The size of a value that consists of two.
pub const fn both(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        _ => None,
    }
}

/// The first `N` bytes.
#[inline(always)]
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl State for $number {
            const SIZE: Option<usize> = Some(size_of::<$number>());

            #[inline(always)]
            fn encode(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            #[inline(always)]
            fn decode(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(<$number>::from_le_bytes)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64);

impl State for bool {
    const SIZE: Option<usize> = Some(1);

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        u8::decode(bytes).map(|byte| byte != 0)
    }
}

impl State for char {
    const SIZE: Option<usize> = Some(4);

    fn encode(&self, bytes: &mut Vec<u8>) {
        u32::from(*self).encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        u32::decode(bytes).and_then(char::from_u32)
    }
}

/// Of a fixed size where its value is: then `None` is as many zeros.
impl<T: State> State for Option<T> {
    const SIZE: Option<usize> = both(T::SIZE, Some(1));

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.is_some().encode(bytes);
        match (self, T::SIZE) {
            (Some(value), _) => value.encode(bytes),
            (None, Some(size)) => bytes.resize(bytes.len() + size, 0),
            (None, None) => {}
        }
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        match (bool::decode(bytes)?, T::SIZE) {
            (true, _) => T::decode(bytes).map(Some),
            (false, Some(size)) => bytes.split_off(..size).map(|_| None),
            (false, None) => Some(None),
        }
    }
}

impl<T: State + Copy, const N: usize> State for [T; N]
where
    [T; N]: Default,
{
    const SIZE: Option<usize> = match T::SIZE {
        Some(size) => Some(size * N),
        None => None,
    };

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|value| value.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let mut values = Self::default();
        for value in &mut values {
            *value = T::decode(bytes)?;
        }
        Some(values)
    }
}

macro_rules! tuples {
    ($(($($part:ident $index:tt),*)),* $(,)?) => {$(
        impl<$($part: State),*> State for ($($part,)*) {
            const SIZE: Option<usize> = {
                let size = Some(0);
                $(let size = both(size, $part::SIZE);)*
                size
            };

            #[inline(always)]
            fn encode(&self, bytes: &mut Vec<u8>) {
                $(self.$index.encode(bytes);)*
            }

            #[inline(always)]
            fn decode(bytes: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode(bytes)?,)*))
            }
        }
    )*};
}

tuples!((A 0), (A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3));

/// How many values follow.
fn encode_length(length: usize, bytes: &mut Vec<u8>) {
    // A state lies in a memory of 32 bits.
    (length as u32).encode(bytes);
}

impl State for String {
    const SIZE: Option<usize> = None;

    fn encode(&self, bytes: &mut Vec<u8>) {
        encode_length(self.len(), bytes);
        bytes.extend_from_slice(self.as_bytes());
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let length = u32::decode(bytes)? as usize;
        str::from_utf8(bytes.split_off(..length)?).ok().map(str::to_owned)
    }
}

impl<T: State> State for Vec<T> {
    const SIZE: Option<usize> = None;

    fn encode(&self, bytes: &mut Vec<u8>) {
        encode_length(self.len(), bytes);
        self.iter().for_each(|item| item.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        (0..u32::decode(bytes)?).map(|_| T::decode(bytes)).collect()
    }
}

impl<T: State + Ord> State for BTreeSet<T> {
    const SIZE: Option<usize> = None;

    fn encode(&self, bytes: &mut Vec<u8>) {
        encode_length(self.len(), bytes);
        self.iter().for_each(|item| item.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        (0..u32::decode(bytes)?).map(|_| T::decode(bytes)).collect()
    }
}

impl<K: State + Ord, V: State> State for BTreeMap<K, V> {
    const SIZE: Option<usize> = None;

    fn encode(&self, bytes: &mut Vec<u8>) {
        encode_length(self.len(), bytes);
        for (key, value) in self {
            key.encode(bytes);
            value.encode(bytes);
        }
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        (0..u32::decode(bytes)?).map(|_| <(K, V)>::decode(bytes)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<T: State + PartialEq + Debug>(value: T) {
        let mut bytes = Vec::new();
        value.encode(&mut bytes);
        assert!(T::SIZE.is_none_or(|size| size == bytes.len()), "{value:?}: {} bytes", bytes.len());
        let mut rest = &*bytes;
        assert_eq!(T::decode(&mut rest).as_ref(), Some(&value));
        assert!(rest.is_empty(), "{value:?}: {rest:?} is left");
        for cut in 0..bytes.len() {
            assert_eq!(T::decode(&mut &bytes[..cut]), None, "{value:?} of {cut} bytes");
        }
    }

    #[test]
    fn values_are_what_they_were() {
        check(1u8);
        check(-2i64);
        check(i128::MIN);
        check(1.5f64);
        check(true);
        check('🦆');
        check([1u16, 2, 3]);
        check((1.0f64, 2u64));
        check((1u8, 2u16, 3u32, 4u64));
        check(Some(7i32));
        check(None::<i32>);
        check(Some(String::from("x")));
        check(None::<String>);
        check(String::from("größer"));
        check(vec![Some(1u8), None]);
        check(BTreeSet::from([3u8, 1, 2]));
        check(BTreeMap::from([(String::from("a"), vec![1u64]), (String::new(), vec![])]));
    }

    #[test]
    fn sizes_are_known_where_they_are_fixed() {
        assert_eq!(<(f64, u64)>::SIZE, Some(16));
        assert_eq!(<[Option<i32>; 3]>::SIZE, Some(15));
        assert_eq!(<(f64, String)>::SIZE, None);
    }

    #[test]
    fn bytes_that_are_no_value_are_refused() {
        assert_eq!(String::decode(&mut &[1, 0, 0, 0, 0xff][..]), None);
        assert_eq!(char::decode(&mut &[0, 0xd8, 0, 0][..]), None);
    }
}
