//! Who works in which workspace: added, given another role, taken out; asked for by people for themselves; and joined by
//! whoever was invited with a place in one.

use steward::chat::{Account, Said, Says};
use steward::domain::{Approver, Decision, Environment, Kind, Place, PolicyRule, Role, RoleMapEntry, RoleMapFrom};
use steward::sandbox::Fault;

use crate::bench::{Engine, engines};
use crate::stage::{Setting, Stage, assert_snapshot};
use crate::workspace_change::id;

/// Somebody's role in a workspace, if it was given to them.
fn role_in(stage: &Stage, workspace: &str, name: &str) -> Option<&'static str> {
    let (workspace, user) = (id(stage, workspace), stage.member_id(name));
    let rows = stage.organization.workspace_members();
    rows.iter().find(|it| it.workspace_id == workspace && it.user_id == user).map(|it| it.role.as_str())
}

#[tokio::test]
async fn an_admin_adds_changes_and_takes_out() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace add production mira@example.com --dry-run").await.told(), @r"
        This would add mira@example.com to production as workspace_user. Nothing was changed. (dry run)
        What happens: mira@example.com joins production as workspace_user — POST /v1/organizations/workspaces/wrkspc_…/members
        Role in production: not a member → workspace_user
        Cost: none
        Undo: take them out again
        Nobody has to agree; it would be made at once.
        ");
        let added = ada.says("/claude workspace add production mira@example.com --role developer").await;
        assert_snapshot!(added.told(), @r"
        Done: mira@example.com is workspace_developer in production. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_developer"));
        assert_snapshot!(ada.says("/claude workspace add production mira@example.com").await.told(), @r"
        mira@example.com is in production already, as workspace_developer.
        Nothing was changed. Another role is given with /claude workspace role production mira@example.com ….
        ");
        let changed = ada.says("/claude workspace role production mira@example.com admin").await;
        assert_snapshot!(changed.told(), @r"
        Done: mira@example.com is workspace_admin in production now, was workspace_developer. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(ada.presses(&changed, "Undo").await.told(), @r"
        Done: mira@example.com is workspace_developer in production now, was workspace_admin. (done)
        Request: C3-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_developer"));
        stage.close().await;
    }
}

#[tokio::test]
async fn whoever_was_taken_out_is_let_in_again_as_before() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let added = ada.says("/claude workspace add production mira@example.com --role developer").await;
        let gone = ada.says("/claude workspace remove production mira@example.com").await;
        assert_snapshot!(gone.told(), @r"
        Done: mira@example.com is no longer in production. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "production", "mira"), None);
        assert_snapshot!(ada.says("/claude workspace remove production mira@example.com").await.told(), @r"
        mira@example.com is not in production.
        Nothing was changed. To let them in: /claude workspace add production mira@example.com.
        ");
        assert_snapshot!(ada.presses(&gone, "Undo").await.told(), @r"
        Done: mira@example.com is workspace_developer in production. (done)
        Request: C3-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_developer"));
        let undone = ada.presses(&added, "Undo").await;
        assert_snapshot!(undone.told(), @r"
        Done: mira@example.com is no longer in production. (done)
        Request: C4-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "production", "mira"), None);
        stage.close().await;
    }
}

/// What the organization's roles bring along is neither given nor taken in a workspace.
#[tokio::test]
async fn some_places_cannot_be_given_or_taken() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace add research noor@example.com").await.told(), @r"
        noor@example.com is an admin of the organization, and so workspace_admin in every workspace.
        Nothing was changed. Admins are made and unmade in the Console, under Settings, Members.
        ");
        assert_snapshot!(ada.says("/claude workspace remove research me").await.told(), @r"
        ada@example.com is an admin of the organization, and so workspace_admin in every workspace.
        Nothing was changed. Admins are made and unmade in the Console, under Settings, Members.
        ");
        assert_snapshot!(ada.says("/claude workspace add research finn@example.com").await.told(), @r"
        finn@example.com is billing in the organization, and so workspace_billing in every workspace.
        Nothing was changed. They can only be raised to workspace_admin, or lowered again.
        ");
        assert_snapshot!(ada.says("/claude workspace remove research finn@example.com").await.told(), @r"
        finn@example.com is billing in the organization, and so workspace_billing in every workspace.
        Nothing was changed. It ends with their role in the organization.
        ");
        assert_snapshot!(ada.says("/claude workspace role research finn@example.com workspace_admin").await.told(), @r"
        finn@example.com is in research only by the role billing in the organization.
        Nothing was changed. To raise them there: /claude workspace add research finn@example.com --role workspace_admin.
        ");
        assert_snapshot!(ada.says("/claude workspace add default mira@example.com").await.told(), @r"
        This is the Default Workspace: everybody is in it, with what their role in the organization brings along.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace role production mira@example.com developer").await.told(), @r"
        mira@example.com is not in production.
        Nothing was changed. To let them in: /claude workspace add production mira@example.com.
        ");
        assert_snapshot!(ada.says("/claude workspace role research mira@example.com workspace_admin").await.told(), @r"
        mira@example.com is workspace_admin in research already.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace role research mira@example.com workspace_billing").await.told(), @r"
        workspace_billing will not do for role: a role in a workspace is one of workspace_user, workspace_restricted_developer, workspace_developer and workspace_admin.
        For example: /claude workspace role research ada@example.com workspace_admin
        ");
        assert_snapshot!(ada.says("/claude workspace add research lea@example.com").await.told(), @r"
        No member goes by lea@example.com.
        Look for them with /claude member list --find ….
        ");
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(ada.says("/claude workspace add evals clara@example.com").await.told(), @r"
        evals is archived, and nothing of an archived workspace can be changed.
        Nothing was changed. See /claude workspace list.
        ");
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        stage.close().await;
    }
}

/// Billing members of the organization can be raised in a workspace, and lowered again.
#[tokio::test]
async fn billing_is_raised_and_lowered() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let raised = ada.says("/claude workspace add research finn@example.com --role workspace_admin").await;
        assert_snapshot!(raised.told(), @r"
        Done: finn@example.com is workspace_admin in research. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "research", "finn"), Some("workspace_admin"));
        assert_snapshot!(ada.says("/claude workspace role research finn@example.com developer").await.told(), @r"
        finn@example.com is billing in the organization, and so workspace_billing in every workspace.
        Nothing was changed. They can only be raised to workspace_admin, or lowered again.
        ");
        assert_snapshot!(ada.presses(&raised, "Undo").await.told(), @r"
        Done: finn@example.com is workspace_billing in research again. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(role_in(&stage, "research", "finn"), None);
        stage.close().await;
    }
}

fn led_by_jonas(engine: Engine) -> Setting {
    let jonas = Approver::Named("browser:jonas".into());
    let production = Place {
        environment: Environment::Production,
        approvers: vec![jonas],
        approvers_channel: Some("browser:production".into()),
        ..Place::unnamed("production")
    };
    Setting { workspaces: vec![production], ..Setting::on(engine) }
}

/// A member asks for their own place; the workspace's own approvers decide, and nobody about themselves.
#[tokio::test]
async fn a_member_asks_for_a_place_of_their_own() {
    for engine in engines() {
        let stage = Stage::set(led_by_jonas(engine)).await;
        let [jonas, mira] = stage.cast(["jonas", "mira"]);
        assert_snapshot!(mira.says("/claude workspace add production jonas@example.com").await.told(), @r"
        You may ask for a place of your own in a workspace, but not for somebody else's.
        Nothing was changed. Ask an admin.
        ");
        let shown = mira.says("/claude workspace show production").await;
        let asked = mira.presses(&shown, "Ask to join").await;
        assert_snapshot!(asked.told(), @r"
        Asked: add mira@example.com to production as workspace_user. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("production").await;
        assert_snapshot!(card.told(), @r"
        @mira asks to add mira@example.com to production as workspace_user (waiting for a decision)
        Request: C1-xxxx
        What happens: mira@example.com joins production as workspace_user — POST /v1/organizations/workspaces/wrkspc_…/members
        Role in production: not a member → workspace_user
        Cost: none
        Undo: take them out again
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert_snapshot!(mira.presses(&card, "Approve").await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C1-xxxx.
        ");
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @r"
        Done: mira@example.com is workspace_user in production. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @jonas, 2026-12-01 09:00 UTC
        [Undo]
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @jonas approved your request, and it is done: mira@example.com is workspace_user in production. (done)
        Request: C1-xxxx
        ");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_user"));
        stage.close().await;
    }
}

/// Leaving and another role are asked for in the same way.
#[tokio::test]
async fn a_member_asks_to_leave() {
    for engine in engines() {
        let stage = Stage::set(led_by_jonas(engine)).await;
        let [ada, jonas, mira] = stage.cast(["ada", "jonas", "mira"]);
        ada.says("/claude workspace add production mira@example.com").await;
        assert_snapshot!(jonas.says("/claude workspace role production me admin").await.told(), @r"
        jonas@example.com is workspace_admin in production already.
        Nothing was changed.
        ");
        assert_snapshot!(mira.says("/claude workspace remove production me").await.told(), @r"
        Asked: take mira@example.com out of production. (waiting for a decision)
        Request: C2-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("production").await;
        jonas.presses(&card, "Deny").await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        @jonas said no to your request to take mira@example.com out of production. (denied)
        Request: C2-xxxx
        ");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_user"));
        stage.close().await;
    }
}

/// Whoever was approved while somebody else let them in: the world moved.
#[tokio::test]
async fn somebody_let_them_in_meanwhile() {
    for engine in engines() {
        let stage = Stage::set(led_by_jonas(engine)).await;
        let [jonas, mira] = stage.cast(["jonas", "mira"]);
        mira.says("/claude workspace add production me --role developer").await;
        let card = stage.next_in("production").await;
        let role = steward::claude::WorkspaceRole::User;
        stage.console().add_workspace_member(&id(&stage, "production"), &stage.member_id("mira"), &role).await.unwrap();
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @r"
        Lapsed: add mira@example.com to production as workspace_developer. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @jonas, 2026-12-01 09:00 UTC
        What happened: mira@example.com is in production already, as workspace_user.
        ");
        mira.was_told().await;
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_user"));
        stage.close().await;
    }
}

/// A role of Steward's that counts in one workspace lets people do things there, and nowhere else.
#[tokio::test]
async fn an_admin_of_one_workspace_is_one_there_alone() {
    for engine in engines() {
        let from = RoleMapFrom::Account(Account::browser("mira"));
        let roles = vec![RoleMapEntry { from, role: Role::Admin, workspace: Some("evals".into()) }];
        let stage = Stage::set(Setting { roles, ..Setting::on(engine) }).await;
        let mira = stage.person("mira");
        assert_snapshot!(mira.says("/claude workspace add evals jonas@example.com").await.told(), @r"
        Done: jonas@example.com is workspace_user in evals. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(mira.says("/claude workspace add production nina@example.com").await.told(), @r"
        You may ask for a place of your own in a workspace, but not for somebody else's.
        Nothing was changed. Ask an admin.
        ");
        assert_snapshot!(mira.says("/claude workspace limits production --set opus:requests=5").await.told(), @r"
        This needs the permission workspace.manage, which you do not have.
        Nothing was changed. Ask an admin.
        ");
        assert_snapshot!(mira.says("/claude workspace limits evals --set opus:requests=5").await.told(), @r"
        Done: evals may use of Claude Opus 5: 5 requests per minute, within about an hour. (done)
        Request: C2-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(mira.says("/claude workspace create mine").await.told(), @r"
        This needs the permission workspace.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(mira.says("/claude workspace archive evals").await.told(), @r"
        Policy does not let you archive the workspace evals, and with it 6 API keys.
        Nothing was changed. An admin can ask for it.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn lost_answers_give_one_place() {
    for engine in engines() {
        for fault in
            [Fault::FailAfter, Fault::CutAfter, Fault::Empty, Fault::Malformed, Fault::FailBefore, Fault::CutBefore]
        {
            let stage = Stage::open(engine).await;
            let ada = stage.person("ada");
            let path = format!("/v1/organizations/workspaces/{}/members", id(&stage, "production"));
            for (said, method, role) in [
                ("add production mira@example.com", "POST", Some("workspace_user")),
                ("role production mira@example.com developer", "POST", Some("workspace_developer")),
                ("remove production mira@example.com", "DELETE", None),
            ] {
                stage.organization.misbehave(&format!("{method} {path}"), fault.clone(), 1);
                ada.says(&format!("/claude workspace {said}")).await;
                stage.advance_minutes(6).await;
                assert_eq!(role_in(&stage, "production", "mira"), role, "{said} {fault:?}");
            }
            let all = stage.house.store.requests(&steward::store::RequestFilter::All, 10).await.unwrap();
            assert!(all.iter().all(|it| it.state.as_str() == "applied"), "{fault:?}");
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// A lost answer, and another role by somebody else before anybody could look: nothing is overwritten.
#[tokio::test]
async fn a_role_that_somebody_else_gave_meanwhile_is_not_overwritten() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let path = format!("/v1/organizations/workspaces/{}/members", id(&stage, "production"));
        stage.organization.misbehave(&format!("POST {path}"), Fault::CutBefore, 1);
        // The look before the call passes; what comes after it does not.
        let (organization, post, get) = (stage.organization.clone(), format!("POST {path}"), format!("GET {path}"));
        stage.meddler.watch(Some(Box::new(move |what, after| {
            if !after && what == post {
                organization.misbehave(&get, Fault::FailBefore, 1_000);
            }
            false
        })));
        ada.says("/claude workspace add production mira@example.com").await;
        stage.meddler.watch(None);
        let role = steward::claude::WorkspaceRole::Admin;
        stage.console().add_workspace_member(&id(&stage, "production"), &stage.member_id("mira"), &role).await.unwrap();
        stage.organization.misbehave(&format!("GET {path}"), Fault::FailBefore, 0);
        stage.advance(1).await;
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        An admin has to look at this: add mira@example.com to production as workspace_user. (parked)
        Request: C1-xxxx
        Anthropic's answer was unclear, and somebody has given them another role in the workspace meanwhile (workspace_role_changed_elsewhere).
        Nothing is sent again. Set it right in the Claude Console; I look again every hour.
        ");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_admin"));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Invited, accepted by mail, joined: the invitation is one call, each workspace another, later.
#[tokio::test]
async fn whoever_accepts_joins_the_workspaces_they_were_invited_to() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let invite = "/claude invite lea@example.com --role developer --workspace research:developer --workspace evals";
        assert_snapshot!(ada.says(&format!("{invite} --dry-run")).await.told(), @r"
        This would invite lea@example.com as developer, then into research and evals. Nothing was changed. (dry run)
        What happens: Anthropic sends lea@example.com an invitation as developer, good for 21 days — POST /v1/organizations/invites
        What happens: once they have accepted, they join research as workspace_developer — POST /v1/organizations/workspaces/wrkspc_…/members
        What happens: once they have accepted, they join evals as workspace_user — POST /v1/organizations/workspaces/wrkspc_…/members
        Member: no
        Open invitation: none → as developer
        Workspace research: not a member → workspace_developer once accepted
        Workspace evals: not a member → workspace_user once accepted
        Cost: none
        Undo: withdraw the invitation while it is pending
        Nobody has to agree; it would be made at once.
        ");
        let answer = ada.says(invite).await;
        assert_snapshot!(answer.told(), @r"
        Approved, but not made yet: invite lea@example.com as developer, then into research and evals. (approved)
        lea@example.com was invited as developer. research and evals follow once the invitation is accepted.
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        let asked = stage.request_about("lea@example.com").await;
        assert_snapshot!(ada.says(&format!("/claude request show {asked}")).await.told(), @r"
        Approved, being made: invite lea@example.com as developer, then into research and evals. (approved)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        What happened: lea@example.com was invited as developer. research and evals follow once the invitation is accepted.
        ");
        stage.advance(3).await;
        assert_eq!(stage.state(&asked).await, "applying");

        stage.accept_mail("lea@example.com");
        stage.advance(1).await;
        assert_snapshot!(ada.was_told().await.told(), @r"
        Your request is done: lea@example.com was invited as developer; lea@example.com is workspace_developer in research; lea@example.com is workspace_user in evals. (done)
        Request: C1-xxxx
        ");
        assert_eq!(role_in(&stage, "research", "lea"), Some("workspace_developer"));
        assert_eq!(role_in(&stage, "evals", "lea"), Some("workspace_user"));
        assert_eq!(stage.state(&asked).await, "applied");
        stage.close().await;
    }
}

/// Whoever asked for it and was approved hears that it is under way, and what it waits for.
#[tokio::test]
async fn what_waits_is_told_to_whoever_asked() {
    for engine in engines() {
        let policies = vec![PolicyRule::about(Kind::Invite, Decision::one_admin())];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let asked = ada.says("/claude invite lea@example.com --workspace evals").await.request();
        let card = stage.next_in("approvals").await;
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Approved, but not made yet: invite lea@example.com as user, then into evals. (approved)
        lea@example.com was invited as user. evals follows once the invitation is accepted.
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        assert_snapshot!(ada.was_told().await.told(), @r"
        @grace approved your request to invite lea@example.com as user, then into evals, and it is under way. (approved)
        Request: C1-xxxx
        lea@example.com was invited as user. evals follows once the invitation is accepted.
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Approved, being made: invite lea@example.com as user, then into evals. (approved)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        What happened: lea@example.com was invited as user. evals follows once the invitation is accepted.
        ");
        // What waits can be taken back: nobody joins then.
        assert_snapshot!(ada.says(&format!("/claude request undo {asked}")).await.told(), @r"
        Done: the invitation of lea@example.com was withdrawn. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        stage.advance(24).await;
        assert_eq!(stage.state(&asked).await, "undone");
        assert_eq!(stage.open_invites("lea@example.com"), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A workspace that is archived meanwhile holds up nothing else, and that is told.
#[tokio::test]
async fn a_workspace_that_is_gone_by_then_is_told() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        ada.says("/claude invite lea@example.com --workspace evals,research").await;
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        stage.chat.forget_unheard();
        stage.accept_mail("lea@example.com");
        stage.advance(1).await;
        assert_snapshot!(ada.was_told().await.told(), @r"
        Your request is done: lea@example.com was invited as user; evals was archived meanwhile, so lea@example.com does not join it; lea@example.com is workspace_user in research. (done)
        Request: C1-xxxx
        ");
        assert_eq!(role_in(&stage, "evals", "lea"), None);
        assert_eq!(role_in(&stage, "research", "lea"), Some("workspace_user"));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn some_invitations_into_workspaces_are_not_to_be_had() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(mira.says("/claude invite lea@example.com --workspace research").await.told(), @r"
        You may ask for a place of your own in a workspace, but not for somebody else's.
        Nothing was changed. Ask an admin.
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace default").await.told(), @r"
        This is the Default Workspace: everybody is in it, with what their role in the organization brings along.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace reserch").await.told(), @r"
        No workspace is called reserch.
        Did you mean research? All of them: /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace research:owner").await.told(), @r"
        research:owner will not do for --workspace: a role in a workspace is one of workspace_user, workspace_restricted_developer, workspace_developer and workspace_admin; a workspace with a colon in its name goes by its wrkspc_… id.
        For example: /claude invite ada@example.com --workspace research:workspace_developer --workspace evals
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace research,RESEARCH:admin").await.told(), @r"
        The workspace research is named twice.
        Nothing was sent. Name each workspace once, with one role.
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com --role billing --workspace research").await.told(), @r"
        Whoever is billing in the organization is in every workspace already, and can only be raised to workspace_admin.
        Nothing was sent. Leave the workspace out, or name workspace_admin.
        ");
        assert_eq!(stage.open_invites("lea@example.com"), 0);
        stage.close().await;
    }
}

/// A stranger may say where they want to work when they ask for their own invitation: whoever decides reads it.
#[tokio::test]
async fn a_stranger_asks_for_an_invitation_with_a_place() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, tom] = stage.cast(["ada", "tom"]);
        assert_snapshot!(tom.says("/claude invite me --workspace support-bot").await.told(), @r"
        Asked: invite tom@example.com as user, then into support-bot. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        tom.was_told().await;
        stage.accept_mail("tom@example.com");
        stage.advance(1).await;
        assert_eq!(role_in(&stage, "support-bot", "tom"), Some("workspace_user"));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// What comes next is suggested from the directory.
#[tokio::test]
async fn workspaces_and_members_are_suggested() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        for (typed, suggested) in [
            ("workspace add supp", vec!["support-bot"]),
            ("workspace add support-bot mira", vec!["mira@example.com"]),
            ("workspace role support-bot mira@example.com adm", vec!["workspace_admin"]),
            ("invite a@example.com --workspace supp", vec!["support-bot"]),
            ("invite a@example.com --workspace support-bot:adm", vec!["support-bot:workspace_admin"]),
        ] {
            let words = typed.split(' ').map(str::to_owned).collect();
            let Says::Suggestions(found) = ada.reply(Said::Typing(words)).await.says else { panic!("{typed}") };
            let found: Vec<String> = found.into_iter().map(|(value, _)| value).collect();
            assert_eq!(found, suggested, "{typed}");
        }
        stage.close().await;
    }
}

/// An invitation is taken back while its workspaces wait for it to be accepted: it never counted as applied, and that is no
/// violation.
#[tokio::test]
async fn what_is_taken_back_half_way_breaks_no_invariant() {
    let stage = Stage::open(Engine::Sqlite).await;
    let ada = stage.person("ada");
    ada.says("/claude invite lea@example.com --workspace evals").await;
    let asked = stage.request_about("lea@example.com").await;
    ada.says(&format!("/claude request undo {asked}")).await;
    assert_eq!(stage.state(&asked).await, "undone");
    assert_eq!(stage.violations().await, Vec::<String>::new());
    stage.close().await;
}
