//! Grants: who gives whom a right, who has to agree, when it ends, and what somebody gains who edits the row.

use steward::domain::{AskedBy, Decision, Kind, Permission, PolicyRule, Right, Role, Toward};

use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot, at};

#[tokio::test]
async fn a_grant_is_planned_made_and_told() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let give =
            "/claude grant give mira@example.com --permission invite --until 2026-12-31 --reason \"runs onboarding\"";
        assert_snapshot!(ada.says(&format!("{give} --dry-run")).await.told(), @r"
        This would grant Mira Chen invite until 2026-12-31. Nothing was changed. (dry run)
        What happens: Mira Chen may, beyond their roles: invite somebody — grant invite
        Granted to them: nothing → invite until 2026-12-31
        Cost: none
        Undo: revoke the grant
        Nobody has to agree; it would be made at once.
        ");
        let given = ada.says(give).await;
        assert_snapshot!(given.told(), @r"
        Done: Mira Chen was granted invite until 2026-12-31 (G1). (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada granted you invite until 2026-12-31.
        Grant: G1
        You may now: Invite somebody
        /claude whoami shows it with your other rights.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_grant_is_shown_to_its_holder_and_to_who_may_see_it() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        ada.says("/claude grant give mira@example.com --permission invite --until 2026-12-31").await;
        mira.was_told().await;
        assert_snapshot!(mira.says("/claude whoami").await.told(), @r"
        This is what I know of you.
        This account: @mira (browser:mira)
        Member of the organization: Mira Chen, mira@example.com, as developer
        Role | Where | Because
        member | everywhere | your account is linked
        Permission | Where | Because
        invite | everywhere | granted by @ada until 2026-12-31 (G1)
        Permission | You may
        member.see | yes
        invite | yes
        workspace.join | after an approval
        key.get | after an approval
        key.own | yes
        limit.raise | after an approval
        usage.own | yes
        ");
        assert_snapshot!(ada.says("/claude grant list").await.told(), @r"
        One grant.
        Grant | Who | Permission | Where | Until | Granted by
        G1 | Mira Chen | invite | everywhere | 2026-12-31 | @ada
        ");
        assert_snapshot!(mira.says("/claude grant list").await.told(), @r"
        One grant.
        Grant | Who | Permission | Where | Until | Granted by
        G1 | Mira Chen | invite | everywhere | 2026-12-31 | @ada
        ");
        assert_snapshot!(jonas.says("/claude grant list").await.told(), @"Nothing was granted.");
        assert_snapshot!(jonas.says("/claude grant list --of mira@example.com").await.told(), @r"
        Other people's grants are shown to whoever may grant or audit.
        Your own: /claude grant list.
        ");
        let page = mira.says("/claude member show me").await.told();
        assert!(page.contains("Granted: invite, granted by @ada until 2026-12-31 (G1)"), "{page}");
        assert!(!jonas.says("/claude member show mira@example.com").await.told().contains("Granted"), "{engine:?}");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_grant_gives_what_no_role_does_and_is_taken_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let given = ada.says("/claude grant give mira@example.com --permission invite --until 2026-12-31").await;
        mira.was_told().await;
        assert_snapshot!(mira.says("/claude invite lea@example.com").await.told(), @r"
        Done: lea@example.com was invited as user. (done)
        Request: C2-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(ada.presses(&given, "Undo").await.told(), @r"
        Done: Mira Chen has invite until 2026-12-31 no more (G1). (done)
        Request: C3-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada revoked your grant of invite until 2026-12-31.
        Grant: G1
        What your roles give you stays.
        ");
        mira.says("/claude invite tom@example.com").await;
        let card = stage.next_in("approvals").await;
        assert!(card.told().starts_with("@mira asks to invite tom@example.com as user (waiting for a decision)"));
        assert_snapshot!(ada.says("/claude grant revoke G1").await.told(), @r"
        There is no grant G1 that counts.
        Nothing was changed. See /claude grant list.
        ");
        assert_eq!(
            stage.trail().await[..8],
            [
                "grant.give.asked by ada",
                "grant.give.approved by steward",
                "grant.give.sending by steward",
                "grant.given by ada",
                "grant.give.applied by steward",
                "invite.asked by mira",
                "invite.approved by steward",
                "invite.sending by steward",
            ]
        );
        assert_eq!(stage.violations().await, Vec::<String>::new());
        stage.close().await;
    }
}

#[tokio::test]
async fn what_lets_somebody_decide_needs_a_second_admin() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira, jonas] = stage.cast(["ada", "grace", "mira", "jonas"]);
        for permission in ["admin", "approve", "member.manage", "audit"] {
            let asked = ada.says(&format!("/claude grant give mira@example.com --permission {permission}")).await;
            assert!(asked.told().contains("(waiting for a decision)"), "{permission}: {}", asked.told());
            ada.presses(&asked, "Withdraw").await;
        }
        stage.settle().await;
        stage.chat.forget_unheard();
        let id = ada.says("/claude grant give jonas@example.com --permission approve").await.request();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @ada asks to grant Jonas Weber approve (waiting for a decision)
        Request: C5-xxxx
        What happens: Jonas Weber may, beyond their roles: decide requests — grant approve
        Granted to them: nothing → approve
        Cost: none
        Undo: revoke the grant
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C5-xxxx.
        ");
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @r"
        This is about you, so somebody else has to decide.
        Nothing was changed.
        ");
        assert_snapshot!(mira.says(&format!("/claude approve {id}")).await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Done: Jonas Weber was granted approve (G1). (done)
        Request: C5-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        [Undo]
        ");
        assert_snapshot!(jonas.was_told().await.told(), @r"
        @ada granted you approve.
        Grant: G1
        You may now: Decide requests
        /claude whoami shows it with your other rights.
        ");
        ada.was_told().await;
        mira.says("/claude invite lea@example.com").await;
        let card = stage.next_in("approvals").await;
        let approved = jonas.presses(&card, "Approve").await.told();
        assert!(approved.starts_with("Done: lea@example.com was invited as user. (done)"), "{approved}");
        mira.was_told().await;
        stage.close().await;
    }
}

/// Nobody gives themselves a right without somebody else, whatever a rule says, and whoever gets one does not decide about it.
#[tokio::test]
async fn nobody_grants_to_themselves() {
    for engine in engines() {
        let rule = PolicyRule {
            asked_by: Some(AskedBy::Role(Role::Admin)),
            ..PolicyRule::about(Kind::GrantGive, Decision::AtOnce)
        };
        let stage = Stage::set(Setting { policies: vec![rule], ..Setting::on(engine) }).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        assert_snapshot!(ada.says("/claude grant give me --permission usage.others").await.told(), @r"
        Asked: grant Ada Brandt usage.others. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C1-xxxx.
        ");
        grace.presses(&card, "Deny").await;
        ada.was_told().await;
        stage.close().await;

        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        ada.says("/claude grant give grace@example.com --permission audit").await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        This is about you, so somebody else has to decide.
        Nothing was changed.
        ");
        assert_eq!(stage.asker("grace").await.rights.grants(), [], "{engine:?}");
        stage.advance(73).await;
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn it_ends_by_the_clock_and_is_reminded_of() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        ada.says("/claude grant give mira@example.com --permission invite --until 2026-12-15").await;
        mira.was_told().await;
        // Until the end of the 15th: a week before that is the beginning of the 9th.
        stage.advance(8 * 24 - 10).await;
        assert!(!mira.has_news().await, "{engine:?}");
        stage.advance(2).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your grant of invite until 2026-12-15 ends in 7 days.
        Grant: G1
        If you need it for longer, ask an admin.
        ");
        assert_snapshot!(ada.was_told().await.told(), @r"
        Mira Chen's grant of invite until 2026-12-15 ends in 7 days.
        Grant: G1
        Should it go on, revoke it and give it anew: /claude grant give.
        ");
        stage.advance(6 * 24).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your grant of invite until 2026-12-15 ends in a day.
        Grant: G1
        If you need it for longer, ask an admin.
        ");
        ada.was_told().await;
        // The clock alone ends it: nobody has looked yet.
        stage.clock.advance_to(at("2026-12-16T00:00:00Z"));
        assert_eq!(stage.right("mira", Permission::Invite).await, Right::Ask, "{engine:?}");
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your grant of invite until 2026-12-15 has expired.
        Grant: G1
        It gives nothing any more. What roles give stays.
        ");
        assert_snapshot!(ada.was_told().await.told(), @r"
        Mira Chen's grant of invite until 2026-12-15 has expired.
        Grant: G1
        It gives nothing any more. What roles give stays.
        ");
        assert_eq!(stage.trail().await.last().unwrap(), "grant.ended by steward");
        stage.close().await;
    }
}

/// Made at once while the grant counted, but not applied: the organization could not be asked. When it can, the grant is over.
#[tokio::test]
async fn a_grant_that_expires_before_it_is_applied_gives_nothing() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        ada.says("/claude grant give mira@example.com --permission invite --until 2026-12-01").await;
        mira.was_told().await;
        stage.meddler.watch(Some(Box::new(|what, after| !after && what.contains("/invites"))));
        let asked = mira.says("/claude invite lea@example.com").await;
        assert!(asked.told().contains("not made yet"), "{}", asked.told());
        stage.chat.forget_unheard();
        // Asked again every few seconds all day, it would take minutes.
        stage.clock.advance_to(steward::clock::moment(stage.clock.now().as_millisecond() + 14 * 3_600_000));
        stage.advance(2).await;
        stage.meddler.watch(None);
        assert_snapshot!(ada.was_told().await.told(), @r"
        Mira Chen's grant of invite until 2026-12-01 has expired.
        Grant: G1
        It gives nothing any more. What roles give stays.
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your grant of invite until 2026-12-01 has expired.
        Grant: G1
        It gives nothing any more. What roles give stays.
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your request to invite lea@example.com as user lapsed before it was made. Nothing was changed. (lapsed)
        Request: C2-xxxx
        It needs an approval now.
        ");
        assert_eq!(stage.open_invites("lea@example.com"), 0, "{engine:?}");
        stage.close().await;
    }
}

/// Whoever can write into the database, but has not the master key, gives nobody a right.
#[tokio::test]
async fn a_row_edited_in_the_database_gives_nothing() {
    for engine in engines() {
        for edit in [
            "UPDATE granted SET permission = 'admin'",
            "UPDATE granted SET person_id = 'person_jonas'",
            "UPDATE granted SET until_ms = 4102444800000",
            "UPDATE granted SET until_ms = NULL, until_day = NULL",
            "UPDATE granted SET workspace_id = NULL, workspace = NULL",
            "UPDATE granted SET number = 17",
            "UPDATE granted SET given_by = 'browser:grace'",
            "UPDATE granted SET mac = ''",
            "INSERT INTO granted SELECT 2, change_id, 'person_jonas', permission, workspace_id, workspace, until_day, until_ms,
                                        given_by, given_at_ms, ended, ended_at_ms, told, mac FROM granted",
        ] {
            let stage = Stage::open(engine).await;
            let [ada, mira] = stage.cast(["ada", "mira"]);
            ada.says("/claude grant give mira@example.com --permission invite --workspace research --until 2026-12-31").await;
            mira.was_told().await;
            let before = stage.asker("mira").await;
            assert_eq!(before.right_within(Some("research"), Permission::Invite, Toward::Other), Right::Do, "{engine:?}");
            assert_eq!(before.right_within(Some("evals"), Permission::Invite, Toward::Other), Right::Ask, "{engine:?}");
            stage.tamper(edit).await;
            let kept = usize::from(edit.starts_with("INSERT"));
            assert_eq!(stage.asker("mira").await.rights.grants().len(), kept, "{engine:?} {edit}");
            assert_eq!(stage.asker("jonas").await.rights.grants(), [], "{engine:?} {edit}");
            let found = stage.violations().await;
            assert_eq!(found.len(), 1, "{engine:?} {edit}: {found:?}");
            assert!(found[0].ends_with("it was not given, or not ended, by this Steward, and gives nothing"), "{found:?}");
            stage.close().await;
        }
    }
}

/// A row put back as it was before it ended is as this Steward wrote it; but the trail knows that it ended.
#[tokio::test]
async fn a_row_put_back_after_it_was_revoked_gives_nothing() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        ada.says("/claude grant give mira@example.com --permission invite").await;
        stage.tamper("CREATE TABLE kept AS SELECT * FROM granted").await;
        ada.says("/claude grant revoke G1").await;
        stage.tamper("DELETE FROM granted").await;
        stage.tamper("INSERT INTO granted SELECT * FROM kept").await;
        assert_eq!(stage.right("mira", Permission::Invite).await, Right::Ask, "{engine:?}");
        assert_snapshot!(ada.says("/claude grant list").await.told(), @"Nothing was granted.");
        mira.was_told().await;
        mira.was_told().await;
        stage.close().await;
    }
}

#[tokio::test]
async fn whoever_is_suspended_or_gone_loses_it() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        ada.says("/claude grant give mira@example.com --permission invite").await;
        mira.was_told().await;
        assert_eq!(stage.right("mira", Permission::Invite).await, Right::Do, "{engine:?}");
        stage.tamper("UPDATE link SET state = 'suspended' WHERE account = 'browser:mira'").await;
        assert_eq!(stage.right("mira", Permission::Invite).await, Right::No, "{engine:?}");
        stage.tamper("UPDATE link SET state = 'active' WHERE account = 'browser:mira'").await;
        stage.change_standing("mira", |it| it.kind = steward::chat::Kind::Guest);
        assert_eq!(stage.right("mira", Permission::Invite).await, Right::No, "{engine:?}");
        stage.change_standing("mira", |it| it.kind = steward::chat::Kind::Person);
        stage.tamper("UPDATE member SET gone_at_ms = 1 WHERE email = 'mira@example.com'").await;
        assert_eq!(stage.right("mira", Permission::Invite).await, Right::No, "{engine:?}");
        stage.close().await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_said() {
    let engine = engines()[0];
    let stage = Stage::open(engine).await;
    let [ada, mira, lea] = stage.cast(["ada", "mira", "lea"]);
    let give = "/claude grant give mira@example.com --permission key.get";
    assert_snapshot!(ada.says(&format!("{give} --until 2026-11-30")).await.told(), @r"
    2026-11-30 is over, so such a grant would give nothing.
    Nothing was changed. Name a later day, or none.
    ");
    assert_snapshot!(ada.says(&format!("{give} --until tomorrow")).await.told(), @r"
    tomorrow will not do for --until: a day is written like 2026-12-31.
    For example: /claude grant give mira@example.com --permission key.get --workspace research --until 2026-12-31
    ");
    assert_snapshot!(ada.says("/claude grant give mira@example.com --permission everything").await.told(), @r"
    everything will not do for --permission: only member.see, invite, member.manage, workspace.manage, workspace.join, key.get, key.own, key.manage, limit.manage, limit.raise, usage.own, usage.totals, usage.others, report.subscribe, approve, audit or admin will.
    For example: /claude grant give mira@example.com --permission key.get --workspace research --until 2026-12-31
    ");
    assert_snapshot!(ada.says(&format!("{give} --workspace nowhere")).await.told(), @r"
    No workspace is called nowhere.
    All of them: /claude workspace list.
    ");
    assert_snapshot!(ada.says("/claude grant give @browser:lea --permission key.get").await.told(), @r"
    @lea is not linked yet.
    Nothing was changed. They link their account first.
    ");
    assert_snapshot!(ada.says("/claude grant revoke 17").await.told(), @r"
    17 will not do for grant: a grant is named like G17.
    For example: /claude grant revoke G1
    ");
    ada.says(&format!("{give} --workspace research")).await;
    mira.was_told().await;
    assert_snapshot!(ada.says(&format!("{give} --workspace research --until 2026-12-24")).await.told(), @r"
    Mira Chen was granted key.get in research already (G1).
    Nothing was changed. To change it, revoke it first: /claude grant revoke G1.
    ");
    assert_snapshot!(mira.says("/claude grant give me --permission admin").await.told(), @r"
    This needs the permission admin, which you do not have.
    Nothing was changed. /claude whoami shows what you may; an admin may do this.
    ");
    assert_snapshot!(mira.says("/claude grant revoke G1").await.told(), @r"
    This needs the permission admin, which you do not have.
    Nothing was changed. /claude whoami shows what you may; an admin may do this.
    ");
    assert_snapshot!(lea.says("/claude grant list").await.told(), @r"
    I do not know yet who you are in the Claude organization.
    Run /claude link first. Nothing was changed.
    ");
    stage.close().await;
}

/// The right stays with its workspace, whatever that is called, and ends with it.
#[tokio::test]
async fn it_goes_where_its_workspace_goes() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        ada.says("/claude grant give mira@example.com --permission invite --workspace research").await;
        mira.was_told().await;
        let right =
            async |name: &str| stage.asker("mira").await.right_within(Some(name), Permission::Invite, Toward::Other);
        stage.tamper("UPDATE workspace SET name = 'science' WHERE name = 'research'").await;
        stage.tamper("UPDATE workspace SET name = 'research' WHERE name = 'evals'").await;
        assert_eq!(right("science").await, Right::Do, "{engine:?}");
        assert_eq!(right("research").await, Right::Ask, "{engine:?}: another one that is called so now");
        stage.tamper("UPDATE workspace SET gone_at_ms = 1 WHERE name = 'science'").await;
        assert_eq!(right("science").await, Right::Ask, "{engine:?}");
        assert_eq!(stage.violations().await, Vec::<String>::new(), "{engine:?}");
        stage.close().await;
    }
}
