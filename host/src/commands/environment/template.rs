use serde_json::json;

use super::{ReferenceOptions, Surveyed};
use crate::abort::Abort;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::output::Printer;

/// Prints a file `.env` with every variable that the project refers to, without values.
pub fn template(options: &ReferenceOptions, printer: &Printer) -> Result<Exit, Abort> {
    let surveyed = Surveyed::open(options)?;
    let mut lines =
        vec!["# Values of environment variables, for this project only. Keep this file to yourself.".to_owned()];
    for (name, reference) in &surveyed.references {
        lines.push(format!("\n# {}", reference.places.join(", ")));
        // What has a default need not be set.
        lines.push(format!("{}{name}=", if reference.has_default { "# " } else { "" }));
    }
    let template = lines.join("\n");
    match printer.format {
        Format::Json => printer.document(&json!({ "template": template })),
        Format::Text => printer.data(&template),
    }
    Ok(Exit::Done)
}
