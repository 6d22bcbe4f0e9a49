use clap::{Args, Subcommand};
use duckpen_toolchains::{Created, Kind, Origin, new, new_connector};
use serde_json::json;

use super::build::not_built;
use crate::abort::Abort;
use crate::arguments::{FolderOptions, Format, NewFunctionOptions};
use crate::exit::Exit;
use crate::output::Printer;
use crate::project::Project;
use crate::scaffold::{self, NewFile};

#[derive(Debug, Subcommand)]
pub enum NewCommand {
    /// A function, in functions/NAME of the project
    Function(NewFunctionOptions),
    /// A connector in Rust, in connectors/NAME of the project
    Connector(NewConnectorOptions),
    /// A pipeline, pipelines/NAME.sf of the project
    Pipeline(NewFileOptions),
    /// A profile, profiles/NAME.yml of the project
    Profile(NewFileOptions),
}

#[derive(Debug, Args)]
pub struct NewFileOptions {
    /// Its name
    pub name: String,
    #[command(flatten)]
    pub project: FolderOptions,
}

#[derive(Debug, Args)]
pub struct NewConnectorOptions {
    /// Its name
    pub name: String,
    /// One that reads files of a format, in the place of a system that is asked
    #[arg(long)]
    pub files: bool,
    #[command(flatten)]
    pub project: FolderOptions,
}

/// Writes what a function begins with.
pub fn function(options: &NewFunctionOptions, printer: &Printer) -> Result<Exit, Abort> {
    let NewFunctionOptions { name, lang, project } = options;
    let project = Project::open(&project.project)?;
    let created = new(project.files.root(), project.files.target(), *lang, name).map_err(|error| not_built(&error))?;
    let next = format!("`duckpen build {name}` makes the component, `duckpen test {name}` tries it");
    tell(Kind::Function, name, lang.as_str(), &created, &next, printer);
    Ok(Exit::Done)
}

/// Writes what a connector begins with.
pub fn connector(options: &NewConnectorOptions, printer: &Printer) -> Result<Exit, Abort> {
    let NewConnectorOptions { name, files, project } = options;
    let project = Project::open(&project.project)?;
    let (origin, reads) = if *files { (Origin::Files, "reads_files = true\n") } else { (Origin::Network, "") };
    let created =
        new_connector(project.files.root(), project.files.target(), name, origin).map_err(|error| not_built(&error))?;
    let next = format!(
        "`duckpen build {name}` makes the component, which duckpen.toml names:\n\n\
         [connectors.{name}]\ncomponent = \"connectors/{name}.wasm\"\n{reads}"
    );
    tell(Kind::Connector, name, "rust", &created, &next, printer);
    Ok(Exit::Done)
}

fn tell(kind: Kind, name: &str, language: &str, created: &Created, next: &str, printer: &Printer) {
    match printer.format {
        Format::Json => {
            printer.document(&json!({ "name": name, "language": language, "files": created.files }));
        }
        Format::Text => {
            let files = created.files.iter().map(|file| format!("{}/{name}/{file}", kind.folder()));
            printer.data(&files.collect::<Vec<_>>().join("\n"));
            printer.say(next);
        }
    }
}

/// Writes a pipeline that runs.
pub fn pipeline(options: &NewFileOptions, printer: &Printer) -> Result<Exit, Abort> {
    scaffold::check_name("pipeline", &options.name)?;
    let project = Project::open(&options.project.project)?;
    let file = scaffold::pipeline(&project.configuration.folders.pipelines.value, &options.name);
    let next = format!("`duckpen run {}` runs it", options.name);
    write(&project, &options.name, file, &next, printer)
}

/// Writes a profile.
pub fn profile(options: &NewFileOptions, printer: &Printer) -> Result<Exit, Abort> {
    scaffold::check_name("profile", &options.name)?;
    let project = Project::open(&options.project.project)?;
    let file = scaffold::profile(&project.configuration.folders.profiles.value, &options.name);
    let next = format!("`duckpen run PIPELINE --profile {}` uses it", options.name);
    write(&project, &options.name, file, &next, printer)
}

fn write(project: &Project, name: &str, file: NewFile, next: &str, printer: &Printer) -> Result<Exit, Abort> {
    let files = [file];
    scaffold::write(project.files.root(), &files)?;
    let [(path, _)] = files;
    match printer.format {
        Format::Json => printer.document(&json!({ "name": name, "files": [path] })),
        Format::Text => {
            printer.data(&path);
            printer.say(next);
        }
    }
    Ok(Exit::Done)
}
