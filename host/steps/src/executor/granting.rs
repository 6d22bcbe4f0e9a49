//! What a step is granted, by its kind.

use duckpen_connectors::{Delivery, Relation as RowRelation, RowFormat};
use duckpen_database::Session;
use duckpen_pipeline::{ExportStep, LoadStep, Refresh, Relation, SourceStep, Step, TableName, TransformStep};
use serde_json::{Map, Value};

use super::StepExecutor;
use super::reading::Opened;
use crate::capabilities::{Capabilities, Destination, Input, SourcePlace, Target};
use crate::destination::completed;
use crate::fault::StepFault;
use crate::grants::{is_object_export, is_object_source, is_parted, place_of};
use crate::outbound::{ObjectExport, Outbound, Waiting};

impl StepExecutor {
    pub(super) fn grant_source(
        &self,
        source: &SourceStep,
        params: Option<&Map<String, Value>>,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        let params = params.unwrap_or(&source.params);
        if let Some(format) = self.parts.connectors.kinds().row_format(&source.connector_type) {
            let connector = self.parts.connectors.connector(format.name(), params)?;
            capabilities.source = Some(match format {
                RowFormat::Brought(name) => {
                    SourcePlace::Selection(name, connector, RowRelation::Selection(params.clone()))
                }
                format => SourcePlace::Rows(format, connector),
            });
        } else if is_object_source(source) {
            capabilities.source =
                Some(SourcePlace::Objects(self.parts.connectors.objects(params, None)?, params.clone()));
        } else if let Some(place) = place_of(params) {
            let (files, kinds) = (self.parts.files.source(place)?, self.parts.connectors.kinds());
            capabilities.source = Some(SourcePlace::of_files(&source.connector_type, params, files, kinds)?);
        }
        Ok(())
    }

    pub(super) fn grant_load(
        &self,
        load: &LoadStep,
        refresh: Refresh,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Opened, StepFault> {
        let source = Input::loaded_into(&load.table, &load.source);
        let opened = self.open_source(&source, session, Some((load, refresh)), capabilities)?;
        capabilities.granted =
            vec![TableName::new(source.relation.clone()), main_table(&load.table), load.table.clone()];
        capabilities.inputs.push(source);
        capabilities.target = Some(Target { table: load.table.clone(), relation: Relation::Table });
        Ok(opened)
    }

    pub(super) fn grant_transform(
        &self,
        transform: &TransformStep,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        self.grant_reads(&transform.reads, session, capabilities)?;
        capabilities.granted.extend([main_table(&transform.table), transform.table.clone()]);
        capabilities.target = Some(Target { table: transform.table.clone(), relation: transform.relation });
        Ok(())
    }

    pub(super) fn grant_export(
        &self,
        step: &Step,
        export: &ExportStep,
        params: Option<&Map<String, Value>>,
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<Option<Outbound>, StepFault> {
        self.grant_reads(&export.reads, session, capabilities)?;
        if let Some(format) = self.parts.connectors.kinds().row_format(&export.connector_type) {
            let params = completed(export, params, self.parts.connectors.kinds()).into_owned();
            let connector = self.parts.connectors.connector(format.name(), &params)?;
            capabilities.destination = Some(match format {
                RowFormat::Brought(name) => {
                    let delivery = Delivery {
                        selection: params,
                        destination: export.destination.clone(),
                        run: self.parts.run_id.as_str().to_owned(),
                        step: step.id.to_string(),
                    };
                    Destination::Delivery(name, connector, delivery)
                }
                format => Destination::Rows(format, connector),
            });
            return Ok(None);
        }
        let options = params.unwrap_or(&export.options);
        if is_object_export(export, options, self.parts.connectors.kinds()) {
            let connector = self.parts.connectors.objects(options, Some(&export.destination))?;
            let staging = &self.parts.staging;
            let waiting = if is_parted(options) {
                let parts = staging.stage_parts(step.id.as_str());
                capabilities.destination = Some(Destination::Parts(parts.clone()));
                Waiting::Parts(parts, connector.folder()?)
            } else {
                let staged = staging.stage_object(step.id.as_str());
                capabilities.destination = Some(Destination::File(staged.absolute()));
                Waiting::One(staged, connector.one_key()?.to_owned())
            };
            let profile = export.from_profile.clone();
            return Ok(Some(Outbound::Objects(ObjectExport { connector, profile, waiting, sent: Vec::new() })));
        }
        let (staging, id) = (&self.parts.staging, step.id.as_str());
        let staged = match is_parted(options) {
            true => staging.stage_folder(id, &export.destination)?,
            false => staging.stage(id, &export.destination)?,
        };
        capabilities.destination = Some(Destination::File(self.parts.staging.absolute(&staged)));
        Ok(Some(Outbound::File(staged)))
    }

    /// Tables a query reads, and sources where no table of the plan has their name.
    pub(super) fn grant_reads(
        &self,
        reads: &[TableName],
        session: &Session,
        capabilities: &mut Capabilities,
    ) -> Result<(), StepFault> {
        let written = |table: &TableName| {
            self.parts.plan.steps.iter().any(|step| step.kind.all_writes().any(|found| found.key() == table.key()))
        };
        for table in reads {
            // The ledger is the host's own.
            if table.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case("duckpen")) {
                return Err(StepFault::Ungranted { table: table.to_string() });
            }
            let input = Input::named(&table.name);
            if table.schema.is_none() && !written(table) && self.sources().contains_key(&table.name.to_lowercase()) {
                self.open_source(&input, session, None, capabilities)?;
            }
            capabilities.inputs.push(input);
            capabilities.granted.push(table.clone());
        }
        Ok(())
    }
}

fn main_table(table: &TableName) -> TableName {
    TableName { schema: Some(table.schema.clone().unwrap_or_else(|| "main".into())), name: table.name.clone() }
}
