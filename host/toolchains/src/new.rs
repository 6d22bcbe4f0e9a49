use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest::Manifest;
use crate::{Language, ToolchainError, sdk};

/// What stands in templates for the name of the function.
const NAME: &str = "__NAME__";

/// The way from a function to the folder for what is made, in templates.
const TARGET: &str = "../../target/";

/// A function that was written.
#[derive(Debug)]
pub struct Created {
    /// Its folder.
    pub folder: PathBuf,
    /// The files in it, relative to the folder.
    pub files: Vec<String>,
}

/// Writes what a function begins with: `functions/NAME/` of a project, with a source that builds and a table of tests that
/// holds. The SDK goes to the folder `target` of the project.
///
/// # Errors
/// When the name is none for a function, its folder exists, or a file cannot be written.
pub fn new(project: &Path, target: &str, language: Language, name: &str) -> Result<Created, ToolchainError> {
    if !is_name(name) {
        return Err(ToolchainError::Name { name: name.to_owned() });
    }
    let folder = project.join("functions").join(name);
    if folder.exists() {
        return Err(ToolchainError::Exists { path: folder });
    }
    let shared = [("function.toml".to_owned(), Manifest::text(language))];
    let own = format!("guest-sdk/templates/{language}/");
    let template = sdk::files(&own).chain(sdk::files("guest-sdk/templates/all/"));
    let own = |text: &str| text.replace(NAME, name).replace(TARGET, &format!("../../{target}/"));
    let named = template.map(|(path, text)| (path.to_owned(), own(text)));
    let files: Vec<(String, String)> = shared.into_iter().chain(named).collect();
    for (path, text) in &files {
        sdk::write(&folder.join(path), text)?;
    }
    // Editors look for it before the first build does.
    let target = &project.join(target);
    sdk::provide(target, language)?;
    if language == Language::JavaScript {
        fs::copy(sdk::place(target, language).join("duckpen.d.ts"), folder.join("duckpen.d.ts"))
            .map_err(|error| ToolchainError::io("write", &folder.join("duckpen.d.ts"), error))?;
    }
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
