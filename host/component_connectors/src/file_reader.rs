//! A component that reads files of a format.

use std::sync::Arc;

use duckpen_connectors::{
    Cancel, ConnectorError, FileReader, Relation, RowConnector, RowSink, RowSource, Setting, SettingValue, SourceFiles,
    Target,
};
use duckpen_functions::{FunctionStatistics, Statistics};
use duckpen_sandbox::{Component, Engine, Limits, Template};
use serde_json::{Map, Value};

use crate::ComponentKind;
use crate::declaration::Declaration;
use crate::description::{CONNECTOR, KindError, SOURCE, describe};
use crate::host::{ConnectorHost, GRANTED_TO_FILE_READERS, add_files_to_linker};
use crate::instance::Maker;
use crate::reach::Reach;
use crate::source::ComponentSource;
use crate::values;

/// A format of files whose reader is a component. It sees the files of one source, and reaches nobody.
pub struct ComponentFileReader {
    format: String,
    declaration: Declaration,
    template: Template<ConnectorHost>,
    statistics: Arc<Statistics>,
}

impl ComponentFileReader {
    /// Loads a component and asks it what it reads. `format` is the name under which it is used.
    ///
    /// # Errors
    /// When the bytes are no component, it wants what it is not granted, it reads no files, or what it declares is not
    /// usable. A component that misbehaves while it is asked is stopped.
    pub fn load(engine: &Engine, format: &str, bytes: &[u8], limits: &Limits) -> Result<Self, KindError> {
        let component = Component::load(engine, format, bytes)?;
        if !component.offers(CONNECTOR)? || !component.offers(SOURCE)? {
            let reason = format!("a reader of files exports `{CONNECTOR}` and `{SOURCE}`");
            return Err(component.contract_error(reason).into());
        }
        Ok(Self {
            format: format.to_owned(),
            declaration: describe(&component, GRANTED_TO_FILE_READERS, add_files_to_linker)?,
            template: Template::new(&component, limits.clone(), GRANTED_TO_FILE_READERS, add_files_to_linker)?,
            statistics: Arc::default(),
        })
    }

    /// The limits where the configuration sets none: those of connectors, with fuel for files of many gigabytes, which are
    /// looked through in one call. Time is what ends a reader that does not come to an end.
    pub fn limits() -> Limits {
        Limits { fuel: 1_000_000_000_000, ..ComponentKind::limits() }
    }

    /// What its calls have cost so far.
    pub fn statistics(&self) -> FunctionStatistics {
        self.statistics.snapshot()
    }

    /// The component.
    pub fn component(&self) -> &Component {
        self.template.component()
    }

    /// The settings as the component gets them: an object of JSON.
    fn selection(&self, settings: &[Setting]) -> Result<String, ConnectorError> {
        let mut selection = Map::new();
        for setting in settings {
            let parameter = self.declaration.source_parameters.iter().find(|known| known.name == setting.name);
            let parameter = parameter.ok_or_else(|| ConnectorError::UnknownSetting {
                format: self.format.clone(),
                setting: setting.name.clone(),
                purpose: "reading",
            })?;
            let value = match &setting.value {
                SettingValue::Flag(flag) => Value::from(*flag),
                SettingValue::Integer(number) => Value::from(*number),
                SettingValue::Number(number) => Value::from(*number),
                SettingValue::Text(text) => Value::from(text.as_str()),
                SettingValue::Texts(texts) => Value::from(texts.as_slice()),
            };
            let unusable = |expected| ConnectorError::BadSetting { setting: setting.name.clone(), expected };
            let value = values::of_kind(parameter, &value).map_err(unusable)?;
            let is_known = |value: &Value| parameter.one_of.iter().any(|known| Some(known.as_str()) == value.as_str());
            if !parameter.one_of.is_empty() && !is_known(&value) {
                return Err(unusable("one of the words that its format knows"));
            }
            selection.insert(setting.name.clone(), value);
        }
        Ok(Value::from(selection).to_string())
    }
}

impl FileReader for ComponentFileReader {
    fn format(&self) -> &str {
        &self.format
    }

    fn open(&self, settings: &[Setting], files: &SourceFiles) -> Result<Arc<dyn RowConnector>, ConnectorError> {
        let maker = Maker {
            name: self.format.as_str().into(),
            template: self.template.clone(),
            statistics: Arc::clone(&self.statistics),
            reach: Reach::Files(Arc::new(files.clone())),
        };
        Ok(Arc::new(Files { maker, selection: self.selection(settings)? }))
    }
}

/// Files that are read by a component.
struct Files {
    maker: Maker,
    selection: String,
}

impl RowConnector for Files {
    fn source(&self, _: &Relation, cancel: &Cancel) -> Result<Arc<dyn RowSource>, ConnectorError> {
        let (configuration, selection) = ("{}".to_owned(), self.selection.clone());
        Ok(Arc::new(ComponentSource::open(self.maker.clone(), configuration, selection, cancel)?))
    }

    fn sink(&self, _: &Target, _: &Cancel) -> Result<Box<dyn RowSink>, ConnectorError> {
        Err(ConnectorError::NotWritable { connector: self.maker.name.to_string() })
    }

    fn test(&self, cancel: &Cancel) -> Result<String, ConnectorError> {
        let columns = self.source(&Relation::Whole, cancel)?.columns().len();
        Ok(format!("files of {}, {columns} columns", self.maker.name))
    }
}
