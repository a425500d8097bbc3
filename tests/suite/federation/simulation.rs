//! The simulated federation against the vendor's reference: who may, what is made, what becomes a token and what does not.

use serde_json::{Value, json};

use super::{AUDIENCE, Hand, ISSUER, Trust};
use crate::sandbox_stage::{Heard, Sandbox, hear};

const BAD: &str = "invalid_request_error";

/// A denial says nothing: one status, one sentence, whatever was wrong.
fn denied(heard: &Heard) {
    heard.refused(401, "authentication_error");
    assert_eq!(heard.text("/error/message"), "The token exchange was denied");
}

#[tokio::test]
async fn no_key_reaches_federation_and_no_stranger_signs_in() {
    let it = Sandbox::seeded().await;
    for path in ["/service_accounts", "/federation_issuers", "/federation_rules", "/service_accounts/svac_1/workspaces"]
    {
        it.get(path).await.refused(403, "permission_error");
        it.post(path, json!({})).await.refused(403, "permission_error");
        let url = format!("/anthropic/v1/organizations{path}");
        let with = |token: &str| it.bare("GET", &url).bearer_auth(token).header("anthropic-version", "2023-06-01");
        hear(with("sk-ant-oat01-nobody")).await.refused(401, "authentication_error");
        hear(with(&it.org.admin_key())).await.refused(403, "permission_error");
    }
    let heard = it.desk("POST", "/api/console/login", json!({ "as": "mira" })).await;
    assert_eq!(heard.status, 403, "{}", heard.body);
    let token = it.desk("POST", "/api/console/login", json!({ "as": "ada" })).await.text("/access_token");
    let ask = || {
        let request = it.bare("GET", "/anthropic/v1/organizations/service_accounts");
        request.bearer_auth(&token).header("anthropic-version", "2023-06-01")
    };
    hear(ask()).await.ok();
    it.pass(3_600_001);
    hear(ask()).await.refused(401, "authentication_error");
}

#[tokio::test]
async fn what_is_made_has_a_name_of_its_own_and_is_what_it_should_be() {
    let trust = Trust::new().await;
    trust.post("/service_accounts", json!({ "name": "worker" })).await.refused(409, "conflict_error");
    for name in ["Worker", "a b", "", "ä", &"a".repeat(256)] {
        trust.post("/service_accounts", json!({ "name": name })).await.refused(400, BAD);
    }
    let issuer = |jwks: Value| json!({ "name": "two", "issuer_url": "https://two.invalid", "jwks": jwks });
    let mut private = Hand::new().jwk("k");
    private["d"] = json!("secret");
    for jwks in [
        json!({ "type": "discovery" }),
        json!({ "type": "inline", "keys": [] }),
        json!({ "type": "inline", "keys": [{ "kty": "RSA", "kid": "k" }] }),
        json!({ "type": "inline", "keys": [Hand::new().jwk("")] }),
        json!({ "type": "inline", "keys": [private] }),
    ] {
        trust.post("/federation_issuers", issuer(jwks)).await.refused(400, BAD);
    }
    for (field, value) in [("max_jwt_lifetime_seconds", json!(0)), ("max_jwt_lifetime_seconds", json!(176_401))] {
        let mut body = issuer(json!({ "type": "inline", "keys": [trust.hand.jwk("k")] }));
        body[field] = value;
        trust.post("/federation_issuers", body).await.refused(400, BAD);
    }
    for (pointer, value, status) in [
        ("/name", json!("one"), 409),
        ("/issuer_id", json!("fdis_nobody"), 400),
        ("/workspace_id", json!("wrkspc_nowhere"), 400),
        ("/target/service_account_id", json!("svac_nobody"), 400),
        ("/target/type", json!("user"), 400),
        ("/match", json!({ "audience": AUDIENCE }), 400),
        ("/match/subject_prefix", json!("*"), 400),
        ("/oauth_scope", json!("org:admin"), 403),
        ("/token_lifetime_seconds", json!(59), 400),
        ("/token_lifetime_seconds", json!(86_401), 400),
    ] {
        let mut body = trust.rule_for("two", 3_600);
        *body.pointer_mut(pointer).unwrap() = value;
        let heard = trust.post("/federation_rules", body).await;
        assert_eq!(heard.status, status, "{pointer}: {}", heard.body);
    }
    assert_eq!(trust.it.org.federation_rules().len(), 1);
}

#[tokio::test]
async fn a_token_works_where_it_should_until_its_time_is_over() {
    let trust = Trust::new().await;
    let heard = trust.minted("a").await.ok();
    let token = heard.text("/access_token");
    assert!(token.starts_with("sk-ant-oat01-"), "{token}");
    assert_eq!((heard.text("/token_type"), heard.body["expires_in"].as_i64()), ("Bearer".into(), Some(3_600)));
    trust.message(&token).await.ok();
    let metered = trust.it.org.meter().rows;
    let last = metered.last().unwrap();
    assert_eq!((&last.key_id, &last.workspace_id), (&trust.account, &trust.evals), "metered to the service account");
    // In the header of a key it is none; and it opens nothing but messages.
    trust.it.message(&token).await.refused(401, "authentication_error");
    let me = trust.it.bare("GET", "/anthropic/v1/organizations/me").header("anthropic-version", "2023-06-01");
    hear(me.bearer_auth(&token)).await.refused(403, "permission_error");
    trust.it.pass(3_599_000);
    trust.message(&token).await.ok();
    trust.it.pass(1_000);
    trust.message(&token).await.refused(401, "authentication_error");

    let (group, filter) = ("group_by[]=api_key_id&group_by[]=service_account_id", "service_account_ids[]=");
    let path = format!("/usage_report/messages?starting_at={}&{group}&{filter}{}", last.minute, trust.account);
    let report = trust.it.get(&path).await.ok();
    let used = &report.body["data"][0]["results"];
    assert_eq!(used.as_array().map(Vec::len), Some(1), "{report:?}", report = report.body);
    assert_eq!((&used[0]["api_key_id"], used[0]["service_account_id"].as_str()), (&Value::Null, Some(&*trust.account)));
}

/// `max(60, min(the rule's, twice what is left of the assertion))`.
#[tokio::test]
async fn the_lifetime_follows_the_rule_and_the_assertion() {
    let trust = Trust::living(7_200).await;
    let now = trust.it.clock.now().as_second();
    for (left_s, lives_s) in [(3_600, 7_200), (600, 1_200), (30, 60), (1, 60)] {
        let mut claims = trust.claims(&format!("left {left_s}"));
        claims["exp"] = json!(now + left_s);
        let heard = trust.exchange(&trust.order(&claims)).await.ok();
        assert_eq!(heard.body["expires_in"], lives_s, "{left_s}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_an_assertion_is_denied_alike() {
    let trust = Trust::new().await;
    let now = trust.it.clock.now().as_second();
    let good = trust.claims("good");
    for (name, value) in [
        ("iss", json!("https://issuer.invalid/two")),
        ("iss", Value::Null),
        ("sub", json!("one-more")),
        ("sub", json!("on")),
        ("sub", Value::Null),
        ("aud", json!("https://api.anthropic.com/")),
        ("aud", json!([])),
        ("exp", json!(now)),
        ("exp", json!(now + 3_601)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iat", Value::Null),
        ("iat", json!(now + 61)),
        ("nbf", json!(now + 600)),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        denied(&trust.exchange(&trust.order(&claims)).await);
    }
    let whole = trust.assertion(&good);
    let (said, _) = whole.rsplit_once('.').unwrap();
    let other = Hand::new();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "typ": "JWT", "kid": kid });
    for assertion in [
        String::new(),
        "a.b.c".into(),
        said.to_owned(),
        format!("{said}."),
        other.sign(&header("ES256", "k1"), &good),
        trust.hand.sign(&header("ES256", "k2"), &good),
        trust.hand.sign(&header("none", "k1"), &good),
        trust.hand.sign(&json!({ "alg": "ES256" }), &good),
        trust.hand.sign(&header("ES256", "k1"), &json!({ "padding": "x".repeat(17_000) })),
    ] {
        let mut order = trust.order(&good);
        order["assertion"] = json!(assertion);
        denied(&trust.exchange(&order).await);
    }
    for (name, value) in [
        ("federation_rule_id", "fdrl_nobody"),
        ("organization_id", "00000000-0000-0000-0000-000000000000"),
        ("service_account_id", "svac_nobody"),
        ("workspace_id", "default"),
        ("workspace_id", &trust.it.workspace("research")),
    ] {
        let mut order = trust.order(&good);
        order[name] = json!(value);
        denied(&trust.exchange(&order).await);
    }
    // A bearer's credential changes nothing, and no credential is asked for.
    trust.exchange(&trust.order(&good)).await.ok();
    for (name, value) in [("grant_type", json!("password")), ("assertion", Value::Null), ("more", json!(1))] {
        let mut order = trust.order(&good);
        order[name] = value;
        trust.exchange(&order).await.refused(400, BAD);
    }
    assert_eq!(trust.it.org.tokens_out(), 1);
}

#[tokio::test]
async fn an_assertion_is_taken_once() {
    let trust = Trust::new().await;
    let order = trust.order(&trust.claims("once"));
    trust.exchange(&order).await.ok();
    denied(&trust.exchange(&order).await);
    // Signed anew, it is the same by its name.
    denied(&trust.minted("once").await);
    trust.minted("twice").await.ok();
    // Only those that have a name are taken once.
    let mut nameless = trust.claims("x");
    nameless.as_object_mut().unwrap().remove("jti");
    let order = trust.order(&nameless);
    trust.exchange(&order).await.ok();
    trust.exchange(&order).await.ok();
}

#[tokio::test]
async fn archiving_a_rule_stops_the_exchange_and_no_token_that_is_out() {
    let trust = Trust::new().await;
    let token = trust.minted("before").await.ok().text("/access_token");
    let issuer_end = format!("/federation_issuers/{}/archive", trust.issuer);
    let account_end = format!("/service_accounts/{}/archive", trust.account);
    for end in [&issuer_end, &account_end] {
        trust.post(end, json!({})).await.refused(400, BAD);
    }
    let rule_end = format!("/federation_rules/{}/archive", trust.rule);
    let archived_at = trust.post(&rule_end, json!({})).await.ok().text("/archived_at");
    trust.it.pass(1_000);
    let again = trust.post(&rule_end, json!({})).await.ok();
    assert_eq!((again.text("/archived_at"), again.body["workspace_ids"].clone()), (archived_at, json!([])));
    denied(&trust.minted("after").await);
    trust.message(&token).await.ok();
    assert_eq!(trust.get("/federation_rules").await.ok().each("id"), Vec::<String>::new());
    let all = trust.get("/federation_rules?include_archived=true").await.ok();
    assert_eq!(all.each("id"), std::slice::from_ref(&trust.rule));
    trust.post(&account_end, json!({})).await.ok();
    trust.post(&issuer_end, json!({})).await.ok();
    trust.message(&token).await.refused(401, "authentication_error");
    assert_eq!(trust.it.org.federation_issuers()[0].issuer_url, ISSUER);
}

/// Lists come newest first, in pages of 20, at most 100, by an opaque token.
#[tokio::test]
async fn lists_come_in_pages() {
    let trust = Trust::new().await;
    for number in 0..30 {
        trust.post("/service_accounts", json!({ "name": format!("account-{number}") })).await.ok();
    }
    let first = trust.get("/service_accounts").await.ok();
    assert_eq!((first.each("name").len(), first.each("name")[0].as_str()), (20, "account-29"));
    let next = first.text("/next_page");
    let second = trust.get(&format!("/service_accounts?page={next}")).await.ok();
    assert_eq!(second.body["next_page"], Value::Null);
    trust.get("/service_accounts?limit=101").await.refused(400, BAD);
    trust.get("/service_accounts?page=page_9999").await.refused(400, BAD);
}

/// Everything is kept, and a token outlives the process.
#[tokio::test]
async fn a_kept_organization_knows_its_tokens() {
    let trust = Trust::new().await;
    let token = trust.minted("kept").await.ok().text("/access_token");
    let folder = crate::bench::Folder::new();
    let path = folder.path().join("organization.json");
    trust.it.org.save_to(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&token) && !text.contains(&trust.token), "only hashes are kept");
    let loaded = steward::sandbox::Organization::load(&path, trust.it.clock.clone()).unwrap();
    let mut again = Trust { it: Sandbox::serve(loaded, trust.it.clock.clone()).await, ..trust };
    again.message(&token).await.ok();
    again.it.org.lift_rate_limit();
    denied(&again.minted("kept").await);
    again.token.push('x');
    again.get("/service_accounts").await.refused(401, "authentication_error");
}
