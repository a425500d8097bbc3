//! Workspaces are made, renamed, archived and throttled: by whom, what is said, and what happens when an answer is lost.

use steward::chat::Says;
use steward::domain::{Decision, Kind, PolicyRule};
use steward::sandbox::{Fault, KeyOrder};

use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot};

const WORKSPACES: &str = "/v1/organizations/workspaces";

pub(crate) fn id(stage: &Stage, name: &str) -> String {
    stage.organization.workspaces().into_iter().find(|it| it.name == name).expect("a workspace").id
}

/// How many workspaces have this name and are in use.
fn in_use(stage: &Stage, name: &str) -> usize {
    stage.organization.workspaces().iter().filter(|it| it.name == name && it.archived_at.is_none()).count()
}

#[tokio::test]
async fn a_workspace_is_made_by_an_admin() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(mira.says("/claude workspace create vision").await.told(), @r"
        This needs the permission workspace.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(ada.says("/claude workspace create vision --dry-run").await.told(), @r"
        This would make a workspace called vision. Nothing was changed. (dry run)
        What happens: vision is made; admins and billing members of the organization are in it at once — POST /v1/organizations/workspaces
        Workspace: none of this name → vision
        Cost: none
        Undo: ask a second admin to archive it, as long as nobody was added and no API key was made
        Nobody has to agree; it would be made at once.
        ");
        assert_eq!(in_use(&stage, "vision"), 0);
        assert_snapshot!(ada.says("/claude workspace create \"Vision team\"").await.told(), @r"
        Done: the workspace Vision team was made. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(in_use(&stage, "Vision team"), 1);
        let shown = ada.says("/claude workspace show \"vision team\"").await.told();
        assert!(shown.contains("Ada Brandt") && shown.contains("[Add a member]"), "known at once: {shown}");
        assert_eq!(
            stage.trail().await,
            [
                "workspace.create.asked by ada",
                "workspace.create.approved by steward",
                "workspace.create.sending by steward",
                "workspace.create.applied by steward",
            ]
        );
        stage.close().await;
    }
}

/// What the API would refuse, or what nobody could tell apart afterwards, is not sent.
#[tokio::test]
async fn some_names_cannot_be_given() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace create Research").await.told(), @r"
        There is a workspace called research already.
        Nothing was changed: two of one name could not be told apart. See /claude workspace show research.
        ");
        assert_snapshot!(ada.says("/claude workspace create default").await.told(), @r"
        default will not do for name: default and wrkspc_… ids stand for other workspaces, so none can be called that.
        For example: /claude workspace create evals-2027
        ");
        let long = format!("/claude workspace create {}", "n".repeat(41));
        assert_snapshot!(ada.says(&long).await.told(), @r"
        That will not do for name: a workspace's name has 1 to 40 characters, letters or digits among them.
        For example: /claude workspace create evals-2027
        ");
        assert_snapshot!(ada.says("/claude workspace rename evals research").await.told(), @r"
        There is a workspace called research already.
        Nothing was changed: two of one name could not be told apart. See /claude workspace show research.
        ");
        assert_snapshot!(ada.says("/claude workspace rename evals evals").await.told(), @r"
        It is called evals already.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace rename default main").await.told(), @r"
        This is the Default Workspace: it cannot be renamed.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace archive default").await.told(), @r"
        This is the Default Workspace: it cannot be archived.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace rename evls main").await.told(), @r"
        No workspace is called evls.
        Did you mean evals? All of them: /claude workspace list.
        ");
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(ada.says("/claude workspace rename evals main").await.told(), @r"
        evals is archived, and nothing of an archived workspace can be changed.
        Nothing was changed. See /claude workspace list.
        ");
        assert_snapshot!(ada.says("/claude workspace archive evals").await.told(), @r"
        evals is archived, and nothing of an archived workspace can be changed.
        Nothing was changed. See /claude workspace list.
        ");
        assert_eq!(stage.applied("POST", WORKSPACES), 1, "the Console's alone");
        // The name of an archived one is free again.
        assert_snapshot!(ada.says("/claude workspace create evals").await.reads().lines().next().unwrap(), @"Done: the workspace evals was made. (done)");
        stage.close().await;
    }
}

#[tokio::test]
async fn what_was_made_is_taken_back_as_long_as_it_is_empty() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let done = ada.says("/claude workspace create vision").await;
        let Says::Form(form) =
            ada.reply(steward::chat::Said::Press(done.button("Undo").token.clone().unwrap())).await.says
        else {
            panic!("an archive is confirmed")
        };
        assert_snapshot!(form.intro.to_plain(), @"You are about to ask to archive the workspace vision, in which there is no API key.");
        assert_snapshot!(ada.submits(&form, &[("--confirm", "vision")]).await.told(), @r"
        Asked: archive the workspace vision, in which there is no API key. (waiting for a decision)
        Request: C2-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @ada asks to archive the workspace vision, in which there is no API key (waiting for a decision)
        Request: C2-xxxx
        What happens: vision is closed and every API key in it stops at once; nothing brings them back — POST /v1/organizations/workspaces/wrkspc_…/archive
        Members: ada@example.com (workspace_admin), finn@example.com (workspace_billing), grace@example.com (workspace_admin), noor@example.com (workspace_admin), priya@example.com (workspace_billing)
        API keys, which stop for good: 0
        Workspace: → archived, for good
        Cost: none
        Undo: not possible
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Done: the workspace vision is archived, and its API keys no longer work. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        ");
        assert_snapshot!(ada.was_told().await.told(), @r"
        @grace approved your request, and it is done: the workspace vision is archived, and its API keys no longer work. (done)
        Request: C2-xxxx
        ");
        assert_eq!(in_use(&stage, "vision"), 0);

        let done = ada.says("/claude workspace create audio").await;
        ada.says("/claude workspace add audio mira@example.com").await;
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        There are people or API keys in it by now, so it is not simply taken back.
        Nothing was changed. To close it all the same: /claude workspace archive wrkspc_….
        ");
        assert_eq!(in_use(&stage, "audio"), 1);
        stage.close().await;
    }
}

#[tokio::test]
async fn a_workspace_is_renamed_and_called_as_before() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, finn] = stage.cast(["ada", "finn"]);
        assert_snapshot!(finn.says("/claude workspace rename evals evaluations").await.told(), @r"
        This needs the permission workspace.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(ada.says("/claude workspace rename evals evaluations --dry-run").await.told(), @r"
        This would call the workspace evals evaluations. Nothing was changed. (dry run)
        What happens: evals is called evaluations; rules of the configuration go by the new name from then on — POST /v1/organizations/workspaces/wrkspc_…
        Name: evals → evaluations
        Cost: none
        Undo: call it evals again
        Nobody has to agree; it would be made at once.
        ");
        let done = ada.says("/claude workspace rename evals evaluations").await;
        assert_snapshot!(done.told(), @r"
        Done: the workspace evals is called evaluations now. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!((in_use(&stage, "evals"), in_use(&stage, "evaluations")), (0, 1));
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        Done: the workspace evaluations is called evals now. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!((in_use(&stage, "evals"), in_use(&stage, "evaluations")), (1, 0));
        stage.close().await;
    }
}

/// A dry run says what would die, and asks nobody.
#[tokio::test]
async fn an_archive_can_be_looked_at_first() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace archive sandbox-playground --dry-run").await.told(), @r"
        This would archive the workspace sandbox-playground, and with it 5 API keys. Nothing was changed. (dry run)
        What happens: sandbox-playground is closed and every API key in it stops at once; nothing brings them back — POST /v1/organizations/workspaces/wrkspc_…/archive
        Members: ada@example.com (workspace_admin), emma@example.com (workspace_developer), finn@example.com (workspace_billing), grace@example.com (workspace_admin), noor@example.com (workspace_admin), priya@example.com (workspace_billing), samir@example.com (workspace_developer), sofia@example.com (workspace_developer), theo@example.com (workspace_developer), yuki@example.com (workspace_developer)
        API keys, which stop for good: 5
        API key hackathon 2026: the workspace's, made by Emma Walsh on 2026-10-17
        API key load-test: svac_… (service account), made on 2026-10-23
        API key prompt gallery: the workspace's, made by Sofia Rossi on 2026-10-02
        API key test key 2 (do not use): the workspace's, made by Theo Martin on 2026-11-29
        API key yuki-agents: Yuki Tanaka (personal), made on 2026-10-13
        Workspace: → archived, for good
        Cost: none
        Undo: not possible
        One approver has to agree.
        ");
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        stage.close().await;
    }
}

/// Whoever approves has read which keys die, whose they are, and who works there.
#[tokio::test]
async fn a_workspace_is_archived_by_two_admins() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let form = ada.opens("/claude workspace archive sandbox-playground --reason \"the hackathon is over\"").await;
        assert_snapshot!(form.intro.to_plain(), @"You are about to ask to archive the workspace sandbox-playground, and with it 5 API keys.");
        assert_snapshot!(form.fields[0].label.as_str(), @"Type sandbox-playground to confirm");
        let Says::Form(again) = ada.sends(&form, &[("--confirm", "playground")]).await else {
            panic!("another text does not confirm it")
        };
        ada.submits(&again, &[("--confirm", "sandbox-playground")]).await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @ada asks to archive the workspace sandbox-playground, and with it 5 API keys (waiting for a decision)
        Request: C1-xxxx
        Reason: the hackathon is over
        What happens: sandbox-playground is closed and every API key in it stops at once; nothing brings them back — POST /v1/organizations/workspaces/wrkspc_…/archive
        Members: ada@example.com (workspace_admin), emma@example.com (workspace_developer), finn@example.com (workspace_billing), grace@example.com (workspace_admin), noor@example.com (workspace_admin), priya@example.com (workspace_billing), samir@example.com (workspace_developer), sofia@example.com (workspace_developer), theo@example.com (workspace_developer), yuki@example.com (workspace_developer)
        API keys, which stop for good: 5
        API key hackathon 2026: the workspace's, made by Emma Walsh on 2026-10-17
        API key load-test: svac_… (service account), made on 2026-10-23
        API key prompt gallery: the workspace's, made by Sofia Rossi on 2026-10-02
        API key test key 2 (do not use): the workspace's, made by Theo Martin on 2026-11-29
        API key yuki-agents: Yuki Tanaka (personal), made on 2026-10-13
        Workspace: → archived, for good
        Cost: none
        Undo: not possible
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        // A day later it is the same plan.
        stage.advance(24).await;
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Done: the workspace sandbox-playground is archived, and its API keys no longer work. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-02 09:00 UTC
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        let now = stage.clock.now();
        let home = id(&stage, "sandbox-playground");
        let keys = stage.organization.keys();
        let mut inside = keys.iter().filter(|it| it.workspace_id.as_ref() == Some(&home));
        assert!(inside.all(|it| it.status(now).as_str() == "archived"));
        let shown = ada.says("/claude workspace show sandbox-playground").await.told();
        assert!(shown.contains("\nArchived: 2026-12-02 09:00 UTC; its API keys no longer work\n"), "{shown}");
        assert!(shown.contains("\nAPI keys: 0\n") && shown.ends_with("\n[Rate limits]"), "{shown}");
        stage.close().await;
    }
}

/// A key that appears between the question and the answer was approved by nobody.
#[tokio::test]
async fn an_archive_lapses_when_another_key_appears() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let form = ada.opens("/claude workspace archive support-bot").await;
        let asked = ada.submits(&form, &[("--confirm", "SUPPORT-BOT")]).await.request();
        let card = stage.next_in("approvals").await;
        let order = KeyOrder {
            by: "jonas".into(),
            workspace: "support-bot".into(),
            name: "night shift".into(),
            kind: "workspace".into(),
            expires_in_days: None,
        };
        assert!(stage.organization.make_key(&order).is_ok());
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Lapsed: archive the workspace support-bot, and with it 3 API keys. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        What happened: API keys, which stop for good: was 3, now 4; API key night shift: was nothing, now the workspace's, made by Jonas Weber on 2026-12-01
        ");
        ada.was_told().await;
        assert_eq!((stage.state(&asked).await.as_str(), in_use(&stage, "support-bot")), ("lapsed", 1));

        let form = ada.opens(&format!("/claude request again {asked}")).await;
        ada.submits(&form, &[("--confirm", "support-bot")]).await;
        let card = stage.next_in("approvals").await;
        assert!(card.reads().contains("API key night shift: the workspace's, made by Jonas Weber on 2026-12-01"));
        grace.presses(&card, "Approve").await;
        ada.was_told().await;
        assert_eq!(in_use(&stage, "support-bot"), 0);
        stage.close().await;
    }
}

/// An answer that is lost: the organization is looked at, and nothing is made twice.
#[tokio::test]
async fn lost_answers_have_one_effect() {
    let sayings = [
        ("workspace create vision", "POST", ""),
        ("workspace rename evals evaluations", "POST", "/"),
        ("workspace limits research --set opus:requests=100", "POST", "/"),
    ];
    for engine in engines() {
        for fault in
            [Fault::FailAfter, Fault::CutAfter, Fault::Empty, Fault::Malformed, Fault::FailBefore, Fault::CutBefore]
        {
            let stage = Stage::open(engine).await;
            let ada = stage.person("ada");
            for (said, method, below) in sayings {
                stage.organization.misbehave(&format!("{method} {WORKSPACES}{below}"), fault.clone(), 1);
                ada.says(&format!("/claude {said}")).await;
                stage.advance_minutes(6).await;
            }
            assert_eq!(in_use(&stage, "vision"), 1, "{fault:?}");
            assert_eq!((in_use(&stage, "evals"), in_use(&stage, "evaluations")), (0, 1), "{fault:?}");
            let limits = stage.organization.own_limits();
            let research = id(&stage, "research");
            let set: Vec<_> = limits.iter().filter(|it| it.workspace_id == research).map(|it| it.value).collect();
            assert_eq!(set, [Some(100)], "{fault:?}");
            let open = stage.house.store.requests(&steward::store::RequestFilter::All, 10).await.unwrap();
            assert!(open.iter().all(|it| it.state.as_str() == "applied"), "{fault:?}");
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// The same of an archive, which is sent once, whatever happens.
#[tokio::test]
async fn a_lost_answer_to_an_archive_is_looked_up() {
    for engine in engines() {
        for fault in [Fault::FailAfter, Fault::CutAfter, Fault::FailBefore] {
            let stage = Stage::open(engine).await;
            let [ada, grace] = stage.cast(["ada", "grace"]);
            let form = ada.opens("/claude workspace archive support-bot").await;
            let asked = ada.submits(&form, &[("--confirm", "support-bot")]).await.request();
            let card = stage.next_in("approvals").await;
            stage.organization.misbehave(&format!("POST {WORKSPACES}/"), fault.clone(), 1);
            grace.presses(&card, "Approve").await;
            stage.advance(1).await;
            assert_eq!(stage.state(&asked).await, "applied", "{fault:?}");
            assert_eq!(in_use(&stage, "support-bot"), 0);
            stage.chat.forget_unheard();
            stage.close().await;
        }
    }
}

/// Two of one name after a lost answer: nobody but a person can tell which one is ours.
#[tokio::test]
async fn two_of_one_name_are_for_a_person_to_tell_apart() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        stage.organization.misbehave(&format!("POST {WORKSPACES}"), Fault::CutAfter, 1);
        // The look before the call passes; what comes after it does not.
        let organization = stage.organization.clone();
        stage.meddler.watch(Some(Box::new(move |what, after| {
            if !after && what == format!("POST {WORKSPACES}") {
                organization.misbehave(&format!("GET {WORKSPACES}"), Fault::FailBefore, 1_000);
            }
            false
        })));
        let answer = ada.says("/claude workspace create vision").await;
        assert_snapshot!(answer.told(), @r"
        Approved, but not made yet: make a workspace called vision. (approved)
        Anthropic has trouble of its own at the moment (status 500).
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        stage.meddler.watch(None);
        stage.console().create_workspace("vision").await.unwrap();
        stage.organization.misbehave(&format!("GET {WORKSPACES}"), Fault::FailBefore, 0);
        stage.advance(1).await;
        let parked = stage.next_in("approvals").await;
        assert_snapshot!(parked.told(), @r"
        An admin has to look at this: make a workspace called vision. (parked)
        Request: C1-xxxx
        Anthropic's answer was unclear, and several workspaces of this name were made meanwhile (several_workspaces_of_this_name).
        Nothing is sent again. Set it right in the Claude Console; I look again every hour.
        ");
        assert_eq!(in_use(&stage, "vision"), 2, "nothing is sent again");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test]
async fn limits_are_set_cleared_and_put_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        assert_snapshot!(mira.says("/claude workspace limits evals --set opus:requests=100").await.told(), @r"
        This needs the permission workspace.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        let set = "/claude workspace limits evals --set opus:requests=100 --set claude-sonnet-5-5:output=20_000";
        assert_snapshot!(ada.says(&format!("{set} --dry-run")).await.told(), @r"
        This would set rate limits of evals. Nothing was changed. (dry run)
        What happens: evals may use of Claude Opus 5: 100 requests per minute; it takes up to about an hour to work — POST /v1/organizations/workspaces/wrkspc_…/rate_limits/rl_91727e70_claude_opus_5
        What happens: evals may use of Claude Sonnet 5: 20,000 output tokens per minute; it takes up to about an hour to work — POST /v1/organizations/workspaces/wrkspc_…/rate_limits/rl_91727e70_claude_sonnet_5
        Claude Opus 5, requests per minute: the organization's → 100
        Claude Sonnet 5, output tokens per minute: the organization's → 20,000
        Cost: none
        Undo: put the limits back as they were
        Nobody has to agree; it would be made at once.
        ");
        let done = ada.says(set).await;
        assert_snapshot!(done.told(), @r"
        Done: evals may use of Claude Opus 5: 100 requests per minute, within about an hour; evals may use of Claude Sonnet 5: 20,000 output tokens per minute, within about an hour. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(stage.applied("POST", &format!("{WORKSPACES}/{}/rate_limits", id(&stage, "evals"))), 2);
        assert_snapshot!(ada.says(set).await.told(), @r"
        The limits of evals are as you want them already.
        Nothing was changed.
        ");
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        Done: evals may use of Claude Opus 5: as many requests per minute as the organization, within about an hour; evals may use of Claude Sonnet 5: as many output tokens per minute as the organization, within about an hour. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert!(
            stage
                .organization
                .own_limits()
                .iter()
                .all(|it| it.workspace_id != id(&stage, "evals") || it.value.is_none())
        );
        stage.close().await;
    }
}

/// One word clears all limits of a workspace's own, and one press puts them back.
#[tokio::test]
async fn all_limits_of_its_own_are_cleared_and_put_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let cleared = ada.says("/claude workspace limits sandbox-playground --clear all").await;
        assert_snapshot!(cleared.told(), @r"
        Done: sandbox-playground may use of Claude Opus 5: as many requests per minute as the organization, as many output tokens per minute as the organization, within about an hour; sandbox-playground may use of Claude Sonnet 5: as many requests per minute as the organization, within about an hour. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(ada.presses(&cleared, "Undo").await.told(), @r"
        Done: sandbox-playground may use of Claude Opus 5: 50 requests per minute, 20,000 output tokens per minute, within about an hour; sandbox-playground may use of Claude Sonnet 5: 200 requests per minute, within about an hour. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        stage.close().await;
    }
}

#[tokio::test]
async fn some_limits_cannot_be_set() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus:requests=5000").await.told(), @r"
        The organization itself may use 2,000 requests per minute of Claude Opus 5, and the lower one counts.
        Nothing was changed. Name that number or a lower one.
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus:speed=5").await.told(), @r"
        opus:speed=5 will not do for --set: what is counted is one of requests, input, output, or a name of the API such as input_tokens_per_minute, tokens_per_day, tool_uses_per_second.
        For example: /claude workspace limits research --set opus:requests=100 --set opus:output=20000
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus=5").await.told(), @r"
        opus=5 will not do for --set: a limit is written like opus:requests=100, and cleared by opus:requests, opus or all.
        For example: /claude workspace limits research --set opus:requests=100 --set opus:output=20000
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --set claude:requests=5").await.told(), @r"
        Several groups are meant by claude.
        Nothing was changed. There are limits for Claude Opus 5, Claude Sonnet 5 and Claude Haiku 5.
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --set gpt:requests=5").await.told(), @r"
        The organization has no limits for gpt.
        Nothing was changed. There are limits for Claude Opus 5, Claude Sonnet 5, Claude Haiku 5 and message batches.
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --set batch:output=5").await.told(), @r"
        For message batches, output tokens per minute are not counted.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus:requests=5 --clear opus:requests").await.told(), @r"
        The limit of requests per minute for Claude Opus 5 is named twice.
        Nothing was changed. Name each limit once.
        ");
        assert_snapshot!(ada.says("/claude workspace limits research --clear all").await.told(), @r"
        There are no limits of its own to clear.
        Nothing was changed.
        ");
        assert_snapshot!(ada.says("/claude workspace limits default --set opus:requests=5").await.told(), @r"
        This is the Default Workspace: it can have no limits of its own.
        Nothing was changed.
        ");
        let bad = ["batch:enqueued_batch_requests=5", "opus:requests=0", "requests=5"];
        for (said, why) in bad.into_iter().zip(["for the organization alone", "a whole number from 1", "written like"])
        {
            let told = ada.says(&format!("/claude workspace limits research --set {said}")).await.reads();
            assert!(told.contains(why), "{told}");
        }
        stage.close().await;
    }
}

/// Limits are not in the directory: what was approved is compared with what Anthropic lists before anything is sent.
#[tokio::test]
async fn limits_that_were_set_elsewhere_meanwhile_are_not_overwritten() {
    for engine in engines() {
        let policies = vec![PolicyRule::about(Kind::WorkspaceLimits, Decision::one_admin())];
        let stage = Stage::set(Setting { policies, ..Setting::on(engine) }).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        ada.says("/claude workspace limits research --set opus:requests=100").await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @ada asks to set rate limits of research (waiting for a decision)
        Request: C1-xxxx
        What happens: research may use of Claude Opus 5: 100 requests per minute; it takes up to about an hour to work — POST /v1/organizations/workspaces/wrkspc_…/rate_limits/rl_91727e70_claude_opus_5
        Claude Opus 5, requests per minute: the organization's → 100
        Cost: none
        Undo: put the limits back as they were
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        let entry = stage.console_reader().rate_limits().collect_all().await.unwrap().remove(0).id;
        let setting =
            steward::claude::LimitSetting { kind: steward::claude::LimitKind::RequestsPerMinute, value: Some(7) };
        stage.console().set_rate_limits(&id(&stage, "research"), &entry, &[setting]).await.unwrap();
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @r"
        Lapsed: set rate limits of research. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: @grace, 2026-12-01 09:00 UTC
        What happened: Claude Opus 5, requests per minute: was the organization's, now 7
        ");
        ada.was_told().await;
        stage.close().await;
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for_in_a_form() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let form = ada.opens("/claude workspace create").await;
        assert_snapshot!(ada.submits(&form, &[("name", "speech")]).await.reads().lines().next().unwrap(), @"Done: the workspace speech was made. (done)");
        let shown = ada.says("/claude workspace show speech").await;
        let Says::Form(form) =
            ada.reply(steward::chat::Said::Press(shown.button("Rename").token.clone().unwrap())).await.says
        else {
            panic!("a name is missing")
        };
        let fields: Vec<&str> = form.fields.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(fields, ["Workspace", "New name", "Reason"]);
        let workspace = form.fields[0].initial.clone();
        let entered = [("workspace", workspace.as_str()), ("name", "voice")];
        assert_snapshot!(ada.submits(&form, &entered).await.reads().lines().next().unwrap(), @"Done: the workspace speech is called voice now. (done)");
        stage.close().await;
    }
}
