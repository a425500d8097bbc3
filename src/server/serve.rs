//! Serves a router until it is told to stop; then it finishes what it began, but not for ever.

use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long answers that were begun may take after the end was called.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Serves `router` on `listener` until `shutdown`.
///
/// # Errors
///
/// If the listener broke.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    let end = shutdown.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(end.cancelled_owned());
    tokio::select! {
        ended = async { serving.await } => ended,
        () = async { shutdown.cancelled().await; tokio::time::sleep(LAST_ANSWERS).await } => {
            tracing::warn!("some answers were not finished in time, and are cut off");
            Ok(())
        }
    }
}
