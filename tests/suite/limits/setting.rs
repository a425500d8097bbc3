//! Limits are set, raised, snoozed and shown in chat.

use steward::domain::{Amount, Approvals, Approver, Brake, Decision, Kind, LimitTerms, Per, PolicyRule, Scope};

use super::bills::{Bills, USD, reads_no_reports};
use crate::bench::{Engine, engines};
use crate::stage::{Setting, Stage, assert_snapshot};

async fn stage_on(engine: Engine) -> Stage {
    let stage = crate::keys::stage_on(engine).await;
    reads_no_reports(&stage).await;
    stage
}

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
        let [finn, mira] = stage.cast(["finn", "mira"]);
        assert_snapshot!(finn.says("/claude limit set workspace:research --amount 500 --dry-run").await.told(), @r"
        This would set the monthly limit of research to $500.00. Nothing was changed. (dry run)
        What happens: set the monthly limit of research to $500.00 — Steward's own books
        Limit: none → $500.00, soft: warns only
        Cost: none
        Undo: put back what it was
        Nobody has to agree; it would be made at once.
        ");
        let set = finn.says("/claude limit set workspace:research --amount 500").await;
        assert_snapshot!(set.told(), @r"
        Done: the monthly limit of research is $500.00. (done)
        Request: C1-xxxx
        Asked by: @finn, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(mira.says("/claude limit set org --amount 5").await.told(), @r"
        This needs the permission limit.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(mira.says("/claude limit remove workspace:research").await.told(), @r"
        This needs the permission limit.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(finn.says("/claude limit set workspace:research --amount 500").await.told(), @r"
        The monthly limit of research is that already.
        Nothing was changed.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_limit_is_shown_removed_and_set_again() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [ada, finn] = stage.cast(["ada", "finn"]);
        finn.says("/claude limit set workspace:research --amount 500").await;
        assert_snapshot!(ada.says("/claude limit set workspace:research --amount 800 --brake hard").await.told(), @r"
        Done: the monthly limit of research is $800.00. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(ada.says("/claude limits").await.told(), @r"
        One limit.
        Of | Limit | Spent | Begins anew | At the limit | Set
        research | $800.00 per month | $0.00 (0 %), estimate | 2027-01-01 00:00 UTC | brakes | in chat
        Times are those of UTC.
        ");
        let removed = ada.says("/claude limit remove workspace:research").await;
        assert_snapshot!(removed.told(), @r"
        Done: the monthly limit of research is removed. (done)
        Request: C3-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(ada.presses(&removed, "Undo").await.told(), @r"
        Done: the monthly limit of research is $800.00. (done)
        Request: C4-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(ada.says("/claude limit set workspace:nowhere --amount 5").await.told(), @r"
        No workspace is called nowhere.
        All of them: /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude limit set research --amount 5").await.told(), @r"
        research will not do for scope: it is written like org, workspace:research, person:ada@example.com, key:nightly-evals, model:claude-opus-5 or tag:ci.
        For example: /claude limit set workspace:research --amount 500
        ");
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
        assert_snapshot!(asked.told(), @r"
        Asked: raise the monthly limit of research by $100.00 until 2026-12-03. (waiting for a decision)
        Request: C2-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @mira asks to raise the monthly limit of research by $100.00 until 2026-12-03 (waiting for a decision)
        Request: C2-xxxx
        Reason: the launch
        What happens: raise the monthly limit of research by $100.00 until 2026-12-03 — Steward's own books
        Limit: $500.00 → $600.00 until 2026-12-03, then $500.00 again
        Cost: up to $100.00 more
        Undo: end it before its time
        Expires 2026-12-04 09:00 UTC. @admins @finance
        [Approve] [Deny]
        ");
        assert_snapshot!(mira.presses(&card, "Approve").await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C2-xxxx.
        ");
        assert_snapshot!(finn.presses(&card, "Approve").await.told(), @r"
        Done: the monthly limit of research is $100.00 higher until 2026-12-03. (done)
        Request: C2-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @finn, 2026-12-01 09:00 UTC
        [Undo]
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @finn approved your request, and it is done: the monthly limit of research is $100.00 higher until 2026-12-03. (done)
        Request: C2-xxxx
        ");
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$600.00 per month (raised)"), "{engine:?}: {list}");
        stage.advance(63).await;
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$500.00 per month |"), "{engine:?}: its last day is over: {list}");
        stage.close().await;
    }
}

/// A channel that subscribed to warnings hears of workspaces; of people and keys only where an admin had them named.
#[tokio::test]
async fn channels_that_want_warnings_are_told() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [ada, finn] = stage.cast(["ada", "finn"]);
        ada.says("/claude report subscribe daily warnings").await;
        finn.says("/claude limit set workspace:research --amount 500").await;
        finn.says("/claude limit set person:mira@example.com --amount 1").await;
        let mut bills = Bills::default();
        spends(&stage, &mut bills, "apikey_x", 400).await;
        let told = stage.next_in("general").await;
        assert_snapshot!(told.told(), @r"
        80 % of the monthly limit of research is spent: $400.00 of $500.00.
        How sure that is: estimate, as of 2026-12-01 09:00 UTC
        Most of it: claude-opus-5-5 $400.00
        At this pace: reached 2026-12-01 11:15 UTC; $33,066.67 at the end of the period
        Begins anew: 2027-01-01 00:00 UTC
        What I do: nothing but tell: it is a soft limit.
        [Details] [Raise]
        ");
        ada.says("/claude report subscribe daily warnings --names").await;
        spends(&stage, &mut bills, "apikey_x", 100).await;
        assert!(stage.next_in("general").await.told().contains("apikey_x $500.00"), "{engine:?}: named");
        ada.says("/claude report snooze warnings --until 2026-12-31").await;
        finn.says("/claude limit set org --amount 10").await;
        stage.advance_minutes(2).await;
        assert!(!stage.has_news_in("general").await, "{engine:?}: snoozed");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Two admins for more than $200 on top, however many raises make it up; and for limits above $1,000.
#[tokio::test]
async fn rules_name_amounts() {
    for engine in engines() {
        let two = Approvals { count: 2, ..Approvals::one(vec![Approver::Role("admin".into())]) };
        let above = |kind, usd: i64| PolicyRule {
            above: Some(Amount(usd * USD)),
            ..PolicyRule::about(kind, Decision::Approvals(two.clone()))
        };
        let policies = vec![above(Kind::LimitRaise, 200), above(Kind::LimitSet, 1_000)];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, grace, finn] = stage.cast(["ada", "grace", "finn"]);
        let set = finn.says("/claude limit set workspace:research --amount 1000").await.told();
        assert!(set.starts_with("Done: "), "{engine:?}: {set}");
        let set = finn.says("/claude limit set org --amount 1000.01").await.told();
        assert!(set.contains("waiting for a decision"), "{engine:?}: {set}");
        assert!(stage.next_in("approvals").await.told().contains("Approvals: 0 of 2"), "{engine:?}");
        let raised = finn.says("/claude limit raise workspace:research --by 150").await.told();
        assert!(raised.starts_with("Done: "), "{engine:?}: {raised}");
        let more = finn.says("/claude limit raise workspace:research --by 51").await.told();
        assert!(more.contains("waiting for a decision"), "{engine:?}: together more than $200: {more}");
        let card = stage.next_in("approvals").await;
        assert!(
            card.told().contains("Limit: $1,150.00 → $1,201.00 until 2026-12-31, then $1,000.00"),
            "{}",
            card.told()
        );
        ada.presses(&card, "Approve").await;
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$1,150.00 per month (raised)"), "{engine:?}: one of two: {list}");
        let done = grace.presses(&card, "Approve").await.told();
        assert!(done.starts_with("Done: "), "{engine:?}: {done}");
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$1,201.00 per month (raised)"), "{engine:?}: {list}");
        finn.was_told().await;
        assert_snapshot!(ada.says("/claude policy why finn@example.com limit.raise").await.told(), @r"
        If @finn asks to raise a limit for a while (limit.raise):
        Up to $200.00: they may: yes, by limit.raise: role billing (they are in browser-group:finance)
        Up to $200.00: policy asks: nobody has to agree; it is made at once. So says the shipped table; none of the 2 rules in the configuration fits.
        Above $200.00: they may: yes, by limit.raise: role billing (they are in browser-group:finance)
        Above $200.00: policy asks: 2 approvals by role admin. So says rule 1 of 2 in the configuration.
        Above $200.00: could approve: role admin: 2 known, @ada, @grace
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// What was asked for of a limit that was removed meanwhile does not stay behind for one that is set anew.
#[tokio::test]
async fn a_raise_of_what_is_gone_comes_to_nothing() {
    for engine in engines() {
        let stage = stage_on(engine).await;
        let [finn, mira] = stage.cast(["finn", "mira"]);
        finn.says("/claude limit set workspace:research --amount 500").await;
        mira.says("/claude limit raise workspace:research --by 100 --reason \"the launch\"").await;
        let card = stage.next_in("approvals").await;
        finn.says("/claude limit remove workspace:research").await;
        let late = finn.presses(&card, "Approve").await.told();
        assert!(!late.starts_with("Done: "), "{engine:?}: {late}");
        finn.says("/claude limit set workspace:research --amount 500").await;
        let list = finn.says("/claude limits").await.told();
        assert!(list.contains("$500.00 per month |"), "{engine:?}: {list}");
        let told = mira.was_told().await.told();
        assert!(!told.starts_with("Done: "), "{engine:?}: {told}");
        stage.chat.forget_unheard();
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
        assert_snapshot!(ada.says("/claude limits").await.told(), @r"
        One limit.
        Of | Limit | Spent | Begins anew | At the limit | Set
        research | $700.00 per month | $0.00 (0 %), estimate | 2027-01-01 00:00 UTC | brakes | the configuration
        A limit of the configuration counts for nothing: nothing, or several things, go by workspace:nowhere.
        Times are those of UTC.
        ");
        assert_snapshot!(ada.says("/claude limit set workspace:research --amount 5").await.told(), @r"
        The monthly limit of research stands in the configuration, and is not changed in chat.
        Nothing was changed. More for a while: /claude limit raise workspace:wrkspc_….
        ");
        assert_snapshot!(ada.says("/claude limit remove workspace:research").await.told(), @r"
        This limit stands in the configuration, and is not changed in chat.
        Nothing was changed. An operator changes the file.
        ");
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
        assert_snapshot!(told.told(), @r"
        50 % of the monthly limit of research is spent: $250.00 of $500.00.
        How sure that is: estimate, as of 2026-12-03 09:06 UTC
        Most of it: key:apikey_x $250.00
        At this pace: reached 2026-12-05 18:12 UTC; $3,257.44 at the end of the period
        Begins anew: 2027-01-01 00:00 UTC
        What I do: nothing but tell: it is a soft limit.
        [Details] [Raise] [Snooze] [Brake]
        ");
        assert_snapshot!(finn.was_told().await.told(), @r"
        50 % of the monthly limit of research is spent: $250.00 of $500.00.
        How sure that is: estimate, as of 2026-12-03 09:06 UTC
        Most of it: claude-opus-5-5 $250.00
        At this pace: reached 2026-12-05 18:12 UTC; $3,257.44 at the end of the period
        Begins anew: 2027-01-01 00:00 UTC
        What I do: nothing but tell: it is a soft limit.
        [Details] [Raise] [Snooze] [Brake]
        ");
        stage.advance_minutes(30).await;
        spends(&stage, &mut bills, "apikey_x", 300).await;
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        The monthly limit of research is reached: $550.00 of $500.00 is spent.
        How sure that is: estimate, as of 2026-12-03 09:37 UTC
        Most of it: key:apikey_x $550.00
        Begins anew: 2027-01-01 00:00 UTC
        What I do: nothing but tell: it is a soft limit.
        [Details] [Raise] [Snooze] [Brake]
        ");
        finn.was_told().await;

        // Raised, the same part of more is news again; snoozed, it is not told, and afterwards it is.
        finn.says("/claude limit raise workspace:research --by 500").await;
        assert_snapshot!(finn.presses(&told, "Snooze").await.told(), @r"
        Done: nothing is told of the monthly limit of research until 2026-12-31. (done)
        Request: C3-xxxx
        Asked by: @finn, 2026-12-03 09:38 UTC
        Approved by: policy, at once
        [Undo]
        ");
        spends(&stage, &mut bills, "apikey_x", 250).await;
        stage.advance_minutes(10).await;
        finn.says("/claude limit snooze workspace:research --end").await;
        stage.advance_minutes(2).await;
        let told = stage.next_in("approvals").await.told();
        assert!(told.starts_with("80 % of the monthly limit of research is spent: $800.00 of $1,000.00."), "{told}");
        finn.was_told().await;
        assert_snapshot!(finn.says("/claude doctor limit").await.told(), @r"
        No limit that I know of is reached.
        An admin, or whoever looks after billing, decides whether one is raised. An answer 429 without a limit here is Anthropic's own: too many requests in a minute (see /claude workspace limits …), or a spend limit of the Claude Console, which only an admin sees there.
        ");
        stage.close().await;
    }
}
