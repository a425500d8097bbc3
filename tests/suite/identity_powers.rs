//! What a link may not bring along by itself: two stories that random sequences and reading found first.

use crate::bench::engines;
use crate::identity_links::{DISCORD, join};
use crate::stage::Stage;

/// Somebody who is no member, and was an admin by a chat group for a while, is a stranger again when they leave it.
#[tokio::test]
async fn a_role_that_a_group_gave_ends_with_the_group() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let tom = stage.person("tom");
        stage.change_standing("tom", |it| it.groups.push("browser-group:admins".into()));
        let invited = tom.says("/claude invite ines@example.com").await;
        assert!(invited.reads().starts_with("Done: "), "{}", invited.reads());
        stage.change_standing("tom", |it| it.groups.retain(|group| group != "browser-group:admins"));
        for command in ["/claude member list", "/claude invite otto@example.com", "/claude request list"] {
            let answer = tom.says(command).await.reads();
            assert!(!answer.starts_with("Done: ") && !answer.starts_with("Asked: "), "{command}: {answer}");
        }
        let refused = tom.says("/claude member list").await.reads();
        assert!(refused.starts_with("I do not know yet who you are"), "{refused}");
        assert_eq!(stage.open_invites("otto@example.com"), 0);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Whoever was granted to decide decides from every account that is theirs; so another account is theirs only when a second
/// admin agrees.
#[tokio::test]
async fn an_account_does_not_join_somebody_who_was_granted_power_at_once() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, jonas] = stage.cast(["ada", "grace", "jonas"]);
        let id = ada.says("/claude grant give jonas@example.com --permission approve").await.request();
        grace.says(&format!("/claude approve {id}")).await;
        assert_eq!(stage.state(&id).await, "applied");
        stage.settle().await;
        stage.chat.forget_unheard();

        let other = stage.seat(DISCORD, "jonas.w", None);
        let asked = join(&other, &jonas).await;
        assert!(asked.reads().starts_with("Asked: "), "{}", asked.reads());
        assert!(other.says("/claude whoami").await.reads().starts_with("I do not know yet who you are"));
        let link = asked.request();
        jonas.says(&format!("/claude approve {link}")).await;
        assert_eq!(stage.state(&link).await, "waiting", "not by the one whom it is about");
        ada.says(&format!("/claude approve {link}")).await;
        assert_eq!(stage.state(&link).await, "applied");
        assert!(other.says("/claude whoami").await.reads().contains("approve"));
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
