//! Whatever is typed, by whomever: an answer, soon, and nothing that nobody agreed to.

use std::time::{Duration, Instant};

use steward::chat::{InvocationId, Kind, Said, Says};
use steward::command::split;
use steward::random::Random;
use steward::store::RequestFilter;

use crate::bench::{engines, is_full, measured};
use crate::stage::Stage;

const VERBS: &[&str] = &[
    "invite",
    "invites",
    "invites list",
    "invites resend",
    "invites withdraw",
    "member",
    "member list",
    "members",
    "member show",
    "member role",
    "member remove",
    "workspace",
    "workspaces",
    "workspace list",
    "workspace show",
    "workspace limits",
    "request",
    "requests",
    "request list",
    "request show",
    "approve",
    "request approve",
    "deny",
    "request withdraw",
    "undo",
    "usage",
    "cost",
    "cost --by key",
    "cost --of org --explain",
    "audit",
    "audit verify",
    "home",
    "help",
    "whoami",
    "link",
    "status",
    "doctor",
    "doctor invitation",
    "keys",
    "nonsense",
    "",
];
const WORDS: &[&str] = &[
    "research",
    "default",
    "wrkspc_01",
    "--archived",
    "lea@example.com",
    "tom@example.com",
    "mira@example.com",
    "hugo.martin@example.com",
    "me",
    "@browser:ada",
    "Mira",
    "user_01",
    "C1-k3f9",
    "--role",
    "--role=developer",
    "role:billing",
    "--role admin",
    "developer",
    "billing",
    "user",
    "--dry-run",
    "--reason",
    "--reason=\"because of it\"",
    "--find",
    "--all",
    "--mine",
    "--waiting",
    "--page",
    "--page=2",
    "-1",
    "99999999999999999999",
    "--json",
    "--of",
    "--confirm lea@example.com",
    "--confirm=mira@example.com",
    "\"",
    "'",
    "“smart”",
    "—role",
    "<mailto:lea@example.com|lea>",
    "<@U01|x>",
    "sk-ant-admin01-canary",
    "'; DROP TABLE change; --",
    "%_%",
    "\u{202e}abc",
    "\u{0}",
    "😀",
    "lea@exämple.com",
    "billing",
    "help",
    "{request}",
    "--",
    "=",
    ":",
];
const PEOPLE: &[&str] = &["ada", "grace", "finn", "mira", "jonas", "lea", "tom"];

fn pick<'a>(random: &Random, from: &[&'a str]) -> &'a str {
    from[usize::try_from(random.below(from.len() as u64)).unwrap()]
}

/// What people mostly type.
const SENSIBLE: &[&str] = &[
    "invite {new}",
    "invite {new} --role developer --reason \"joins us\"",
    "approve {request}",
    "deny {request}",
    "undo {request}",
    "request withdraw {request}",
    "member role jonas@example.com user",
    "member role jonas@example.com developer",
    "invites list",
    "invites withdraw {new}",
    "invites resend {new}",
    "member list --find a",
    "member show mira@example.com",
    "workspace list",
    "workspace show research",
    "workspace limits sandbox-playground",
    "requests",
];

fn text(random: &Random, request: &str) -> String {
    if random.below(3) == 0 {
        let new = format!("person{}@example.com", random.below(40));
        return pick(random, SENSIBLE).replace("{request}", request).replace("{new}", &new);
    }
    let mut words = vec![pick(random, VERBS).to_owned()];
    for _ in 0..random.below(6) {
        words.push(match random.below(12) {
            0 => pick(random, WORDS).repeat(usize::try_from(random.below(400)).unwrap()),
            1 => pick(random, VERBS).to_owned(),
            _ => pick(random, WORDS).replace("{request}", request),
        });
    }
    words.join(if random.below(20) == 0 { "" } else { " " })
}

#[tokio::test]
async fn whatever_is_typed_is_answered() {
    let many = if is_full() { 2_000 } else { 100 };
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let random = Random::seeded(11);
        let mut took = Vec::new();
        for number in 0..many {
            let newest = stage.house.store.requests(&RequestFilter::All, 3).await.unwrap();
            let at = usize::try_from(random.below(3)).unwrap();
            let request = newest.get(at).map_or_else(|| "C1-k3f9".to_owned(), |it| it.id.to_string());
            let typed = text(&random, &request);
            let actor = stage.person(pick(&random, PEOPLE));
            let mut invocation =
                actor.delivered(InvocationId::single(format!("fuzz-{number}")), Said::Command(split(&typed)));
            if random.below(25) == 0 {
                invocation.standing.kind = Kind::Guest;
            }
            let begun = Instant::now();
            let reply = stage.house.dispatch.serve(invocation).await;
            took.push(begun.elapsed());
            match reply.says {
                Says::Message(message) => {
                    assert!(!message.text.is_empty(), "{typed}");
                    assert!(!message.text.to_plain().contains("went wrong"), "{typed}: {}", message.text.to_plain());
                }
                Says::Form(_) | Says::Home(_) => {}
                other => panic!("{typed}: {other:?}"),
            }
        }
        judge(&stage).await;
        took.sort();
        let p99 = took[many * 99 / 100];
        // The bound is for the full run: beside other tests, any command may have to wait for its turn.
        if is_full() {
            let told = format!("dispatch, {many} generated commands, p99, {engine:?}");
            measured(&told, format!("{p99:?}"), "50 ms", p99 < Duration::from_millis(50));
        }
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Nothing was made that no admin asked for or agreed to, nobody was made an admin, and nobody was removed by one alone.
async fn judge(stage: &Stage) {
    let changes = stage.house.store.requests(&RequestFilter::All, 10_000).await.unwrap();
    let admin = |account: &steward::chat::Account| ["ada", "grace"].contains(&account.id());
    let mut made = 0;
    for change in &changes {
        let done = matches!(change.state.as_str(), "applied" | "undone");
        made += usize::from(done);
        let decided_by_admin = change.decided.as_ref().is_some_and(|it| admin(&it.account));
        assert!(!done || decided_by_admin, "{}: {:?}", change.id, change.decided);
        let alone = change.decided.as_ref().is_some_and(|it| it.account == change.asked.asker_account);
        let weighty = change.asked.plan.summary.contains("billing") || change.asked.plan.summary.starts_with("remove");
        assert!(!(done && alone && weighty), "{}: {}", change.id, change.asked.plan.summary);
    }
    let calls = stage.organization.count_seen(|it| it.applied);
    let effects: usize = {
        let mut all = 0;
        for change in changes.iter().filter(|it| matches!(it.state.as_str(), "applied" | "undone")) {
            all += stage.house.store.effects(change.id.number()).await.unwrap().len();
        }
        all
    };
    assert_eq!(calls, effects, "calls that changed something, and calls that changes ask for");
    assert!(made > 0, "some of what is generated is to be made");
}
