//! The world moves between the question and the answer. What was approved for another world is not done in this one.

use steward::chat::Kind;
use steward::claude::Role;
use steward::sandbox::Fault;

use crate::bench::engines;
use crate::stage::{Actor, Shown, Stage, assert_snapshot};

const ALL: &str = "/v1/organizations";
const INVITES: &str = "/v1/organizations/invites";

/// Mira asks, and an admin's press comes at a moment when the organization cannot be asked.
async fn approved_in_an_outage(stage: &Stage, mira: &Actor<'_>, approver: &Actor<'_>) -> (String, Shown) {
    let id = mira.says("/claude invite lea@example.com").await.request();
    let card = stage.next_in("approvals").await;
    stage.organization.misbehave(ALL, Fault::FailBefore, 1_000);
    let answer = approver.presses(&card, "Approve").await;
    assert_eq!(stage.state(&id).await, "approved", "{}", answer.reads());
    stage.organization.misbehave(ALL, Fault::FailBefore, 0);
    (id, card)
}

#[tokio::test]
async fn somebody_invited_them_in_the_console_meanwhile() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com --role developer").await.request();
        let card = stage.next_in("approvals").await;
        stage.console().invite("lea@example.com", &Role::User).await.unwrap();

        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Lapsed: invite lea@example.com as developer. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: lea@example.com was already invited, as user.
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your request to invite lea@example.com as developer lapsed before it was made. Nothing was changed. (lapsed)
        Request: C1-xxxx
        lea@example.com was already invited, as user.
        ");
        assert_eq!(stage.state(&id).await, "lapsed");
        assert_eq!(stage.applied("POST", INVITES), 1, "that of the Console");
        let trail = stage.trail().await;
        assert_eq!(trail, ["invite.asked by mira", "invite.approved by ada", "invite.lapsed by steward"]);
        stage.close().await;
    }
}

#[tokio::test]
async fn the_role_was_changed_elsewhere_meanwhile() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let form = ada.opens("/claude member role jonas@example.com billing").await;
        ada.submits(&form, &[("--confirm", "jonas@example.com")]).await;
        let card = stage.next_in("approvals").await;
        stage.console().set_role(&stage.member_id("jonas"), &Role::User).await.unwrap();

        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Lapsed: make jonas@example.com billing instead of developer. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        What happened: Role: was developer, now user
        ");
        ada.was_told().await;
        assert_eq!(stage.role_of("jonas"), Some("user"));
        stage.close().await;
    }
}

#[tokio::test]
async fn the_member_has_gone_meanwhile() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let form = ada.opens("/claude member remove sofia@example.com").await;
        ada.submits(&form, &[("--confirm", "sofia@example.com")]).await;
        let card = stage.next_in("approvals").await;
        stage.console().remove_user(&stage.member_id("sofia")).await.unwrap();

        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Lapsed: remove sofia@example.com from the organization. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        What happened: This member is no longer in the organization.
        ");
        ada.was_told().await;
        stage.close().await;
    }
}

#[tokio::test]
async fn the_approver_left_the_group_before_it_was_made() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [grace, mira] = stage.cast(["grace", "mira"]);
        let (id, card) = approved_in_an_outage(&stage, &mira, &grace).await;
        stage.change_standing("grace", |it| it.groups.clear());

        stage.advance(1).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your request to invite lea@example.com as user lapsed before it was made. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Whoever approved it may no longer approve this.
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Lapsed: invite lea@example.com as user. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        What happened: Whoever approved it may no longer approve this.
        ");
        assert_eq!(stage.state(&id).await, "lapsed");
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.close().await;
    }
}

#[tokio::test]
async fn the_approver_left_the_group_before_pressing() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [grace, mira] = stage.cast(["grace", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        stage.change_standing("grace", |it| it.groups.clear());

        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_eq!(stage.state(&id).await, "waiting");
        stage.close().await;
    }
}

#[tokio::test]
async fn the_asker_became_somebody_without_rights() {
    for engine in engines() {
        for kind in [Kind::Guest, Kind::Deactivated, Kind::Outsider] {
            let stage = Stage::open(engine).await;
            let [ada, mira] = stage.cast(["ada", "mira"]);
            let id = mira.says("/claude invite lea@example.com").await.request();
            let card = stage.next_in("approvals").await;
            stage.change_standing("mira", |it| it.kind = kind);

            let answer = ada.presses(&card, "Approve").await;
            assert_snapshot!(answer.told(), @r"
            Lapsed: invite lea@example.com as user. Nothing was changed. (lapsed)
            Request: C1-xxxx
            Asked by: @mira, 2026-12-01 09:00 UTC
            Approved by: @ada, 2026-12-01 09:00 UTC
            What happened: Whoever asked may no longer ask for this.
            ");
            mira.was_told().await;
            assert_eq!(stage.state(&id).await, "lapsed");
            assert_eq!(stage.applied("POST", INVITES), 0);
            stage.close().await;
        }
    }
}

/// What everybody linked may ask for needs no role, and is asked for by people of the company all the same.
#[tokio::test]
async fn whoever_wanted_somebody_to_stand_in_became_a_guest() {
    for engine in engines() {
        for kind in [Kind::Guest, Kind::Deactivated, Kind::Outsider] {
            let stage = Stage::open(engine).await;
            let [ada, grace] = stage.cast(["ada", "grace"]);
            let words = "/claude policy delegate jonas@example.com --until 2026-12-06";
            let id = grace.says(words).await.request();
            stage.change_standing("grace", |it| it.kind = kind);

            let answer = ada.says(&format!("/claude approve {id}")).await.told();
            assert!(answer.contains("Whoever asked may no longer ask for this."), "{engine:?} {kind:?}: {answer}");
            assert_eq!(stage.state(&id).await, "lapsed", "{engine:?} {kind:?}");
            assert_eq!(stage.house.store.kept_delegations().await.unwrap().len(), 0, "{engine:?} {kind:?}");
            stage.settle().await;
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

#[tokio::test]
async fn a_link_was_suspended() {
    for engine in engines() {
        for whose in ["mira", "grace"] {
            let stage = Stage::open(engine).await;
            let [grace, mira] = stage.cast(["grace", "mira"]);
            let (id, _) = approved_in_an_outage(&stage, &mira, &grace).await;
            let store = &stage.house.store;
            let mut tx = store.begin().await.unwrap();
            assert!(store.suspend_link(&mut tx, &stage.person(whose).account).await.unwrap());
            store.commit(tx).await.unwrap();

            stage.advance(1).await;
            mira.was_told().await;
            assert_eq!(stage.state(&id).await, "lapsed", "{whose}");
            assert_eq!(stage.applied("POST", INVITES), 0);
            stage.close().await;
        }
    }
}

/// An approval that was given stands while the chat cannot say who anybody is; nothing is done before it can.
#[tokio::test]
async fn the_chat_is_silent_for_an_hour() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let waiting = mira.says("/claude invite tom@example.com").await.request();
        let card = stage.next_in("approvals").await;
        let (id, _) = approved_in_an_outage(&stage, &mira, &ada).await;
        stage.chat.fall_silent(true);

        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        The chat does not say at the moment who you are, so I cannot let you decide.
        Nothing was changed. Try again in a minute.
        ");
        stage.advance(1).await;
        assert_eq!((stage.state(&waiting).await, stage.state(&id).await), ("waiting".into(), "approved".into()));
        assert_snapshot!(stage.change(&id).await.note.unwrap(), @"The chat does not say at the moment who the asker is.");
        assert_eq!(stage.applied("POST", INVITES), 0);

        stage.chat.fall_silent(false);
        stage.advance(1).await;
        assert_eq!(stage.state(&id).await, "applied");
        assert!(mira.was_told().await.reads().starts_with("@ada approved your request, and it is done"));
        ada.presses(&card, "Deny").await;
        mira.was_told().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Whoever can write into the database cannot have anything done with it.
#[tokio::test]
async fn an_edited_request_is_not_made() {
    let edits = [
        "UPDATE change SET body = replace(body, 'lea@', 'eve@')",
        "UPDATE change SET plan = replace(plan, 'lea@', 'eve@')",
        "UPDATE change SET asked_by = 'person_ada'",
        "UPDATE change SET decision = '\"at_once\"'",
        "UPDATE change SET subject = 'eve@example.com'",
    ];
    for engine in engines() {
        for edit in edits {
            let stage = Stage::open(engine).await;
            let [ada, mira] = stage.cast(["ada", "mira"]);
            let (id, _) = approved_in_an_outage(&stage, &mira, &ada).await;
            stage.tamper(edit).await;

            stage.advance(1).await;
            assert_eq!(stage.state(&id).await, "failed", "{edit}");
            assert_snapshot!(stage.change(&id).await.note.unwrap(), @"The stored request was not written by this Steward; nothing was sent.");
            assert_eq!(stage.applied("POST", INVITES), 0, "{edit}");
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// Nor is a call that was written into the ledger past Steward, under a request that is genuine.
#[tokio::test]
async fn an_edited_call_is_not_made() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let (id, _) = approved_in_an_outage(&stage, &mira, &ada).await;
        stage.tamper("UPDATE effect SET body = replace(body, 'lea@', 'eve@')").await;

        stage.advance(1).await;
        assert_eq!(stage.state(&id).await, "failed");
        assert_snapshot!(stage.change(&id).await.note.unwrap(), @"The stored calls are not those that were approved; nothing was sent.");
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A decision that was written into the database past Steward counts for nothing.
#[tokio::test]
async fn a_forged_approval_is_not_made() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let id = mira.says("/claude invite lea@example.com").await.request();
        stage.next_in("approvals").await;
        stage
            .tamper(
                "UPDATE change SET state = 'approved', decided_by = 'person_ada', decider_account = 'browser:ada', \
                 decided_at_ms = 1796115600000",
            )
            .await;

        stage.advance(1).await;
        assert_eq!(stage.state(&id).await, "failed");
        assert_eq!(stage.applied("POST", INVITES), 0);
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your request to invite lea@example.com as user could not be carried out. (failed)
        Request: C1-xxxx
        The stored request was not written by this Steward; nothing was sent.
        ");
        stage.close().await;
    }
}

/// A second step that may no longer be made: what the first one did is not kept quiet.
#[tokio::test]
async fn rights_that_end_half_way_are_told_with_what_was_done() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let grace = stage.person("grace");
        stage.organization.misbehave(&format!("POST {INVITES}"), Fault::FailBefore, 1_000);
        let answer = grace.says("/claude invites resend nadia.petrov@example.com").await;
        assert_snapshot!(answer.told(), @r"
        Approved, but not made yet: send nadia.petrov@example.com a new invitation. (approved)
        Anthropic has trouble of its own at the moment (status 500).
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        stage.organization.misbehave(&format!("POST {INVITES}"), Fault::FailBefore, 0);
        stage.change_standing("grace", |it| it.groups.clear());

        stage.advance(1).await;
        assert_snapshot!(grace.was_told().await.told(), @r"
        Your request to send nadia.petrov@example.com a new invitation could not be carried out. (failed)
        Request: C1-xxxx
        Stopped half-way. Whoever asked may no longer ask for this. Before that: the invitation of nadia.petrov@example.com was withdrawn.
        ");
        assert_eq!(stage.open_invites("nadia.petrov@example.com"), 0);
        stage.close().await;
    }
}
