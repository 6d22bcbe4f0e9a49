//! A component of a connector: what `duckpen::connector!` exports.

use std::cell::RefCell;
use std::sync::Once;

use serde::de::DeserializeOwned;

use super::connector::{Connector, Parameter};
use super::contract::{self, Failure, context, sink, source};
use super::files::{FileConnector, SourceFile};
use super::host::Host;
use super::logical::Logical;
use super::rows::{Rows, logical_types};
use super::sink::{Delivery, Sink, Writer, Written};
use super::source::{Dataset, Field, Reader, Relation, Source};
use crate::functions::contract::{Argument, RawColumn};
use crate::{Batch, Error, ErrorKind};

/// What a connector says of itself.
pub fn describe<C: Connector>(source: Vec<Parameter>, sink: Vec<Parameter>) -> contract::Declaration {
    report_panics();
    let parameters = |parameters: Vec<Parameter>| parameters.into_iter().map(Into::into).collect();
    contract::Declaration {
        name: C::NAME.to_owned(),
        version: C::VERSION.to_owned(),
        doc: C::DOC.to_owned(),
        parameters: parameters(C::parameters()),
        source_parameters: parameters(source),
        sink_parameters: parameters(sink),
        authentication: C::authentication().into_iter().map(Into::into).collect(),
    }
}

/// What a format of files says of itself.
pub fn describe_format<F: FileConnector>() -> contract::Declaration {
    report_panics();
    contract::Declaration {
        name: F::NAME.to_owned(),
        version: F::VERSION.to_owned(),
        doc: F::DOC.to_owned(),
        parameters: Vec::new(),
        source_parameters: F::parameters().into_iter().map(Into::into).collect(),
        sink_parameters: Vec::new(),
        authentication: Vec::new(),
    }
}

/// Whether its system answers.
pub fn check<C: Connector>(configuration: &str) -> Result<String, Failure> {
    report_panics();
    Ok(C::check(read(configuration)?, &Host::real())?)
}

/// What can be read of it.
pub fn discover<S: Source>(configuration: &str) -> Result<Vec<source::Dataset>, Failure> {
    report_panics();
    let datasets = S::discover(read(configuration)?, &Host::real())?;
    Ok(datasets.into_iter().map(Into::into).collect())
}

/// Rows of it.
pub fn open_source<S: Source>(configuration: &str, selection: &str) -> Result<source::Relation, Failure> {
    report_panics();
    let relation = S::open(read(configuration)?, read(selection)?, &Host::real())?;
    Ok(source::Relation::new(OpenRelation(Box::new(relation))))
}

/// Rows of files.
pub fn open_files<F: FileConnector>(selection: &str) -> Result<source::Relation, Failure> {
    report_panics();
    let relation = F::open(SourceFile::all(), read(selection)?)?;
    Ok(source::Relation::new(OpenRelation(Box::new(relation))))
}

/// What of a format of files is not asked.
pub fn nothing_to_ask() -> Failure {
    Error::new(ErrorKind::Unsupported, "a format of files has no system that could be asked").into()
}

/// A way to write to it.
pub fn open_sink<S: Sink>(
    configuration: &str,
    selection: &str,
    delivery: sink::Delivery,
) -> Result<sink::Writer, Failure> {
    report_panics();
    let fields: Vec<Field> = delivery.fields.into_iter().map(Into::into).collect();
    let delivery = Delivery {
        destination: delivery.destination,
        fields: fields.clone(),
        idempotency_key: delivery.idempotency_key,
    };
    let logical = logical_types(&fields)?;
    let writer = S::open(read(configuration)?, read(selection)?, delivery, &Host::real())?;
    let writer: Box<dyn AnyWriter> = Box::new(writer);
    Ok(sink::Writer::new(OpenWriter { fields, logical, writer: RefCell::new(Some(writer)) }))
}

/// What the host has checked by the declared parameters, in the connector's own types.
fn read<T: DeserializeOwned>(document: &str) -> Result<T, Error> {
    serde_json::from_str(document).map_err(|error| {
        // Where in the document it is tells nobody anything.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Error::new(ErrorKind::InvalidConfiguration, format!("the parameters cannot be used: {message}"))
    })
}

/// A relation of any connector.
trait AnyRelation {
    fn fields(&self) -> Vec<Field>;
    fn estimated_rows(&self) -> Option<u64>;
    fn read(&self, projection: Vec<usize>, since: Option<String>) -> Result<OpenReader, Error>;
}

impl<R: Relation> AnyRelation for R {
    fn fields(&self) -> Vec<Field> {
        Relation::fields(self)
    }

    fn estimated_rows(&self) -> Option<u64> {
        Relation::estimated_rows(self)
    }

    fn read(&self, projection: Vec<usize>, since: Option<String>) -> Result<OpenReader, Error> {
        let since = since.map(|state| serde_json::from_str(&state)).transpose().map_err(|error| {
            let message = format!("the state in which the last read ended cannot be used: {error}");
            Error::new(ErrorKind::InvalidInput, message).with_hint("a run with --full-refresh reads everything again")
        })?;
        let reader: Box<dyn AnyReader> = Box::new(Relation::read(self, &projection, since)?);
        Ok(OpenReader(RefCell::new((reader, Batch::new(projection)))))
    }
}

/// A reader of any connector.
trait AnyReader {
    fn next(&mut self, batch: &mut Batch) -> Result<(), Error>;
    fn state(&self) -> Option<String>;
}

impl<R> AnyReader for R
where
    R: Reader,
    R::State: serde::Serialize,
{
    fn next(&mut self, batch: &mut Batch) -> Result<(), Error> {
        Reader::next(self, batch)
    }

    fn state(&self) -> Option<String> {
        serde_json::to_string(&Reader::state(self)?).ok()
    }
}

/// A writer of any connector.
trait AnyWriter {
    fn write(&mut self, rows: &Rows<'_>) -> Result<(), Error>;
    fn finish(self: Box<Self>) -> Result<Written, Error>;
}

impl<W: Writer> AnyWriter for W {
    fn write(&mut self, rows: &Rows<'_>) -> Result<(), Error> {
        Writer::write(self, rows)
    }

    fn finish(self: Box<Self>) -> Result<Written, Error> {
        Writer::finish(*self)
    }
}

/// The contract's relation.
pub struct OpenRelation(Box<dyn AnyRelation>);

impl source::GuestRelation for OpenRelation {
    fn fields(&self) -> Vec<source::Field> {
        self.0.fields().into_iter().map(Into::into).collect()
    }

    fn estimated_rows(&self) -> Option<u64> {
        self.0.estimated_rows()
    }

    fn read(&self, projection: Vec<u32>, since: Option<String>) -> Result<source::Reader, Failure> {
        let projection = projection.into_iter().map(|field| field as usize).collect();
        Ok(source::Reader::new(self.0.read(projection, since)?))
    }
}

/// The contract's reader.
pub struct OpenReader(RefCell<(Box<dyn AnyReader>, Batch)>);

impl source::GuestReader for OpenReader {
    fn next(&self, most: u32) -> Result<(), Failure> {
        let (reader, batch) = &mut *self.0.borrow_mut();
        batch.begin(most as usize);
        reader.next(batch)?;
        Ok(batch.emit(source::rows::emit)?)
    }

    fn state(&self) -> Option<String> {
        self.0.borrow().0.state()
    }
}

/// The contract's writer.
pub struct OpenWriter {
    fields: Vec<Field>,
    logical: Vec<Logical>,
    /// None once it is finished.
    writer: RefCell<Option<Box<dyn AnyWriter>>>,
}

impl sink::GuestWriter for OpenWriter {
    fn write(&self, rows: u32, columns: Vec<RawColumn>) -> Result<(), Failure> {
        let columns: Vec<Argument> = columns.into_iter().map(Argument::Vector).collect();
        let rows = Rows::new(&self.fields, &self.logical, &columns, rows as usize);
        let mut writer = self.writer.borrow_mut();
        Ok(writer.as_mut().ok_or_else(finished)?.write(&rows)?)
    }

    fn finish(&self) -> Result<sink::Written, Failure> {
        let writer = self.writer.borrow_mut().take().ok_or_else(finished)?;
        let Written { inserted, updated } = writer.finish()?;
        Ok(sink::Written { inserted, updated })
    }
}

fn finished() -> Error {
    Error::new(ErrorKind::Internal, "the writer is finished")
}

impl From<Field> for source::Field {
    fn from(field: Field) -> Self {
        Self { name: field.name, logical_type: field.logical_type }
    }
}

impl From<source::Field> for Field {
    fn from(field: source::Field) -> Self {
        Self { name: field.name, logical_type: field.logical_type }
    }
}

impl From<Dataset> for source::Dataset {
    fn from(dataset: Dataset) -> Self {
        Self {
            name: dataset.name,
            fields: dataset.fields.into_iter().map(Into::into).collect(),
            primary_key: dataset.primary_key,
            is_incremental: dataset.is_incremental,
            doc: dataset.doc,
        }
    }
}

/// A panic ends in a trap, which says nothing; its message goes to the log before.
fn report_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| context::log(context::Level::Error, &panic.to_string())));
    });
}

/// Exports a [`Connector`](crate::connectors::Connector) as a component, by what it can do, or a
/// [`FileConnector`](crate::connectors::FileConnector). Once in a crate of type `cdylib`:
///
/// ```ignore
/// duckpen::connector!(Shop: source);
/// duckpen::connector!(Webhook: sink);
/// duckpen::connector!(Rest: source, sink);
/// duckpen::connector!(Excel: files);
/// ```
#[macro_export]
macro_rules! connector {
    ($connector:ty: source) => {
        $crate::connector!(@system $connector, <$connector as $crate::connectors::Source>::source_parameters(), ::std::vec::Vec::new());
        $crate::connector!(@source $connector);
    };
    ($connector:ty: sink) => {
        $crate::connector!(@system $connector, ::std::vec::Vec::new(), <$connector as $crate::connectors::Sink>::sink_parameters());
        $crate::connector!(@sink $connector);
    };
    ($connector:ty: source, sink) => {
        $crate::connector!(
            @system $connector,
            <$connector as $crate::connectors::Source>::source_parameters(),
            <$connector as $crate::connectors::Sink>::sink_parameters()
        );
        $crate::connector!(@source $connector);
        $crate::connector!(@sink $connector);
    };
    ($format:ty: files) => {
        $crate::connector!(
            @describe
            $crate::connectors::component::describe_format::<$format>(),
            |_: &str| Err($crate::connectors::component::nothing_to_ask())
        );
        $crate::connector!(
            @read
            |_: &str| Err($crate::connectors::component::nothing_to_ask()),
            |_: &str, selection: &str| $crate::connectors::component::open_files::<$format>(selection)
        );
    };

    (@system $connector:ty, $source:expr, $sink:expr) => {
        $crate::connector!(
            @describe
            $crate::connectors::component::describe::<$connector>($source, $sink),
            $crate::connectors::component::check::<$connector>
        );
    };
    // The names of the exports are no symbols that a linker for another target would take.
    (@describe $described:expr, $check:expr) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::connectors::contract::{Declaration, Failure, Guest};

            struct Described;

            impl Guest for Described {
                fn describe() -> Declaration {
                    $described
                }

                fn check(configuration: String) -> Result<String, Failure> {
                    $check(&configuration)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::connectors::export_connector!(Described with_types_in $crate::bindings::connectors);
        };
    };
    (@source $connector:ty) => {
        $crate::connector!(
            @read
            $crate::connectors::component::discover::<$connector>,
            $crate::connectors::component::open_source::<$connector>
        );
    };
    (@read $discover:expr, $open:expr) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::connectors::component::{OpenReader, OpenRelation};
            use $crate::connectors::contract::Failure;
            use $crate::connectors::contract::source::{Dataset, Guest, Relation};

            struct Read;

            impl Guest for Read {
                type Relation = OpenRelation;
                type Reader = OpenReader;

                fn discover(configuration: String) -> Result<Vec<Dataset>, Failure> {
                    $discover(&configuration)
                }

                fn open(configuration: String, selection: String) -> Result<Relation, Failure> {
                    $open(&configuration, &selection)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::connector_sources::export_source!(
                Read with_types_in $crate::bindings::connector_sources
            );
        };
    };
    (@sink $connector:ty) => {
        #[allow(unsafe_code, dead_code)]
        const _: () = {
            use $crate::connectors::component::{OpenWriter, open_sink};
            use $crate::connectors::contract::Failure;
            use $crate::connectors::contract::sink::{Delivery, Guest, Writer};

            struct Written;

            impl Guest for Written {
                type Writer = OpenWriter;

                fn open(configuration: String, selection: String, delivery: Delivery) -> Result<Writer, Failure> {
                    open_sink::<$connector>(&configuration, &selection, delivery)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::connector_sinks::export_sink!(Written with_types_in $crate::bindings::connector_sinks);
        };
    };
}
