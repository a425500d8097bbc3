//! How keys are called, for whom they are, and that issuing one is taken back.

use steward::domain::{Environment, Issuer, Place};
use steward::sandbox::KeyStatus;

use super::{key_of, reveals, stocked};
use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot};

#[tokio::test]
async fn keys_are_called_as_the_workspace_wants() {
    for engine in engines() {
        let research = Place {
            issuer: Issuer::Claim,
            environment: Environment::Dev,
            key_name: Some("{workspace}-{purpose}-{environment}".parse().unwrap()),
            ..Place::unnamed("research")
        };
        let stage = Stage::set(Setting { workspaces: vec![research], ..Setting::on(engine) }).await;
        let mira = stage.person("mira");
        let asks = "/claude key request --workspace research --purpose \"nightly evals\"";
        assert_snapshot!(mira.says(&format!("{asks} --name evals")).await.told(), @r"
        API keys of research are called {workspace}-{purpose}-{environment}, such as research-nightly-evals-dev.
        Nothing was asked for. Give it such a name, or none.
        ");
        let told = mira.says(&format!("{asks} --environment staging --dry-run")).await.told();
        assert!(told.contains("the staging API key research-nightly-evals-staging in research"), "{told}");
        let told = mira.says(&format!("{asks} --name research-evals-7-dev --dry-run")).await.told();
        assert!(told.contains("the dev API key research-evals-7-dev in research"), "{told}");
        stage.close().await;
    }
}

#[tokio::test]
async fn issuing_a_key_is_taken_back() {
    for engine in engines() {
        let stage = super::stage_on(engine).await;
        let secret = Box::pin(stocked(&stage, 1)).await.remove(0);
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says(super::ASKS).await.request();
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        let offer = mira.was_told().await;
        Box::pin(reveals(&mira, &offer)).await;
        stage.settle().await;
        stage.chat.forget_unheard();
        assert_snapshot!(ada.says(&format!("/claude request undo {id}")).await.told(), @r"
        Done: the API key mira-chen-nightly-evals is inactive. (done)
        Request: C3-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive, "{engine:?}");
        assert_eq!(stage.state(&id).await, "undone");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn a_key_is_a_teams_and_one_person_answers_for_it() {
    for engine in engines() {
        let stage = super::stage_on(engine).await;
        Box::pin(stocked(&stage, 1)).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        mira.says(&format!("{} --name evals --team \"Search quality\"", super::ASKS)).await;
        let card = stage.next_in("approvals").await;
        assert!(card.told().contains("Team: none") || card.told().contains("Search quality"), "{}", card.told());
        ada.presses(&card, "Approve").await;
        let offer = mira.was_told().await;
        Box::pin(reveals(&mira, &offer)).await;
        stage.settle().await;
        stage.chat.forget_unheard();
        let shown = mira.says("/claude key show evals").await.told();
        assert!(shown.contains("Owner: Mira Chen\n") && shown.contains("Team: Search quality\n"), "{shown}");
        let listed = ada.says("/claude key list --workspace research").await.told();
        assert!(listed.contains("evals | research | Mira Chen, for Search quality | active"), "{listed}");
        // A row that was edited is nobody's: the team is covered as well.
        stage.tamper("UPDATE key_record SET team = 'Ops'").await;
        let shown = mira.says("/claude key list --workspace research").await.told();
        assert!(!shown.contains("Ops"), "{engine:?}: {shown}");
        stage.close().await;
    }
}
