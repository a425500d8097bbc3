//! The simulated activity feed: who did what, newest first, by cursor and by filter, and nothing while it is off.

use serde_json::{Value, json};

use crate::sandbox_stage::{Heard, Sandbox, hear};

async fn feed(sandbox: &Sandbox, query: &str) -> Heard {
    let request = sandbox.bare("GET", &format!("/anthropic/v1/compliance/activities{query}"));
    hear(request.header("x-api-key", sandbox.org.admin_key()).header("anthropic-version", "2023-06-01")).await
}

async fn listed(sandbox: &Sandbox, query: &str) -> Vec<Value> {
    let heard = feed(sandbox, query).await;
    assert_eq!(heard.status, 200, "{}", heard.body);
    heard.body["data"].as_array().unwrap().clone()
}

fn kinds(activities: &[Value]) -> Vec<&str> {
    activities.iter().map(|it| it["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn off_it_refuses_and_records_nothing() {
    let sandbox = Sandbox::seeded().await;
    let refused = feed(&sandbox, "").await;
    assert_eq!((refused.status, refused.text("/error/type").as_str()), (403, "permission_error"));
    sandbox.post("/invites", json!({ "email": "lea@example.com", "role": "user" })).await;
    let on = sandbox.desk("POST", "/api/console/compliance", json!({ "on": true })).await;
    assert_eq!((on.status, &on.body["on"]), (200, &Value::Bool(true)));
    sandbox.pass(60_000);
    let all = listed(&sandbox, "").await;
    assert_eq!(kinds(&all), ["org_compliance_api_settings_updated"], "what happened before is not made up");
    let key = "sk-ant-admin01-nobody";
    let request = sandbox.bare("GET", "/anthropic/v1/compliance/activities").header("x-api-key", key);
    assert_eq!(hear(request.header("anthropic-version", "2023-06-01")).await.status, 401);
}

#[tokio::test]
async fn every_change_leaves_what_was_done_and_by_whom() {
    let sandbox = Sandbox::seeded().await;
    sandbox.org.switch_activity_feed(true);
    let (mira, jonas) = (sandbox.id_of("mira"), sandbox.id_of("jonas"));
    let invite = sandbox.post("/invites", json!({ "email": "lea@example.com", "role": "user" })).await.text("/id");
    sandbox.delete(&format!("/invites/{invite}")).await;
    sandbox.post(&format!("/users/{mira}"), json!({ "role": "user" })).await;
    let made = sandbox.post("/workspaces", json!({ "name": "new" })).await.text("/id");
    sandbox.post(&format!("/workspaces/{made}"), json!({ "name": "newer" })).await;
    let membership = json!({ "user_id": jonas, "workspace_role": "workspace_user" });
    sandbox.post(&format!("/workspaces/{made}/members"), membership).await;
    sandbox.post(&format!("/workspaces/{made}/members/{jonas}"), json!({ "workspace_role": "workspace_admin" })).await;
    sandbox.delete(&format!("/workspaces/{made}/members/{jonas}")).await;
    sandbox.post(&format!("/workspaces/{made}/archive"), json!({})).await;
    let (key, _) = sandbox.make_key("ada", "research", "workspace").await;
    sandbox.post(&format!("/api_keys/{key}"), json!({ "status": "inactive" })).await;
    sandbox.delete(&format!("/users/{mira}")).await;
    // Neither a refusal nor a look leaves anything.
    sandbox.delete("/users/user_nobody").await;
    sandbox.get("/users").await;
    assert_eq!(listed(&sandbox, "").await.len(), 0, "not readable yet");
    sandbox.pass(31_000);
    let all = listed(&sandbox, "").await;
    are_all_of_them(&all);
    let of = |kind: &str| all.iter().find(|it| it["type"] == kind).unwrap().clone();
    let role = of("claude_user_role_updated");
    assert_eq!(
        (&role["user_id"], &role["previous_role"], &role["current_role"], &role["user_email"]),
        (&json!(mira), &json!("developer"), &json!("user"), &json!("mira@example.com"))
    );
    assert_eq!(of("org_user_invite_sent")["invited_email"], "lea@example.com");
    assert_eq!(of("org_user_invite_deleted")["invite_id"], json!(invite));
    assert_eq!(of("org_user_deleted")["deleted_user_email"], "mira@example.com");
    assert_eq!(of("platform_workspace_member_added")["user_id"], json!(jonas));
    let made_key = of("platform_api_key_created");
    assert_eq!(
        (&made_key["api_key_id"], &made_key["actor"]["email_address"]),
        (&json!(key), &json!("ada@example.com"))
    );
    assert_eq!(made_key["organization_uuid"], json!(sandbox.org.id()));
    let ids: std::collections::BTreeSet<String> = all.iter().map(|it| it["id"].to_string()).collect();
    assert!(ids.len() == all.len() && ids.iter().all(|it| it.starts_with("\"activity_01")));
}

/// Each change once, with the sort of actor that made it.
#[track_caller]
fn are_all_of_them(all: &[Value]) {
    let mut found: Vec<String> = all
        .iter()
        .map(|it| format!("{} {}", it["type"].as_str().unwrap(), it["actor"]["type"].as_str().unwrap()))
        .collect();
    found.sort();
    let admin = "admin_api_key_actor";
    let mut expected = vec![
        "org_compliance_api_settings_updated user_actor".to_owned(),
        "platform_api_key_created user_actor".to_owned(),
    ];
    for kind in [
        "org_user_invite_sent",
        "org_user_invite_deleted",
        "claude_user_role_updated",
        "platform_workspace_created",
        "platform_workspace_updated",
        "platform_workspace_member_added",
        "platform_workspace_member_updated",
        "platform_workspace_member_removed",
        "platform_workspace_archived",
        "platform_api_key_updated",
        "org_user_deleted",
    ] {
        expected.push(format!("{kind} {admin}"));
    }
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn it_comes_in_pages_and_by_filter() {
    let sandbox = Sandbox::seeded().await;
    sandbox.org.switch_activity_feed(true);
    for number in 0..7 {
        sandbox.pass(1_000);
        sandbox.post("/invites", json!({ "email": format!("p{number}@example.com"), "role": "user" })).await;
    }
    sandbox.pass(60_000);
    let all = listed(&sandbox, "").await;
    let at: Vec<&str> = all.iter().map(|it| it["created_at"].as_str().unwrap()).collect();
    assert!(at.is_sorted_by(|newer, older| newer >= older), "newest first: {at:?}");
    let first = feed(&sandbox, "?limit=3").await;
    assert_eq!(first.body["has_more"], true);
    let next = feed(&sandbox, &format!("?limit=3&after_id={}", first.text("/last_id"))).await;
    assert_eq!(next.body["data"][0], all[3]);
    let back = feed(&sandbox, &format!("?limit=3&before_id={}", next.text("/first_id"))).await;
    assert_eq!(back.body["data"][0], all[0]);

    assert_eq!(listed(&sandbox, "?activity_types[]=org_user_invite_sent").await.len(), 7);
    assert_eq!(listed(&sandbox, "?exclude_activity_types[]=org_user_invite_sent").await.len(), 1);
    let (gte, lt) = (at[4].replace(':', "%3A"), at[1].replace(':', "%3A"));
    assert_eq!(listed(&sandbox, &format!("?created_at.gte={gte}&created_at.lt={lt}")).await.len(), 3);
    let ada = sandbox.id_of("ada");
    assert_eq!(listed(&sandbox, &format!("?actor_ids[]={ada}")).await.len(), 1);
    for bad in [
        "?limit=5001",
        "?limit=0",
        "?created_at.gte=yesterday",
        "?activity_types[]=no_such_kind",
        "?after_id=activity_nobody",
        "?after_id=a&before_id=b",
    ] {
        let refused = feed(&sandbox, bad).await;
        assert_eq!((refused.status, refused.text("/error/type").as_str()), (400, "invalid_request_error"), "{bad}");
    }
}

/// A call that was applied without an answer is recorded all the same, and one of another key is told apart.
#[tokio::test]
async fn faults_and_keys_are_told_apart() {
    let sandbox = Sandbox::seeded().await;
    sandbox.org.switch_activity_feed(true);
    sandbox.org.misbehave("POST /v1/organizations/invites", "500-after".parse().unwrap(), 1);
    sandbox.post("/invites", json!({ "email": "a@example.com", "role": "user" })).await;
    sandbox.org.misbehave("POST /v1/organizations/invites", "500-before".parse().unwrap(), 1);
    sandbox.post("/invites", json!({ "email": "b@example.com", "role": "user" })).await;
    let other = sandbox.org.make_admin_key();
    let request = sandbox.bare("POST", "/anthropic/v1/organizations/invites").header("x-api-key", other);
    let request = request.header("anthropic-version", "2023-06-01");
    hear(request.json(&json!({ "email": "c@example.com", "role": "user" }))).await;
    sandbox.pass(60_000);
    let sent = listed(&sandbox, "?activity_types[]=org_user_invite_sent").await;
    let mut emails: Vec<&str> = sent.iter().map(|it| it["invited_email"].as_str().unwrap()).collect();
    emails.sort_unstable();
    assert_eq!(emails, ["a@example.com", "c@example.com"]);
    let keys: std::collections::BTreeSet<String> =
        sent.iter().map(|it| it["actor"]["admin_api_key_id"].to_string()).collect();
    assert_eq!(keys.len(), 2);
    sandbox.org.lose_activities(1);
    sandbox.post("/invites", json!({ "email": "d@example.com", "role": "user" })).await;
    sandbox.pass(60_000);
    assert_eq!(listed(&sandbox, "?activity_types[]=org_user_invite_sent").await.len(), 2);
}
