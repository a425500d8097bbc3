//! `/claude sync`: chat groups on one side, workspaces on the other, and what makes them agree.

use steward::domain::{RoleMapFrom, WorkspaceMapEntry, WorkspaceRole};

use crate::bench::{Engine, engines};
use crate::stage::{Setting, Stage, assert_snapshot};

fn entry(group: &str, workspace: &str, role: WorkspaceRole) -> WorkspaceMapEntry {
    WorkspaceMapEntry { from: RoleMapFrom::Group(format!("browser-group:{group}")), workspace: workspace.into(), role }
}

/// A stage whose map speaks of two workspaces and of one that does not exist; the chats have told where everybody is.
async fn mapped(engine: Engine) -> Stage {
    let workspace_map = vec![
        entry("lab", "evals", WorkspaceRole::WorkspaceDeveloper),
        entry("leads", "evals", WorkspaceRole::WorkspaceAdmin),
        entry("admins", "evals", WorkspaceRole::WorkspaceUser),
        entry("lab", "moon-base", WorkspaceRole::WorkspaceUser),
    ];
    let stage = Stage::set(Setting { workspace_map, ..Setting::on(engine) }).await;
    join(&stage, "amara", &["lab"]);
    join(&stage, "kenji", &["lab", "leads"]);
    stage.advance(1).await;
    stage
}

fn join(stage: &Stage, who: &str, groups: &[&str]) {
    stage.change_standing(who, |it| it.groups.extend(groups.iter().map(|it| format!("browser-group:{it}"))));
}

#[tokio::test]
async fn a_plan_tells_who_comes_and_goes_and_why() {
    for engine in engines() {
        let stage = mapped(engine).await;
        let ada = stage.person("ada");
        let before = stage.seats("evals");
        let plan = ada.says("/claude sync").await;
        assert_snapshot!(plan.told(), @r"
        By the workspace map, 2 come in, 0 change, 2 leave and 2 stay.
        Workspace | Member | What | Why
        evals | ada@example.com | cannot be done by the API | in browser-group:admins, so workspace_user, but admin of the organization is in every workspace by that
        evals | amara@example.com | add as workspace_developer | in browser-group:lab, so workspace_developer
        evals | grace@example.com | cannot be done by the API | in browser-group:admins, so workspace_user, but admin of the organization is in every workspace by that
        evals | kenji@example.com | add as workspace_admin | in browser-group:leads, so workspace_admin
        evals | mira@example.com | remove, was workspace_developer | in no group that belongs there
        evals | oskar@example.com | remove, was workspace_developer | in no group that belongs there
        Stay: 2: billing of the organization
        Left alone: 7 memberships of people whose chat account is not linked
        No such workspace: moon-base
        [Do all 4] [Only add (2)] [Only remove (2)]
        ");
        assert_eq!(stage.seats("evals"), before, "a plan changes nothing");

        let done = ada.presses(&plan, "Do all 4").await;
        assert_snapshot!(done.told(), @r"
        Done: amara@example.com is workspace_developer in evals; kenji@example.com is workspace_admin in evals; mira@example.com is no longer in evals; oskar@example.com is no longer in evals. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 10:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(format!("{:?}", stage.seats("evals")), @r#"[("amara", "workspace_developer"), ("chloe", "workspace_developer"), ("diego", "workspace_developer"), ("elena", "workspace_developer"), ("hannah", "workspace_developer"), ("ingrid", "workspace_developer"), ("kenji", "workspace_admin"), ("nina", "workspace_developer")]"#);
        assert_snapshot!(ada.says("/claude sync").await.told(), @r"
        Nothing to do: 4 memberships are as the workspace map says.
        Workspace | Member | What | Why
        evals | ada@example.com | cannot be done by the API | in browser-group:admins, so workspace_user, but admin of the organization is in every workspace by that
        evals | grace@example.com | cannot be done by the API | in browser-group:admins, so workspace_user, but admin of the organization is in every workspace by that
        Stay: 2: billing of the organization
        Stay: 1: in browser-group:lab, so workspace_developer
        Stay: 1: in browser-group:leads, so workspace_admin
        Left alone: 7 memberships of people whose chat account is not linked
        No such workspace: moon-base
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_part_can_be_done_alone() {
    for engine in engines() {
        let stage = mapped(engine).await;
        let ada = stage.person("ada");
        let before = stage.seats("evals");
        let plan = ada.says("/claude sync").await;
        let part = ada.presses(&plan, "Only add (2)").await;
        assert_snapshot!(part.told(), @r"
        By the workspace map, 2 come in, 0 change, 0 leave and 0 stay.
        Workspace | Member | What | Why
        evals | amara@example.com | add as workspace_developer | in browser-group:lab, so workspace_developer
        evals | kenji@example.com | add as workspace_admin | in browser-group:leads, so workspace_admin
        Left alone: 7 memberships of people whose chat account is not linked
        No such workspace: moon-base
        [Do all 2]
        ");
        ada.presses(&part, "Do all 2").await;
        let after = stage.seats("evals");
        assert_eq!(after.len(), before.len() + 2);
        assert!(before.iter().all(|it| after.contains(it)), "nobody left");

        let one = ada.says("/claude sync --of mira@example.com --workspace evals --only remove").await;
        ada.presses(&one, "Do all 1").await;
        assert_eq!(stage.seats("evals").len(), before.len() + 1);
        assert!(stage.seats("evals").iter().all(|(name, _)| name != "mira"));
        stage.close().await;
    }
}

/// What is made is what was seen.
#[tokio::test]
async fn a_plan_that_is_no_longer_true_is_not_made() {
    for engine in engines() {
        let stage = mapped(engine).await;
        let ada = stage.person("ada");
        let before = stage.seats("evals");
        let plan = ada.says("/claude sync").await;
        join(&stage, "mira", &["lab"]);
        stage.advance(1).await;
        let again = ada.presses(&plan, "Do all 4").await;
        assert_snapshot!(again.told().lines().next().unwrap(), @"The plan is no longer the one that you saw. Nothing was changed.");
        assert_eq!(stage.seats("evals"), before);

        // Somebody in the Console was faster; the copy does not know it yet.
        let plan = ada.says("/claude sync").await;
        let evals = stage.organization.workspaces().into_iter().find(|it| it.name == "evals").unwrap().id;
        stage
            .console()
            .add_workspace_member(&evals, &stage.member_id("amara"), &"workspace_user".into())
            .await
            .unwrap();
        let label = plan.message.buttons[0].label.clone();
        let refused = ada.presses(&plan, &label).await;
        assert_snapshot!(refused.told(), @r"
        Lapsed: bring workspaces to the map: 2 to add, 0 to change, 1 to remove. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 11:00 UTC
        Approved by: policy, at once
        What happened: The workspaces have changed since this was planned.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn only_what_the_chats_said_lately_counts() {
    for engine in engines() {
        let stage = mapped(engine).await;
        stage.chat.fall_silent(true);
        let before = stage.clock.now();
        stage.clock.advance_to(steward::clock::moment(before.as_millisecond() + 31 * 60_000));
        assert_snapshot!(stage.person("ada").says("/claude sync").await.told(), @r"
        The chats have not said lately who is in which group, so nothing can be compared.
        Left alone: 7 memberships of people whose chat account is not linked
        Left alone: 10 linked people of whom the chat has not said lately in which groups they are
        No such workspace: moon-base
        They are asked every ten minutes. If it stays like this, an operator looks at steward doctor.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn whoever_does_not_manage_members_is_refused() {
    for engine in engines() {
        let stage = mapped(engine).await;
        assert_snapshot!(stage.person("mira").says("/claude sync").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        let plain = Stage::open(engine).await;
        assert_snapshot!(plain.person("ada").says("/claude sync").await.told(), @r"
        The configuration maps no chat group to a workspace.
        Nothing was changed. An operator adds [[workspace_map]] to steward.toml.
        ");
        stage.close().await;
        plain.close().await;
    }
}

#[tokio::test]
async fn programs_get_all_of_it() {
    let stage = mapped(Engine::Sqlite).await;
    let shown = stage.person("ada").says("/claude sync --json").await.reads();
    let plan: serde_json::Value = serde_json::from_str(shown.split_once('\n').unwrap().1).unwrap();
    let lines = plan["lines"].as_array().unwrap();
    let acts: Vec<&str> = lines.iter().map(|it| it["act"].as_str().unwrap()).collect();
    for act in ["add", "remove", "cannot"] {
        assert!(acts.contains(&act), "{act} in {acts:?}");
    }
    assert_eq!(plan["missing_workspaces"], serde_json::json!(["moon-base"]));
    stage.close().await;
}

#[tokio::test]
async fn whoever_changed_groups_after_the_plan_is_left_as_they_are() {
    for engine in engines() {
        let stage = mapped(engine).await;
        let ada = stage.person("ada");
        let plan = ada.says("/claude sync").await;
        stage.change_standing("amara", |it| it.groups.clear());
        join(&stage, "mira", &["lab"]);
        let done = ada.presses(&plan, "Do all 4").await;
        assert_snapshot!(done.told(), @r"
        Done: amara@example.com is left as they are in evals: their groups have changed; kenji@example.com is workspace_admin in evals; mira@example.com is left as they are in evals: their groups have changed; oskar@example.com is no longer in evals. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 10:00 UTC
        Approved by: policy, at once
        ");
        let seats: Vec<String> = stage.seats("evals").into_iter().map(|(who, _)| who).collect();
        assert!(
            !seats.iter().any(|it| it.starts_with("amara")) && seats.iter().any(|it| it.starts_with("mira")),
            "{seats:?}"
        );
        stage.close().await;
    }
}

#[tokio::test]
async fn nobody_moves_while_a_chat_is_silent() {
    for engine in engines() {
        let stage = mapped(engine).await;
        let ada = stage.person("ada");
        let before = stage.seats("evals");
        for who in ["amara", "kenji", "mira", "oskar"] {
            stage.chat.forget_who(&steward::chat::Account::browser(who));
        }
        let plan = ada.says("/claude sync").await;
        let done = ada.presses(&plan, "Do all 4").await;
        assert_snapshot!(done.told(), @r"
        Done: amara@example.com is left as they are in evals: the chat does not say who they are; kenji@example.com is left as they are in evals: the chat does not say who they are; mira@example.com is left as they are in evals: the chat does not say who they are; oskar@example.com is left as they are in evals: the chat does not say who they are. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 10:00 UTC
        Approved by: policy, at once
        ");
        assert_eq!(stage.seats("evals"), before);
        stage.close().await;
    }
}

#[tokio::test]
async fn what_was_not_heard_lately_is_not_compared() {
    let stage = mapped(Engine::Sqlite).await;
    stage.chat.fall_silent(true);
    stage.advance(24).await;
    stage.chat.fall_silent(false);
    assert_snapshot!(stage.person("ada").says("/claude sync").await.told(), @r"
    The chats have not said lately who is in which group, so nothing can be compared.
    Left alone: 7 memberships of people whose chat account is not linked
    Left alone: 10 linked people of whom the chat has not said lately in which groups they are
    No such workspace: moon-base
    They are asked every ten minutes. If it stays like this, an operator looks at steward doctor.
    ");
    stage.leave().await;
}
