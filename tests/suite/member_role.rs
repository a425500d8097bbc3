//! Changing what a member may do: at once, with a second admin where it is about money, and back again.

use crate::bench::engines;
use crate::stage::{Stage, assert_snapshot};

const USERS: &str = "/v1/organizations/users";

/// An admin changes a role at once, and back with one press.
#[tokio::test]
async fn an_admin_changes_a_role_and_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);

        assert_snapshot!(mira.says("/claude member role jonas@example.com user").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(ada.says("/claude member role jonas@example.com user --dry-run").await.told(), @r"
        This would make jonas@example.com user instead of developer. Nothing was changed. (dry run)
        What happens: the role of jonas@example.com becomes user — POST /v1/organizations/users/user_…
        Role: developer → user
        Cost: none
        Undo: make them developer again
        Nobody has to agree; it would be made at once.
        ");
        let done = ada.says("/claude member role jonas@example.com user").await;
        assert_snapshot!(done.told(), @r"
        Done: jonas@example.com is user now, was developer. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(stage.role_of("jonas"), Some("user"));
        let shown = ada.says("/claude member show jonas@example.com").await.told();
        assert!(shown.contains("Role: user"), "{shown}");

        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        Done: jonas@example.com is developer now, was user. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(stage.role_of("jonas"), Some("developer"));
        assert_eq!(stage.applied("POST", USERS), 2);
        assert_eq!(
            stage.trail().await,
            [
                "member.role.asked by ada",
                "member.role.approved by steward",
                "member.role.sending by steward",
                "member.role.applied by steward",
                "member.role.asked by ada",
                "member.role.approved by steward",
                "member.role.sending by steward",
                "member.role.applied by steward"
            ]
        );
        stage.close().await;
    }
}

/// The role billing takes the typed address and a second admin, also on the way back.
#[tokio::test]
async fn billing_takes_a_second_admin_both_ways() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);

        let form = ada.opens("/claude member role jonas@example.com billing").await;
        assert_snapshot!(form.intro.to_plain(), @"You are about to ask to make jonas@example.com billing instead of developer.");
        assert_snapshot!(ada.submits(&form, &[("--confirm", "jonas@example.com")]).await.told(), @r"
        Asked: make jonas@example.com billing instead of developer. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        let done = grace.presses(&card, "Approve").await;
        ada.was_told().await;
        assert_eq!(stage.role_of("jonas"), Some("billing"));

        let words = done.button("Undo").token.clone().unwrap();
        let steward::chat::Says::Form(form) = ada.reply(steward::chat::Said::Press(words)).await.says else {
            panic!("nothing had to be confirmed");
        };
        assert_snapshot!(form.intro.to_plain(), @"You are about to ask to make jonas@example.com developer instead of billing.");
        let asked = ada.submits(&form, &[("--confirm", "jonas@example.com")]).await;
        assert_snapshot!(asked.told(), @r"
        Asked: make jonas@example.com developer instead of billing. (waiting for a decision)
        Request: C2-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        assert_eq!(stage.role_of("jonas"), Some("billing"));
        let back = stage.next_in("approvals").await;
        grace.presses(&back, "Approve").await;
        assert_snapshot!(ada.was_told().await.told(), @r"
        @grace approved your request, and it is done: jonas@example.com is developer now, was billing. (done)
        Request: C2-xxxx
        ");
        assert_eq!(stage.role_of("jonas"), Some("developer"));
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Taken back: make jonas@example.com billing instead of developer. (undone)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        ");
        stage.close().await;
    }
}

/// Whom a request is about does not decide it, not even as an admin of Steward.
#[tokio::test]
async fn nobody_decides_about_themselves() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        stage.change_standing("jonas", |it| it.groups = vec!["browser-group:admins".into()]);
        let [ada, jonas] = stage.cast(["ada", "jonas"]);
        let form = ada.opens("/claude member role jonas@example.com billing").await;
        let id = ada.submits(&form, &[("--confirm", "jonas@example.com")]).await.request();
        let card = stage.next_in("approvals").await;

        assert_snapshot!(jonas.presses(&card, "Approve").await.told(), @r"
        This is about you, so somebody else has to decide.
        Nothing was changed.
        ");
        assert_eq!(stage.state(&id).await, "waiting");
        stage.advance(2).await;
        assert!(!jonas.has_news().await, "they are not asked either");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// What the API cannot do is said before anything is tried.
#[tokio::test]
async fn admins_of_the_organization_cannot_be_changed() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");

        assert_snapshot!(ada.says("/claude member role grace@example.com user").await.told(), @r"
        grace@example.com is an admin of the organization, and the API cannot change that.
        An admin can do it in the Console, under Settings, Members.
        ");
        assert_snapshot!(ada.says("/claude member role jonas@example.com developer").await.told(), @r"
        jonas@example.com is developer already.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude member role nobody@example.com developer").await.told(), @r"
        No member goes by nobody@example.com.
        Look for them with /claude member list --find ….
        ");
        assert_snapshot!(ada.says("/claude member role jonas@example.com admin").await.told(), @r"
        admin will not do for role: the role admin cannot be given through the API; only an admin can give it, in the Claude Console.
        For example: /claude member role ada@example.com developer
        ");
        assert_snapshot!(ada.says("/claude member role ra user").await.told(), @r"
        Several members are called that: Ada Brandt (ada@example.com), Aisha Rahman (aisha@example.com), Amara Diallo (amara@example.com), Clara Weiss (clara@example.com), Grace Okafor (grace@example.com) and more.
        Name the one you mean by address.
        ");
        assert_eq!(stage.applied("POST", USERS), 0);
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        stage.close().await;
    }
}
