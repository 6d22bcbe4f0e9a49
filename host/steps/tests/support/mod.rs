//! A project in a temporary folder, whose pipelines run step after step.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use duckpen_connectors::{ConnectorKinds, Connectors, ProjectFiles, Staging};
use duckpen_database::{Database, Options};
use duckpen_pipeline::{CompileRequest, Plan, SourceError, Sources, Variables, compile};
use duckpen_sandbox::{Engine, EngineOptions, Limits};
use duckpen_steps::{
    DatabaseAnalyzer, ExecutorParts, Grants, Handlers, Ledger, RunId, StepExecutor, StepFault, StepOutput, Stop,
};

pub struct Project {
    folder: tempfile::TempDir,
    pub database: Database,
}

struct NoFiles;

impl Sources for NoFiles {
    fn read(&self, _: &str) -> Result<String, SourceError> {
        Err(SourceError::NotFound)
    }
}

/// The handlers are compiled once for all tests of a process.
fn handlers() -> Arc<Handlers> {
    static HANDLERS: std::sync::OnceLock<Arc<Handlers>> = std::sync::OnceLock::new();
    let load = || {
        let engine = Engine::new(EngineOptions::default()).unwrap();
        Arc::new(Handlers::load(&engine, &Limits::steps()).unwrap())
    };
    Arc::clone(HANDLERS.get_or_init(load))
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let project =
            Self { folder: tempfile::tempdir().unwrap(), database: Database::open(Options::in_memory()).unwrap() };
        files.iter().for_each(|(path, text)| project.write(path, text));
        project
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path().join(path)).ok()
    }

    pub fn plan(&self, text: &str) -> Plan {
        let compilation = compile(CompileRequest {
            pipeline: "p",
            path: "pipelines/p.sf",
            text,
            sources: &NoFiles,
            analyzer: &DatabaseAnalyzer::new().unwrap(),
            variables: &Variables::new(),
            profile: None,
            existing_tables: &[],
        });
        compilation.plan.unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics))
    }

    /// Runs all steps in the order of the plan, until one fails.
    pub fn run(&self, text: &str) -> Result<HashMap<String, StepOutput>, StepFault> {
        self.run_with(text, |_| ())
    }

    /// As `run`, and calls `between` after each step with its name.
    pub fn run_with(&self, text: &str, between: impl Fn(&str)) -> Result<HashMap<String, StepOutput>, StepFault> {
        let plan = Arc::new(self.plan(text));
        let files = Arc::new(ProjectFiles::open(self.path()).unwrap());
        let run_id = RunId::new();
        let session = self.database.connect().unwrap();
        let ledger = Ledger::open(&session).unwrap();
        ledger.recover(&session, &files).unwrap();
        ledger.begin(&session, &run_id, "p", "digest").unwrap();
        let executor = StepExecutor::new(ExecutorParts {
            database: self.database.clone(),
            table_functions: Arc::default(),
            python: Default::default(),
            staging: Staging::create(Arc::clone(&files), run_id.as_str()).unwrap(),
            connectors: Arc::new(Connectors::new(Arc::clone(&files), Arc::new(()))),
            files,
            handlers: handlers(),
            ledger,
            run_id,
            plan: Arc::clone(&plan),
            params: HashMap::new(),
        });
        let outputs = plan
            .steps
            .iter()
            .map(|step| {
                let output = executor.run(step.id.as_str(), 1, &Stop::default())?;
                between(step.id.as_str());
                Ok((step.id.to_string(), output))
            })
            .collect();
        executor.close().unwrap();
        outputs
    }

    /// Shuts everything but what the plan of `text` is granted.
    pub fn lock_down(&self, text: &str) {
        let files = ProjectFiles::open(self.path()).unwrap();
        let grants = Grants::of(&self.plan(text), &files, &ConnectorKinds::default(), |_| None).unwrap();
        let staging = files.root().join("target/staging");
        self.database.lock_down(&grants.lock_down(Some(&staging))).unwrap();
    }

    /// The rows of a query, as JSON.
    pub fn rows(&self, sql: &str) -> String {
        self.database.connect().unwrap().query(sql).unwrap().to_json().to_string()
    }
}
