//! What an EXPORT step has written aside, on its way to its place.

use duckpen_connectors::{ConnectorError, ObjectConnector, PendingUpload, Staged, StagedObject, Staging};
use duckpen_database::Session;
use duckpen_faults::{Point, reach};

use crate::capabilities::Stop;
use crate::executor::ExecutorParts;
use crate::fault::StepFault;

/// A file that waits to appear where the step says.
pub(crate) enum Outbound {
    /// In the project.
    File(Staged),
    /// In an object store.
    Object(Box<ObjectExport>),
}

/// A file that is sent before its step is committed, and seen after it.
pub(crate) struct ObjectExport {
    pub(crate) connector: ObjectConnector,
    /// The connector of the profile, where it is one.
    pub(crate) profile: Option<String>,
    pub(crate) staged: StagedObject,
    pub(crate) pending: Option<PendingUpload>,
}

/// Which step of which attempt.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) parts: &'a ExecutorParts,
    pub(crate) step: &'a str,
    pub(crate) attempt: u32,
}

impl Outbound {
    /// Makes it durable where it waits.
    pub(crate) fn settle(&mut self, origin: Origin<'_>, stop: &Stop) -> Result<(), StepFault> {
        match self {
            Self::File(staged) => {
                origin.parts.staging.sync(staged)?;
                reach(Point::ExportSynced)?;
            }
            Self::Object(object) => {
                let Origin { parts, step, attempt } = origin;
                let run = parts.run_id.as_str();
                let origin = (parts.plan.pipeline.as_str(), step);
                let mark = format!("{run}-{attempt}-{:x}", mark());
                let profile = object.profile.as_deref();
                let pending = object.connector.send(&object.staged, origin, profile, mark, &stop.cancel())?;
                object.pending = Some(pending);
            }
        }
        Ok(())
    }

    /// Notes it in the transaction of the step's mark.
    pub(crate) fn note(&self, origin: Origin<'_>, session: &Session) -> Result<(), StepFault> {
        let Origin { parts: ExecutorParts { ledger, run_id, .. }, step, .. } = origin;
        match self {
            Self::File(staged) => ledger.note_file(session, run_id, step, staged)?,
            Self::Object(object) => {
                let ObjectExport { staged, pending, .. } = &**object;
                let sent = pending.as_ref().ok_or_else(|| StepFault::Host("an object was not sent".to_owned()))?;
                ledger.note_upload(session, run_id, step, staged, sent.record())?;
            }
        }
        reach(Point::OutboxNoted)?;
        Ok(())
    }

    /// The step is durable: should the host die now, the next run publishes it.
    pub(crate) fn committed(&mut self) {
        if let Self::Object(object) = self
            && let Some(pending) = &mut object.pending
        {
            pending.commit();
        }
    }

    /// Lets it appear in its place.
    pub(crate) fn publish(self, origin: Origin<'_>, session: &Session) -> Result<(), StepFault> {
        let Origin { parts, step, .. } = origin;
        match &self {
            Self::File(staged) => Staging::publish(&parts.files, staged)?,
            Self::Object(object) => {
                object.pending.as_ref().map_or(Ok::<_, ConnectorError>(()), PendingUpload::complete)?;
            }
        }
        parts.ledger.published(session, &parts.run_id, step)?;
        reach(Point::OutboxCleared)?;
        if let Self::Object(object) = self
            && let Some(pending) = object.pending
            && let Err(error) = pending.forget()
        {
            // The next run finds a note of an upload that is gone, and removes it.
            tracing::debug!(%error, "the note of an upload stays");
        }
        Ok(())
    }
}

/// A number that no earlier attempt had.
fn mark() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.as_nanos()
}
