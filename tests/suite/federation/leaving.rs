//! Whoever leaves has no access by tokens any more, at whichever moment they leave, and not again when they come back.

use std::sync::Arc;

use steward::change::{Asker, Revealing};
use steward::chat::{Kind, Standing};
use steward::store::{TokenRule, TokenState};

use super::story::{gets, granted, masked, stage_with, trail};
use crate::bench::engines;
use crate::stage::{Stage, assert_snapshot};

const ASKS_MORE: &str = "/claude key request --workspace data-platform --purpose x --name other";

/// The one rule that was granted.
async fn rule(stage: &Stage) -> TokenRule {
    let all = stage.house.store.token_rules().await.unwrap();
    all.into_iter().find(|it| it.grant.is_some()).unwrap()
}

/// Oskar as he was when he pressed.
async fn oskar_then(stage: &Stage) -> Asker {
    let account = stage.person("oskar").account;
    let standing = stage.chat.standing_of(&account);
    let rules = stage.house.rules.now();
    Asker::meet(&stage.house.store, &rules, &account, standing, stage.clock.now()).await.unwrap()
}

/// What the press comes to, in words.
async fn mints(stage: &Stage, by: &Asker) -> String {
    let id = rule(stage).await.id;
    match stage.house.pipeline.mint(&id, by).await {
        Ok(Revealing::Secret(..)) => "a token".into(),
        Ok(Revealing::Says(message)) => message.text.to_plain(),
        Err(failure) => failure.told("").text.to_plain(),
    }
}

/// What counts is who they are now, not who they were when they pressed: waiting for a turn can take minutes.
#[tokio::test]
async fn a_press_of_before_gives_nothing() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        granted(&stage).await;
        let then = oskar_then(&stage).await;
        let was = stage.chat.standing_of(&then.account);
        let mut told = Vec::new();
        stage.chat.stand(&then.account, &Standing { kind: Kind::Deactivated, ..was.clone() });
        told.push(mints(&stage, &then).await);
        stage.chat.stand(&then.account, &was);
        stage.chat.fall_silent(true);
        told.push(mints(&stage, &then).await);
        stage.chat.fall_silent(false);
        stage.person("ada").says("/claude offboard oskar@example.com --freeze").await;
        told.push(mints(&stage, &then).await);
        assert_snapshot!(told.join("\n"), @r"
        Your account is held back, or is no member's any more.
        The chat does not say who you are at the moment.
        Your account is held back, or is no member's any more.
        ");
        assert_eq!(stage.organization.tokens_out(), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The same while Anthropic answers: the token is out then, and nobody gets it.
#[tokio::test]
async fn whoever_leaves_while_it_is_made_gets_none() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let oskar = stage.person("oskar");
        let was = stage.chat.standing_of(&oskar.account);
        let (chat, account) = (Arc::clone(&stage.chat), oskar.account.clone());
        let gone = Standing { kind: Kind::Deactivated, ..was.clone() };
        stage.meddler.watch(Some(Box::new(move |what, after| {
            if after && what.starts_with("POST /v1/oauth/token") {
                chat.stand(&account, &gone);
            }
            false
        })));
        assert_snapshot!(oskar.presses(&ready, "Get a token").await.told(), @r"
        Your account is held back, or is no member's any more, so you do not get the token that was made just now.
        It was shown to nobody and is kept nowhere. It cannot be called back, and ends 2026-12-01 09:10 UTC.
        ");
        stage.meddler.watch(None);
        assert_eq!(stage.organization.tokens_out(), 1);
        assert_eq!(
            trail(&stage).await[1..],
            ["token.asked by oskar", "token.issued by oskar", "token.withheld by oskar"]
        );
        stage.chat.stand(&oskar.account, &was);
        gets(&stage, &oskar, &ready).await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn a_freeze_holds_access_back_and_a_thaw_gives_back_what_it_took() {
    for engine in engines() {
        let stage = stage_with(engine, 2).await;
        let ready = granted(&stage).await;
        let [ada, oskar] = stage.cast(["ada", "oskar"]);
        oskar.says(ASKS_MORE).await;
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        ada.says("/claude key disable other").await;
        stage.settle().await;
        gets(&stage, &oskar, &ready).await;
        let preview = ada.says("/claude offboard oskar@example.com").await;
        assert_snapshot!(preview.told(), @r"
        What is oskar@example.com's. Nothing was changed.
        Role: developer
        Personal keys, which die with them: oskar-cli (active)
        Keys they made, which survive: 0
        Access by tokens, which ends with them: etl in data-platform (active); other in data-platform (inactive)
        Tokens that are out: 1, which nobody can call back; the last one ends 2026-12-01 09:10 UTC
        Workspaces: Default (workspace_developer); evals (workspace_developer); research (workspace_developer)
        Chat accounts: browser:oskar (active)
        Roles and duties: none
        Open requests: none
        [Freeze now] [Remove]
        ");
        let page = ada.says("/claude member show oskar@example.com").await.told();
        assert!(page.contains("Access by tokens: etl in data-platform (active); other"), "{page}");
        assert!(page.contains("Tokens that are out: 1"), "{page}");
        let frozen = ada.presses(&preview, "Freeze now").await;
        assert_snapshot!(frozen.told(), @r"
        Done: access by tokens of Oskar Lind is off (1); the API key oskar-cli is inactive; 1 chat accounts of Oskar Lind are suspended. (done)
        Request: C4-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        let states = async || {
            let all = stage.house.store.granted_tokens(None).await.unwrap();
            all.iter().map(|it| format!("{} {}", it.name(), it.state.as_str())).collect::<Vec<_>>()
        };
        let mut off = states().await;
        off.sort();
        assert_eq!(off, ["etl off", "other off"]);
        let back = ada.presses(&frozen, "Undo").await;
        assert!(back.reads().contains("access by tokens of Oskar Lind is on again (1)"), "{}", back.reads());
        let mut on = states().await;
        on.sort();
        assert_eq!(on, ["etl granted", "other off"], "what was off before stays off");
        gets(&stage, &oskar, &ready).await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Oskar is invited again, accepts, and links.
async fn comes_back(stage: &Stage) {
    let [ada, oskar] = stage.cast(["ada", "oskar"]);
    ada.says("/claude invite oskar@example.com --role developer").await;
    stage.settle().await;
    stage.accept_mail("oskar@example.com");
    stage.advance(1).await;
    oskar.says("/claude link").await;
    stage.settle().await;
    let told = oskar.says("/claude whoami").await.told();
    assert!(told.contains("your account is linked"), "{told}");
}

#[tokio::test]
async fn whoever_was_removed_and_comes_back_asks_again() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let [ada, grace, oskar] = stage.cast(["ada", "grace", "oskar"]);
        let form = ada.opens("/claude member remove oskar@example.com").await;
        ada.submits(&form, &[("--confirm", "oskar@example.com")]).await;
        let card = stage.next_in("approvals").await;
        assert!(card.told().contains("Access by tokens, which ends: etl"), "{}", card.told());
        let done = grace.presses(&card, "Approve").await;
        assert!(done.reads().starts_with("Done: oskar@example.com was removed"), "{}", done.reads());
        assert_eq!(rule(&stage).await.state, TokenState::Revoked);
        comes_back(&stage).await;
        assert_snapshot!(masked(&oskar.presses(&ready, "Get a token").await), @r"
        The access etl was revoked, so no token is made.
        Nothing brings it back. Ask for another one: /claude key request.
        ");
        assert_eq!(stage.organization.tokens_out(), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The same for whoever was removed in the Console.
#[tokio::test]
async fn whoever_vanished_and_comes_back_asks_again() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let oskar = stage.person("oskar");
        stage.console().remove_user(&stage.member_id("oskar")).await.unwrap();
        stage.advance(1).await;
        let it = rule(&stage).await;
        assert!(it.state == TokenState::Revoked && it.is_genuine && it.ended_at.is_some());
        assert_eq!(trail(&stage).await.last().map(String::as_str), Some("token.revoked by steward"));
        comes_back(&stage).await;
        let told = oskar.presses(&ready, "Get a token").await.told();
        assert!(told.starts_with("The access etl was revoked"), "{told}");
        assert_eq!(stage.organization.tokens_out(), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
