//! Requests that Slack did not send, or not now, or not whole: refused, and without any effect.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;

use steward::clock::Clock;

use crate::bench::{client, is_full, measured};
use crate::fake::slack::{Mode, SIGNING_SECRET};
use crate::slack_scene::{Scene, always};

/// One request, and what is wrong with it.
struct Forged {
    path: &'static str,
    stamps: Vec<String>,
    signatures: Vec<String>,
    kind: &'static str,
    body: Vec<u8>,
    /// Whether only the content is wrong: signed well, but not what Slack sends there.
    is_signed: bool,
}

const FORM: &str = "application/x-www-form-urlencoded";
const PATHS: [&str; 3] = ["/slack/command", "/slack/interaction", "/slack/event"];

fn signed(secret: &str, stamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{stamp}:").as_bytes());
    mac.update(body);
    format!("v0={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn body_of(path: &str, round: usize) -> Vec<u8> {
    let press = json!({
        "type": "block_actions", "user": { "id": "U1" }, "trigger_id": format!("t{round}"),
        "actions": [{ "action_id": "say.abc" }],
    });
    let event = json!({
        "type": "event_callback", "event_id": format!("Ev{round}"),
        "event": { "type": "app_home_opened", "tab": "home", "user": "U1" },
    });
    match path {
        "/slack/command" => {
            format!("command=%2Fclaude&text=invite+x{round}%40example.com&user_id=U1&trigger_id=t{round}")
        }
        "/slack/interaction" => payload(&press.to_string()),
        _ => event.to_string(),
    }
    .into_bytes()
}

fn payload(json: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", json).finish()
}

/// A good request, which a class spoils.
fn good(round: usize, now: i64) -> Forged {
    let path = PATHS[round % 3];
    let (stamp, body) = (now.to_string(), body_of(path, round));
    let signature = signed(SIGNING_SECRET, &stamp, &body);
    let kind = if path == "/slack/event" { "application/json" } else { FORM };
    Forged { path, stamps: vec![stamp], signatures: vec![signature], kind, body, is_signed: false }
}

type Spoil = fn(&mut Forged, usize, i64);

/// Signs what is there now.
fn sign(it: &mut Forged) {
    it.signatures = vec![signed(SIGNING_SECRET, &it.stamps[0], &it.body)];
    it.is_signed = true;
}

fn restamp(it: &mut Forged, stamp: i64) {
    it.stamps = vec![stamp.to_string()];
    it.signatures = vec![signed(SIGNING_SECRET, &it.stamps[0], &it.body)];
}

/// A well signed body of another path.
fn of_another_path(it: &mut Forged, round: usize, by: usize) {
    it.body = body_of(PATHS[(round + by) % 3], round);
    sign(it);
}

const CLASSES: [(&str, Spoil); 24] = [
    ("wrong secret", |it, _, _| it.signatures = vec![signed("another secret", &it.stamps[0], &it.body)]),
    ("no secret", |it, _, _| it.signatures = vec![signed("", &it.stamps[0], &it.body)]),
    ("swapped body", |it, round, _| it.body = body_of(it.path, round + 1)),
    ("one bit of the body", |it, round, _| {
        let at = round % it.body.len();
        it.body[at] ^= 1;
    }),
    ("body cut", |it, round, _| it.body.truncate(round % it.body.len())),
    ("body longer", |it, _, _| it.body.extend(b"&text=remove")),
    ("one digit of the signature", |it, round, _| {
        let at = 3 + round % 64;
        let digit = if it.signatures[0].as_bytes()[at] == b'0' { "1" } else { "0" };
        it.signatures[0].replace_range(at..=at, digit);
    }),
    ("signature cut", |it, round, _| it.signatures[0].truncate(round % 67)),
    ("signature of v1", |it, _, _| it.signatures[0].replace_range(0..2, "v1")),
    ("signature in capitals", |it, _, _| {
        let digits = it.signatures[0][3..].to_uppercase();
        it.signatures[0] = format!("v0={digits}");
    }),
    ("too old", |it, round, now| restamp(it, now - 302 - i64::try_from(round).unwrap())),
    ("too young", |it, round, now| restamp(it, now + 330 + i64::try_from(round).unwrap())),
    ("signed time, other time told", |it, _, now| it.stamps = vec![(now - 1).to_string()]),
    ("time with a sign", |it, _, _| {
        it.stamps = vec![format!("+{}", it.stamps[0])];
        it.signatures = vec![signed(SIGNING_SECRET, &it.stamps[0], &it.body)];
    }),
    ("time is no number", |it, _, _| {
        it.stamps = vec!["now".to_owned()];
        it.signatures = vec![signed(SIGNING_SECRET, "now", &it.body)];
    }),
    ("time told twice", |it, _, _| it.stamps.push(it.stamps[0].clone())),
    ("signature told twice", |it, _, _| it.signatures.push(it.signatures[0].clone())),
    ("no time", |it, _, _| it.stamps.clear()),
    ("no signature", |it, _, _| it.signatures.clear()),
    ("well signed, of the next path", |it, round, _| of_another_path(it, round, 1)),
    ("well signed, of the last path", |it, round, _| of_another_path(it, round, 2)),
    ("well signed, payload twice", |it, round, _| {
        let one = String::from_utf8(body_of("/slack/interaction", round)).unwrap();
        (it.path, it.body) = ("/slack/interaction", format!("{one}&{one}").into_bytes());
        sign(it);
    }),
    ("well signed, but no JSON", |it, round, _| {
        let broken = ["{", "", "null", "[]", "\u{0}", "{\"type\":}"][round % 6];
        let is_event = round % 2 == 0;
        it.path = if is_event { "/slack/event" } else { "/slack/interaction" };
        it.body = if is_event { broken.into() } else { payload(broken).into_bytes() };
        sign(it);
    }),
    ("well signed, another kind of content", |it, round, _| {
        it.body = [b"<xml/>".to_vec(), vec![0xff, 0xfe, 0x00], b"--x\r\n\r\n".to_vec()][round % 3].clone();
        it.kind = ["text/xml", "application/octet-stream", "multipart/form-data; boundary=x"][round % 3];
        sign(it);
    }),
];

async fn send(http: &reqwest::Client, base: &str, it: Forged) -> u16 {
    let mut request = http.post(format!("{base}{}", it.path)).header("content-type", it.kind).body(it.body);
    for stamp in it.stamps {
        request = request.header("x-slack-request-timestamp", stamp);
    }
    for signature in it.signatures {
        request = request.header("x-slack-signature", signature);
    }
    // Refused before it was read whole, the connection may break off.
    request.send().await.map_or(0, |answer| answer.status().as_u16())
}

#[tokio::test]
async fn what_slack_did_not_send_is_refused_without_an_effect() {
    let scene = Scene::open(Mode::Http, always("never")).await;
    let before = scene.fake.said().len();
    let http = client();
    let all = if is_full() { 20_000 } else { 1_000 };
    let mut counted: BTreeMap<&str, BTreeMap<u16, usize>> = BTreeMap::new();
    for round in 0..all {
        let (name, spoil) = CLASSES[round % CLASSES.len()];
        let now = Clock::system().now().as_second();
        let mut it = good(round / CLASSES.len(), now);
        spoil(&mut it, round / CLASSES.len(), now);
        let expected = if it.is_signed { 400 } else { 401 };
        let status = send(&http, &scene.base, it).await;
        assert_eq!(status, expected, "{name}, round {}", round / CLASSES.len());
        *counted.entry(name).or_default().entry(status).or_default() += 1;
    }
    for round in 0..3 {
        let mut it = good(round, Clock::system().now().as_second());
        it.body.resize(600 * 1024, b' ');
        sign(&mut it);
        let status = send(&http, &scene.base, it).await;
        assert!([400, 413].contains(&status), "a huge body is answered with {status}");
        *counted.entry("huge").or_default().entry(status).or_default() += 1;
    }
    let refused: usize = counted.values().flat_map(BTreeMap::values).sum();
    measured("forged, stale, mutated requests to Slack's paths, all refused", refused, all, refused >= all);
    assert_eq!(counted.len(), CLASSES.len() + 1);
    assert_eq!((scene.script.greeted(), scene.script.served()), (0, 0), "nothing had an effect");
    assert_eq!(scene.fake.said().len(), before, "Slack was asked nothing");

    // The same requests unspoilt are taken: it is not that everything is refused.
    for (round, path) in PATHS.iter().enumerate() {
        let it = good(round, Clock::system().now().as_second());
        assert_eq!(send(&http, &scene.base, it).await, 200, "{path}");
    }
    scene.until("they were served", || scene.script.served() == 3).await;
    scene.platform.finish().await;
}
