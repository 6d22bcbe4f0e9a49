//! Types of functions that Rust does not have by itself.

/// ENUM('sad', 'it''s ok', 'happy').
#[derive(Clone, Copy, duckpen::Enum)]
pub enum Mood {
    /// The first.
    #[duckpen(name = "sad")]
    Sad,
    /// One with a quote.
    #[duckpen(name = "it's ok")]
    Ok,
    /// The last.
    #[duckpen(name = "happy")]
    Happy,
}

/// A struct that borrows.
#[derive(duckpen::Struct)]
pub struct Person<'a> {
    /// A text.
    pub name: Option<&'a str>,
    /// A name that has to be quoted.
    #[duckpen(name = "b c")]
    pub number: Option<i32>,
    /// Bits.
    pub flag: Option<bool>,
}

/// A struct in a struct.
#[derive(duckpen::Struct)]
pub struct Point {
    /// A number.
    pub x: Option<f64>,
    /// A wide one.
    pub y: Option<i128>,
}

/// A struct of everything.
#[derive(duckpen::Struct)]
pub struct Nest {
    /// A struct.
    pub point: Option<Point>,
    /// A list.
    pub tags: Option<Vec<Option<String>>>,
    /// An array.
    pub pair: Option<[Option<f32>; 2]>,
}
