//! Keys as people look at them and what they do with their own.

use steward::sandbox::KeyStatus;

use super::{key_of, offered, reveals, stage_on, stocked};
use crate::bench::{Engine, engines};
use crate::stage::{Stage, assert_snapshot};

/// Mira gets a key. Answers its secret.
pub(crate) async fn with_a_key(engine: Engine) -> (Stage, String) {
    let stage = stage_on(engine).await;
    let secret = Box::pin(stocked(&stage, 1)).await.remove(0);
    let mira = stage.person("mira");
    let offer = Box::pin(offered(&stage)).await;
    Box::pin(reveals(&mira, &offer)).await;
    stage.settle().await;
    stage.chat.forget_unheard();
    (stage, secret)
}

#[tokio::test]
async fn whoever_has_a_key_looks_after_it() {
    for engine in engines() {
        let (stage, secret) = with_a_key(engine).await;
        let [mira, jonas] = stage.cast(["mira", "jonas"]);
        assert_snapshot!(mira.says("/claude keys").await.told(), @r"
        2 API keys of yours.
        Key | Workspace | Owner | State | Hint | Last used | Replace by
        mira-chen-nightly-evals | research | Mira Chen | active | sk-ant-api03-VrU...0eAA | - | 2027-03-01 09:00 UTC
        mira-laptop | research | Mira Chen | active | sk-ant-api03-lwt...pMAA | 2026-12-01 08:00 UTC | -
        As of just now. Look at one with /claude key show ….
        ");
        assert_snapshot!(jonas.says("/claude key list").await.told(), @r"
        One API key of yours.
        Key | Workspace | Owner | State | Hint | Last used | Replace by
        jonas-dev | production | Jonas Weber | active | sk-ant-api03-hoI...LuAA | 2026-12-01 08:00 UTC | -
        As of just now. Look at one with /claude key show ….
        ");
        assert_snapshot!(mira.says("/claude key show mira-chen-nightly-evals").await.told(), @r"
        The API key mira-chen-nightly-evals is active.
        Hint: sk-ant-api03-VrU...0eAA
        Workspace: research
        Kind: the workspace's
        Owner: Mira Chen
        Made: 2026-12-01 09:00 UTC
        Purpose: nightly evals
        Environment: dev
        Replace by: 2027-03-01 09:00 UTC
        In the Console: mira-chen-nightly-evals (steward x7dcn9hekd)
        Id: apikey_…
        Last used: never, as far as Anthropic reports
        As of just now.
        [Switch off] [Revoke]
        ");
        assert_snapshot!(jonas.says("/claude key disable mira-chen-nightly-evals").await.told(), @r"
        No API key of yours goes by mira-chen-nightly-evals.
        Nothing was changed. See /claude key list.
        ");
        assert_snapshot!(mira.says("/claude key disable mira-chen-nightly-evals").await.told(), @r"
        Done: the API key mira-chen-nightly-evals is inactive. (done)
        Request: C3-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive);
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// To have it switched on again, somebody else agrees; a new name keeps the mark of its request; and revoking it is typed.
#[tokio::test]
async fn what_cannot_be_taken_back_is_typed_and_what_opens_is_agreed_to() {
    for engine in engines() {
        let (stage, secret) = with_a_key(engine).await;
        let [mira, ada] = stage.cast(["mira", "ada"]);
        mira.says("/claude key disable mira-chen-nightly-evals").await;
        assert_snapshot!(mira.says("/claude key enable mira-chen-nightly-evals").await.told(), @r"
        Asked: switch on the API key mira-chen-nightly-evals. (waiting for a decision)
        Request: C4-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Active);
        assert_snapshot!(mira.says("/claude key rename mira-chen-nightly-evals evals").await.told(), @r"
        Done: the API key is called evals. (done)
        Request: C5-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert!(key_of(&stage, &secret).name.starts_with("evals (steward "));
        let form = mira.opens("/claude key revoke evals").await;
        let name = "evals";
        assert_snapshot!(mira.submits(&form, &[("--confirm", name)]).await.told(), @r"
        Done: the API key evals is archived. (done)
        Request: C6-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Archived);
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn a_key_itself_is_never_typed() {
    let (stage, secret) = with_a_key(Engine::Sqlite).await;
    let mira = stage.person("mira");
    for line in [
        format!("/claude key show {secret}"),
        format!("/claude key request --workspace research --purpose \"like {secret}\""),
        format!("/claude key request --workspace research --purpose x --name {secret}"),
    ] {
        let told = mira.says(&line).await.told();
        assert!(!told.contains(&secret), "it is repeated");
        assert!(told.contains("never typed here"), "{told}");
    }
    stage.chat.forget_unheard();
    stage.close().await;
}
