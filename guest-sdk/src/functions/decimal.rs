//! DECIMAL: a scaled integer, stored in as few bytes as its width allows.

use super::fixed::Fixed;
use super::parameter::ListItem;
use super::physical::{Physical, Words};
use crate::Error;

/// A number of `WIDTH` digits, `SCALE` of them behind the point: the unscaled number is `value * 10^SCALE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal<const WIDTH: u8, const SCALE: u8>(i128);

impl<const WIDTH: u8, const SCALE: u8> Decimal<WIDTH, SCALE> {
    const LIMIT: i128 = {
        assert!(0 < WIDTH && WIDTH <= 38 && SCALE <= WIDTH, "DECIMAL(width, scale) has scale <= width <= 38");
        10i128.pow(WIDTH as u32)
    };

    /// `DECIMAL(width,scale)` and how many of these bytes it takes.
    const NAME: ([u8; 14], usize) = {
        let mut text = *b"DECIMAL(      ";
        let mut length = 8;
        // The name is made by the compiler, in which there is no formatting.
        let parts = [(WIDTH, b','), (SCALE, b')')];
        let mut part = 0;
        while part < parts.len() {
            let (number, behind) = parts[part];
            if number >= 10 {
                text[length] = b'0' + number / 10;
                length += 1;
            }
            text[length] = b'0' + number % 10;
            text[length + 1] = behind;
            length += 2;
            part += 1;
        }
        (text, length)
    };

    /// From the unscaled number, which has to have no more than `WIDTH` digits.
    #[inline]
    pub fn from_unscaled(unscaled: i128) -> Result<Self, Error> {
        if -Self::LIMIT < unscaled && unscaled < Self::LIMIT {
            Ok(Self(unscaled))
        } else {
            Err(out_of_range::<WIDTH, SCALE>(unscaled))
        }
    }

    /// The number without its point.
    #[inline]
    pub fn unscaled(self) -> i128 {
        self.0
    }
}

#[cold]
fn out_of_range<const WIDTH: u8, const SCALE: u8>(unscaled: i128) -> Error {
    format!("{unscaled} (unscaled) is out of range for DECIMAL({WIDTH},{SCALE})").into()
}

/// The width of a decimal, as a type of its own: what it is stored in depends on the width alone.
pub struct Width<const WIDTH: u8>;

/// How decimals of a width are stored.
#[diagnostic::on_unimplemented(message = "a DECIMAL has between 1 and 38 digits")]
pub trait Storage {
    /// What a column holds.
    type Stored: Unscaled;
}

/// An integer that a decimal is stored as.
pub trait Unscaled: Physical {
    /// The number.
    fn widen(self) -> i128;

    /// A number that has no more digits than the integer has room for.
    fn narrow(number: i128) -> Self;
}

macro_rules! storage {
    ($($stored:ty: $($width:literal)*;)*) => {$($(
        impl Storage for Width<$width> {
            type Stored = $stored;
        }
    )*)*};
}

storage! {
    i16: 1 2 3 4;
    i32: 5 6 7 8 9;
    i64: 10 11 12 13 14 15 16 17 18;
    Words: 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38;
}

macro_rules! unscaled {
    ($($stored:ty),*) => {$(
        impl Unscaled for $stored {
            #[inline(always)]
            fn widen(self) -> i128 {
                self.into()
            }

            #[inline(always)]
            fn narrow(number: i128) -> Self {
                number as Self
            }
        }
    )*};
}

unscaled!(i16, i32, i64);

impl Unscaled for Words {
    #[inline(always)]
    fn widen(self) -> i128 {
        i128::load(self)
    }

    #[inline(always)]
    fn narrow(number: i128) -> Self {
        number.store()
    }
}

impl<const WIDTH: u8, const SCALE: u8> Fixed for Decimal<WIDTH, SCALE>
where
    Width<WIDTH>: Storage,
{
    type Stored = <Width<WIDTH> as Storage>::Stored;
    const LOGICAL_TYPE: &'static str = {
        assert!(SCALE <= WIDTH, "DECIMAL(width, scale) has scale <= width");
        match str::from_utf8(Self::NAME.0.split_at(Self::NAME.1).0) {
            Ok(name) => name,
            Err(_) => panic!("digits are ASCII"),
        }
    };

    #[inline(always)]
    fn load(stored: Self::Stored) -> Self {
        Self(stored.widen())
    }

    #[inline(always)]
    fn store(self) -> Self::Stored {
        // A decimal has no more digits than its width, by which what it is stored in is chosen.
        Self::Stored::narrow(self.0)
    }
}

impl<const WIDTH: u8, const SCALE: u8> ListItem for Decimal<WIDTH, SCALE> {}

#[cfg(test)]
mod tests {
    use super::super::contract::Values;
    use super::super::fixed::FixedSink;
    use super::super::results::Sink;
    use super::*;

    #[test]
    fn a_decimal_has_no_more_digits_than_its_width() {
        assert!(Decimal::<4, 2>::from_unscaled(9_999).is_ok());
        let error = Decimal::<4, 2>::from_unscaled(-10_000).expect_err("five digits");
        assert_eq!(error.message, "-10000 (unscaled) is out of range for DECIMAL(4,2)");
    }

    #[test]
    fn the_width_decides_how_a_decimal_is_stored() {
        assert!(matches!(FixedSink::<Decimal<4, 0>>::default().lend(0), Values::Int16(_)));
        assert!(matches!(FixedSink::<Decimal<9, 0>>::default().lend(0), Values::Int32(_)));
        assert!(matches!(FixedSink::<Decimal<18, 3>>::default().lend(0), Values::Int64(_)));
        assert!(matches!(FixedSink::<Decimal<38, 3>>::default().lend(0), Values::Words128(_)));
    }

    #[test]
    fn decimals_are_named_as_in_sql() {
        assert_eq!(Decimal::<4, 2>::LOGICAL_TYPE, "DECIMAL(4,2)");
        assert_eq!(Decimal::<18, 0>::LOGICAL_TYPE, "DECIMAL(18,0)");
        assert_eq!(Decimal::<38, 38>::LOGICAL_TYPE, "DECIMAL(38,38)");
    }
}
