//! The trail's way to a webhook: everything, in order, at least once, stamped, and never in anybody's way.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::Sha256;
use steward::cli::house::Outside;
use steward::job::Webhook;
use steward::outgoing::{AllowedHosts, Outgoing};
use steward::random::Random;
use steward::seal::{HookKey, MasterKey, STAMP_HEADER};
use steward::store::{Trail, Way};
use tokio::net::TcpListener;

use crate::audit_heads::minutes;
use crate::bench::{Engine, engines};
use crate::stage::{STAGE_SEED, Setting, Stage};

/// A receiver that keeps what it was sent, and answers as it was told to.
#[derive(Default)]
struct Receiver {
    taken: Mutex<Vec<(String, Vec<u8>)>>,
    answers: Mutex<VecDeque<Answers>>,
    tries: Mutex<usize>,
}

/// How the receiver answers once.
#[derive(Clone, Copy)]
enum Answers {
    Status(u16),
    /// It keeps what came, and says that it failed.
    TakesAndFails,
    /// It takes its time.
    Late(u64),
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Response {
    *receiver.tries.lock().unwrap() += 1;
    let answer = receiver.answers.lock().unwrap().pop_front();
    let stamp = headers.get(STAMP_HEADER).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let keep = || receiver.taken.lock().unwrap().push((stamp.clone(), body.to_vec()));
    match answer {
        None => keep(),
        Some(Answers::Late(ms)) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            keep();
        }
        Some(Answers::TakesAndFails) => {
            keep();
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Some(Answers::Status(status)) => {
            let headers = [("location", "http://127.0.0.1:1/elsewhere")];
            return (StatusCode::from_u16(status).unwrap(), headers).into_response();
        }
    }
    StatusCode::NO_CONTENT.into_response()
}

impl Receiver {
    async fn listen() -> (Arc<Self>, String) {
        let receiver = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/steward?tenant=7", listener.local_addr().unwrap());
        let router =
            axum::Router::new().route("/steward", axum::routing::post(receive)).with_state(Arc::clone(&receiver));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    fn answer(&self, answers: impl IntoIterator<Item = Answers>) {
        self.answers.lock().unwrap().extend(answers);
    }

    fn tries(&self) -> usize {
        *self.tries.lock().unwrap()
    }

    /// The numbers of all entries that were taken, in the order in which they came.
    fn seqs(&self) -> Vec<i64> {
        let bodies = self.bodies();
        let entries = bodies.iter().flat_map(|it| it["entries"].as_array().unwrap());
        entries.map(|it| it["seq"].as_i64().unwrap()).collect()
    }

    fn bodies(&self) -> Vec<Value> {
        self.taken.lock().unwrap().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }
}

fn key() -> HookKey {
    HookKey::audit(&MasterKey::generate(&Random::seeded(STAGE_SEED)))
}

async fn telling(engine: Engine, url: &str) -> Stage {
    let outgoing = Outgoing::new(AllowedHosts::none().and_loopback()).unwrap();
    let webhook = Webhook { url: url.to_owned(), outgoing, key: key() };
    Stage::set(Setting { outside: Outside { webhook: Some(webhook), ..Outside::default() }, ..Setting::on(engine) })
        .await
}

async fn newest(stage: &Stage) -> i64 {
    stage.house.store.outlet(Way::Webhook).await.unwrap().newest
}

/// What a receiver does, written after the README and not after our code: the stamp is checked over the raw body.
fn is_genuine(stamp: &str, body: &[u8], secret: &str) -> bool {
    let Some((t, v1)) = stamp.split_once(',') else { return false };
    let (Some(t), Some(v1)) = (t.strip_prefix("t="), v1.strip_prefix("v1=")) else { return false };
    let mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(format!("{t}.")).chain_update(body);
    data_encoding::HEXLOWER.decode(v1.as_bytes()).is_ok_and(|v1| mac.verify_slice(&v1).is_ok())
}

#[tokio::test]
async fn every_entry_arrives_in_order_and_stamped() {
    for engine in engines() {
        let (receiver, url) = Receiver::listen().await;
        let stage = telling(engine, &url).await;
        let ada = stage.person("ada");
        ada.says("/claude invite lea@example.com").await;
        for _ in 0..450 {
            ada.says("/claude whoami").await;
        }
        minutes(&stage, 2).await;
        let count = newest(&stage).await;
        assert!(count > 450);
        assert_eq!(receiver.seqs(), (1..=count).collect::<Vec<_>>(), "{engine:?}");
        assert!(receiver.bodies().len() > 2, "in batches");

        let (stamp, body) = receiver.taken.lock().unwrap()[0].clone();
        let key = key();
        assert!(is_genuine(&stamp, &body, key.secret().expose_secret()), "{stamp}");
        assert!(!is_genuine(&stamp, &[&body[..], b" "].concat(), key.secret().expose_secret()));
        assert!(!is_genuine(&stamp, &body, "whsec_other"));
        let first: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(first["type"], "steward.audit");
        assert_eq!(first["organization"], stage.organization.id());
        assert_eq!((&first["first"], &first["last"]), (&first["entries"][0]["seq"], &200.into()));
        let kept = stage
            .house
            .store
            .links_of_trail(&Trail { after_seq: Some(0), limit: 1, ..Trail::default() })
            .await
            .unwrap();
        assert_eq!(first["entries"][0], steward::job::as_json(&kept[0]), "with its detail and its hash");
        assert_eq!(first["entries"][0]["action"], "invite.asked");
        stage.close().await;
    }
}

/// An hour without a receiver, in every way in which one can be missing.
#[tokio::test]
async fn a_receiver_that_is_down_costs_time_and_nothing_else() {
    for engine in engines() {
        let (receiver, url) = Receiver::listen().await;
        let stage = telling(engine, &url).await;
        let ada = stage.person("ada");
        let bad = [500, 503, 404, 401, 400, 410, 302, 308, 429];
        receiver.answer((0..1_000).map(|it| Answers::Status(bad[it % bad.len()])));
        let mut said = 0;
        for _ in 0..60 {
            ada.says("/claude whoami").await;
            said += 1;
            minutes(&stage, 1).await;
        }
        assert_eq!((receiver.seqs().len(), newest(&stage).await), (0, said));
        let tries = receiver.tries();
        assert!((12..=25).contains(&tries), "{engine:?}: {tries} tries: with pauses that grow to five minutes");
        let (open, dead) = stage.house.store.outbox_depth().await.unwrap();
        assert_eq!((open, dead), (1, 0), "{engine:?}: one parcel is on its way, however much waits, and it never dies");
        let (attempts, code) = stage.house.store.webhook_trouble().await.unwrap().unwrap();
        assert!(
            usize::try_from(attempts).unwrap() == tries && code.starts_with("status_") || code == "redirected",
            "{code}"
        );

        receiver.answers.lock().unwrap().clear();
        minutes(&stage, 6).await;
        assert_eq!(receiver.seqs(), (1..=said).collect::<Vec<_>>(), "{engine:?}: all of it, in order, once it answers");
        stage.close().await;
    }
}

/// The receiver has them and the answer does not say so, or the process ends in between: they come again, and in order.
#[tokio::test]
async fn what_may_have_arrived_comes_again() {
    for engine in engines() {
        let (receiver, url) = Receiver::listen().await;
        let mut stage = telling(engine, &url).await;
        stage.person("ada").says("/claude whoami").await;
        receiver.answer([Answers::TakesAndFails]);
        minutes(&stage, 4).await;
        assert_eq!(receiver.seqs(), [1, 1], "{engine:?}");

        // The process ends while a delivery is on its way: another one takes it up when the hold is over.
        stage.person("ada").says("/claude whoami").await;
        stage.settle().await;
        receiver.answer([Answers::Late(60_000)]);
        let dying = tokio::time::timeout(Duration::from_millis(1_500), minutes(&stage, 1)).await;
        assert!(dying.is_err(), "it waits for the answer");
        let outgoing = Outgoing::new(AllowedHosts::none().and_loopback()).unwrap();
        let webhook = Webhook { url, outgoing, key: key() };
        let outside = Outside { webhook: Some(webhook), ..Outside::default() };
        *stage.house = stage.another_house_telling(2, outside).await;
        minutes(&stage, 3).await;
        assert_eq!(receiver.seqs(), [1, 1, 2], "{engine:?}");
        stage.close().await;
    }
}

/// The redirect is not followed, and an address that is not the webhook's own is not spoken to.
#[tokio::test]
async fn only_the_webhook_itself_is_spoken_to() {
    let (receiver, url) = Receiver::listen().await;
    let closed = Outgoing::new(AllowedHosts::none().and("siem.example.com")).unwrap();
    let webhook = Webhook { url, outgoing: closed, key: key() };
    let outside = Outside { webhook: Some(webhook), ..Outside::default() };
    let stage = Stage::set(Setting { outside, ..Setting::on(Engine::Sqlite) }).await;
    stage.person("ada").says("/claude whoami").await;
    minutes(&stage, 2).await;
    assert_eq!(receiver.tries(), 0);
    assert_eq!(stage.house.store.webhook_trouble().await.unwrap().unwrap().1, "not_allowed");
    stage.leave().await;
}

/// Changes and messages go on while a receiver takes all the time there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_receiver_is_in_nobodys_way() {
    let (receiver, url) = Receiver::listen().await;
    let stage = telling(Engine::Sqlite, &url).await;
    let [ada, mira] = stage.cast(["ada", "mira"]);
    receiver.answer((0..100).map(|_| Answers::Late(10_000)));
    ada.says("/claude whoami").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let begun = Instant::now();
    let talk = async {
        while receiver.tries() == 0 {
            stage.clock.advance_to(steward::clock::moment(stage.clock.now().as_millisecond() + 6_000));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let id = mira.says("/claude invite lea@example.com").await.request();
        ada.says(&format!("/claude approve {id}")).await;
        let applied = stage.applied("POST", "/v1/organizations/invites");
        while stage.house.store.outbox_depth().await.unwrap().0 > 1 {
            assert!(begun.elapsed() < Duration::from_secs(8), "the messages waited for the receiver");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
        applied
    };
    let (applied, ()) = tokio::join!(talk, stage.house.keep_going(stop.clone()));
    assert_eq!(applied, 1);
    assert!(begun.elapsed() < Duration::from_secs(9), "nor did the end: {:?}", begun.elapsed());
    stage.leave().await;
}

/// Without a webhook nothing is put on its way; what lies there from an earlier configuration is taken back, and it goes on from
/// there once there is a webhook again.
#[tokio::test]
async fn a_webhook_that_was_taken_away_can_come_back() {
    for engine in engines() {
        let (receiver, url) = Receiver::listen().await;
        let mut stage = telling(engine, &url).await;
        stage.person("ada").says("/claude whoami").await;
        minutes(&stage, 2).await;
        receiver.answer((0..50).map(|_| Answers::Status(503)));
        stage.person("ada").says("/claude whoami").await;
        minutes(&stage, 2).await;
        *stage.house = stage.another_house(2).await;
        minutes(&stage, 10).await;
        assert_eq!(stage.house.store.outbox_depth().await.unwrap(), (0, 0), "{engine:?}: nothing lies there");
        stage.person("ada").says("/claude whoami").await;
        stage.settle().await;
        receiver.answers.lock().unwrap().clear();
        let outgoing = Outgoing::new(AllowedHosts::none().and_loopback()).unwrap();
        let outside = Outside { webhook: Some(Webhook { url, outgoing, key: key() }), ..Outside::default() };
        *stage.house = stage.another_house_telling(3, outside).await;
        minutes(&stage, 2).await;
        assert_eq!(receiver.seqs(), [1, 2, 3], "{engine:?}");
        stage.close().await;
    }
}
