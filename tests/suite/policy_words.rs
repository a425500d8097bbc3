//! `policy why`: which rule decides, who could approve, and where each right comes from, in words.

use std::time::Duration;

use steward::domain::{Approvals, Approver, AskedBy, AtMost, Decision, Environment, Kind, Place, PolicyRule, Role};

use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot};

fn rules() -> Vec<PolicyRule> {
    let for_members = |decision| PolicyRule {
        asked_by: Some(AskedBy::Role(Role::Member)),
        ..PolicyRule::about(Kind::Invite, decision)
    };
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
        PolicyRule {
            workspace: Some("research".into()),
            ..PolicyRule::about(Kind::WorkspaceMember, Decision::Approvals(two))
        },
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
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude policy why mira@example.com invite").await.told(), @r"
        If @mira asks to invite somebody (invite):
        They may: ask, by invite: role member (their account is linked)
        Policy asks: 1 approval by role admin. So says the shipped table; the configuration has no rules.
        Could approve: role admin: 2 known, @ada, @grace
        As billing: they may: ask, by invite: role member (their account is linked)
        As billing: policy asks: it is refused. So says the shipped table; the configuration has no rules.
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        assert_snapshot!(ada.says("/claude policy why me member.remove").await.told(), @r"
        If @ada asks to remove a member (member.remove):
        They may: yes, by member.manage: role admin (the configuration names them under first_admins); role admin (they are in browser-group:admins)
        Policy asks: 1 approval by role admin. So says the shipped table; the configuration has no rules.
        Could approve: role admin: 1 known, @grace
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        assert_snapshot!(ada.says("/claude policy why @browser:finn member.role").await.told(), @r"
        If @finn asks to change a member's role (member.role):
        They may: no: nothing gives them member.manage. It is refused.
        To or from billing: they may: no: nothing gives them member.manage. It is refused.
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        assert_snapshot!(ada.says("/claude policy why @browser:tom invite").await.told(), @r"
        If @tom asks to invite somebody (invite):
        They may: ask, because it is about themselves
        Policy asks: 1 approval by role admin. So says the shipped table; the configuration has no rules.
        Could approve: role admin: 2 known, @ada, @grace
        As billing: they may: ask, because it is about themselves
        As billing: policy asks: it is refused. So says the shipped table; the configuration has no rules.
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn what_nobody_does_for_themselves_is_told() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(ada.says("/claude policy why grace@example.com grant.give").await.told(), @r"
        If @grace asks to grant a permission (grant.give):
        They may: yes, by admin: role admin (they are in browser-group:admins)
        Policy asks: nobody has to agree; it is made at once. So says the shipped table; the configuration has no rules.
        Of admin, approve, member.manage or audit: they may: yes, by admin: role admin (they are in browser-group:admins)
        Of admin, approve, member.manage or audit: policy asks: 1 approval by role admin. So says the shipped table; the configuration has no rules.
        Of admin, approve, member.manage or audit: could approve: role admin: 1 known, @ada
        To themselves: they may: yes, by admin: role admin (they are in browser-group:admins)
        To themselves: policy asks: 1 approval by role admin. So says the shipped table; the configuration has no rules.
        To themselves: could approve: role admin: 1 known, @ada
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        assert_snapshot!(ada.says("/claude policy why mira@example.com policy.delegate").await.told(), @r"
        If @mira asks to have somebody stand in as approver (policy.delegate):
        They may: ask, because it is about themselves
        Policy asks: 1 approval by role admin. So says the shipped table; the configuration has no rules.
        Could approve: role admin: 2 known, @ada, @grace
        To whoever may decide all of it anyway: they may: yes, because it is about themselves
        To whoever may decide all of it anyway: policy asks: nobody has to agree; it is made at once. So says the shipped table; the configuration has no rules.
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        assert_snapshot!(mira.says("/claude policy why mira@example.com invite").await.told(), @r"
        This needs the permission audit, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(ada.says("/claude policy why mira@example.com dance").await.told(), @r"
        dance will not do for what: only invite, invite.withdraw, invite.resend, member.role, member.remove, workspace.create, workspace.rename, workspace.archive, workspace.member, workspace.limits, sync, member.freeze, member.thaw, grant.give, grant.revoke, policy.delegate, policy.undelegate, link, link.attest, link.remove, key.status, key.rename, key.stock, key.issue, key.rotate, key.owner, key.keep, limit.set, limit.remove, limit.raise, limit.snooze, limit.keep, limit.slow, limit.stop or limit.release will.
        For example: /claude policy why mira@example.com invite
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn rules_quotas_and_places_are_told() {
    for engine in engines() {
        let setting = Setting { policies: rules(), workspaces: vec![research()], ..Setting::on(engine) };
        let stage = Stage::set(setting).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(ada.says("/claude policy why mira@example.com invite").await.told(), @r"
        If @mira asks to invite somebody (invite):
        They may: ask, by invite: role member (their account is linked)
        Policy asks: nobody has to agree; it is made at once. So says rule 1 of 4 in the configuration.
        As billing: they may: ask, by invite: role member (their account is linked)
        As billing: policy asks: nobody has to agree; it is made at once. So says rule 1 of 4 in the configuration.
        Quota: rule 1 lets 1 through at once within 1 day; none of it is used
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        mira.says("/claude invite lea@example.com").await;
        assert_snapshot!(ada.says("/claude policy why mira@example.com invite").await.told(), @r"
        If @mira asks to invite somebody (invite):
        They may: ask, by invite: role member (their account is linked)
        Policy asks: 1 approval by role billing or browser-group:admins. So says rule 2 of 4 in the configuration.
        Could approve: role billing: 1 known, @finn
        Could approve: browser-group:admins: 2 known, @ada, @grace
        As billing: they may: ask, by invite: role member (their account is linked)
        As billing: policy asks: 1 approval by role billing or browser-group:admins. So says rule 2 of 4 in the configuration.
        As billing: could approve: role billing: 1 known, @finn
        As billing: could approve: browser-group:admins: 2 known, @ada, @grace
        Quota: rule 1 lets 1 through at once within 1 day; all of it is used up, so the next rule decides
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
        assert_snapshot!(
            ada.says("/claude policy why mira@example.com workspace.member --workspace research").await.told(),
            @r"
        If @mira asks to change who is in a workspace in research (workspace.member):
        For themselves: they may: ask, by workspace.join: role member (their account is linked)
        For themselves: policy asks: 2 approvals by browser:jonas or browser-group:ml, then role admin, in this order. So says rule 3 of 4 in the configuration.
        For themselves: could approve: browser:jonas: 1 known, @jonas
        For themselves: could approve: browser-group:ml: nobody who is known
        For themselves: could approve: role admin: 2 known, @ada, @grace
        For somebody else: they may: no: nothing gives them workspace.join. It is refused.
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        "
        );
        assert_snapshot!(ada.says("/claude policy why me workspace.archive").await.told(), @r"
        If @ada asks to archive a workspace (workspace.archive):
        They may: yes, by workspace.manage: role admin (the configuration names them under first_admins); role admin (they are in browser-group:admins)
        Policy asks: it is refused. So says rule 4 of 4 in the configuration.
        Nothing was asked for. Rights are looked at again when somebody asks, decides, and when it is made.
        ");
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
