//! How the simulated API misbehaves, seen from outside, and what really happened.

use crate::sandbox_stage::{Heard, Sandbox, hear};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const INVITES: &str = "POST /v1/organizations/invites";

async fn plan(it: &Sandbox, path: &str, fault: &str, times: u32) {
    let planned = it.desk("POST", "/api/misbehave", json!({ "path": path, "fault": fault, "times": times })).await;
    assert_eq!(planned.status, 200, "{}", planned.body);
}

async fn invite(it: &Sandbox, name: &str) -> Heard {
    it.post("/invites", json!({ "email": format!("{name}@example.com"), "role": "user" })).await
}

#[tokio::test]
async fn refusals_come_as_often_as_planned_and_change_nothing() {
    let it = Sandbox::empty().await;
    for (fault, status, kind, retry_after) in [
        ("429", 429, "rate_limit_error", true),
        ("429-bare", 429, "rate_limit_error", false),
        ("500-before", 500, "api_error", false),
        ("529", 529, "overloaded_error", false),
    ] {
        plan(&it, "/v1/organizations/invites", fault, 2).await;
        for _ in 0..2 {
            let heard = invite(&it, "bo").await;
            heard.refused(status, kind);
            assert_eq!(heard.headers.contains_key("retry-after"), retry_after, "{fault}");
        }
    }
    assert_eq!(it.org.invites().len(), 0);
    assert_eq!(it.org.applied("POST", "/v1/organizations/invites"), 0);
    invite(&it, "bo").await.ok();
    assert_eq!(it.org.count_seen(|seen| seen.status == 429), 4);
}

#[tokio::test]
async fn a_500_after_applying_has_applied() {
    let it = Sandbox::empty().await;
    plan(&it, INVITES, "500-after", 1).await;
    it.get("/invites").await.ok();
    invite(&it, "bo").await.refused(500, "api_error");
    assert_eq!(it.org.invites().len(), 1);
    let seen = it.org.seen().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.status, seen.applied), ("POST", 500, true));
    assert_eq!(seen.path, "/v1/organizations/invites");
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_at_all() {
    let it = Sandbox::empty().await;
    for (fault, invites) in [("cut-before", 0), ("cut-after", 1)] {
        plan(&it, INVITES, fault, 1).await;
        let body = json!({ "email": "bo@example.com", "role": "user" });
        let error = it.ask("POST", "/invites").json(&body).send().await.unwrap_err();
        assert!(error.is_request() && !error.is_connect() && !error.is_timeout(), "{fault}: {error:?}");
        assert_eq!(it.org.invites().len(), invites, "{fault}");
        let seen = it.org.seen().pop().unwrap();
        assert_eq!((seen.status, seen.applied), (0, invites == 1));
    }
    it.get("/invites").await.ok();
}

#[tokio::test]
async fn answers_come_empty_halved_or_as_a_page() {
    let it = Sandbox::empty().await;
    plan(&it, INVITES, "empty", 1).await;
    let heard = invite(&it, "bo").await.ok();
    assert_eq!(heard.body, Value::String(String::new()));
    plan(&it, INVITES, "malformed", 1).await;
    let heard = invite(&it, "cy").await.ok();
    assert!(heard.body.as_str().unwrap().starts_with("{\"id\":\"invite_"), "{}", heard.body);
    assert_eq!(it.org.invites().len(), 2);
    plan(&it, INVITES, "html", 1).await;
    let heard = invite(&it, "di").await.ok();
    assert!(heard.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(it.org.invites().len(), 2);
}

#[tokio::test]
async fn redirects_lead_to_a_foreign_host() {
    let it = Sandbox::empty().await;
    for (fault, status, to) in [
        ("redirect", 302, "http://elsewhere.invalid/v1/organizations/me"),
        ("redirect:307", 307, "http://elsewhere.invalid/v1/organizations/me"),
        ("redirect:308:http://127.0.0.1:9/x", 308, "http://127.0.0.1:9/x"),
    ] {
        plan(&it, "/v1/", fault, 1).await;
        let heard = invite(&it, "bo").await;
        assert_eq!((heard.status, heard.headers["location"].to_str().unwrap()), (status, to));
    }
    assert_eq!(it.org.invites().len(), 0);
}

#[tokio::test]
async fn another_organization_answers_and_changes() {
    let it = Sandbox::seeded().await;
    let own = it.get("/me").await.ok().text("/id");
    plan(&it, "/v1/organizations", "wrong-org", 3).await;
    assert_ne!(it.get("/me").await.ok().text("/id"), own);
    assert_eq!(it.get("/users").await.ok().each("id").len(), 1);
    invite(&it, "lea").await.ok();
    assert_eq!(it.get("/me").await.ok().text("/id"), own);
    assert_eq!(it.org.invites().len(), 3);
    assert_eq!(it.org.applied("POST", "/"), 0);
}

#[tokio::test]
async fn a_delayed_answer_was_applied_at_once() {
    let it = Sandbox::empty().await;
    plan(&it, INVITES, "delay:150", 1).await;
    let before = Instant::now();
    invite(&it, "bo").await.ok();
    assert!(before.elapsed() >= Duration::from_millis(150));

    plan(&it, INVITES, "delay:60000", 1).await;
    let body = json!({ "email": "cy@example.com", "role": "user" });
    let request = it.ask("POST", "/invites").json(&body).timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(it.org.invites().len(), 2);
}

#[tokio::test]
async fn a_late_request_is_applied_though_the_caller_has_gone() {
    let it = Sandbox::empty().await;
    let mut changes = it.org.changes();
    plan(&it, INVITES, "late:400", 1).await;
    let body = json!({ "email": "bo@example.com", "role": "user" });
    let request = it.ask("POST", "/invites").json(&body).timeout(Duration::from_millis(100));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(it.org.invites().len(), 0);
    tokio::time::timeout(Duration::from_secs(10), changes.changed()).await.unwrap().unwrap();
    assert_eq!(it.org.invites().len(), 1);
}

#[tokio::test]
async fn faults_are_planned_by_prefix_and_method_and_taken_back() {
    let it = Sandbox::empty().await;
    plan(&it, "/anthropic/v1/organizations/users", "529", 1).await;
    plan(&it, "POST /v1/organizations/invites", "500-before", 5).await;
    it.get("/me").await.ok();
    it.get("/invites").await.ok();
    it.get("/users/user_01x").await.refused(529, "overloaded_error");
    invite(&it, "bo").await.refused(500, "api_error");
    plan(&it, "POST /v1/organizations/invites", "500-before", 0).await;
    invite(&it, "bo").await.ok();
    for fault in ["", "418", "delay", "delay:soon", "delay:999999999", "redirect:200", "redirect:302:a b", "empty:1"] {
        let heard = it.desk("POST", "/api/misbehave", json!({ "path": "/v1", "fault": fault, "times": 1 })).await;
        assert_eq!(heard.status, 400, "{fault}");
        assert!(heard.text("/error").contains("cut-after"), "{}", heard.body);
    }
    let heard = hear(it.bare("POST", "/api/misbehave").body("nonsense")).await;
    assert_eq!(heard.status, 400);
    assert!(heard.text("/error").contains("path, fault and times"));
}
