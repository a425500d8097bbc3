//! `policy why`: which rule decides, who could approve, and where each right comes from, in words.

use std::time::Duration;

use steward::domain::{Approvals, Approver, AtMost, Decision, Environment, Kind, Place, PolicyRule, Role};

use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot};

fn rules() -> Vec<PolicyRule> {
    let for_members = |decision| PolicyRule { asked_by: Some(Role::Member), ..PolicyRule::about(Kind::Invite, decision) };
    let two = Approvals {
        count: 2,
        in_order: true,
        ..Approvals::one(vec![Approver::OfWorkspace, Approver::Role("admin".into())])
    };
    vec![
        PolicyRule {
            at_most: Some(AtMost { count: 1, within: Duration::from_hours(24) }),
            ..for_members(Decision::AtOnce)
        },
        for_members(Decision::Approvals(Approvals::one(vec![
            Approver::Role("billing".into()),
            Approver::Named("browser-group:admins".into()),
        ]))),
        PolicyRule { workspace: Some("research".into()), ..PolicyRule::about(Kind::WorkspaceMember, Decision::Approvals(two)) },
        PolicyRule::about(Kind::WorkspaceArchive, Decision::Refuse),
    ]
}

fn research() -> Place {
    let approvers = vec![Approver::Named("browser:jonas".into()), Approver::Named("browser-group:ml".into())];
    Place { approvers, environment: Environment::Dev, ..Place::unnamed("research") }
}

#[tokio::test]
async fn the_shipped_table_is_told() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(ada.says("/claude policy why mira@example.com invite").await.told(), @"");
        assert_snapshot!(ada.says("/claude policy why me member.remove").await.told(), @"");
        assert_snapshot!(ada.says("/claude policy why @browser:finn member.role").await.told(), @"");
        assert_snapshot!(ada.says("/claude policy why @browser:tom invite").await.told(), @"");
        assert_snapshot!(ada.says("/claude policy why grace@example.com grant.give").await.told(), @"");
        assert_snapshot!(ada.says("/claude policy why mira@example.com policy.delegate").await.told(), @"");
        assert_snapshot!(mira.says("/claude policy why mira@example.com invite").await.told(), @"");
        assert_snapshot!(ada.says("/claude policy why mira@example.com dance").await.told(), @"");
        stage.close().await;
    }
}

#[tokio::test]
async fn rules_quotas_and_places_are_told() {
    for engine in engines() {
        let setting = Setting { policies: rules(), workspaces: vec![research()], ..Setting::on(engine) };
        let stage = Stage::set(setting).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(ada.says("/claude policy why mira@example.com invite").await.told(), @"");
        mira.says("/claude invite lea@example.com").await;
        assert_snapshot!(ada.says("/claude policy why mira@example.com invite").await.told(), @"");
        assert_snapshot!(
            ada.says("/claude policy why mira@example.com workspace.member --workspace research").await.told(),
            @""
        );
        assert_snapshot!(ada.says("/claude policy why me workspace.archive").await.told(), @"");
        stage.close().await;
    }
}

/// What it says is what then happens, for everybody and every kind that can be proposed.
#[tokio::test]
async fn what_is_told_comes_true() {
    for engine in engines() {
        let stage = Stage::set(Setting { policies: rules(), ..Setting::on(engine) }).await;
        let ada = stage.person("ada");
        for (who, what, command) in [
            ("ada", "invite", "/claude invite lea@example.com"),
            ("finn", "invite", "/claude invite lea@example.com"),
            ("mira", "invite", "/claude invite lea@example.com"),
            ("ada", "member.role", "/claude member role jonas@example.com user"),
            ("mira", "member.role", "/claude member role jonas@example.com user"),
            ("ada", "grant.give", "/claude grant give jonas@example.com --permission key.get"),
            ("mira", "grant.give", "/claude grant give jonas@example.com --permission key.get"),
            ("ada", "policy.delegate", "/claude policy delegate jonas@example.com --until 2026-12-31"),
        ] {
            let told = ada.says(&format!("/claude policy why @browser:{who} {what}")).await.told();
            let then = stage.person(who).says(&format!("{command} --dry-run")).await.told();
            let (promise, outcome) = if told.lines().nth(1).is_some_and(|it| it.contains("no: nothing")) {
                ("refused", "This needs the permission")
            } else if told.contains("Policy asks: nobody has to agree") {
                ("at once", "Nobody has to agree; it would be made at once.")
            } else {
                ("an approval", "One approver has to agree.")
            };
            assert!(then.contains(outcome), "{engine:?} {who} {what}: {promise} was promised\n{told}\n--\n{then}");
        }
        stage.close().await;
    }
}
