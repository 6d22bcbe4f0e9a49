//! What stands in hints: commands to be pasted, and the way out where a file cannot be written.

use std::io;
use std::path::Path;

use super::{Code, Report};
use crate::abort::Abort;

/// A word of a command line, as a shell takes it.
pub fn word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A file of the user's that cannot be written, which is no fault of the host.
pub fn unwritable(path: &Path, error: &io::Error) -> Abort {
    Abort::rejected(Report::error(Code::Usage, format!("{} cannot be written: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_for_a_shell() {
        for (text, expected) in [
            ("../x-1.sf", "../x-1.sf"),
            ("größe", "'größe'"),
            ("", "''"),
            ("my folder", "'my folder'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(word(text), expected);
        }
    }
}
