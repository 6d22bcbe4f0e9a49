//! What a function makes of an argument once, and uses for many rows.

use super::parameter::Extent;
use crate::Error;

/// A value made of an argument by `prepare`. Of an argument that is the same for all rows it is made once; of another, anew
/// whenever its value is not that of the row before.
pub struct Prepared<K, P> {
    made: Option<(K, P)>,
}

impl<K, P> Default for Prepared<K, P> {
    fn default() -> Self {
        Self { made: None }
    }
}

impl<K, P> Prepared<K, P> {
    /// What is made of the value of a row.
    ///
    /// # Errors
    /// Those of `prepare`.
    #[inline]
    pub fn of<V: Keep<Kept = K>>(
        &mut self,
        value: V,
        extent: Extent,
        prepare: impl FnOnce(V) -> Result<P, Error>,
    ) -> Result<&P, Error> {
        let is_known = match &self.made {
            Some((key, _)) => extent == Extent::Constant || value.is(key),
            None => false,
        };
        if !is_known {
            self.made = None;
            let key = value.keep();
            self.made = Some((key, prepare(value)?));
        }
        match &self.made {
            Some((_, prepared)) => Ok(prepared),
            None => Err(Error::new(crate::ErrorKind::Internal, "nothing was prepared")),
        }
    }
}

/// A value that is kept to be compared with that of the next row.
pub trait Keep {
    /// How it is kept.
    type Kept: 'static;

    /// A copy that lives on.
    fn keep(&self) -> Self::Kept;

    /// Whether it is equal to what is kept.
    fn is(&self, kept: &Self::Kept) -> bool;
}

macro_rules! keep {
    ($($type:ty => $kept:ty),* $(,)?) => {$(
        impl Keep for $type {
            type Kept = $kept;

            fn keep(&self) -> $kept {
                self.to_owned().into()
            }

            fn is(&self, kept: &$kept) -> bool {
                *self == *kept
            }
        }
    )*};
}

/// Numbers with a point are the same where their bits are, so that what is no number is prepared once, too.
macro_rules! keep_bits {
    ($($type:ty => $kept:ty),* $(,)?) => {$(
        impl Keep for $type {
            type Kept = $kept;

            fn keep(&self) -> $kept {
                self.to_bits()
            }

            fn is(&self, kept: &$kept) -> bool {
                self.to_bits() == *kept
            }
        }
    )*};
}

keep_bits! { f32 => u32, f64 => u64 }

impl<T: Keep> Keep for Option<T> {
    type Kept = Option<T::Kept>;

    fn keep(&self) -> Self::Kept {
        self.as_ref().map(T::keep)
    }

    fn is(&self, kept: &Self::Kept) -> bool {
        match (self, kept) {
            (Some(value), Some(kept)) => value.is(kept),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Keep> Keep for Vec<T> {
    type Kept = Vec<T::Kept>;

    fn keep(&self) -> Self::Kept {
        self.iter().map(T::keep).collect()
    }

    fn is(&self, kept: &Self::Kept) -> bool {
        self.len() == kept.len() && self.iter().zip(kept).all(|(value, kept)| value.is(kept))
    }
}

impl<T: Keep, const LENGTH: usize> Keep for [T; LENGTH] {
    type Kept = Vec<T::Kept>;

    fn keep(&self) -> Self::Kept {
        self.iter().map(T::keep).collect()
    }

    fn is(&self, kept: &Self::Kept) -> bool {
        self.iter().zip(kept).all(|(value, kept)| value.is(kept))
    }
}

keep! {
    bool => bool, i8 => i8, i16 => i16, i32 => i32, i64 => i64, i128 => i128,
    u8 => u8, u16 => u16, u32 => u32, u64 => u64, u128 => u128,
    &str => String, String => String, &[u8] => Vec<u8>,
    crate::Date => crate::Date, crate::Time => crate::Time, crate::TimeTz => crate::TimeTz,
    crate::Timestamp => crate::Timestamp, crate::TimestampTz => crate::TimestampTz,
    crate::TimestampS => crate::TimestampS, crate::TimestampMs => crate::TimestampMs,
    crate::TimestampNs => crate::TimestampNs, crate::Interval => crate::Interval, crate::Uuid => crate::Uuid,
}

impl<const WIDTH: u8, const SCALE: u8> Keep for crate::Decimal<WIDTH, SCALE> {
    type Kept = Self;

    fn keep(&self) -> Self {
        *self
    }

    fn is(&self, kept: &Self) -> bool {
        self == kept
    }
}
