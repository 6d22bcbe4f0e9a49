//! How a step reads a source.

use std::collections::hash_map::Entry;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use duckpen_connectors::{Format, Relation as RowRelation, RowConnector, SourceFiles};
use duckpen_database::{Session, quote_identifier};
use duckpen_pipeline::{LoadMode, LoadStep, Refresh, SourceStep, Step, StepKind};
use serde_json::{Map, Value};

use super::StepExecutor;
use crate::capabilities::{Capabilities, DefinedSource, Input, ObjectSource};
use crate::fault::StepFault;
use crate::rejects::Rejects;
use crate::watermark::{Incremental, Resumption, Window};

/// A source that a step reads.
#[derive(Default)]
pub(super) struct Opened {
    /// Its files.
    pub(super) files: Option<SourceFiles>,
    /// The part of it that a load takes, where it is read incrementally.
    pub(super) news: Option<(Incremental, Window)>,
    /// The state in which the read of it ended, where it goes on from one.
    pub(super) resumed: Option<(Resumption, String)>,
    /// What becomes of rows that do not fit.
    pub(super) rejects: Option<Rejects>,
}

impl StepExecutor {
    /// Lets a session read a source: all of it, or what is new of it for a load that asks for that.
    pub(super) fn open_source(
        &self,
        Input { name, relation: view }: &Input,
        session: &Session,
        load: Option<(&LoadStep, Refresh)>,
        capabilities: &mut Capabilities,
    ) -> Result<Opened, StepFault> {
        let defined = self.sources().get(&name.to_lowercase()).cloned();
        let defined = defined.ok_or_else(|| StepFault::Host(format!("the source `{name}` is not defined")))?;
        let defined = match defined {
            DefinedSource::Objects(objects) => self.fetched(name, &objects, capabilities)?,
            defined => defined,
        };
        let rejecting = load.and_then(|(load, _)| Some((load, load.rejects.as_ref()?)));
        let target = match rejecting {
            Some((load, _)) => session.columns_of_table(load.table.schema.as_deref(), &load.table.name)?,
            None => None,
        };
        // A table that is replaced imposes nothing on its new rows, nor does one that is begun anew.
        let keeps = |(load, refresh): (&LoadStep, Refresh)| load.mode != LoadMode::Replace && refresh != Refresh::Table;
        let target = target.filter(|_| load.is_some_and(keeps)).unwrap_or_default();
        let incremental = load.and_then(|(load, refresh)| Some((self.incremental(load)?, refresh)));
        let resumption = load.and_then(|(load, refresh)| Some((self.resumption(load)?, refresh)));
        let mut opened = Opened::default();
        let mut query = match defined {
            DefinedSource::Files(reader) => {
                // Between the SOURCE step and now a link may have taken the place of a file.
                self.parts.files.confirm(reader.files())?;
                opened.files = Some(reader.files().clone());
                let query = match rejecting {
                    Some((load, table)) if reader.format() == Format::Csv => {
                        opened.rejects = Some(Rejects::by_reader(table, load));
                        reader.rejecting_query(session, &target)?
                    }
                    _ => reader.query(session)?,
                };
                match incremental {
                    Some((incremental, refresh)) => {
                        let window = incremental.window(session, &query, refresh)?;
                        let narrowed = incremental.narrowed(&query, &window);
                        opened.news = Some((incremental, window));
                        narrowed
                    }
                    None => query,
                }
            }
            DefinedSource::Objects(_) => return Err(StepFault::Host("objects were not copied".to_owned())),
            DefinedSource::Rows(connector, relation @ RowRelation::Selection(_)) => {
                let (rows, resumed) = self.read_once(&*connector, &relation, session, resumption, capabilities)?;
                opened.resumed = resumed;
                rows
            }
            DefinedSource::RowFiles(connector, files) => {
                self.parts.files.confirm(&files)?;
                opened.files = Some(files);
                let (scan, news) =
                    self.open_rows(&*connector, &RowRelation::Whole, session, incremental, capabilities)?;
                opened.news = news;
                scan
            }
            DefinedSource::Rows(connector, relation) => {
                let (scan, news) = self.open_rows(&*connector, &relation, session, incremental, capabilities)?;
                opened.news = news;
                scan
            }
        };
        if let (None, Some((load, table))) = (&opened.rejects, rejecting) {
            let (rejects, fitting) = Rejects::by_conversion(table, load, session, &query, &target)?;
            query = fitting;
            opened.rejects = Some(rejects);
        }
        session.execute(&format!("CREATE OR REPLACE TEMP VIEW {} AS {query}", quote_identifier(view)))?;
        Ok(opened)
    }

    /// The files of a source in an object store: its objects are copied into the folder of the run, once for a step.
    pub(super) fn fetched(
        &self,
        name: &str,
        objects: &ObjectSource,
        capabilities: &Capabilities,
    ) -> Result<DefinedSource, StepFault> {
        let mut fetched = capabilities.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        let copies = match fetched.entry(name.to_lowercase()) {
            Entry::Occupied(copied) => copied.get().files().clone(),
            Entry::Vacant(missing) => {
                let inbox = self.parts.staging.inbox(&capabilities.step, name)?;
                missing.insert(objects.connector.fetch(inbox, &capabilities.stop.cancel())?).files().clone()
            }
        };
        Ok(objects.read(copies, self.parts.connectors.kinds())?)
    }

    /// Lets a session read a source whose rows the host carries, and which narrows them itself.
    pub(super) fn open_rows(
        &self,
        connector: &dyn RowConnector,
        relation: &RowRelation,
        session: &Session,
        incremental: Option<(Incremental, Refresh)>,
        capabilities: &mut Capabilities,
    ) -> Result<(String, Option<(Incremental, Window)>), StepFault> {
        let cancel = capabilities.stop.cancel();
        let source = connector.source(relation, &cancel)?;
        if !source.is_narrowing() {
            let binding = self.scans.bind(&self.parts.database.connect()?, source, None, None, cancel)?;
            let mut query = binding.query();
            capabilities.scans.push(binding);
            let mut news = None;
            if let Some((incremental, refresh)) = incremental {
                let window = incremental.window(session, &query, refresh)?;
                query = incremental.narrowed(&query, &window);
                news = Some((incremental, window));
            }
            return Ok((query, news));
        }
        let news = match incremental {
            None => None,
            Some((incremental, refresh)) => {
                let window = incremental.window_of_rows(session, &*source, refresh, &cancel)?;
                Some((incremental, window))
            }
        };
        let range = news.as_ref().and_then(|(incremental, window)| incremental.range(window));
        let binding = self.scans.bind(&self.parts.database.connect()?, source, range, None, cancel)?;
        let mut query = binding.query();
        if news.as_ref().is_some_and(|(_, window)| window.is_empty()) {
            query.push_str(" WHERE false");
        }
        capabilities.scans.push(binding);
        Ok((query, news))
    }

    /// Reads a source whose rows the host carries into a table of the session, once: another read would be other rows, and
    /// ask its system again. Gives the query that reads the table, and the state in which the read ended.
    pub(super) fn read_once(
        &self,
        connector: &dyn RowConnector,
        relation: &RowRelation,
        session: &Session,
        resumption: Option<(Resumption, Refresh)>,
        capabilities: &Capabilities,
    ) -> Result<(String, Option<(Resumption, String)>), StepFault> {
        let cancel = capabilities.stop.cancel();
        let since = match &resumption {
            Some((resumption, refresh)) => resumption.since(session, *refresh)?,
            None => None,
        };
        let source = connector.source(relation, &cancel)?;
        let binding = self.scans.bind(&self.parts.database.connect()?, source, None, since, cancel)?;
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        let table = format!("temp.main.{}", quote_identifier(&format!("duckpen_read_{number}")));
        if let Err(error) = session.execute(&format!("CREATE TEMP TABLE {table} AS {}", binding.query())) {
            // What the database says of it is what the source told it, in fewer words.
            return Err(binding.take_fault().map_or_else(|| error.into(), StepFault::from));
        }
        let resumed = match resumption {
            None => None,
            Some((resumption, _)) => Some((
                resumption,
                binding.take_state().ok_or_else(|| StepFault::Handler {
                    message: "the source cannot be read incrementally: it tells no state to go on from".to_owned(),
                    hint: Some("leave sync_mode out, or read what the connector can go on with".to_owned()),
                })?,
            )),
        };
        Ok((format!("SELECT * FROM {table}"), resumed))
    }

    pub(super) fn source_of(&self, load: &LoadStep) -> Option<(&SourceStep, Option<&Map<String, Value>>)> {
        self.parts.plan.steps.iter().find_map(|step| match &step.kind {
            StepKind::Source(source) if source.name.eq_ignore_ascii_case(&load.source) => {
                Some((source, self.parts.params.get(step.id.as_str())))
            }
            _ => None,
        })
    }

    pub(super) fn incremental(&self, load: &LoadStep) -> Option<Incremental> {
        let (source, params) = self.source_of(load)?;
        Incremental::of(&self.parts.plan.pipeline, source, params, load)
    }

    pub(super) fn resumption(&self, load: &LoadStep) -> Option<Resumption> {
        let (source, params) = self.source_of(load)?;
        Resumption::of(&self.parts.plan.pipeline, source, params, load)
    }

    /// Switches the step's source to the thorough reader; false where that is the one in use.
    pub(super) fn read_thoroughly(&self, step: &Step) -> bool {
        let StepKind::Load(load) = &step.kind else { return false };
        if load.rejects.is_some() {
            return false;
        }
        match self.sources().get_mut(&load.source.to_lowercase()) {
            Some(DefinedSource::Files(reader)) => match reader.thorough() {
                Some(thorough) => {
                    *reader = thorough;
                    true
                }
                None => false,
            },
            Some(DefinedSource::Objects(objects)) => {
                let is_news = objects.is_csv() && !objects.is_thorough;
                objects.is_thorough = true;
                is_news
            }
            Some(DefinedSource::Rows(..) | DefinedSource::RowFiles(..)) | None => false,
        }
    }
}
