use duckpen_scheduler::{CancelReason, CancelToken};

use crate::exit::Exit;

/// Stops the run at the first signal. At the second the process ends at once: what was complete is in the ledger, and the
/// next run continues from there.
pub async fn listen(cancel: CancelToken) {
    signal().await;
    cancel.cancel(CancelReason::Requested);
    signal().await;
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                () = interrupted() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => interrupted().await,
    }
}

#[cfg(not(unix))]
async fn signal() {
    interrupted().await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be listened for");
        std::future::pending::<()>().await;
    }
}
