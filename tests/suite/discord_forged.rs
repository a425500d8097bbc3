//! Interactions that Discord did not send, or not now, or not whole: refused, and without any effect. And those that it sends
//! again: one effect each.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;
use steward::clock::Clock;

use crate::bench::{is_full, measured};
use crate::discord_scene::Scene;
use crate::fake::discord::{Fault, GUILD, Mode, hex, signing_key};
use crate::slack_scene::always;

/// One request, and what is wrong with it.
struct Forged {
    stamps: Vec<String>,
    signatures: Vec<String>,
    body: String,
}

fn signed(key: &SigningKey, stamp: &str, body: &str) -> String {
    hex(&key.sign(format!("{stamp}{body}").as_bytes()).to_bytes())
}

fn body(round: usize) -> String {
    json!({
        "id": (80_351_110_224_900_000 + round).to_string(), "token": "t", "type": 3, "guild_id": GUILD, "channel_id": "1",
        "member": { "user": { "id": "80351110224670009" }, "roles": [] },
        "data": { "custom_id": "say.abc", "component_type": 2 }, "message": { "flags": 0 },
    })
    .to_string()
}

fn good(round: usize, now: i64) -> Forged {
    let (stamp, body) = (now.to_string(), body(round));
    Forged { signatures: vec![signed(&signing_key(), &stamp, &body)], stamps: vec![stamp], body }
}

type Spoil = fn(&mut Forged, usize, i64);

fn restamp(it: &mut Forged, stamp: String) {
    it.signatures = vec![signed(&signing_key(), &stamp, &it.body)];
    it.stamps = vec![stamp];
}

const CLASSES: [(&str, Spoil); 16] = [
    ("another key", |it, round, _| {
        let key = SigningKey::from_bytes(&[u8::try_from(round % 200).unwrap() + 10; 32]);
        it.signatures = vec![signed(&key, &it.stamps[0], &it.body)];
    }),
    ("swapped body", |it, round, _| it.body = body(round + 1)),
    ("body cut", |it, round, _| it.body.truncate(round % it.body.len())),
    ("body longer", |it, _, _| it.body.push(' ')),
    ("one digit of the signature", |it, round, _| {
        let at = round % 128;
        let digit = if it.signatures[0].as_bytes()[at] == b'0' { "1" } else { "0" };
        it.signatures[0].replace_range(at..=at, digit);
    }),
    ("signature cut", |it, round, _| it.signatures[0].truncate(round % 128)),
    ("signature of zeros", |it, _, _| it.signatures = vec!["0".repeat(128)]),
    ("signature no hexadecimal", |it, _, _| it.signatures = vec!["z".repeat(128)]),
    ("too old", |it, round, now| restamp(it, (now - 302 - i64::try_from(round).unwrap()).to_string())),
    ("too young", |it, round, now| restamp(it, (now + 330 + i64::try_from(round).unwrap()).to_string())),
    ("signed time, other time told", |it, _, now| it.stamps = vec![(now - 1).to_string()]),
    ("time with a sign", |it, _, now| restamp(it, format!("+{now}"))),
    ("time is no number", |it, _, _| restamp(it, "now".to_owned())),
    ("time told twice", |it, _, _| it.stamps.push(it.stamps[0].clone())),
    ("no signature", |it, _, _| it.signatures.clear()),
    ("well signed, but no JSON", |it, round, now| {
        it.body = ["", "[]", "7", "{", "null"][round % 5].to_owned();
        restamp(it, now.to_string());
    }),
];

#[tokio::test]
async fn what_is_not_signed_fresh_and_whole_has_no_effect() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let rounds = if is_full() { 1_250 } else { 20 };
    let (mut taken, mut answers) = (0, BTreeMap::new());
    for round in 0..rounds {
        for (name, spoil) in CLASSES {
            let now = Clock::system().now().as_second();
            let mut it = good(round, now);
            spoil(&mut it, round, now);
            let stamps = it.stamps.iter().map(|it| ("x-signature-timestamp", it.clone()));
            let headers: Vec<_> =
                stamps.chain(it.signatures.iter().map(|it| ("x-signature-ed25519", it.clone()))).collect();
            let mut status = scene.fake.post(&headers, &it.body).await.1;
            // No answer at all, on a machine that is busy: asked again, since it says nothing.
            for _ in 0..3 {
                if status == 0 {
                    status = scene.fake.post(&headers, &it.body).await.1;
                }
            }
            *answers.entry((name, status)).or_insert(0) += 1;
            taken += usize::from(status != 401 && status != 400);
        }
    }
    let told = format!("forged or stale interactions in Discord, taken of {}", rounds * CLASSES.len());
    measured(&told, taken, "0", taken == 0);
    assert_eq!((taken, scene.script.greeted(), scene.script.served()), (0, 0, 0), "{answers:?}");
    let (answer, status) = scene.fake.post_signed("{\"type\":1}").await;
    assert_eq!((answer, status), (Some(json!({ "type": 1 })), 200), "a well signed ping is answered");
    scene.close().await;
}

#[tokio::test]
async fn what_is_sent_again_has_one_effect() {
    let (acts, times) = if is_full() { (100, 100) } else { (10, 10) };
    for mode in [Mode::Gateway, Mode::Http] {
        let scene = Scene::open(mode, always("yes")).await;
        for act in 0..acts {
            let told = scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await.acknowledged();
            for _ in 0..times {
                scene.fake.redelivers(&told).await;
            }
            scene.until("it is answered", || scene.fake.results(&told.id).len() == 1).await;
            assert_eq!(scene.script.served(), act + 1);
        }
        scene.until("all are answered", || scene.whispers(&scene.ada).len() == acts).await;
        let told = format!("effects of {} deliveries of {acts} acts in Discord, {mode:?}", acts * (times + 1));
        measured(&told, scene.script.served(), acts, scene.script.served() == acts);
        scene.close().await;
    }
}

/// Discord brings what it thinks was missed: here, everything, again and again.
#[tokio::test]
async fn what_a_resumed_connection_brings_again_has_one_effect() {
    let (acts, times) = if is_full() { (100, 100) } else { (10, 10) };
    let scene = Scene::open(Mode::Gateway, always("yes")).await;
    for _ in 0..acts {
        scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await.acknowledged();
    }
    scene.until("all are answered", || scene.whispers(&scene.ada).len() == acts).await;
    scene.fake.fault("resume", Fault::Replays(times), 1);
    scene.fake.asks_to_reconnect();
    scene.until("it is resumed", || scene.fake.sessions().1 == 1).await;
    // What is brought now comes after all of that: later than Discord waits, perhaps.
    while scene.fake.says(&scene.ada, &scene.general, "/claude whoami").await.answered.is_none() {}
    scene.until("it is answered", || scene.whispers(&scene.ada).len() == acts + 1).await;
    let (served, told) = (scene.script.served(), format!("effects of {} replays after a resume", acts * times));
    measured(&told, served - 1, acts, served == acts + 1);
    let mut acknowledged: Vec<String> = scene.fake.asked().into_iter().map(|it| it.path).collect();
    acknowledged.retain(|it| it.ends_with("/callback"));
    let count = acknowledged.len();
    acknowledged.sort();
    acknowledged.dedup();
    assert_eq!(acknowledged.len(), count, "none is answered twice");
    scene.close().await;
}

#[tokio::test]
async fn whoever_is_of_another_server_is_nobody_here() {
    for mode in [Mode::Gateway, Mode::Http] {
        let scene = Scene::open(
            mode,
            Box::new(|it| {
                let text = format!("{:?} {:?}", it.standing.kind, it.standing.groups);
                steward::chat::Reply {
                    audience: steward::chat::Audience::Asker,
                    says: steward::chat::Says::Message(steward::chat::Message::plain(text)),
                }
            }),
        )
        .await;
        let elsewhere = scene.fake.is_added_elsewhere();
        let line = (elsewhere.as_str(), "/claude whoami");
        let told = scene.fake.says_elsewhere(&scene.ada, &scene.general, line).await.acknowledged();
        scene.until("it is answered", || !scene.fake.results(&told.id).is_empty()).await;
        assert_eq!(scene.fake.results(&told.id)[0].body["content"], "Outsider \\[\\]");
        scene.close().await;
    }
}
