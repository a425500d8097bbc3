//! Drift: what somebody changes past Steward is told once, and adopted, reverted or ignored.

use steward::claude::{KeyStatus, Role, WorkspaceRole};
use steward::clock::moment;
use steward::sandbox::KeyOrder;

use crate::bench::{Engine, engines};
use crate::stage::{Shown, Stage, assert_snapshot};

/// So long until the lists were read again, and what they show was told.
async fn a_while(stage: &Stage) {
    let target = moment(stage.clock.now().as_millisecond() + 11 * 60_000);
    let pushed = stage.house.push_to(target).await;
    pushed.unwrap_or_else(|failure| panic!("{}", failure.logged()));
    stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 61_000));
    stage.settle().await;
}

/// A story in which every list and every workspace was looked at.
async fn known(engine: Engine) -> Stage {
    let stage = Stage::open(engine).await;
    a_while(&stage).await;
    stage
}

async fn card(stage: &Stage) -> Shown {
    stage.next_in("approvals").await
}

/// An active key that belongs to no one person.
fn workspace_key(stage: &Stage) -> String {
    let is_meant = |it: &&steward::sandbox::Key| {
        it.kind == steward::sandbox::KeyKind::Workspace
            && it.status(stage.clock.now()) == steward::sandbox::KeyStatus::Active
    };
    stage.organization.keys().iter().find(is_meant).unwrap().id.clone()
}

#[tokio::test]
async fn what_was_there_at_first_is_how_it_should_be() {
    for engine in engines() {
        let stage = known(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude drift list").await.told(), @"Everything is as it should be.");
        assert_eq!(ada.says("/claude drift list --json").await.told(), "As JSON:\n[]");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_role_that_was_changed_elsewhere_is_brought_back() {
    for engine in engines() {
        let stage = known(engine).await;
        let ada = stage.person("ada");
        let mira = stage.member_id("mira");
        stage.console().set_role(&mira, &Role::ClaudeCodeUser).await.unwrap();
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(told.told(), @r"
        Changed past me: mira@example.com is claude_code_user now, and was developer. (drift)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]
        ");
        let done = ada.presses(&told, "Revert").await;
        assert_snapshot!(done.told(), @r"
        Done: mira@example.com is developer now, was claude_code_user. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:24 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(stage.role_of("mira"), Some("developer"));
        a_while(&stage).await;
        assert_snapshot!(stage.seen_again(&told).await.told(), @r"
        No longer so: mira@example.com is claude_code_user now, and was developer. (over)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        It was changed again since then, and nothing has to be done about this any more.
        ");
        assert_snapshot!(ada.presses(&told, "Revert").await.told(), @r"
        Difference 1 is no longer so.
        Nothing was changed. See /claude drift list.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn each_kind_of_change_has_its_words() {
    for engine in engines() {
        let stage = known(engine).await;
        let console = stage.console();
        let (mira, evals) = (stage.member_id("mira"), workspace(&stage, "evals"));
        console.invite("new@example.com", &Role::Developer).await.unwrap();
        console.add_workspace_member(&evals, &stage.member_id("jonas"), &WorkspaceRole::User).await.unwrap();
        console.remove_workspace_member(&evals, &mira).await.unwrap();
        console.set_key_status(&workspace_key(&stage), &KeyStatus::Inactive).await.unwrap();
        console.create_workspace("skunkworks").await.unwrap();
        a_while(&stage).await;
        let mut told = Vec::new();
        for _ in 0..5 {
            told.push(card(&stage).await.told());
        }
        told.sort();
        assert_snapshot!(told.join("\n\n"), @r"
        Changed past me: jonas@example.com was let into evals as workspace_user. (drift)
        Difference: 3
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]

        Changed past me: mira@example.com was taken out of evals. (drift)
        Difference: 4
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]

        Changed past me: new@example.com was invited as developer. (drift)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]

        Changed past me: the API key paper-reader is inactive now, and was active. (drift)
        Difference: 5
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]

        Changed past me: the workspace skunkworks was made. (drift)
        Difference: 2
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]
        ");
        assert_snapshot!(stage.person("ada").says("/claude drift list").await.told(), @r"
        5 things were changed elsewhere.
        Number | What | Found | State
        1 | new@example.com was invited as developer. | 2026-12-01 09:24 UTC | open
        2 | The workspace skunkworks was made. | 2026-12-01 09:24 UTC | open
        3 | jonas@example.com was let into evals as workspace_user. | 2026-12-01 09:24 UTC | open
        4 | mira@example.com was taken out of evals. | 2026-12-01 09:24 UTC | open
        5 | The API key paper-reader is inactive now, and was active. | 2026-12-01 09:24 UTC | open
        For each: /claude drift adopt 12, /claude drift revert 12 or /claude drift ignore 12.
        ");
        stage.close().await;
    }
}

fn workspace(stage: &Stage, name: &str) -> String {
    stage.organization.workspaces().into_iter().find(|it| it.name == name).unwrap().id
}

#[tokio::test]
async fn whoever_is_removed_takes_everything_along_in_one_card() {
    for engine in engines() {
        let stage = known(engine).await;
        stage.console().remove_user(&stage.member_id("mira")).await.unwrap();
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(told.told(), @r"
        Changed past me: mira@example.com was removed from the organization, and with that 4 more things changed. (drift)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        Whoever was removed has to be invited again: /claude invite mira@example.com.
        [Adopt] [Ignore for 30 days]
        ");
        let ada = stage.person("ada");
        let number = told.button("Adopt").words[2].clone();
        assert_snapshot!(ada.says(&format!("/claude drift revert {number}")).await.told(), @r"
        This cannot be brought back through the API: mira@example.com was removed from the organization, and with that 4 more things changed.
        Nothing was changed. If it is well as it is: /claude drift adopt 1.
        ");
        assert_snapshot!(ada.presses(&told, "Adopt").await.told(), @r"
        Adopted: mira@example.com was removed from the organization, and with that 4 more things changed.
        This is how it should be from now on.
        ");
        assert_snapshot!(stage.seen_again(&told).await.told(), @r"
        Taken as it is: mira@example.com was removed from the organization, and with that 4 more things changed. (adopted)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        Adopted by @ada.
        ");
        a_while(&stage).await;
        assert_snapshot!(ada.says("/claude drift list").await.told(), @"Everything is as it should be.");
        // That her account still counts is told in a story of its own.
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn what_steward_does_is_never_drift() {
    for engine in engines() {
        let stage = known(engine).await;
        let (ada, grace) = (stage.person("ada"), stage.person("grace"));
        ada.says("/claude invite lea@example.com --role developer --workspace evals").await;
        stage.accept_mail("lea@example.com");
        a_while(&stage).await;
        ada.says("/claude member role mira@example.com user").await;
        ada.says("/claude workspace create atelier").await;
        ada.says("/claude workspace add atelier mira@example.com --role workspace_user").await;
        a_while(&stage).await;
        ada.says("/claude workspace role atelier mira@example.com workspace_developer").await;
        ada.says("/claude workspace remove atelier mira@example.com").await;
        a_while(&stage).await;
        let asked = ada.opens("/claude member remove mira@example.com").await;
        ada.submits(&asked, &[("--confirm", "mira@example.com")]).await;
        stage.settle().await;
        let card = stage.next_in("approvals").await;
        grace.presses(&card, "Approve").await;
        a_while(&stage).await;
        let drifts = stage.house.store.standing_drifts().await.unwrap();
        assert_eq!(drifts, [], "{drifts:?}");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn what_is_ignored_is_told_again_when_its_time_is_over() {
    for engine in engines() {
        let stage = known(engine).await;
        let ada = stage.person("ada");
        stage.console().set_role(&stage.member_id("mira"), &Role::ClaudeCodeUser).await.unwrap();
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(ada.presses(&told, "Ignore for 30 days").await.told(), @r"
        Ignored until 2026-12-31 09:24 UTC: mira@example.com is claude_code_user now, and was developer.
        If it is still so then, it is told again. All of them: /claude drift list.
        ");
        assert_snapshot!(stage.seen_again(&told).await.told(), @r"
        Ignored: mira@example.com is claude_code_user now, and was developer. (ignored)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        Ignored by @ada until 2026-12-31 09:24 UTC.
        [Adopt]
        ");
        assert_snapshot!(ada.presses(&told, "Ignore for 30 days").await.told(), @r"
        Difference 1 is ignored already.
        Nothing was changed. See /claude drift list.
        ");
        stage.advance(29 * 24).await;
        assert_eq!(stage.house.store.standing_drifts().await.unwrap().len(), 1);
        assert!(stage.seen_again(&told).await.reads().contains("Ignored: "));
        stage.advance(25).await;
        assert_snapshot!(stage.seen_again(&told).await.told(), @r"
        Ignored long enough: mira@example.com is claude_code_user now, and was developer. (over)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        It is still so, and told anew below.
        ");
        let again = card(&stage).await;
        assert_snapshot!(again.told(), @r"
        Changed past me: mira@example.com is claude_code_user now, and was developer. (drift)
        Difference: 2
        Found: 2026-12-31 10:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Ignore for 30 days]
        ");
        stage.console().set_role(&stage.member_id("mira"), &Role::Developer).await.unwrap();
        a_while(&stage).await;
        assert_snapshot!(stage.seen_again(&again).await.told(), @r"
        No longer so: mira@example.com is claude_code_user now, and was developer. (over)
        Difference: 2
        Found: 2026-12-31 10:24 UTC
        It was changed again since then, and nothing has to be done about this any more.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn many_changes_are_one_message() {
    for engine in engines() {
        let stage = known(engine).await;
        for number in 0..12 {
            let email = format!("new{number:02}@example.com");
            stage.console().invite(&email, &Role::User).await.unwrap();
        }
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(told.told(), @r"
        12 things were changed past me. (drift)
        new00@example.com was invited as user. new01@example.com was invited as user. new02@example.com was invited as user.
        Each can be adopted, reverted or ignored: /claude drift list.
        [Show them]
        ");
        let ada = stage.person("ada");
        let list = ada.presses(&told, "Show them").await.reads();
        assert_eq!(list.matches("was invited as user").count(), 12, "{list}");
        assert_snapshot!(ada.says("/claude drift adopt 3").await.told(), @r"
        Adopted: new02@example.com was invited as user.
        This is how it should be from now on.
        ");
        assert_snapshot!(ada.says("/claude drift adopt 3").await.told(), @r"
        Difference 3 was adopted already.
        Nothing was changed. See /claude drift list.
        ");
        assert_snapshot!(ada.says("/claude drift adopt 77").await.told(), @r"
        There is no difference 77.
        Nothing was changed. See /claude drift list.
        ");
        assert_snapshot!(ada.says("/claude drift ignore 4 --until 2026-11-01").await.told(), @r"
        2026-11-01 is over.
        Nothing was changed. Name a day to come.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_says_nothing() {
    for engine in engines() {
        let stage = known(engine).await;
        stage.console().remove_user(&stage.member_id("mira")).await.unwrap();
        stage.organization.misbehave("/v1/organizations/users", steward::sandbox::Fault::FailBefore, 1_000);
        a_while(&stage).await;
        assert_eq!(stage.house.store.standing_drifts().await.unwrap(), []);
        stage.leave().await;
    }
}

#[tokio::test]
async fn of_two_who_press_one_is_first() {
    for engine in engines() {
        let stage = known(engine).await;
        let (ada, grace) = (stage.person("ada"), stage.person("grace"));
        let order = KeyOrder {
            by: "ada".into(),
            workspace: "evals".into(),
            name: "surprise".into(),
            kind: "workspace".into(),
            expires_in_days: None,
        };
        stage.organization.make_key(&order).unwrap();
        a_while(&stage).await;
        let told = card(&stage).await;
        assert_snapshot!(told.told(), @r"
        Changed past me: the API key surprise was made, and is active. (drift)
        Difference: 1
        Found: 2026-12-01 09:24 UTC
        Nothing happens by itself. If this was meant, adopt it.
        [Adopt] [Revert] [Look after it] [Ignore for 30 days]
        ");
        let (one, other) = tokio::join!(ada.presses(&told, "Adopt"), grace.presses(&told, "Adopt"));
        let firsts = [&one, &other].into_iter().filter(|it| it.reads().starts_with("Adopted")).count();
        assert_eq!(firsts, 1, "{}\n{}", one.reads(), other.reads());
        stage.settle().await;
        let member = stage.person("jonas");
        assert_snapshot!(member.says("/claude drift list").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        stage.close().await;
    }
}
