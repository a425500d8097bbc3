//! Taking a member out: a second admin, the address typed, and the keys that die named before they do.

use crate::bench::engines;
use crate::stage::{Stage, assert_snapshot};

const USERS: &str = "/v1/organizations/users";

/// Whoever approves has read which keys stop; afterwards they have.
#[tokio::test]
async fn a_member_is_removed_by_two_admins() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);

        assert_snapshot!(mira.says("/claude member remove sofia@example.com").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        let form = ada.opens("/claude member remove sofia@example.com --reason \"left the company\"").await;
        assert_snapshot!(form.intro.to_plain(), @"You are about to ask to remove sofia@example.com from the organization.");
        let asked = ada.submits(&form, &[("--confirm", "sofia@example.com")]).await;
        assert_snapshot!(asked.told(), @r"
        Asked: remove sofia@example.com from the organization. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @ada asks to remove sofia@example.com from the organization (waiting for a decision)
        Request: C1-xxxx
        Reason: left the company
        What happens: sofia@example.com can no longer sign in; their personal keys stop at once — DELETE /v1/organizations/users/user_…
        Role: developer
        Workspaces: Default, production, research, sandbox-playground
        Personal keys, which die: sofia-notebooks
        Other keys they made, which keep working: prompt gallery
        Member: → no
        Cost: none
        Undo: not possible
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        let own = ada.presses(&card, "Approve").await;
        assert!(own.reads().starts_with("You asked for this"), "{}", own.reads());
        assert_eq!(stage.role_of("sofia"), Some("developer"));

        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Done: sofia@example.com was removed. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        ");
        assert_snapshot!(ada.was_told().await.told(), @r"
        @grace approved your request, and it is done: sofia@example.com was removed. (done)
        Request: C1-xxxx
        ");
        they_are_gone(&stage).await;
        stage.close().await;
    }
}

/// Sofia has left, and what was hers alone works no more.
async fn they_are_gone(stage: &Stage) {
    let ada = stage.person("ada");
    assert_eq!(stage.role_of("sofia"), None);
    assert_eq!(stage.applied("DELETE", USERS), 1);
    let now = stage.clock.now();
    let status = |name: &str| {
        let keys = stage.organization.keys();
        keys.iter().find(|it| it.name == name).expect("a key of this name").status(now).as_str()
    };
    assert_eq!(status("sofia-notebooks"), "archived", "personal keys die with their member");
    assert_eq!(status("prompt gallery"), "active", "a workspace's key does not");

    assert_snapshot!(ada.says("/claude member show sofia@example.com").await.told(), @r"
    No member goes by sofia@example.com.
    Look for them with /claude member list --find ….
    ");
    assert_snapshot!(ada.says("/claude member remove sofia@example.com").await.told(), @r"
    No member goes by sofia@example.com.
    Look for them with /claude member list --find ….
    ");
}

/// Admins of the organization are removed in the Console alone; a dry run asks nobody.
#[tokio::test]
async fn some_removals_are_not_to_be_had() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");

        assert_snapshot!(ada.says("/claude member remove grace@example.com").await.told(), @r"
        grace@example.com is an admin of the organization, and the API cannot remove admins.
        An admin can do it in the Console, under Settings, Members.
        ");
        let plan = ada.says("/claude member remove mira@example.com --dry-run").await;
        assert_snapshot!(plan.told(), @r"
        This would remove mira@example.com from the organization. Nothing was changed. (dry run)
        What happens: mira@example.com can no longer sign in; their personal keys stop at once — DELETE /v1/organizations/users/user_…
        Role: developer
        Workspaces: Default, data-platform, evals, research
        Personal keys, which die: mira-laptop
        Other keys they made, which keep working: nightly evals, paper-reader
        Member: → no
        Cost: none
        Undo: not possible
        One approver has to agree.
        ");
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        stage.close().await;
    }
}

/// Whoever is removed has no rights from that moment on.
#[tokio::test]
async fn whoever_was_removed_is_a_stranger_again() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let waiting = mira.says("/claude invite lea@example.com").await.request();
        let own = stage.next_in("approvals").await;
        let form = ada.opens("/claude member remove mira@example.com").await;
        ada.submits(&form, &[("--confirm", "mira@example.com")]).await;
        let card = stage.next_in("approvals").await;
        grace.presses(&card, "Approve").await;
        ada.was_told().await;

        assert_snapshot!(mira.says("/claude invite tom@example.com").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        assert_snapshot!(ada.presses(&own, "Approve").await.told(), @r"
        Lapsed: invite lea@example.com as user. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: Whoever asked may no longer ask for this.
        ");
        mira.was_told().await;
        assert_eq!(stage.state(&waiting).await, "lapsed");
        stage.close().await;
    }
}
