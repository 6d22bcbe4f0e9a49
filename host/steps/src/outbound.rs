//! What an EXPORT step has written aside, on its way to its place.

use std::sync::{Mutex, PoisonError};
use std::thread;

use duckpen_connectors::{ConnectorError, ObjectConnector, PendingUpload, Staged, StagedObject, StagedParts, Staging};
use duckpen_database::Session;
use duckpen_faults::{Point, reach};

use crate::capabilities::Stop;
use crate::executor::ExecutorParts;
use crate::fault::StepFault;

/// What waits to appear where the step says.
pub(crate) enum Outbound {
    /// A file or a folder of the project.
    File(Staged),
    /// In an object store.
    Objects(ObjectExport),
}

/// Files that are sent before their step is committed, and seen after it.
pub(crate) struct ObjectExport {
    pub(crate) connector: ObjectConnector,
    /// The connector of the profile, where it is one.
    pub(crate) profile: Option<String>,
    pub(crate) waiting: Waiting,
    pub(crate) sent: Vec<Sent>,
}

/// What is to be sent.
pub(crate) enum Waiting {
    /// A file, and the key of its object.
    One(StagedObject, String),
    /// A file for each combination of values, and what their keys begin with.
    Parts(StagedParts, String),
}

/// A file that was sent.
pub(crate) struct Sent {
    staged: StagedObject,
    pending: PendingUpload,
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
            Self::Objects(objects) => objects.send(origin, stop)?,
        }
        Ok(())
    }

    /// Notes it in the transaction of the step's mark.
    pub(crate) fn note(&self, origin: Origin<'_>, session: &Session) -> Result<(), StepFault> {
        let Origin { parts: ExecutorParts { ledger, run_id, .. }, step, .. } = origin;
        match self {
            Self::File(staged) => ledger.note_file(session, run_id, step, staged)?,
            Self::Objects(objects) => {
                for Sent { staged, pending } in &objects.sent {
                    ledger.note_upload(session, run_id, step, staged, pending.record())?;
                }
            }
        }
        reach(Point::OutboxNoted)?;
        Ok(())
    }

    /// The step is durable: should the host die now, the next run publishes it.
    pub(crate) fn committed(&mut self) {
        if let Self::Objects(objects) = self {
            objects.sent.iter_mut().for_each(|sent| sent.pending.commit());
        }
    }

    /// Lets it appear in its place. Of several objects each appears whole, one after the other.
    pub(crate) fn publish(self, origin: Origin<'_>, session: &Session) -> Result<(), StepFault> {
        let Origin { parts: ExecutorParts { ledger, run_id, files, .. }, step, .. } = origin;
        match self {
            Self::File(staged) => {
                Staging::publish(files, &staged)?;
                ledger.published(session, run_id, step, &staged.from)?;
                reach(Point::OutboxCleared)?;
            }
            Self::Objects(ObjectExport { connector, sent, .. }) => {
                each(connector.workers(), &sent, |sent| sent.pending.complete()).map_err(StepFault::from)?;
                for Sent { staged, pending } in sent {
                    ledger.published(session, run_id, step, staged.from())?;
                    reach(Point::OutboxCleared)?;
                    if let Err(error) = pending.forget() {
                        // The next run finds a note of an upload that is gone, and removes it.
                        tracing::debug!(%error, "the note of an upload stays");
                    }
                }
            }
        }
        Ok(())
    }
}

impl ObjectExport {
    /// Sends what waits.
    fn send(&mut self, origin: Origin<'_>, stop: &Stop) -> Result<(), StepFault> {
        let Origin { parts, step, attempt } = origin;
        let objects = match &self.waiting {
            Waiting::One(staged, key) => vec![(key.clone(), staged.clone())],
            Waiting::Parts(parts, folder) => {
                let named = |(below, staged)| (format!("{folder}{below}"), staged);
                parts.objects()?.into_iter().map(named).collect()
            }
        };
        let run = parts.run_id.as_str();
        let origin = (parts.plan.pipeline.as_str(), step);
        let profile = self.profile.as_deref();
        let sent = Mutex::new(Vec::new());
        let outcome = each(self.connector.workers(), &objects, |(key, staged)| {
            let mark = format!("{run}-{attempt}-{:x}", mark());
            let pending = self.connector.send(staged, key, origin, profile, mark, &stop.cancel())?;
            let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.push(Sent { staged: staged.clone(), pending });
            Ok(())
        });
        // Where one could not be sent, the others are given up with this.
        let sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome?;
        self.sent = sent;
        Ok(())
    }
}

/// Does the same for each of several, up to `workers` at once. After an error no further one is begun; the first is returned.
fn each<T: Sync>(
    workers: usize,
    items: &[T],
    what: impl Fn(&T) -> Result<(), ConnectorError> + Sync,
) -> Result<(), ConnectorError> {
    if let [item] = items {
        return what(item);
    }
    let next = Mutex::new((items.iter(), None));
    let work = || {
        loop {
            let item = {
                let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                if next.1.is_some() { None } else { next.0.next() }
            };
            let Some(item) = item else { return };
            if let Err(error) = what(item) {
                let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                next.1.get_or_insert(error);
            }
        }
    };
    thread::scope(|scope| {
        (0..workers.min(items.len())).for_each(|_| drop(scope.spawn(work)));
    });
    next.into_inner().unwrap_or_else(PoisonError::into_inner).1.map_or(Ok(()), Err)
}

/// A number that no earlier attempt had, nor another object of this one.
fn mark() -> u128 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (now.as_nanos() << 32) | u128::from(COUNT.fetch_add(1, Ordering::Relaxed))
}
