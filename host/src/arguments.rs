//! What can be written on the command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use duckpen_sandbox::parse_duration;
use duckpen_toolchains::Language;

use crate::commands::{
    CompileOptions, CompletionsOptions, ConnectCommand, DocsOptions, EnvironmentCommand, FunctionsCommand, InitOptions,
    LineageOptions, MigrateOptions, NewCommand, PlanOptions, ProfilesCommand, ShowOptions,
};
use crate::selection::SelectionOptions;

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    a step or a query failed
  2    usage, configuration or plan are wrong; nothing ran
  3    a fault of the host
  4    refused by policy
  130  interrupted";

/// Runs SQL pipelines whose code nobody has to trust.
#[derive(Debug, Parser)]
#[command(name = "duckpen", version, about, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Pipeline(PipelineCommand),
    /// Run a query on the project's database, locked down, with the functions of its components
    Sql(SqlOptions),
    /// Say what a run would do, and why; nothing is run
    Plan(PlanOptions),
    /// Show a table of the project's database, and what made it
    Show(ShowOptions),
    /// Show what is made of what
    Lineage(LineageOptions),
    /// Write the documentation of the project as an HTML page
    Docs(DocsOptions),
    /// List the functions of the project's components, look at one, or check them all
    #[command(alias = "udf")]
    Functions(FunctionsCommand),
    /// Write a project that runs at once
    Init(InitOptions),
    /// Write what a function, a connector, a pipeline or a profile begins with
    #[command(subcommand)]
    New(NewCommand),
    /// List, show and check the profiles of the project
    #[command(subcommand)]
    Profiles(ProfilesCommand),
    /// List the variables of the environment that the project refers to
    #[command(name = "env")]
    Environment(EnvironmentCommand),
    /// List and try the connectors of a profile
    #[command(subcommand)]
    Connect(ConnectCommand),
    /// Build the components of the project, where something has changed
    Build(BuildOptions),
    /// Check the functions of the project against their tables of tests
    Test(FunctionOptions),
    /// Measure the functions of the project over generated rows
    Bench(FunctionOptions),
    /// Say what a component imports, exports and would have to be granted
    Inspect(InspectOptions),
    /// Say what of a SQLFlow project works and what changes, and write duckpen.toml
    Migrate(MigrateOptions),
    /// Say what an error code means
    Explain(ExplainOptions),
    /// Print what completes the command line in a shell
    Completions(CompletionsOptions),
    /// Print the version, as SQLFlow does
    #[command(hide = true)]
    Version,
    /// The commands of pipelines, as SQLFlow spells them
    #[command(name = "pipeline", subcommand, hide = true)]
    Nested(PipelineCommand),
}

#[derive(Debug, Subcommand)]
pub enum PipelineCommand {
    /// Run a pipeline
    Run(RunOptions),
    /// Show the plan of a pipeline
    Compile(CompileOptions),
    /// Look for mistakes in one pipeline or all
    Validate(ValidateOptions),
    /// List the pipelines of the project
    #[command(alias = "ls")]
    List(ProjectOptions),
}

#[derive(Debug, Args)]
pub struct NewFunctionOptions {
    /// Name of the function
    pub name: String,
    /// Language it is written in
    #[arg(long, value_name = "LANGUAGE", value_parser = language())]
    pub lang: Language,
    #[command(flatten)]
    pub project: FolderOptions,
}

#[derive(Debug, Args)]
pub struct BuildOptions {
    /// Name of the function or connector: its folder in functions/ or connectors/; all of them without it
    pub name: Option<String>,
    #[command(flatten)]
    pub project: FolderOptions,
}

#[derive(Debug, Args)]
pub struct FunctionOptions {
    /// Name of the component; all of them without it
    pub name: Option<String>,
    #[command(flatten)]
    pub project: FolderOptions,
    /// A limit of functions, over those of duckpen.toml; may be repeated
    #[arg(long, value_name = "NAME=VALUE", action = ArgAction::Append, value_parser = pair)]
    pub limits: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct FolderOptions {
    /// Folder of the project
    #[arg(long, short = 'C', alias = "project-dir", value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
}

/// Where the project is and what it is given.
#[derive(Debug, Args)]
pub struct ProjectOptions {
    /// Folder of the project
    #[arg(long, short = 'C', alias = "project-dir", value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
    /// Profile: profiles/NAME.yml of the project; `dev` by default
    #[arg(long, short, value_name = "NAME")]
    pub profile: Option<String>,
    /// Variables: a JSON object, or name=value,name=value
    #[arg(long, alias = "variables", value_name = "JSON|K=V", action = ArgAction::Append)]
    pub vars: Vec<String>,
    /// Database file, in place of the one of the profile
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// A limit of functions, over those of duckpen.toml; may be repeated
    #[arg(long, value_name = "NAME=VALUE", action = ArgAction::Append, value_parser = pair)]
    pub limits: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct RunOptions {
    /// Name of the pipeline, path of its file, or of a compiled plan (NAME.json)
    pub pipeline: String,
    #[command(flatten)]
    pub project: ProjectOptions,
    #[command(flatten)]
    pub selection: SelectionOptions,
    /// Make incremental tables anew, from all that their sources have
    #[arg(long)]
    pub full_refresh: bool,
    /// Show what would run, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Steps that may run at once; by default one a core, at most 4. DuckDB's threads are the profile's matter
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Go on with steps that do not depend on one that failed
    #[arg(long)]
    pub keep_going: bool,
    /// Try a failed step again this often, where that may help
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retries: u32,
    /// Time for one attempt at a step, such as 90s or 10m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub step_timeout: Option<Duration>,
    /// Wait for another process that has the database, as long as it takes or as many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "forever",
          value_parser = patience)]
    pub wait: Option<Patience>,
    /// Continue the last run of the pipeline if it failed or was interrupted; one that was killed is continued anyway
    #[arg(long, conflicts_with = "fresh")]
    pub resume: bool,
    /// Start anew, even if the last run was killed
    #[arg(long)]
    pub fresh: bool,
    #[command(flatten)]
    pub of_sqlflow: SqlflowRunOptions,
}

/// Options that SQLFlow has and that change nothing here.
#[derive(Debug, Args)]
pub struct SqlflowRunOptions {
    #[arg(long, hide = true)]
    pub summary: bool,
    #[arg(long, hide = true)]
    pub from_compiled: bool,
}

#[derive(Debug, Args)]
pub struct ValidateOptions {
    /// Name of the pipeline, or path of its file; all of the project without it
    pub pipeline: Option<String>,
    #[command(flatten)]
    pub project: ProjectOptions,
}

#[derive(Debug, Args)]
pub struct SqlOptions {
    /// The query
    pub query: String,
    #[command(flatten)]
    pub project: ProjectOptions,
}

#[derive(Debug, Args)]
pub struct FunctionsOptions {
    /// What the functions cost in the last run of the project, in place of the list
    #[arg(long)]
    pub stats: bool,
    /// Names alone, one a line
    #[arg(long)]
    pub plain: bool,
    #[command(flatten)]
    pub project: ProjectOptions,
}

#[derive(Debug, Args)]
pub struct InspectOptions {
    /// The component, or a module that carries its contract
    #[arg(value_name = "FILE.wasm")]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// The code, such as E0404
    pub code: String,
}

/// How the command talks.
#[derive(Debug, Args)]
pub struct OutputOptions {
    /// What standard output looks like
    #[arg(long, value_enum, global = true, default_value_t = Format::Text, help_heading = "Output")]
    pub format: Format,
    /// What the log on standard error looks like
    #[arg(long, value_enum, global = true, default_value_t = Format::Text, help_heading = "Output")]
    pub log_format: Format,
    /// No moving progress display on a terminal
    #[arg(long, global = true, help_heading = "Output")]
    pub no_progress: bool,
    /// Errors only
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,
    /// Log what happens; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[value(alias = "table")]
    Text,
    /// For programs
    Json,
}

fn language() -> impl TypedValueParser<Value = Language> {
    let names = PossibleValuesParser::new(Language::ALL.map(Language::as_str));
    names.try_map(|name| Language::named(&name).ok_or("no such language"))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as fuel=500M")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// How long to wait for something that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As long as it takes.
    Endless,
    /// So long.
    Of(Duration),
}

/// `forever`, seconds, or a time with a unit.
fn patience(text: &str) -> Result<Patience, String> {
    if text == "forever" {
        return Ok(Patience::Endless);
    }
    let seconds = text.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()));
    let time = seconds.or_else(|| parse_duration(text));
    time.map(Patience::Of).ok_or_else(|| "expected seconds, or a time such as 90s or 10m".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text).filter(|time| !time.is_zero());
    time.ok_or_else(|| "expected a time, such as 90s or 10m".to_owned())
}
