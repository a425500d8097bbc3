//! The simulated Admin API against the vendor's reference: credentials, pages, members, invites.

use crate::sandbox_stage::{DAY_MS, Sandbox, hear};
use serde_json::json;
use std::collections::HashSet;

const BAD: &str = "invalid_request_error";

#[tokio::test]
async fn a_key_opens_in_either_header_and_nothing_else_does() {
    let it = Sandbox::seeded().await;
    let me = "/anthropic/v1/organizations/me";
    let with = |name: &'static str, value: String| {
        it.bare("GET", me).header("anthropic-version", "2026-10-21").header(name, value)
    };
    let heard = hear(with("x-api-key", it.org.admin_key())).await.ok();
    assert_eq!(heard.body["type"], "organization");
    assert_eq!(heard.text("/name"), "Meridian Labs");
    assert_eq!(heard.text("/id").len(), 36);
    hear(with("authorization", format!("Bearer {}", it.org.admin_key()))).await.ok();

    hear(with("x-api-key", "sk-ant-admin01-wrong".to_owned())).await.refused(401, "authentication_error");
    hear(it.bare("GET", me).header("anthropic-version", "2023-06-01")).await.refused(401, "authentication_error");
    let (_, workspace_key) = it.make_key("ada", "research", "workspace").await;
    hear(with("x-api-key", workspace_key)).await.refused(401, "authentication_error");
    let (_, personal_key) = it.make_key("ada", "research", "personal").await;
    hear(with("x-api-key", personal_key)).await.refused(401, "authentication_error");
}

#[tokio::test]
async fn the_version_must_be_said_and_exist() {
    let it = Sandbox::empty().await;
    let me = || it.bare("GET", "/anthropic/v1/organizations/me").header("x-api-key", it.org.admin_key());
    hear(me()).await.refused(400, BAD);
    hear(me().header("anthropic-version", "2025-01-01")).await.refused(400, BAD);
    hear(me().header("anthropic-version", "2026-10-21")).await.ok();
}

#[tokio::test]
async fn the_admin_key_has_the_documented_shape() {
    let it = Sandbox::empty().await;
    let key = it.org.admin_key();
    let middle = key.strip_prefix("sk-ant-admin01-").unwrap().strip_suffix("AA").unwrap();
    assert_eq!(middle.len(), 93);
    assert!(middle.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
}

#[tokio::test]
async fn what_does_not_exist_is_refused_in_the_envelope() {
    let it = Sandbox::empty().await;
    it.get("/nothing").await.refused(404, "not_found_error");
    it.post("/api_keys", json!({ "name": "mine" })).await.refused(405, BAD);
    it.delete("/api_keys/apikey_01x").await.refused(405, BAD);
    hear(
        it.bare("GET", "/anthropic/v1/api-keys")
            .header("x-api-key", it.org.admin_key())
            .header("anthropic-version", "2023-06-01"),
    )
    .await
    .refused(404, "not_found_error");
    for path in ["/users/user_01x", "/invites/invite_01x", "/workspaces/wrkspc_01x", "/api_keys/apikey_01x"] {
        it.get(path).await.refused(404, "not_found_error");
    }
    assert_eq!(it.org.keys().len(), 0);
}

#[tokio::test]
async fn a_body_is_read_strictly() {
    let it = Sandbox::empty().await;
    let invites = || it.ask("POST", "/invites");
    let json_type = ("content-type", "application/json");
    hear(invites().header(json_type.0, json_type.1).body("{\"email\":")).await.refused(400, BAD);
    hear(invites().header(json_type.0, json_type.1).body("[]")).await.refused(400, BAD);
    hear(invites().header(json_type.0, json_type.1)).await.refused(400, BAD);
    hear(invites().body("{\"email\":\"bo@example.com\",\"role\":\"user\"}")).await.refused(400, BAD);
    let extra = json!({ "email": "bo@example.com", "role": "user", "workspace": "research" });
    let heard = hear(invites().json(&extra)).await;
    assert_eq!(heard.refused(400, BAD).text("/error/message"), "workspace: Extra inputs are not permitted");
    hear(invites().json(&json!({ "email": 7, "role": "user" }))).await.refused(400, BAD);
    hear(invites().json(&json!({ "role": "user" }))).await.refused(400, BAD);
    let large = format!("{{\"email\":\"{}\"}}", "a".repeat(2_000_000));
    hear(invites().header(json_type.0, json_type.1).body(large)).await.refused(413, "request_too_large");
    assert_eq!(it.org.invites().len(), 0);
    assert_eq!(it.org.applied("POST", "/v1/"), 0);
}

#[tokio::test]
async fn members_come_in_pages_newest_first() {
    let it = Sandbox::seeded().await;
    let newest_first: Vec<String> = it.org.members().into_iter().rev().map(|member| member.id).collect();

    let first = it.get("/users").await.ok();
    assert_eq!(first.each("id"), newest_first[..20]);
    assert_eq!(first.body["has_more"], true);
    assert_eq!(first.text("/first_id"), newest_first[0]);
    assert_eq!(first.text("/last_id"), newest_first[19]);

    let mut walked = Vec::new();
    let mut path = "/users?limit=7".to_owned();
    for _ in 0..10 {
        let page = it.get(&path).await.ok();
        walked.extend(page.each("id"));
        if page.body["has_more"] == false {
            break;
        }
        path = format!("/users?limit=7&after_id={}", page.text("/last_id"));
    }
    assert_eq!(walked, newest_first);

    let back = it.get(&format!("/users?limit=5&before_id={}", newest_first[20])).await.ok();
    assert_eq!(back.each("id"), newest_first[15..20]);
    assert_eq!(back.body["has_more"], true);
    let start = it.get(&format!("/users?before_id={}", newest_first[3])).await.ok();
    assert_eq!(start.each("id"), newest_first[..3]);
    assert_eq!(start.body["has_more"], false);

    let none = it.get(&format!("/users?after_id={}", newest_first[39])).await.ok();
    assert_eq!(none.body, json!({ "data": [], "has_more": false, "first_id": null, "last_id": null }));
    let all = it.get("/users?limit=1000").await.ok();
    assert_eq!(all.each("id").len(), 40);
    assert_eq!(all.body["has_more"], false);
}

#[tokio::test]
async fn a_page_cannot_be_asked_for_wrongly() {
    let it = Sandbox::seeded().await;
    let id = it.id_of("mira");
    for list in ["/users", "/invites", "/workspaces", "/api_keys"] {
        for query in ["limit=0", "limit=1001", "limit=many", "after_id=nobody", "before_id=nobody"] {
            it.get(&format!("{list}?{query}")).await.refused(400, BAD);
        }
    }
    it.get(&format!("/users?after_id={id}&before_id={id}")).await.refused(400, BAD);
}

#[tokio::test]
async fn members_are_filtered_by_role_and_address() {
    let it = Sandbox::seeded().await;
    let by_role = it.get("/users?roles[]=admin&roles[]=billing&limit=100").await.ok();
    assert_eq!(
        by_role.each("role").iter().map(String::as_str).collect::<HashSet<_>>(),
        HashSet::from(["admin", "billing"])
    );
    assert_eq!(by_role.each("id").len(), 5);
    assert_eq!(it.get("/users?roles=admin&limit=100").await.ok().each("id").len(), 3);
    it.get("/users?roles[]=member").await.refused(400, BAD);
    for spelled in ["mira@example.com", "MIRA@Example.com", "mira%2Btag@example.com"] {
        let found = it.get(&format!("/users?email={spelled}")).await.ok();
        assert_eq!(found.each("id"), [it.id_of("mira")], "{spelled}");
    }
    assert_eq!(it.get("/users?email=nobody@example.com").await.ok().body["data"], json!([]));
}

#[tokio::test]
async fn a_filtered_walk_keeps_its_place_when_a_row_stops_matching() {
    let it = Sandbox::seeded().await;
    let first = it.get("/users?roles[]=developer&limit=3").await.ok();
    let last = first.text("/last_id");
    it.post(&format!("/users/{last}"), json!({ "role": "user" })).await.ok();
    let second = it.get(&format!("/users?roles[]=developer&limit=100&after_id={last}")).await.ok();
    assert_eq!(second.each("id").len(), 17);
    assert!(first.each("id").iter().all(|id| !second.each("id").contains(id)));
}

#[tokio::test]
async fn a_member_is_shown_with_the_documented_fields() {
    let it = Sandbox::seeded().await;
    let id = it.id_of("mira");
    let heard = it.get(&format!("/users/{id}")).await.ok();
    let added_at = it.org.members().into_iter().find(|member| member.id == id).unwrap().added_at.to_string();
    let shown = json!({
        "id": id, "type": "user", "email": "mira@example.com", "name": "Mira Chen", "role": "developer", "added_at": added_at,
    });
    assert_eq!(heard.body, shown);
}

#[tokio::test]
async fn roles_change_but_never_to_or_from_admin() {
    let it = Sandbox::seeded().await;
    let mira = format!("/users/{}", it.id_of("mira"));
    for role in ["user", "claude_code_user", "billing", "developer"] {
        assert_eq!(it.post(&mira, json!({ "role": role })).await.ok().text("/role"), role);
        assert_eq!(it.get(&mira).await.ok().text("/role"), role);
    }
    for role in ["admin", "member", "owner", ""] {
        it.post(&mira, json!({ "role": role })).await.refused(400, BAD);
    }
    it.post(&mira, json!({})).await.refused(400, BAD);
    let grace = format!("/users/{}", it.id_of("grace"));
    it.post(&grace, json!({ "role": "user" })).await.refused(400, BAD);
    it.delete(&grace).await.refused(400, BAD);
    assert_eq!(it.get(&grace).await.ok().text("/role"), "admin");
    it.post("/users/user_01x", json!({ "role": "user" })).await.refused(404, "not_found_error");
}

#[tokio::test]
async fn whoever_is_removed_takes_personal_keys_along_and_leaves_the_others() {
    let it = Sandbox::seeded().await;
    let (own, own_secret) = it.make_key("mira", "research", "personal").await;
    let (shared, shared_secret) = it.make_key("mira", "research", "workspace").await;
    it.message(&own_secret).await.ok();
    let mira = it.id_of("mira");

    let gone = it.delete(&format!("/users/{mira}")).await.ok();
    assert_eq!(gone.body, json!({ "id": mira, "type": "user_deleted" }));
    it.get(&format!("/users/{mira}")).await.refused(404, "not_found_error");
    it.delete(&format!("/users/{mira}")).await.refused(404, "not_found_error");
    assert_eq!(it.get(&format!("/api_keys/{own}")).await.ok().text("/status"), "archived");
    assert_eq!(it.get(&format!("/api_keys/{shared}")).await.ok().text("/status"), "active");
    it.message(&own_secret).await.refused(401, "authentication_error");
    it.message(&shared_secret).await.ok();
    assert!(it.org.workspace_members().iter().all(|row| row.user_id != mira));
}

#[tokio::test]
async fn an_invite_is_shown_with_the_documented_fields() {
    let it = Sandbox::empty().await;
    let made = it.post("/invites", json!({ "email": "bo@example.com", "role": "developer" })).await.ok();
    let id = made.text("/id");
    assert!(id.starts_with("invite_01"));
    let shown = json!({
        "id": id, "type": "invite", "email": "bo@example.com", "role": "developer", "status": "pending",
        "invited_at": "2026-12-01T09:00:00Z", "expires_at": "2026-12-22T09:00:00Z", "accepted_at": null,
        "rbac_group_ids": [],
    });
    assert_eq!(made.body, shown);
    assert_eq!(it.get(&format!("/invites/{id}")).await.ok().body, shown);
    assert_eq!(it.get("/invites").await.ok().body["data"], json!([shown]));
}

#[tokio::test]
async fn nobody_is_invited_as_admin_or_member_or_to_no_address() {
    let it = Sandbox::empty().await;
    for role in ["admin", "member", "owner", "managed"] {
        it.post("/invites", json!({ "email": "bo@example.com", "role": role })).await.refused(400, BAD);
    }
    for email in [
        "",
        "bo",
        "bo@",
        "@example.com",
        "bo@example",
        "bo bo@example.com",
        "bo@exa mple.com",
        "a@b@example.com",
        "bo.@example.com",
    ] {
        it.post("/invites", json!({ "email": email, "role": "user" })).await.refused(400, BAD);
    }
    let grouped = json!({ "email": "bo@example.com", "role": "user", "rbac_group_ids": ["rbac_group_1"] });
    it.post("/invites", grouped).await.refused(400, BAD);
    assert_eq!(it.org.invites().len(), 0);
    for (number, role) in ["user", "claude_code_user", "developer", "billing"].iter().enumerate() {
        it.post("/invites", json!({ "email": format!("bo{number}@example.com"), "role": role })).await.ok();
    }
}

#[tokio::test]
async fn nobody_is_invited_twice() {
    let it = Sandbox::seeded().await;
    let invite = json!({ "email": "Lea@example.com", "role": "user" });
    let id = it.post("/invites", invite.clone()).await.ok().text("/id");
    let twice = it.post("/invites", json!({ "email": "lea@EXAMPLE.com", "role": "developer" })).await;
    twice.refused(400, BAD);
    assert_eq!(twice.text("/error/details/error_code"), "invite_already_exists");
    assert!(twice.text("/error/message").contains(&id));
    let inside = it.post("/invites", json!({ "email": "MIRA@example.com", "role": "user" })).await;
    assert_eq!(inside.refused(400, BAD).text("/error/details/error_code"), "already_member");
    assert!(inside.text("/error/message").contains(&it.id_of("mira")));

    it.delete(&format!("/invites/{id}")).await.ok();
    it.post("/invites", invite.clone()).await.ok();
    it.pass(21 * DAY_MS);
    it.post("/invites", invite).await.ok();
}

#[tokio::test]
async fn an_invite_lapses_after_21_days_to_the_moment() {
    let it = Sandbox::empty().await;
    let id = it.post("/invites", json!({ "email": "bo@example.com", "role": "user" })).await.ok().text("/id");
    let path = format!("/invites/{id}");
    it.pass(21 * DAY_MS - 1);
    assert_eq!(it.get(&path).await.ok().text("/status"), "pending");
    it.pass(1);
    assert_eq!(it.get(&path).await.ok().text("/status"), "expired");
    it.delete(&path).await.refused(400, BAD);
    let mail = it.org.mails()[0].id.clone();
    let late = it.desk("POST", &format!("/api/mail/{mail}/accept"), json!({})).await;
    assert_eq!((late.status, late.text("/error")), (409, "This invitation has expired. Ask for a new one.".to_owned()));
    assert_eq!(it.org.members().len(), 1);
}

#[tokio::test]
async fn only_a_pending_invite_is_withdrawn_and_only_once() {
    let it = Sandbox::empty().await;
    let withdrawn = it.post("/invites", json!({ "email": "bo@example.com", "role": "user" })).await.ok().text("/id");
    let accepted = it.post("/invites", json!({ "email": "cy@example.com", "role": "user" })).await.ok().text("/id");
    let mails = it.org.mails();
    it.org.accept_mail(&mails[1].id).unwrap();

    let path = format!("/invites/{withdrawn}");
    assert_eq!(it.delete(&path).await.ok().body, json!({ "id": withdrawn, "type": "invite_deleted" }));
    it.delete(&path).await.refused(400, BAD);
    assert_eq!(it.get(&path).await.ok().text("/status"), "deleted");
    it.delete(&format!("/invites/{accepted}")).await.refused(400, BAD);
    assert_eq!(it.get("/invites").await.ok().each("id"), [accepted]);
    let clicked = it.desk("POST", &format!("/api/mail/{}/accept", mails[0].id), json!({})).await;
    assert_eq!((clicked.status, clicked.text("/error")), (409, "This invitation was withdrawn.".to_owned()));
}

#[tokio::test]
async fn invites_are_filtered_by_status_role_and_address() {
    let it = Sandbox::seeded().await;
    assert_eq!(it.get("/invites").await.ok().each("email").len(), 3);
    let pending = it.get("/invites?statuses[]=pending").await.ok();
    assert_eq!(pending.each("email"), ["nadia.petrov@example.com", "hugo.martin@example.com"]);
    assert_eq!(it.get("/invites?statuses=expired").await.ok().each("email"), ["ines.costa@example.com"]);
    assert_eq!(it.get("/invites?statuses[]=pending&statuses[]=expired").await.ok().each("id").len(), 3);
    assert_eq!(it.get("/invites?roles[]=developer").await.ok().each("email"), ["nadia.petrov@example.com"]);
    assert_eq!(it.get("/invites?email=HUGO.martin@example.com").await.ok().each("id").len(), 1);
    it.get("/invites?statuses[]=deleted").await.refused(400, BAD);
    it.get("/invites?statuses[]=sent").await.refused(400, BAD);
}

#[tokio::test]
async fn a_hundred_requests_a_minute_for_all_and_the_next_says_when() {
    let it = Sandbox::empty().await;
    for _ in 0..60 {
        it.get("/me").await.ok();
    }
    it.pass(30_000);
    for _ in 0..40 {
        it.get("/users").await.ok();
    }
    let refused = it.get("/me").await;
    refused.refused(429, "rate_limit_error");
    assert_eq!(refused.headers["retry-after"], "30");
    it.post("/invites", json!({ "email": "bo@example.com", "role": "user" })).await.ok();
    it.pass(30_000);
    it.get("/me").await.ok();
}

#[tokio::test]
async fn invites_have_twelve_hundred_an_hour_and_the_limit_can_be_lifted() {
    let it = Sandbox::empty().await;
    let invite = |number: usize| json!({ "email": format!("bo{number}@example.com"), "role": "user" });
    for number in 0..1_200 {
        it.post("/invites", invite(number)).await.ok();
    }
    let refused = it.post("/invites", invite(1_200)).await;
    refused.refused(429, "rate_limit_error");
    assert_eq!(refused.headers["retry-after"], "3600");
    it.get("/me").await.ok();
    it.org.lift_rate_limit();
    for number in 1_200..1_310 {
        it.post("/invites", invite(number)).await.ok();
    }
    assert_eq!(it.org.applied("POST", "/v1/organizations/invites"), 1_310);
}
