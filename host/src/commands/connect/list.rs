use serde_json::{Value, json};

use crate::abort::Abort;
use crate::arguments::{Format, ProjectOptions};
use crate::exit::Exit;
use crate::output::{Printer, table};
use crate::project::Project;

/// Lists the connectors of a profile, without secrets.
pub fn list(options: &ProjectOptions, printer: &Printer) -> Result<Exit, Abort> {
    let project = Project::open(&options.project)?;
    let file = project.profile_file(options.profile.as_deref())?;
    let (name, path) = (file.name.clone(), file.path.clone().unwrap_or_default());
    let (profile, warnings) = file.usable()?;
    printer.findings(&warnings);
    let line = |connector: &str| {
        let key = format!("connectors.{connector}.type");
        profile.values.iter().find(|value| value.key == key).map(|value| format!("{path}:{}", value.line))
    };
    let connectors = &profile.connectors;
    match printer.format {
        Format::Json => {
            let document = |(name, connector): (&String, &duckpen_pipeline::Connector)| {
                json!({
                    "name": name,
                    "type": connector.connector_type,
                    "params": connector.redacted(),
                    "place": line(name),
                })
            };
            printer.document(&connectors.iter().map(document).collect::<Value>());
        }
        Format::Text if connectors.is_empty() => {
            printer.say(&format!("the profile `{name}` has no connectors: they stand in its section `connectors`"));
        }
        Format::Text => {
            let rows = connectors.iter().map(|(name, connector)| {
                let params = connector.redacted();
                let params = params.iter().map(|(name, value)| match value {
                    Value::String(text) => format!("{name}={text}"),
                    other => format!("{name}={other}"),
                });
                let params = params.collect::<Vec<_>>().join(" ");
                vec![name.clone(), connector.connector_type.clone(), params, line(name).unwrap_or_default()]
            });
            printer.data(&table(["connector", "type", "parameters", "place"], rows));
        }
    }
    Ok(Exit::Done)
}
