//! Results of earlier runs, as they are kept in the project.

use duckpen_observe::{RunResults, StepResult, StepStatus};

use crate::project::Project;
use crate::run::{RESULTS, RUNS};

/// Earlier runs, the latest first. Runs that were killed have left no results.
#[derive(Debug, Default)]
pub struct History {
    runs: Vec<RunResults>,
}

impl History {
    /// Reads the results of all runs; those of another version of duckpen are left out.
    pub fn read(project: &Project) -> Self {
        let folders = project.files.in_target(RUNS).read_dir().into_iter().flatten().flatten();
        let documents = folders.filter_map(|folder| std::fs::read(folder.path().join(RESULTS)).ok());
        let mut runs: Vec<RunResults> = documents
            .filter_map(|document| {
                serde_json::from_slice(&document)
                    .inspect_err(|error| tracing::warn!(%error, "the results of a run are left out"))
                    .ok()
            })
            .collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.finished_at));
        Self { runs }
    }

    /// The last run of a pipeline.
    pub fn last_of(&self, pipeline: &str) -> Option<&RunResults> {
        self.runs.iter().find(|run| run.pipeline == pipeline)
    }

    /// The last time that a step was done.
    pub fn last_done(&self, pipeline: &str, step: &str) -> Option<&StepResult> {
        let own = self.runs.iter().filter(|run| run.pipeline == pipeline);
        own.flat_map(|run| &run.steps).find(|result| result.id == step && result.status == StepStatus::Success)
    }
}
