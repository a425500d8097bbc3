//! What goes wrong with Slack, and how each ends: answered in another place, connected again, nothing lost.

use std::time::{Duration, Instant};

use serde_json::json;
use steward::platform::slack::{CONNECTIONS, Patience};

use crate::bench::is_full;
use crate::fake::slack::{Fault, Mode};
use crate::slack_scene::{One, Scene, always};

fn hasty() -> Patience {
    Patience {
        to_connect: Duration::from_secs(2),
        between_pings: Duration::from_millis(100),
        silence: Duration::from_millis(500),
        to_close: Duration::from_millis(200),
    }
}

async fn socket(patience: Patience) -> Scene {
    let vault = std::sync::Arc::new(One { secret: String::new(), of: std::sync::Mutex::default() });
    Scene::open_with(Mode::Socket, always("answered"), vault, patience).await
}

/// A command is answered, wherever; tells how often so far.
fn answers(scene: &Scene) -> usize {
    scene.whispers(&scene.ada).len() + scene.told(&scene.ada).len()
}

async fn says(scene: &Scene) {
    let before = answers(scene);
    scene.fake.says(&scene.ada, &scene.general, "/claude usage").await.acknowledged();
    scene.until("it is answered", || answers(scene) == before + 1).await;
}

async fn is_connected(scene: &Scene) -> Duration {
    let all = usize::try_from(CONNECTIONS).unwrap();
    scene
        .until("connected", || scene.fake.link_count() == all && scene.platform.connections().open() == CONNECTIONS)
        .await
}

#[tokio::test]
async fn a_response_url_that_fails_is_answered_in_another_way() {
    for mode in [Mode::Socket, Mode::Http] {
        let scene = Scene::open(mode, always("answered")).await;
        says(&scene).await;
        for fault in [Fault::Status(404), Fault::Status(500), Fault::Busy(1), Fault::Says("expired_url")] {
            scene.fake.fault("response_url", fault.clone(), 1);
            let began = Instant::now();
            says(&scene).await;
            println!("response_url {fault:?}: answered after {:?}", began.elapsed());
        }
        let before = answers(&scene);
        scene.fake.fault("response_url", Fault::Status(404), 1);
        scene.fake.fault("chat.postEphemeral", Fault::Says("channel_not_found"), 1);
        scene.fake.says(&scene.ada, &scene.general, "/claude usage").await.acknowledged();
        scene.until("it is told in private", || scene.told(&scene.ada).len() == 1).await;
        assert_eq!(answers(&scene), before + 1);
        scene.close().await;
    }
}

#[tokio::test]
async fn too_many_requests_to_every_method_delay_an_answer_and_lose_none() {
    let scene = Scene::open(Mode::Socket, always("answered")).await;
    for method in ["users.info", "usergroups.list", "response_url", "chat.postEphemeral", "chat.postMessage"] {
        scene.fake.fault(method, Fault::Busy(1), 1);
    }
    let began = Instant::now();
    says(&scene).await;
    println!("429 from every method: answered after {:?}", began.elapsed());
    scene.fake.behaves();
    scene.fake.fault("views.publish", Fault::Busy(1), 1);
    scene.fake.opens_home(&scene.ada).await.acknowledged();
    scene.close().await;
}

#[tokio::test]
async fn whom_slack_does_not_vouch_for_is_answered_and_is_nobody() {
    use steward::chat::Kind;
    let line = Box::new(|it: &steward::chat::Invocation| steward::chat::Reply {
        audience: steward::chat::Audience::Asker,
        says: steward::chat::Says::Message(steward::chat::Message::plain(match it.standing.kind {
            Kind::Person => "a person",
            Kind::Outsider => "an outsider",
            _ => "nobody known",
        })),
    });
    let scene = Scene::open(Mode::Socket, line).await;
    let mut heard = Vec::new();
    for fault in [
        Fault::Says("user_not_found"),
        Fault::Says("users_not_found"),
        Fault::Says("missing_scope"),
        Fault::Html,
        Fault::Cut,
        Fault::Status(503),
        Fault::Busy(60),
        Fault::Extra,
    ] {
        scene.fake.fault("users.info", fault.clone(), 1);
        let who = scene.fake.user("new", |it| it.email = None);
        scene.fake.says(&who, &scene.general, "/claude usage").await.acknowledged();
        scene.until("it is answered", || !scene.whispers(&who).is_empty()).await;
        heard.push(format!("{fault:?}: {}", scene.whispers(&who)[0]));
    }
    scene.fake.revoke_scope("usergroups:read");
    let who = scene.fake.user("grouped", |_| {});
    tokio::time::sleep(Duration::from_millis(1)).await;
    scene.fake.says(&who, &scene.general, "/claude usage").await.acknowledged();
    scene.until("it is answered", || !scene.whispers(&who).is_empty()).await;
    insta::assert_snapshot!(heard.join("\n"), @r#"
    Says("user_not_found"): an outsider
    Says("users_not_found"): nobody known
    Says("missing_scope"): nobody known
    Html: nobody known
    Cut: nobody known
    Status(503): nobody known
    Busy(60): nobody known
    Extra: a person
    "#);
    scene.close().await;
}

#[tokio::test]
async fn connections_come_back_after_whatever_ended_them() {
    let scene = socket(hasty()).await;
    for (reason, is_bare) in [("warning", false), ("refresh_requested", false), ("refresh_requested", true)] {
        let asked = scene.fake.calls("apps.connections.open").len();
        let began = Instant::now();
        scene.fake.disconnects(reason, is_bare);
        scene.until("two are opened", || scene.fake.calls("apps.connections.open").len() == asked + 2).await;
        is_connected(&scene).await;
        println!("disconnect {reason}, bare {is_bare}: connected again after {:?}", began.elapsed());
        says(&scene).await;
    }
    scene.fake.cuts_links();
    scene.until("they are gone", || scene.fake.link_count() == 0).await;
    println!("cut: connected again after {:?}", is_connected(&scene).await);
    says(&scene).await;

    scene.close().await;
}

#[tokio::test]
async fn connections_come_back_through_further_trouble() {
    let links = [Fault::Silent, Fault::Cut, Fault::Status(503), Fault::HalfOpen].map(|it| ("link", it));
    let addresses =
        [Fault::Busy(1), Fault::Html, Fault::Says("internal_error")].map(|it| ("apps.connections.open", it));
    for (method, fault) in links.into_iter().chain(addresses) {
        // For each another one: the pauses grow while a connection does not last.
        let scene = socket(hasty()).await;
        scene.fake.fault(method, fault.clone(), 2);
        let asked = scene.fake.calls("apps.connections.open").len();
        let began = Instant::now();
        scene.fake.cuts_links();
        // Two that fail, two that do not.
        scene.until("four are tried", || scene.fake.calls("apps.connections.open").len() == asked + 4).await;
        if fault == Fault::HalfOpen {
            // Slack still counts the dead ones, and sends to them; that ours are given up is all that can be done.
            let all_open = || scene.platform.connections().open() == CONNECTIONS;
            scene.until("two others are open", all_open).await;
            println!("cut, then {fault:?}: connected again after {:?}", began.elapsed());
            scene.platform.finish().await;
            continue;
        }
        is_connected(&scene).await;
        println!("cut, then {fault:?} of {method}: connected again after {:?}", began.elapsed());
        says(&scene).await;
        scene.close().await;
    }
}

#[tokio::test]
async fn an_outage_ends_and_everything_goes_on() {
    let scene = socket(hasty()).await;
    scene.fake.outage(true);
    tokio::time::sleep(Duration::from_secs(if is_full() { 10 } else { 1 })).await;
    assert_eq!(scene.platform.connections().open(), 0);
    scene.fake.outage(false);
    println!("outage over: connected again after {:?}", is_connected(&scene).await);
    says(&scene).await;
    scene.close().await;
}

#[tokio::test]
async fn garbage_huge_frames_and_the_unknown_take_nothing_away() {
    let scene = socket(hasty()).await;
    for garbage in ["", "{", "null", "[]", "\"x\"", "{\"type\":7}", "{\"type\":\"hello\"}", "{\"envelope_id\":\"e\"}"] {
        scene.fake.sends_raw(garbage);
    }
    let unknown = json!({ "type": "from_tomorrow", "envelope_id": "e1", "payload": { "x": 1 } });
    scene.fake.sends_raw(&unknown.to_string());
    says(&scene).await;
    let payload = json!({ "type": "from_tomorrow", "user": { "id": scene.ada } });
    let strange =
        json!({ "type": "interactive", "envelope_id": "e2", "accepts_response_payload": true, "payload": payload });
    scene.fake.sends_raw(&strange.to_string());
    scene.until("it is apologized for", || !scene.told(&scene.ada).is_empty()).await;
    insta::assert_snapshot!(scene.told(&scene.ada)[0], @"Sorry, this could not be understood, so nothing was done.");
    let huge = json!({ "type": "events_api", "envelope_id": "e3", "payload": { "x": "y".repeat(3 << 20) } });
    scene.fake.sends_raw(&huge.to_string());
    tokio::time::sleep(Duration::from_millis(300)).await;
    println!("huge frame: connected again after {:?}", is_connected(&scene).await);
    says(&scene).await;
    scene.platform.finish().await;
}
