//! Offboarding: everything that is somebody's is seen first, then frozen, and can be given back.

use crate::bench::{Engine, engines};
use crate::stage::{Stage, assert_snapshot};

fn key_state(stage: &Stage, name: &str) -> String {
    stage.organization.keys().into_iter().find(|it| it.name == name).expect("a key").switched.as_str().to_owned()
}

#[tokio::test]
async fn everything_is_seen_before_anything_happens() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        mira.says("/claude invite lea@example.com").await;
        stage.next_in("approvals").await;
        let requests = stage.organization.count_seen(|it| it.method != "GET");
        assert_snapshot!(ada.says("/claude offboard mira@example.com").await.told(), @r"
        What is mira@example.com's. Nothing was changed.
        Role: developer
        Personal keys, which die with them: mira-laptop (active)
        Keys they made, which survive: 2
        Workspaces: Default (workspace_developer); data-platform (workspace_developer); evals (workspace_developer); research (workspace_admin)
        Chat accounts: browser:mira (active)
        Roles and duties: none
        Open requests: C1-xxxx: invite lea@example.com as user
        API key | Workspace | State | Could take over
        nightly evals | evals | active | ada@example.com
        paper-reader | research | active | ada@example.com
        [Freeze now] [Remove]
        ");
        assert_eq!(stage.organization.count_seen(|it| it.method != "GET"), requests, "looking changes nothing");
        assert_snapshot!(mira.says("/claude offboard sofia@example.com").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(ada.says("/claude offboard me --freeze").await.told(), @r"
        You cannot freeze yourself.
        Nothing was changed. Another admin can.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_freeze_stops_everything_and_is_taken_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let preview = ada.says("/claude offboard mira@example.com").await;
        let frozen = ada.presses(&preview, "Freeze now").await;
        assert_snapshot!(frozen.told(), @r"
        Done: the API key mira-laptop is inactive; 1 chat accounts of Mira Chen are suspended. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(key_state(&stage, "mira-laptop"), "inactive");
        assert_eq!(key_state(&stage, "paper-reader"), "active", "a workspace key survives whoever made it");
        assert_snapshot!(mira.says("/claude invite lea@example.com").await.told(), @r"
        This account is held back: access is being taken back.
        Nothing was changed. Ask an admin.
        ");

        let back = ada.presses(&frozen, "Undo").await;
        assert_snapshot!(back.told(), @r"
        Done: the API key mira-laptop is active; 1 chat accounts of Mira Chen work again. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_eq!(key_state(&stage, "mira-laptop"), "active");
        let id = mira.says("/claude invite lea@example.com").await.request();
        assert_eq!(stage.state(&id).await, "waiting");
        stage.next_in("approvals").await;
        stage.close().await;
    }
}

/// What was off before a freeze stays off after it.
#[tokio::test]
async fn only_what_was_frozen_is_given_back() {
    let stage = Stage::open(Engine::Sqlite).await;
    let ada = stage.person("ada");
    let key = stage.organization.keys().into_iter().find(|it| it.name == "mira-laptop").unwrap().id;
    stage.console().set_key_status(&key, &"inactive".into()).await.unwrap();
    let frozen = ada.says("/claude offboard mira@example.com --freeze --reason \"phone lost\"").await;
    assert!(frozen.reads().starts_with("Done: "), "{}", frozen.reads());
    ada.presses(&frozen, "Undo").await;
    assert_eq!(key_state(&stage, "mira-laptop"), "inactive");
    let again = ada.says("/claude offboard tara@example.com --freeze").await;
    assert_snapshot!(again.told(), @r"
    There is nothing to freeze: tara@example.com has no active personal key and no linked chat account.
    Nothing was changed.
    ");
    stage.close().await;
}
