//! The Admin API client while the other side is down: it rests, is told so at once, and comes back by itself.

use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use futures_util::future::{BoxFuture, join_all};
use steward::claude::{Error, Reader, Removal, Role, Settings, Time, Writer, connect};

use super::claude_upstream::{FakeTime, Upstream, failed, half, hanging_up_after, ok, organization, refusal, settings};

/// What the settings say by themselves.
const AFTER: usize = 6;
/// Between two probes.
const PROBE_MS: i64 = 5_000;

/// An upstream whose status can be set, and a client with the usual settings.
struct Scene {
    upstream: Upstream,
    reader: Reader,
    writer: Writer,
    time: Arc<FakeTime>,
    status: Arc<AtomicU16>,
}

impl Scene {
    /// One that answers `status` to everything; 200 means as it should.
    async fn answering(status: u16) -> Self {
        let said = Arc::new(AtomicU16::new(status));
        let saying = Arc::clone(&said);
        let upstream = Upstream::answering(move |seen, _| answer(&seen.method, saying.load(Ordering::SeqCst))).await;
        let time = Arc::new(FakeTime::default());
        let (reader, writer) = connect(resting(&upstream.url), Arc::clone(&time) as Arc<dyn Time>).unwrap();
        Self { upstream, reader, writer, time, status: said }
    }

    /// One that has just been found to be down.
    async fn down() -> Self {
        let scene = Self::answering(500).await;
        for _ in 0..AFTER {
            scene.invite_fails().await;
        }
        assert!(scene.reader.condition().is_resting);
        scene
    }

    /// Sends one request, without any repetition.
    async fn invite_fails(&self) -> Error {
        failed(self.writer.invite("ada@example.com", &Role::User).await)
    }

    fn says(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}

fn answer(method: &str, status: u16) -> Response {
    match (method, status) {
        ("GET", 200) => ok(&organization()),
        (_, 200) => refusal(404, "not_found_error", None),
        _ => refusal(status, "api_error", None),
    }
}

/// The usual settings: those of the other tests never rest.
fn resting(url: &str) -> Settings {
    let usual = Settings::new(String::new().into(), 7).rest_after_failures;
    assert_eq!(usual, u32::try_from(AFTER).unwrap());
    Settings { rest_after_failures: usual, ..settings(url) }
}

#[tokio::test]
async fn after_six_failures_nobody_waits_any_more() {
    let scene = Scene::answering(500).await;
    for _ in 0..AFTER {
        assert_eq!(scene.invite_fails().await.status(), Some(500));
    }
    for _ in 0..20 {
        let error = scene.invite_fails().await;
        assert!(matches!(error, Error::Resting { .. }) && !error.is_ambiguous(), "{error}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
        assert_eq!((error.status(), error.is_not_found(), error.is_unauthorized()), (None, false, false));
        let told = "the Admin API answered 500, type api_error, request req_011CX; not asked again for the next 5 s";
        assert_eq!(error.to_string(), told);
        assert!(matches!(failed(scene.reader.organization().await), Error::Resting { .. }));
        assert!(matches!(failed(scene.reader.background().organization().await), Error::Resting { .. }));
    }
    assert_eq!((scene.upstream.count(), scene.time.slept().len()), (AFTER, 0));
    assert_eq!(scene.reader.condition().sent_in_last_minute, AFTER, "who was refused has not used the budget");
}

#[tokio::test]
async fn a_probe_goes_every_five_seconds_and_one_answer_ends_the_rest() {
    let scene = Scene::down().await;
    for probes in 1..=10 {
        scene.time.advance(PROBE_MS - 1);
        assert!(matches!(scene.invite_fails().await, Error::Resting { .. }));
        scene.time.advance(1);
        assert_eq!(scene.invite_fails().await.status(), Some(500), "the probe hears what there is to hear");
        assert!(matches!(scene.invite_fails().await, Error::Resting { .. }));
        assert_eq!(scene.upstream.count(), AFTER + probes);
    }
    scene.says(200);
    assert!(matches!(failed(scene.reader.organization().await), Error::Resting { .. }), "nobody knows yet");
    scene.time.advance(PROBE_MS);
    for _ in 0..5 {
        scene.reader.organization().await.unwrap();
    }
    assert!(!scene.reader.condition().is_resting);

    scene.says(500);
    for _ in 0..AFTER {
        assert_eq!(scene.invite_fails().await.status(), Some(500), "it counts from the beginning");
    }
    assert!(matches!(scene.invite_fails().await, Error::Resting { .. }));
}

#[tokio::test]
async fn of_twenty_at_once_one_is_the_probe() {
    let scene = Scene::down().await;
    scene.time.advance(PROBE_MS);
    let all = join_all((0..20).map(|_| scene.invite_fails())).await;
    assert_eq!(all.iter().filter(|it| matches!(it, Error::Resting { .. })).count(), 19);
    assert_eq!(scene.upstream.count(), AFTER + 1);
}

/// Whatever else probes: a revocation has a probe of its own, at once and then like everybody.
#[tokio::test]
async fn a_revocation_keeps_its_own_probe() {
    let scene = Scene::down().await;
    assert_eq!(failed(scene.writer.remove_user("user_1").await).status(), Some(500));
    assert_eq!(scene.upstream.count(), AFTER + 1, "sent although everybody else rests, and not repeated");
    assert!(matches!(failed(scene.writer.remove_user("user_1").await), Error::Resting { .. }));

    scene.time.advance(PROBE_MS);
    scene.invite_fails().await;
    assert!(matches!(scene.invite_fails().await, Error::Resting { .. }), "the others' probe is used");
    scene.says(200);
    assert_eq!(scene.writer.remove_user("user_1").await, Ok(Removal::NotFound));
    scene.reader.organization().await.unwrap();
}

/// Only what looks like an outage counts, and anything else breaks the row.
#[tokio::test]
async fn who_answers_is_not_down() {
    for status in [400, 401, 403, 404, 409, 413, 429, 307, 303] {
        let scene = Scene::answering(status).await;
        for _ in 0..3 * AFTER {
            assert_eq!(scene.invite_fails().await.status(), Some(status));
        }
        assert_eq!(scene.upstream.count(), 3 * AFTER, "{status}");
        scene.says(500);
        for _ in 1..AFTER {
            scene.invite_fails().await;
        }
        scene.says(status);
        scene.invite_fails().await;
        scene.says(500);
        assert_eq!(scene.invite_fails().await.status(), Some(500), "{status} broke the row");
    }
    for nonsense in ["", "<html>", "[]"] {
        let upstream = Upstream::answering(move |_, _| nonsense.into_response()).await;
        let (_, writer) = connect(resting(&upstream.url), Arc::new(FakeTime::default())).unwrap();
        for _ in 0..3 * AFTER {
            assert!(matches!(failed(writer.invite("ada@example.com", &Role::User).await), Error::Malformed { .. }));
        }
    }
}

#[tokio::test]
async fn every_kind_of_outage_counts() {
    for status in [408, 500, 502, 503, 504, 529] {
        let scene = Scene::answering(status).await;
        for _ in 0..AFTER {
            scene.invite_fails().await;
        }
        assert!(matches!(scene.invite_fails().await, Error::Resting { .. }), "{status}");
    }
    let nowhere = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let (hanging, _, task) = hanging_up_after(b"").await;
    let broken = Upstream::answering(|_, _| half()).await;
    let silent = Upstream::answering_late(|_, _| std::future::pending::<Response>()).await;
    for url in [&nowhere, &hanging, &broken.url, &silent.url] {
        let settings = Settings { total_timeout: Duration::from_millis(150), ..resting(url) };
        let (reader, writer) = connect(settings, Arc::new(FakeTime::default())).unwrap();
        for _ in 0..AFTER {
            let error = failed(writer.invite("ada@example.com", &Role::User).await);
            assert!(matches!(error, Error::Unreachable | Error::Cut | Error::TimedOut), "{error}");
        }
        assert!(matches!(failed(reader.organization().await), Error::Resting { .. }), "{url}");
    }
    task.abort();
}

/// A look has four tries; when the line begins to rest in the middle of them, the others are not made.
#[tokio::test]
async fn a_rest_that_begins_ends_the_repetitions() {
    let scene = Scene::answering(500).await;
    failed(scene.reader.organization().await);
    assert_eq!(scene.upstream.count(), 4, "all of its tries");
    assert_eq!(
        failed(scene.reader.organization().await).status(),
        Some(500),
        "told what came of the try that was made"
    );
    assert_eq!((scene.upstream.count(), scene.time.slept().len()), (AFTER, 4));
}

/// A time whose pauses are used by somebody else, who brings the line to rest.
#[derive(Default)]
struct Interrupted {
    now_ms: AtomicI64,
    by: OnceLock<Writer>,
}

impl Time for Interrupted {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        self.now_ms.fetch_add(i64::try_from(pause.as_millis()).unwrap(), Ordering::SeqCst);
        let other = self.by.get().unwrap().clone();
        Box::pin(async move {
            for _ in 0..AFTER {
                failed(other.invite("ada@example.com", &Role::User).await);
            }
        })
    }
}

/// The second try is certainly not made. What the first one did is in doubt, if it can have arrived.
#[tokio::test]
async fn a_repetition_that_is_refused_leaves_the_doubt_of_the_try_before() {
    for (first, is_doubtful) in [(500, true), (429, false)] {
        let upstream = Upstream::answering(move |seen, _| {
            refusal(if seen.path.ends_with("/invites") { 500 } else { first }, "api_error", None)
        })
        .await;
        let time = Arc::new(Interrupted::default());
        let (reader, writer) = connect(resting(&upstream.url), Arc::clone(&time) as Arc<dyn Time>).unwrap();
        assert!(time.by.set(writer.clone()).is_ok());
        let error = failed(writer.set_role("user_1", &Role::User).await);
        assert_eq!(error.is_ambiguous(), is_doubtful, "{error}");
        assert_eq!(matches!(error, Error::Unsettled(_)), is_doubtful, "{error}");
        assert!(error.retry_after().is_some());
        let sent = upstream.seen().iter().filter(|it| it.path.ends_with("/user_1")).count();
        assert_eq!(sent, 1);
        assert!(!failed(reader.organization().await).is_ambiguous());
    }
}

#[tokio::test]
async fn a_step_back_in_time_makes_nobody_wait_long() {
    let scene = Scene::down().await;
    scene.time.advance(86_400_000);
    scene.invite_fails().await;
    scene.time.advance(-86_400_000);
    assert_eq!(scene.invite_fails().await.retry_after(), Some(Duration::from_secs(5)));
    scene.time.advance(PROBE_MS);
    scene.says(200);
    scene.reader.organization().await.unwrap();
}
