//! What Discord limits: pauses are made, what cannot be delivered is not tried again and again, and a press is answered at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use steward::chat::{Account, Memory, Message, Messenger, SendError, Target};
use steward::platform::discord::{Api, DiscordMessenger, NoServer, Scope, missing, register, server};

use crate::bench::{is_full, measured};
use crate::discord_scene::{Kept, Scene};
use crate::fake::discord::{APPLICATION, Fault, GUILD, Mode, TOKEN};
use crate::slack_scene::always;

fn api(scene: &Scene, token: &str) -> Api {
    Api::new(&scene.fake.url(), &token.to_owned().into(), APPLICATION).unwrap()
}

#[tokio::test]
async fn pauses_are_made_and_long_ones_are_left_to_the_outbox() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let messenger = DiscordMessenger::new(api(&scene, TOKEN));
    let to = Target::Channel(format!("discord:{}", scene.general));
    scene.fake.fault("POST /api/v10/channels", Fault::Busy(300, false), 2);
    let began = Instant::now();
    messenger.send(&to, &Message::plain("one")).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(600));
    scene.fake.fault("POST /api/v10/channels", Fault::Busy(60_000, true), 1);
    let later = messenger.send(&to, &Message::plain("two")).await.unwrap_err();
    assert!(matches!(later, SendError::Later { after_ms: 50_000.., .. }), "{later:?}");
    let asked = scene.fake.asked().len();
    let again = messenger.send(&to, &Message::plain("three")).await.unwrap_err();
    assert!(matches!(again, SendError::Later { .. }) && scene.fake.asked().len() == asked, "everything rests");
    scene.close().await;
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_presented_again_and_again() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let messenger = DiscordMessenger::new(api(&scene, "another.token"));
    let to = Target::Channel(format!("discord:{}", scene.general));
    for _ in 0..500 {
        let later = messenger.send(&to, &Message::plain("x")).await.unwrap_err();
        assert_eq!(later, SendError::Later { after_ms: 60_000, code: "discord_unauthorized".into() });
    }
    let calls = scene.fake.asked().len();
    measured("calls of a 401 storm of 500 messages", calls, "1", calls == 1);
    assert_eq!(calls, 1);
    scene.close().await;
}

#[tokio::test]
async fn who_takes_no_messages_is_left_alone() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let bo = scene.fake.user("bo", |it| it.takes_no_messages = true);
    let messenger = DiscordMessenger::new(api(&scene, TOKEN));
    for number in 0..50 {
        let message = Message::plain(format!("number {number}"));
        let closed = messenger.send(&Target::Direct(Account::discord(&bo)), &message).await.unwrap_err();
        assert_eq!(closed, SendError::Closed { code: "discord_conversation_closed".into() });
    }
    assert_eq!(scene.fake.asked().len(), 2, "opened once, tried once");
    let elsewhere = Target::Direct(Account::slack("T1", "U1"));
    assert!(matches!(messenger.send(&elsewhere, &Message::plain("x")).await, Err(SendError::Closed { .. })));
    scene.close().await;
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_does_not_stand_there_twice() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let messenger = DiscordMessenger::new(api(&scene, TOKEN));
    let to = Target::Channel(format!("discord:{}", scene.general));
    scene.fake.fault("POST /api/v10/channels", Fault::Lost, 1);
    let lost = messenger.send(&to, &Message::plain("the same")).await.unwrap_err();
    assert!(matches!(lost, SendError::Later { .. }), "the outbox sends it again: {lost:?}");
    let first = messenger.send(&to, &Message::plain("the same")).await.unwrap();
    assert_eq!(scene.fake.messages(&scene.general).len(), 1);
    messenger.edit(&first, &Message::plain("changed")).await.unwrap();
    assert_eq!(scene.fake.messages(&scene.general)[0].body["content"], "changed");
    scene.close().await;
}

/// The limits of a channel as Discord tells them, with nothing to go by but its answers.
#[tokio::test]
async fn buckets_are_kept_and_everything_goes_out_once() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let messenger = DiscordMessenger::new(api(&scene, TOKEN));
    let to = Target::Channel(format!("discord:{}", scene.general));
    scene.fake.takes_messages(5, Duration::from_millis(400));
    let send = async |text: String| {
        let message = Message::plain(text);
        while let Err(SendError::Later { after_ms, .. }) = messenger.send(&to, &message).await {
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
        }
    };
    for number in 0..40 {
        send(format!("in turn {number}")).await;
    }
    let in_turn = scene.fake.refused();
    measured("429s of 40 messages in turn, 5 to a bucket", in_turn, "1", in_turn <= 1);
    futures_util::future::join_all((0..40).map(|number| send(format!("at once {number}")))).await;
    let at_once = scene.fake.refused() - in_turn;
    measured("429s of 40 messages at once, 5 to a bucket", at_once, "15", at_once <= 15);
    assert_eq!(scene.fake.messages(&scene.general).len(), 80, "each once");
    scene.close().await;
}

#[tokio::test]
async fn an_acknowledgement_does_not_wait_for_the_pause_of_everything_else() {
    let scene = Scene::open(Mode::Gateway, always("yes")).await;
    let messenger = DiscordMessenger::new(scene.api.clone());
    scene.fake.fault("POST /api/v10/channels", Fault::Busy(60_000, true), 1);
    let to = Target::Channel(format!("discord:{}", scene.general));
    assert!(matches!(messenger.send(&to, &Message::plain("x")).await, Err(SendError::Later { .. })));
    let told = scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await.acknowledged();
    scene.until("it is answered", || !scene.fake.results(&told.id).is_empty()).await;
    scene.close().await;
}

/// Discord heard the acknowledgement, and we did not hear that it did: nothing is done then, and that is said.
#[tokio::test]
async fn an_acknowledgement_whose_answer_was_lost_promises_nothing() {
    let scene = Scene::open(Mode::Gateway, always("yes")).await;
    scene.fake.fault("/callback", Fault::Lost, 1);
    let told = scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await.acknowledged();
    scene.until("it is said", || !scene.fake.results(&told.id).is_empty()).await;
    let said = scene.fake.results(&told.id)[0].clone();
    assert_eq!(said.body["content"], "Discord took too long with this, so nothing was done.");
    assert_eq!((said.only_for.as_deref(), scene.script.served()), (Some(scene.ada.as_str()), 0));
    scene.close().await;
}

#[tokio::test]
async fn commands_are_told_once_and_where_they_belong() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let api = api(&scene, TOKEN);
    let memory: Arc<dyn Memory> = Arc::new(Kept::default());
    assert_eq!(missing(&api, "/claude", &Scope::Global).await.unwrap(), ["claude", "Report leaked key"]);
    assert!(register(&api, &memory, "/claude", &Scope::Global).await.unwrap());
    assert!(!register(&api, &memory, "/claude", &Scope::Global).await.unwrap(), "nothing changed");
    assert_eq!(scene.fake.commands("commands").unwrap()[0]["contexts"], serde_json::json!([0]));
    let here = Scope::Server(GUILD.to_owned());
    assert!(register(&api, &memory, "/claude", &here).await.unwrap());
    assert_eq!(scene.fake.commands("commands").unwrap(), serde_json::json!([]), "not twice in the list");
    assert!(missing(&api, "/claude", &here).await.unwrap().is_empty());
    scene.close().await;
}

#[tokio::test]
async fn whose_the_bot_is_must_be_clear() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let ours = api(&scene, TOKEN);
    assert_eq!(server(&ours, None).await.unwrap().id, GUILD);
    scene.fake.is_added_elsewhere();
    assert_eq!(server(&ours, None).await.unwrap_err(), NoServer::Several);
    assert_eq!(server(&ours, Some(GUILD.parse().unwrap())).await.unwrap().name, "Meridian");
    assert_eq!(server(&ours, Some(80_351_110_224_111_111)).await.unwrap_err(), NoServer::NotThere);
    let other = Api::new(&scene.fake.url(), &TOKEN.to_owned().into(), APPLICATION + 1).unwrap();
    assert_eq!(server(&other, None).await.unwrap_err(), NoServer::OtherApplication);
    scene.close().await;
}

/// A hundred acts a second, one in ten of which takes four seconds to answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement: tests/run --full"]
async fn measure_the_acknowledgement() {
    for mode in [Mode::Gateway, Mode::Http] {
        let scene = Arc::new(Scene::open(mode, always("yes")).await);
        let count = if is_full() { 2_000 } else { 300 };
        let mut acts = Vec::new();
        for number in 0..count {
            let scene = Arc::clone(&scene);
            acts.push(tokio::spawn(async move {
                let line = if number % 10 == 0 { "/claude help slow" } else { "/claude whoami" };
                scene.fake.says(&scene.ada, &scene.general, line).await.acknowledged().after
            }));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut times = Vec::new();
        for act in acts {
            times.push(act.await.unwrap());
        }
        times.sort_unstable();
        let p99 = times[times.len() * 99 / 100];
        // Without optimization it is only seen that it works.
        let bound = if is_full() { 50 } else { 500 };
        let name = format!("Discord acknowledgement p99 at 100/s, {mode:?}, ms");
        measured(&name, p99.as_millis(), bound, p99.as_millis() < bound);
        assert_eq!(scene.fake.trouble(), Vec::<String>::new());
    }
}
