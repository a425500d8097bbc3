//! Who has to agree, when policy asks for more than one admin: several people, in an order, a workspace's own approvers, the
//! asker among them; what is asked back; and what happens in an emergency.

use std::time::Duration;

use steward::domain::{Approvals, Approver, AskedBy, AtMost, Decision, Kind, PolicyRule, Role};

use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot};

fn role(name: &str) -> Approver {
    Approver::Role(name.into())
}

fn named(id: &str) -> Approver {
    Approver::Named(format!("browser:{id}"))
}

/// A rule about invitations that members ask for.
fn for_members(decision: Decision) -> PolicyRule {
    PolicyRule { asked_by: Some(AskedBy::Role(Role::Member)), ..PolicyRule::about(Kind::Invite, decision) }
}

fn two_of(by: Vec<Approver>, in_order: bool) -> PolicyRule {
    for_members(Decision::Approvals(Approvals { count: 2, in_order, ..Approvals::one(by) }))
}

#[tokio::test]
async fn two_people_have_to_agree() {
    for engine in engines() {
        let policies = vec![two_of(vec![role("admin"), role("billing")], false)];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, finn, mira] = stage.cast(["ada", "finn", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Your approval counts: 1 of 2 for invite lea@example.com as user. (waiting for a decision)
        Request: C1-xxxx
        Nothing was changed yet. The others find it on the card.
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        @mira asks to invite lea@example.com as user (waiting for a decision)
        Request: C1-xxxx
        Approvals: 1 of 2: @ada
        What happens: Anthropic sends lea@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as user
        Cost: none
        Undo: withdraw the invitation while it is pending
        Expires 2026-12-04 09:00 UTC. @admins @finance
        [Approve] [Deny]
        ");
        assert_eq!(stage.applied("POST", "/v1/organizations/invites"), 0, "one is not enough");
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        You approved this already; 1 of 2 have.
        Nothing was changed. Somebody else has to agree, too.
        ");
        assert_snapshot!(mira.says(&format!("/claude approve {id}")).await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C1-xxxx.
        ");
        assert_snapshot!(finn.presses(&card, "Approve").await.told(), @r"
        Done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        Approved by: @finn, 2026-12-01 09:00 UTC
        [Undo]
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        Approved by: @finn, 2026-12-01 09:00 UTC
        [Undo]
        ");
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        mira.was_told().await;
        let trail = stage.trail().await;
        assert_eq!(trail[..3], ["invite.asked by mira", "invite.approved by ada", "invite.approved by finn"]);
        stage.close().await;
    }
}

#[tokio::test]
async fn one_no_is_enough() {
    for engine in engines() {
        let policies = vec![two_of(vec![role("admin"), role("billing")], false)];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, finn, mira] = stage.cast(["ada", "finn", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        finn.presses(&card, "Deny").await;
        assert_eq!(stage.state(&id).await, "denied");
        assert_eq!(stage.open_invites("lea@example.com"), 0);
        mira.was_told().await;
        stage.close().await;
    }
}

#[tokio::test]
async fn in_an_order_everybody_has_their_turn() {
    for engine in engines() {
        let policies = vec![two_of(vec![named("finn"), role("admin")], true)];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, finn, mira] = stage.cast(["ada", "finn", "mira"]);
        mira.says("/claude invite lea@example.com").await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        This one is approved in an order, and it is somebody else's turn.
        Nothing was changed. The card says whose turn it is.
        ");
        assert_snapshot!(finn.presses(&card, "Approve").await.told(), @r"
        Your approval counts: 1 of 2 for invite lea@example.com as user. (waiting for a decision)
        Request: C1-xxxx
        Nothing was changed yet. The others find it on the card.
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        @mira asks to invite lea@example.com as user (waiting for a decision)
        Request: C1-xxxx
        Approvals: 1 of 2: @finn; next: role admin
        What happens: Anthropic sends lea@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as user
        Cost: none
        Undo: withdraw the invitation while it is pending
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        ada.presses(&card, "Approve").await;
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        mira.was_told().await;
        stage.close().await;
    }
}

/// The first approver loses the right before the second press: their yes no longer counts when it matters.
#[tokio::test]
async fn whoever_agreed_first_must_still_be_entitled_at_the_end() {
    for engine in engines() {
        let policies = vec![two_of(vec![role("admin")], false)];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        grace.presses(&card, "Approve").await;
        stage.change_standing("grace", |it| it.groups.clear());
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Lapsed: invite lea@example.com as user. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: Whoever approved it may no longer approve this.
        ");
        assert_eq!((stage.state(&id).await.as_str(), stage.open_invites("lea@example.com")), ("lapsed", 0));
        mira.was_told().await;
        stage.close().await;
    }
}

/// Only a rule of the configuration can let the asker be one of those who agree, and never the only one.
#[tokio::test]
async fn the_asker_counts_where_the_rule_says_so() {
    for engine in engines() {
        let asked = Approvals { count: 2, allow_self: true, ..Approvals::one(vec![role("admin")]) };
        let policies = vec![PolicyRule::about(Kind::Invite, Decision::Approvals(asked))];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let id = ada.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        assert_eq!(stage.state(&id).await, "waiting");
        grace.presses(&card, "Approve").await;
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        ada.was_told().await;
        stage.close().await;
    }
}

/// At once, but only so often: what goes beyond is decided by whoever would decide without the rule.
#[tokio::test]
async fn at_once_can_have_a_quota() {
    for engine in engines() {
        let at_most = Some(AtMost { count: 2, within: Duration::from_hours(24) });
        let policies = vec![PolicyRule { at_most, ..for_members(Decision::AtOnce) }];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let mira = stage.person("mira");
        for number in 1..=2 {
            let answer = mira.says(&format!("/claude invite new{number}@example.com")).await;
            assert!(answer.reads().starts_with("Done: "), "{}", answer.reads());
        }
        let id = mira.says("/claude invite new3@example.com").await.request();
        assert_eq!(stage.state(&id).await, "waiting");
        stage.next_in("approvals").await;
        mira.says(&format!("/claude request withdraw {id}")).await;
        stage.advance(25).await;
        let answer = mira.says("/claude invite new4@example.com").await;
        assert!(answer.reads().starts_with("Done: "), "a day later: {}", answer.reads());
        stage.close().await;
    }
}

#[tokio::test]
async fn in_an_emergency_one_approver_is_enough_and_everybody_hears_of_it() {
    for engine in engines() {
        let policies = vec![two_of(vec![named("finn"), named("grace")], true)];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, finn, grace, mira] = stage.cast(["ada", "finn", "grace", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_snapshot!(mira.says(&format!("/claude request override {id} \"I need it\"")).await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C1-xxxx.
        ");
        assert_snapshot!(finn.says(&format!("/claude request override {id} \"I need it\"")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_eq!(stage.state(&id).await, "waiting");

        let words = format!("/claude request override {id} \"the on-call engineer needs access\"");
        assert_snapshot!(ada.says(&words).await.told(), @r"
        Done: lea@example.com was invited as user. (done, glass broken)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        Others were skipped because: the on-call engineer needs access
        [Undo]
        ");
        assert_snapshot!(finn.was_told().await.told(), @r"
        @ada approved this in an emergency, without you: invite lea@example.com as user. (glass broken)
        Request: C1-xxxx
        Reason: the on-call engineer needs access
        It is made now. A review comes up in a day; an admin may take it back before.
        ");
        grace.was_told().await;
        mira.was_told().await;
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        assert!(stage.trail().await.contains(&"invite.overridden by ada".to_owned()));
        stage.advance(25).await;
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        Please review: @ada skipped the other approvers a day ago to invite lea@example.com as user. (review)
        Request: C1-xxxx
        Reason: the on-call engineer needs access
        If it was right, nothing is to be done.
        [Show]
        ");
        stage.close().await;
    }
}

/// Nobody breaks the glass for themselves.
#[tokio::test]
async fn an_emergency_is_no_way_around_a_second_person() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let form = ada.opens("/claude member role jonas@example.com billing").await;
        let id = ada.submits(&form, &[("--confirm", "jonas@example.com")]).await.request();
        stage.next_in("approvals").await;
        let refused = ada.says(&format!("/claude request override {id} \"quick\"")).await;
        assert_snapshot!(refused.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C1-xxxx.
        ");
        assert_eq!(stage.state(&id).await, "waiting");
        grace.says(&format!("/claude deny {id}")).await;
        ada.was_told().await;
        stage.close().await;
    }
}

#[tokio::test]
async fn a_question_is_asked_and_answered_on_the_card() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(jonas.says(&format!("/claude request ask {id} \"why?\"")).await.told(), @r"
        Only who may decide this request may ask about it.
        Nothing was sent.
        ");
        assert_snapshot!(ada.says(&format!("/claude request ask {id} \"for which team?\"")).await.told(), @r"
        @mira is asked by direct message.
        The answer will stand on the card.
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada would like to know about your request to invite lea@example.com as user:
        Request: C1-xxxx
        Question: for which team?
        [Answer]
        ");
        assert_snapshot!(jonas.says(&format!("/claude request answer {id} \"mine\"")).await.told(), @r"
        Only whoever asked for this can answer.
        Nothing was sent.
        ");
        assert_snapshot!(mira.says(&format!("/claude request answer {id} \"for evals\"")).await.told(), @"Your answer stands on the card.");
        assert_snapshot!(ada.was_told().await.told(), @r"
        @mira answered your question about the request to invite lea@example.com as user:
        Request: C1-xxxx
        Answer: for evals
        The card has it, too.
        ");
        assert_snapshot!(mira.says(&format!("/claude request answer {id} \"really\"")).await.told(), @r"
        Nobody waits for an answer about this request.
        Nothing was sent.
        ");
        let read = stage.seen_again(&card).await.told();
        assert_snapshot!(read.lines().find(|it| it.starts_with("Question")).unwrap(), @"Question: @ada: “for which team?” — “for evals”");
        ada.presses(&card, "Approve").await;
        mira.was_told().await;
        stage.close().await;
    }
}

#[tokio::test]
async fn what_came_to_nothing_is_asked_for_again() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com --reason \"joins evals\"").await.request();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(mira.says(&format!("/claude request again {id}")).await.told(), @r"
        This is waiting, so there is no need to ask again.
        See /claude request show C1-xxxx.
        ");
        ada.presses(&card, "Deny").await;
        mira.was_told().await;
        let again = mira.says(&format!("/claude request again {id}")).await.request();
        assert_ne!(again, id);
        assert_eq!(stage.change(&again).await.asked.reason.as_deref(), Some("joins evals"));
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        mira.was_told().await;
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        stage.close().await;
    }
}

/// A row that somebody put back in the database is not made again: the trail knows that it came to its end.
#[tokio::test]
async fn a_change_that_was_put_back_is_not_made_again() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        mira.was_told().await;
        let invite = stage.organization.invites().into_iter().find(|it| it.email == "lea@example.com").unwrap();
        stage.console().withdraw_invite(&invite.id).await.unwrap();
        stage.tamper("UPDATE change SET state = 'approved', settled_at_ms = NULL").await;
        stage.tamper("UPDATE effect SET state = 'planned', attempts = 0, intended_at_ms = NULL, result = NULL").await;
        stage.advance(1).await;
        assert_eq!((stage.state(&id).await.as_str(), stage.open_invites("lea@example.com")), ("failed", 0));
        mira.was_told().await;

        let denied = mira.says("/claude invite noa@example.com").await.request();
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Deny").await;
        mira.was_told().await;
        stage.tamper("UPDATE change SET state = 'waiting', settled_at_ms = NULL WHERE state = 'denied'").await;
        assert_snapshot!(ada.says(&format!("/claude approve {denied}")).await.told(), @r"
        @ada approved this one already.
        Nothing was changed by your press. See /claude request show C2-xxxx.
        ");
        assert_eq!(stage.open_invites("noa@example.com"), 0);
        stage.leave().await;
    }
}
