//! Keys get older: replaced without a cut, given back, asked about when they lie idle, adopted.

use steward::sandbox::{KeyStatus, Rhythm};

use super::acting::with_a_key;
use super::{key_of, reveals, stage_on, stocked};
use crate::bench::{Engine, engines, is_full};
use crate::stage::{Shown, Stage, assert_snapshot};

const DAY: i64 = 24;

/// Stories of months are long: in the short run one database has to do, the other one's turn is with `--full`.
fn long_engines() -> Vec<Engine> {
    let most = if is_full() { usize::MAX } else { 1 };
    engines().into_iter().take(most).collect()
}

/// A key of the stock, by its secret: its id.
fn id_of(stage: &Stage, secret: &str) -> String {
    key_of(stage, secret).id
}

/// What somebody was told, from the oldest message on, as the first lines say it.
pub(super) async fn told(stage: &Stage, who: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    while stage.person(who).has_news().await {
        all.push(stage.person(who).was_told().await);
    }
    all
}

fn first_lines(all: &[Shown]) -> String {
    all.iter().map(|it| it.told().lines().next().unwrap_or_default().to_owned() + "\n").collect()
}

/// Three months later: reminded, replaced, and the old key goes once its program has moved, not before.
#[tokio::test]
async fn a_key_is_replaced_without_a_cut() {
    for engine in long_engines() {
        let (stage, old) = with_a_key(engine).await;
        let mira = stage.person("mira");
        stage.organization.run_workload(&id_of(&stage, &old), Rhythm::Nightly);
        stage.advance(90 * DAY).await;
        let reminders = told(&stage, "mira").await;
        assert_snapshot!(first_lines(&reminders), @r"
        The API key mira-chen-nightly-evals in research is to be replaced in 14 days.
        The API key mira-chen-nightly-evals in research is to be replaced in 7 days.
        The API key mira-chen-nightly-evals in research is to be replaced tomorrow.
        The API key mira-chen-nightly-evals in research is to be replaced now.
        ");
        assert_snapshot!(reminders.last().unwrap().told(), @r"
        The API key mira-chen-nightly-evals in research is to be replaced now.
        By: 2027-03-01 09:00 UTC
        You get the new key first. This one works until nothing has used it for a while.
        [Replace it] [Keep it] [Give it back]
        ");

        let new = stocked(&stage, 1).await.remove(0);
        let answer = mira.presses(reminders.last().unwrap(), "Replace it").await.told();
        assert!(answer.starts_with("Approved, but not made yet: replace the API key"), "{engine:?}: {answer}");
        let offer = mira.was_told().await;
        reveals(&mira, &offer).await;
        stage.settle().await;
        assert_eq!(key_of(&stage, &new).switched, KeyStatus::Active, "{engine:?}");
        assert_eq!(key_of(&stage, &old).switched, KeyStatus::Active, "{engine:?}: both work");
        let again = mira.says("/claude key rotate mira-chen-nightly-evals").await.told();
        assert!(again.contains("is in the place of another one, which still works"), "{engine:?}: {again}");

        // The program is still on the old key: its owner is told with evidence, and it stays on.
        stage.advance(4 * DAY).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        The API key mira-chen-nightly-evals in research was replaced 3 days ago, and is not switched off: something still uses it.
        Last used: in the hour from 2027-03-04 02:00 UTC
        Since it was replaced: 108,600 tokens
        Used to be used: every day 01-03 UTC
        Have everything use the new key. This one is switched off by itself once it is silent.
        [Switch it off]
        ");
        assert_eq!(key_of(&stage, &old).switched, KeyStatus::Active, "{engine:?}");
        stage.organization.end_workload(&id_of(&stage, &old));
        stage.organization.run_workload(&id_of(&stage, &new), Rhythm::Nightly);
        stage.advance(2 * DAY).await;
        assert_eq!(key_of(&stage, &old).switched, KeyStatus::Inactive, "{engine:?}: a night passed in silence");
        let gone = told(&stage, "mira").await;
        assert_snapshot!(gone.last().unwrap().told(), @r"
        The API key mira-chen-nightly-evals in research was replaced and nothing uses it any more, so it is switched off.
        Last used: in the hour from 2027-03-05 02:00 UTC
        In 30 days it is archived, and nothing brings it back then.
        [Switch it on again]
        ");

        comes_back_and_goes(&stage, gone.last().unwrap(), (&old, &new)).await;
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// One click back, and off again in two weeks; then for good.
async fn comes_back_and_goes(stage: &Stage, gone: &Shown, (old, new): (&str, &str)) {
    let back = stage.person("mira").presses(gone, "Switch it on again").await.told();
    assert!(back.starts_with("Done: "), "{back}");
    assert_eq!(key_of(stage, old).switched, KeyStatus::Active);
    stage.advance(13 * DAY).await;
    assert_eq!(key_of(stage, old).switched, KeyStatus::Active, "left alone");
    stage.advance(4 * DAY).await;
    assert_eq!(key_of(stage, old).switched, KeyStatus::Inactive, "off again");
    stage.advance(31 * DAY).await;
    assert_eq!(key_of(stage, old).switched, KeyStatus::Archived);
    assert_eq!(key_of(stage, new).switched, KeyStatus::Active);
}

/// Nobody cuts production off on a guess: without a fresh report a silent key stays on.
#[tokio::test]
async fn without_a_fresh_report_nothing_is_switched_off() {
    for engine in long_engines() {
        let (stage, old) = with_a_key(engine).await;
        let mira = stage.person("mira");
        stocked(&stage, 1).await;
        mira.says("/claude key rotate mira-chen-nightly-evals").await;
        let offer = mira.was_told().await;
        reveals(&mira, &offer).await;
        stage.settle().await;
        stage.organization.misbehave("/v1/organizations/usage_report", steward::sandbox::Fault::Html, 10_000);
        stage.advance(10 * DAY).await;
        assert_eq!(key_of(&stage, &old).switched, KeyStatus::Active, "{engine:?}");
        stage.organization.misbehave("/v1/organizations/usage_report", steward::sandbox::Fault::Html, 0);
        stage.advance(1).await;
        assert_eq!(key_of(&stage, &old).switched, KeyStatus::Inactive, "{engine:?}: never used, ten days of silence");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A key that nothing uses: its owner is asked, and without an answer it is switched off; kept, it stays.
#[tokio::test]
async fn an_idle_key_is_asked_about() {
    for engine in long_engines() {
        let (stage, secret) = with_a_key(engine).await;
        let mira = stage.person("mira");
        stage.advance(31 * DAY).await;
        let question = mira.was_told().await;
        assert_snapshot!(question.told(), @r"
        The API key mira-chen-nightly-evals in research was never used. Do you still need it?
        If you do not answer within 14 days, it is switched off, and can be switched on again; one for production only if an approver says so.
        [Keep it] [Give it back]
        ");
        assert_snapshot!(mira.presses(&question, "Keep it").await.told(), @r"
        Done: the API key mira-chen-nightly-evals is kept until 2027-01-31. (done)
        Request: C3-xxxx
        Asked by: @mira, 2027-01-01 09:00 UTC
        Approved by: policy, at once
        ");
        stage.advance(29 * DAY).await;
        assert!(!mira.has_news().await, "{engine:?}: it is kept");
        stage.advance(2 * DAY).await;
        assert!(mira.was_told().await.told().contains("Do you still need it?"), "{engine:?}");
        stage.advance(13 * DAY).await;
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Active, "{engine:?}");
        stage.advance(2 * DAY).await;
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive, "{engine:?}");
        assert_snapshot!(told(&stage, "mira").await.last().unwrap().told(), @r"
        The API key mira-chen-nightly-evals in research was not used and nobody has said that it is needed, so it is switched off.
        In 30 days it is archived, and nothing brings it back then.
        [Switch it on again]
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn a_key_is_given_back_and_is_gone_in_a_month() {
    for engine in long_engines() {
        let (stage, secret) = with_a_key(engine).await;
        let mira = stage.person("mira");
        assert_snapshot!(mira.says("/claude key return mira-chen-nightly-evals").await.told(), @r"
        Done: the API key mira-chen-nightly-evals is inactive; it is archived in 30 days, unless it is switched on again. (done)
        Request: C3-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive, "{engine:?}");
        let back = mira.says("/claude key enable mira-chen-nightly-evals").await.told();
        assert!(back.starts_with("Done: "), "{engine:?}: it is hers, and was on: {back}");
        mira.says("/claude key return mira-chen-nightly-evals").await;
        stage.advance(29 * DAY).await;
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive, "{engine:?}");
        stage.advance(2 * DAY).await;
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Archived, "{engine:?}");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A key that nobody asked for gets somebody who looks after it: whoever made it asks, an admin says so.
#[tokio::test]
async fn a_key_finds_somebody_who_looks_after_it() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        let hidden = jonas.says("/claude key adopt paper-reader").await.told();
        assert!(hidden.starts_with("No API key of yours goes by"), "{engine:?}: {hidden}");
        let id = mira.says("/claude key adopt paper-reader --purpose papers").await.request();
        ada.says(&format!("/claude approve {id}")).await;
        assert_eq!(stage.state(&id).await, "applied", "{engine:?}");
        let shown = mira.says("/claude key show paper-reader").await.told();
        assert!(shown.contains("Owner: Mira Chen") && shown.contains("Purpose: papers"), "{engine:?}: {shown}");
        assert_snapshot!(ada.says("/claude key assign paper-reader jonas@example.com").await.told(), @r"
        Done: Jonas Weber looks after the API key paper-reader. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        let lost = mira.says("/claude key disable paper-reader").await.told();
        assert!(lost.starts_with("No API key of yours goes by"), "{engine:?}: {lost}");
        // He looks after it, and cannot make himself one out of it without a stock.
        let later = jonas.says("/claude key keep paper-reader --until 2027-12-01").await.told();
        assert!(later.starts_with("Asked: keep the API key paper-reader"), "{engine:?}: {later}");
        for (who, words, why) in [
            ("ada", "/claude key assign mira-laptop jonas@example.com", "belongs to whom it acts as"),
            ("ada", "/claude key adopt nightly --purpose x", "No API key of yours goes by"),
            ("mira", "/claude key rotate mira-laptop", "Nobody asked Steward for this key"),
            ("ada", "/claude key rotate paper-reader", "Only whoever looks after a key"),
        ] {
            let answer = stage.person(who).says(words).await.told();
            assert!(answer.contains(why), "{engine:?} {words}: {answer}");
        }
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
