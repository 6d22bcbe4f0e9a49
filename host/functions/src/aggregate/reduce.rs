//! Merging many states into few.
//!
//! For a window, DuckDB merges dozens of states into one in a single batch. One after the other that would be dozens of
//! calls of a guest; neighbours merged in pairs, for all targets at once, are a handful.

use duckpen_database::VectorError;

use super::buffer::{Shape, StateBuffer};

/// What is to become one state, piece by piece: the number of a buffer, and of a state in it.
type Pieces = Vec<(usize, usize)>;

/// Targets, and what is to be merged into each, in order.
pub(crate) struct Reduction {
    shape: Shape,
    /// Targets, sources, then the states of each round of merging.
    buffers: Vec<StateBuffer>,
    groups: Vec<Pieces>,
}

impl Reduction {
    /// The states of `targets`, into which go those of `sources`, each into `target_of`. Those that are equal to `initial`
    /// are of groups without rows, and change nothing.
    pub(crate) fn new<'a>(
        shape: Shape,
        initial: &[u8],
        targets: impl ExactSizeIterator<Item = &'a [u8]>,
        sources: impl Iterator<Item = &'a [u8]>,
        target_of: &[u32],
    ) -> Result<Self, VectorError> {
        let mut groups = vec![Pieces::new(); targets.len()];
        let mut buffers = [StateBuffer::new(shape), StateBuffer::new(shape)];
        for (group, target) in targets.enumerate() {
            if target != initial {
                groups[group].push((0, buffers[0].len()));
                buffers[0].push(target)?;
            }
        }
        for (source, group) in sources.zip(target_of) {
            if source != initial {
                groups[*group as usize].push((1, buffers[1].len()));
                buffers[1].push(source)?;
            }
        }
        Ok(Self { shape, buffers: buffers.into(), groups })
    }

    /// The next pairs to be merged: all the left ones and all the right ones. None when nothing is left to do.
    pub(crate) fn next_pairs(&self) -> Result<Option<(StateBuffer, StateBuffer)>, VectorError> {
        let (mut left, mut right) = (StateBuffer::new(self.shape), StateBuffer::new(self.shape));
        for [a, b] in self.groups.iter().flat_map(|pieces| pieces.as_chunks().0) {
            left.push(self.state(*a))?;
            right.push(self.state(*b))?;
        }
        Ok((left.len() > 0).then_some((left, right)))
    }

    /// The pairs were merged.
    pub(crate) fn merged(&mut self, states: StateBuffer) {
        let round = self.buffers.len();
        let mut next = 0;
        for pieces in &mut self.groups {
            let rest = pieces.as_chunks::<2>().1.to_vec();
            let pairs = pieces.len() / 2;
            pieces.clear();
            pieces.extend((next..next + pairs).map(|state| (round, state)));
            pieces.extend(rest);
            next += pairs;
        }
        self.buffers.push(states);
    }

    /// The targets that have changed, and their states.
    pub(crate) fn results(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let changed = |(group, pieces): (usize, &Pieces)| {
            pieces.first().filter(|(buffer, _)| *buffer > 0).map(|piece| (group, self.state(*piece)))
        };
        self.groups.iter().enumerate().filter_map(changed)
    }

    fn state(&self, (buffer, state): (usize, usize)) -> &[u8] {
        self.buffers[buffer].get(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins texts by merging, and says how many rounds that took.
    fn joined(targets: &[&str], sources: &[(&str, u32)]) -> (Vec<(usize, String)>, usize) {
        let target_of: Vec<u32> = sources.iter().map(|(_, target)| *target).collect();
        let mut reduction = Reduction::new(
            Shape::Variable,
            b"",
            targets.iter().map(|text| text.as_bytes()),
            sources.iter().map(|(text, _)| text.as_bytes()),
            &target_of,
        )
        .unwrap();
        let mut rounds = 0;
        while let Some((left, right)) = reduction.next_pairs().unwrap() {
            let mut merged = StateBuffer::new(Shape::Variable);
            for pair in 0..left.len() {
                merged.push(&[left.get(pair), right.get(pair)].concat()).unwrap();
            }
            reduction.merged(merged);
            rounds += 1;
        }
        let text = |state: &[u8]| String::from_utf8(state.to_vec()).unwrap();
        (reduction.results().map(|(group, state)| (group, text(state))).collect(), rounds)
    }

    #[test]
    fn order_is_kept_and_rounds_are_few() {
        let sources: Vec<(&str, u32)> = "abcdefghijk".split_inclusive(|_| true).map(|letter| (letter, 1)).collect();
        let (results, rounds) = joined(&["", "0", "x"], &sources);
        assert_eq!((results, rounds), (vec![(1, "0abcdefghijk".to_owned())], 4));
    }

    #[test]
    fn groups_without_rows_need_no_guest() {
        assert_eq!(joined(&["", "b", ""], &[("a", 0), ("", 1), ("", 2)]), (vec![(0, "a".to_owned())], 0));
    }

    #[test]
    fn targets_are_told_apart() {
        let (results, rounds) = joined(&["a", "b", "c"], &[("1", 2), ("2", 0), ("3", 2), ("4", 2)]);
        let expected = vec![(0, "a2".to_owned()), (2, "c134".to_owned())];
        assert_eq!((results, rounds), (expected, 2));
    }
}
