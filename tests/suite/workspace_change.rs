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
        assert_snapshot!(mira.says("/claude workspace create vision").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace create vision --dry-run").await.told(), @"");
        assert_eq!(in_use(&stage, "vision"), 0);
        assert_snapshot!(ada.says("/claude workspace create \"Vision team\"").await.told(), @"");
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
        assert_snapshot!(ada.says("/claude workspace create Research").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace create default").await.told(), @"");
        let long = format!("/claude workspace create {}", "n".repeat(41));
        assert_snapshot!(ada.says(&long).await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace rename evals research").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace rename evals evals").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace rename default main").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace archive default").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace rename evls main").await.told(), @"");
        stage.console().archive_workspace(&id(&stage, "evals")).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(ada.says("/claude workspace rename evals main").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace archive evals").await.told(), @"");
        assert_eq!(stage.applied("POST", WORKSPACES), 1, "the Console's alone");
        // The name of an archived one is free again.
        assert_snapshot!(ada.says("/claude workspace create evals").await.reads().lines().next().unwrap(), @"");
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
        assert_snapshot!(form.intro.to_plain(), @"");
        assert_snapshot!(ada.submits(&form, &[("--confirm", "vision")]).await.told(), @"");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @"");
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @"");
        assert_snapshot!(ada.was_told().await.told(), @"");
        assert_eq!(in_use(&stage, "vision"), 0);

        let done = ada.says("/claude workspace create audio").await;
        ada.says("/claude workspace add audio mira@example.com").await;
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @"");
        assert_eq!(in_use(&stage, "audio"), 1);
        stage.close().await;
    }
}

#[tokio::test]
async fn a_workspace_is_renamed_and_called_as_before() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, finn] = stage.cast(["ada", "finn"]);
        assert_snapshot!(finn.says("/claude workspace rename evals evaluations").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace rename evals evaluations --dry-run").await.told(), @"");
        let done = ada.says("/claude workspace rename evals evaluations").await;
        assert_snapshot!(done.told(), @"");
        assert_eq!((in_use(&stage, "evals"), in_use(&stage, "evaluations")), (0, 1));
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @"");
        assert_eq!((in_use(&stage, "evals"), in_use(&stage, "evaluations")), (1, 0));
        stage.close().await;
    }
}

/// Whoever approves has read which keys die, whose they are, and who works there.
#[tokio::test]
async fn a_workspace_is_archived_by_two_admins() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        assert_snapshot!(ada.says("/claude workspace archive sandbox-playground --dry-run").await.told(), @"");
        let form = ada.opens("/claude workspace archive sandbox-playground --reason \"the hackathon is over\"").await;
        assert_snapshot!(form.intro.to_plain(), @"");
        assert_snapshot!(form.fields[0].label.as_str(), @"");
        let Says::Form(again) = ada.sends(&form, &[("--confirm", "playground")]).await else {
            panic!("another text does not confirm it")
        };
        ada.submits(&again, &[("--confirm", "sandbox-playground")]).await;
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @"");
        // A day later it is the same plan.
        stage.advance(24).await;
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @"");
        stage.chat.forget_unheard();
        let now = stage.clock.now();
        let home = id(&stage, "sandbox-playground");
        let keys = stage.organization.keys();
        let mut inside = keys.iter().filter(|it| it.workspace_id.as_ref() == Some(&home));
        assert!(inside.all(|it| it.status(now).as_str() == "archived"));
        assert_snapshot!(ada.says("/claude workspace show sandbox-playground").await.told(), @"");
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
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @"");
        ada.was_told().await;
        assert_eq!((stage.state(&asked).await.as_str(), in_use(&stage, "support-bot")), ("lapsed", 1));

        let form = ada.opens(&format!("/claude request again {asked}")).await;
        ada.submits(&form, &[("--confirm", "support-bot")]).await;
        let card = stage.next_in("approvals").await;
        assert!(card.reads().contains("API key night shift: the workspace's, made by Jonas Weber, made on 2026-12-01"));
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
                stage.advance(1).await;
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
        assert_snapshot!(answer.told(), @"");
        stage.meddler.watch(None);
        stage.console().create_workspace("vision").await.unwrap();
        stage.organization.misbehave(&format!("GET {WORKSPACES}"), Fault::FailBefore, 0);
        stage.advance(1).await;
        let parked = stage.next_in("approvals").await;
        assert_snapshot!(parked.told(), @"");
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
        assert_snapshot!(mira.says("/claude workspace limits evals --set opus:requests=100").await.told(), @"");
        let set = "/claude workspace limits evals --set opus:requests=100 --set claude-sonnet-5-5:output=20_000";
        assert_snapshot!(ada.says(&format!("{set} --dry-run")).await.told(), @"");
        let done = ada.says(set).await;
        assert_snapshot!(done.told(), @"");
        assert_eq!(stage.applied("POST", &format!("{WORKSPACES}/{}/rate_limits", id(&stage, "evals"))), 2);
        assert_snapshot!(ada.says(set).await.told(), @"");
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @"");
        assert!(
            stage
                .organization
                .own_limits()
                .iter()
                .all(|it| it.workspace_id != id(&stage, "evals") || it.value.is_none())
        );

        let cleared = ada.says("/claude workspace limits sandbox-playground --clear all").await;
        assert_snapshot!(cleared.told(), @"");
        assert_snapshot!(ada.presses(&cleared, "Undo").await.told(), @"");
        stage.close().await;
    }
}

#[tokio::test]
async fn some_limits_cannot_be_set() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus:requests=5000").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus:speed=5").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus=5").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --set claude:requests=5").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --set gpt:requests=5").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --set batch:output=5").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --set opus:requests=5 --clear opus:requests").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits research --clear all").await.told(), @"");
        assert_snapshot!(ada.says("/claude workspace limits default --set opus:requests=5").await.told(), @"");
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
        assert_snapshot!(card.told(), @"");
        let entry = stage.console_reader().rate_limits().collect_all().await.unwrap().remove(0).id;
        let setting =
            steward::claude::LimitSetting { kind: steward::claude::LimitKind::RequestsPerMinute, value: Some(7) };
        stage.console().set_rate_limits(&id(&stage, "research"), &entry, &[setting]).await.unwrap();
        assert_snapshot!(grace.presses(&card, "Approve").await.told(), @"");
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
        assert_snapshot!(ada.submits(&form, &[("name", "speech")]).await.reads().lines().next().unwrap(), @"");
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
        assert_snapshot!(ada.submits(&form, &entered).await.reads().lines().next().unwrap(), @"");
        stage.close().await;
    }
}
