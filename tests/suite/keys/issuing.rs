//! A key is issued to exactly one person, revealed to nobody else, and erased.

use steward::chat::{Said, Says, VaultError};
use steward::sandbox::{Fault, KeyStatus};
use steward::store::StockState;

use super::{ASKS, key_of, offered, opened, reveals, stage_on, stocked};
use crate::bench::{Engine, engines};
use crate::stage::assert_snapshot;

#[tokio::test]
async fn a_key_is_asked_for_approved_revealed_once_and_erased() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let secrets = stocked(&stage, 2).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        assert_snapshot!(mira.says(ASKS).await.told(), @r"
        Asked: issue the dev API key mira-chen-nightly-evals in research to Mira Chen. (waiting for a decision)
        Request: C2-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @mira asks to issue the dev API key mira-chen-nightly-evals in research to Mira Chen (waiting for a decision)
        Request: C2-xxxx
        What happens: a key of the stock of research is taken for Mira Chen — Steward's own books
        What happens: the key is called mira-chen-nightly-evals (steward x7dcn9hekd) in the organization — POST /v1/organizations/api_keys/…
        What happens: Mira Chen gets a direct message with a button that reveals it, good for 24 hours — Steward's own books
        What happens: the key works once Mira Chen has revealed it; if that does not happen within 24 hours, it is archived — POST /v1/organizations/api_keys/…
        Key: none → mira-chen-nightly-evals (steward x7dcn9hekd)
        Purpose: → nightly evals
        Replaced after: → 90 days
        Cost: none
        Undo: switch the key off
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Approved, but not made yet: issue the dev API key mira-chen-nightly-evals in research to Mira Chen. (approved)
        It waits for Mira Chen to reveal it.
        It goes on by itself and is not lost. See /claude request show C2-xxxx.
        ");
        let offer = mira.was_told().await;
        assert_snapshot!(offer.told(), @r"
        Your API key mira-chen-nightly-evals for research is ready.
        It begins to work when you reveal it, and only you can. Reveal it before 2026-12-02 09:00 UTC, or it is archived.
        Have a secrets manager at hand: you can look at it again for 15 minutes, and never after.
        [Reveal]
        ");
        assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Inactive, "nobody has seen it");
        assert_snapshot!(jonas.presses(&offer, "Reveal").await.told(), @r"
        This key is for somebody else.
        Nothing was shown. Whoever asked for it can reveal it.
        ");

        let handle = reveals(&mira, &offer).await;
        assert_eq!(opened(&stage, &handle, &mira).await, Ok(secrets[0].clone()));
        assert_eq!(opened(&stage, &handle, &jonas).await, Err(VaultError::NotYours));
        assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Active);
        assert!(!mira.has_news().await, "they have just seen it");

        assert_eq!(reveals(&mira, &offer).await, handle, "the same person may look again");
        stage.advance(1).await;
        assert_eq!(opened(&stage, &handle, &mira).await, Err(VaultError::Gone));
        assert_snapshot!(mira.presses(&offer, "Reveal").await.told(), @r"
        This key is no longer kept here, so nobody can look at it again.
        It works all the same if you kept it. If you did not: /claude key request.
        ");
        let rows = stage.house.store.stock(&[StockState::Erased]).await.unwrap();
        assert_eq!(rows.len(), 1);
        stage.close().await;
    }
}

/// Nobody comes for it: after a day the key is archived, its secret gone, and whoever asked is told.
#[tokio::test]
async fn what_nobody_reveals_is_archived() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let secrets = stocked(&stage, 1).await;
        let mira = stage.person("mira");
        let offer = offered(&stage).await;
        stage.advance(23).await;
        assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Inactive);
        stage.advance(2).await;
        assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Archived);
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada approved your request, and it is done: Mira Chen did not reveal it in time, and it is archived. (done)
        Request: C2-xxxx
        ");
        assert_snapshot!(mira.presses(&offer, "Reveal").await.told(), @r"
        This key was not revealed in time, so it was switched off for good, and is no longer kept here.
        Nothing else is lost. Ask for another one: /claude key request.
        ");
        let rows = stage.house.store.stock(&StockState::ALL).await.unwrap();
        assert_eq!(rows.iter().map(|it| it.state).collect::<Vec<_>>(), [StockState::Erased]);
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        The stock of research is empty: requests there wait.
        Make some in the Claude Console, and load them on the server: steward stock add --workspace research
        ");
        stage.close().await;
    }
}

/// Anthropic does not answer at the moment of the reveal: nothing is shown before the key works, and nothing is lost.
#[tokio::test]
async fn a_key_is_shown_only_once_it_works() {
    let stage = stage_on(Engine::Sqlite).await;
    let secrets = stocked(&stage, 1).await;
    let mira = stage.person("mira");
    let offer = offered(&stage).await;
    let key = key_of(&stage, &secrets[0]);
    stage.organization.misbehave(&format!("/v1/organizations/api_keys/{}", key.id), Fault::Overloaded, 50);
    let token = offer.button("Reveal").token.clone().unwrap();
    let Says::Message(told) = mira.reply(Said::Press(token)).await.says else { panic!("it was shown before it works") };
    assert_snapshot!(told.text.to_plain(), @"There is no key to reveal yet.");
    stage.organization.misbehave(&format!("/v1/organizations/api_keys/{}", key.id), Fault::Overloaded, 0);
    stage.advance(1).await;
    let handle = reveals(&mira, &offer).await;
    assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Active);
    assert_eq!(opened(&stage, &handle, &mira).await, Ok(secrets[0].clone()));
    stage.chat.forget_unheard();
    stage.close().await;
}

/// A request finds the stock empty: it waits, and goes on by itself once an admin has loaded a key.
#[tokio::test]
async fn an_empty_stock_is_waited_for() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let mira = stage.person("mira");
        mira.says(ASKS).await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(stage.person("ada").presses(&card, "Approve").await.told(), @r"
        Approved, but not made yet: issue the dev API key mira-chen-nightly-evals in research to Mira Chen. (approved)
        It waits for a key in the stock of research, which an admin loads.
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada approved your request to issue the dev API key mira-chen-nightly-evals in research to Mira Chen, and it is under way. (approved)
        Request: C1-xxxx
        It waits for a key in the stock of research, which an admin loads.
        ");
        let secrets = stocked(&stage, 1).await;
        stage.advance(1).await;
        let offer = mira.was_told().await;
        let handle = reveals(&mira, &offer).await;
        assert_eq!(opened(&stage, &handle, &mira).await, Ok(secrets[0].clone()));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A key for production is never had at once, nor one that will be used there; and nobody has more than the quota.
#[tokio::test]
async fn production_is_guarded_and_nobody_has_too_many() {
    let stage = stage_on(Engine::Sqlite).await;
    stocked(&stage, 5).await;
    let ada = stage.person("ada");
    let plan = |words: &str| format!("/claude key request --purpose demo {words} --dry-run");
    assert_snapshot!(ada.says(&plan("--workspace research")).await.told(), @r"
    This would issue the dev API key ada-brandt-demo in research to Ada Brandt. Nothing was changed. (dry run)
    What happens: a key of the stock of research is taken for Ada Brandt — Steward's own books
    What happens: the key is called ada-brandt-demo (steward x7dcn9hekd) in the organization — POST /v1/organizations/api_keys/…
    What happens: Ada Brandt gets a direct message with a button that reveals it, good for 24 hours — Steward's own books
    What happens: the key works once Ada Brandt has revealed it; if that does not happen within 24 hours, it is archived — POST /v1/organizations/api_keys/…
    Key: none → ada-brandt-demo (steward x7dcn9hekd)
    Purpose: → demo
    Replaced after: → 90 days
    Cost: none
    Undo: switch the key off
    Nobody has to agree; it would be made at once.
    ");
    let production = ada.says(&plan("--workspace production")).await.told();
    assert!(production.contains("One approver has to agree."), "{production}");
    let there = ada.says(&plan("--workspace research --environment production")).await.told();
    assert!(there.contains("One approver has to agree."), "{there}");
    for name in ["one", "two", "three"] {
        ada.says(&format!("/claude key request --workspace research --purpose demo --name {name}")).await;
        let offer = ada.was_told().await;
        reveals(&ada, &offer).await;
        stage.settle().await;
        stage.chat.forget_unheard();
    }
    assert_snapshot!(ada.says("/claude key request --workspace research --purpose demo --name four").await.told(), @r"
    You have 3 API keys that work or that you have asked for, which is as many as one person may have.
    Nothing was changed. Give one back first; yours are in /claude key list.
    ");
    stage.close().await;
}

/// Anthropic answered long after the owner had asked to see it, and they never came back: a key that works and that nobody has is
/// switched off.
#[tokio::test]
async fn a_key_that_nobody_ever_saw_does_not_stay_on() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let secrets = stocked(&stage, 1).await;
        let mira = stage.person("mira");
        let offer = offered(&stage).await;
        let path = format!("/v1/organizations/api_keys/{}", key_of(&stage, &secrets[0]).id);
        stage.organization.misbehave(&path, Fault::Overloaded, 50);
        mira.presses(&offer, "Reveal").await;
        stage.organization.misbehave(&path, Fault::Overloaded, 0);
        stage.advance(1).await;
        assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Active);
        stage.advance(24).await;
        assert_eq!(key_of(&stage, &secrets[0]).switched, KeyStatus::Inactive);
        let rows = stage.house.store.stock(&[StockState::Erased]).await.unwrap();
        assert_eq!(rows.len(), 1, "and its secret is gone");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
