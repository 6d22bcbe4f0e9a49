use duckpen_observe::{LogFormat, Logging};
use tracing::level_filters::LevelFilter;

use crate::abort::Abort;
use crate::arguments::{Format, OutputOptions};
use crate::output::{Code, Report};

/// Sets the log up as the command line says; the environment variable `DUCKPEN_LOG` decides alone where it is set.
pub fn install_log(options: &OutputOptions) -> Result<(), Abort> {
    let level = match (options.quiet, options.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let asked = std::env::var("DUCKPEN_LOG").ok().filter(|filter| !filter.is_empty());
    let (format, level, filter) = match options.log_format {
        Format::Json => (LogFormat::Json, level.max(LevelFilter::INFO), asked),
        // For a person the settled lines and diagnostics say what the events would.
        Format::Text if options.verbose == 0 => {
            (LogFormat::Text, level, asked.or_else(|| Some(format!("{level},duckpen_observe=off"))))
        }
        Format::Text => (LogFormat::Text, level, asked),
    };
    Logging { format, level, filter }
        .install()
        .map_err(|error| Abort::rejected(Report::error(Code::Usage, error.to_string())))
}
