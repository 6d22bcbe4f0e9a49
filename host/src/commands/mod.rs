//! One file a command.

mod bench;
mod build;
mod compile;
mod completions;
mod connect;
mod docs;
mod environment;
mod explain;
mod functions;
mod init;
mod inspect;
mod lineage;
mod list;
mod migrate;
mod new;
mod plan;
mod profiles;
mod run;
mod show;
mod sql;
mod test;
mod validate;

use crate::abort::Abort;
use crate::arguments::{Command, PipelineCommand};
use crate::exit::Exit;
use crate::output::Printer;

pub use build::not_built;
pub use compile::CompileOptions;
pub use completions::CompletionsOptions;
pub use connect::ConnectCommand;
pub use docs::DocsOptions;
pub use environment::EnvironmentCommand;
pub use functions::FunctionsCommand;
pub use init::InitOptions;
pub use lineage::LineageOptions;
pub use migrate::MigrateOptions;
pub use new::NewCommand;
pub use plan::PlanOptions;
pub use profiles::ProfilesCommand;
pub use show::ShowOptions;

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
        Command::Plan(options) => plan::plan(options, printer),
        Command::Show(options) => show::show(options, printer),
        Command::Lineage(options) => lineage::lineage(options, printer),
        Command::Docs(options) => docs::docs(options, printer),
        Command::Functions(command) => functions::functions(command, printer),
        Command::Init(options) => init::init(options, printer),
        Command::New(NewCommand::Function(options)) => new::function(options, printer),
        Command::New(NewCommand::Connector(options)) => new::connector(options, printer),
        Command::New(NewCommand::Pipeline(options)) => new::pipeline(options, printer),
        Command::New(NewCommand::Profile(options)) => new::profile(options, printer),
        Command::Profiles(command) => profiles::profiles(command, printer),
        Command::Environment(command) => environment::environment(command, printer),
        Command::Connect(command) => connect::connect(command, printer),
        Command::Build(options) => build::build(options, printer),
        Command::Test(options) => test::test(options, printer),
        Command::Bench(options) => bench::bench(options, printer),
        Command::Inspect(options) => inspect::inspect(options, printer),
        Command::Migrate(options) => migrate::migrate(options, printer),
        Command::Explain(options) => explain::explain(options, printer),
        Command::Completions(options) => completions::completions(options, printer),
        Command::Version => {
            printer.data(&format!("duckpen {}", env!("CARGO_PKG_VERSION")));
            Ok(Exit::Done)
        }
    }
}
