//! For the tests of the client: an upstream on loopback that answers as it is told, and a time that moves when somebody
//! sleeps. It knows nothing of the simulated organization, so that the two cannot agree on a mistake.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use futures_util::stream;
use secrecy::SecretString;
use serde_json::{Value, json};
use steward::claude::{Error, Reader, Settings, Time, Writer, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Must be found nowhere but in one header.
pub(crate) const CANARY: &str = "sk-ant-admin01-CANARY-7f3a9c-do-not-leak-AA";

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Method, path, parameters and body in one line.
    pub(crate) fn line(&self) -> String {
        let query: Vec<String> = self.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{} {} {} {}", self.method, self.path, query.join("&"), self.body).trim_end().to_owned()
    }
}

/// A server that answers what its closure says, and remembers what it was asked.
pub(crate) struct Upstream {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Upstream {
    /// `answer` is given the request and how many came before it.
    pub(crate) async fn answering(answer: impl Fn(&Seen, usize) -> Response + Send + Sync + 'static) -> Self {
        Self::answering_late(move |seen, before| std::future::ready(answer(&seen, before))).await
    }

    /// As [`Self::answering`], for answers that take their time.
    pub(crate) async fn answering_late<F>(answer: impl Fn(Seen, usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let handler = move |request: Request| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let seen = read(request).await;
                let before = {
                    let mut log = log.lock().unwrap();
                    log.push(seen.clone());
                    log.len() - 1
                };
                answer(seen, before).await
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(handler);
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, seen, task }
    }

    /// The same body for every request, with status 200.
    pub(crate) async fn saying(body: Value) -> Self {
        Self::answering(move |_, _| ok(&body)).await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// A client of this server with a time of its own and a budget that is never in the way.
    pub(crate) fn client(&self) -> (Reader, Writer, Arc<FakeTime>) {
        self.client_within(1_000_000)
    }

    /// A client of this server with a budget.
    pub(crate) fn client_within(&self, per_minute: u32) -> (Reader, Writer, Arc<FakeTime>) {
        let time = Arc::new(FakeTime::default());
        let settings = Settings { budget_per_minute: per_minute, ..settings(&self.url) };
        let (reader, writer) = connect(settings, Arc::clone(&time) as Arc<dyn Time>).unwrap();
        (reader, writer, time)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Settings with the canary as key, and no rest however often something fails.
pub(crate) fn settings(base_url: &str) -> Settings {
    let usual = Settings::new(SecretString::from(CANARY), 7);
    Settings { base_url: base_url.to_owned(), rest_after_failures: u32::MAX, ..usual }
}

/// A time that stands still until somebody sleeps.
#[derive(Default)]
pub(crate) struct FakeTime {
    now_ms: Arc<AtomicI64>,
    slept: Mutex<Vec<Duration>>,
}

impl FakeTime {
    pub(crate) fn advance(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// Every pause so far.
    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }
}

impl Time for FakeTime {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        self.slept.lock().unwrap().push(pause);
        // Whole milliseconds, rounded up: who sleeps never wakes too early.
        let until = self.now_ms() + i64::try_from(pause.as_nanos().div_ceil(1_000_000)).unwrap();
        let now_ms = Arc::clone(&self.now_ms);
        Box::pin(async move {
            tokio::task::yield_now().await;
            now_ms.fetch_max(until, Ordering::SeqCst);
        })
    }
}

/// 200 with a body.
pub(crate) fn ok(body: &Value) -> Response {
    body.to_string().into_response()
}

/// An error in the API's envelope.
pub(crate) fn refusal(status: u16, kind: &str, code: Option<&str>) -> Response {
    let mut error = json!({ "type": kind, "message": format!("no, {CANARY}") });
    if let Some(code) = code {
        error["details"] = json!({ "error_code": code });
    }
    let body = json!({ "type": "error", "error": error, "request_id": "req_body" }).to_string();
    (StatusCode::from_u16(status).unwrap(), [("request-id", "req_011CX")], body).into_response()
}

/// A status and one header.
pub(crate) fn with_header(status: u16, name: &'static str, value: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(name, value.to_owned())], "{}").into_response()
}

/// 200, the first half of a body, and then the connection is cut.
pub(crate) fn half() -> Response {
    let parts = [Ok(Bytes::from_static(b"{\"id\":\"us")), Err(std::io::Error::other("cut"))];
    Body::from_stream(stream::iter(parts)).into_response()
}

/// Accepts, reads a little, writes `bytes`, hangs up; counts the connections that sent anything.
pub(crate) async fn hanging_up_after(bytes: &'static [u8]) -> (String, Arc<AtomicI64>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicI64::new(0));
    let counter = Arc::clone(&count);
    let task = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            if socket.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                counter.fetch_add(1, Ordering::SeqCst);
                let _ = socket.write_all(bytes).await;
            }
        }
    });
    (url, count, task)
}

pub(crate) fn organization() -> Value {
    json!({ "id": "0b9c1f1e-0000-4000-8000-000000000001", "name": "Example", "type": "organization" })
}

pub(crate) fn user(id: &str) -> Value {
    json!({
        "id": id, "email": "ada@example.com", "name": "Ada", "role": "developer",
        "added_at": "2026-03-01T09:00:00Z", "type": "user"
    })
}

pub(crate) fn invite(id: &str, email: &str) -> Value {
    json!({
        "id": id, "email": email, "role": "user", "status": "pending", "invited_at": "2026-11-01T09:00:00Z",
        "expires_at": "2026-11-22T09:00:00Z", "accepted_at": null, "rbac_group_ids": [], "type": "invite"
    })
}

pub(crate) fn workspace(id: &str) -> Value {
    json!({
        "id": id, "name": "research", "display_color": "#AA3355", "tags": { "team": "r" }, "compartment_id": "cmp_1",
        "created_at": "2026-01-01T00:00:00.123456Z", "archived_at": null, "external_key_id": null,
        "data_residency": { "workspace_geo": "us" }, "type": "workspace"
    })
}

pub(crate) fn member(workspace: &str, user: &str) -> Value {
    json!({
        "user_id": user, "workspace_id": workspace, "workspace_role": "workspace_developer", "type": "workspace_member"
    })
}

pub(crate) fn key(id: &str) -> Value {
    json!({
        "id": id, "name": "nightly", "status": "active", "created_at": "2026-05-01T00:00:00+02:00",
        "created_by": { "id": "user_1", "type": "user" }, "expires_at": "2027-05-01T00:00:00Z",
        "partial_key_hint": "sk-ant-api03-R2D...igAA", "principal": { "type": "user_actor", "user_id": "user_1" },
        "scope": { "type": "workspace", "workspace_id": "wrkspc_1" }, "workspace_id": "wrkspc_1", "type": "api_key"
    })
}

/// A workspace's limits for one group, one of them set for it.
pub(crate) fn own_limits(workspace: &str, entry: &str) -> Value {
    json!({
        "rate_limit_id": entry, "workspace_id": workspace, "group_type": "model_group", "models": ["claude-opus-5-5"],
        "group": { "type": "model_group", "id": "rlg_1" }, "type": "workspace_rate_limit",
        "limits": [{ "type": "requests_per_minute", "value": 50, "org_limit": 2_000, "source": { "type": "workspace" } }]
    })
}

/// A page of the scheme with cursors.
pub(crate) fn page(rows: &[Value], has_more: bool) -> Value {
    let id = |row: &Value| row.get("id").or(row.get("user_id")).cloned().unwrap_or(Value::Null);
    json!({
        "data": rows, "has_more": has_more,
        "first_id": rows.first().map(id), "last_id": rows.last().map(id)
    })
}

/// The error of a call that must not have succeeded.
pub(crate) fn failed<T>(result: Result<T, Error>) -> Error {
    match result {
        Ok(_) => panic!("it succeeded"),
        Err(error) => error,
    }
}
