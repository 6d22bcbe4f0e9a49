//! BIT and BIGNUM: values of any length that are no text, kept as the database writes them.

use std::borrow::Cow;

use super::contract::Node;
use super::parameter::{Extent, ListItem, Misfit, Nodes, Parameter};
use super::results::{ResultType, Return};
use super::slots::{Element, ElementType, Slots, TextValues};
use super::text::{Form, Owned, TextSink, TextView};
use crate::Error;

/// A BIT: a string of at least one bit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BitString(Vec<u8>);

impl BitString {
    /// The bits in their order; None where there is none.
    pub fn from_bits(bits: impl IntoIterator<Item = bool>) -> Option<Self> {
        let bits: Vec<bool> = bits.into_iter().collect();
        let padding = bits.len().next_multiple_of(8) - bits.len();
        let padded: Vec<bool> = std::iter::repeat_n(true, padding).chain(bits).collect();
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        let bytes = std::iter::once(padding as u8).chain(padded.chunks(8).map(byte));
        (!padded.is_empty()).then(|| Self(bytes.collect()))
    }

    /// How many bits it has.
    pub fn bits(&self) -> usize {
        (self.0.len() - 1) * 8 - usize::from(self.0[0])
    }

    /// The bits in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = bool> {
        let padding = usize::from(self.0[0]);
        (padding..padding + self.bits()).map(|bit| self.0[1 + bit / 8] << (bit % 8) & 0x80 != 0)
    }
}

/// A BIGNUM: a whole number of any size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BigNum(Vec<u8>);

impl BigNum {
    /// The number with this magnitude, its most significant byte first.
    ///
    /// # Panics
    /// When the magnitude has 8 MiB or more.
    pub fn new(is_negative: bool, magnitude: &[u8]) -> Self {
        let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
        let digits = if zeros == magnitude.len() { &[0][..] } else { &magnitude[zeros..] };
        assert!(digits.len() < 1 << 23, "a BIGNUM has less than 8 MiB");
        let turned = if is_negative && digits != [0] { u8::MAX } else { 0 };
        let length = (1 << 23 | digits.len() as u32).to_be_bytes();
        Self(length[1..].iter().chain(digits).map(|byte| byte ^ turned).collect())
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.0[0] & 0x80 == 0
    }

    /// Its magnitude, the most significant byte first. Of zero it is one byte, of other numbers the first byte is not zero.
    pub fn magnitude(&self) -> Vec<u8> {
        let turned = if self.is_negative() { u8::MAX } else { 0 };
        self.0[3..].iter().map(|byte| byte ^ turned).collect()
    }
}

impl From<i128> for BigNum {
    fn from(number: i128) -> Self {
        Self::new(number < 0, &number.unsigned_abs().to_be_bytes())
    }
}

impl TryFrom<&BigNum> for i128 {
    type Error = Error;

    fn try_from(number: &BigNum) -> Result<Self, Error> {
        let digits = number.magnitude();
        let too_large = || Error::from("the number does not fit into 128 bits");
        if digits.len() > 16 {
            return Err(too_large());
        }
        let magnitude = digits.iter().fold(0u128, |number, digit| number << 8 | u128::from(*digit));
        let signed =
            if number.is_negative() { 0i128.checked_sub_unsigned(magnitude) } else { magnitude.try_into().ok() };
        signed.ok_or_else(too_large)
    }
}

macro_rules! encoded {
    ($($type:ident: $logical:literal, $zero:expr;)*) => {$(
        impl AsRef<[u8]> for $type {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl AsRef<Self> for $type {
            fn as_ref(&self) -> &Self {
                self
            }
        }

        impl<'c> Form<'c> for Owned<$type> {
            type Value = $type;

            /// The row of a NULL is empty; it becomes a value all the same.
            fn from_bytes(bytes: &'c [u8]) -> $type {
                $type(if bytes.is_empty() { $zero.to_vec() } else { bytes.to_vec() })
            }
        }

        impl Parameter for $type {
            type View<'c> = TextView<'c, Owned<$type>>;

            fn logical_type() -> Cow<'static, str> {
                $logical.into()
            }

            fn view<'c>(node: &'c Node, _below: &mut Nodes<'c>, extent: Extent) -> Result<Self::View<'c>, Misfit> {
                TextView::new(node, extent)
            }
        }

        impl ListItem for $type {}

        impl ResultType for $type {
            type Sink = TextSink<$type>;

            fn logical_type() -> Cow<'static, str> {
                $logical.into()
            }
        }

        impl Return for $type {
            type Type = $type;
            type Value = Self;

            fn resolve(self) -> Result<Option<Self>, Error> {
                Ok(Some(self))
            }
        }

        impl ElementType for $type {
            type Values = TextValues;
        }

        impl Element for $type {
            type Type = $type;

            fn put_into(self, slots: &mut Slots<TextValues>) {
                slots.values.put(&self.0);
                slots.pushed();
            }
        }
    )*};
}

encoded! {
    BitString: "BIT", [7, 0xFE];
    BigNum: "BIGNUM", [0x80, 0, 1, 0];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back_in_their_order() {
        let bits = |text: &str| text.chars().map(|bit| bit == '1').collect::<Vec<_>>();
        for (text, bytes) in
            [("1", &[7, 0xFF][..]), ("0", &[7, 0xFE]), ("00000001", &[0, 1]), ("100000010", &[7, 0xFF, 2])]
        {
            let string = BitString::from_bits(bits(text)).expect("it has bits");
            assert_eq!((string.as_ref() as &[u8], string.bits()), (bytes, text.len()), "{text}");
            assert_eq!(string.iter().collect::<Vec<_>>(), bits(text), "{text}");
        }
        assert_eq!(BitString::from_bits([]), None);
    }

    #[test]
    fn numbers_are_what_they_were() {
        for number in [0, 1, -1, 255, -256, i128::MAX, i128::MIN] {
            assert_eq!(i128::try_from(&BigNum::from(number)).ok(), Some(number), "{number}");
        }
        assert_eq!(BigNum::from(-1).as_ref() as &[u8], [0x7F, 0xFF, 0xFE, 0xFE]);
        assert_eq!(BigNum::new(true, &[0, 0]), BigNum::from(0));
        assert!(i128::try_from(&BigNum::new(false, &[1; 17])).is_err());
    }
}
