//! A person's page joins what is known of them, for each reader as far as they may see.

use steward::chat::{Said, Says};

use crate::bench::engines;
use crate::identity_links::{DISCORD, join};
use crate::stage::{Stage, assert_snapshot};

#[tokio::test]
async fn a_persons_page_joins_what_is_known_of_them() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        join(&other, &mira).await;
        other.was_told().await;
        other.says("/claude invite tom@example.com").await;
        stage.next_in("approvals").await;
        assert_snapshot!(ada.says("/claude member show mira@example.com").await.told(), @"");
        let own = mira.says("/claude member show me").await.told();
        assert!(own.contains("Steward role") && own.contains("Open requests: C1-xxxx"), "{own}");
        assert_snapshot!(jonas.says("/claude member show mira@example.com").await.told(), @"");
        assert_snapshot!(ada.says("/claude member show me").await.told(), @"");
        stage.change_standing("mira", |it| it.email = Some("m@elsewhere.example".into()));
        mira.says("/claude status").await;
        mira.was_told().await;
        other.was_told().await;
        stage.next_in("approvals").await;
        let page = ada.says("/claude member show mira@example.com").await;
        assert!(page.reads().contains("held back: the address in its chat profile changed"), "{}", page.reads());
        let again = ada.presses(&page, "Attest browser:mira").await;
        assert!(again.reads().starts_with("Done"), "{}", again.reads());
        mira.was_told().await;
        other.was_told().await;
        assert!(mira.says("/claude status").await.reads().starts_with("All is well"));
        let page = ada.says("/claude member show jonas@example.com").await;
        let press = Said::Press(page.button("Remove").token.clone().unwrap());
        assert!(matches!(ada.reply(press).await.says, Says::Form(form) if form.title == "Please confirm"));
        stage.close().await;
    }
}
