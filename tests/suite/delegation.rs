//! Somebody stands in for an approver: for what they may decide, for as long as they may, and for nobody's own requests.

use steward::chat::Kind;
use steward::domain::{self, Approvals, Approver, AskedBy, Decision, PolicyRule, Role};

use crate::bench::{Engine, engines};
use crate::stage::{Actor, Setting, Stage, assert_snapshot};

/// Finn alone approves invitations that members ask for.
async fn finn_approves(engine: Engine, count: u8) -> Stage {
    let by = vec![Approver::Named("browser:finn".into()), Approver::Role("admin".into())];
    let by = if count == 1 { by[..1].to_vec() } else { by };
    let asked = Approvals { count, ..Approvals::one(by) };
    let rule = PolicyRule {
        asked_by: Some(AskedBy::Role(Role::Member)),
        ..PolicyRule::about(domain::Kind::Invite, Decision::Approvals(asked))
    };
    Stage::set(Setting { policies: vec![rule], ..Setting::on(engine) }).await
}

/// Has Jonas stand in for Finn, with Ada's approval; what everybody was told of it is heard.
async fn jonas_for_finn(stage: &Stage) -> String {
    let [ada, finn] = stage.cast(["ada", "finn"]);
    let id = finn.says("/claude policy delegate jonas@example.com --until 2026-12-10").await.request();
    let card = stage.next_in("approvals").await;
    ada.presses(&card, "Approve").await;
    stage.advance(1).await;
    stage.chat.forget_unheard();
    id
}

async fn asks(mira: &Actor<'_>, whom: &str) -> String {
    mira.says(&format!("/claude invite {whom}@example.com")).await.request()
}

#[tokio::test]
async fn somebody_decides_in_an_approvers_place() {
    for engine in engines() {
        let stage = finn_approves(engine, 1).await;
        let [ada, finn, mira, jonas] = stage.cast(["ada", "finn", "mira", "jonas"]);
        asks(&mira, "lea").await;
        let invitation = stage.next_in("approvals").await;
        assert_snapshot!(jonas.presses(&invitation, "Approve").await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        let delegate = "/claude policy delegate jonas@example.com --until 2026-12-10 --reason \"on leave\"";
        assert_snapshot!(finn.says(delegate).await.told(), @r"
        Asked: have Jonas Weber stand in for Finn Larsen as approver from 2026-12-01 until 2026-12-10. (waiting for a decision)
        Request: C2-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @finn asks to have Jonas Weber stand in for Finn Larsen as approver from 2026-12-01 until 2026-12-10 (waiting for a decision)
        Request: C2-xxxx
        Reason: on leave
        What happens: Jonas Weber may decide what Finn Larsen may decide, but for requests of either or about them — delegate
        Stands in for them: nobody → Jonas Weber from 2026-12-01 until 2026-12-10
        Cost: none
        Undo: end the delegation
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @r"
        This is about you, so somebody else has to decide.
        Nothing was changed.
        ");
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Done: Jonas Weber stands in for Finn Larsen from 2026-12-01 until 2026-12-10 (D1). (done)
        Request: C2-xxxx
        Asked by: @finn, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        [Undo]
        ");
        stage.advance(1).await;
        assert_snapshot!(jonas.was_told().await.told(), @r"
        You stand in for @finn as approver from now until 2026-12-10.
        Delegation: D1
        What they may decide, you may, but for their own requests, yours, and what is about either of you.
        ");
        finn.was_told().await;
        assert_snapshot!(finn.was_told().await.told(), @r"
        @jonas stands in for you as approver from now until 2026-12-10.
        Delegation: D1
        You may go on deciding yourself. To end it: /claude policy undelegate D1.
        ");
        assert_snapshot!(finn.says("/claude policy delegations").await.told(), @r"
        One delegation.
        Delegation | Approver | Stands in | For | From | Until | Now
        D1 | Finn Larsen | Jonas Weber | everything | 2026-12-01 | 2026-12-10 | counts
        ");
        assert_snapshot!(mira.says("/claude policy delegations").await.told(), @"Nobody stands in for anybody.");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn whoever_stands_in_decides_until_it_ends() {
    for engine in engines() {
        let stage = finn_approves(engine, 1).await;
        let [ada, finn, mira, jonas] = stage.cast(["ada", "finn", "mira", "jonas"]);
        let id = asks(&mira, "lea").await;
        let invitation = stage.next_in("approvals").await;
        jonas_for_finn(&stage).await;
        for (who, line) in [
            (&jonas, "You stand in for: Finn Larsen from 2026-12-01 until 2026-12-10 (D1)"),
            (&finn, "Stands in for you: Jonas Weber from 2026-12-01 until 2026-12-10 (D1)"),
        ] {
            let told = who.says("/claude whoami").await.told();
            assert!(told.contains(line), "{told}");
        }
        assert!(jonas.says("/claude request list --waiting").await.told().contains("invite lea@example.com"));
        assert!(
            ada.says("/claude policy why mira@example.com invite")
                .await
                .told()
                .contains("Stand in for one of them: @jonas")
        );
        assert_snapshot!(jonas.presses(&invitation, "Approve").await.told(), @r"
        Done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @jonas for @finn, 2026-12-01 10:00 UTC
        [Undo]
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @jonas for @finn approved your request, and it is done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        ");
        assert_eq!(stage.state(&id).await, "applied");
        let entries =
            stage.house.store.trail(&steward::store::Trail { limit: 1000, ..Default::default() }).await.unwrap();
        let approved = entries.iter().find(|it| it.action == "invite.approved").unwrap();
        assert!(
            approved.detail.contains("\"in_place\":{\"for\":\"browser:finn\",\"delegation\":1}"),
            "{}",
            approved.detail
        );
        // It ends by itself.
        asks(&mira, "tom").await;
        let card = stage.next_in("approvals").await;
        stage.clock.advance_to("2026-12-11T00:00:00Z".parse().unwrap());
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_snapshot!(jonas.was_told().await.told(), @r"
        The time in which you stood in for @finn as approver has ended.
        Delegation: D1
        What you approved and is not made yet, needs somebody else's approval.
        ");
        assert_snapshot!(finn.was_told().await.told(), @r"
        The time in which @jonas stood in for you as approver has ended.
        Delegation: D1
        ");
        stage.chat.forget_unheard();
        assert_eq!(stage.violations().await, Vec::<String>::new());
        stage.close().await;
    }
}

/// Where cards go to the approvers themselves, whoever stands in gets them, too.
#[tokio::test]
async fn whoever_stands_in_is_asked() {
    for engine in engines() {
        let stage = finn_approves(engine, 1).await;
        jonas_for_finn(&stage).await;
        let [mira, jonas, finn] = stage.cast(["mira", "jonas", "finn"]);
        asks(&mira, "lea").await;
        stage.chat.forget_unheard();
        stage.advance(3).await;
        assert!(jonas.was_told().await.told().starts_with("Still waiting for a decision: @mira asks"), "{engine:?}");
        assert!(finn.was_told().await.told().starts_with("Still waiting for a decision: @mira asks"), "{engine:?}");
        jonas.says("/claude request list").await;
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn nobody_decides_their_own_through_somebody_else() {
    for engine in engines() {
        let stage = finn_approves(engine, 1).await;
        jonas_for_finn(&stage).await;
        let [ada, finn, jonas, mira] = stage.cast(["ada", "finn", "jonas", "mira"]);
        // The delegate's own request.
        let own = asks(&jonas, "lea").await;
        assert_snapshot!(jonas.says(&format!("/claude approve {own}")).await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C2-xxxx.
        ");
        finn.says(&format!("/claude deny {own}")).await;
        // The delegator's: a role change that an admin approves, of an approver who has a stand-in, too.
        let admins = ada.says("/claude policy delegate mira@example.com --until 2026-12-10").await.request();
        assert_snapshot!(mira.says(&format!("/claude approve {admins}")).await.told(), @r"
        This is about you, so somebody else has to decide.
        Nothing was changed.
        ");
        stage.person("grace").says(&format!("/claude approve {admins}")).await;
        stage.advance(1).await;
        let by_ada = ada.says("/claude grant give tom2@example.com --permission audit").await.told();
        assert!(by_ada.contains("No member goes by"), "{by_ada}");
        let by_ada = ada.says("/claude grant give finn@example.com --permission audit").await.request();
        assert_snapshot!(mira.says(&format!("/claude approve {by_ada}")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        // What is about the delegate: here that Mira gets a right.
        let about =
            stage.person("grace").says("/claude grant give mira@example.com --permission audit").await.request();
        assert_snapshot!(mira.says(&format!("/claude approve {about}")).await.told(), @r"
        This is about you, so somebody else has to decide.
        Nothing was changed.
        ");
        // What is about the delegator.
        let about = stage.person("grace").says("/claude grant give ada@example.com --permission audit").await.request();
        assert_snapshot!(mira.says(&format!("/claude approve {about}")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        for id in [&by_ada, &about] {
            assert_eq!(stage.state(id).await, "waiting", "{engine:?}");
        }
        // Nobody breaks the glass for somebody else.
        assert_snapshot!(mira.says(&format!("/claude request override {by_ada} \"it is urgent\"")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A duty is fulfilled once: by the approver or by whoever stands in, not by both.
#[tokio::test]
async fn an_approver_and_their_stand_in_count_once() {
    for engine in engines() {
        let stage = finn_approves(engine, 2).await;
        jonas_for_finn(&stage).await;
        let [ada, finn, jonas, mira] = stage.cast(["ada", "finn", "jonas", "mira"]);
        let id = asks(&mira, "lea").await;
        assert_snapshot!(jonas.says(&format!("/claude approve {id}")).await.told(), @r"
        Your approval counts: 1 of 2 for invite lea@example.com as user. (waiting for a decision)
        Request: C2-xxxx
        Nothing was changed yet. The others find it on the card.
        ");
        assert_snapshot!(finn.says(&format!("/claude approve {id}")).await.told(), @r"
        This was approved in your place already; 1 of 2 have.
        Nothing was changed. Somebody else has to agree, too.
        ");
        assert_snapshot!(jonas.says(&format!("/claude approve {id}")).await.told(), @r"
        You approved this already; 1 of 2 have.
        Nothing was changed. Somebody else has to agree, too.
        ");
        let done = ada.says(&format!("/claude approve {id}")).await.told();
        assert!(done.contains("Approved by: @jonas for @finn, 2026-12-01 10:00 UTC\nApproved by: @ada"), "{done}");
        let id = asks(&mira, "tom").await;
        finn.says(&format!("/claude approve {id}")).await;
        assert_snapshot!(jonas.says(&format!("/claude approve {id}")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn nothing_is_passed_on() {
    for engine in engines() {
        let stage = finn_approves(engine, 1).await;
        jonas_for_finn(&stage).await;
        let [jonas, mira] = stage.cast(["jonas", "mira"]);
        assert_snapshot!(jonas.says("/claude policy delegate mira@example.com --until 2026-12-10").await.told(), @r"
        You approve nothing by the rules of now, so there is nothing to stand in for.
        Nothing was changed. What was delegated to somebody cannot be passed on.
        ");
        assert_snapshot!(mira.says("/claude policy delegate jonas@example.com --of finn@example.com --until 2026-12-10").await.told(), @r"
        Only an admin may have somebody stand in for another approver.
        Nothing was changed. For yourself: /claude policy delegate.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Approved, but not made yet, because the organization could not be asked; meanwhile the delegation is ended, or the approver
/// loses the right that it came from.
#[tokio::test]
async fn it_must_still_stand_when_the_change_is_made() {
    for engine in engines() {
        for ends in ["/claude policy undelegate D1", ""] {
            let stage = finn_approves(engine, 1).await;
            jonas_for_finn(&stage).await;
            let [finn, jonas, mira] = stage.cast(["finn", "jonas", "mira"]);
            let id = asks(&mira, "lea").await;
            stage.meddler.watch(Some(Box::new(|what, after| !after && what.contains("/invites"))));
            let approved = jonas.says(&format!("/claude approve {id}")).await.told();
            assert!(approved.contains("not made yet"), "{approved}");
            if ends.is_empty() {
                stage.change_standing("finn", |it| it.kind = Kind::Deactivated);
            } else {
                assert_snapshot!(finn.says(ends).await.told(), @r"
                Done: Jonas Weber stands in for Finn Larsen no more (D1). (done)
                Request: C3-xxxx
                Asked by: @finn, 2026-12-01 10:00 UTC
                Approved by: policy, at once
                ");
                assert_snapshot!(jonas.was_told().await.told(), @r"
                The time in which you stood in for @finn as approver was ended.
                Delegation: D1
                What you approved and is not made yet, needs somebody else's approval.
                ");
            }
            stage.meddler.watch(None);
            stage.chat.forget_unheard();
            stage.advance(1).await;
            assert_eq!(stage.state(&id).await, "lapsed", "{engine:?} {ends}");
            assert_snapshot!(mira.was_told().await.told(), @r"
            Your request to invite lea@example.com as user lapsed before it was made. Nothing was changed. (lapsed)
            Request: C2-xxxx
            Whoever approved it may no longer approve this.
            ");
            assert_eq!(stage.open_invites("lea@example.com"), 0, "{engine:?} {ends}");
            stage.settle().await;
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// Whoever may decide all of it anyway gains nothing, so nobody else agrees; an admin may set it for others.
#[tokio::test]
async fn an_admin_delegates_to_another_at_once() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, finn] = stage.cast(["ada", "grace", "finn"]);
        assert_snapshot!(
            ada.says("/claude policy delegate grace@example.com --from 2026-12-20 --until 2026-12-31").await.told(),
            @r"
        Done: Grace Okafor stands in for Ada Brandt from 2026-12-20 until 2026-12-31 (D1). (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        "
        );
        assert_snapshot!(ada.says("/claude policy delegations").await.told(), @r"
        One delegation.
        Delegation | Approver | Stands in | For | From | Until | Now
        D1 | Ada Brandt | Grace Okafor | everything | 2026-12-20 | 2026-12-31 | not yet
        ");
        assert_snapshot!(
            ada.says("/claude policy delegate grace@example.com --from 2026-12-24 --until 2026-12-26").await.told(),
            @r"
        Grace Okafor stands in for Ada Brandt from 2026-12-20 until 2026-12-31 already (D1).
        Nothing was changed. To change it, end it first: /claude policy undelegate D1.
        "
        );
        assert_snapshot!(ada.says("/claude policy delegate me --until 2026-12-31").await.told(), @r"
        Nobody stands in for themselves.
        Nothing was changed. Name somebody else.
        ");
        assert_snapshot!(ada.says("/claude policy delegate grace@example.com --until 2026-11-30").await.told(), @r"
        2026-11-30 is over, so nobody would stand in for anybody.
        Nothing was changed. Name a later day.
        ");
        assert_snapshot!(
            ada.says("/claude policy delegate grace@example.com --from 2026-12-31 --until 2026-12-20").await.told(),
            @r"
        It would end on 2026-12-20, before it begins on 2026-12-31.
        Nothing was changed. The first day comes before the last.
        "
        );
        assert_snapshot!(finn.says("/claude policy undelegate D1").await.told(), @r"
        There is no delegation D1 that you may end.
        Nothing was changed. See /claude policy delegations.
        ");
        // For somebody else, to oneself: somebody else agrees.
        let asked = ada.says("/claude policy delegate me --of grace@example.com --until 2026-12-31").await;
        assert!(asked.told().contains("(waiting for a decision)"), "{}", asked.told());
        stage.chat.forget_unheard();
        stage.advance(19 * 24).await;
        stage.chat.forget_unheard();
        assert!(grace.says("/claude policy delegations").await.told().contains("counts"), "{engine:?}");
        grace.says("/claude policy undelegate D1").await;
        assert!(ada.has_news().await);
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn a_delegation_edited_in_the_database_counts_for_nothing() {
    for engine in engines() {
        for edit in [
            "UPDATE delegation SET to_person = 'person_mira'",
            "UPDATE delegation SET from_person = 'person_ada'",
            "UPDATE delegation SET until_ms = 4102444800000",
            "UPDATE delegation SET from_ms = 0",
            "UPDATE delegation SET agreed = 0",
            "UPDATE delegation SET mac = ''",
        ] {
            let stage = finn_approves(engine, 1).await;
            jonas_for_finn(&stage).await;
            stage.tamper(edit).await;
            let [mira, jonas] = stage.cast(["mira", "jonas"]);
            let id = asks(&mira, "lea").await;
            jonas.says(&format!("/claude approve {id}")).await;
            assert_eq!(stage.state(&id).await, "waiting", "{engine:?} {edit}");
            assert_eq!(stage.violations().await.len(), 1, "{engine:?} {edit}");
            stage.settle().await;
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// What an approver loses, whoever stands in for them loses at the same moment, and finds again.
#[tokio::test]
async fn what_the_approver_loses_is_lost_to_both() {
    for engine in engines() {
        let stage = finn_approves(engine, 1).await;
        jonas_for_finn(&stage).await;
        let [mira, jonas] = stage.cast(["mira", "jonas"]);
        let id = asks(&mira, "lea").await;
        for kind in [Kind::Deactivated, Kind::Guest, Kind::Unknown] {
            stage.change_standing("finn", |it| it.kind = kind);
            jonas.says(&format!("/claude approve {id}")).await;
            assert_eq!(stage.state(&id).await, "waiting", "{engine:?} {kind:?}");
        }
        stage.change_standing("finn", |it| it.kind = Kind::Person);
        stage.tamper("UPDATE link SET state = 'suspended' WHERE account = 'browser:finn'").await;
        jonas.says(&format!("/claude approve {id}")).await;
        assert_eq!(stage.state(&id).await, "waiting", "{engine:?}: suspended");
        stage.tamper("UPDATE link SET state = 'active' WHERE account = 'browser:finn'").await;
        jonas.says(&format!("/claude approve {id}")).await;
        assert_eq!(stage.state(&id).await, "applied", "{engine:?}");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn for_one_workspace_it_counts_there_alone() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let id = ada
            .says("/claude policy delegate mira@example.com --workspace research --until 2026-12-10")
            .await
            .request();
        grace.says(&format!("/claude approve {id}")).await;
        let give = "/claude grant give jonas@example.com --permission audit";
        for (place, state) in [("", "waiting"), ("--workspace evals", "waiting"), ("--workspace research", "applied")] {
            let id = grace.says(&format!("{give} {place}")).await.request();
            mira.says(&format!("/claude approve {id}")).await;
            assert_eq!(stage.state(&id).await, state, "{engine:?} {place}");
        }
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Made at once because whoever stands in may decide it anyway: once they may not any more, it gives them nothing. A rule cannot
/// replace the second person either.
#[tokio::test]
async fn what_nobody_else_agreed_to_gives_nothing() {
    for engine in engines() {
        let rule = PolicyRule {
            asked_by: Some(AskedBy::Role(Role::Admin)),
            ..PolicyRule::about(domain::Kind::Delegate, Decision::AtOnce)
        };
        let stage = Stage::set(Setting { policies: vec![rule], ..Setting::on(engine) }).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let made = ada.says("/claude policy delegate grace@example.com --until 2026-12-10").await;
        assert!(made.told().contains("Grace Okafor stands in for Ada Brandt"), "{}", made.told());
        let asked = ada.says("/claude policy delegate mira@example.com --until 2026-12-10").await;
        assert!(asked.told().contains("(waiting for a decision)"), "{}", asked.told());
        stage.change_standing("grace", |it| it.groups.clear());
        let id = asks(&mira, "lea").await;
        assert_snapshot!(grace.says(&format!("/claude approve {id}")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
