//! States on their way to a guest and back.

use duckpen_database::VectorError;

use crate::bindings::{GroupStates, VarData};

/// How states lie one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Each has this many bytes.
    Fixed(usize),
    /// Each has any number of bytes.
    Variable,
}

/// The states of several groups.
#[derive(Debug)]
pub(crate) struct StateBuffer {
    shape: Shape,
    count: usize,
    /// Where each begins, and where the last one ends; of variable ones only.
    offsets: Vec<u32>,
    bytes: Vec<u8>,
}

impl StateBuffer {
    pub(crate) fn new(shape: Shape) -> Self {
        Self { shape, count: 0, offsets: vec![0], bytes: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
        self.offsets.truncate(1);
        self.bytes.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Bytes of all states.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Adds a state. One of a fixed shape has its length.
    pub(crate) fn push(&mut self, state: &[u8]) -> Result<(), VectorError> {
        self.push_with(|bytes| bytes.extend_from_slice(state))
    }

    /// Adds a state that `append` puts behind the others. One of a fixed shape has its length.
    #[inline]
    pub(crate) fn push_with(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> Result<(), VectorError> {
        append(&mut self.bytes);
        self.count += 1;
        if self.shape == Shape::Variable {
            self.offsets.push(u32::try_from(self.bytes.len()).map_err(|_| VectorError::TooLarge)?);
        }
        Ok(())
    }

    /// The state of a group.
    pub(crate) fn get(&self, group: usize) -> &[u8] {
        match self.shape {
            Shape::Fixed(width) => &self.bytes[group * width..][..width],
            Shape::Variable => &self.bytes[self.offsets[group] as usize..self.offsets[group + 1] as usize],
        }
    }

    /// As the contract has them.
    pub(crate) fn lend(&self) -> GroupStates<'_> {
        match self.shape {
            Shape::Fixed(_) => GroupStates::Fixed(&self.bytes),
            Shape::Variable => GroupStates::Variable(VarData { offsets: &self.offsets, bytes: &self.bytes }),
        }
    }

    /// Fills the buffer with `count` states of a fixed shape that a guest hands over.
    pub(crate) fn fill_fixed(&mut self, count: usize, states: &[u8]) -> Result<(), String> {
        let Shape::Fixed(width) = self.shape else { return Err("states of one length where they have any".into()) };
        if states.len() != count * width {
            let actual = states.len();
            return Err(format!("{actual} bytes where {count} states of {width} bytes are expected"));
        }
        self.clear();
        self.bytes.extend_from_slice(states);
        self.count = count;
        Ok(())
    }

    /// Fills the buffer with `count` states of any length that a guest hands over.
    pub(crate) fn fill_variable(&mut self, count: usize, offsets: &[u32], states: &[u8]) -> Result<(), String> {
        if self.shape != Shape::Variable {
            return Err("states of any length where they have one".into());
        }
        if offsets.len() != count + 1 {
            return Err(VectorError::WrongRows { expected: count, actual: offsets.len().saturating_sub(1) }.to_string());
        }
        if offsets[0] != 0 {
            return Err(VectorError::OffsetsStart.to_string());
        }
        if let Some(row) = offsets.windows(2).position(|pair| pair[1] < pair[0]) {
            return Err(VectorError::OffsetsFall(row).to_string());
        }
        if offsets[count] as usize != states.len() {
            return Err(VectorError::OffsetsEnd { offset: offsets[count], bytes: states.len() }.to_string());
        }
        self.clear();
        self.offsets.extend_from_slice(&offsets[1..]);
        self.bytes.extend_from_slice(states);
        self.count = count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_found_again() {
        for shape in [Shape::Fixed(2), Shape::Variable] {
            let mut buffer = StateBuffer::new(shape);
            for round in 0..2 {
                buffer.clear();
                for state in [b"ab", b"cd"] {
                    buffer.push(state).unwrap();
                }
                assert_eq!((buffer.len(), buffer.get(0), buffer.get(1)), (2, &b"ab"[..], &b"cd"[..]), "{round}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut fixed = StateBuffer::new(Shape::Fixed(2));
        let refused = "3 bytes where 2 states of 2 bytes are expected";
        assert_eq!(fixed.fill_fixed(2, b"abc"), Err(refused.to_owned()));
        assert_eq!(fixed.fill_variable(1, &[0, 1], b"a"), Err("states of any length where they have one".to_owned()));
        let mut variable = StateBuffer::new(Shape::Variable);
        for (offsets, message) in [
            (&[][..], "0 rows where 2 are expected"),
            (&[0, 3][..], "1 rows where 2 are expected"),
            (&[1, 2, 3][..], "the offsets do not begin with 0"),
            (&[0, 2, 1][..], "the offset of row 1 is smaller than the one before it"),
            (&[0, 2, 4][..], "the last offset is 4 where there are 3 bytes"),
        ] {
            assert_eq!(variable.fill_variable(2, offsets, b"abc"), Err(message.to_owned()), "{offsets:?}");
        }
        assert_eq!(variable.fill_variable(2, &[0, 0, 3], b"abc"), Ok(()));
        assert_eq!((variable.get(0), variable.get(1)), (&b""[..], &b"abc"[..]));
    }
}
