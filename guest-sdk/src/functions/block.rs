//! Rows are worked on in blocks of 32.
//!
//! A loop whose count is a constant is unrolled and vectorised by the compiler, and the host's checks of fuel and time,
//! which stand at the back edges of loops, then cost once in 32 rows. 32 rows are also one word of a bitmap.

/// Rows in a block.
pub const BLOCK_ROWS: usize = 32;

/// One bit for each row of a block, the first row in the lowest bit.
pub type Mask = u32;

/// Blocks that `rows` rows fill; the last one may be partial.
pub fn blocks(rows: usize) -> usize {
    rows.div_ceil(BLOCK_ROWS)
}

/// The bits of the rows that block `index` really has.
#[inline(always)]
pub fn rows_mask(rows: usize, index: usize) -> Mask {
    let left = rows - index * BLOCK_ROWS;
    if left >= BLOCK_ROWS { Mask::MAX } else { (1 << left) - 1 }
}

/// Whether each row of a column has a value.
#[derive(Clone, Copy)]
pub enum Validity<'c> {
    /// No row is NULL.
    All,
    /// Every row is NULL.
    None,
    /// Packed bits, least significant first; 1 means valid.
    Bits(&'c [u8]),
}

impl Validity<'_> {
    /// Of one row.
    #[inline(always)]
    pub fn is_valid(&self, row: usize) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Bits(bits) => bits[row / 8] >> (row % 8) & 1 == 1,
        }
    }

    /// Of the rows of a block. Bits of rows that do not exist are arbitrary.
    #[inline(always)]
    pub fn mask(&self, index: usize) -> Mask {
        match self {
            Self::All => Mask::MAX,
            Self::None => 0,
            Self::Bits(bits) => word(bits, index),
        }
    }
}

/// Word `index` of packed bits; what lies past their end is 0.
#[inline(always)]
pub fn word(bits: &[u8], index: usize) -> Mask {
    let (words, tail) = bits.as_chunks::<4>();
    match words.get(index) {
        Some(bytes) => Mask::from_le_bytes(*bytes),
        None => {
            let mut bytes = [0; 4];
            bytes[..tail.len()].copy_from_slice(tail);
            Mask::from_le_bytes(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_has_only_the_rows_that_are_left() {
        let cases =
            [(1, 0, 0b1), (31, 0, u32::MAX >> 1), (32, 0, u32::MAX), (33, 0, u32::MAX), (33, 1, 1), (70, 2, 63)];
        for (rows, index, mask) in cases {
            assert_eq!(rows_mask(rows, index), mask, "{rows} rows, block {index}");
        }
        assert_eq!([0, 1, 32, 33, 2048].map(blocks), [0, 1, 1, 2, 64]);
    }

    #[test]
    fn words_of_a_bitmap_that_ends_in_the_middle_of_one() {
        let bits = [0x01, 0x02, 0x03, 0x84, 0xff, 0x01];
        assert_eq!(word(&bits, 0), 0x8403_0201);
        assert_eq!(word(&bits, 1), 0x01ff);
        assert_eq!(Validity::Bits(&bits).mask(1), 0x01ff);
        assert!(Validity::Bits(&bits).is_valid(31) && !Validity::Bits(&bits).is_valid(30));
    }
}
