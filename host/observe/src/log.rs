//! Setting the log up. It goes to standard error and nowhere else: standard output is data.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal, unless `NO_COLOR` is set.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Logging {
    /// How a line looks.
    pub format: LogFormat,
    /// The least important level of this program's own lines that is shown. Of the libraries beneath, warnings and errors.
    pub level: LevelFilter,
    /// Filter in the syntax of `tracing_subscriber`'s `EnvFilter`, which then decides alone.
    pub filter: Option<String>,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("the log filter `{filter}` cannot be read: {source}")]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// It had been set up before.
    #[error("the log had already been set up")]
    AlreadySet(#[from] tracing_subscriber::util::TryInitError),
}

impl Logging {
    /// Sets the log of this process up.
    pub fn install(&self) -> Result<(), LogError> {
        let lines = fmt().with_env_filter(self.env_filter()?).with_writer(io::stderr);
        match self.format {
            LogFormat::Text => {
                let coloured =
                    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
                lines.with_ansi(coloured).with_target(false).finish().try_init()?;
            }
            LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).finish().try_init()?,
        }
        Ok(())
    }

    fn env_filter(&self) -> Result<EnvFilter, LogError> {
        let filter = match &self.filter {
            Some(filter) => filter.clone(),
            None => format!("{},duckpen={}", self.level.min(LevelFilter::WARN), self.level),
        };
        EnvFilter::try_new(&filter).map_err(|source| LogError::Filter { filter, source })
    }
}
