//! Table functions of every form and type, to compare with what DuckDB makes itself. Never shipped.

mod numbers;
mod types;

use duckpen::Error;

/// The numbers from `start` up to `stop`, which is not among them.
#[duckpen::table_function(fields(value))]
fn series(start: i64, stop: i64, #[named] step: Option<i64>) -> Result<impl Iterator<Item = (i64,)>, Error> {
    let step = step.unwrap_or(1);
    if step <= 0 {
        return Err(Error::from(format!("a step of {step} leads nowhere")).with_hint("it has to be at least 1"));
    }
    Ok((start..stop).step_by(step as usize).map(|value| (value,)))
}

/// A word of a text.
#[derive(duckpen::Row)]
pub struct Word<'t> {
    position: u32,
    word: &'t str,
    /// None of a word that is not all letters.
    letters: Option<u16>,
}

/// The words of a text, which its rows borrow.
#[duckpen::table_function]
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    (0..).zip(text.split_whitespace()).map(|(position, word)| {
        let all_letters = word.chars().all(char::is_alphabetic);
        Word { position, word, letters: all_letters.then(|| word.chars().count() as u16) }
    })
}

/// Numbers from 1, and an error in place of the one after `last`.
#[duckpen::table_function(fields(number))]
fn fail_after(last: i64) -> impl Iterator<Item = Result<(i64,), String>> {
    (1..).map(move |number| if number <= last { Ok((number,)) } else { Err(format!("{number} is one too many")) })
}

/// As many rows as are asked for, whatever becomes of NULL.
#[duckpen::table_function(fields(given))]
fn is_given(x: Option<i32>, #[named] y: Option<i32>) -> impl Iterator<Item = (bool,)> {
    [x, y].into_iter().map(|value| (value.is_some(),))
}

/// A scalar function among them.
#[duckpen::function]
fn twice(x: i64) -> i64 {
    x.wrapping_mul(2)
}

types::with_all_types!(table series, table words, table fail_after, table is_given, table numbers::numbers, twice);
