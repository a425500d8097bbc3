//! Trouble at Anthropic's side, or on the way there: told in one sentence, nothing lost, nothing done twice.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use steward::claude::{InviteFilter, Role};
use steward::clock::moment;
use steward::random::Random;
use steward::sandbox::Fault;

use crate::bench::{engines, is_full};
use crate::stage::{HouseParts, Lie, Setting, Shown, Stage, assert_snapshot, build, open_store, rules};

/// Written as `…` in snapshots.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const ALL: &str = "/v1/organizations";
const INVITES: &str = "/v1/organizations/invites";
const POST: &str = "POST /v1/organizations/invites";

/// How long an outage takes: it is asked so often whether it is over that a long one takes a minute.
fn outage_hours() -> i64 {
    if is_full() { 6 } else { 1 }
}

/// What an answer says below its headline.
fn sentence(answer: &Shown) -> String {
    answer.told().lines().nth(1).unwrap_or_default().to_owned()
}

/// Each sort of trouble: what is told, and that it goes on by itself when the trouble is over.
#[tokio::test]
async fn each_trouble_is_told_in_one_sentence_and_passes() {
    let faults = [
        "429",
        "429-bare",
        "500-before",
        "529",
        "cut-before",
        "redirect:307",
        "redirect:303",
        "html",
        "empty",
        "malformed",
    ];
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let mut told = Vec::new();
        for (at, path) in [("looking", ALL), ("sending", POST)] {
            for fault in faults {
                let email = format!("{}-{at}@example.com", fault.replace(':', "-"));
                stage.organization.misbehave(path, fault.parse().unwrap(), 1_000);
                let answer = ada.says(&format!("/claude invite {email}")).await;
                stage.organization.misbehave(path, fault.parse().unwrap(), 0);
                told.push(format!("{at}, {fault}: {}", sentence(&answer)));
                stage.advance(1).await;
                assert_eq!(
                    stage.organization.invites().iter().filter(|it| it.email == email).count(),
                    1,
                    "{at}, {fault}"
                );
                if answer.reads().starts_with("Approved, but not made yet") {
                    let news = ada.was_told().await;
                    assert!(news.reads().starts_with("Your request is done: "), "{at}, {fault}: {}", news.reads());
                }
            }
        }
        assert_snapshot!(told.join("\n"), @r"
        looking, 429: Anthropic asks for a pause.
        looking, 429-bare: Anthropic asks for a pause.
        looking, 500-before: Anthropic has trouble of its own at the moment (status 500).
        looking, 529: Anthropic is overloaded at the moment.
        looking, cut-before: The connection to Anthropic broke off before its answer was complete.
        looking, redirect:307: Something between here and Anthropic redirected the request; it was not followed.
        looking, redirect:303: Something between here and Anthropic redirected the request; it was not followed.
        looking, html: Anthropic's answer could not be understood.
        looking, empty: Anthropic's answer could not be understood.
        looking, malformed: Anthropic's answer could not be understood.
        sending, 429: Anthropic asks for a pause.
        sending, 429-bare: Anthropic asks for a pause.
        sending, 500-before: Anthropic has trouble of its own at the moment (status 500).
        sending, 529: Anthropic is overloaded at the moment.
        sending, cut-before: The connection to Anthropic broke off before its answer was complete.
        sending, redirect:307: Something between here and Anthropic redirected the request; it was not followed.
        sending, redirect:303: Something between here and Anthropic redirected the request; it was not followed.
        sending, html: Anthropic's answer could not be understood.
        sending, empty: Request: C19-xxxx
        sending, malformed: Request: C20-xxxx
        ");
        stage.close().await;
    }
}

/// An answer that comes later than anybody waits: it is looked up, not sent again.
#[tokio::test]
async fn an_answer_that_is_too_late_is_looked_up() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        stage.organization.misbehave(POST, Fault::Delay(2_500), 1);
        let done = ada.says("/claude invite lea@example.com").await;
        assert!(done.reads().starts_with("Done: lea@example.com was invited as user."), "{}", done.reads());
        assert_eq!(stage.applied("POST", INVITES), 1);
        stage.close().await;
    }
}

/// What an admin sees first, whole; and the receipt once the trouble is over.
#[tokio::test]
async fn an_outage_is_survived() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        stage.organization.misbehave(ALL, Fault::FailBefore, 100_000);

        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Approved, but not made yet: invite lea@example.com as user. (approved)
        Anthropic has trouble of its own at the moment (status 500).
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Approved, being made: invite lea@example.com as user. (approved)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: Anthropic has trouble of its own at the moment (status 500).
        ");
        stage.advance(outage_hours()).await;
        assert_eq!(stage.state(&id).await, "approved");
        assert!(!mira.has_news().await);
        let status = ada.says("/claude status").await.told();
        assert_snapshot!(status.lines().next().unwrap(), @"Something needs a look.");

        stage.organization.misbehave(ALL, Fault::FailBefore, 0);
        stage.advance(1).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada approved your request, and it is done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        ");
        assert!(stage.seen_again(&card).await.reads().starts_with("Done: "));
        assert_eq!(stage.applied("POST", INVITES), 1);
        stage.close().await;
    }
}

/// While Anthropic is down, people are told so at once; what was decided goes on when it is up again, however late.
#[tokio::test]
async fn an_outage_is_not_waited_out() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        stage.organization.misbehave(ALL, Fault::Overloaded, 1_000_000);
        let before = stage.organization.count_seen(|_| true);
        ada.says("/claude invite lea@example.com").await;
        assert_snapshot!(ada.says("/claude doctor invitation --of lea@example.com").await.told(), @r"
        Anthropic is overloaded at the moment.
        Nothing was changed. Try again in a minute.
        ");
        assert_eq!(stage.organization.count_seen(|_| true), before + 6, "four tries and two");

        assert_snapshot!(ada.says("/claude doctor invitation --of lea@example.com").await.told(), @r"
        Anthropic is overloaded at the moment.
        Nothing was changed. I look every few seconds whether Anthropic answers again.
        ");
        assert_snapshot!(ada.says("/claude invite tom@example.com").await.told(), @r"
        Approved, but not made yet: invite tom@example.com as user. (approved)
        Anthropic is overloaded at the moment.
        It goes on by itself and is not lost. See /claude request show C2-xxxx.
        ");
        assert_eq!(stage.organization.count_seen(|_| true), before + 6, "nobody asked again");

        stage.advance(outage_hours()).await;
        let asked = stage.organization.count_seen(|_| true) - before;
        let probes = usize::try_from(outage_hours()).unwrap() * 3_600 / 5;
        assert!(asked < probes, "{asked} requests: a probe every five seconds at most");
        let trail = stage.trail().await;
        assert_eq!(trail.iter().filter(|it| it.starts_with("invite.postponed")).count(), 2, "said once for each");
        assert_eq!(trail.iter().filter(|it| it.starts_with("invite.failed")).count(), 0);

        stage.organization.misbehave(ALL, Fault::Overloaded, 0);
        stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 30_000));
        for _ in 0..2 {
            assert!(ada.was_told().await.reads().starts_with("Your request is done: "));
        }
        assert_eq!(stage.applied("POST", INVITES), 2);
        stage.close().await;
    }
}

/// The invitation was made, its answer was lost, and then nobody answers for hours: it is looked up when somebody does.
#[tokio::test]
async fn a_doubt_outlasts_an_outage() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        stage.organization.misbehave(POST, Fault::CutAfter, 1);
        let organization = stage.organization.clone();
        stage.meddler.watch(Some(Box::new(move |what, after| {
            if after && what == POST {
                organization.misbehave(ALL, Fault::CutBefore, 1_000_000);
            }
            false
        })));
        ada.says("/claude invite lea@example.com").await;
        stage.meddler.watch(None);
        let id = stage.request_about("lea@example.com").await;
        stage.advance(outage_hours()).await;
        assert_eq!(stage.state(&id).await, "applying");
        assert!(stage.house.reader.condition().is_resting);

        stage.organization.misbehave(ALL, Fault::CutBefore, 0);
        stage.advance(1).await;
        assert_eq!(stage.state(&id).await, "applied");
        let posts = stage.organization.count_seen(|it| it.method == "POST" && it.path == INVITES);
        assert_eq!((posts, stage.applied("POST", INVITES)), (1, 1), "(sent, applied)");
        ada.was_told().await;
        stage.close().await;
    }
}

/// A wrong admin key: said as such; with the right one, what was approved meanwhile is made.
#[tokio::test]
async fn a_wrong_admin_key_loses_nothing() {
    for engine in engines() {
        let key = Some("sk-ant-admin01-not-the-right-one".to_owned());
        let mut stage = Stage::set(Setting { key, ..Setting::on(engine) }).await;
        let id = {
            let ada = stage.person("ada");
            let answer = ada.says("/claude invite lea@example.com").await;
            assert_snapshot!(answer.told(), @r"
            Approved, but not made yet: invite lea@example.com as user. (approved)
            Anthropic does not accept the admin key.
            It goes on by itself and is not lost. See /claude request show C1-xxxx.
            ");
            assert_snapshot!(ada.says("/claude doctor invitation --of lea@example.com").await.told(), @r"
            Anthropic does not accept the admin key.
            Nothing was changed. The operator can find out more with steward doctor.
            ");
            assert_snapshot!(ada.says("/claude status").await.told().replace(VERSION, "…"), @r"
            Something needs a look.
            The organization: 0 members, 0 open invitations, 0 workspaces, 0 API keys
            Requests: 1 approved
            Messages: 0 waiting, 0 undeliverable
            Calls to Anthropic: 0 to be looked at, 0 under way
            Version: …
            List | Age
            API keys | never read to its end; the last try failed: the Admin API answered 401, type authentication_error, request req_…
            costs | never read to its end; the last try failed: the workspaces were not read yet
            invites | never read to its end; the last try failed: the Admin API answered 401, type authentication_error, request req_…
            members | never read to its end; the last try failed: the Admin API answered 401, type authentication_error, request req_…
            usage of API keys | never read to its end; the last try failed: the workspaces were not read yet
            workspace memberships | read just now
            workspaces | never read to its end; the last try failed: the Admin API answered 401, type authentication_error, request req_…
            ");
            stage.house.store.requests(&steward::store::RequestFilter::All, 1).await.unwrap()[0].id.to_string()
        };
        stage.advance(2).await;
        assert_eq!((stage.state(&id).await.as_str(), stage.applied("POST", INVITES)), ("approved", 0));

        *stage.house = stage.another_house(2).await;
        stage.advance(1).await;
        assert_eq!((stage.state(&id).await.as_str(), stage.applied("POST", INVITES)), ("applied", 1));
        assert!(stage.person("ada").was_told().await.reads().starts_with("Your request is done: "));
        stage.close().await;
    }
}

/// Nobody answers at all.
#[tokio::test]
async fn an_unreachable_host_loses_nothing() {
    for engine in engines() {
        let mut stage = Stage::open(engine).await;
        // A port that was free a moment ago, and nobody's now.
        let nowhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let parts = HouseParts {
            store: open_store(&stage.database.url).await,
            upstream: nowhere,
            key: stage.organization.admin_key(),
            rules: rules(Vec::new(), None),
            chat: std::sync::Arc::clone(&stage.chat),
            clock: stage.clock.clone(),
            seed: 3,
            budget: None,
        };
        let well = std::mem::replace(&mut *stage.house, build(parts).await);
        assert_snapshot!(stage.person("ada").says("/claude invite lea@example.com").await.told(), @r"
        Approved, but not made yet: invite lea@example.com as user. (approved)
        Anthropic cannot be reached at the moment.
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        let member = stage.person("ada").says("/claude member show mira@example.com").await;
        assert_snapshot!(member.told().lines().find(|it| it.contains("could not be asked")).unwrap(), @"Anthropic could not be asked. As of just now.");
        *stage.house = well;
        stage.advance(1).await;
        assert_eq!(stage.applied("POST", INVITES), 1);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Answers that never came although the invitation was made: looked up, by the next try at the latest, never sent again.
#[tokio::test]
async fn applied_without_an_answer_is_never_applied_twice() {
    let many = if is_full() { 300 } else { 15 };
    let faults = [Fault::FailAfter, Fault::CutAfter, Fault::Empty, Fault::Malformed];
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let mut ids = Vec::new();
        for (number, fault) in (0..many).zip(faults.iter().cycle()) {
            let email = format!("person{number}@example.com");
            stage.organization.misbehave(POST, fault.clone(), 1);
            // Every third time nobody can even look it up at once.
            let organization = stage.organization.clone();
            let blind = number % 3 == 0;
            stage.meddler.watch(Some(Box::new(move |what, after| {
                if after && blind && what == POST {
                    organization.misbehave(&format!("GET {INVITES}"), Fault::FailBefore, 4);
                }
                false
            })));
            let id = if number % 2 == 0 {
                ada.says(&format!("/claude invite {email}")).await;
                stage.request_about(&email).await
            } else {
                let id = mira.says(&format!("/claude invite {email}")).await.request();
                ada.says(&format!("/claude approve {id}")).await;
                id
            };
            stage.meddler.watch(None);
            ids.push((id, email, blind));
        }
        for (id, _, blind) in &ids {
            assert_eq!(stage.state(id).await, if *blind { "applying" } else { "applied" }, "{id}");
        }
        stage.advance(1).await;
        for (id, email, _) in &ids {
            assert_eq!(stage.state(id).await, "applied", "{id}");
            assert_eq!(stage.organization.invites().iter().filter(|it| it.email == *email).count(), 1, "{email}");
        }
        let posts = stage.organization.count_seen(|it| it.method == "POST" && it.path == INVITES);
        assert_eq!((posts, stage.applied("POST", INVITES)), (many, many), "(sent, applied)");
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The answer was lost, and somebody else invites the same person as something else: no guess, admins are asked to look.
#[tokio::test]
async fn what_cannot_be_told_is_parked() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com --role developer").await.request();
        let card = stage.next_in("approvals").await;
        stage.organization.misbehave(POST, Fault::FailBefore, 1);
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        Approved, but not made yet: invite lea@example.com as developer. (approved)
        Anthropic has trouble of its own at the moment (status 500).
        It goes on by itself and is not lost. See /claude request show C1-xxxx.
        ");
        let theirs = stage.console().invite("lea@example.com", &Role::User).await.unwrap();

        stage.clock.advance_to(crate::stage::at("2026-12-01T09:01:00Z"));
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        An admin has to look at this: invite lea@example.com as developer. (parked)
        Request: C1-xxxx
        Anthropic's answer was unclear, and somebody has invited the same address with another role meanwhile (invited_with_another_role).
        Nothing is sent again. Set it right in the Claude Console; I look again every hour.
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Approved, being made: invite lea@example.com as developer. (approved)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: Anthropic's answer was unclear, and somebody has invited the same address with another role meanwhile (invited_with_another_role).
        ");
        assert_eq!(stage.state(&id).await, "applying");
        let status = ada.says("/claude status").await.told();
        assert_snapshot!(status.lines().find(|it| it.starts_with("Calls")).unwrap(), @"Calls to Anthropic: 1 to be looked at, 0 under way");
        stage.advance(5).await;
        assert_eq!(stage.applied("POST", INVITES), 1, "theirs alone");
        assert!(stage.trail().await.iter().filter(|it| it.starts_with("invite.parked")).count() == 1, "told once");

        // An admin takes the other one back: a later look sees that ours was never made.
        stage.console().withdraw_invite(&theirs.id).await.unwrap();
        stage.advance(2).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        Your request to invite lea@example.com as developer could not be carried out. (failed)
        Request: C1-xxxx
        A later look shows that it was not made. Nothing was changed.
        ");
        assert_eq!((stage.state(&id).await.as_str(), stage.applied("POST", INVITES)), ("failed", 1));
        // The other invitation was made past Steward, which is told in a story of its own.
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// As parked, but an admin's own change and no channel: each admin is told by direct message.
#[tokio::test]
async fn what_is_parked_is_told_without_a_channel_too() {
    for engine in engines() {
        let stage = Stage::set(Setting { approvers_channel: None, ..Setting::on(engine) }).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        stage.organization.misbehave(POST, Fault::FailBefore, 1);
        ada.says("/claude invite lea@example.com --role developer").await;
        stage.console().invite("lea@example.com", &Role::User).await.unwrap();
        stage.clock.advance_to(crate::stage::at("2026-12-01T09:01:00Z"));

        let (one, other) = (ada.was_told().await, grace.was_told().await);
        assert_eq!(one.reads(), other.reads());
        assert!(one.reads().starts_with("An admin has to look at this: "), "{}", one.reads());
        stage.close().await;
    }
}

/// One flaw in an answer. The flaws of well-formed lies come last.
fn flawed(truth: &[u8], flaw: u64, random: &Random) -> Vec<u8> {
    let value: Value = serde_json::from_slice(truth).unwrap_or(Value::Null);
    let text = String::from_utf8_lossy(truth).into_owned();
    let cut = usize::try_from(random.below(truth.len().max(1) as u64)).unwrap();
    let mut row = value.clone();
    let target = if row["data"].is_array() { row.pointer_mut("/data/0") } else { Some(&mut row) };
    let fields: Vec<String> =
        target.as_ref().and_then(|it| it.as_object()).map(|it| it.keys().cloned().collect()).unwrap_or_default();
    let field =
        fields.get(usize::try_from(random.below(fields.len().max(1) as u64)).unwrap()).cloned().unwrap_or_default();
    let with = |new: Value| {
        let mut whole = value.clone();
        let at = if whole["data"].is_array() { format!("/data/0/{field}") } else { format!("/{field}") };
        if let Some(old) = whole.pointer_mut(&at) {
            *old = new;
        }
        whole.to_string().into_bytes()
    };
    match flaw {
        0 => truth[..cut].to_vec(),
        1 => Vec::new(),
        2 => b"null".to_vec(),
        3 => b"[]".to_vec(),
        4 => b"17".to_vec(),
        5 => b"<!doctype html><h1>Sign in</h1>".to_vec(),
        6 => [&truth[..cut], &[0xff, 0xfe, 0x00], &truth[cut..]].concat(),
        7 => text.replace(&format!("\"{field}\""), "\"other\"").into_bytes(),
        8 => with(Value::Null),
        9 => with(json!(-1)),
        10 => with(json!({ "a": [1, 2, 3] })),
        11 => with(json!("x".repeat(100_000))),
        12 => with(json!("admin")),
        13 => with(json!("2026-13-45T99:99:99Z")),
        14 => b"{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"no\"}}".to_vec(),
        15 => "[".repeat(50_000).into_bytes(),
        16 => [truth, truth].concat(),
        17 => {
            json!({ "data": value["data"], "has_more": true, "first_id": "x", "last_id": "x" }).to_string().into_bytes()
        }
        18 => json!({ "data": "none", "has_more": false, "first_id": null, "last_id": null }).to_string().into_bytes(),
        _ => json!({ "id": "invite_somebodyelse", "type": "invite", "email": "eve@example.com", "role": "admin" })
            .to_string()
            .into_bytes(),
    }
}

/// Answers that are broken, or lie: whatever becomes of the change, the organization agrees with it, and a sentence says it.
#[tokio::test]
async fn no_lie_changes_anything_wrongly() {
    let many = if is_full() { 200 } else { 20 };
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let random = Random::seeded(4);
        let mut ids = Vec::new();
        for number in 0..many {
            let email = format!("person{number}@example.com");
            let about = [
                "GET /v1/organizations/users",
                "GET /v1/organizations/invites",
                POST,
                "GET /v1/organizations/invites/",
            ];
            let (flaw, seed) = (number % 20, random.below(1_000_000));
            let lie: Lie = Box::new(move |truth| {
                let status = [StatusCode::OK, StatusCode::OK, StatusCode::CREATED][usize::try_from(seed % 3).unwrap()];
                let body = flawed(&truth, flaw, &Random::seeded(seed));
                let mut answer: Response = (status, Body::from(body)).into_response();
                answer.headers_mut().insert("content-type", "application/json".parse().unwrap());
                answer
            });
            stage.meddler.lie(about[usize::try_from(number / 5 % 4).unwrap()], lie);
            let answer = ada.says(&format!("/claude invite {email}")).await;
            assert_eq!(stage.meddler.forget_lies(), 0, "{number}: the lie was told");
            for line in answer.reads().lines() {
                assert!(line.len() < 200 && !line.contains(['{', '<']), "{number}: {line}");
            }
            ids.push((stage.request_about(&email).await, email));
        }
        stage.advance(1).await;
        for (id, email) in &ids {
            let (state, open) = (stage.state(id).await, stage.open_invites(email));
            assert!(
                matches!((state.as_str(), open), ("applied", 1) | ("lapsed" | "failed", 0)),
                "{id}: {state}, {open} open"
            );
        }
        let recorded = stage.house.store.invites(None).await.unwrap();
        let truth = stage.house.reader.invites(&InviteFilter::default()).collect_all().await.unwrap();
        for it in &truth {
            let row = recorded.iter().find(|row| row.id == it.id).expect("every invitation is known");
            assert_eq!((row.email.as_str(), row.role.as_str()), (it.email.as_str(), it.role.as_str()));
        }
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A list that cannot be read keeps what was known, and says since when.
#[tokio::test]
async fn a_broken_list_keeps_what_was_known() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let before = stage.house.store.directory_size().await.unwrap();
        for flaw in 0..19 {
            for list in ["users", "invites", "workspaces", "api_keys"] {
                let lie: Lie = Box::new(move |truth| flawed(&truth, flaw, &Random::seeded(flaw)).into_response());
                stage.meddler.lie(&format!("GET /v1/organizations/{list}"), lie);
            }
            // What one field says is believed, as long as it can be: the next pass sets it right.
            let _ = stage.house.sync.full().await;
            stage.meddler.forget_lies();
            let [members, _, workspaces, keys] = stage.house.store.directory_size().await.unwrap();
            assert!(members + 1 >= before[0] && workspaces + 1 >= before[2] && keys + 1 >= before[3], "{flaw}");
        }
        stage.house.sync.full().await.unwrap();
        assert_eq!(stage.house.store.directory_size().await.unwrap(), before);
        stage.organization.misbehave("/v1/organizations/users", Fault::Malformed, 1_000);
        stage.advance(1).await;
        let list = ada.says("/claude member list").await.told();
        assert_snapshot!(list.lines().next_back().unwrap().to_owned() + "\n" + list.lines().nth_back(1).unwrap(), @r"
        [Next page]
        As of 1 hour ago.
        ");
        assert_snapshot!(ada.says("/claude status").await.told().replace(VERSION, "…"), @r"
        Something needs a look.
        The organization: 40 members, 2 open invitations, 7 workspaces, 29 API keys
        Requests: none yet
        Messages: 0 waiting, 0 undeliverable
        Calls to Anthropic: 0 to be looked at, 0 under way
        Version: …
        List | Age
        API keys | read just now
        costs | read just now
        invites | read just now
        members | read 1 hour ago; the last try failed: the answer about members cannot be trusted: it ends too early
        usage of API keys | read just now
        workspace memberships | read just now
        workspaces | read just now
        ");
        stage.close().await;
    }
}
