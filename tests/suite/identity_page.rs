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
        assert_snapshot!(ada.says("/claude member show mira@example.com").await.told(), @r"
        Mira Chen
        Address: mira@example.com
        Role: developer
        Since: 2025-08-11 22:00 UTC
        Chat accounts: @mira, @80351110224678912
        Workspaces: Default (workspace_developer), data-platform (workspace_developer), evals (workspace_developer), research (workspace_admin)
        API keys: mira-laptop (personal, active), nightly evals (workspace, active), paper-reader (workspace, active)
        Account | State | Linked by | Since
        browser:mira | active | stage | 2026-12-01 09:00 UTC
        discord:80351110224678912 | active | a code | 2026-12-01 09:00 UTC
        Steward role | Where | Because | From
        member | everywhere | the account is linked | browser:mira
        member | everywhere | the account is linked | discord:80351110224678912
        Open requests: C1-xxxx invite tom@example.com as user
        Waiting for their decision: none
        Read from Anthropic just now.
        [Change role] [Remove]
        ");
        let own = mira.says("/claude member show me").await.told();
        assert!(own.contains("Steward role") && own.contains("Open requests: C1-xxxx"), "{own}");
        assert_snapshot!(jonas.says("/claude member show mira@example.com").await.told(), @r"
        Mira Chen
        Address: mira@example.com
        Role: developer
        Since: 2025-08-11 22:00 UTC
        Chat accounts: @mira, @80351110224678912
        Workspaces: Default (workspace_developer), data-platform (workspace_developer), evals (workspace_developer), research (workspace_admin)
        Read from Anthropic just now.
        ");
        assert_snapshot!(ada.says("/claude member show me").await.told(), @r"
        Ada Brandt
        Address: ada@example.com
        Role: admin
        Since: 2024-12-11 09:00 UTC
        Chat accounts: @ada
        Workspaces: Default (workspace_admin), data-platform (workspace_admin), evals (workspace_admin), production (workspace_admin), research (workspace_admin), sandbox-playground (workspace_admin), support-bot (workspace_admin)
        API keys: airflow (service account, active), ci pipelines (service account, active), docs-indexer (service account, active), load-test (service account, inactive), on-call triage (service account, active), release-notes (service account, active), support-bot production (workspace, active)
        Account | State | Linked by | Since
        browser:ada | active | stage | 2026-12-01 09:00 UTC
        Steward role | Where | Because | From
        admin | everywhere | the configuration names the account under first_admins | browser:ada
        admin | everywhere | the account is in browser-group:admins | browser:ada
        member | everywhere | the account is linked | browser:ada
        Open requests: none
        Waiting for their decision: C1-xxxx invite tom@example.com as user
        Read from Anthropic just now.
        ");
        stage.close().await;
    }
}

/// Where a right allows, the page has buttons: an account that is held back can be attested, a member removed.
#[tokio::test]
async fn a_persons_page_has_buttons() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        join(&other, &mira).await;
        other.was_told().await;
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
