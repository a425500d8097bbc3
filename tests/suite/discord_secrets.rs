//! A secret reaches one person, in a message that Discord itself calls theirs alone, and nothing else: no direct message, no log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use steward::chat::{
    Account, Acknowledgement, Audience, Button, Message, Messenger, Reply, Said, Says, SecretHandle, Target,
};
use steward::platform::discord::{Api, DiscordMessenger};

use crate::discord_scene::Scene;
use crate::fake::discord::{APPLICATION, Fault, Mode, TOKEN};
use crate::slack_scene::{Line, One};
use crate::slack_secrets::Log;

const CANARY: &str = "sk-canary-7f3b9d21c4";

/// A command answers with a button; the button with the secret.
fn key(how: Acknowledgement) -> Line {
    Box::new(move |invocation| {
        if matches!(invocation.said, Said::Press(_)) {
            let says = Says::Secret(SecretHandle("secret_1".into()), Message::plain("Your key. Copy it now."));
            return Reply { audience: Audience::Asker, says };
        }
        let mut button = Button::new("Show it", &["secret"]).acknowledged(how);
        button.token = Some(format!("{}.abc123", how.as_str()).parse().unwrap());
        let message = Message::plain("Your key is ready.").button(button);
        Reply { audience: Audience::Asker, says: Says::Message(message) }
    })
}

async fn scene(mode: Mode, how: Acknowledgement) -> (Scene, String) {
    let vault = Arc::new(One { secret: CANARY.into(), of: Mutex::default() });
    let scene = Scene::open_with(mode, key(how), Arc::clone(&vault) as _).await;
    *vault.of.lock().unwrap() = Some(Account::discord(&scene.ada));
    let told = scene.fake.says(&scene.ada, &scene.general, "/claude key list").await.acknowledged();
    scene.until("the button is there", || !scene.fake.results(&told.id).is_empty()).await;
    let at = scene.fake.results(&told.id)[0].id.clone();
    (scene, at)
}

/// Where the secret was said: method, path, and whether with the bot's token.
fn leaks(scene: &Scene) -> Vec<(String, String, bool)> {
    let has = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|it| it == CANARY.as_bytes());
    let all = scene.fake.asked();
    all.into_iter().filter(|it| has(&it.bytes)).map(|it| (it.method, it.path, it.has_bot_token)).collect()
}

#[tokio::test]
async fn a_secret_stands_in_a_message_of_one_person_and_nowhere_else() {
    let log = Log::default();
    for mode in [Mode::Gateway, Mode::Http] {
        for how in [Acknowledgement::Whisper, Acknowledgement::Open] {
            let (_one, _other) = log.listening();
            let (scene, at) = scene(mode, how).await;
            let shown = scene.fake.press(&scene.ada, &at, "Show it").await.acknowledged();
            let is_shown = || scene.fake.results(&shown.id).iter().any(|it| it.body.to_string().contains(CANARY));
            scene.until("it is shown", is_shown).await;
            let last = scene.fake.results(&shown.id).pop().unwrap();
            assert_eq!(last.only_for.as_deref(), Some(scene.ada.as_str()));
            let leaks = leaks(&scene);
            assert_eq!(leaks.len(), 1, "{leaks:?}");
            assert!(leaks[0].0 == "PATCH" && leaks[0].1.ends_with("/messages/@original") && !leaks[0].2, "{leaks:?}");
            assert!(scene.fake.messages(&scene.general).is_empty());
            assert!(scene.fake.messages(&scene.fake.direct(&scene.ada)).is_empty());
            scene.close().await;
        }
    }
    assert!(!log.text().contains(CANARY), "it is in the log");
}

#[tokio::test]
async fn nothing_is_opened_where_others_could_see_it() {
    for how in [Acknowledgement::Say, Acknowledgement::Edit] {
        let (scene, at) = scene(Mode::Gateway, how).await;
        let shown = scene.fake.press(&scene.ada, &at, "Show it").await.acknowledged();
        scene.until("it is told", || !scene.fake.results(&shown.id).is_empty()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(leaks(&scene), Vec::new(), "{how:?}");
        let told = scene.fake.results(&shown.id).pop().unwrap();
        assert!(told.body["content"].as_str().unwrap().contains("nothing was shown to anybody"), "{told:?}");
        scene.close().await;
    }
}

#[tokio::test]
async fn somebody_else_sees_nothing_and_trouble_opens_nothing() {
    let (scene, at) = scene(Mode::Gateway, Acknowledgement::Whisper).await;
    let bo = scene.fake.user("bo", |_| {});
    let pressed = scene.fake.press(&bo, &at, "Show it").await.acknowledged();
    let said = |text: &str| scene.fake.results(&pressed.id).iter().any(|it| it.body.to_string().contains(text));
    scene.until("bo is told", || said("This is for somebody else.")).await;
    scene.fake.fault("PATCH", Fault::Status(500), 1);
    let pressed = scene.fake.press(&scene.ada, &at, "Show it").await.acknowledged();
    scene.until("ada is told", || !scene.fake.results(&pressed.id).is_empty()).await;
    assert_eq!(leaks(&scene), Vec::new());
    scene.close().await;
}

#[tokio::test]
async fn a_direct_message_carries_the_button_and_never_the_secret() {
    let (scene, _) = scene(Mode::Gateway, Acknowledgement::Whisper).await;
    let messenger = DiscordMessenger::new(Api::new(&scene.fake.url(), &TOKEN.to_owned().into(), APPLICATION).unwrap());
    let secret = steward::chat::Block::Secret(SecretHandle(CANARY.into()));
    let mut button = Button::new("Reveal", &["secret"]);
    button.token = Some("whisper.abc123".parse().unwrap());
    let message = Message::plain("Your key is ready.").block(secret).button(button);
    let to = Target::Direct(Account::discord(&scene.ada));
    messenger.send(&to, &message).await.unwrap();
    assert_eq!(leaks(&scene), Vec::new());
    let sent = scene.fake.messages(&scene.fake.direct(&scene.ada)).pop().unwrap();
    let shown = scene.fake.press(&scene.ada, &sent.id, "Reveal").await.acknowledged();
    let is_shown = || scene.fake.results(&shown.id).iter().any(|it| it.body.to_string().contains(CANARY));
    scene.until("the press shows it", is_shown).await;
    assert_eq!(scene.fake.messages(&scene.fake.direct(&scene.ada)).len(), 1, "it is no message of the conversation");
    scene.close().await;
}
