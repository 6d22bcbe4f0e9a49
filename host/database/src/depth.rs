//! Syntax trees of deeply nested queries. A sum of a hundred terms is a hundred levels to DuckDB, which stops at a thousand
//! of its own; reading a tree, walking over it and dropping it go down as deep, so that this is done where the stack suffices.

use std::thread;

use serde::Deserialize;

use crate::Error;

/// Brackets within brackets that any stack has room for, and that serde_json reads without being told to.
const SHALLOW: usize = 100;

/// Brackets within brackets of the deepest tree that is read. DuckDB's thousand levels come to about three thousand.
const DEEPEST: usize = 8_192;

/// Bytes of stack for one bracket: more than the walks take that are compiled without optimization.
const STACK_A_BRACKET: usize = 8 << 10;

const LEAST_STACK: usize = 2 << 20;

/// Works on a tree that DuckDB has serialized, with a stack that its depth has room on. What `work` makes of the tree has to
/// be gone when it returns.
///
/// # Errors
/// [`Error::Syntax`] when the tree is too deep; what `work` fails with.
pub(crate) fn with_room<T: Send>(tree: &str, work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    let depth = depth(tree);
    if depth <= SHALLOW {
        return work();
    }
    if depth > DEEPEST {
        return Err(too_deep());
    }
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("deep query".into()).stack_size(LEAST_STACK + depth * STACK_A_BRACKET);
        let started = thread.spawn_scoped(scope, work);
        let started = started.map_err(|error| Error::Unexpected(format!("no thread for a deep query: {error}")))?;
        started.join().map_err(|_| Error::Unexpected("a thread has panicked".into()))?
    })
}

/// Reads a tree; one that is deep within [`with_room`] only.
pub(crate) fn read<'tree, T: Deserialize<'tree>>(tree: &'tree str) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_str(tree);
    // The depth was looked at.
    reader.disable_recursion_limit();
    T::deserialize(&mut reader)
        .and_then(|read| reader.end().map(|()| read))
        .map_err(|error| Error::Unexpected(format!("no syntax tree: {error}")))
}

/// What is said of a query that is nested too deeply, here and by DuckDB.
pub(crate) fn too_deep() -> Error {
    let message = "Parser Error: the query is nested more than 1000 levels deep, where each operator of a sum is a level; \
                   put parts of it in parentheses, or make them tables of their own";
    Error::Syntax { message: message.into(), offset: None }
}

/// Most brackets within each other; those in texts do not count.
fn depth(tree: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = tree.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_outside_of_texts() {
        for (tree, expected) in [
            ("1", 0),
            ("{}", 1),
            (r#"{"a":[{"b":1}],"c":[[]]}"#, 3),
            (r#"["[[[[", "\"[[[", {}]"#, 2),
            ("]]][", 1),
            (r#"["\"#, 1),
        ] {
            assert_eq!(depth(tree), expected, "{tree}");
        }
    }

    #[test]
    fn a_tree_is_read_walked_and_dropped_up_to_the_limit_and_refused_beyond() {
        for (levels, is_read) in
            [(1, true), (SHALLOW + 1, true), (DEEPEST, true), (DEEPEST + 1, false), (2_000_000, false)]
        {
            let tree = "[".repeat(levels) + &"]".repeat(levels);
            let read = with_room(&tree, || {
                let tree: crate::syntax_tree::SyntaxTree<'_> = read(&tree)?;
                let copy = tree.clone();
                Ok(copy == tree)
            });
            match read {
                Ok(is_same) => assert!(is_read && is_same, "{levels}"),
                Err(error) => assert!(!is_read && error.to_string().contains("nested more than"), "{levels}: {error}"),
            }
            let value = with_room(&tree, || self::read::<serde_json::Value>(&tree).map(|value| value.is_array()));
            assert_eq!(value.is_ok(), is_read, "{levels}");
        }
    }
}
