//! Telling a piece of work to stop.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

/// Why work was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// Whoever started the run wants it to end.
    Requested,
    /// The step used up its time.
    TimedOut,
}

/// A flag that is raised once and never lowered. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    reason: OnceLock<CancelReason>,
    raised: Notify,
}

impl CancelToken {
    /// Raises the flag. The first reason given stays.
    pub fn cancel(&self, reason: CancelReason) {
        if self.shared.reason.set(reason).is_ok() {
            self.shared.raised.notify_waiters();
        }
    }

    /// Why the flag is up; `None` while it is down.
    pub fn reason(&self) -> Option<CancelReason> {
        self.shared.reason.get().copied()
    }

    /// Waits for the flag; returns at once if it is up already. Losing the future loses nothing.
    pub async fn cancelled(&self) -> CancelReason {
        loop {
            let mut raised = std::pin::pin!(self.shared.raised.notified());
            // Registered before looking, so that a flag raised in between is not missed.
            raised.as_mut().enable();
            if let Some(reason) = self.reason() {
                return reason;
            }
            raised.await;
        }
    }
}
