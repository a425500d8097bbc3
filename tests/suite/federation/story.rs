//! Access by tokens, from the request to its end, on a stage where keys of data-platform are tokens.

use secrecy::ExposeSecret;
use steward::chat::{Said, Says, SecretHandle, Vault, VaultError};
use steward::claude::{Federation, Settings};
use steward::cli::Federating;
use steward::domain::{Environment, Issuer, Place};
use steward::random::Random;
use steward::sandbox::Fault;
use steward::store::TokenState;

use crate::bench::{Engine, engines};
use crate::sandbox_stage::{Heard, hear, plain_client};
use crate::stage::{Actor, Setting, Shown, Stage, assert_snapshot};

const ASKS: &str = "/claude key request --workspace data-platform --purpose \"warehouse\" --name etl";

/// A stage with so many rules prepared.
pub(crate) async fn stage_with(engine: Engine, rules: usize) -> Stage {
    let place = Place {
        issuer: Issuer::Token,
        environment: Environment::Staging,
        token_lifetime_s: 600,
        ..Place::unnamed("data-platform")
    };
    let stage = Box::pin(Stage::set(Setting { workspaces: vec![place], ..Setting::on(engine) })).await;
    if rules > 0 {
        prepare(&stage, rules).await;
    }
    stage
}

/// What `steward federation setup --apply` does.
pub(crate) async fn prepare(stage: &Stage, rules: usize) {
    let (id, random) = (stage.organization.id(), Random::system());
    let federating = Federating {
        house: &stage.house,
        organization_id: &id,
        actor: "operator:root",
        clock: &stage.clock,
        random: &random,
    };
    let prepared = federating.prepare(rules).await.unwrap();
    federating.perform(&federation(stage), &prepared, |_, _| {}).await.unwrap();
}

pub(crate) fn federation(stage: &Stage) -> Federation {
    let mut settings = Settings::new(stage.organization.sign_in("ada").unwrap(), 1);
    settings.base_url = format!("http://{}/anthropic", stage.upstream);
    Federation::connect(settings, std::sync::Arc::new(steward::cli::ClockTime(stage.clock.clone()))).unwrap()
}

/// One tiny message with this token.
pub(crate) async fn message(stage: &Stage, token: &str) -> Heard {
    let body = serde_json::json!({
        "model": "claude-haiku-5-5", "max_tokens": 16, "messages": [{ "role": "user", "content": "hello" }],
    });
    let url = format!("http://{}/anthropic/v1/messages", stage.upstream);
    let request = plain_client().post(url).header("anthropic-version", "2023-06-01");
    hear(request.bearer_auth(token).json(&body)).await
}

pub(crate) async fn opened(stage: &Stage, handle: &SecretHandle, who: &Actor<'_>) -> Result<String, VaultError> {
    let vault: std::sync::Arc<dyn Vault> = stage.house.vault();
    vault.open(handle, &who.account).await.map(|it| {
        assert_eq!(it.until, None, "a token is seen once");
        it.secret.expose_secret().to_owned()
    })
}

pub(crate) async fn handle(who: &Actor<'_>, shown: &Shown) -> SecretHandle {
    let token = shown.button("Get a token").token.clone().unwrap();
    match who.reply(Said::Press(token)).await.says {
        Says::Secret(handle, _) => handle,
        other => panic!("no token was made: {other:?}"),
    }
}

/// Presses the button: a token.
pub(crate) async fn gets(stage: &Stage, who: &Actor<'_>, shown: &Shown) -> String {
    let handle = handle(who, shown).await;
    opened(stage, &handle, who).await.unwrap()
}

/// Oskar asks, and Ada agrees: the message with the button.
pub(crate) async fn granted(stage: &Stage) -> Shown {
    let [ada, oskar] = stage.cast(["ada", "oskar"]);
    oskar.says(ASKS).await;
    let card = stage.next_in("approvals").await;
    ada.presses(&card, "Approve").await;
    oskar.was_told().await
}

/// The trail, as far as it is about tokens.
pub(crate) async fn trail(stage: &Stage) -> Vec<String> {
    stage.trail().await.into_iter().filter(|it| it.starts_with("token.")).collect()
}

#[tokio::test]
async fn access_is_asked_for_approved_and_its_owners_alone() {
    for engine in engines() {
        let stage = stage_with(engine, 2).await;
        let [ada, oskar, jonas] = stage.cast(["ada", "oskar", "jonas"]);
        assert_snapshot!(oskar.says(ASKS).await.told(), @r"
        Asked: give Oskar Lind access to data-platform by tokens, for staging: etl. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @oskar asks to give Oskar Lind access to data-platform by tokens, for staging: etl (waiting for a decision)
        Request: C1-xxxx
        What happens: a rule that was prepared for data-platform becomes Oskar Lind's, who alone gets tokens by it, each good for 10 minutes at most — Steward's own books
        Access: none → etl
        Purpose: → warehouse
        A token lives: → 10 minutes at most
        Cost: none
        Undo: revoke it; tokens that are out live on until their time is over
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Done: Oskar Lind can get tokens of etl for data-platform. (done)
        Request: C1-xxxx
        Asked by: @oskar, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        [Undo]
        ");
        let ready = oskar.was_told().await;
        assert_snapshot!(masked(&ready), @r"
        Your access etl to data-platform is ready. It is by tokens, not by a key.
        A token works for 10 minutes, and is shown to you alone. For a fresh one, press the button again or say /claude key token ….
        A token cannot be called back: whatever happens to this access, one that is out works until its time is over.
        [Get a token]
        ");
        assert!(!oskar.has_news().await, "one message says it all");

        // Whoever else presses gets nothing, and the trail says so.
        assert_snapshot!(jonas.presses(&ready, "Get a token").await.told(), @r"
        This access is somebody else's.
        No token was made. Whoever it belongs to can get one.
        ");
        assert_snapshot!(masked(&ada.presses(&ready, "Get a token").await), @r"
        This access is somebody else's.
        No token was made. Whoever it belongs to can get one.
        ");
        assert_eq!(stage.organization.tokens_out(), 0);

        assert_eq!(trail(&stage).await, ["token.granted by steward", "token.refused by jonas", "token.refused by ada"]);
        stage.close().await;
    }
}

#[tokio::test]
async fn a_token_is_had_used_and_revoked() {
    for engine in engines() {
        let stage = stage_with(engine, 2).await;
        let ready = granted(&stage).await;
        let [oskar, jonas] = stage.cast(["oskar", "jonas"]);
        let hold = handle(&oskar, &ready).await;
        assert_eq!(opened(&stage, &hold, &jonas).await, Err(VaultError::NotYours));
        let token = opened(&stage, &hold, &oskar).await.unwrap();
        assert_eq!(opened(&stage, &hold, &oskar).await, Err(VaultError::Gone), "once");
        message(&stage, &token).await.ok();
        let account = stage.house.store.granted_tokens(None).await.unwrap().remove(0).account_id.unwrap();
        assert_eq!(stage.organization.meter().rows.last().unwrap().key_id, account);
        let again = gets(&stage, &oskar, &ready).await;
        assert_ne!(again, token, "a fresh one each time");

        stage.advance(1).await;
        message(&stage, &token).await.refused(401, "authentication_error");
        let last = gets(&stage, &oskar, &ready).await;
        assert_snapshot!(masked(&oskar.says("/claude key show etl").await), @r"
        The access etl is by tokens, and is active.
        Workspace: data-platform
        Owner: Oskar Lind
        A token lives: 10 minutes
        Purpose: warehouse
        Environment: staging
        Since: 2026-12-01 09:00 UTC
        Service account: svac_…
        Rule: fdrl_…
        Id: …
        Switched off or revoked, no further token is made; tokens that are out live on until their time is over, 10 minutes at most.
        [Get a token] [Switch off] [Revoke]
        ");
        let form = oskar.opens("/claude key revoke etl --reason \"no longer needed\"").await;
        assert_snapshot!(form.intro.to_plain(), @"You are about to ask to revoke the access etl by tokens.");
        assert_snapshot!(masked(&oskar.submits(&form, &[("--confirm", "etl")]).await), @r"
        Done: the access etl is revoked; tokens that are out live on until their time is over, 10 minutes at most. (done)
        Request: C2-xxxx
        Asked by: @oskar, 2026-12-01 10:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(masked(&oskar.presses(&ready, "Get a token").await), @r"
        The access etl was revoked, so no token is made.
        Nothing brings it back. Ask for another one: /claude key request.
        ");
        message(&stage, &last).await.ok();
        stage.advance(1).await;
        message(&stage, &last).await.refused(401, "authentication_error");
        assert_snapshot!(trail(&stage).await.join("\n"), @r"
        token.granted by steward
        token.asked by oskar
        token.issued by oskar
        token.asked by oskar
        token.issued by oskar
        token.asked by oskar
        token.issued by oskar
        token.revoked by steward
        ");

        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The operator's next run archives what is over, and makes another rule in its place.
#[tokio::test]
async fn what_was_revoked_is_archived_by_the_next_run() {
    for engine in engines() {
        let stage = stage_with(engine, 2).await;
        granted(&stage).await;
        let oskar = stage.person("oskar");
        let form = oskar.opens("/claude key revoke etl").await;
        oskar.submits(&form, &[("--confirm", "etl")]).await;
        assert!(stage.organization.federation_rules().iter().all(|it| it.archived_at.is_none()));
        prepare(&stage, 2).await;
        let rules = stage.organization.federation_rules();
        assert_eq!((rules.len(), rules.iter().filter(|it| it.archived_at.is_some()).count()), (3, 1));
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Ids differ from run to run: sixteen letters become `…`.
pub(crate) fn masked(shown: &Shown) -> String {
    let told = shown.told();
    let is_ours = |it: &str| it.len() == 16 && it.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    let words = told.split_inclusive(|it: char| !it.is_alphanumeric());
    let mask = |it: &str| {
        let word = it.trim_end_matches(|it: char| !it.is_alphanumeric());
        if is_ours(word) || word.len() == 24 { format!("…{}", &it[word.len()..]) } else { it.to_owned() }
    };
    words.map(mask).collect()
}

#[tokio::test]
async fn access_waits_for_a_rule_and_nobody_shares_one() {
    for engine in engines() {
        let stage = stage_with(engine, 0).await;
        let [ada, oskar] = stage.cast(["ada", "oskar"]);
        oskar.says(ASKS).await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Approved, but not made yet: give Oskar Lind access to data-platform by tokens, for staging: etl. (approved)
        It waits for a free rule of data-platform, which an operator prepares with steward federation setup.
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        prepare(&stage, 1).await;
        stage.advance(1).await;
        let ready = oskar.was_told().await;
        gets(&stage, &oskar, &ready).await;
        ada.says("/claude key request --workspace data-platform --purpose \"warehouse\" --name other").await;
        stage.settle().await;
        let rules = stage.house.store.token_rules().await.unwrap();
        assert_eq!(rules.iter().map(|it| it.state).collect::<Vec<_>>(), [TokenState::Granted]);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn access_is_held_back_and_given_back() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let [ada, oskar] = stage.cast(["ada", "oskar"]);
        assert_snapshot!(masked(&ada.says("/claude key disable etl").await), @r"
        Done: the access etl is off; tokens that are out live on until their time is over, 10 minutes at most. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(masked(&oskar.presses(&ready, "Get a token").await), @r"
        The access etl is switched off, so no token is made.
        To have it switched on again: /claude key enable ….
        ");
        assert_snapshot!(masked(&ada.says("/claude key list --workspace data-platform --only mine").await), @r"
        There is no such API key of yours.
        As of just now. Look at one with /claude key show ….
        ");
        let list = masked(&ada.says("/claude key list --workspace data-platform --only production").await);
        assert!(!list.contains("etl"), "{list}");
        assert_snapshot!(masked(&oskar.says("/claude key enable etl").await), @r"
        Asked: switch on the access etl by tokens. (waiting for a decision)
        Request: C3-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        assert!(oskar.was_told().await.reads().contains("is on again"));
        gets(&stage, &oskar, &ready).await;
        assert_snapshot!(masked(&oskar.says("/claude key list").await), @r"
        One API key of yours.
        Key | Workspace | Owner | State | Hint | Last used | Replace by
        oskar-cli | evals | Oskar Lind | active | sk-ant-api03-Aqf...kfAA | - | -
        Access by tokens | Workspace | Owner | State | A token lives
        etl | data-platform | Oskar Lind | active | 10 minutes
        As of just now. Look at one with /claude key show ….
        ");
        assert_snapshot!(oskar.says("/claude key token nothing").await.told(), @r"
        No access by tokens of yours goes by nothing.
        No token was made. What is yours is in /claude key list; to ask for access: /claude key request.
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Somebody with the database in their hands gives themselves nothing: each row is bound by a key that is not in it.
#[tokio::test]
async fn an_edited_row_gives_nothing() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let [ada, oskar, jonas] = stage.cast(["ada", "oskar", "jonas"]);
        stage.tamper("UPDATE token_rule SET owner_id = 'person_jonas'").await;
        for who in [&oskar, &jonas] {
            let told = who.presses(&ready, "Get a token").await.told();
            assert!(told.starts_with("This access is somebody else's."), "{told}");
        }
        stage.tamper("UPDATE token_rule SET owner_id = 'person_oskar'").await;
        gets(&stage, &oskar, &ready).await;
        ada.says("/claude key disable etl").await;
        stage.tamper("UPDATE token_rule SET state = 'granted'").await;
        let told = oskar.presses(&ready, "Get a token").await.told();
        assert!(told.starts_with("This access is somebody else's."), "what is off stays off: {told}");
        assert_eq!(stage.organization.tokens_out(), 1);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Anthropic denies it, is down, or answers with half of it: nothing is shown, nothing is left open, and the next press may do better.
#[tokio::test]
async fn trouble_makes_no_token() {
    for engine in engines() {
        let stage = stage_with(engine, 1).await;
        let ready = granted(&stage).await;
        let oskar = stage.person("oskar");
        let mut told = Vec::new();
        for (fault, times) in [("529", 2), ("cut-before", 2), ("malformed", 2), ("redirect:307", 1), ("429", 1)] {
            stage.organization.misbehave("POST /v1/oauth/token", fault.parse().unwrap(), times);
            told.push(format!("{fault}: {}", oskar.presses(&ready, "Get a token").await.message.text.to_plain()));
            stage.organization.misbehave("POST /v1/oauth/token", fault.parse().unwrap(), 0);
        }
        // Once is made up for by another assertion.
        stage.organization.misbehave("POST /v1/oauth/token", Fault::Overloaded, 1);
        gets(&stage, &oskar, &ready).await;
        let rule = stage.organization.federation_rules().remove(0).id;
        federation(&stage).archive_federation_rule(&rule).await.unwrap();
        told.push(format!("archived: {}", oskar.presses(&ready, "Get a token").await.message.text.to_plain()));
        assert_snapshot!(told.join("\n"), @r"
        529: Anthropic is overloaded at the moment.
        cut-before: The connection to Anthropic broke off before its answer was complete.
        malformed: Anthropic's answer could not be understood.
        redirect:307: Something between here and Anthropic redirected the request; it was not followed.
        429: Anthropic asks for a pause.
        archived: Anthropic denied the token. It does not say why: the rule, the service account or the workspace may be archived there.
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Whoever leaves gets no token; nor does an account that the chat does not vouch for.
#[tokio::test]
async fn whoever_is_not_there_any_more_gets_none() {
    let stage = stage_with(Engine::Sqlite, 1).await;
    let ready = granted(&stage).await;
    let oskar = stage.person("oskar");
    stage.change_standing("oskar", |it| it.kind = steward::chat::Kind::Deactivated);
    let told = oskar.presses(&ready, "Get a token").await.told();
    assert!(told.starts_with("This account is deactivated."), "{told}");
    stage.change_standing("oskar", |it| it.kind = steward::chat::Kind::Person);
    stage.console().remove_user(&stage.member_id("oskar")).await.unwrap();
    stage.advance(2).await;
    let told = oskar.presses(&ready, "Get a token").await.told();
    assert_eq!(stage.organization.tokens_out(), 0, "{told}");
    stage.chat.forget_unheard();
    stage.close().await;
}

/// A request of one person counts against what they may have, whichever sort of access it is.
#[tokio::test]
async fn nobody_has_too_many() {
    let stage = stage_with(Engine::Sqlite, 5).await;
    let ada = stage.person("ada");
    for name in ["one", "two", "three"] {
        ada.says(&format!("/claude key request --workspace data-platform --purpose x --name {name}")).await;
    }
    stage.settle().await;
    let told = ada.says("/claude key request --workspace data-platform --purpose x --name four").await.told();
    assert!(told.starts_with("You have 3 API keys"), "{told}");
    let granted = stage.house.store.granted_tokens(None).await.unwrap();
    let mut accounts: Vec<_> = granted.iter().map(|it| it.account_id.clone().unwrap()).collect();
    accounts.dedup();
    assert_eq!(accounts.len(), 3, "each is counted by itself in the organization");
    stage.chat.forget_unheard();
    stage.close().await;
}
