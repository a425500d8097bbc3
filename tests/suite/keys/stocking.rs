//! What lies in the stock: only what may be issued to anybody, only once, and only as long as the organization says it is free.

use steward::sandbox::KeyStatus;
use steward::store::StockState;

use super::{key_of, load, made, offered, reveals, stage_low_at, stage_on, stocked};
use crate::bench::{Engine, engines};
use crate::stage::assert_snapshot;

#[tokio::test]
async fn only_keys_of_the_workspace_are_taken_and_each_once() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let good = made(&stage, "research", "good", "workspace");
        let switched_off = made(&stage, "research", "off", "workspace");
        let archived = made(&stage, "research", "archived", "workspace");
        let id = |name: &str| stage.organization.keys().into_iter().find(|it| it.name == name).unwrap().id;
        let off = id("off");
        stage.organization.park_key(&off, "off");
        stage.console().set_key_status(&id("archived"), &steward::claude::KeyStatus::Archived).await.unwrap();
        let lines = vec![
            good.clone(),
            "".into(),
            "sk-ant-api03-unknown-unknown-unknown-unknown-unknown-AA".into(),
            "not a key".into(),
            made(&stage, "research", "mine", "personal"),
            made(&stage, "production", "elsewhere", "workspace"),
            archived,
            good.clone(),
            switched_off,
        ];
        let report = load(&stage, "research", lines).await;
        let refused: Vec<String> = report.refused.iter().map(|(line, why)| format!("{line}: {why}")).collect();
        assert_snapshot!(refused.join("\n"), @r"
        3: is unknown in the organization, or its hint is that of several keys
        4: is no API key
        5: is a personal key: it acts as whoever made it
        6: belongs to another workspace
        7: is archived
        8: is in the list twice
        ");
        assert_eq!(report.loaded, 2);
        let again = load(&stage, "research", vec![good]).await;
        assert_eq!((again.loaded, again.refused.as_slice()), (0, &[(1, "was loaded before".to_owned())][..]));
        let keys = stage.organization.keys();
        let pooled: Vec<_> = keys.iter().filter(|it| it.name.starts_with("steward-stock-")).collect();
        assert_eq!(pooled.len(), 2);
        assert!(pooled.iter().all(|it| it.switched == KeyStatus::Inactive));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// An older copy of the database is put back: what was issued since is not issued again, because the organization says so.
#[tokio::test]
async fn an_older_copy_of_the_database_issues_nothing_twice() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let secrets = stocked(&stage, 3).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        reveals(&mira, &offered(&stage).await).await;
        let issued = key_of(&stage, &secrets[0]);
        stage.settle().await;
        stage.chat.forget_unheard();
        // As it was before: the key is free here, and its secret is still sealed.
        stage
            .tamper(
                "UPDATE stock_key SET state = 'free', claim = NULL, change_number = NULL, owner_id = NULL, mac = NULL",
            )
            .await;

        // The same process takes it, and finds out before anything is sent.
        ada.says("/claude key request --workspace research --purpose demo").await;
        stage.settle().await;
        let told = ada.says("/claude request list").await.told();
        assert!(told.contains("failed"), "{told}");
        let now = key_of(&stage, &secrets[0]);
        assert_eq!((now.name, now.switched), (issued.name, KeyStatus::Active), "it stays as it is");
        let refused = stage.house.store.stock(&[StockState::Refused]).await.unwrap();
        assert_eq!(refused.len(), 1, "and is never taken again");
        stage.chat.forget_unheard();

        // Another process looks before it issues anything.
        stage.tamper("UPDATE stock_key SET state = 'free'").await;
        stage.advance(1).await;
        let other = stage.another_house(9).await;
        other.settle().await.unwrap();
        let free = stage.house.store.stock(&[StockState::Free]).await.unwrap();
        assert_eq!(free.len(), 2);
        other.store.close().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn few_keys_left_are_told_once() {
    let stage = stage_low_at(Engine::Sqlite, 2).await;
    stocked(&stage, 3).await;
    let ada = stage.person("ada");
    stage.advance(1).await;
    ada.says("/claude key request --workspace research --purpose demo").await;
    stage.advance(1).await;
    assert_snapshot!(stage.next_in("approvals").await.told(), @r"
    2 API keys are left in the stock of research.
    Make some in the Claude Console, and load them on the server: steward stock add --workspace research
    ");
    stage.advance(1).await;
    let told =
        stage.chat.everything().iter().filter(|(_, it)| it.text.to_plain().contains("the stock of research")).count();
    assert_eq!(told, 1, "it is told once");
    stage.chat.forget_unheard();
    stage.close().await;
}
