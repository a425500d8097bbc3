//! The admin key travels in one header to one origin, and is seen nowhere else.

use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::response::IntoResponse;
use steward::claude::{Error, KeyStatus, Role, Settings, UserFilter, WorkspaceRole, connect};
use tracing_subscriber::fmt::MakeWriter;

use super::claude_upstream::{
    CANARY, FakeTime, Upstream, failed, half, hanging_up_after, ok, organization, refusal, settings, user, with_header,
};

#[tokio::test]
async fn no_redirect_takes_the_key_along() {
    let other = Upstream::answering(|_, _| ok(&organization())).await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let elsewhere = other.url.replace("127.0.0.1", "localhost");
        for target in [other.url.clone(), elsewhere, "/v1/organizations/users".to_owned(), "//localhost".to_owned()] {
            let to = format!("{target}/v1/organizations/me");
            let upstream = Upstream::answering(move |_, _| with_header(status, "location", &to)).await;
            let (reader, writer, _) = upstream.client();
            let errors = [
                failed(reader.organization().await),
                failed(reader.users(&UserFilter::default()).collect_all().await),
                failed(writer.invite("ada@example.com", &Role::User).await),
                failed(writer.set_role("user_1", &Role::User).await),
                failed(writer.remove_user("user_1").await),
            ];
            for error in &errors {
                assert_eq!(*error, Error::Redirected { status });
                assert_eq!(error.is_ambiguous(), status == 303, "only \"see other\" may come after the deed");
            }
            assert_eq!(upstream.count(), errors.len(), "nor is it asked again");
        }
    }
    assert_eq!(other.count(), 0);
}

/// Everything that is written by any subscriber of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes in what this thread traces, at every level, until both are dropped.
    ///
    /// Two, because with a single subscriber a trace point that another test's thread reaches first asks that thread,
    /// hears that nobody listens there, and remembers it for all.
    fn listening(&self) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
        let [one, other] = [(), ()].map(|()| {
            let format = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            tracing::Dispatch::new(format.with_writer(self.clone()).finish())
        });
        (one, tracing::dispatcher::set_default(&other))
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn clean(what: &str, text: &str) {
    assert!(!text.to_lowercase().contains("canary"), "the key is in {what}");
    let bytes: Vec<String> = CANARY.bytes().skip(10).take(8).map(|byte| byte.to_string()).collect();
    assert!(!text.contains(&bytes.join(", ")), "the key is in {what}, as numbers");
}

fn clean_value(value: &(impl Debug + ?Sized)) {
    clean("a debug text", &format!("{value:?}"));
    clean("a pretty debug text", &format!("{value:#?}"));
}

#[tokio::test]
async fn the_key_is_in_no_error_and_no_log() {
    let log = Log::default();
    let _guards = log.listening();

    // An upstream that says the key back in every place there is.
    let upstream = Upstream::answering(|_, n| match n % 9 {
        0 => refusal(400, CANARY, Some(CANARY)),
        1 => with_header(302, "location", &format!("http://localhost/{CANARY}")),
        2 => with_header(404, "request-id", CANARY),
        3 => with_header(429, "retry-after", CANARY),
        4 => half(),
        5 => format!("{{\"id\":{CANARY}}}").into_response(),
        6 => format!("{{\"id\":[\"{CANARY}\"],\"role\":\"{CANARY}\"}}").into_response(),
        7 => refusal(500, &CANARY.to_lowercase(), Some(CANARY)),
        _ => ok(&user(CANARY)),
    })
    .await;
    let (reader, writer, _) = upstream.client();
    clean_value(&(&reader, &writer));
    let mut errors = Vec::new();
    for _ in 0..12 {
        errors.push(failed(reader.user("user_1").await));
        errors.push(failed(writer.invite("ada@example.com", &Role::User).await));
        errors.push(failed(writer.create_workspace("lab").await));
        errors.push(failed(writer.set_key_status("apikey_1", &KeyStatus::Inactive).await));
        errors.push(failed(writer.add_workspace_member("wrkspc_1", "user_1", &WorkspaceRole::User).await));
    }
    let (url, _, task) = hanging_up_after(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await;
    let (reader, _) = connect(settings(&url), Arc::new(FakeTime::default())).unwrap();
    errors.push(failed(reader.organization().await));
    task.abort();
    let _ = task.await;
    errors.push(failed(reader.organization().await));
    errors.push(failed(bad_settings(&format!("http://{CANARY}.example"))));
    errors.push(failed(bad_settings(&format!("https://u:{CANARY}@api.anthropic.com"))));

    for error in &errors {
        clean_value(error);
        clean("an error", &error.to_string());
        assert!(std::error::Error::source(error).is_none_or(|source| !source.to_string().contains("CANARY")));
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the Admin API failed"), "the log was listened to");
    clean("the log", &log);
    assert!(upstream.seen().iter().all(|seen| seen.headers["x-api-key"] == CANARY));
}

fn bad_settings(url: &str) -> Result<(), Error> {
    connect(settings(url), Arc::new(FakeTime::default())).map(drop)
}

#[test]
fn settings_that_could_leak_the_key_are_refused() {
    for url in ["http://api.anthropic.com", "http://192.168.0.1", "https://a:b@api.anthropic.com", "ws://127.0.0.1"] {
        assert!(matches!(bad_settings(url), Err(Error::Settings(_))), "{url}");
    }
    for key in ["", "two words", "line\nfeed", "sk-ant\r\nx-evil: 1"] {
        let settings = Settings { key: key.into(), ..settings("https://api.anthropic.com") };
        assert!(matches!(connect(settings, Arc::new(FakeTime::default())), Err(Error::Settings(_))), "{key:?}");
    }
    let settings = Settings { user_agent: "a\r\nb".into(), ..settings("https://api.anthropic.com") };
    assert!(connect(settings, Arc::new(FakeTime::default())).is_err());
}
