//! Whoever seems to have left is told of once, with what is theirs, and nothing is done by itself.

use steward::chat::Kind;
use steward::clock::moment;

use crate::bench::{Engine, engines};
use crate::stage::{Shown, Stage, assert_snapshot};

/// So long until the chats were asked again, and what they say was told.
async fn a_while(stage: &Stage) {
    for _ in 0..2 {
        stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 11 * 60_000));
        stage.settle().await;
    }
}

async fn known(engine: Engine) -> Stage {
    let stage = Stage::open(engine).await;
    a_while(&stage).await;
    stage
}

async fn card(stage: &Stage) -> Shown {
    stage.next_in("approvals").await
}

#[tokio::test]
async fn an_account_that_was_switched_off_becomes_a_proposal() {
    for engine in engines() {
        let stage = known(engine).await;
        let ada = stage.person("ada");
        stage.person("mira").says("/claude invite lea@example.com").await;
        card(&stage).await;
        stage.change_standing("mira", |it| it.kind = Kind::Deactivated);
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(told.told(), @r"
        mira@example.com seems to have left. (leaver)
        The chat says that the account browser:mira is switched off, or of another company.
        Personal keys, which die with them: mira-laptop (active)
        Keys they made, which survive: 2
        Workspaces: Default (workspace_developer); data-platform (workspace_developer); evals (workspace_developer); research (workspace_admin)
        Open requests: 1
        Nothing happens by itself.
        [Offboard] [Not now]
        ");
        a_while(&stage).await;
        let preview = ada.presses(&told, "Offboard").await;
        assert!(preview.reads().starts_with("What is mira@example.com's."), "{}", preview.reads());
        ada.presses(&preview, "Freeze now").await;
        a_while(&stage).await;
        assert_snapshot!(stage.seen_again(&told).await.told(), @r"
        Nothing is left to do about mira@example.com. (done)
        They are back, or whatever was theirs here was taken back.
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn not_now_means_not_for_thirty_days() {
    for engine in engines() {
        let stage = known(engine).await;
        let ada = stage.person("ada");
        stage.change_standing("mira", |it| it.kind = Kind::Outsider);
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(ada.presses(&told, "Not now").await.told(), @r"
        Left as it is until 2026-12-31 09:44 UTC.
        If they still seem to have left then, it is told again.
        ");
        assert_snapshot!(stage.seen_again(&told).await.told(), @r"
        Not now: mira@example.com seems to have left. (later)
        Left as it is by @ada until 2026-12-31 09:44 UTC.
        ");
        assert_snapshot!(ada.presses(&told, "Not now").await.told(), @r"
        This was settled already.
        Nothing was changed.
        ");
        stage.advance(24 * 29).await;
        a_while(&stage).await;
        stage.advance(25).await;
        a_while(&stage).await;
        let again = card(&stage).await;
        assert_eq!(again.told().lines().next(), told.told().lines().next());
        stage.change_standing("mira", |it| it.kind = Kind::Person);
        a_while(&stage).await;
        assert_snapshot!(stage.seen_again(&again).await.told(), @r"
        Nothing is left to do about mira@example.com. (done)
        They are back, or whatever was theirs here was taken back.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_member_who_vanished_still_has_an_account_here() {
    for engine in engines() {
        let stage = known(engine).await;
        let ada = stage.person("ada");
        stage.console().remove_user(&stage.member_id("mira")).await.unwrap();
        a_while(&stage).await;
        let mut told = [card(&stage).await, card(&stage).await];
        told.sort_by_key(Shown::reads);
        assert_snapshot!(told[1].told(), @r"
        mira@example.com seems to have left. (leaver)
        They are no longer a member of the organization, and the account browser:mira still counts here.
        Personal keys, which die with them: none
        Keys they made, which survive: 2
        Workspaces: none
        Open requests: 0
        Nothing happens by itself.
        [Unlink the account] [Not now]
        ");
        assert_snapshot!(ada.presses(&told[1], "Unlink the account").await.told(), @r"
        Done: browser:mira is no longer linked to Mira Chen. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:44 UTC
        Approved by: policy, at once
        ");
        a_while(&stage).await;
        assert_snapshot!(stage.seen_again(&told[1]).await.told(), @r"
        Nothing is left to do about mira@example.com. (done)
        They are back, or whatever was theirs here was taken back.
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A chat that does not answer says nothing about anybody.
#[tokio::test]
async fn a_silent_chat_is_no_sign() {
    let stage = known(Engine::Sqlite).await;
    stage.change_standing("mira", |it| it.kind = Kind::Deactivated);
    stage.chat.fall_silent(true);
    a_while(&stage).await;
    assert!(stage.house.store.leavers().await.unwrap().is_empty());
    stage.chat.fall_silent(false);
    stage.leave().await;
}
