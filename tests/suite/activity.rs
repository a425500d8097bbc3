//! Anthropic's activity feed next to the ledger: what was done outside is told, what is missing there is an alarm, and what
//! Steward did itself is neither.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use steward::chat::Message;
use steward::claude::{InviteStatus, Role, Time, Writer};
use steward::clock::moment;
use steward::domain::FeedState;
use steward::sandbox::KeyOrder;
use steward::store::Trail;

use crate::audit_heads::minutes;
use crate::bench::{Engine, engines};
use crate::stage::{Shown, Stage, assert_snapshot, masked};

const FEED: &str = "/v1/compliance/activities";

/// A story in an organization whose feed is on and was found.
async fn watched(engine: Engine) -> Stage {
    let stage = Stage::open(engine).await;
    assert_eq!(stage.house.store.feed().await.unwrap().state, FeedState::Off, "it was asked, and is off");
    stage.organization.switch_activity_feed(true);
    later(&stage, 61).await;
    assert_eq!(stage.house.store.feed().await.unwrap().state, FeedState::On);
    minutes(&stage, 1).await;
    stage
}

/// One jump.
async fn later(stage: &Stage, minutes: i64) {
    stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + minutes * 60_000));
    stage.settle().await;
}

/// A second passes, and nothing is looked at.
fn second(stage: &Stage) {
    stage.clock.advance_to(moment(stage.clock.now().as_millisecond() + 1_000));
}

/// A client's time that stands: nothing here is limited.
struct Standing;

impl Time for Standing {
    fn now_ms(&self) -> i64 {
        0
    }

    fn sleep(&self, _: std::time::Duration) -> futures_util::future::BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Somebody with another admin key than Steward's.
fn stranger(stage: &Stage) -> Writer {
    let key = stage.organization.make_admin_key();
    let mut settings = steward::claude::Settings::new(key.into(), 2);
    settings.base_url = format!("http://{}/anthropic", stage.upstream);
    steward::claude::connect(settings, Arc::new(Standing)).unwrap().1
}

fn make_key(stage: &Stage, by: &str) {
    let order = KeyOrder {
        by: by.into(),
        workspace: "research".into(),
        name: "mine".into(),
        kind: "workspace".into(),
        expires_in_days: None,
    };
    stage.organization.make_key(&order).unwrap();
}

/// The entries of the trail whose action begins like this: action, about, who.
async fn trail(stage: &Stage, action: &str) -> Vec<String> {
    let wanted = Trail { after_seq: Some(0), action: Some(action.into()), limit: 10_000, ..Trail::default() };
    let entries = stage.house.store.trail(&wanted).await.unwrap();
    entries.iter().map(|it| masked(&format!("{} {} by {}", it.action, it.about, it.actor))).collect()
}

/// True of what the comparison of the directory tells of the same changes, later: that has stories of its own.
fn is_card(message: &Message) -> bool {
    message.badge.as_ref().is_some_and(|it| matches!(it.label.as_str(), "drift" | "over" | "leaver"))
}

/// How many messages were sent, cards about drift aside.
fn count_sent(stage: &Stage) -> usize {
    stage.chat.everything().iter().filter(|(_, message)| !is_card(message)).count()
}

fn is_silent(stage: &Stage, since: usize) -> bool {
    count_sent(stage) == since
}

/// The next message for the approvers, cards about drift aside.
async fn next(stage: &Stage) -> Shown {
    loop {
        let shown = stage.next_in("approvals").await;
        if !is_card(&shown.message) {
            return shown;
        }
    }
}

/// Nobody needs to hear the cards about drift.
async fn close(stage: Stage) {
    stage.settle().await;
    stage.chat.forget_cards(is_card);
    stage.close().await;
}

/// An id that says nothing to a reader.
fn told(shown: &Shown) -> String {
    shown.told()
}

/// The same of everything that is done with workspaces.
#[tokio::test]
async fn what_steward_does_with_workspaces_is_its_own() {
    for engine in engines() {
        let stage = watched(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        for said in [
            "workspace create vision",
            "workspace rename vision sight",
            "workspace add sight mira@example.com",
            "workspace role sight mira@example.com workspace_developer",
            "workspace limits sight --set opus:requests=100",
            "workspace limits sight --clear all",
            "workspace remove sight mira@example.com",
        ] {
            let answer = ada.says(&format!("/claude {said}")).await.reads();
            assert!(answer.starts_with("Done"), "{answer}");
            second(&stage);
        }
        let archive = ada.says("/claude workspace archive support-bot --confirm support-bot").await.request();
        grace.says(&format!("/claude approve {archive}")).await;
        assert_eq!(stage.state(&archive).await, "applied");
        stage.settle().await;
        stage.chat.forget_unheard();
        let sent = count_sent(&stage);
        minutes(&stage, 30).await;
        assert!(is_silent(&stage, sent), "{engine:?}: {:?}", stage.chat.everything().last());
        assert_eq!(trail(&stage, "activity").await, ["activity.on activity feed by steward"], "{engine:?}");
        let calls = stage.house.store.begun_calls(moment(0)).await.unwrap();
        assert!(calls.iter().all(|it| it.shown_as.len() == 1 && it.gap.is_none()), "{engine:?}: {calls:?}");
        close(stage).await;
    }
}

#[tokio::test]
async fn what_steward_does_is_known_to_be_its_own() {
    for engine in engines() {
        let stage = watched(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        ada.says("/claude invite lea@example.com --role developer").await;
        ada.says("/claude member role mira@example.com user").await;
        let removal = ada.says("/claude member remove amara@example.com --confirm amara@example.com").await.request();
        grace.says(&format!("/claude approve {removal}")).await;
        ada.says("/claude invites resend lea@example.com").await;
        stage.settle().await;
        assert_eq!(stage.state(&removal).await, "applied");
        stage.chat.forget_unheard();
        let sent = count_sent(&stage);
        minutes(&stage, 30).await;
        assert!(is_silent(&stage, sent), "{engine:?}: {:?}", stage.chat.everything().last());
        assert_eq!(trail(&stage, "activity").await, ["activity.on activity feed by steward"], "{engine:?}");
        let calls = stage.house.store.begun_calls(moment(0)).await.unwrap();
        assert_eq!(calls.len(), 5);
        assert!(calls.iter().all(|it| it.shown_as.len() == 1 && it.gap.is_none()), "{engine:?}: {calls:?}");
        close(stage).await;
    }
}

#[tokio::test]
async fn what_was_done_outside_is_told_once_and_in_one_message() {
    for engine in engines() {
        let stage = watched(engine).await;
        make_key(&stage, "mira");
        second(&stage);
        let stranger = stranger(&stage);
        second(&stage);
        stranger.invite("eve@example.com", &Role::Developer).await.unwrap();
        second(&stage);
        stranger.set_role(&stage.member_id("jonas"), &Role::Billing).await.unwrap();
        minutes(&stage, 2).await;
        let message = next(&stage).await;
        assert_snapshot!(told(&message), @r"
        4 things were changed in the Claude organization, and not by me.
        When | Who | What
        2026-12-01 10:02 UTC | mira@example.com | made the API key apikey_…
        2026-12-01 10:02 UTC | ada@example.com | made the admin key apikey_…
        2026-12-01 10:02 UTC | apikey_… | invited eve@example.com as developer
        2026-12-01 10:02 UTC | apikey_… | made jonas@example.com billing, was developer
        Nothing has to be done if that was meant. All of it: /claude audit --action activity.outside
        ");
        assert_eq!(
            trail(&stage, "activity.outside").await,
            [
                "activity.outside apikey_… by user_…",
                "activity.outside apikey_… by user_…",
                "activity.outside eve@example.com by admin_api_key_actor",
                "activity.outside user_… by admin_api_key_actor",
            ]
        );

        // Three more within ten minutes: one message, when the ten minutes are over.
        let sent = count_sent(&stage);
        for name in ["a", "b", "c"] {
            stranger.invite(&format!("{name}@example.com"), &Role::User).await.unwrap();
            minutes(&stage, 2).await;
        }
        assert!(is_silent(&stage, sent), "{engine:?}");
        minutes(&stage, 6).await;
        let message = next(&stage).await;
        assert!(told(&message).starts_with("3 things were changed in the Claude organization, and not by me."));

        // Another replica, and the same again after a restart: nothing is told twice.
        let replica = stage.another_house(5).await;
        for _ in 0..20 {
            later(&stage, 1).await;
            replica.settle().await.unwrap();
        }
        assert_eq!(count_sent(&stage), sent + 1, "{engine:?}");
        assert_eq!(trail(&stage, "activity.outside").await.len(), 7, "{engine:?}");
        let found = stage.person("ada").says("/claude audit --of mira@example.com --action activity.outside").await;
        assert!(found.reads().starts_with("The newest entry."), "{}", found.reads());
        close(stage).await;
    }
}

#[tokio::test]
async fn a_flood_is_one_message_of_ten_rows() {
    for engine in engines() {
        let stage = watched(engine).await;
        let stranger = stranger(&stage);
        for number in 0..30 {
            stranger.invite(&format!("person{number}@example.com"), &Role::User).await.unwrap();
        }
        minutes(&stage, 12).await;
        let message = next(&stage).await.told();
        assert!(message.starts_with("31 things were changed"), "{message}");
        assert_eq!((message.lines().count(), message.contains("And 21 more.")), (14, true), "{message}");
        close(stage).await;
    }
}

#[tokio::test]
async fn stewards_own_key_in_other_hands_is_an_alarm_at_once() {
    for engine in engines() {
        let stage = watched(engine).await;
        stage.person("ada").says("/claude invite lea@example.com").await;
        make_key(&stage, "mira");
        minutes(&stage, 2).await;
        assert!(
            stage
                .next_in("approvals")
                .await
                .reads()
                .starts_with("Something was changed in the Claude organization, and")
        );
        stage.console().invite("eve@example.com", &Role::Billing).await.unwrap();
        second(&stage);
        make_key(&stage, "jonas");
        minutes(&stage, 2).await;
        assert_snapshot!(told(&next(&stage).await), @r"
        1 of 2 things were changed in the Claude organization with my own admin key, and not by me: somebody else uses it. (alarm)
        When | Who | What
        2026-12-01 10:04 UTC | my own admin key | invited eve@example.com as billing
        2026-12-01 10:04 UTC | jonas@example.com | made the API key apikey_…
        Replace the key in the Claude Console now, under Settings, Admin keys, and give me the new one.
        ");
        close(stage).await;
    }
}

#[tokio::test]
async fn what_the_feed_does_not_show_is_an_alarm_after_ten_minutes() {
    for engine in engines() {
        let stage = watched(engine).await;
        let ada = stage.person("ada");
        stage.organization.lose_activities(1);
        ada.says("/claude invite lea@example.com --role developer").await;
        ada.says("/claude invite tom@example.com").await;
        let sent = count_sent(&stage);
        minutes(&stage, 9).await;
        assert!(is_silent(&stage, sent), "{engine:?}: it has ten minutes");
        minutes(&stage, 3).await;
        assert_snapshot!(told(&next(&stage).await), @r"
        I have changed something that Anthropic's activity feed does not show. (alarm)
        When | Request | What
        2026-12-01 10:02 UTC | C1-xxxx | lea@example.com was invited as developer
        Either the feed is late, or somebody answers in Anthropic's place. Compare with the Claude Console.
        ");
        minutes(&stage, 60).await;
        let about = stage.request_about("lea@example.com").await;
        assert_eq!(trail(&stage, "activity.missing").await, [masked(&format!("activity.missing {about} by steward"))]);
        close(stage).await;
    }
}

#[tokio::test]
async fn a_feed_that_is_late_takes_its_alarm_back() {
    for engine in engines() {
        let stage = watched(engine).await;
        stage.organization.delay_activities(40 * 60_000);
        stage.person("ada").says("/claude invite lea@example.com").await;
        minutes(&stage, 12).await;
        assert!(next(&stage).await.reads().starts_with("I have changed something that Anthropic's"));
        minutes(&stage, 32).await;
        assert_snapshot!(told(&next(&stage).await), @r"
        Anthropic's activity feed shows now what I had missed there.
        When | Request | What
        2026-12-01 10:02 UTC | C1-xxxx | lea@example.com was invited as user
        ");
        minutes(&stage, 20).await;
        assert_eq!(trail(&stage, "activity").await.len(), 3, "on, missing, late");
        close(stage).await;
    }
}

#[tokio::test]
async fn a_feed_that_is_switched_off_is_told_and_asked_again() {
    for engine in engines() {
        let stage = watched(engine).await;
        stage.organization.switch_activity_feed(false);
        minutes(&stage, 2).await;
        assert_snapshot!(told(&next(&stage).await), @r"
        Anthropic's activity feed does not answer my key any more: nobody records what is done past me. (alarm)
        Look in the Claude Console, under Settings, Security, who has switched the Compliance API off. I ask again every hour.
        ");
        let asked = stage.organization.count_seen(|it| it.path == FEED);
        minutes(&stage, 58).await;
        assert_eq!(stage.organization.count_seen(|it| it.path == FEED), asked, "{engine:?}: once an hour");
        // What Steward does meanwhile cannot be missing.
        stage.person("ada").says("/claude invite lea@example.com").await;
        stage.organization.switch_activity_feed(true);
        minutes(&stage, 80).await;
        assert_eq!(stage.house.store.feed().await.unwrap().state, FeedState::On, "{engine:?}");
        // The feed tells that it was switched off, and by whom, as far as it was on.
        let told = stage.chat.everything().iter().map(|(_, it)| it.text.to_plain()).collect::<Vec<_>>();
        assert!(!told.iter().any(|it| it.starts_with("I have changed")), "{engine:?}: {told:?}");
        assert_eq!(
            trail(&stage, "activity").await.iter().filter(|it| !it.contains("outside")).cloned().collect::<Vec<_>>(),
            [
                "activity.on activity feed by steward",
                "activity.off activity feed by steward",
                "activity.on activity feed by steward"
            ],
        );
        stage.chat.forget_unheard();
        close(stage).await;
    }
}

#[tokio::test]
async fn the_feed_is_read_once_a_minute_and_caught_up_with_after_an_outage() {
    for engine in engines() {
        let stage = watched(engine).await;
        let before = stage.organization.count_seen(|it| it.path == FEED);
        minutes(&stage, 10).await;
        assert_eq!(stage.organization.count_seen(|it| it.path == FEED) - before, 10, "{engine:?}");
        let read_to = stage.house.store.feed().await.unwrap().read_to;
        stage.organization.misbehave(FEED, "500-before".parse().unwrap(), 100_000);
        let stranger = stranger(&stage);
        stranger.invite("eve@example.com", &Role::User).await.unwrap();
        later(&stage, 48 * 60).await;
        assert_eq!(stage.house.store.feed().await.unwrap().read_to, read_to, "{engine:?}: nothing is skipped");
        stage.organization.misbehave(FEED, "500-before".parse().unwrap(), 0);
        minutes(&stage, 12).await;
        assert!(next(&stage).await.reads().contains("invited eve@example.com as user"));
        let behind = stage.clock.now().as_millisecond()
            - stage.house.store.feed().await.unwrap().read_to.unwrap().as_millisecond();
        assert!(behind < 120_000, "{engine:?}: caught up, {behind}");
        close(stage).await;
    }
}

/// Should the API not take a kind that is asked for, everything is read and sifted here.
#[tokio::test]
async fn a_list_of_kinds_that_is_refused_is_left_out() {
    let stage = watched(Engine::Sqlite).await;
    let refuse = |_: Vec<u8>| {
        let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"activity_types"}}"#;
        (StatusCode::BAD_REQUEST, body).into_response()
    };
    stage.meddler.lie(&format!("GET {FEED}"), Box::new(refuse));
    minutes(&stage, 1).await;
    assert!(!stage.house.store.feed().await.unwrap().sifted);
    make_key(&stage, "mira");
    minutes(&stage, 2).await;
    assert!(next(&stage).await.reads().contains("mira@example.com | made the API key"));
    let last = stage.organization.seen().into_iter().rev().find(|it| it.path == FEED).unwrap();
    assert!(!last.query.contains("activity_types"), "{}", last.query);
    stage.close().await;
}

/// A call in flight is explained by its intention, whatever becomes of the answer.
#[tokio::test]
async fn an_answer_that_never_came_does_not_make_a_call_somebody_elses() {
    for engine in engines() {
        let stage = watched(engine).await;
        for (fault, name) in [("cut-after", "a"), ("500-after", "b"), ("malformed", "c")] {
            stage.organization.misbehave("POST /v1/organizations/invites", fault.parse().unwrap(), 1);
            stage.person("ada").says(&format!("/claude invite {name}@example.com")).await;
        }
        minutes(&stage, 30).await;
        assert_eq!(trail(&stage, "activity.outside").await, Vec::<String>::new(), "{engine:?}");
        assert_eq!(trail(&stage, "activity.missing").await, Vec::<String>::new(), "{engine:?}");
        stage.chat.forget_unheard();
        close(stage).await;
    }
}

#[tokio::test]
async fn without_a_channel_each_admin_is_told() {
    let setting = crate::stage::Setting { approvers_channel: None, ..crate::stage::Setting::on(Engine::Sqlite) };
    let stage = Stage::set(setting).await;
    stage.organization.switch_activity_feed(true);
    later(&stage, 61).await;
    make_key(&stage, "mira");
    minutes(&stage, 2).await;
    for name in ["ada", "grace"] {
        let heard = stage.person(name).was_told().await.reads();
        assert!(heard.starts_with("Something was changed in the Claude organization, and not by me."), "{heard}");
    }
    stage.close().await;
}

/// Hostile names are shown as what they are: text, short, without what turns a line round.
#[tokio::test]
async fn what_the_feed_says_is_never_trusted() {
    let stage = watched(Engine::Sqlite).await;
    let lie = |body: Vec<u8>| {
        let mut answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let evil = "<!channel> \u{202e}\u{1b}[2J *bold* =1+1 ".repeat(50);
        answer["data"] = serde_json::json!([
            {
                "id": "activity_1", "created_at": "2026-12-01T10:02:00Z", "type": "org_user_invite_sent",
                "actor": { "type": "user_actor", "user_id": evil, "email_address": evil },
                "invited_email": evil, "invited_role": evil, "organization_id": null
            },
            { "id": "activity_2", "created_at": "2026-12-01T10:02:00Z", "type": "platform_workspace_updated", "actor": null },
            { "id": "activity_3", "created_at": "2026-12-01T10:02:00Z", "type": "never_heard_of", "actor": {"type": "martian_actor"} }
        ]);
        axum::Json(answer).into_response()
    };
    stage.meddler.lie(&format!("GET {FEED}"), Box::new(lie));
    minutes(&stage, 1).await;
    let message = next(&stage).await;
    let reads = message.reads();
    assert!(!reads.contains(['\u{202e}', '\u{1b}']) && reads.len() < 1_200, "{reads}");
    assert!(reads.starts_with("2 things were changed"), "what nobody watches for is passed over: {reads}");
    let spans = format!("{:?}", message.message);
    assert!(!spans.contains("Mention") && !spans.contains("Link"), "user text is plain");
    stage.close().await;
}

/// An invitation that was accepted is what it was meant for, and is not told.
#[tokio::test]
async fn an_acceptance_is_no_news() {
    let stage = watched(Engine::Sqlite).await;
    stage.person("ada").says("/claude invite lea@example.com").await;
    minutes(&stage, 1).await;
    stage.accept_mail("lea@example.com");
    minutes(&stage, 15).await;
    assert_eq!(trail(&stage, "activity.outside").await, Vec::<String>::new());
    let invites = stage.organization.invites();
    assert!(invites.iter().any(|it| it.status(stage.clock.now()).as_str() == InviteStatus::Accepted.as_str()));
    stage.close().await;
}
