//! What stands between a house and the organization: it sees every request, and can lie about the answer.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use steward::sandbox::Organization;
use tokio::net::TcpListener;

/// What is done with an answer on its way back.
pub(crate) type Lie = Box<dyn FnOnce(Vec<u8>) -> Response + Send>;
/// What happens at a request, before (`false`) or after (`true`) the organization has seen it. Whoever answers `true`
/// before keeps it from the organization.
pub(crate) type Watch = Box<dyn FnMut(&str, bool) -> bool + Send>;

/// Stands between a house and the organization, and can lie.
#[derive(Default)]
pub(crate) struct Meddler {
    lies: Mutex<VecDeque<(String, Lie)>>,
    watch: Mutex<Option<Watch>>,
}

impl Meddler {
    /// The next request that begins like this, such as `POST /v1/organizations/invites`, is answered with a lie.
    pub(crate) fn lie(&self, about: &str, lie: Lie) {
        self.lies.lock().unwrap().push_back((about.to_owned(), lie));
    }

    /// Lies that nobody was told.
    pub(crate) fn forget_lies(&self) -> usize {
        self.lies.lock().unwrap().drain(..).count()
    }

    /// Has every request looked at.
    pub(crate) fn watch(&self, watch: Option<Watch>) {
        *self.watch.lock().unwrap() = watch;
    }

    fn seen(&self, what: &str, after: bool) -> bool {
        self.watch.lock().unwrap().as_mut().is_some_and(|watch| watch(what, after))
    }

    fn lie_about(&self, what: &str) -> Option<Lie> {
        let mut lies = self.lies.lock().unwrap();
        let at = lies.iter().position(|(about, _)| what.starts_with(about.as_str()))?;
        lies.remove(at).map(|(_, lie)| lie)
    }
}

async fn meddle(State(meddler): State<Arc<Meddler>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches("/anthropic").to_owned();
    let what = format!("{} {path}", request.method());
    if meddler.seen(&what, false) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let lie = meddler.lie_about(&what);
    let answer = next.run(request).await;
    meddler.seen(&what, true);
    match lie {
        None => answer,
        Some(lie) => lie(to_bytes(answer.into_body(), usize::MAX).await.unwrap_or_default().to_vec()),
    }
}

/// Serves the organization on a loopback port of its own.
pub(crate) async fn serve(organization: &Organization, meddler: Arc<Meddler>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = organization.admin_api().layer(from_fn_with_state(meddler, meddle));
    let router = axum::Router::new().nest("/anthropic", api);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
