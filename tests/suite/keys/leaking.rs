//! A key that was seen where it should not be: off first, then everybody concerned is told, and what was pasted is kept nowhere.

use steward::chat::{Said, Says};
use steward::sandbox::{Fault, KeyStatus};

use super::{key_of, with_a_key};
use crate::bench::{Engine, engines};
use crate::stage::assert_snapshot;

#[tokio::test]
async fn a_leaked_key_is_switched_off_at_once_and_its_owner_told() {
    for engine in engines() {
        let (stage, secret) = with_a_key(engine).await;
        let [jonas, mira] = stage.cast(["jonas", "mira"]);
        let log = format!("--2026-12-01 POST /v1/messages x-api-key: {secret}; 200");
        let Says::Message(told) = jonas.reply(Said::Shortcut("key_leak".into(), log)).await.says else {
            panic!("a report is answered")
        };
        assert!(!format!("{told:?}").contains(&secret), "it is repeated");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive);
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        @jonas reported the API key mira-chen-nightly-evals as leaked.
        State: switched off
        Hint: sk-ant-api03-VrU...0eAA
        Its owner is told, and asked to put another one in its place. Once nothing needs it, revoke it.
        ");
        let mine = mira.was_told().await;
        assert_snapshot!(mine.told(), @r"
        Your API key mira-chen-nightly-evals was reported as leaked, and is switched off.
        Hint: sk-ant-api03-VrU...0eAA
        Whatever uses it fails until it has another one. Remove it from where it was seen.
        [Ask for another one]
        ");
        assert_snapshot!(mira.presses(&mine, "Ask for another one").await.told(), @r"
        Asked: issue the dev API key mira-chen-nightly-evals in research to Mira Chen. (waiting for a decision)
        Request: C4-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        assert_snapshot!(mira.says("/claude doctor key").await.told(), @r"
        One of your API keys works.
        mira-chen-nightly-evals: switched off by @steward on 2026-12-01 09:00 UTC, because it was reported as leaked by browser:jonas. To have it switched on again: /claude key enable apikey_….
        A key that works and is refused is used in the wrong place: it reaches its own workspace alone, and a spent limit answers 429. Another one: /claude key request.
        ");
        assert_snapshot!(jonas.says("/claude key leak sk-ant-api03-not-one-of-ours-at-all-AA").await.told(), @r"
        Nothing in that is a key of this organization, so nothing was switched off.
        What you entered is kept nowhere. If it is a key of another organization, whoever runs that one has to revoke it.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// What was pasted is in no row, not even for a moment.
#[tokio::test]
async fn what_was_pasted_is_kept_nowhere() {
    let (stage, secret) = with_a_key(Engine::Sqlite).await;
    let jonas = stage.person("jonas");
    let form = jonas.opens("/claude key leak").await;
    jonas.submits(&form, &[("seen", &format!("CANARY-BESIDE-IT {secret}"))]).await;
    stage.settle().await;
    let path = stage.database.url.trim_start_matches("sqlite://").split('?').next().unwrap().to_owned();
    for file in [path.clone(), format!("{path}-wal")] {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        assert!(!has("CANARY-BESIDE-IT") && !has(&secret[20..50]), "{file} holds it");
    }
    assert!(!format!("{:?}", stage.chat.everything()).contains(&secret[20..50]));
    stage.chat.forget_unheard();
    stage.close().await;
}

/// Anthropic is down at that moment: nobody is told that the key is off before it is, and it is tried until it is.
#[tokio::test]
async fn a_leak_is_tried_until_it_is_confirmed() {
    for engine in engines() {
        let (stage, secret) = with_a_key(engine).await;
        let jonas = stage.person("jonas");
        let path = format!("POST /v1/organizations/api_keys/{}", key_of(&stage, &secret).id);
        stage.organization.misbehave(&path, Fault::Overloaded, 1_000);
        let hint = key_of(&stage, &secret).hint;
        assert_snapshot!(jonas.says(&format!("/claude key leak {hint}")).await.reads(), @r"
        The API key mira-chen-nightly-evals is being switched off. Thank you.
        mira-chen-nightly-evals: being switched off; it is tried until Anthropic confirms it
        Their owners and the admins are told. What you entered is kept nowhere; remove it from where you saw it.
        ");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Active);
        stage.organization.misbehave(&path, Fault::Overloaded, 0);
        stage.advance(1).await;
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn reports_are_counted_but_for_admins() {
    let (stage, _) = with_a_key(Engine::Sqlite).await;
    let [jonas, ada] = stage.cast(["jonas", "ada"]);
    for _ in 0..5 {
        jonas.says("/claude key leak nothing").await;
        ada.says("/claude key leak nothing").await;
    }
    assert_snapshot!(jonas.says("/claude key leak nothing").await.told(), @r"
    You have reported 5 times in a day, which is as many as are taken.
    Nothing was switched off. Tell an admin now; they can.
    ");
    let told = ada.says("/claude key leak nothing").await.told();
    assert!(told.contains("Nothing in that is a key"), "{told}");
    stage.advance(25).await;
    let told = jonas.says("/claude key leak nothing").await.told();
    assert!(told.contains("Nothing in that is a key"), "{told}");
    stage.chat.forget_unheard();
    stage.close().await;
}
