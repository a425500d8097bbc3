//! The client's view of the activity feed: what exactly it asks for, and which shapes it understands.

use serde_json::{Value, json};
use steward::claude::{Activity, ActivityFilter, ActorKind, Error};

use super::claude_upstream::{Upstream, ok, page};

fn filter() -> ActivityFilter {
    ActivityFilter {
        since: "2026-12-01T09:00:00Z".parse().unwrap(),
        until: "2026-12-01T09:15:00.5Z".parse().unwrap(),
        kinds: vec!["org_user_deleted", "platform_api_key_created"],
    }
}

async fn read(rows: Vec<Value>) -> Result<Vec<Activity>, Error> {
    let upstream = Upstream::answering(move |_, _| ok(&page(&rows, false))).await;
    upstream.client().0.activities(&filter()).collect_all().await
}

fn row(id: &str) -> Value {
    json!({
        "id": id, "created_at": "2026-12-01T09:01:02.345678Z", "organization_id": "org_1", "organization_uuid": "u",
        "type": "org_user_deleted", "deleted_user_id": "user_9", "deleted_user_email": "lea@example.com",
        "actor": { "type": "admin_api_key_actor", "admin_api_key_id": "apikey_1", "ip_address": "192.0.2.1", "user_agent": "" },
    })
}

#[tokio::test]
async fn it_is_asked_as_documented_and_turned_by_cursor() {
    let upstream = Upstream::answering(|seen, _| {
        let after = seen.query.iter().find(|(name, _)| name == "after_id");
        ok(&match after {
            None => json!({ "data": [row("activity_2")], "has_more": true, "first_id": "x", "last_id": "opaque" }),
            Some(_) => page(&[row("activity_1")], false),
        })
    })
    .await;
    let found = upstream.client().0.activities(&filter()).collect_all().await.unwrap();
    assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["activity_2", "activity_1"]);
    let asked: Vec<String> = upstream.seen().iter().map(super::claude_upstream::Seen::line).collect();
    let first = "GET /v1/compliance/activities created_at.gte=2026-12-01T09:00:00Z&created_at.lt=2026-12-01T09:15:00.5Z\
                 &activity_types[]=org_user_deleted&activity_types[]=platform_api_key_created&limit=5000";
    assert_eq!(asked, [first.to_owned(), format!("{first}&after_id=opaque")]);
}

#[tokio::test]
async fn every_actor_is_understood_and_new_ones_pass() {
    let actor = |shape: Value| {
        let mut row = row("activity_1");
        row["actor"] = shape;
        row
    };
    for (shape, kind, id, email) in [
        (
            json!({ "type": "user_actor", "user_id": "user_1", "email_address": "a@b.cc" }),
            "user_actor",
            Some("user_1"),
            Some("a@b.cc"),
        ),
        (json!({ "type": "api_actor", "api_key_id": "apikey_1" }), "api_actor", Some("apikey_1"), None),
        (json!({ "type": "admin_api_key_actor", "admin_api_key_id": "k" }), "admin_api_key_actor", Some("k"), None),
        (
            json!({ "type": "service_account_actor", "service_account_id": "svac_1" }),
            "service_account_actor",
            Some("svac_1"),
            None,
        ),
        (json!({ "type": "anthropic_actor", "email_address": null }), "anthropic_actor", None, None),
        (json!({ "type": "system_actor", "service": null }), "system_actor", None, None),
        (
            json!({ "type": "unauthenticated_user_actor", "unauthenticated_email_address": "x@y.zz" }),
            "unauthenticated_user_actor",
            None,
            Some("x@y.zz"),
        ),
        (json!({ "type": "martian_actor", "rank": 7 }), "martian_actor", None, None),
        (json!({}), "", None, None),
        (Value::Null, "", None, None),
    ] {
        let found = read(vec![actor(shape.clone())]).await.unwrap().remove(0);
        let (found_id, found_email) = (found.actor.id.as_deref(), found.actor.email.as_deref());
        assert_eq!((found.actor.kind.as_str(), found_id, found_email), (kind, id, email), "{shape}");
    }
}

#[tokio::test]
async fn what_a_kind_says_besides_is_kept() {
    let mut rows = vec![row("activity_1"), row("activity_2")];
    rows[1]["type"] = json!("never_heard_of");
    rows[1]["nested"] = json!({ "type": "inner", "id": "x" });
    let found = read(rows).await.unwrap();
    assert_eq!((found[0].kind.as_str(), &found[0].actor.kind), ("org_user_deleted", &ActorKind::AdminKey));
    assert_eq!((found[0].said("deleted_user_email"), found[0].said("nothing")), (Some("lea@example.com"), None));
    assert_eq!(found[0].created_at.to_string(), "2026-12-01T09:01:02.345678Z");
    assert_eq!((found[1].kind.as_str(), found[1].said("nested")), ("never_heard_of", None));
}

#[tokio::test]
async fn what_cannot_be_an_activity_fails_the_listing() {
    for (name, value) in [("id", json!("")), ("type", Value::Null), ("created_at", json!("soon"))] {
        let mut bad = row("activity_1");
        bad[name] = value;
        assert!(matches!(read(vec![bad]).await, Err(Error::Malformed { .. })), "{name}");
    }
    let twice = read(vec![row("activity_1"), row("activity_1")]).await;
    assert!(matches!(twice, Err(Error::Malformed { .. })), "{twice:?}");
}
