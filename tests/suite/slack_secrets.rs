//! A secret reaches one person's dialog and nothing else: no message, no log line, no error.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use steward::chat::{
    Account, Acknowledgement, Audience, Button, Message, Messenger, Reply, Said, Says, SecretHandle, Target,
};
use steward::clock::Clock;
use steward::platform::slack::{Api, Patience, SlackMessenger};
use tracing_subscriber::fmt::MakeWriter;

use crate::fake::slack::{BOT_TOKEN, Fault, Mode, TEAM};
use crate::slack_scene::{Line, One, Scene};

const CANARY: &str = "sk-canary-7f3b9d21c4";

/// Everything that this thread traces, at every level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

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

impl Log {
    /// Two, because with a single one a trace point that another thread reaches first is remembered as one that nobody hears.
    pub(crate) fn listening(&self) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
        let [one, other] = [(), ()].map(|()| {
            let format = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            tracing::Dispatch::new(format.with_writer(self.clone()).finish())
        });
        (one, tracing::dispatcher::set_default(&other))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// A command answers with a button; the button with the secret.
fn key() -> Line {
    Box::new(|invocation| {
        if matches!(invocation.said, Said::Press(_)) {
            let handle = SecretHandle("secret_1".into());
            let says = Says::Secret(handle, Message::plain("Your key. Copy it now."));
            return Reply { audience: Audience::Asker, says };
        }
        let mut button = Button::new("Show it", &["secret"]).acknowledged(Acknowledgement::Open);
        button.token = Some("open.abc123".parse().unwrap());
        let message = Message::plain("Your key is ready.").button(button);
        Reply { audience: Audience::Everyone, says: Says::Message(message) }
    })
}

async fn scene(mode: Mode) -> (Scene, String) {
    let vault = Arc::new(One { secret: CANARY.into(), of: Mutex::default() });
    let scene = Scene::open_with(mode, key(), Arc::clone(&vault) as _, Patience::default()).await;
    *vault.of.lock().unwrap() = Some(Account::slack(TEAM, &scene.ada));
    scene.fake.says(&scene.ada, &scene.general, "/claude key").await.acknowledged();
    scene.until("the button is there", || !scene.fake.messages(&scene.general).is_empty()).await;
    let at = scene.fake.messages(&scene.general)[0].ts.clone();
    (scene, at)
}

fn top(scene: &Scene, user: &str) -> Value {
    scene.fake.views(user).pop().unwrap_or_default()
}

/// Where the secret was said, in either direction: the paths.
fn leaks(scene: &Scene) -> Vec<String> {
    let has = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|it| it == CANARY.as_bytes());
    scene.fake.said().iter().filter(|it| it.is_in && has(&it.bytes)).map(|it| it.path.clone()).collect()
}

#[tokio::test]
async fn a_secret_is_in_one_dialog_and_nowhere_else() {
    for mode in [Mode::Socket, Mode::Http] {
        let log = Log::default();
        let guards = log.listening();
        let (scene, at) = scene(mode).await;
        let bob = scene.fake.user("bob", |_| {});
        scene.fake.press(&bob, &at, "Show it").await.acknowledged();
        scene.until("bob is answered", || top(&scene, &bob).to_string().contains("somebody else")).await;
        assert_eq!(leaks(&scene), Vec::<String>::new());

        scene.fake.press(&scene.ada, &at, "Show it").await.acknowledged();
        scene.until("ada sees it", || top(&scene, &scene.ada).to_string().contains(CANARY)).await;
        assert_eq!(leaks(&scene), ["/api/views.update"]);
        assert!(!top(&scene, &bob).to_string().contains(CANARY));
        assert!(!top(&scene, &scene.ada)["private_metadata"].to_string().contains(CANARY));
        scene.close().await;
        drop(guards);
        assert!(!log.text().contains(CANARY), "the secret is in the log");
    }
}

#[tokio::test]
async fn a_secret_that_slack_does_not_take_is_not_said_elsewhere() {
    for fault in [Fault::Html, Fault::Cut, Fault::Status(500), Fault::Says("not_found"), Fault::Busy(1)] {
        let log = Log::default();
        let guards = log.listening();
        let (scene, at) = scene(Mode::Socket).await;
        scene.fake.fault("views.update", fault.clone(), 1);
        scene.fake.press(&scene.ada, &at, "Show it").await.acknowledged();
        let failed = || top(&scene, &scene.ada).to_string().contains("It could not be shown: Slack did not take it.");
        scene.until("it is said", failed).await;
        assert_eq!(leaks(&scene), ["/api/views.update"], "{fault:?}");
        scene.close().await;
        drop(guards);
        let logged = log.text();
        assert!(logged.contains("a secret was not shown") && !logged.contains(CANARY), "{fault:?}: {logged}");
    }
}

#[tokio::test]
async fn a_trigger_that_ran_out_is_said() {
    let (scene, at) = scene(Mode::Socket).await;
    scene.fake.fault("views.open", Fault::Says("expired_trigger_id"), 1);
    scene.fake.press(&scene.ada, &at, "Show it").await.acknowledged();
    scene.until("it is said", || !scene.whispers(&scene.ada).is_empty()).await;
    insta::assert_snapshot!(scene.whispers(&scene.ada)[0], @"The dialog could not be opened: Slack gives three seconds for that, and they were over.");
    assert_eq!(leaks(&scene), Vec::<String>::new());
    scene.close().await;
}

#[tokio::test]
async fn what_a_message_says_is_in_no_error_and_no_log_line() {
    let log = Log::default();
    let guards = log.listening();
    let (scene, _) = scene(Mode::Socket).await;
    let api = Api::new(&scene.fake.api_url(), &BOT_TOKEN.to_owned().into());
    let target = Target::Channel(format!("slack:{}", scene.general));
    let mut said = Vec::new();
    for fault in [Fault::Html, Fault::Cut, Fault::Status(503), Fault::Busy(1), Fault::Says("fatal_error")] {
        // One for each: the pace is per messenger.
        let messenger = SlackMessenger::new(api.clone(), TEAM, Clock::system());
        scene.fake.fault("chat.postMessage", fault, 1);
        let error = messenger.send(&target, &Message::plain(format!("hello {CANARY}"))).await.unwrap_err();
        said.push(format!("{error:?}"));
        scene.fake.fault("chat.postMessage", Fault::Extra, 1);
        // A channel that Slack asked a pause for rests in the first one.
        let messenger = SlackMessenger::new(api.clone(), TEAM, Clock::system());
        messenger.send(&target, &Message::plain("hello")).await.unwrap();
    }
    let answer = api.call("chat.postMessage", &json!({ "channel": scene.general, "text": CANARY })).await;
    answer.unwrap();
    scene.close().await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(guards);
    assert!(!said.join("\n").contains(CANARY));
    assert!(!log.text().contains(CANARY), "a message is in the log");
    insta::assert_snapshot!(said.join("\n"), @r#"
    Later { after_ms: 2000, code: "malformed" }
    Later { after_ms: 2000, code: "unreachable" }
    Later { after_ms: 2000, code: "http_status" }
    Later { after_ms: 1000, code: "ratelimited" }
    Later { after_ms: 2000, code: "fatal_error" }
    "#);
}
