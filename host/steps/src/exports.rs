//! What a handler may do with the one place its EXPORT step was granted.

use std::path::Path;

use duckpen_connectors::{Begun, Format, RowFile, RowSink, Setting, StagedParts, Target, Writer, exportable};
use duckpen_database::{Session, quote_literal};
use duckpen_faults::{Point, reach};

use crate::bindings::duckpen::steps::types;
use crate::capabilities::{Capabilities, Destination};
use crate::fault::StepFault;
use crate::host::{StepHost, check_granted, host_settings};

/// The setting with the columns by which rows are parted.
const PARTED: &str = "partition_by";

impl StepHost {
    pub(crate) fn export(
        &mut self,
        format: &str,
        settings: Vec<types::Setting>,
        query: &str,
    ) -> Result<u64, StepFault> {
        let settings = host_settings(settings);
        let rows = match &self.capabilities.destination {
            None => return Err(StepFault::Forbidden { what: "writing a file".into() }),
            Some(Destination::File(destination)) => {
                let format: Format = format.parse()?;
                let session = self.checked(query)?;
                reach(Point::ExportBeforeWrite)?;
                let rows = match RowFile::query(format, session, query)? {
                    Some(query) => write_rows(session, &query, format, &settings, destination)?,
                    None => session.execute(&Writer::new(format, &settings)?.statement(query, destination))?,
                };
                reach(Point::ExportWritten)?;
                rows
            }
            Some(Destination::Parts(parts)) => {
                let format: Format = format.parse()?;
                let session = self.checked(query)?;
                reach(Point::ExportBeforeWrite)?;
                let statement = Writer::new(format, &settings)?.statement(query, &parts.absolute());
                let rows = session.execute(&statement)?;
                gather(session, format, &settings, parts)?;
                reach(Point::ExportWritten)?;
                rows
            }
            Some(Destination::Rows(granted, connector)) => {
                check_granted(format, granted.name())?;
                let Capabilities { run_id, step, stop, .. } = &self.capabilities;
                let target = Target::of_settings(granted.name(), &settings, run_id, step)?;
                let sink = connector.sink(&target, &stop.cancel())?;
                self.export_rows(sink, query)?
            }
            Some(Destination::Delivery(granted, connector, delivery)) => {
                check_granted(format, granted)?;
                let sink = connector.deliver(delivery, &self.capabilities.stop.cancel())?;
                self.export_rows(sink, query)?
            }
        };
        self.effects.rows = Some(rows);
        self.effects.exported = true;
        Ok(rows)
    }

    /// Sends the rows of a query batch by batch. They are committed when the step is.
    fn export_rows(&mut self, mut sink: Box<dyn RowSink>, query: &str) -> Result<u64, StepFault> {
        let session = self.checked(query)?;
        let query = exportable(session, query)?;
        let mut stream = session.stream(&query)?;
        let mut rows = 0;
        match sink.begin(stream.columns())? {
            Begun::WrittenBefore(written) => {
                tracing::info!(step = self.capabilities.step, rows = written.rows(), "written by an earlier attempt");
                return Ok(written.rows());
            }
            Begun::Writing => {
                while let Some(chunk) = stream.next_chunk()? {
                    rows += chunk.rows() as u64;
                    sink.write(&chunk)?;
                }
            }
        }
        drop(stream);
        self.effects.sink = Some(sink);
        Ok(rows)
    }
}

/// Leaves one file of each combination of values: the database writes several where it has many open, and each is to be one
/// object, which a later export replaces.
fn gather(session: &Session, format: Format, settings: &[Setting], parts: &StagedParts) -> Result<(), StepFault> {
    let settings: Vec<Setting> = settings.iter().filter(|setting| setting.name != PARTED).cloned().collect();
    let writer = Writer::new(format, &settings)?;
    for scattered in parts.scattered()? {
        let files = scattered.files.iter().map(|file| quote_literal(&file.display().to_string()));
        let files = files.collect::<Vec<_>>().join(", ");
        let query = format!("SELECT * FROM read_parquet([{files}], hive_partitioning = false)");
        session.execute(&writer.statement(&query, &scattered.into))?;
        parts.gathered(&scattered)?;
    }
    Ok(())
}

/// Writes a file of a format that DuckDB does not write.
fn write_rows(
    session: &Session,
    query: &str,
    format: Format,
    settings: &[Setting],
    path: &Path,
) -> Result<u64, StepFault> {
    let mut stream = session.stream(query)?;
    let mut file = RowFile::create(format, settings, path, stream.columns())?;
    let mut rows = 0;
    while let Some(chunk) = stream.next_chunk()? {
        rows += chunk.rows() as u64;
        file.write(&chunk)?;
    }
    file.finish()?;
    Ok(rows)
}
