//! The rooms put together: a project with its profile and variables, and the checks a pipeline has to pass.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::Context;
use duckpen_connectors::{ConnectorError, ConnectorKinds, FilePlace, ParameterProblem, ProjectFiles, Purpose};
use duckpen_pipeline::{
    CompileRequest, Location, Plan, Profile, SourceError, Sources, Step, StepKind, TableName, Value as PipelineValue,
    Variables, compile,
};
use duckpen_sandbox::{Engine, Stopped};
use duckpen_steps::{
    Analyses, DatabaseAnalyzer, Grants, Handlers, HandlersError, Problem, brought_object_format, check_objects,
    completed_options,
};
use serde_json::{Map, Value};

use crate::abort::Abort;
use crate::arguments::ProjectOptions;
use crate::connectors::ComponentConnectors;
use crate::exit::Exit;
use crate::output::{Code, Excerpt, Finding, Report};
use crate::project::{Pipeline, Project};
use crate::{components, connectors, database, plan_file};

/// A project, opened with the options of the command line.
pub struct Workbench {
    pub project: Project,
    pub profile: Profile,
    pub variables: Variables,
    pub engine: Engine,
    pub handlers: Arc<Handlers>,
    /// Connectors that are components.
    pub connectors: ComponentConnectors,
    pub kinds: ConnectorKinds,
    /// What is odd about the configuration and the profile.
    pub warnings: Vec<Finding>,
}

/// A pipeline that was looked through.
pub struct Checked {
    /// What is wrong with it, or odd.
    pub findings: Vec<Finding>,
    /// The plan and what belongs to it.
    pub outcome: Result<Approved, Exit>,
    /// The texts of the pipeline and of what it includes, by path.
    pub texts: Texts,
}

/// Parameters of SOURCE steps whose connector is in the profile, merged, by step.
pub type ConnectorParams = HashMap<String, Map<String, Value>>;

/// A plan that may run.
pub struct Approved {
    pub plan: Plan,
    pub params: ConnectorParams,
    pub grants: Grants,
    /// What its queries read and call.
    pub analyses: Analyses,
}

/// Texts of a pipeline by path.
#[derive(Debug, Clone, Default)]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    /// The place of a step, or of `needle` within it.
    pub fn excerpt(&self, location: Option<&Location>, needle: Option<&str>) -> Option<Excerpt> {
        let location = location?;
        Excerpt::of_location(location, self.0.get(&location.file)?, needle)
    }

    /// Puts `*` into the place of a text, byte for byte, so that all else stays where it is.
    fn hide(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        let stars = "*".repeat(secret.len());
        self.0.values_mut().for_each(|text| *text = text.replace(secret, &stars));
    }

    /// The text of a statement.
    pub fn statement(&self, location: &Location) -> Option<String> {
        let lines = self.0.get(&location.file)?.lines().skip(location.line.checked_sub(1)?);
        let count = location.end_line.checked_sub(location.line)? + 1;
        let mut lines: Vec<&str> = lines.take(count).collect();
        let cut = |line: &str, column: usize| {
            line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at)
        };
        if let Some(last) = lines.last_mut() {
            *last = &last[..cut(last, location.end_column)];
        }
        if let Some(first) = lines.first_mut() {
            *first = first.get(cut(first, location.column)..)?;
        }
        Some(lines.join("\n"))
    }
}

impl Workbench {
    /// Opens the project and loads the handlers.
    pub fn open(options: &ProjectOptions) -> Result<Self, Abort> {
        let project = Project::open(&options.project)?;
        let (profile, warnings) = project.profile_file(options.profile.as_deref())?.usable()?;
        Self::with_profile(options, project, profile, warnings)
    }

    /// As [`Workbench::open`], with a profile that was read already.
    pub fn with_profile(
        options: &ProjectOptions,
        mut project: Project,
        profile: Profile,
        warnings: Vec<Finding>,
    ) -> Result<Self, Abort> {
        project.follow(&profile);
        let warnings = project.configuration.warnings.iter().cloned().chain(warnings).collect();
        let variables = variables(options, &project, &profile)?;
        let engine = components::engine()?;
        let handlers = Handlers::load(&engine, &project.configuration.step_limits.limits)
            .context("the handlers of steps cannot be loaded")?;
        let connectors = connectors::all(&engine, &project)?;
        let kinds = connectors.kinds();
        Ok(Self { project, profile, variables, engine, handlers: Arc::new(handlers), connectors, kinds, warnings })
    }

    /// The pipeline of a name or path, or the compiled plan of a file.
    pub fn pipeline(&self, name: &str) -> Result<Pipeline, Abort> {
        if plan_file::is_plan(name) { plan_file::read(&self.project, name) } else { self.project.pipeline(name) }
    }

    /// Compiles a pipeline, asks the handlers about every step, and looks whether the plan stays within the project.
    pub fn check(&self, pipeline: &Pipeline, existing_tables: &[TableName]) -> Result<Checked, Abort> {
        self.check_part(pipeline, existing_tables, |plan, _| Ok(plan))
    }

    /// As [`Workbench::check`] for the part of the plan, or the form of it, that `part` makes of the plan and the parameters
    /// of sources whose connector is in the profile.
    pub fn check_part(
        &self,
        pipeline: &Pipeline,
        existing_tables: &[TableName],
        part: impl FnOnce(Plan, &ConnectorParams) -> Result<Plan, Abort>,
    ) -> Result<Checked, Abort> {
        let analyzer = DatabaseAnalyzer::new().context("queries cannot be looked at")?;
        let (plan, mut findings, mut texts) = self.plan(pipeline, existing_tables, &analyzer)?;
        let outcome = match plan {
            None => Err(Exit::Rejected),
            Some(plan) => {
                self.hide_secrets(&plan, &mut texts);
                let params = self.connector_params(&plan)?;
                let plan = part(plan, &params)?;
                self.approve(plan, params, analyzer.analyses(), &texts, &mut findings)?
            }
        };
        Ok(Checked { findings, outcome, texts })
    }

    /// Compiles a pipeline, or reads the plan that has been compiled of it.
    fn plan(
        &self,
        pipeline: &Pipeline,
        existing_tables: &[TableName],
        analyzer: &DatabaseAnalyzer,
    ) -> Result<(Option<Plan>, Vec<Finding>, Texts), Abort> {
        if plan_file::is_plan(&pipeline.path) {
            let plan = Plan::from_json(&pipeline.text).and_then(|plan| plan.imported(analyzer));
            let plan = plan.map_err(|error| {
                Abort::rejected(Report::error(Code::PlanFile, format!("{}: {error}", pipeline.path)))
            })?;
            plan_file::check_whole(&plan, &pipeline.path)?;
            return Ok((Some(plan), Vec::new(), Texts::default()));
        }
        let sources = RecordedSources::new(&self.project.files, pipeline);
        let compilation = compile(CompileRequest {
            pipeline: &pipeline.name,
            path: &pipeline.path,
            text: &pipeline.text,
            sources: &sources,
            analyzer,
            variables: &self.variables,
            profile: Some(&self.profile),
            existing_tables,
        });
        let texts = sources.into_texts();
        let map = Arc::new(compilation.sources);
        let findings = compilation
            .diagnostics
            .into_iter()
            .map(|diagnostic| Finding::Compiled(Box::new(diagnostic), Arc::clone(&map)))
            .collect();
        Ok((compilation.plan, findings, texts))
    }

    fn approve(
        &self,
        plan: Plan,
        params: ConnectorParams,
        analyses: Analyses,
        texts: &Texts,
        found: &mut Vec<Finding>,
    ) -> Result<Result<Approved, Exit>, Abort> {
        let mut outcome = Ok(());
        let mut inquiry = self.handlers.inquiry();
        for step in &plan.steps {
            let own = params.get(step.id.as_str());
            let problems = match inquiry.validate(step, own, &self.kinds) {
                Ok(problems) => problems,
                // A limit is met by a statement that is too large to be looked at.
                Err(HandlersError::Stopped { stopped: stopped @ Stopped::Limit(_), .. }) => {
                    outcome = Err(Exit::Rejected);
                    let message = format!("step `{}`: its statement is too large: {stopped}", step.id);
                    let report = Report::error(Code::Declaration, message);
                    found.push(report.at(texts.excerpt(step.location.as_ref(), None)).into());
                    continue;
                }
                Err(error) => return Err(anyhow::Error::from(error).context("a handler failed").into()),
            };
            // Places and credentials are the host's to judge: a handler does not see them.
            if let (true, Err(error)) = (problems.is_empty(), check_objects(&step.kind, own, &self.kinds)) {
                outcome = Err(Exit::Rejected);
                let report = Report::error(Code::Declaration, format!("step `{}`: {error}", step.id));
                found.push(report.at(texts.excerpt(step.location.as_ref(), None)).hint_if(error.hint()).into());
            }
            let problems = problems.into_iter().chain(self.problems(step, &params));
            for problem in problems {
                outcome = Err(Exit::Rejected);
                let needle = problem.option.as_ref().map(|option| format!("\"{option}\""));
                let report = Report::error(Code::Declaration, format!("step `{}`: {}", step.id, problem.message))
                    .at(texts.excerpt(step.location.as_ref(), needle.as_deref()));
                found.push(report.hint_if(problem.hint).into());
            }
        }
        let granted = Grants::of(&plan, &self.project.files, &self.kinds, |step| params.get(step.as_str()));
        let grants = match granted {
            Ok(grants) => grants,
            Err(error) => {
                let location = plan.step(error.step()).and_then(|step| step.location.as_ref());
                let report = Report::error(Code::Escape, error.to_string()).at(texts.excerpt(location, None));
                found.push(report.hint(error.hint()).into());
                return Ok(Err(Exit::Refused));
            }
        };
        Ok(outcome.map(|()| Approved { plan, params, grants, analyses }))
    }

    /// What a connector that is a component has to say of a step.
    fn problems(&self, step: &Step, params: &ConnectorParams) -> Vec<Problem> {
        let Some((connector_type, own)) = step.kind.connector() else { return Vec::new() };
        let told = |problem: ParameterProblem| Problem {
            message: problem.message,
            hint: problem.hint,
            option: problem.parameter,
        };
        if let StepKind::Source(source) = &step.kind {
            let own = params.get(step.id.as_str()).unwrap_or(own);
            let in_store = || Some((FilePlace::Store, brought_object_format(source, own, &self.kinds)?));
            let in_project = || Some((FilePlace::Project, self.kinds.brought_format(connector_type)?));
            if let Some((place, reader)) = in_project().or_else(in_store) {
                return reader.problems(place, own).into_iter().map(told).collect();
            }
        }
        let Some(kind) = self.kinds.find(connector_type) else { return Vec::new() };
        let purpose = if matches!(step.kind, StepKind::Source(_)) { Purpose::Reading } else { Purpose::Writing };
        let given = params.get(step.id.as_str());
        let own = match &step.kind {
            StepKind::Export(export) => completed_options(export, given, &self.kinds),
            _ => Cow::Borrowed(given.unwrap_or(own)),
        };
        kind.problems(purpose, &own).into_iter().map(told).collect()
    }

    /// Hides what stands in a pipeline and is secret, where its text is shown.
    fn hide_secrets(&self, plan: &Plan, texts: &mut Texts) {
        for step in &plan.steps {
            if let Some((connector_type, params)) = step.kind.connector()
                && let Some(kind) = self.kinds.find(connector_type)
            {
                kind.secrets(params).iter().for_each(|secret| texts.hide(secret));
            }
        }
    }

    /// A plan as it may be shown and kept, without the secrets that its pipeline has.
    pub fn disclosed(&self, mut plan: Plan) -> Plan {
        for step in &mut plan.steps {
            if let Some((connector_type, params)) = step.kind.connector_mut()
                && let Some(kind) = self.kinds.find(connector_type)
            {
                *params = kind.disclosed(params);
            }
        }
        plan.without_values(&self.variables.secret_values())
    }

    fn connector_params(&self, plan: &Plan) -> Result<ConnectorParams, Abort> {
        let mut params = HashMap::new();
        for Step { id, kind, .. } in &plan.steps {
            let (from_profile, given) = match kind {
                StepKind::Source(source) => (&source.from_profile, &source.params),
                StepKind::Export(export) => (&export.from_profile, &export.options),
                StepKind::Load(_) | StepKind::Transform(_) | StepKind::Test(_) => continue,
            };
            let connector = from_profile.as_ref().and_then(|name| self.profile.connectors.get(name));
            if let Some(connector) = connector {
                let settings = connector.merged(given, &self.variables).map_err(|missing| {
                    Abort::rejected(Report::error(Code::Profile, format!("step `{id}`: {missing}")))
                })?;
                params.insert(id.to_string(), settings.expose().clone());
            }
        }
        Ok(params)
    }

    /// Tables of the database the command works on, as far as it can be looked into: for looking at a pipeline it need not
    /// be there, nor free.
    pub fn known_tables(&self, options: &ProjectOptions) -> Result<Vec<TableName>, Abort> {
        let options = database::options(options.database.as_deref(), &self.profile.engine, &self.project.files)?;
        match database::open_to_read(&options) {
            Ok(None) => Ok(Vec::new()),
            Ok(Some(database)) => database::tables(&database.connect().context("no connection to the database")?),
            Err(abort) => {
                let because = abort.findings.first().map(Finding::message).unwrap_or_default();
                tracing::warn!(because, "the tables of the database are not known");
                Ok(Vec::new())
            }
        }
    }
}

impl Checked {
    /// The approved plan and the warnings.
    pub fn approved(self) -> Result<(Approved, Vec<Finding>, Texts), Abort> {
        match self.outcome {
            Ok(approved) => Ok((approved, self.findings, self.texts)),
            Err(exit) => Err(Abort { exit, findings: self.findings }),
        }
    }
}

/// Values of the profile go before those of the project, also those that it wants from the environment and that are not
/// there: another value is not what was meant.
fn variables(options: &ProjectOptions, project: &Project, profile: &Profile) -> Result<Variables, Abort> {
    let of_project = project.variables().into_iter().filter(|(name, _)| !profile.unset.contains_key(name));
    let of_project = of_project.map(|(name, setting)| (name, setting.value));
    let mut variables = Variables::new()
        .with_profile(of_project)
        .with_profile(profile.variables.clone())
        .with_environment(project.environment.variables());
    variables = variables.with_command_line(command_line(&options.vars)?);
    Ok(variables)
}

/// The variables of `--vars`, of which later ones go before.
pub fn command_line(texts: &[String]) -> Result<BTreeMap<String, PipelineValue>, Abort> {
    let mut variables = BTreeMap::new();
    for text in texts {
        let values = Variables::parse_command_line(text)
            .map_err(|error| Abort::rejected(Report::error(Code::Usage, format!("--vars: {error}"))))?;
        variables.extend(values);
    }
    Ok(variables)
}

/// Reads what a pipeline includes, and keeps it: what a diagnostic shows is what was compiled.
struct RecordedSources<'a> {
    files: &'a ProjectFiles,
    texts: RefCell<Texts>,
}

impl<'a> RecordedSources<'a> {
    fn new(files: &'a ProjectFiles, pipeline: &Pipeline) -> Self {
        let texts = Texts(BTreeMap::from([(pipeline.path.clone(), pipeline.text.clone())]));
        Self { files, texts: RefCell::new(texts) }
    }

    fn into_texts(self) -> Texts {
        self.texts.into_inner()
    }
}

impl Sources for RecordedSources<'_> {
    fn read(&self, path: &str) -> Result<String, SourceError> {
        let text = self.files.read_text(path).map_err(|error| match error {
            ConnectorError::NotFound { .. } => SourceError::NotFound,
            error => SourceError::Unreadable(error.to_string()),
        })?;
        self.texts.borrow_mut().0.insert(path.to_owned(), text.clone());
        Ok(text)
    }
}
