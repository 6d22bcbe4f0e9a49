use std::path::Path;

use duckpen_connectors::ConnectorError;
use duckpen_pipeline::suggest;

use crate::abort::Abort;
use crate::output::{Code, Report, word};

use super::{Project, unreadable};

/// A pipeline of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineName {
    /// `daily`
    pub name: String,
    /// `pipelines/daily.sf`
    pub path: String,
}

/// A pipeline with its text.
#[derive(Debug)]
pub struct Pipeline {
    pub name: String,
    pub path: String,
    pub text: String,
}

impl PipelineName {
    fn of_path(path: String, folder: &str) -> Self {
        let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&path);
        let name = name.strip_suffix(".sf").unwrap_or(name).to_owned();
        Self { name, path }
    }
}

impl Project {
    /// The files `*.sf` of the folder of pipelines. Folders that are called so, and links that lead nowhere, are none.
    pub fn pipelines(&self) -> Result<Vec<PipelineName>, Abort> {
        let folder = &self.configuration.folders.pipelines.value;
        let paths = self.file_names(folder, "sf")?.into_iter().map(|file| format!("{folder}/{file}"));
        let is_there = |path: &String| {
            !matches!(
                self.files.source(path),
                Err(ConnectorError::NotFound { .. } | ConnectorError::NoMatch { .. } | ConnectorError::IsFolder { .. })
            )
        };
        Ok(paths.filter(is_there).map(|path| PipelineName::of_path(path, folder)).collect())
    }

    /// What is said where there is no pipeline.
    pub fn no_pipelines(&self) -> String {
        format!("the project has no pipelines: they are the files {}/*.sf", self.configuration.folders.pipelines.value)
    }

    /// A folder above this one that looks like a project.
    fn project_above(&self) -> Option<&Path> {
        let has_pipelines = |folder: &&Path| {
            let entries = std::fs::read_dir(folder.join("pipelines")).into_iter().flatten().flatten();
            entries.into_iter().any(|entry| entry.path().extension().is_some_and(|extension| extension == "sf"))
        };
        self.files.root().ancestors().skip(1).find(has_pipelines)
    }

    /// The pipeline of a name (`daily`) or a path (`pipelines/daily.sf`).
    pub fn pipeline(&self, wanted: &str) -> Result<Pipeline, Abort> {
        let folder = &self.configuration.folders.pipelines.value;
        let by_name = format!("{folder}/{wanted}.sf");
        let paths =
            if wanted.ends_with(".sf") { vec![wanted.to_owned(), format!("{folder}/{wanted}")] } else { vec![by_name] };
        for path in paths {
            match self.files.read_text(&path) {
                Ok(text) => {
                    let relative = self.files.relative(&path).map(|path| path.to_string_lossy().into_owned());
                    let PipelineName { name, path } = PipelineName::of_path(relative.unwrap_or(path), folder);
                    return Ok(Pipeline { name, path, text });
                }
                Err(ConnectorError::NotFound { .. }) => {}
                Err(error) => return Err(unreadable(Code::Usage, "the pipeline cannot be read", &error)),
            }
        }
        let known = self.pipelines()?;
        let report = Report::error(Code::Usage, format!("there is no pipeline `{wanted}` in the project"));
        let names: Vec<&str> = known.iter().map(|pipeline| pipeline.name.as_str()).collect();
        let report = match names.is_empty() {
            true => {
                let above = self.project_above().map(|above| {
                    format!("name the project's folder: --project {}", word(&above.display().to_string()))
                });
                report.note(self.no_pipelines()).hint_if(above)
            }
            false => report.note(format!("pipelines are {}", names.join(", "))),
        };
        Err(Abort::rejected(report.hint_if(suggest(wanted, names).map(|name| format!("did you mean `{name}`?")))))
    }
}
