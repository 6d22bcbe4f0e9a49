use duckpen_connectors::ConnectorError;
use duckpen_pipeline::{Profile, ProfileError};

use crate::abort::Abort;
use crate::names::suggest;
use crate::output::{Code, Report};

use super::{Project, unreadable};

/// The profile that need not be there.
const DEFAULT: &str = "dev";

impl Project {
    /// The names of all profiles, sorted.
    pub fn profile_names(&self) -> Result<Vec<String>, Abort> {
        let mut names = Vec::new();
        for extension in ["yml", "yaml"] {
            let files = self.file_names("profiles", extension)?;
            names
                .extend(files.iter().filter_map(|file| file.strip_suffix(&format!(".{extension}"))).map(str::to_owned));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The profile of a name.
    pub fn profile(&self, name: &str) -> Result<Profile, Abort> {
        let environment = |name: &str| std::env::var(name).ok();
        for extension in ["yml", "yaml"] {
            let path = format!("profiles/{name}.{extension}");
            match self.files.read_text(&path) {
                Ok(text) => return Profile::parse(&text, &path, &environment).map_err(|error| unusable(&error)),
                Err(ConnectorError::NotFound { .. }) => {}
                Err(error) => return Err(unreadable(Code::Profile, "the profile cannot be read", &error)),
            }
        }
        if name == DEFAULT {
            return Ok(Profile::default());
        }
        let files = self.file_names("profiles", "yml")?;
        let names: Vec<&str> = files.iter().filter_map(|file| file.strip_suffix(".yml")).collect();
        let report =
            Report::error(Code::Profile, format!("there is no profile `{name}`: profiles/{name}.yml is missing"));
        let report = if names.is_empty() { report } else { report.note(format!("profiles are {}", names.join(", "))) };
        Err(Abort::rejected(report.hint_if(suggest(name, names).map(|name| format!("did you mean `{name}`?")))))
    }
}

fn unusable(error: &ProfileError) -> Abort {
    Abort::rejected(Report::error(Code::Profile, error.to_string()))
}
