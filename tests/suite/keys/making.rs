//! Keys that are made by hand in the Console after an approval, and recognized there.

use steward::domain::{Environment, Issuer, Place};
use steward::sandbox::KeyOrder;

use super::rotating::told;
use crate::bench::{Engine, engines};
use crate::stage::{Setting, Shown, Stage, assert_snapshot};

async fn stage_on(engine: Engine) -> Stage {
    let evals = Place { issuer: Issuer::Claim, environment: Environment::Dev, ..Place::unnamed("evals") };
    Stage::set(Setting { workspaces: vec![evals], ..Setting::on(engine) }).await
}

/// Mira asks, Ada agrees: what Mira is told, and the request.
async fn approved(stage: &Stage) -> (Shown, String) {
    let [ada, mira] = stage.cast(["ada", "mira"]);
    let id = mira.says("/claude key request --workspace evals --purpose \"nightly evals\"").await.request();
    let card = stage.next_in("approvals").await;
    assert_eq!(card.told().matches("What happens").count(), 2, "{}", card.told());
    ada.presses(&card, "Approve").await;
    let told = told(stage, "mira").await;
    (told.into_iter().find(|it| it.told().contains("this exact name")).unwrap(), id)
}

/// The exact name that a message asks for.
fn name_in(shown: &Shown) -> String {
    let told = shown.told();
    told.lines().find(|it| it.contains("(steward ")).unwrap_or_else(|| panic!("{told}")).trim().to_owned()
}

fn make(stage: &Stage, by: &str, name: &str) -> String {
    let order = KeyOrder {
        by: by.into(),
        workspace: "evals".into(),
        name: name.into(),
        kind: "workspace".into(),
        ..KeyOrder::default()
    };
    stage.organization.make_key(&order).unwrap().key.id
}

async fn minutes(stage: &Stage, count: i64) {
    for _ in 0..count {
        let now = stage.clock.now().as_millisecond();
        stage.clock.advance_to(steward::clock::moment(now + 60_000));
        stage.settle().await;
    }
}

#[tokio::test]
async fn a_key_made_in_the_console_is_recognized() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let (told, id) = approved(&stage).await;
        assert_snapshot!(told.told(), @r"
        Your request is approved. Make the API key for evals in the Claude Console now.
        Under https://platform.claude.com/settings/keys choose Create key, the workspace evals, and this exact name:
        mira-chen-nightly-evals (steward sbrpy8dhjg)
        It is recognized within a minute or two, if you or an admin made it, until 2026-12-08 09:00 UTC. If you may not make keys, send this to an admin; the Console shows the key to whoever makes it, once.
        ");
        let key = make(&stage, "mira", &name_in(&told));
        minutes(&stage, 2).await;
        assert_eq!(stage.state(&id).await, "applied", "{engine:?}");
        let done = mira.was_told().await.told();
        assert!(done.contains("was recognized, and is Mira Chen's"), "{engine:?}: {done}");
        let record = stage.house.store.key_record(&key).await.unwrap().unwrap();
        assert_eq!(record.purpose, "nightly evals", "{engine:?}");
        // It was asked for, so it is no drift.
        stage.advance(1).await;
        assert_eq!(ada.says("/claude drift list").await.told().matches("was made").count(), 0, "{engine:?}");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The right name is not enough.
#[tokio::test]
async fn a_key_that_somebody_else_made_is_nobodys() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let (told, id) = approved(&stage).await;
        let impostor = make(&stage, "nina", &name_in(&told));
        minutes(&stage, 2).await;
        assert_eq!(stage.state(&id).await, "applying", "{engine:?}");
        assert!(stage.house.store.key_record(&impostor).await.unwrap().is_none(), "{engine:?}");
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        A key called mira-chen-nightly-evals (steward sbrpy8dhjg) appeared, but it is not taken for the one that was asked for: neither whoever asked nor an admin made it.
        Id: apikey_…
        Hint: sk-ant-api03-VrU...0eAA
        It is nobody's. If nobody knows it, switch it off.
        ");
        // An admin makes the right one.
        let key = make(&stage, "ada", &name_in(&told));
        minutes(&stage, 2).await;
        assert_eq!(stage.state(&id).await, "applied", "{engine:?}");
        assert!(stage.house.store.key_record(&key).await.unwrap().is_some(), "{engine:?}");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn nobody_makes_it_and_the_request_ends() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let mira = stage.person("mira");
        let (_, id) = approved(&stage).await;
        stage.advance(4 * 24).await;
        let reminders = told(&stage, "mira").await;
        assert_eq!(reminders.len(), 2, "{engine:?}");
        assert!(reminders.iter().all(|it| it.told().contains("this exact name")), "{engine:?}");
        stage.advance(4 * 24).await;
        assert_eq!(stage.state(&id).await, "failed", "{engine:?}");
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your request to issue the dev API key mira-chen-nightly-evals in evals to Mira Chen could not be carried out. (failed)
        Request: C1-xxxx
        Nobody has made the key mira-chen-nightly-evals (steward sbrpy8dhjg) in the Console in time. Before that: Mira Chen was told how to make it.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A key that nobody asked for is told, and finds somebody by a button.
#[tokio::test]
async fn a_key_that_nobody_asked_for_is_told() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let ada = stage.person("ada");
        let key = make(&stage, "nina", "surprise");
        minutes(&stage, 15).await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        Changed past me: the API key surprise was made, and is active. (drift)
        Difference: 1
        Found: 2026-12-01 09:10 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Look after it] [Ignore for 30 days]
        ");
        let answer = ada.presses(&card, "Look after it").await.told();
        assert!(answer.starts_with("Done: "), "{engine:?}: {answer}");
        assert!(stage.house.store.key_record(&key).await.unwrap().is_some(), "{engine:?}");
        minutes(&stage, 15).await;
        let again = stage.seen_again(&card).await.told();
        assert!(again.contains("No longer so"), "{engine:?}: {again}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
