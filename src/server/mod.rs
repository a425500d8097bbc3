//! Placeholder.
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
/// Serves.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let _ = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await;
}
