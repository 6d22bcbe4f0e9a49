//! The host's half of the contract: what a handler's calls do. A handler decides; here the decision is checked against
//! what the step was granted, made into SQL, and run.

use std::sync::Arc;

use duckpen_connectors::{
    Format, Reader, Relation as RowRelation, RowSink, Setting, SettingValue, SourceFiles, row_files,
};
use duckpen_database::{Session, quote_identifier};
use duckpen_sandbox::{Embedder, Guest, LogLevel};
use wasmtime::component::Resource;

use crate::bindings::duckpen::columns::failures::{Failure, Kind};
use crate::bindings::duckpen::steps::types::{Field, SettingValue as GuestValue};
use crate::bindings::duckpen::steps::{context, destinations, inputs, sources, tables, types};
use crate::capabilities::{Capabilities, DefinedSource, ObjectFormat, ObjectSource, SourcePlace};
use crate::fault::StepFault;
use crate::query_check::check;

/// A relation a handler holds: its number counts in the step's inputs.
pub struct Relation;

/// The table a handler holds: there is one.
pub struct Table;

/// What a step has done so far.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) rows: Option<u64>,
    pub(crate) inserted: Option<u64>,
    pub(crate) updated: Option<u64>,
    pub(crate) deleted: Option<u64>,
    pub(crate) rows_in: Option<u64>,
    /// How a SOURCE step said its place is read.
    pub(crate) source: Option<DefinedSource>,
    /// Whether an EXPORT step wrote its rows.
    pub(crate) exported: bool,
    /// Where they wait to be committed, unless they are in a file.
    pub(crate) sink: Option<Box<dyn RowSink>>,
    /// The first thing that went wrong, in full: the handler is told less, because it may not learn places.
    pub(crate) fault: Option<StepFault>,
}

/// What the host keeps beside a handler.
pub(crate) struct StepHost {
    pub(crate) capabilities: Capabilities,
    pub(crate) session: Option<Arc<Session>>,
    pub(crate) effects: Effects,
}

impl StepHost {
    /// Beside a handler that is only asked: it can do nothing.
    pub(crate) fn idle() -> Self {
        Self { capabilities: Capabilities::default(), session: None, effects: Effects::default() }
    }

    pub(crate) fn session(&self) -> Result<&Session, StepFault> {
        self.session.as_deref().ok_or_else(|| StepFault::Forbidden { what: "work outside of a step".into() })
    }

    /// Keeps what went wrong and answers what the handler may know of it.
    fn told<R>(&mut self, outcome: Result<R, StepFault>) -> Result<R, Failure> {
        outcome.map_err(|fault| {
            let (kind, message) = match &fault {
                StepFault::Cancelled => (Kind::Cancelled, "the run is being stopped".to_owned()),
                StepFault::Forbidden { .. } | StepFault::Ungranted { .. } => (Kind::InvalidInput, fault.to_string()),
                _ => (Kind::InvalidInput, "the host could not do it; the report says why".to_owned()),
            };
            self.effects.fault.get_or_insert(fault);
            Failure { kind, message, hint: None, row: None }
        })
    }

    pub(crate) fn checked(&self, query: &str) -> Result<&Session, StepFault> {
        let session = self.session()?;
        let Capabilities { analyses, granted, table_functions, .. } = &self.capabilities;
        check(analyses, session, query, granted, table_functions)?;
        Ok(session)
    }

    fn columns_of(&self, query: &str) -> Result<Vec<Field>, StepFault> {
        Ok(fields(self.checked(query)?.columns_of(query)?))
    }

    fn define(&mut self, format: &str, settings: Vec<types::Setting>) -> Result<(), StepFault> {
        let settings = host_settings(settings);
        let kinds = &self.capabilities.kinds;
        let defined = match &self.capabilities.source {
            None => return Err(StepFault::Forbidden { what: "defining a source".into() }),
            Some(SourcePlace::Files(files)) => {
                let format: Format = format.parse()?;
                match row_files(format, &settings, files, kinds)? {
                    Some(connector) => DefinedSource::RowFiles(connector, files.clone()),
                    None => DefinedSource::Files(Reader::new(format, &settings, files.clone())?),
                }
            }
            Some(SourcePlace::BroughtFiles(granted, connector, files)) => {
                check_granted(format, granted)?;
                DefinedSource::RowFiles(Arc::clone(connector), files.clone())
            }
            Some(SourcePlace::Selection(granted, connector, selection)) => {
                check_granted(format, granted)?;
                DefinedSource::Rows(Arc::clone(connector), selection.clone())
            }
            Some(SourcePlace::Objects(connector, params)) => {
                let format = match kinds.brought_format(format) {
                    Some(reader) => ObjectFormat::Brought(Arc::clone(reader), params.clone()),
                    None => ObjectFormat::Own(format.parse()?, settings),
                };
                let source = ObjectSource { connector: connector.clone(), format, is_thorough: false };
                // Settings that no reader takes are told now, and not after everything was copied.
                source.read(SourceFiles { place: String::new(), paths: Vec::new() }, kinds)?;
                DefinedSource::Objects(source)
            }
            Some(SourcePlace::Rows(granted, connector)) => {
                check_granted(format, granted.name())?;
                let relation = RowRelation::of_settings(granted.name(), &settings)?;
                DefinedSource::Rows(Arc::clone(connector), relation)
            }
        };
        self.effects.source = Some(defined);
        Ok(())
    }
}

/// A handler may use the connector that its step was granted, and no other.
pub(crate) fn check_granted(format: &str, granted: &str) -> Result<(), StepFault> {
    if format.eq_ignore_ascii_case(granted) {
        Ok(())
    } else {
        Err(StepFault::Forbidden { what: format!("the connector `{format}` in place of `{granted}`") })
    }
}

fn fields(columns: Vec<(String, String)>) -> Vec<Field> {
    columns.into_iter().map(|(name, logical_type)| Field { name, logical_type }).collect()
}

pub(crate) fn host_settings(settings: Vec<types::Setting>) -> Vec<Setting> {
    settings
        .into_iter()
        .map(|setting| Setting {
            name: setting.name,
            value: match setting.value {
                GuestValue::Flag(flag) => SettingValue::Flag(flag),
                GuestValue::Integer(number) => SettingValue::Integer(number),
                GuestValue::Number(number) => SettingValue::Number(number),
                GuestValue::Text(text) => SettingValue::Text(text),
                GuestValue::Texts(texts) => SettingValue::Texts(texts),
            },
        })
        .collect()
}

impl Embedder for StepHost {
    fn is_cancelled(&self) -> bool {
        self.capabilities.stop.is_raised()
    }

    fn log(&mut self, level: LogLevel, message: &str) {
        let (step, message) = (self.capabilities.step.as_str(), message.escape_debug());
        match level {
            LogLevel::Trace => tracing::trace!(step, "{message}"),
            LogLevel::Debug => tracing::debug!(step, "{message}"),
            LogLevel::Info => tracing::info!(step, "{message}"),
            LogLevel::Warn => tracing::warn!(step, "{message}"),
            LogLevel::Error => tracing::error!(step, "{message}"),
        }
    }
}

type Answer<R> = wasmtime::Result<R>;
type Fallible<R> = wasmtime::Result<Result<R, Failure>>;

impl context::Host for Guest<StepHost> {
    fn declaration(&mut self) -> Answer<String> {
        self.count_host_call()?;
        Ok(self.embedder.capabilities.declaration.clone())
    }

    fn run_id(&mut self) -> Answer<String> {
        self.count_host_call()?;
        Ok(self.embedder.capabilities.run_id.clone())
    }

    fn attempt(&mut self) -> Answer<u32> {
        self.count_host_call()?;
        Ok(self.embedder.capabilities.attempt)
    }

    fn is_cancelled(&mut self) -> Answer<bool> {
        self.count_host_call()?;
        Ok(self.embedder.capabilities.stop.is_raised())
    }

    fn log(&mut self, level: context::Level, message: String) -> Answer<()> {
        self.count_host_call()?;
        let level = match level {
            context::Level::Trace => LogLevel::Trace,
            context::Level::Debug => LogLevel::Debug,
            context::Level::Info => LogLevel::Info,
            context::Level::Warn => LogLevel::Warn,
            context::Level::Error => LogLevel::Error,
        };
        Guest::log(self, level, &message);
        Ok(())
    }
}

impl types::Host for Guest<StepHost> {}

impl sources::Host for Guest<StepHost> {
    fn define(&mut self, format: String, settings: Vec<types::Setting>) -> Fallible<()> {
        self.count_host_call()?;
        let outcome = self.embedder.define(&format, settings);
        Ok(self.embedder.told(outcome))
    }
}

impl inputs::Host for Guest<StepHost> {
    fn open(&mut self, name: String) -> Answer<Option<Resource<Relation>>> {
        self.count_host_call()?;
        let found = self.embedder.capabilities.inputs.iter().position(|input| input.name.eq_ignore_ascii_case(&name));
        Ok(found.map(|number| Resource::new_own(number as u32)))
    }

    fn names(&mut self) -> Answer<Vec<String>> {
        self.count_host_call()?;
        Ok(self.embedder.capabilities.inputs.iter().map(|input| input.name.clone()).collect())
    }

    fn columns_of(&mut self, query: String) -> Fallible<Vec<Field>> {
        self.count_host_call()?;
        let outcome = self.embedder.columns_of(&query);
        Ok(self.embedder.told(outcome))
    }
}

/// What queries call the input that a handle stands for, quoted.
fn input_name(guest: &Guest<StepHost>, relation: &Resource<Relation>) -> String {
    let input = guest.embedder.capabilities.inputs.get(relation.rep() as usize);
    quote_identifier(input.map_or("", |input| input.relation.as_str()))
}

impl inputs::HostRelation for Guest<StepHost> {
    fn sql_name(&mut self, relation: Resource<Relation>) -> Answer<String> {
        self.count_host_call()?;
        Ok(input_name(self, &relation))
    }

    fn columns(&mut self, relation: Resource<Relation>) -> Fallible<Vec<Field>> {
        self.count_host_call()?;
        let query = format!("SELECT * FROM {}", input_name(self, &relation));
        let outcome = self.embedder.columns_of(&query);
        Ok(self.embedder.told(outcome))
    }

    fn drop(&mut self, _: Resource<Relation>) -> Answer<()> {
        Ok(())
    }
}

impl tables::Host for Guest<StepHost> {
    fn target(&mut self) -> Answer<Resource<Table>> {
        self.count_host_call()?;
        Ok(Resource::new_own(0))
    }
}

impl tables::HostTable for Guest<StepHost> {
    fn sql_name(&mut self, _: Resource<Table>) -> Answer<String> {
        self.count_host_call()?;
        Ok(self.embedder.target().map(|(name, _)| name).unwrap_or_default())
    }

    fn columns(&mut self, _: Resource<Table>) -> Fallible<Option<Vec<Field>>> {
        self.count_host_call()?;
        let host = &mut self.embedder;
        let outcome = host.target().and_then(|_| {
            let Some(target) = &host.capabilities.target else { return Ok(None) };
            let columns = host.session()?.columns_of_table(target.table.schema.as_deref(), &target.table.name)?;
            Ok(columns.map(fields))
        });
        Ok(host.told(outcome))
    }

    fn replace(&mut self, _: Resource<Table>, query: String) -> Fallible<u64> {
        self.count_host_call()?;
        let outcome = self.embedder.replace(&query);
        Ok(self.embedder.told(outcome))
    }

    fn append(&mut self, _: Resource<Table>, columns: Vec<String>, query: String) -> Fallible<u64> {
        self.count_host_call()?;
        let outcome = self.embedder.append(&columns, &query);
        Ok(self.embedder.told(outcome))
    }

    fn upsert(
        &mut self,
        _: Resource<Table>,
        keys: Vec<String>,
        columns: Vec<String>,
        query: String,
    ) -> Fallible<tables::Upserted> {
        self.count_host_call()?;
        let outcome = self.embedder.upsert(&keys, &columns, &query);
        Ok(self.embedder.told(outcome))
    }

    fn replace_where(
        &mut self,
        _: Resource<Table>,
        condition: String,
        columns: Vec<String>,
        query: String,
    ) -> Fallible<tables::Replaced> {
        self.count_host_call()?;
        let outcome = self.embedder.replace_where(&condition, &columns, &query);
        Ok(self.embedder.told(outcome))
    }

    fn add_column(&mut self, _: Resource<Table>, column: Field) -> Fallible<()> {
        self.count_host_call()?;
        let outcome = self.embedder.add_column(&column);
        Ok(self.embedder.told(outcome))
    }

    fn widen(&mut self, _: Resource<Table>, column: Field) -> Fallible<()> {
        self.count_host_call()?;
        let outcome = self.embedder.widen(&column);
        Ok(self.embedder.told(outcome))
    }

    fn delete(&mut self, _: Resource<Table>, condition: String) -> Fallible<u64> {
        self.count_host_call()?;
        let outcome = self.embedder.delete(&condition);
        Ok(self.embedder.told(outcome))
    }

    fn drop(&mut self, _: Resource<Table>) -> Answer<()> {
        Ok(())
    }
}

impl destinations::Host for Guest<StepHost> {
    fn write(&mut self, format: String, settings: Vec<types::Setting>, query: String) -> Fallible<u64> {
        self.count_host_call()?;
        let outcome = self.embedder.export(&format, settings, &query);
        Ok(self.embedder.told(outcome))
    }
}
