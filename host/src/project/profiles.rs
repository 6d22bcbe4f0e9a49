use duckpen_connectors::ConnectorError;
use duckpen_pipeline::{Profile, ProfileReading, suggest};

use crate::abort::Abort;
use crate::exit::Exit;
use crate::output::{Code, Finding, Report};

use super::{Project, Provenance, told, unreadable};

/// A profile as it was read, and what is wrong with it.
pub struct ProfileFile {
    /// `dev`
    pub name: String,
    /// `profiles/dev.yml`; none where the default profile has no file.
    pub path: Option<String>,
    /// What may be shown of its text.
    pub text: String,
    pub profile: Profile,
    /// Errors and warnings at their places.
    pub findings: Vec<Finding>,
}

impl Project {
    /// The profile of a name, or the default one.
    pub fn profile(&self, name: Option<&str>) -> Result<Profile, Abort> {
        self.profile_file(name)?.usable().map(|(profile, _)| profile)
    }

    /// The profile of a name, or the default one, as far as it can be read.
    pub fn profile_file(&self, name: Option<&str>) -> Result<ProfileFile, Abort> {
        let default = &self.configuration.default_profile;
        let name = name.unwrap_or(&default.value);
        let folder = &self.configuration.folders.profiles.value;
        for extension in ["yml", "yaml"] {
            let path = format!("{folder}/{name}.{extension}");
            match self.files.read_text(&path) {
                Ok(text) => return Ok(self.read_profile(name, path, &text)),
                Err(ConnectorError::NotFound { .. }) => {}
                Err(error) => return Err(unreadable(Code::Profile, "the profile cannot be read", &error)),
            }
        }
        if name == default.value && default.provenance == Provenance::Default {
            let (name, profile) = (name.to_owned(), Profile::default());
            return Ok(ProfileFile { name, path: None, text: String::new(), profile, findings: Vec::new() });
        }
        let names = self.profile_names()?;
        let message = format!("there is no profile `{name}`: {folder}/{name}.yml is missing");
        let report = Report::error(Code::Profile, message);
        let report = if names.is_empty() { report } else { report.note(format!("profiles are {}", names.join(", "))) };
        let near = suggest(name, names.iter().map(String::as_str)).map(|name| format!("did you mean `{name}`?"));
        Err(Abort::rejected(report.hint_if(near)))
    }

    fn read_profile(&self, name: &str, path: String, text: &str) -> ProfileFile {
        let environment = |name: &str| self.environment.get(name).map(str::to_owned);
        let ProfileReading { profile, problems, masked } = Profile::read(text, &path, &environment);
        let prefix = format!("Invalid profile structure in '{path}': ");
        let findings = problems.into_iter().map(|problem| {
            let prefix = if problem.is_error() { prefix.as_str() } else { "" };
            told(Code::Profile, prefix, problem, &path, &masked)
        });
        let findings = findings.collect();
        ProfileFile { name: name.to_owned(), path: Some(path), text: masked, profile, findings }
    }

    /// The names of all profiles, sorted.
    pub fn profile_names(&self) -> Result<Vec<String>, Abort> {
        let folder = &self.configuration.folders.profiles.value;
        let mut names = Vec::new();
        for extension in ["yml", "yaml"] {
            let files = self.file_names(folder, extension)?;
            names
                .extend(files.iter().filter_map(|file| file.strip_suffix(&format!(".{extension}"))).map(str::to_owned));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }
}

impl ProfileFile {
    /// The profile and its warnings, if it has no errors.
    pub fn usable(self) -> Result<(Profile, Vec<Finding>), Abort> {
        match self.findings.iter().any(Finding::is_error) {
            true => Err(Abort { exit: Exit::Rejected, findings: self.findings }),
            false => Ok((self.profile, self.findings)),
        }
    }
}
