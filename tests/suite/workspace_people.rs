//! Who works in which workspace: added, given another role, taken out; asked for by people for themselves; and joined by
//! whoever was invited with a place in one.

use steward::chat::Account;
use steward::domain::{Approver, Environment, Place, Role, RoleMapEntry, RoleMapFrom};
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
        assert_snapshot!(ada.says("/claude workspace add production mira@example.com --dry-run").await.told(), @"");
        let added = ada.says("/claude workspace add production mira@example.com --role developer").await;
        assert_snapshot!(added.told(), @"");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_developer"));
        assert_snapshot!(ada.says("/claude workspace add production mira@example.com").await.told(), @"");
        let changed = ada.says("/claude workspace role production mira@example.com admin").await;
        assert_snapshot!(changed.told(), @"");
        assert_snapshot!(ada.presses(&changed, "Undo").await.told(), @"");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_developer"));
        let gone = ada.says("/claude workspace remove production mira@example.com").await;
        assert_snapshot!(gone.told(), @"");
        assert_eq!(role_in(&stage, "production", "mira"), None);
        assert_snapshot!(ada.says("/claude workspace remove production mira@example.com").await.told(), @"");
        assert_snapshot!(ada.presses(&gone, "Undo").await.told(), @"");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_developer"));
        let undone = ada.presses(&added, "Undo").await;
        assert_snapshot!(undone.told(), @"");
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
        assert_snapshot!(ada.says("/claude workspace add research noor@example.com").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace remove research me").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace add research finn@example.com").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace remove research finn@example.com").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace role research finn@example.com workspace_admin").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace add default mira@example.com").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace role production mira@example.com developer").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace role research mira@example.com workspace_admin").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace role research mira@example.com workspace_billing").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace add research lea@example.com").await.told(), @"");
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(ada.says("/claude workspace add evals clara@example.com").await.told(), @"");
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
        assert_snapshot!(raised.told(), @"");
        assert_eq!(role_in(&stage, "research", "finn"), Some("workspace_admin"));
        assert_snapshot!(ada.says("/claude workspace role research finn@example.com developer").await.told(), @"");
        assert_snapshot!(ada.presses(&raised, "Undo").await.told(), @"");
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
        assert_snapshot!(mira.says("/claude workspace add production jonas@example.com").await.told(), @"");
        let shown = mira.says("/claude workspace show production").await;
        let asked = mira.presses(&shown, "Ask to join").await;
        assert_snapshot!(asked.told(), @"");
        let card = stage.next_in("production").await;
        assert_snapshot!(card.told(), @"");
        assert_snapshot!(mira.presses(&card, "Approve").await.told(), @"");
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @"");
        assert_snapshot!(mira.was_told().await.told(), @"");
        assert_eq!(role_in(&stage, "production", "mira"), Some("workspace_user"));

        assert_snapshot!(jonas.says("/claude workspace role production me admin").await.told(), @"");
        assert_snapshot!(mira.says("/claude workspace remove production me").await.told(), @"");
        let card = stage.next_in("production").await;
        jonas.presses(&card, "Deny").await;
        assert_snapshot!(mira.was_told().await.told(), @"");
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
        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @"");
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
        assert_snapshot!(mira.says("/claude workspace add evals jonas@example.com").await.told(), @"");
        assert_snapshot!(mira.says("/claude workspace add production nina@example.com").await.told(), @"");
        assert_snapshot!(mira.says("/claude workspace limits production --set opus:requests=5").await.told(), @"");
        assert_snapshot!(mira.says("/claude workspace limits evals --set opus:requests=5").await.told(), @"");
        assert_snapshot!(mira.says("/claude workspace create mine").await.told(), @"");
        assert_snapshot!(mira.says("/claude workspace archive evals").await.told(), @"");
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
                stage.advance(1).await;
                assert_eq!(role_in(&stage, "production", "mira"), role, "{said} {fault:?}");
            }
            let all = stage.house.store.requests(&steward::store::RequestFilter::All, 10).await.unwrap();
            assert!(all.iter().all(|it| it.state.as_str() == "applied"), "{fault:?}");
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// Invited, accepted by mail, joined: the invitation is one call, each workspace another, later.
#[tokio::test]
async fn whoever_accepts_joins_the_workspaces_they_were_invited_to() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let invite = "/claude invite lea@example.com --role developer --workspace research:developer --workspace evals";
        assert_snapshot!(ada.says(&format!("{invite} --dry-run")).await.told(), @"");
        let answer = ada.says(invite).await;
        assert_snapshot!(answer.told(), @"");
        assert_snapshot!(ada.was_told().await.told(), @"");
        let asked = stage.request_about("lea@example.com").await;
        assert_snapshot!(ada.says(&format!("/claude request show {asked}")).await.told(), @"");
        stage.advance(24).await;
        assert_eq!(stage.state(&asked).await, "applying");

        stage.accept_mail("lea@example.com");
        stage.advance(1).await;
        assert_snapshot!(ada.was_told().await.told(), @"");
        assert_eq!(role_in(&stage, "research", "lea"), Some("workspace_developer"));
        assert_eq!(role_in(&stage, "evals", "lea"), Some("workspace_user"));
        assert_eq!(stage.state(&asked).await, "applied");
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
        ada.was_told().await;
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        stage.chat.forget_unheard();
        stage.accept_mail("lea@example.com");
        stage.advance(1).await;
        assert_snapshot!(ada.was_told().await.told(), @"");
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
        assert_snapshot!(mira.says("/claude invite lea@example.com --workspace research").await.told(), @"");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace default").await.told(), @"");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace reserch").await.told(), @"");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace research:owner").await.told(), @"");
        assert_snapshot!(ada.says("/claude invite lea@example.com --workspace research,RESEARCH:admin").await.told(), @"");
        assert_snapshot!(ada.says("/claude invite lea@example.com --role billing --workspace research").await.told(), @"");
        assert_eq!(stage.open_invites("lea@example.com"), 0);
        stage.close().await;
    }
}
