//! Limits are set, raised, snoozed and shown in chat.

use steward::domain::{Amount, Brake, LimitTerms, Per, Scope};

use super::bills::{Bills, USD};
use crate::bench::engines;
use crate::keys::stage_on;
use crate::stage::{Stage, assert_snapshot};

/// Dollars are spent in research by a key that nobody knows, and that is known now.
pub(super) async fn spends(stage: &Stage, bills: &mut Bills, key: &str, usd: i64) {
    let store = &stage.house.store;
    let research = store.workspaces_named("research").await.unwrap().remove(0).id;
    let now = stage.clock.now();
    bills.spend(store, (now, now), [key, &research, "claude-opus-5-5"], usd * USD).await;
    // The next look.
    stage.advance_minutes(1).await;
}

#[tokio::test]
async fn a_limit_is_set_at_once_by_whoever_looks_after_the_money() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [ada, finn, mira] = stage.cast(["ada", "finn", "mira"]);
        assert_snapshot!(finn.says("/claude limit set workspace:research --amount 500 --dry-run").await.told(), @"");
        let set = finn.says("/claude limit set workspace:research --amount 500").await;
        assert_snapshot!(set.told(), @"");
        assert_snapshot!(mira.says("/claude limit set org --amount 5").await.told(), @"");
        assert_snapshot!(mira.says("/claude limit remove workspace:research").await.told(), @"");
        assert_snapshot!(finn.says("/claude limit set workspace:research --amount 500").await.told(), @"");
        assert_snapshot!(ada.says("/claude limit set workspace:research --amount 800 --brake hard").await.told(), @"");
        assert_snapshot!(ada.says("/claude limits").await.told(), @"");
        let removed = ada.says("/claude limit remove workspace:research").await;
        assert_snapshot!(removed.told(), @"");
        assert_snapshot!(ada.presses(&removed, "Undo").await.told(), @"");
        assert_snapshot!(ada.says("/claude limit set workspace:nowhere --amount 5").await.told(), @"");
        assert_snapshot!(ada.says("/claude limit set research --amount 5").await.told(), @"");
        assert_eq!(stage.violations().await, Vec::<String>::new());
        stage.close().await;
    }
}

#[tokio::test]
async fn a_raise_is_asked_for_agreed_to_and_ends_by_itself() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [finn, mira] = stage.cast(["finn", "mira"]);
        finn.says("/claude limit set workspace:research --amount 500").await;
        let asked = mira
            .says("/claude limit raise workspace:research --by 100 --until 2026-12-03 --reason \"the launch\"")
            .await;
        assert_snapshot!(asked.told(), @"");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @"");
        assert_snapshot!(mira.presses(&card, "Approve").await.told(), @"");
        assert_snapshot!(finn.presses(&card, "Approve").await.told(), @"");
        assert_snapshot!(mira.was_told().await.told(), @"");
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$600.00 per month (raised)"), "{engine:?}: {list}");
        stage.advance(63).await;
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$500.00 per month |"), "{engine:?}: its last day is over: {list}");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_limit_of_the_configuration_is_not_changed_in_chat() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let mut rules = (*stage.house.rules.now()).clone();
        let terms = |scope, usd| LimitTerms { scope, per: Per::Month, amount: Amount(usd * USD), brake: Brake::Hard };
        let nowhere = Scope::Workspace("nowhere".into());
        rules.limits = vec![terms(Scope::Workspace("research".into()), 700), terms(nowhere, 5)];
        stage.house.rules.replace(rules);
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude limits").await.told(), @"");
        assert_snapshot!(ada.says("/claude limit set workspace:research --amount 5").await.told(), @"");
        assert_snapshot!(ada.says("/claude limit remove workspace:research").await.told(), @"");
        let raised = ada.says("/claude limit raise workspace:research --by 50").await.told();
        assert!(raised.starts_with("Done: "), "{engine:?}: {raised}");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_threshold_is_told_once_with_what_can_be_done() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let finn = stage.person("finn");
        let mut bills = Bills::default();
        finn.says("/claude limit set workspace:research --amount 500").await;
        stage.advance(48).await;
        spends(&stage, &mut bills, "apikey_x", 249).await;
        stage.advance_minutes(5).await;
        spends(&stage, &mut bills, "apikey_x", 1).await;
        let told = stage.next_in("approvals").await;
        assert_snapshot!(told.told(), @"");
        assert_snapshot!(finn.was_told().await.told(), @"");
        stage.advance_minutes(30).await;
        spends(&stage, &mut bills, "apikey_x", 300).await;
        assert_snapshot!(stage.next_in("approvals").await.told(), @"");
        finn.was_told().await;

        // Raised, the same part of more is news again; snoozed, it is not told, and afterwards it is.
        finn.says("/claude limit raise workspace:research --by 500").await;
        assert_snapshot!(finn.presses(&told, "Snooze").await.told(), @"");
        spends(&stage, &mut bills, "apikey_x", 250).await;
        stage.advance_minutes(10).await;
        finn.says("/claude limit snooze workspace:research --end").await;
        stage.advance_minutes(2).await;
        let told = stage.next_in("approvals").await.told();
        assert!(told.starts_with("80 % of the monthly limit of research is spent: $800.00 of $1,000.00."), "{told}");
        finn.was_told().await;
        assert_snapshot!(finn.says("/claude doctor limit").await.told(), @"");
        stage.close().await;
    }
}
