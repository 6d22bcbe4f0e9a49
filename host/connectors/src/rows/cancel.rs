use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

use crate::ConnectorError;

/// A flag by which reading and writing is told to stop, from another thread. Clones share it.
#[derive(Clone)]
pub struct Cancel {
    flag: Arc<watch::Sender<bool>>,
}

impl Default for Cancel {
    fn default() -> Self {
        Self { flag: Arc::new(watch::Sender::new(false)) }
    }
}

impl Cancel {
    /// Raises the flag, for good.
    pub fn raise(&self) {
        self.flag.send_replace(true);
    }

    /// Whether the flag is up.
    pub fn is_raised(&self) -> bool {
        *self.flag.borrow()
    }

    /// Ends when the flag is up.
    pub(crate) async fn raised(&self) {
        let mut flag = self.flag.subscribe();
        // The sender is alive: it is borrowed.
        let _ = flag.wait_for(|raised| *raised).await;
    }

    /// Does `work` unless the flag goes up before it is done.
    pub(crate) async fn unless_raised<R, E: From<ConnectorError>>(
        &self,
        work: impl Future<Output = Result<R, E>>,
    ) -> Result<R, E> {
        tokio::select! {
            biased;
            () = self.raised() => Err(ConnectorError::Cancelled.into()),
            done = work => done,
        }
    }
}
