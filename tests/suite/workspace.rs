//! Looking at workspaces: all of them, one of them, and what one may use.

use steward::chat::{Kind, Said, Says};
use steward::domain::{Environment, Place};
use steward::sandbox::{Fault, Organization};
use steward::store::{Pass, WorkspaceRow};

use crate::bench::engines;
use crate::stage::{BEGIN, Setting, Stage, assert_snapshot, at};

fn described(name: &str, environment: Environment) -> Place {
    Place { environment, ..Place::unnamed(name) }
}

async fn stage(engine: crate::bench::Engine) -> Stage {
    let workspaces = vec![described("research", Environment::Dev), described("production", Environment::Production)];
    Stage::set(Setting { workspaces, ..Setting::on(engine) }).await
}

#[tokio::test]
async fn all_workspaces_are_listed_with_what_is_in_them() {
    for engine in engines() {
        let stage = stage(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(mira.says("/claude workspaces").await.told(), @r"
        7 workspaces.
        Workspace | Environment | Members | API keys
        data-platform | production (not configured) | 12 | 4
        Default | production (not configured) | 40 | 0
        evals | production (not configured) | 13 | 6
        production | production | 11 | 6
        research | dev | 12 | 4
        sandbox-playground | production (not configured) | 10 | 6
        support-bot | production (not configured) | 8 | 3
        As of just now.
        ");
        stage.advance(1).await;
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(ada.says("/claude workspace list --archived").await.told(), @r"
        7 workspaces.
        Workspace | Environment | Members | API keys | Archived
        data-platform | production (not configured) | 12 | 4 | no
        Default | production (not configured) | 40 | 0 | no
        evals | production (not configured) | 13 | 0 | 2026-12-01 10:00 UTC
        production | production | 11 | 6 | no
        research | dev | 12 | 4 | no
        sandbox-playground | production (not configured) | 10 | 6 | no
        support-bot | production (not configured) | 8 | 3 | no
        As of just now.
        ");
        let json = ada.says("/claude workspace list --json").await.reads();
        assert!(json.contains("\"environment\": \"dev\"") && !json.contains("evals"), "{json}");
        assert_snapshot!(ada.says("/claude workspace list --page 9").await.told(), @r"
        6 workspaces, none of them on this page.
        As of just now.
        [Previous page]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn an_admin_sees_everything_in_a_workspace() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace show Research").await.told(), @r"
        research
        Id: wrkspc_…
        Made: 2025-03-01 09:00 UTC
        Environment: dev
        Members: 12
        API keys: 4
        Rate limits: the organization's, none of its own
        Member | Address | Role here
        Ada Brandt | ada@example.com | workspace_admin, as an admin of the organization
        Aisha Rahman | aisha@example.com | workspace_developer
        Elena Petrova | elena@example.com | workspace_developer
        Finn Larsen | finn@example.com | workspace_billing, by the role billing in the organization
        Grace Okafor | grace@example.com | workspace_admin, as an admin of the organization
        Jonas Weber | jonas@example.com | workspace_developer
        Marcus Bell | marcus@example.com | workspace_developer
        Mira Chen | mira@example.com | workspace_admin
        Noor Haddad | noor@example.com | workspace_admin, as an admin of the organization
        Oskar Lind | oskar@example.com | workspace_developer
        Priya Raman | priya@example.com | workspace_billing, by the role billing in the organization
        Sofia Rossi | sofia@example.com | workspace_developer
        API key | Kind | Owner | State
        elena-experiments | personal | Elena Petrova | active
        mira-laptop | personal | Mira Chen | active
        paper-reader | workspace | the workspace, made by Mira Chen | active
        sofia-notebooks | personal | Sofia Rossi | active
        Read from Anthropic just now.
        [Rate limits] [Add a member] [Rename]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn keys_tell_whose_they_are() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace show data-platform").await.told(), @r"
        data-platform
        Id: wrkspc_…
        Made: 2026-05-05 09:00 UTC
        Environment: production (not configured)
        Members: 12
        API keys: 4
        Rate limits: the organization's, none of its own
        Member | Address | Role here
        Ada Brandt | ada@example.com | workspace_admin, as an admin of the organization
        Daniel Osei | daniel@example.com | workspace_developer
        Emma Walsh | emma@example.com | workspace_developer
        Finn Larsen | finn@example.com | workspace_billing, by the role billing in the organization
        Grace Okafor | grace@example.com | workspace_admin, as an admin of the organization
        Lukas Steiner | lukas@example.com | workspace_developer
        Mira Chen | mira@example.com | workspace_developer
        Nina Kovac | nina@example.com | workspace_developer
        Noor Haddad | noor@example.com | workspace_admin, as an admin of the organization
        Priya Raman | priya@example.com | workspace_billing, by the role billing in the organization
        Rafael Moreno | rafael@example.com | workspace_developer
        Samir Khan | samir@example.com | workspace_developer
        API key | Kind | Owner | State
        airflow | service account | svac_… | active
        batch-scoring | workspace | the workspace, made by somebody who has left | active
        rafael-etl | personal | Rafael Moreno | active
        warehouse enrichment | workspace | the workspace, made by Samir Khan | active
        Read from Anthropic just now.
        [Rate limits] [Add a member] [Rename]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn others_see_the_members_and_their_own_keys() {
    for engine in engines() {
        let stage = stage(engine).await;
        let [mira, finn] = stage.cast(["mira", "finn"]);
        assert_snapshot!(mira.says("/claude workspace show research").await.told(), @r"
        research
        Id: wrkspc_…
        Made: 2025-03-01 09:00 UTC
        Environment: dev
        Members: 12
        Your API keys here: 2
        Rate limits: the organization's, none of its own
        Member | Address | Role here
        Ada Brandt | ada@example.com | workspace_admin, as an admin of the organization
        Aisha Rahman | aisha@example.com | workspace_developer
        Elena Petrova | elena@example.com | workspace_developer
        Finn Larsen | finn@example.com | workspace_billing, by the role billing in the organization
        Grace Okafor | grace@example.com | workspace_admin, as an admin of the organization
        Jonas Weber | jonas@example.com | workspace_developer
        Marcus Bell | marcus@example.com | workspace_developer
        Mira Chen | mira@example.com | workspace_admin
        Noor Haddad | noor@example.com | workspace_admin, as an admin of the organization
        Oskar Lind | oskar@example.com | workspace_developer
        Priya Raman | priya@example.com | workspace_billing, by the role billing in the organization
        Sofia Rossi | sofia@example.com | workspace_developer
        API key | Kind | Owner | State
        mira-laptop | personal | Mira Chen | active
        paper-reader | workspace | the workspace, made by Mira Chen | active
        Read from Anthropic just now.
        [Rate limits]
        ");
        let finance = finn.says("/claude workspace show research").await.told();
        assert!(finance.contains("Your API keys here: 0") && !finance.contains("paper-reader"), "{finance}");
        stage.close().await;
    }
}

/// What changed a moment ago in the Console is shown, and with it since when.
#[tokio::test]
async fn a_workspace_is_read_again_when_it_is_shown() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        let console = stage.console();
        let (research, amara) = (id(&stage, "research"), stage.member_id("amara"));
        stage.clock.advance_to(at("2026-12-01T09:04:00Z"));
        let role = steward::claude::WorkspaceRole::User;
        console.add_workspace_member(&research, &amara, &role).await.unwrap();
        console.rename_workspace(&research, "research-lab").await.unwrap();
        let shown = ada.says("/claude workspace show research").await.told();
        assert!(shown.starts_with("research-lab\n"), "{shown}");
        assert!(shown.contains("Amara Diallo | amara@example.com | workspace_user | 2026-12-01 09:04 UTC"), "{shown}");
        assert!(
            shown.contains(
                "Ada Brandt | ada@example.com | workspace_admin, as an admin of the organization | not known"
            ),
            "{shown}"
        );
        assert!(
            shown.contains("Environment: production (not configured)"),
            "the configuration does not know that name: {shown}"
        );

        console.archive_workspace(&research).await.unwrap();
        let shown = ada.says("/claude workspace show research-lab").await.told();
        assert!(shown.contains("Archived: 2026-12-01 09:04 UTC; its API keys no longer work"), "{shown}");
        // What was changed past Steward is told in stories of its own.
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn without_anthropic_the_copy_is_shown_with_its_age() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        stage.clock.advance_to(at("2026-12-01T09:05:00Z"));
        stage.organization.misbehave("/v1/organizations", Fault::Overloaded, 1_000);
        let shown = ada.says("/claude workspace show support-bot").await.told();
        let last: Vec<&str> = shown.lines().rev().take(2).collect();
        assert_snapshot!(last.into_iter().rev().collect::<Vec<_>>().join("\n"), @r"
        Anthropic could not be asked. As of 5 minutes ago.
        [Rate limits] [Add a member] [Rename]
        ");
        assert!(shown.contains("Rate limits: not known at the moment"), "{shown}");
        assert_snapshot!(ada.says("/claude workspace limits support-bot").await.told(), @r"
        Anthropic is overloaded at the moment.
        Nothing was changed. Try again in a minute.
        ");
        stage.organization.misbehave("/v1/organizations", Fault::Overloaded, 0);
        stage.close().await;
    }
}

#[tokio::test]
async fn limits_are_shown_side_by_side() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        let shown = ada.says("/claude workspace show sandbox-playground").await;
        assert_snapshot!(shown.told(), @r"
        sandbox-playground
        Id: wrkspc_…
        Made: 2026-09-02 09:00 UTC
        Environment: production (not configured)
        Members: 10
        API keys: 6
        Rate limits, Claude Opus 5: 50 requests per minute (its own; the organization's is 2,000); 1,000,000 input tokens per minute, without cache reads; 20,000 output tokens per minute (its own; the organization's is 200,000)
        Rate limits, Claude Sonnet 5: 200 requests per minute (its own; the organization's is 2,000); 1,000,000 input tokens per minute, without cache reads; 200,000 output tokens per minute
        Rate limits: the organization's, for everything that is not named above
        Member | Address | Role here
        Ada Brandt | ada@example.com | workspace_admin, as an admin of the organization
        Emma Walsh | emma@example.com | workspace_developer
        Finn Larsen | finn@example.com | workspace_billing, by the role billing in the organization
        Grace Okafor | grace@example.com | workspace_admin, as an admin of the organization
        Noor Haddad | noor@example.com | workspace_admin, as an admin of the organization
        Priya Raman | priya@example.com | workspace_billing, by the role billing in the organization
        Samir Khan | samir@example.com | workspace_developer
        Sofia Rossi | sofia@example.com | workspace_developer
        Theo Martin | theo@example.com | workspace_developer
        Yuki Tanaka | yuki@example.com | workspace_developer
        API key | Kind | Owner | State
        hackathon 2026 | workspace | the workspace, made by Emma Walsh | inactive
        load-test | service account | svac_… | inactive
        prompt gallery | workspace | the workspace, made by Sofia Rossi | active
        samir-scratch | personal | Samir Khan | expired
        test key 2 (do not use) | workspace | the workspace, made by Theo Martin | active
        yuki-agents | personal | Yuki Tanaka | active
        Read from Anthropic just now.
        [Rate limits] [Add a member] [Rename]
        ");
        assert_snapshot!(ada.presses(&shown, "Rate limits").await.told(), @r"
        sandbox-playground has rate limits of its own.
        For | Limit | Organization | This workspace
        Claude Opus 5 | requests per minute | 2,000 | 50
        Claude Opus 5 | input tokens per minute, without cache reads | 1,000,000 | the same
        Claude Opus 5 | output tokens per minute | 200,000 | 20,000
        Claude Sonnet 5 | requests per minute | 2,000 | 200
        Claude Sonnet 5 | input tokens per minute, without cache reads | 1,000,000 | the same
        Claude Sonnet 5 | output tokens per minute | 200,000 | the same
        Claude Haiku 5 | requests per minute | 4,000 | the same
        Claude Haiku 5 | input tokens per minute, without cache reads | 2,000,000 | the same
        Claude Haiku 5 | output tokens per minute | 400,000 | the same
        message batches | requests per minute | 2,000 | the same
        message batches | requests waiting in batches | 300,000 | the same
        The lower of the two counts. A change takes up to about an hour to work.
        Read from Anthropic just now.
        ");
        stage.close().await;
    }
}

/// No limits of its own, none to be had, others than the organization's, and none to be changed any more.
#[tokio::test]
async fn what_can_be_set_for_a_workspace_is_said() {
    for engine in engines() {
        let stage = stage(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let none = mira.says("/claude workspace limits research").await.told();
        assert!(none.starts_with("research has no rate limits of its own.\n"), "{none}");
        let default = mira.says("/claude workspace limits default").await.told();
        assert!(default.contains("\nThis is the Default Workspace: it can have no limits of its own.\n"), "{default}");
        let json = ada.says("/claude workspace limits sandbox-playground --json").await.reads();
        assert!(json.contains("\"workspace\": 50") && json.contains("\"organization\": 2000"), "{json}");

        let research = id(&stage, "research");
        let opus = stage.console_reader().rate_limits().collect_all().await.unwrap().remove(0).id;
        let setting = |kind, value| steward::claude::LimitSetting { kind, value };
        let own = [
            setting(steward::claude::LimitKind::InputTokensPerMinute, Some(5_000)),
            setting(steward::claude::LimitKind::RequestsPerMinute, Some(7)),
        ];
        stage.console().set_rate_limits(&research, &opus, &own).await.unwrap();
        let some = mira.says("/claude workspace limits research").await.told();
        assert!(some.contains("Claude Opus 5 | requests per minute | 2,000 | 7\n"), "{some}");
        assert!(some.contains("Claude Opus 5 | input tokens per minute | none | 5,000\n"), "{some}");
        stage.console().archive_workspace(&research).await.unwrap();
        stage.advance(1).await;
        let archived = mira.says("/claude workspace limits research").await.told();
        assert!(archived.contains("\nIt is archived: its limits can no longer be changed.\n"), "{archived}");
        stage.close().await;
    }
}

#[tokio::test]
async fn what_names_no_workspace_or_several_is_explained() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace show reserch").await.told(), @r"
        No workspace is called reserch.
        Did you mean research? All of them: /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude workspace show nowhere").await.told(), @r"
        No workspace is called nowhere.
        All of them: /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude workspace show wrkspc_01AbC").await.told(), @r"
        No workspace has that id.
        All of them: /claude workspace list.
        ");
        stage.console().create_workspace("Research").await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(ada.says("/claude workspace show research").await.told(), @r"
        Several workspaces are called research: wrkspc_… (made 2025-03-01 09:00 UTC), wrkspc_… (made 2026-12-01 09:00 UTC).
        Name the one you mean by its id.
        ");
        assert_snapshot!(ada.says("/claude workspaces").await.told(), @r"
        8 workspaces.
        Workspace | Environment | Members | API keys
        data-platform | production (not configured) | 12 | 4
        Default | production (not configured) | 40 | 0
        evals | production (not configured) | 13 | 6
        production | production | 11 | 6
        research wrkspc_… | dev | 12 | 4
        Research wrkspc_… | dev | not known yet | 0
        sandbox-playground | production (not configured) | 10 | 6
        support-bot | production (not configured) | 8 | 3
        As of just now.
        ");
        let by_id = ada.says(&format!("/claude workspace show {}", id(&stage, "Research"))).await.told();
        assert!(by_id.starts_with("Research\n"), "{by_id}");
        assert!(ada.says("/claude workspace show DEFAULT").await.told().starts_with("Default\n"));
        stage.close().await;
    }
}

/// What the copy still has and Anthropic does not know any more.
#[tokio::test]
async fn a_workspace_that_is_no_longer_there_is_taken_out() {
    for engine in engines() {
        let stage = stage(engine).await;
        let ada = stage.person("ada");
        let lost = |id: &str, name: &str| WorkspaceRow {
            id: id.into(),
            name: name.into(),
            created_at: at(BEGIN),
            archived_at: None,
        };
        let rows = vec![lost("wrkspc_01Lost", "lost"), lost("wrkspc_02Lost", "gone")];
        stage.house.store.write_page(&Pass::Workspaces(rows), stage.clock.now()).await.unwrap();
        assert_snapshot!(ada.says("/claude workspace show lost").await.told(), @r"
        The workspace lost is no longer there.
        All of them: /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude workspace limits gone").await.told(), @r"
        The workspace gone is no longer there.
        All of them: /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude workspace show lost").await.told(), @r"
        No workspace is called lost.
        All of them: /claude workspace list.
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn a_large_workspace_has_pages() {
    for engine in engines() {
        let clock = steward::clock::Clock::standing(BEGIN.parse().unwrap());
        let organization = Organization::filled(200, 2, 130, 3, clock);
        let stage = Stage::set(Setting { organization: Some(organization), ..Setting::on(engine) }).await;
        let ada = stage.person("ada");
        let first = ada.says("/claude workspace show team-0001").await;
        let told = first.told();
        assert!(told.contains("\nMembers: 67\n") && told.contains("\nAPI keys: 43\n"), "{told}");
        assert!(told.ends_with("\n[Rate limits] [Add a member] [Rename] [Next page]"), "{told}");
        let second = ada.presses(&first, "Next page").await;
        let told = second.told();
        assert!(told.starts_with("team-0001\nMember | Address"), "{told}");
        assert!(told.ends_with("\nAs of just now.\n[Previous page] [Next page]"), "{told}");
        let third = ada.presses(&second, "Next page").await.told();
        assert_eq!(third.matches("| workspace |").count(), 3, "{third}");
        let beyond = ada.says("/claude workspace show team-0001 --page 9").await.told();
        assert_snapshot!(beyond, @r"
        team-0001
        Nothing is left for this page.
        As of just now.
        [Previous page]
        ");
        let json: serde_json::Value = {
            let said = ada.says("/claude workspace show team-0001 --json").await.reads();
            serde_json::from_str(said.split_once('\n').unwrap().1).unwrap()
        };
        assert_eq!((json["members"].as_array().unwrap().len(), json["api_keys"].as_array().unwrap().len()), (67, 43));
        stage.close().await;
    }
}

#[tokio::test]
async fn whoever_may_not_see_members_sees_no_workspace() {
    for engine in engines() {
        let stage = stage(engine).await;
        let [lea, mira] = stage.cast(["lea", "mira"]);
        for asked in ["workspaces", "workspace show research", "workspace limits research"] {
            assert_snapshot!(lea.says(&format!("/claude {asked}")).await.told(), @r"
            I do not know yet who you are in the Claude organization.
            Run /claude link first. Nothing was changed.
            ");
        }
        stage.change_standing("mira", |it| it.kind = Kind::Guest);
        assert_snapshot!(mira.says("/claude workspace show research").await.told(), @r"
        Guests cannot use this.
        Nothing was changed.
        ");
        let Says::Suggestions(none) = lea.reply(typing("workspace show ")).await.says else { panic!("no suggestions") };
        assert!(none.iter().all(|(typed, _)| typed.starts_with("--")), "nor does typing tell: {none:?}");
        stage.close().await;
    }
}

#[tokio::test]
async fn workspaces_are_suggested_while_somebody_types() {
    for engine in engines() {
        let stage = stage(engine).await;
        let mira = stage.person("mira");
        stage.console().create_workspace("Claude Code").await.unwrap();
        stage.console().create_workspace("EVALS").await.unwrap();
        stage.advance(1).await;
        let suggested = async |text: &str| {
            let Says::Suggestions(found) = mira.reply(typing(text)).await.says else { panic!("no suggestions") };
            found.into_iter().map(|(typed, read)| format!("{typed}: {read}")).collect::<Vec<_>>().join("\n")
        };
        assert_snapshot!(crate::stage::masked(&suggested("workspace show ").await), @r"
        wrkspc_…: Claude Code
        data-platform: data-platform, 12 members
        default: Default, 40 members
        wrkspc_…: evals, 13 members
        wrkspc_…: EVALS
        production: production, 11 members
        research: research, 12 members
        sandbox-playground: sandbox-playground, 10 members
        support-bot: support-bot, 8 members
        --page: Which page
        ");
        assert_snapshot!(suggested("workspace limits RES").await, @"research: research, 12 members");
        assert_snapshot!(suggested("workspace limits workspace:def").await, @"workspace:default: Default, 40 members");
        stage.close().await;
    }
}

/// What is said while somebody types; the last word is open.
fn typing(text: &str) -> Said {
    let mut words = steward::command::split(text);
    if text.ends_with(' ') {
        words.push(String::new());
    }
    Said::Typing(words)
}

fn id(stage: &Stage, name: &str) -> String {
    stage.organization.workspaces().into_iter().find(|it| it.name == name).expect("a workspace").id
}
