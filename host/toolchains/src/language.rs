use std::fmt;

/// A language functions can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Compiled by cargo.
    Rust,
    /// Compiled by zig or clang.
    C,
    /// Compiled by zig.
    Zig,
    /// Carried together with CPython, by componentize-py.
    Python,
    /// Carried together with SpiderMonkey, by componentize-js.
    JavaScript,
    /// Checked by the TypeScript compiler, then as JavaScript.
    TypeScript,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 6] = [Self::Rust, Self::C, Self::Zig, Self::Python, Self::JavaScript, Self::TypeScript];

    /// Its name, as on the command line and in `function.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Zig => "zig",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
        }
    }

    /// The language of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == name)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
