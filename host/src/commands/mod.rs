//! One file a command.

mod bench;
mod build;
mod compile;
mod explain;
mod functions;
mod inspect;
mod list;
mod migrate;
mod new;
mod run;
mod sql;
mod statistics;
mod test;
mod validate;

pub use build::not_built;
pub use migrate::MigrateOptions;

use crate::abort::Abort;
use crate::arguments::{Command, NewCommand, PipelineCommand};
use crate::exit::Exit;
use crate::output::Printer;

/// Does what the command line says.
pub fn execute(command: &Command, printer: &Printer) -> Result<Exit, Abort> {
    match command {
        Command::Pipeline(command) | Command::Nested(command) => match command {
            PipelineCommand::Run(options) => run::run(options, printer),
            PipelineCommand::Compile(options) => compile::compile(options, printer),
            PipelineCommand::Validate(options) => validate::validate(options, printer),
            PipelineCommand::List(options) => list::list(options, printer),
        },
        Command::Sql(options) => sql::sql(options, printer),
        Command::Functions(options) => functions::functions(options, printer),
        Command::New(NewCommand::Function(options)) => new::function(options, printer),
        Command::Build(options) => build::build(options, printer),
        Command::Test(options) => test::test(options, printer),
        Command::Bench(options) => bench::bench(options, printer),
        Command::Inspect(options) => inspect::inspect(options, printer),
        Command::Migrate(options) => migrate::migrate(options, printer),
        Command::Explain(options) => explain::explain(options, printer),
    }
}
