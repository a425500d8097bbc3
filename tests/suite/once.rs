//! Once, whoever is how fast, however often something is delivered, and on however many houses.

use std::sync::Arc;

use steward::chat::{Invocation, InvocationId, Kind, Reply, Said, Says, Standing};
use steward::command::split;
use steward::dispatch::Dispatch;

use crate::bench::{Engine, engines, is_full};
use crate::stage::{Shown, Stage};

const INVITES: &str = "/v1/organizations/invites";
const DECIDERS: [&str; 8] = ["ada", "grace", "jonas", "sofia", "oskar", "priya", "kenji", "amara"];

/// All at once, each on a task of its own.
async fn together(dispatch: &[Arc<Dispatch>], invocations: Vec<Invocation>) -> Vec<Reply> {
    let start = Arc::new(tokio::sync::Barrier::new(invocations.len()));
    let tasks: Vec<_> = invocations
        .into_iter()
        .zip(dispatch.iter().cycle().cloned())
        .map(|(invocation, dispatch)| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                dispatch.serve(invocation).await
            })
        })
        .collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.unwrap());
    }
    replies
}

fn text(reply: &Reply) -> String {
    match &reply.says {
        Says::Message(message) => message.text.to_plain(),
        Says::Nothing => "nothing".into(),
        other => panic!("an answer of another sort: {other:?}"),
    }
}

fn make_admins(stage: &Stage) {
    for id in DECIDERS {
        stage.change_standing(id, |it: &mut Standing| {
            it.kind = Kind::Person;
            it.groups = vec!["browser-group:admins".into()];
        });
    }
}

/// One request, eight deciders: one decision, and everybody is told the truth about it.
async fn decided_once(stage: &Stage, houses: &[Arc<Dispatch>], number: usize) {
    let mira = stage.person("mira");
    let email = format!("person{number}@example.com");
    let id = mira.says(&format!("/claude invite {email}")).await.request();
    let verb = |at: usize| if (at + number).is_multiple_of(2) { "approve" } else { "deny" };
    let said = |at: usize| Said::Command(split(&format!("{} {id}", verb(at))));
    let invocations = DECIDERS.iter().enumerate().map(|(at, who)| stage.person(who).invocation(said(at))).collect();
    let replies: Vec<String> = together(houses, invocations).await.iter().map(text).collect();

    let change = stage.change(&id).await;
    let decided = change.decided.expect("somebody decided");
    let winner = DECIDERS.iter().position(|it| *it == decided.account.id()).expect("one of them");
    let told = if verb(winner) == "approve" { "approved" } else { "denied" };
    for (at, reply) in replies.iter().enumerate() {
        if at == winner {
            let expected = if verb(winner) == "approve" { "Done: " } else { "Denied: " };
            assert!(reply.starts_with(expected), "{id}: the winner was told: {reply}");
        } else {
            assert_eq!(*reply, format!("@{} {told} this one already.", DECIDERS[winner]), "{id}");
        }
    }
    assert_eq!(stage.open_invites(&email), usize::from(told == "approved"), "{id}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_deciders_decide_once() {
    let many = if is_full() { 100 } else { 5 };
    for engine in engines() {
        let stage = Stage::open(engine).await;
        make_admins(&stage);
        for number in 0..many {
            decided_once(&stage, &[Arc::clone(&stage.house.dispatch)], number).await;
        }
        let trail = stage.trail().await;
        let count = |step: &str| trail.iter().filter(|it| it.starts_with(step)).count();
        assert_eq!(count("invite.approved") + count("invite.denied"), many);
        assert_eq!(
            (count("invite.applied"), stage.applied("POST", INVITES)),
            (count("invite.approved"), count("invite.approved"))
        );
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_houses_decide_once() {
    let many = if is_full() { 100 } else { 5 };
    for engine in engines().into_iter().filter(|it| *it == Engine::Postgres) {
        let stage = Stage::open(engine).await;
        make_admins(&stage);
        let other = stage.another_house(2).await;
        for number in 0..many {
            decided_once(&stage, &[Arc::clone(&stage.house.dispatch), Arc::clone(&other.dispatch)], number).await;
        }
        stage.settle().await;
        other.settle().await.unwrap();
        other.store.close().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Several people ask for the same at the same moment: one request, and the others hear of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_is_asked_once() {
    let askers = ["mira", "jonas", "sofia", "oskar", "amara", "kenji"];
    for engine in engines() {
        let stage = Stage::open(engine).await;
        for number in 0..if is_full() { 40 } else { 4 } {
            let said = Said::Command(split(&format!("invite person{number}@example.com")));
            // More than the database has connections, so that nobody may need two of them.
            let invocations =
                askers.iter().cycle().take(24).map(|it| stage.person(it).invocation(said.clone())).collect();
            let replies: Vec<String> =
                together(&[Arc::clone(&stage.house.dispatch)], invocations).await.iter().map(text).collect();
            let asked = replies.iter().filter(|it| it.starts_with("Asked: ")).count();
            let already = replies.iter().filter(|it| it.contains(" asked for this already: ")).count();
            assert_eq!((asked, already), (1, 23), "{replies:?}");
        }
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Delivers one thing again and again, on eight tasks.
async fn again_and_again(houses: &[Arc<Dispatch>], invocation: &Invocation, times: usize) -> Vec<String> {
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (dispatch, invocation) = (Arc::clone(&houses[task % houses.len()]), invocation.clone());
            tokio::spawn(async move {
                let mut told = Vec::new();
                for _ in 0..times / 8 {
                    told.push(text(&dispatch.serve(invocation.clone()).await));
                }
                told
            })
        })
        .collect();
    let mut told = Vec::new();
    for task in tasks {
        told.extend(task.await.unwrap());
    }
    told.retain(|it| it != "nothing");
    told
}

async fn repeated(stage: &Stage, houses: &[Arc<Dispatch>], times: usize) {
    let [ada, mira] = stage.cast(["ada", "mira"]);
    let said = Said::Command(split("invite lea@example.com"));
    let asks = mira.delivered(InvocationId::single("delivery-1"), said);
    let told = again_and_again(houses, &asks, times).await;
    assert_eq!(told, ["Asked: invite lea@example.com as user."]);
    let card: Shown = stage.next_in("approvals").await;
    let token = card.button("Approve").token.clone().unwrap();
    let presses = ada.delivered(InvocationId::single("delivery-2"), Said::Press(token));
    let told = again_and_again(houses, &presses, times).await;
    assert_eq!(told, ["Done: lea@example.com was invited as user."]);
    assert_eq!(stage.applied("POST", INVITES), 1);
    assert_eq!(
        stage.trail().await,
        ["invite.asked by mira", "invite.approved by ada", "invite.sending by steward", "invite.applied by steward"]
    );
    assert!(mira.was_told().await.reads().contains("it is done"));
    assert!(!mira.has_news().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn repeated_deliveries_have_one_effect() {
    let times = if is_full() { 5_000 } else { 248 };
    for engine in engines() {
        let stage = Stage::open(engine).await;
        repeated(&stage, &[Arc::clone(&stage.house.dispatch)], times).await;
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn repeated_deliveries_to_two_houses_have_one_effect() {
    let times = if is_full() { 5_000 } else { 248 };
    for engine in engines().into_iter().filter(|it| *it == Engine::Postgres) {
        let stage = Stage::open(engine).await;
        let other = stage.another_house(2).await;
        repeated(&stage, &[Arc::clone(&stage.house.dispatch), Arc::clone(&other.dispatch)], times).await;
        other.store.close().await;
        stage.close().await;
    }
}
