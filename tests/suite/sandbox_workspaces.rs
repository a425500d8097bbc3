//! The simulated Admin API: workspaces, who is in them, keys, rate limits.

use crate::sandbox_stage::{DAY_MS, Sandbox};
use serde_json::{Value, json};

const BAD: &str = "invalid_request_error";

#[tokio::test]
async fn the_default_workspace_hides_but_can_be_read() {
    let it = Sandbox::seeded().await;
    let default = it.workspace("Default");
    let listed = it.get("/workspaces").await.ok();
    assert_eq!(listed.each("id").len(), 6);
    assert!(!listed.each("id").contains(&default));
    let with = it.get("/workspaces?include_default=true").await.ok();
    assert_eq!(with.each("id").len(), 7);
    assert!(with.each("id").contains(&default));
    assert_eq!(it.get(&format!("/workspaces/{default}")).await.ok().text("/name"), "Default");
    it.post(&format!("/workspaces/{default}"), json!({ "name": "Mine" })).await.refused(400, BAD);
    it.post(&format!("/workspaces/{default}/archive"), json!({})).await.refused(400, BAD);
    it.get("/workspaces?include_default=maybe").await.refused(400, BAD);
}

#[tokio::test]
async fn a_workspace_is_made_read_and_changed() {
    let it = Sandbox::empty().await;
    let made = it
        .post("/workspaces", json!({ "name": "nightly", "display_color": "#00ff7F", "tags": { "team": "ml" } }))
        .await
        .ok();
    let id = made.text("/id");
    assert!(id.starts_with("wrkspc_01"));
    let fields: Vec<_> = made.body.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = [
        "id",
        "type",
        "name",
        "display_color",
        "tags",
        "created_at",
        "archived_at",
        "compartment_id",
        "data_residency",
        "external_key_id",
    ];
    assert_eq!(fields, documented);
    assert_eq!(it.get(&format!("/workspaces/{id}")).await.ok().body, made.body);
    let path = format!("/workspaces/{id}");
    let changed = it.post(&path, json!({ "name": "daily" })).await.ok();
    assert_eq!((changed.text("/name"), changed.text("/tags/team")), ("daily".to_owned(), "ml".to_owned()));

    let long = "n".repeat(41);
    for body in [
        json!({ "name": "" }),
        json!({ "name": "  " }),
        json!({ "name": long }),
        json!({}),
        json!({ "name": null }),
        json!({ "name": "x", "display_color": "red" }),
        json!({ "name": "x", "tags": { "anthropic-x": "1" } }),
        json!({ "name": "x", "tags": { "n": 1 } }),
        json!({ "name": "x", "limit": 5 }),
        json!({ "name": "x", "external_key_id": "ekey_1" }),
        json!({ "name": "x", "data_residency": { "workspace_geo": "mars" } }),
    ] {
        it.post("/workspaces", body.clone()).await.refused(400, BAD);
    }
    it.post(&path, json!({})).await.refused(400, BAD);
    it.post(&path, json!({ "data_residency": { "workspace_geo": "us" } })).await.refused(400, BAD);
    it.post("/workspaces", json!({ "name": "n".repeat(40) })).await.ok();
    assert_eq!(it.org.workspaces().len(), 3);
}

#[tokio::test]
async fn an_archived_workspace_takes_its_keys_along_for_good() {
    let it = Sandbox::seeded().await;
    let id = it.workspace("evals");
    let (key, secret) = it.make_key("ada", "evals", "workspace").await;
    let (other, _) = it.make_key("ada", "research", "workspace").await;
    it.message(&secret).await.ok();
    let archived = it.post(&format!("/workspaces/{id}/archive"), json!({})).await.ok();
    assert_eq!(archived.text("/archived_at"), "2026-12-01T09:00:00Z");
    it.message(&secret).await.refused(401, "authentication_error");
    let keys = it.get(&format!("/api_keys?workspace_id={id}&limit=100")).await.ok();
    assert!(keys.each("id").contains(&key));
    assert!(keys.each("status").iter().all(|status| status == "archived"));
    assert_eq!(it.get(&format!("/api_keys/{other}")).await.ok().text("/status"), "active");
    it.post(&format!("/api_keys/{key}"), json!({ "status": "active" })).await.refused(400, BAD);
    it.post(&format!("/workspaces/{id}/archive"), json!({})).await.refused(400, BAD);
    it.post(&format!("/workspaces/{id}"), json!({ "name": "again" })).await.refused(400, BAD);
    let member = json!({ "user_id": it.id_of("amara"), "workspace_role": "workspace_user" });
    it.post(&format!("/workspaces/{id}/members"), member).await.refused(400, BAD);

    assert!(!it.get("/workspaces").await.ok().each("id").contains(&id));
    assert!(it.get("/workspaces?include_archived=true").await.ok().each("id").contains(&id));
    assert_eq!(it.get(&format!("/workspaces?include_archived=true&ids[]={id}")).await.ok().each("id"), [id.as_str()]);
    let many = format!("/workspaces?{}", ["ids[]=x"; 101].join("&"));
    it.get(&many).await.refused(400, BAD);
}

#[tokio::test]
async fn a_hundred_workspaces_and_archived_ones_do_not_count() {
    let it = Sandbox::empty().await;
    it.org.lift_rate_limit();
    let mut last = String::new();
    for number in 0..100 {
        last = it.post("/workspaces", json!({ "name": format!("w{number}") })).await.ok().text("/id");
    }
    it.post("/workspaces", json!({ "name": "one more" })).await.refused(400, BAD);
    it.post(&format!("/workspaces/{last}/archive"), json!({})).await.ok();
    it.post("/workspaces", json!({ "name": "one more" })).await.ok();
}

#[tokio::test]
async fn people_are_added_to_a_workspace_raised_and_removed() {
    let it = Sandbox::seeded().await;
    let (id, amara) = (it.workspace("research"), it.id_of("amara"));
    let members = format!("/workspaces/{id}/members");
    let one = format!("{members}/{amara}");
    it.get(&one).await.refused(404, "not_found_error");
    let added = it.post(&members, json!({ "user_id": amara, "workspace_role": "workspace_user" })).await.ok();
    let shown =
        json!({ "type": "workspace_member", "user_id": amara, "workspace_id": id, "workspace_role": "workspace_user" });
    assert_eq!(added.body, shown);
    assert_eq!(it.get(&one).await.ok().body, shown);
    it.post(&members, json!({ "user_id": amara, "workspace_role": "workspace_user" })).await.refused(400, BAD);
    for role in ["workspace_restricted_developer", "workspace_developer", "workspace_admin"] {
        assert_eq!(it.post(&one, json!({ "workspace_role": role })).await.ok().text("/workspace_role"), role);
    }
    it.post(&one, json!({ "workspace_role": "workspace_billing" })).await.refused(400, BAD);
    it.post(&one, json!({ "workspace_role": "admin" })).await.refused(400, BAD);
    let gone = it.delete(&one).await.ok();
    assert_eq!(gone.body, json!({ "user_id": amara, "workspace_id": id, "type": "workspace_member_deleted" }));
    it.delete(&one).await.refused(404, "not_found_error");
    it.post(&one, json!({ "workspace_role": "workspace_user" })).await.refused(404, "not_found_error");
    it.post(&members, json!({ "user_id": "user_01x", "workspace_role": "workspace_user" }))
        .await
        .refused(404, "not_found_error");
}

#[tokio::test]
async fn what_is_inherited_stays_inherited() {
    let it = Sandbox::seeded().await;
    let id = it.workspace("research");
    let members = format!("/workspaces/{id}/members");
    let role_of = |user: String| {
        let path = format!("{members}/{user}");
        let it = &it;
        async move { it.get(&path).await.ok().text("/workspace_role") }
    };
    let (ada, finn) = (it.id_of("ada"), it.id_of("finn"));
    assert_eq!(role_of(ada.clone()).await, "workspace_admin");
    assert_eq!(role_of(finn.clone()).await, "workspace_billing");
    it.post(&format!("{members}/{ada}"), json!({ "workspace_role": "workspace_user" })).await.refused(400, BAD);
    it.post(&members, json!({ "user_id": ada, "workspace_role": "workspace_user" })).await.refused(400, BAD);
    it.delete(&format!("{members}/{ada}")).await.refused(400, BAD);
    it.delete(&format!("{members}/{finn}")).await.refused(400, BAD);
    it.post(&format!("{members}/{finn}"), json!({ "workspace_role": "workspace_developer" })).await.refused(400, BAD);
    it.post(&members, json!({ "user_id": finn, "workspace_role": "workspace_billing" })).await.refused(400, BAD);
    it.post(&format!("{members}/{finn}"), json!({ "workspace_role": "workspace_admin" })).await.ok();
    assert_eq!(role_of(finn.clone()).await, "workspace_admin");
    it.delete(&format!("{members}/{finn}")).await.ok();
    assert_eq!(role_of(finn).await, "workspace_billing");

    let everywhere = it.get(&format!("{members}?limit=1000")).await.ok();
    let admins = everywhere.each("workspace_role").iter().filter(|role| *role == "workspace_admin").count();
    assert_eq!(admins, 4, "three admins, and Mira who leads");
    let default = it.get(&format!("/workspaces/{}/members?limit=1000", it.workspace("Default"))).await.ok();
    assert_eq!(default.each("user_id").len(), 40);
    let page = it.get(&format!("{members}?limit=2")).await.ok();
    let next = it.get(&format!("{members}?limit=2&after_id={}", page.text("/last_id"))).await.ok();
    assert_eq!([page.each("user_id"), next.each("user_id")].concat(), everywhere.each("user_id")[..4]);
}

#[tokio::test]
async fn a_personal_key_stops_where_its_owner_left() {
    let it = Sandbox::seeded().await;
    let (_, secret) = it.make_key("mira", "research", "personal").await;
    it.message(&secret).await.ok();
    it.delete(&format!("/workspaces/{}/members/{}", it.workspace("research"), it.id_of("mira"))).await.ok();
    it.message(&secret).await.refused(401, "authentication_error");
}

#[tokio::test]
async fn a_key_is_shown_with_the_documented_fields_and_never_its_secret() {
    let it = Sandbox::seeded().await;
    let (mira, research) = (it.id_of("mira"), it.workspace("research"));
    let (id, secret) = it.make_key("mira", "research", "personal").await;
    let hint = format!("{}...{}", &secret[..16], &secret[secret.len() - 4..]);
    let shown = it.get(&format!("/api_keys/{id}")).await.ok().body;
    let expected = json!({
        "id": id, "type": "api_key", "name": "a key", "status": "active", "created_at": "2026-12-01T09:00:00Z",
        "created_by": { "id": mira, "type": "user" }, "expires_at": null, "partial_key_hint": hint,
        "principal": { "type": "user_actor", "user_id": mira },
        "scope": { "type": "workspace", "workspace_id": research }, "workspace_id": research,
    });
    assert_eq!(shown, expected);

    let (ownerless, _) = it.make_key("ada", "", "workspace").await;
    let shown = it.get(&format!("/api_keys/{ownerless}")).await.ok().body;
    assert_eq!(shown["principal"], Value::Null);
    assert_eq!(shown["scope"]["workspace_id"], json!(it.workspace("Default")));
    assert_eq!(shown["workspace_id"], Value::Null);
    let (account, _) = it.make_key("ada", "evals", "service_account").await;
    let shown = it.get(&format!("/api_keys/{account}")).await.ok().body;
    assert_eq!(shown["principal"]["type"], "service_account_actor");
    assert!(shown["principal"]["service_account_id"].as_str().unwrap().starts_with("svac_"));
}

#[tokio::test]
async fn keys_are_filtered_by_status_workspace_and_maker() {
    let it = Sandbox::seeded().await;
    assert_eq!(it.get("/api_keys?limit=1000").await.ok().each("id").len(), 30);
    assert_eq!(it.get("/api_keys?status=expired").await.ok().each("name"), ["samir-scratch"]);
    assert_eq!(it.get("/api_keys?status=archived").await.ok().each("name"), ["legacy importer"]);
    assert_eq!(it.get("/api_keys?status=inactive").await.ok().each("name"), ["hackathon 2026", "load-test"]);
    it.get("/api_keys?status=lost").await.refused(400, BAD);
    let research = it.workspace("research");
    let here = it.get(&format!("/api_keys?workspace_id={research}")).await.ok();
    assert_eq!(here.each("workspace_id"), vec![research; 4]);
    let by_mira = it.get(&format!("/api_keys?created_by_user_id={}", it.id_of("mira"))).await.ok();
    assert_eq!(by_mira.each("name"), ["paper-reader", "mira-laptop", "nightly evals"]);
}

#[tokio::test]
async fn a_key_is_renamed_and_switched_until_it_is_archived() {
    let it = Sandbox::seeded().await;
    let (id, secret) = it.make_key("ada", "research", "workspace").await;
    let path = format!("/api_keys/{id}");
    assert_eq!(it.post(&path, json!({ "name": "n".repeat(500) })).await.ok().text("/name").len(), 500);
    assert_eq!(it.post(&path, json!({ "status": "inactive" })).await.ok().text("/status"), "inactive");
    it.message(&secret).await.refused(401, "authentication_error");
    let both = it.post(&path, json!({ "name": "again", "status": "active" })).await.ok();
    assert_eq!((both.text("/name"), both.text("/status")), ("again".to_owned(), "active".to_owned()));
    it.message(&secret).await.ok();
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "n".repeat(501) }),
        json!({ "status": "expired" }),
        json!({ "status": "off" }),
        json!({ "expires_at": null }),
    ] {
        it.post(&path, body).await.refused(400, BAD);
    }
    it.post(&path, json!({ "status": "archived" })).await.ok();
    it.message(&secret).await.refused(401, "authentication_error");
    it.post(&path, json!({ "status": "active" })).await.refused(400, BAD);
    it.post(&path, json!({ "name": "back" })).await.refused(400, BAD);
    it.post("/api_keys/apikey_01x", json!({ "name": "x" })).await.refused(404, "not_found_error");
}

#[tokio::test]
async fn an_expired_key_can_only_be_archived() {
    let it = Sandbox::seeded().await;
    let order =
        json!({ "as": "ada", "workspace": "research", "name": "short", "kind": "workspace", "expires_in_days": 1 });
    let made = it.desk("POST", "/api/console/key", order).await;
    let (path, secret) = (format!("/api_keys/{}", made.text("/id")), made.text("/secret"));
    it.pass(DAY_MS - 1);
    it.message(&secret).await.ok();
    it.pass(1);
    it.message(&secret).await.refused(401, "authentication_error");
    assert_eq!(it.get(&path).await.ok().text("/status"), "expired");
    it.post(&path, json!({ "status": "active" })).await.refused(400, BAD);
    it.post(&path, json!({ "status": "inactive" })).await.refused(400, BAD);
    it.post(&path, json!({ "name": "longer" })).await.refused(400, BAD);
    assert_eq!(it.post(&path, json!({ "status": "archived" })).await.ok().text("/status"), "archived");
}

#[tokio::test]
async fn too_many_active_keys_have_a_named_refusal() {
    let it = Sandbox::empty().await;
    it.post("/workspaces", json!({ "name": "one" })).await.ok();
    it.org.bound_active_keys(2, 1);
    let (first, _) = it.make_key("ada", "one", "workspace").await;
    let full = json!({ "as": "ada", "workspace": "one", "name": "b", "kind": "workspace" });
    assert_eq!(it.desk("POST", "/api/console/key", full).await.status, 409);
    let path = format!("/api_keys/{first}");
    it.post(&path, json!({ "status": "inactive" })).await.ok();
    it.make_key("ada", "one", "workspace").await;
    let refused = it.post(&path, json!({ "status": "active" })).await;
    assert_eq!(refused.refused(400, BAD).text("/error/details/error_code"), "workspace_api_key_limit_exceeded");
    it.make_key("ada", "", "workspace").await;
    let refused = it.post(&path, json!({ "status": "active" })).await;
    assert_eq!(refused.refused(400, BAD).text("/error/details/error_code"), "org_api_key_limit_exceeded");
    it.org.bound_active_keys(9, 9);
    it.post(&path, json!({ "status": "active" })).await.ok();
}

#[tokio::test]
async fn rate_limits_come_by_page_token() {
    let it = Sandbox::seeded().await;
    let all = it.get("/rate_limits").await.ok();
    assert_eq!(all.body["next_page"], Value::Null);
    assert!(all.each("id").len() > 2);
    let mut walked = Vec::new();
    let mut path = "/rate_limits?limit=1".to_owned();
    for _ in 0..10 {
        let page = it.get(&path).await.ok();
        walked.extend(page.each("id"));
        let Some(token) = page.body["next_page"].as_str() else { break };
        path = format!("/rate_limits?limit=1&page={token}");
    }
    assert_eq!(walked, all.each("id"));
    it.get("/rate_limits?page=page_99").await.refused(400, BAD);
    assert_eq!(it.get("/rate_limits?model=claude-haiku-5-5").await.ok().each("id").len(), 1);
    it.get("/rate_limits?model=gpt").await.refused(404, "not_found_error");
    assert_eq!(it.get("/rate_limits?group_type=batch").await.ok().each("id").len(), 1);
    let here = format!("/workspaces/{}/rate_limits", it.workspace("research"));
    assert_eq!(it.get(&here).await.ok().body, json!({ "data": [], "next_page": null }));
    let inherited = it.get(&format!("{here}?include_inherited=true")).await.ok();
    assert_eq!(inherited.each("rate_limit_id"), all.each("id"));
    it.get("/workspaces/wrkspc_01x/rate_limits").await.refused(404, "not_found_error");
}
