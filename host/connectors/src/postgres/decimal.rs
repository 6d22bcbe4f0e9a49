//! Decimals of the binary format: digits to the base of 10,000, with the place of the first.

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const MINUS_INFINITY: u16 = 0xf000;

/// Digits of a number: `0.digits * 10,000 ^ (weight + 1)`, with a sign.
pub(super) struct Numeric<'m> {
    /// Two bytes each, the larger one first.
    digits: &'m [u8],
    /// The power of 10,000 of the first digit.
    weight: i16,
    sign: u16,
}

impl<'m> Numeric<'m> {
    /// None where the bytes are no number.
    pub(super) fn read(bytes: &'m [u8]) -> Option<Self> {
        let (header, digits) = bytes.split_first_chunk::<8>()?;
        let [c0, c1, w0, w1, s0, s1, ..] = *header;
        let count = usize::from(u16::from_be_bytes([c0, c1]));
        let sign = u16::from_be_bytes([s0, s1]);
        let is_known = [0, NEGATIVE, NAN, INFINITY, MINUS_INFINITY].contains(&sign);
        let number = Self { digits, weight: i16::from_be_bytes([w0, w1]), sign };
        (is_known && digits.len() == 2 * count && number.digits().all(|digit| digit < 10_000)).then_some(number)
    }

    fn digits(&self) -> impl Iterator<Item = u16> + '_ {
        self.digits.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    /// The number times ten to the power of `scale`; none where that is no whole number of 38 digits.
    pub(super) fn scaled(&self, scale: u8) -> Option<i128> {
        if self.sign & 0x8000 != 0 {
            return None;
        }
        let mut value: i128 = 0;
        let mut power = 4 * i32::from(self.weight) + i32::from(scale);
        for digit in self.digits() {
            let digit = i128::from(digit);
            if power >= 0 {
                let factor = 10i128.checked_pow(power.unsigned_abs())?;
                value = value.checked_add(digit.checked_mul(factor)?)?;
            } else {
                // Places past the scale: there may be only zeros.
                let divisor = 10i128.checked_pow(power.unsigned_abs().min(4))?;
                if digit % divisor != 0 || (power < -4 && digit != 0) {
                    return None;
                }
                value = value.checked_add(digit / divisor)?;
            }
            power -= 4;
        }
        Some(if self.sign == NEGATIVE { -value } else { value })
    }

    /// The nearest floating-point number.
    pub(super) fn to_f64(&self) -> f64 {
        match self.sign {
            NAN => return f64::NAN,
            INFINITY => return f64::INFINITY,
            MINUS_INFINITY => return f64::NEG_INFINITY,
            _ => {}
        }
        // What is parsed is rounded once, and so rightly.
        let mut text = String::with_capacity(4 * self.digits.len() + 8);
        if self.sign == NEGATIVE {
            text.push('-');
        }
        text.push('0');
        for digit in self.digits() {
            text.push_str(&format!("{digit:04}"));
        }
        let places = 2 * self.digits.len() as i64;
        text.push_str(&format!("e{}", 4 * (i64::from(self.weight) + 1) - places));
        text.parse().unwrap_or(f64::NAN)
    }
}

/// Writes a number of `scale` places behind its length.
pub(super) fn write(value: i128, scale: u8, buffer: &mut Vec<u8>) {
    // The digits of the number, shifted so that the point lies between two of them.
    let shift = (4 - scale % 4) % 4;
    let mut rest = value.unsigned_abs();
    let mut digits: Vec<u16> = Vec::with_capacity(12);
    let factor = 10u128.pow(shift.into());
    // The first digit from behind takes fewer places of the number.
    let first = 10_000 / factor;
    digits.push((rest % first * factor) as u16);
    rest /= first;
    while rest > 0 {
        digits.push((rest % 10_000) as u16);
        rest /= 10_000;
    }
    let behind_point = i32::from(scale.div_ceil(4));
    let mut weight = digits.len() as i32 - 1 - behind_point;
    while digits.last() == Some(&0) {
        digits.pop();
        weight -= 1;
    }
    let trailing = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = &digits[trailing..];
    if digits.is_empty() {
        weight = 0;
    }
    let sign = if value < 0 { NEGATIVE } else { 0 };
    buffer.extend_from_slice(&(8 + 2 * digits.len() as i32).to_be_bytes());
    buffer.extend_from_slice(&(digits.len() as u16).to_be_bytes());
    buffer.extend_from_slice(&(weight as i16).to_be_bytes());
    buffer.extend_from_slice(&sign.to_be_bytes());
    buffer.extend_from_slice(&u16::from(scale).to_be_bytes());
    digits.iter().rev().for_each(|digit| buffer.extend_from_slice(&digit.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend((digits.len() as u16).to_be_bytes());
        bytes.extend(weight.to_be_bytes());
        bytes.extend(sign.to_be_bytes());
        bytes.extend(4u16.to_be_bytes());
        digits.iter().for_each(|digit| bytes.extend(digit.to_be_bytes()));
        bytes
    }

    #[test]
    fn digits_become_whole_numbers_of_a_scale() {
        for (weight, sign, digits, scale, expected) in [
            (0, 0, &[12, 3400][..], 2, Some(1234)),
            (0, NEGATIVE, &[12, 3400], 2, Some(-1234)),
            (0, 0, &[12, 3400], 4, Some(123_400)),
            (0, 0, &[12, 3400], 1, None),
            (1, 0, &[1], 0, Some(10_000)),
            (-1, 0, &[5], 4, Some(5)),
            (-2, 0, &[5], 8, Some(5)),
            (-2, 0, &[5], 4, None),
            (0, 0, &[], 2, Some(0)),
            (0, NAN, &[], 2, None),
        ] {
            let bytes = bytes(weight, sign, digits);
            assert_eq!(Numeric::read(&bytes).expect("a number").scaled(scale), expected, "{weight} {digits:?}");
        }
        assert!(Numeric::read(&[0, 1, 0]).is_none());
    }

    #[test]
    fn floating_point_numbers_are_the_nearest() {
        for (weight, sign, digits, expected) in [
            (0, 0, &[3, 2415, 9265][..], 3.241_592_65),
            (-1, NEGATIVE, &[1000], -0.1),
            (2, 0, &[1], 1e8),
            (0, INFINITY, &[], f64::INFINITY),
        ] {
            assert_eq!(Numeric::read(&bytes(weight, sign, digits)).expect("a number").to_f64(), expected);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for scale in [0, 1, 2, 3, 4, 5, 7, 8, 18, 38] {
            for value in [0, 1, -1, 5, 99, 100, 9_999, 10_000, -12_345_678, 10i128.pow(20), 10i128.pow(38) - 1] {
                let mut buffer = Vec::new();
                write(value, scale, &mut buffer);
                let (length, number) = buffer.split_first_chunk::<4>().expect("a length");
                assert_eq!(i32::from_be_bytes(*length) as usize, number.len());
                let read = Numeric::read(number).expect("a number");
                assert_eq!(read.scaled(scale), Some(value), "{value} of {scale} places");
            }
        }
    }
}
