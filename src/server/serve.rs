//! Serves a router until it is told to stop; then it finishes what it began, but not for ever.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long answers that were begun may take after the end was called.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How long somebody may take to say what they want, and how long a connection may stay silent between two questions.
/// `axum::serve` would wait for ever.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// Connections at a time. Who comes beyond that waits in the system's queue.
const CONNECTIONS: usize = 512;

/// Serves `router` on `listener` until `shutdown`.
///
/// # Errors
///
/// None today; a listener that cannot accept is asked again after a second.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    serve_within(HEADERS_WITHIN, listener, router, shutdown).await;
    Ok(())
}

async fn serve_within(
    headers_within: Duration,
    mut listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = open.join_next() => {}
            (stream, _) = Listener::accept(&mut listener), if open.len() < CONNECTIONS => {
                open.spawn(answer(headers_within, stream, router.clone(), shutdown.clone()));
            }
        }
    }
    drop(listener);
    let last = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_ANSWERS, last).await.is_err() {
        tracing::warn!("some answers were not finished in time, and are cut off");
    }
}

/// One connection, to its end. How it ended is the other side's affair.
async fn answer(headers_within: Duration, stream: TcpStream, router: Router, shutdown: CancellationToken) {
    // Answers are small and somebody waits: none is held back until the one before it has been confirmed. At worst it is slower.
    let _as_it_is = stream.set_nodelay(true);
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(headers_within)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn open(shutdown: &CancellationToken) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(async || "hello"));
        tokio::spawn(serve_within(Duration::from_millis(200), listener, router, shutdown.clone()));
        address
    }

    #[tokio::test]
    async fn whoever_says_nothing_or_half_of_it_is_hung_up_on() {
        let shutdown = CancellationToken::new();
        let address = open(&shutdown).await;
        for begun in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            let mut heard = Vec::new();
            let reading = stream.read_to_end(&mut heard);
            let read = tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it is hung up");
            assert!(read.is_err() || !String::from_utf8_lossy(&heard).contains("hello"), "{begun:?}");
        }
        shutdown.cancel();
    }

    #[tokio::test]
    async fn more_than_it_holds_wait_until_somebody_leaves() {
        let shutdown = CancellationToken::new();
        let address = open(&shutdown).await;
        let mut silent = Vec::new();
        for _ in 0..CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut late = TcpStream::connect(address).await.unwrap();
        late.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut heard = String::new();
        let reading = late.read_to_string(&mut heard);
        tokio::time::timeout(Duration::from_secs(10), reading).await.expect("its turn comes").unwrap();
        assert!(heard.ends_with("hello"), "{heard}");
        shutdown.cancel();
    }
}
