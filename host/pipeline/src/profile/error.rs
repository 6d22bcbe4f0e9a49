const FORMAT: &str = "\
engines:
  duckdb:
    mode: memory  # or persistent, with path: target/db.duckdb
variables:
  name: value
connectors:
  name:
    type: csv
    params: {}";

/// A profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not YAML.
    #[error("Invalid profile '{path}': {message}")]
    Syntax {
        /// The file.
        path: String,
        /// What the YAML parser says, with the line.
        message: String,
    },
    /// YAML of another shape; all problems at once.
    #[error(
        "Invalid profile structure in '{path}':\n{}\n\nProfile format should be:\n{FORMAT}",
        .problems.iter().enumerate().map(|(index, problem)| format!("  {}. {problem}", index + 1)).collect::<Vec<_>>().join("\n")
    )]
    Structure {
        /// The file.
        path: String,
        /// What is wrong.
        problems: Vec<String>,
    },
}
