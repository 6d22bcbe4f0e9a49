use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest::{Kind, Manifest};
use crate::{Language, ToolchainError, sdk};

/// What stands in templates for the name.
const NAME: &str = "__NAME__";

/// The way from what is new to the folder for what is made, in templates.
const TARGET: &str = "../../target/";

/// A component that was written.
#[derive(Debug)]
pub struct Created {
    /// Its folder.
    pub folder: PathBuf,
    /// The files in it, relative to the folder.
    pub files: Vec<String>,
}

/// Writes what a function begins with: `functions/NAME/` of a project, with a source that builds and a table of tests that
/// holds.
///
/// # Errors
/// When the name is none for a function, its folder exists, or a file cannot be written.
pub fn new(project: &Path, target: &str, language: Language, name: &str) -> Result<Created, ToolchainError> {
    let own = format!("guest-sdk/templates/{language}/");
    let template = sdk::files(&own).chain(sdk::files("guest-sdk/templates/all/"));
    let created = write(project, target, Kind::Function, language, name, template)?;
    if matches!(language, Language::JavaScript | Language::TypeScript) {
        let types = created.folder.join("duckpen.d.ts");
        fs::copy(sdk::place(&project.join(target), language).join("duckpen.d.ts"), &types)
            .map_err(|error| ToolchainError::io("write", &types, error))?;
    }
    Ok(created)
}

/// Where the rows of a connector come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A system that is asked.
    Network,
    /// Files of a format.
    Files,
}

/// Writes what a connector begins with: `connectors/NAME/` of a project, with a source of rows that builds, and a test of it.
///
/// # Errors
/// When the name is none for a connector, its folder exists, or a file cannot be written.
pub fn new_connector(project: &Path, target: &str, name: &str, origin: Origin) -> Result<Created, ToolchainError> {
    let template = sdk::files(match origin {
        Origin::Network => "guest-sdk/templates/connector/",
        Origin::Files => "guest-sdk/templates/file_connector/",
    });
    write(project, target, Kind::Connector, Language::Rust, name, template)
}

fn write<'t>(
    project: &Path,
    target: &str,
    kind: Kind,
    language: Language,
    name: &str,
    template: impl Iterator<Item = (&'t str, &'t str)>,
) -> Result<Created, ToolchainError> {
    if !is_name(name) {
        return Err(ToolchainError::Name { what: kind.as_str(), name: name.to_owned() });
    }
    let folder = project.join(kind.folder()).join(name);
    if folder.exists() {
        return Err(ToolchainError::Exists { path: folder });
    }
    let own = |text: &str| text.replace(NAME, name).replace(TARGET, &format!("../../{target}/"));
    let named = template.map(|(path, text)| (path.to_owned(), own(text)));
    let files: Vec<(String, String)> = std::iter::once((kind.file(), Manifest::text(language))).chain(named).collect();
    for (path, text) in &files {
        sdk::write(&folder.join(path), text)?;
    }
    // Editors look for it before the first build does.
    sdk::provide(&project.join(target), language)?;
    Ok(Created { folder, files: files.into_iter().map(|(path, _)| path).collect() })
}

/// A name that is an identifier in all of the languages and in SQL.
fn is_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_identifiers_everywhere() {
        for (name, expected) in [
            ("slugify", true),
            ("gcd_2", true),
            ("", false),
            ("2fast", false),
            ("Slugify", false),
            ("../escape", false),
            ("with-hyphen", false),
            (&*"x".repeat(61), false),
        ] {
            assert_eq!(is_name(name), expected, "{name}");
        }
    }
}
