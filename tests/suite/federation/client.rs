//! The client of federation and of the exchange: what it sends, what it believes, and that no credential goes where it has no
//! business.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use steward::claude::{
    Error, Exchange, Federation, FederationIssuer, Minted, NewIssuer, NewRule, Settings, TokenOrder, WorkspaceRole,
};
use steward::sandbox::Fault;

use super::{AUDIENCE, Hand, ISSUER, Trust};
use crate::claude_upstream::{CANARY, FakeTime, Upstream, failed, ok, refusal, settings, with_header};

const ASSERTION: &str = "eyJhbGciOiJFUzI1NiJ9.CANARY-assertion.signature";

fn federation(url: &str, token: &str) -> Federation {
    let settings = Settings { key: token.into(), ..settings(url) };
    Federation::connect(settings, Arc::new(FakeTime::default())).unwrap()
}

fn exchange(url: &str) -> Exchange {
    Exchange::connect(&settings(url), Arc::new(FakeTime::default())).unwrap()
}

fn of<'a>(trust: &'a Trust, assertion: &'a secrecy::SecretString, organization: &'a str) -> TokenOrder<'a> {
    TokenOrder {
        assertion,
        rule_id: &trust.rule,
        organization_id: organization,
        service_account_id: &trust.account,
        workspace_id: &trust.evals,
    }
}

/// The error of an exchange, which has no `Debug` for what it might hold.
fn denied(answer: Result<Minted, Error>) -> Error {
    answer.err().expect("it must not have succeeded")
}

#[tokio::test]
async fn it_agrees_with_the_simulation() {
    let trust = Trust::new().await;
    let url = format!("{}/anthropic", trust.it.base);
    let client = federation(&url, &trust.token);
    assert_eq!(client.organization().await.unwrap().id, trust.it.org.id());

    let new = NewIssuer {
        name: "steward".into(),
        issuer_url: "https://steward.invalid/x".into(),
        keys: vec![trust.hand.jwk("k1")],
        max_jwt_lifetime_seconds: 43_200,
    };
    let issuer = client.create_federation_issuer(&new).await.unwrap();
    trusts_one_key(&issuer, &trust.hand);
    assert_eq!(failed(client.create_federation_issuer(&new).await).status(), Some(409));
    let account = client.create_service_account("steward-a", "for a test").await.unwrap();
    let developer = WorkspaceRole::Developer;
    client.seat_service_account(&account.id, &trust.evals, &developer).await.unwrap();
    let new = NewRule {
        name: "steward-a".into(),
        description: "for a test".into(),
        issuer_id: issuer.id.clone(),
        subject: "steward:a".into(),
        audience: AUDIENCE.into(),
        service_account_id: account.id.clone(),
        workspace_id: trust.evals.clone(),
        token_lifetime_seconds: 600,
    };
    let rule = client.create_federation_rule(&new).await.unwrap();
    let listed = client.federation_rules(Some(&issuer.id)).collect_all().await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&rule));
    assert_eq!(client.federation_rules(None).collect_all().await.unwrap().len(), 2);
    assert!(client.service_accounts().collect_all().await.unwrap().contains(&account));

    let now = trust.it.clock.now().as_second();
    let claims = json!({
        "iss": new_issuer_url(&issuer), "sub": "steward:a", "aud": AUDIENCE, "iat": now, "exp": now + 300, "jti": "1",
    });
    let (assertion, id) = (trust.assertion(&claims).into(), trust.it.org.id());
    let order = TokenOrder {
        assertion: &assertion,
        rule_id: &rule.id,
        organization_id: &id,
        service_account_id: &account.id,
        workspace_id: &trust.evals,
    };
    let minted = exchange(&url).token(&order).await.unwrap();
    assert_eq!(minted.lives, Duration::from_mins(10));
    trust.message(minted.token.expose_secret()).await.ok();
    let again = denied(exchange(&url).token(&order).await);
    assert_eq!((again.status(), again.is_ambiguous()), (Some(401), false), "an assertion is taken once");

    assert_eq!(failed(client.archive_service_account(&account.id).await).status(), Some(400));
    client.archive_federation_rule(&rule.id).await.unwrap();
    client.archive_federation_rule(&rule.id).await.unwrap();
    client.archive_service_account(&account.id).await.unwrap();
    assert_eq!(client.federation_rules(Some(&issuer.id)).collect_all().await.unwrap(), []);

    let key = trust.it.org.admin_key();
    let with_key = failed(federation(&url, &key).service_accounts().collect_all().await);
    assert!(with_key.is_forbidden(), "an Admin key is refused, in whichever header: {with_key}");
}

/// Not another one that goes by the same name, nor one beside it.
fn trusts_one_key(issuer: &FederationIssuer, hand: &Hand) {
    let (key, other) = (hand.jwk("k1"), Hand::new().jwk("k1"));
    assert!(issuer.trusts(&key) && issuer.check_jti == Some(true));
    assert!(!issuer.trusts(&other) && !issuer.trusts(&hand.jwk("k2")));
    let two = FederationIssuer { jwks: json!({ "type": "inline", "keys": [key, other] }), ..issuer.clone() };
    assert!(!two.trusts(&key), "nobody else signs for it");
}

fn new_issuer_url(issuer: &steward::claude::FederationIssuer) -> &str {
    assert_ne!(issuer.issuer_url, ISSUER);
    &issuer.issuer_url
}

/// The token goes in one header to one origin; on the exchange no credential goes at all.
#[tokio::test]
async fn no_credential_goes_where_it_has_no_business() {
    let minted = json!({ "access_token": "sk-ant-oat01-x", "token_type": "Bearer", "expires_in": 3_600, "scope": "s" });
    let upstream = Upstream::saying(minted).await;
    let assertion = ASSERTION.into();
    let order = TokenOrder {
        assertion: &assertion,
        rule_id: "fdrl_1",
        organization_id: "org",
        service_account_id: "svac_1",
        workspace_id: "wrkspc_1",
    };
    assert!(exchange(&upstream.url).token(&order).await.is_ok());
    let seen = upstream.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/v1/oauth/token"));
    let names: Vec<&str> = seen.headers.keys().map(reqwest::header::HeaderName::as_str).collect();
    assert!(!names.contains(&"x-api-key") && !names.contains(&"authorization"), "{names:?}");
    assert!(!format!("{:?}{}", seen.headers, seen.body).contains(CANARY), "nor does the key hide elsewhere");
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(
        body,
        json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": ASSERTION,
            "federation_rule_id": "fdrl_1", "organization_id": "org", "service_account_id": "svac_1",
            "workspace_id": "wrkspc_1",
        })
    );
    let client = federation(&upstream.url, CANARY);
    failed(client.archive_service_account("svac_1").await);
    let seen = upstream.seen().remove(1);
    assert_eq!(seen.headers["authorization"], format!("Bearer {CANARY}"));
    assert!(!seen.headers.contains_key("x-api-key"));
    assert!(!format!("{client:?} {:?}", exchange(&upstream.url)).contains("CANARY"));
    for bad in ["", "two words", "line\nfeed"] {
        let settings = Settings { key: bad.into(), ..settings(&upstream.url) };
        assert!(matches!(Federation::connect(settings, Arc::new(FakeTime::default())), Err(Error::Settings(_))));
    }
}

#[tokio::test]
async fn nothing_is_followed_believed_or_repeated() {
    let other = Upstream::saying(json!({})).await;
    let redirect = format!("{}/v1/oauth/token", other.url);
    let upstream = Upstream::answering(move |_, before| match before % 8 {
        0 => with_header(307, "location", &redirect),
        1 => refusal(500, "api_error", None),
        2 => refusal(401, CANARY, Some(CANARY)),
        3 => ok(&json!({})),
        4 => ok(&json!({ "access_token": "", "token_type": "Bearer", "expires_in": 60 })),
        5 => ok(&json!({ "access_token": "a b\r\nx: y", "token_type": "Bearer", "expires_in": 60 })),
        6 => ok(&json!({ "access_token": "CANARY", "token_type": "MAC", "expires_in": 60 })),
        _ => ok(&json!({ "access_token": "CANARY", "token_type": "Bearer", "expires_in": 900_000 })),
    })
    .await;
    let (client, assertion) = (exchange(&upstream.url), ASSERTION.into());
    let order = TokenOrder {
        assertion: &assertion,
        rule_id: "fdrl_1",
        organization_id: "org",
        service_account_id: "svac_1",
        workspace_id: "wrkspc_1",
    };
    for count in 1..=8 {
        let error = denied(client.token(&order).await);
        assert_eq!(upstream.count(), count, "an assertion is sent once: {error}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("CANARY") && !told.contains("eyJ"), "{told}");
    }
    assert_eq!(other.count(), 0, "no redirect is followed");
}

/// A rule that is not what was asked for is not taken for it.
#[tokio::test]
async fn a_rule_that_gives_more_is_not_believed() {
    let trust = Trust::new().await;
    let wanted = NewRule {
        name: "two".into(),
        description: "x".into(),
        issuer_id: trust.issuer.clone(),
        subject: "two".into(),
        audience: AUDIENCE.into(),
        service_account_id: trust.account.clone(),
        workspace_id: trust.evals.clone(),
        token_lifetime_seconds: 600,
    };
    let made = trust.post("/federation_rules", wanted.body()).await.ok().body;
    for (pointer, value) in [
        ("/match/subject_prefix", json!("two*")),
        ("/match/audience", Value::Null),
        ("/target/service_account_id", json!("svac_other")),
        ("/oauth_scope", json!("org:admin")),
        ("/workspace_ids", json!([trust.evals, "wrkspc_other"])),
        ("/applies_to_all_workspaces", json!(true)),
        ("/token_lifetime_seconds", json!(86_400)),
        ("/name", json!("three")),
    ] {
        let mut lie = made.clone();
        *lie.pointer_mut(pointer).unwrap() = value;
        let upstream = Upstream::saying(lie).await;
        let error = failed(federation(&upstream.url, "token").create_federation_rule(&wanted).await);
        assert!(matches!(error, Error::Malformed { .. }), "{pointer}: {error}");
    }
}

/// Trouble on the way: told by its code, and a token that was made all the same dies unseen.
#[tokio::test]
async fn trouble_is_told_by_its_code() {
    let trust = Trust::new().await;
    let url = format!("{}/anthropic", trust.it.base);
    let id = trust.it.org.id();
    for (at, (fault, out)) in
        [(Fault::Overloaded, 0), (Fault::CutAfter, 1), (Fault::FailAfter, 2), (Fault::Malformed, 3), (Fault::Html, 3)]
            .into_iter()
            .enumerate()
    {
        trust.it.org.misbehave("POST /v1/oauth/token", fault, 1);
        let assertion = trust.assertion(&trust.claims(&format!("try {at}"))).into();
        let error = denied(exchange(&url).token(&of(&trust, &assertion, &id)).await);
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(trust.it.org.tokens_out(), out);
        let again = trust.assertion(&trust.claims(&format!("again {at}"))).into();
        assert!(exchange(&url).token(&of(&trust, &again, "another")).await.is_err());
    }
}
