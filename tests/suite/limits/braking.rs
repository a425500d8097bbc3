//! The brake of a hard limit: announced, put on, taken off by somebody or when the period is over; never on what is pinned, and in
//! production only with a yes.

use steward::sandbox::{KeyStatus, Organization};

use super::bills::{Bills, reads_no_reports};
use super::setting::spends;
use crate::bench::engines;
use crate::keys::{key_of, made, with_a_key};
use crate::stage::{Shown, Stage, assert_snapshot};
use secrecy::ExposeSecret;

const DAY: i64 = 24;

fn status(organization: &Organization, id: &str) -> KeyStatus {
    organization.keys().into_iter().find(|it| it.id == id).unwrap().switched
}

/// A hard limit of $100 for research, where Mira has a key and two others were made by hand; one of those is pinned.
async fn stage_with_keys(engine: crate::bench::Engine) -> (Stage, [String; 3]) {
    let (stage, secret) = with_a_key(engine).await;
    reads_no_reports(&stage).await;
    let miras = key_of(&stage, &secret).id;
    let hand = |name: &str| {
        let secret = made(&stage, "research", name, "workspace");
        key_of(&stage, secret.expose_secret()).id
    };
    let keys = [miras, hand("batch"), hand("shop")];
    stage.advance(1).await;
    let ada = stage.person("ada");
    let pinned = ada.says("/claude limit keep shop --reason \"customers wait for it\"").await.told();
    assert!(pinned.starts_with("Done: no brake touches the API key shop."), "{pinned}");
    ada.says("/claude limit set workspace:research --amount 100 --per day --brake hard").await;
    stage.chat.forget_unheard();
    (stage, keys)
}

/// What was told in the approvers' channel, from the oldest message on.
async fn told(stage: &Stage) -> Vec<Shown> {
    let mut all = Vec::new();
    while stage.has_news_in("approvals").await {
        all.push(stage.next_in("approvals").await);
    }
    all
}

/// True if rate limits of research are lowered.
async fn slowed(stage: &Stage) -> bool {
    let research = stage.house.store.workspaces_named("research").await.unwrap().remove(0).id;
    stage.organization.own_limits().iter().any(|it| it.workspace_id == research && it.value.is_some())
}

#[tokio::test]
async fn a_hard_limit_is_announced_braked_and_put_back_when_its_period_is_over() {
    for engine in engines() {
        let (stage, [miras, batch, shop]) = stage_with_keys(engine).await;
        let mut bills = Bills::default();
        spends(&stage, &mut bills, &miras, 91).await;
        let announced = told(&stage).await;
        assert_eq!(announced.len(), 1, "{engine:?}");
        assert_snapshot!(announced[0].told(), @r"
        90 % of the daily limit of research is spent: $91.00 of $100.00.
        How sure that is: estimate, as of 2026-12-01 10:00 UTC
        Most of it: mira-chen-nightly-evals $91.00
        At this pace: reached 2026-12-01 10:59 UTC; $218.40 at the end of the period
        Begins anew: 2026-12-02 00:00 UTC
        What I do: in 5 minutes the rate limits of the workspace are lowered to a quarter; at 100 % the keys that spend for it are switched off, but for those that are kept; those in production only if an admin agrees.
        [Details] [Raise] [Snooze] [Brake]
        ");
        assert!(!slowed(&stage).await, "{engine:?}: announced before");
        stage.advance_minutes(4).await;
        assert!(!slowed(&stage).await, "{engine:?}: five minutes before");
        stage.advance_minutes(2).await;
        assert!(slowed(&stage).await, "{engine:?}");
        let on = told(&stage).await;
        assert_snapshot!(on[0].told(), @r"
        The brake of the daily limit of research is on.
        What was done: research may use of Claude Opus 5: 500 requests per minute, 250,000 input tokens per minute, without cache reads, 50,000 output tokens per minute, within about an hour; research may use of Claude Sonnet 5: 500 requests per minute, 250,000 input tokens per minute, without cache reads, 50,000 output tokens per minute, within about an hour; research may use of Claude Haiku 5: 1,000 requests per minute, 500,000 input tokens per minute, without cache reads, 100,000 output tokens per minute, within about an hour
        Put back: 2026-12-02 00:00 UTC
        A key that must go on: /claude limit keep … --reason ….
        [Undo]
        ");

        spends(&stage, &mut bills, &miras, 20).await;
        assert_snapshot!(told(&stage).await[0].told(), @r"
        The daily limit of research is reached: $111.00 of $100.00 is spent.
        How sure that is: estimate, as of 2026-12-01 10:07 UTC
        Most of it: mira-chen-nightly-evals $111.00
        Begins anew: 2026-12-02 00:00 UTC
        What I do: in 5 minutes the rate limits of the workspace are lowered to a quarter, and the keys that spend for it are switched off, but for those that are kept; those in production only if an admin agrees. Both are put back when the period is over.
        [Details] [Raise] [Snooze] [Brake]
        ");
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}: announced before");
        stage.advance_minutes(6).await;
        for key in [&miras, &batch] {
            assert_eq!(status(&stage.organization, key), KeyStatus::Inactive, "{engine:?}");
        }
        assert_eq!(status(&stage.organization, &shop), KeyStatus::Active, "{engine:?}: pinned");
        assert_snapshot!(told(&stage).await[0].told(), @r"
        The brake of the daily limit of research is on.
        What was done: the API key batch is inactive; the API key elena-experiments is inactive; the API key mira-chen-nightly-evals is inactive; the API key mira-laptop is inactive; the API key paper-reader is inactive; the API key sofia-notebooks is inactive
        Put back: 2026-12-02 00:00 UTC
        A key that must go on: /claude limit keep … --reason ….
        [Undo]
        ");
        stage.advance(2).await;
        assert_eq!(told(&stage).await.len(), 0, "{engine:?}: once");
        owner_is_told_why(&stage).await;
        stage.chat.forget_unheard();
        is_put_back(&stage, [&miras, &batch, &shop]).await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Its owner is told why, and asks to have it switched on.
async fn owner_is_told_why(stage: &Stage) {
    let doctor = stage.person("mira").says("/claude doctor limit").await.told();
    assert_snapshot!(doctor, @r"
    A limit is reached.
    The daily limit of research: $111.00 of $100.00; rate limits are lowered, and keys are switched off; begins anew 2026-12-02 00:00 UTC
    Switched off by it: mira-chen-nightly-evals, mira-laptop: switched on again when the limit begins anew.
    An admin, or whoever looks after billing, decides whether one is raised. An answer 429 without a limit here is Anthropic's own: too many requests in a minute (see /claude workspace limits …), or a spend limit of the Claude Console, which only an admin sees there.
    [Raise it for research]
    ");
    let asked = stage.person("mira").says("/claude key enable mira-chen-nightly-evals").await.told();
    assert!(asked.contains("waiting for a decision"), "its owner asks: {asked}");
}

/// A day later everything is as it was.
async fn is_put_back(stage: &Stage, keys: [&str; 3]) {
    stage.advance(DAY).await;
    for key in keys {
        assert_eq!(status(&stage.organization, key), KeyStatus::Active, "a new day");
    }
    assert!(!slowed(stage).await);
    let off: Vec<String> = told(stage).await.iter().map(Shown::told).filter(|it| it.contains("is off")).collect();
    assert_snapshot!(off.join("\n"), @r"
    The brake of the daily limit of research is off: research may use of Claude Opus 5: as many requests per minute as the organization, as many input tokens per minute, without cache reads as the organization, as many output tokens per minute as the organization, within about an hour; research may use of Claude Sonnet 5: as many requests per minute as the organization, as many input tokens per minute, without cache reads as the organization, as many output tokens per minute as the organization, within about an hour; research may use of Claude Haiku 5: as many requests per minute as the organization, as many input tokens per minute, without cache reads as the organization, as many output tokens per minute as the organization, within about an hour; the brake is off.
    The brake of the daily limit of research is off: the API key batch is active; the API key elena-experiments is active; the API key mira-chen-nightly-evals is active; the API key mira-laptop is active; the API key paper-reader is active; the API key sofia-notebooks is active; the brake is off.
    ");
    assert_eq!(stage.violations().await, Vec::<String>::new());
}

/// What somebody has a say about is not switched on behind their back, nor off again.
#[tokio::test]
async fn whoever_has_a_say_has_the_last_word_in_the_period() {
    for engine in engines() {
        let (stage, [miras, batch, _]) = stage_with_keys(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let mut bills = Bills::default();
        spends(&stage, &mut bills, &miras, 150).await;
        stage.advance_minutes(7).await;
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Inactive, "{engine:?}");
        // A leaked key stays off, though it was off already.
        let hint = stage.organization.keys().into_iter().find(|it| it.id == batch).unwrap().hint;
        let reported = mira.says(&format!("/claude key leak {hint}")).await.told();
        assert!(reported.contains("off"), "{engine:?}: {reported}");
        // One that an admin switches on stays on.
        let on = ada.says("/claude key enable mira-chen-nightly-evals").await.told();
        assert!(on.starts_with("Done: "), "{engine:?}: {on}");
        stage.advance(3).await;
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}: the last word");
        stage.advance(DAY).await;
        assert_eq!(status(&stage.organization, &batch), KeyStatus::Inactive, "{engine:?}: leaked");
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Undone by a button, it stays off until the period is over; raised, it comes off by itself, and on again when that is spent.
#[tokio::test]
async fn a_brake_is_undone_or_raised_away() {
    for engine in engines() {
        let (stage, [miras, ..]) = stage_with_keys(engine).await;
        let ada = stage.person("ada");
        let mut bills = Bills::default();
        spends(&stage, &mut bills, &miras, 150).await;
        stage.advance_minutes(7).await;
        assert!(slowed(&stage).await && status(&stage.organization, &miras) == KeyStatus::Inactive, "{engine:?}");
        ada.says("/claude limit raise workspace:research --by 100").await;
        stage.advance_minutes(2).await;
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}: raised");
        assert!(!slowed(&stage).await, "{engine:?}");
        stage.chat.forget_unheard();
        spends(&stage, &mut bills, &miras, 50).await;
        stage.advance_minutes(7).await;
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Inactive, "{engine:?}: spent again");
        let on = told(&stage).await;
        let of_keys = on.iter().find(|it| it.told().contains("is inactive")).unwrap();
        let undone = ada.presses(of_keys, "Undo").await.told();
        assert!(undone.starts_with("Done: "), "{engine:?}: {undone}");
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}");
        stage.advance(5).await;
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}: stays off");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// In production somebody has to agree, and a no is a no.
#[tokio::test]
async fn production_is_braked_only_with_a_yes() {
    for engine in engines() {
        let (stage, [miras, ..]) = stage_with_keys(engine).await;
        let secret = made(&stage, "production", "web", "workspace");
        let web = key_of(&stage, secret.expose_secret()).id;
        stage.advance(1).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        ada.says("/claude limit remove workspace:research").await;
        ada.says("/claude limit set key:web --amount 10 --per day --brake hard").await;
        stage.chat.forget_unheard();
        let mut bills = Bills::default();
        spends(&stage, &mut bills, &web, 11).await;
        stage.chat.forget_unheard();
        stage.advance_minutes(7).await;
        assert_eq!(status(&stage.organization, &web), KeyStatus::Active, "{engine:?}");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @steward asks to switch off the API key web, because of the daily limit of the API key web (waiting for a decision)
        Request: C7-xxxx
        Reason: 100 % of a hard limit are spent
        What happens: they are switched on again when the period is over — Steward's own books
        What happens: the API key web stops working — POST /v1/organizations/api_keys/apikey_…
        Keys that work: web → none of these
        Cost: none
        Undo: switch them on again
        Expires 2026-12-04 11:06 UTC. @admins
        [Approve] [Deny]
        ");
        let denied = grace.presses(&card, "Deny").await.told();
        assert!(denied.contains("enied"), "{engine:?}: {denied}");
        stage.advance(3).await;
        // That keys were made by hand is told as well.
        stage.chat.forget_cards(|it| it.text.to_plain().starts_with("Changed past me"));
        let again: Vec<String> = told(&stage).await.iter().map(Shown::told).collect();
        assert_eq!(again, Vec::<String>::new(), "{engine:?}: asked once");
        assert_eq!(status(&stage.organization, &web), KeyStatus::Active, "{engine:?}");

        // The next day, and with a yes.
        stage.advance(DAY).await;
        spends(&stage, &mut bills, &web, 11).await;
        stage.chat.forget_unheard();
        stage.advance_minutes(7).await;
        let card = stage.next_in("approvals").await;
        let agreed = ada.presses(&card, "Approve").await.told();
        assert!(agreed.starts_with("Done: "), "{engine:?}: {agreed}");
        assert_eq!(status(&stage.organization, &web), KeyStatus::Inactive, "{engine:?}");
        stage.advance(DAY).await;
        assert_eq!(status(&stage.organization, &web), KeyStatus::Active, "{engine:?}: a new day");
        assert_eq!(status(&stage.organization, &miras), KeyStatus::Active, "{engine:?}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
