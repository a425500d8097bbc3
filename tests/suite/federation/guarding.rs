//! What keeps access by tokens within bounds: rows put back, races, very many presses, workspaces that are no more, names of
//! several.

use steward::cli::Federating;
use steward::random::Random;
use steward::store::TokenState;

use super::story::{gets, granted, masked, stage_with};
use crate::bench::engines;
use crate::keys::made;
use crate::stage::assert_snapshot;

/// A row of before is as it was written, and worth nothing all the same: the trail knows what became of it.
#[tokio::test]
async fn a_row_that_was_put_back_gives_nothing() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        stage.tamper("CREATE TABLE free_then AS SELECT * FROM token_rule").await;
        let ready = granted(&stage).await;
        let [ada, oskar] = stage.cast(["ada", "oskar"]);
        stage.tamper("CREATE TABLE granted_then AS SELECT * FROM token_rule").await;
        assert_eq!(stage.house.store.violations().await.unwrap(), []);
        let form = oskar.opens("/claude key revoke etl").await;
        oskar.submits(&form, &[("--confirm", "etl")]).await;
        assert_eq!(stage.house.store.violations().await.unwrap(), []);
        stage.tamper("DELETE FROM token_rule").await;
        stage.tamper("INSERT INTO token_rule SELECT * FROM granted_then").await;
        let told = oskar.presses(&ready, "Get a token").await.told();
        assert!(told.starts_with("This access is somebody else's."), "{told}");
        assert_eq!(stage.house.store.violations().await.unwrap()[0].invariant, "every access is genuine");
        stage.tamper("DELETE FROM token_rule").await;
        stage.tamper("INSERT INTO token_rule SELECT * FROM free_then").await;
        ada.says("/claude key request --workspace data-platform --purpose x --name other").await;
        assert_eq!(stage.house.store.granted_tokens(None).await.unwrap(), [], "nobody gets what was somebody's");
        assert_eq!(stage.house.store.violations().await.unwrap().len(), 1);
        assert_eq!(stage.organization.tokens_out(), 0);
        stage.chat.forget_unheard();
        stage.leave().await;
    }
}

/// The operator ends what somebody in the chat switches at the same time.
#[tokio::test]
async fn an_end_is_an_end_whatever_came_before_it() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        granted(&stage).await;
        let as_read = stage.house.store.granted_tokens(None).await.unwrap().remove(0);
        stage.person("ada").says("/claude key disable etl").await;
        let (id, random) = (stage.organization.id(), Random::system());
        let federating = Federating {
            house: &stage.house,
            organization_id: &id,
            actor: "operator:root",
            clock: &stage.clock,
            random: &random,
        };
        assert_eq!(federating.end(as_read.clone()).await.unwrap().state, TokenState::Revoked);
        let rule = stage.house.store.token_rule(&as_read.id).await.unwrap().unwrap();
        assert!(rule.state == TokenState::Revoked && rule.is_genuine);
        assert_eq!(federating.end(as_read).await.unwrap(), rule, "over is over");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn nobody_has_very_many_made() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        stage.organization.lift_rate_limit();
        let ready = granted(&stage).await;
        let oskar = stage.person("oskar");
        for _ in 0..30 {
            gets(&stage, &oskar, &ready).await;
        }
        assert_snapshot!(oskar.presses(&ready, "Get a token").await.told(), @r"
        You have asked for 30 tokens within an hour, which is as many as are made.
        No token was made. Those that you have work until their time is over; ask for the next one later.
        ");
        stage.advance_minutes(61).await;
        gets(&stage, &oskar, &ready).await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn an_archived_workspace_has_no_tokens() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let place = stage.organization.workspaces().into_iter().find(|it| it.name == "data-platform").unwrap().id;
        stage.console().archive_workspace(&place).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(masked(&stage.person("oskar").presses(&ready, "Get a token").await), @r"
        The workspace of the access etl is not there any more, so no token is made.
        Nothing brings it back. Ask for another one: /claude key request.
        ");
        assert_eq!(stage.organization.tokens_out(), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Whatever else goes by a name is not passed over.
#[tokio::test]
async fn a_name_of_several_switches_nothing() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        granted(&stage).await;
        made(&stage, "research", "etl", "workspace");
        made(&stage, "evals", "etl", "workspace");
        stage.advance(1).await;
        let told = stage.person("ada").says("/claude key disable etl").await.told();
        assert!(told.starts_with("Several API keys are called that: apikey_"), "{told}");
        let rule = stage.house.store.granted_tokens(None).await.unwrap().remove(0);
        assert_eq!(rule.state, TokenState::Granted);
        let told = stage.person("ada").says(&format!("/claude key disable {}", rule.id)).await.told();
        assert!(told.starts_with("Done: the access etl is off"), "{told}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A token that was seen somewhere is no key, and cannot be switched off: that is said, and it is not repeated.
#[tokio::test]
async fn a_leaked_token_is_told_from_a_key() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let oskar = stage.person("oskar");
        let token = gets(&stage, &oskar, &ready).await;
        let told = oskar.says(&format!("/claude key leak \"seen in a log: {token}\"")).await.told();
        assert!(!told.contains(&token));
        assert_snapshot!(told, @r"
        That is a token, not a key. Nobody can call it back: it works until its time is over.
        Nothing was changed, and what you entered is kept nowhere. So that no further one is made, switch the access off: /claude key disable …. If it is not yours, tell an admin now.
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
