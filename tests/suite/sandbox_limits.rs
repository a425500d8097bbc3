//! The simulated Admin API: rate limits of workspaces, set and cleared, and the hour that they take to work.

use serde_json::{Value, json};
use steward::sandbox::Organization;

use crate::sandbox_stage::{Heard, Sandbox};

const BAD: &str = "invalid_request_error";
const HOUR_MS: i64 = 3_600_000;
const HAIKU: &str = "claude-haiku-5-5";

/// The id of the organization's entry for a model.
async fn entry(it: &Sandbox, model: &str) -> String {
    it.get(&format!("/rate_limits?model={model}")).await.ok().text("/data/0/id")
}

fn limit(kind: &str, value: &Value) -> Value {
    json!({ "type": kind, "value": value })
}

async fn set(it: &Sandbox, workspace: &str, entry: &str, limits: &[Value]) -> Heard {
    it.post(&format!("/workspaces/{workspace}/rate_limits/{entry}"), json!({ "limits": limits })).await
}

/// What a workspace's list says: kind, value, the organization's, where it comes from.
async fn listed(it: &Sandbox, workspace: &str, query: &str) -> Vec<String> {
    let body = it.get(&format!("/workspaces/{workspace}/rate_limits{query}")).await.ok().body;
    let mut told = Vec::new();
    for entry in body["data"].as_array().unwrap() {
        for limit in entry["limits"].as_array().unwrap() {
            let (kind, source) = (limit["type"].as_str().unwrap(), limit["source"]["type"].as_str().unwrap());
            told.push(format!("{kind} {} of {}, {source}", limit["value"], limit["org_limit"]));
        }
    }
    told
}

#[tokio::test]
async fn a_workspace_s_limits_are_set_shown_and_cleared() {
    let it = Sandbox::seeded().await;
    let (research, haiku) = (it.workspace("research"), entry(&it, HAIKU).await);
    assert_eq!(listed(&it, &research, "").await, [] as [&str; 0]);

    let limits = [limit("requests_per_minute", &json!(20)), limit("input_tokens_per_minute", &json!(0))];
    let answer = set(&it, &research, &haiku, &limits).await.ok();
    let expected = json!({
        "type": "workspace_rate_limit", "group_type": "model_group",
        "group": { "type": "model_group", "id": "rlg_claude_haiku_5", "display_name": "Claude Haiku 5" },
        "models": [HAIKU], "rate_limit_id": haiku, "workspace_id": research, "limits": [
            { "type": "requests_per_minute", "value": 20, "org_limit": 4_000, "source": { "type": "workspace" } },
            { "type": "input_tokens_per_minute", "value": 0, "org_limit": null, "source": { "type": "workspace" } },
        ],
    });
    assert_eq!(answer.body, expected);
    assert_eq!(it.get(&format!("/workspaces/{research}/rate_limits")).await.ok().body["data"], json!([expected]));

    // What is not named stays, a value above the organization's is kept, and with the flag the rest is there as well.
    set(&it, &research, &haiku, &[limit("requests_per_minute", &json!(9_000))]).await.ok();
    let all = listed(&it, &research, "?include_inherited=true").await;
    assert_eq!(all.len(), 12);
    assert!(all.contains(&"requests_per_minute 9000 of 4000, workspace".to_owned()), "{all:?}");
    assert!(all.contains(&"input_tokens_per_minute 0 of null, workspace".to_owned()), "{all:?}");
    assert_eq!(all.iter().filter(|it| it.ends_with("organization")).count(), 10);
    assert_eq!(listed(&it, &it.workspace("evals"), "").await, [] as [&str; 0], "nobody else has it");

    let cleared = set(&it, &research, &haiku, &[limit("requests_per_minute", &Value::Null)]).await.ok();
    assert_eq!(cleared.body["limits"].as_array().unwrap().len(), 1);
    set(&it, &research, &haiku, &[limit("input_tokens_per_minute", &Value::Null)]).await.ok();
    set(&it, &research, &haiku, &[limit("tokens_per_day", &Value::Null)]).await.ok();
    assert_eq!(listed(&it, &research, "").await, [] as [&str; 0]);
}

#[tokio::test]
async fn what_cannot_be_set_is_refused_and_changes_nothing() {
    let it = Sandbox::seeded().await;
    let (research, haiku) = (it.workspace("research"), entry(&it, HAIKU).await);
    let before = it.org.own_limits();
    let good = limit("requests_per_minute", &json!(5));
    for limits in [
        json!([]),
        json!(null),
        json!("requests_per_minute"),
        json!({ "type": "requests_per_minute", "value": 5 }),
        json!(["requests_per_minute"]),
        json!([good, limit("thoughts_per_minute", &json!(5))]),
        json!([limit("enqueued_batch_requests", &json!(5))]),
        json!([{ "value": 5 }]),
        json!([{ "type": "requests_per_minute" }]),
        json!([limit("requests_per_minute", &json!(-1))]),
        json!([limit("requests_per_minute", &json!(1.5))]),
        json!([limit("requests_per_minute", &json!("5"))]),
        json!([limit("requests_per_minute", &json!(true))]),
        json!([good, good]),
        json!([{ "type": "requests_per_minute", "value": 5, "org_limit": 1 }]),
        json!(vec![good.clone(); 17]),
    ] {
        let path = format!("/workspaces/{research}/rate_limits/{haiku}");
        it.post(&path, json!({ "limits": limits })).await.refused(400, BAD);
    }
    let path = format!("/workspaces/{research}/rate_limits/{haiku}");
    it.post(&path, json!({})).await.refused(400, BAD);
    it.post(&path, json!({ "limits": [good], "note": "x" })).await.refused(400, BAD);
    let batch = it.get("/rate_limits?group_type=batch").await.ok().text("/data/0/id");
    set(&it, &research, &batch, &[limit("output_tokens_per_minute", &json!(1))]).await.refused(400, BAD);
    set(&it, &it.workspace("Default"), &haiku, std::slice::from_ref(&good)).await.refused(400, BAD);
    for id in ["rl_1", "rlg_claude_haiku_5"] {
        set(&it, &research, id, std::slice::from_ref(&good)).await.refused(404, "not_found_error");
    }
    set(&it, "wrkspc_01x", &haiku, std::slice::from_ref(&good)).await.refused(404, "not_found_error");
    it.post(&format!("/workspaces/{research}/archive"), json!({})).await.ok();
    set(&it, &research, &haiku, &[good]).await.refused(400, BAD);
    assert_eq!(it.org.own_limits(), before);
    it.get(&format!("/workspaces/{research}/rate_limits?include_inherited=maybe")).await.refused(400, BAD);
}

#[tokio::test]
async fn a_change_works_an_hour_later_and_the_lower_one_counts() {
    let it = Sandbox::seeded().await;
    let (research, haiku) = (it.workspace("research"), entry(&it, HAIKU).await);
    let in_force = || it.org.limit_in_force(&research, HAIKU, "requests_per_minute");
    set(&it, &research, &haiku, &[limit("requests_per_minute", &json!(2))]).await.ok();
    it.pass(HOUR_MS - 1);
    assert_eq!(in_force(), Some(4_000), "not yet");
    // The same again does not begin the hour anew.
    set(&it, &research, &haiku, &[limit("requests_per_minute", &json!(2))]).await.ok();
    it.pass(1);
    assert_eq!(in_force(), Some(2));

    let (_, secret) = it.make_key("mira", "research", "workspace").await;
    it.message(&secret).await.ok();
    it.message(&secret).await.ok();
    let refused = it.message(&secret).await;
    assert_eq!(refused.refused(429, "rate_limit_error").headers["retry-after"], "60");
    let (_, elsewhere) = it.make_key("ada", "evals", "workspace").await;
    it.message(&elsewhere).await.ok();
    it.pass(60_000);
    it.message(&secret).await.ok();

    set(&it, &research, &haiku, &[limit("requests_per_minute", &json!(9_000))]).await.ok();
    assert_eq!(in_force(), Some(2), "until the hour is over");
    it.pass(HOUR_MS);
    assert_eq!(in_force(), Some(4_000), "the organization's is the lower one");
    set(&it, &research, &haiku, &[limit("requests_per_minute", &json!(3))]).await.ok();
    it.pass(HOUR_MS);
    set(&it, &research, &haiku, &[limit("requests_per_minute", &Value::Null)]).await.ok();
    assert_eq!(in_force(), Some(3), "clearing takes as long");
    it.pass(HOUR_MS);
    assert_eq!(in_force(), Some(4_000));
    assert_eq!(it.org.limit_in_force(&research, "gpt", "requests_per_minute"), None);
}

#[tokio::test]
async fn limits_are_kept_and_a_file_from_before_them_is_still_read() {
    let folder = crate::bench::Folder::new();
    let path = folder.path().join("organization.json");
    let it = Sandbox::seeded().await;
    it.org.save_to(&path).unwrap();
    let (research, haiku) = (it.workspace("research"), entry(&it, HAIKU).await);
    set(&it, &research, &haiku, &[limit("requests_per_minute", &json!(2))]).await.ok();
    let again = Organization::load(&path, it.clock.clone()).unwrap();
    assert_eq!(again.own_limits(), it.org.own_limits());

    let mut older: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    older.as_object_mut().unwrap().remove("own_limits").unwrap();
    std::fs::write(&path, older.to_string()).unwrap();
    assert_eq!(Organization::load(&path, it.clock.clone()).unwrap().own_limits(), []);
}

/// The playground is throttled from the beginning, so that there is something to see.
#[tokio::test]
async fn the_playground_is_throttled() {
    let it = Sandbox::seeded().await;
    let playground = it.workspace("sandbox-playground");
    assert_eq!(
        listed(&it, &playground, "").await,
        [
            "requests_per_minute 50 of 2000, workspace",
            "output_tokens_per_minute 20000 of 200000, workspace",
            "requests_per_minute 200 of 2000, workspace"
        ]
    );
    assert_eq!(it.org.limit_in_force(&playground, "claude-opus-5-5", "requests_per_minute"), Some(50));
}

/// Who sits together in the chat, for the maps from groups to workspaces.
#[test]
fn the_cast_sits_in_groups() {
    let org = Organization::seeded(7, crate::sandbox_stage::first_of_december());
    let mut groups: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for player in org.cast() {
        assert!(!player.groups.is_empty(), "{} is in no group", player.id);
        for group in player.groups {
            groups.entry(group).or_default().push(player.id.clone());
        }
    }
    let of = |group: &str| groups[group].join(" ");
    assert_eq!(
        groups.keys().map(String::as_str).collect::<Vec<_>>().join(" "),
        "admins data evals finance platform research support"
    );
    assert_eq!((of("admins"), of("finance")), ("ada grace".to_owned(), "finn priya".to_owned()));
    assert_eq!((of("research"), of("platform")), ("mira sofia lea".to_owned(), "grace jonas kenji".to_owned()));
}
