//! The Admin API client, seen from upstream: what exactly it sends, and which shapes it understands.

use steward::claude::{
    ApiKey, Error, InviteFilter, InviteStatus, KeyFilter, KeyStatus, LimitKind, LimitSetting, LimitSource, MakerKind,
    Principal, Removal, Role, Scope, UserFilter, WorkspaceFilter, WorkspaceRole,
};

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::claude_upstream::{
    CANARY, Seen, Upstream, failed, invite, key, member, ok, organization, own_limits, page, settings, user, workspace,
};

/// An upstream that answers every path with something fitting.
fn fitting(seen: &Seen) -> Value {
    let path = seen.path.trim_start_matches("/anthropic").trim_start_matches("/v1/organizations/");
    let parts: Vec<&str> = path.split('/').collect();
    let gone = |id: &str, tag: &str| json!({ "id": id, "type": tag });
    let delete = seen.method == "DELETE";
    let asked: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    match parts[..] {
        ["me"] => organization(),
        [kind @ ("users" | "invites"), id] if delete => {
            gone(id, if kind == "users" { "user_deleted" } else { "invite_deleted" })
        }
        ["users", id] => with(user(id), &asked),
        ["invites"] if seen.method == "POST" => with(invite("invite_9", "x"), &asked),
        ["invites", id] => invite(id, "bo@example.com"),
        ["workspaces"] if seen.method == "POST" => with(workspace("wrkspc_9"), &asked),
        ["workspaces", id] => with(workspace(id), &asked),
        ["workspaces", id, "archive"] => with(workspace(id), &json!({ "archived_at": "2026-11-23T00:00:00Z" })),
        ["workspaces", id, "members"] if seen.method == "POST" => with(member(id, ""), &asked),
        ["workspaces", workspace, "members", user] if delete => {
            json!({ "user_id": user, "workspace_id": workspace, "type": "workspace_member_deleted" })
        }
        ["workspaces", id, "members", user] => with(member(id, user), &asked),
        ["workspaces", workspace, "rate_limits", id] => with(own_limits(workspace, id), &asked),
        ["api_keys", id] => with(key(id), &asked),
        _ => page(&[], false),
    }
}

fn with(mut object: Value, changed: &Value) -> Value {
    for (name, value) in changed.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object
}

fn lines(upstream: &Upstream) -> String {
    let lines: Vec<String> = upstream.seen().iter().map(Seen::line).collect();
    lines.join("\n").replace("/v1/organizations/", "…")
}

#[tokio::test]
async fn every_look_is_exactly_as_documented() {
    let upstream = Upstream::answering(|seen, _| ok(&fitting(seen))).await;
    let (reader, ..) = upstream.client();

    reader.organization().await.unwrap();
    reader.users(&UserFilter::default()).collect_all().await.unwrap();
    let filter = UserFilter { email: Some("ada+x@example.com".into()), roles: vec![Role::Admin, Role::Billing] };
    reader.users(&filter).collect_all().await.unwrap();
    reader.user("user_1").await.unwrap();
    let filter = InviteFilter { email: None, statuses: vec![InviteStatus::Pending, InviteStatus::Expired] };
    reader.invites(&filter).collect_all().await.unwrap();
    reader.invite("invite_1").await.unwrap();
    reader.pending_invite("ada@example.com").await.unwrap();
    reader.workspaces(WorkspaceFilter { include_archived: true, include_default: true }).collect_all().await.unwrap();
    reader.workspaces(WorkspaceFilter::default()).collect_all().await.unwrap();
    reader.workspace("wrkspc_1").await.unwrap();
    reader.workspace_members("wrkspc_1").collect_all().await.unwrap();
    reader.workspace_member("wrkspc_1", "user_1").await.unwrap();
    let filter = KeyFilter {
        status: Some(KeyStatus::Active),
        workspace_id: Some("wrkspc_1".into()),
        created_by_user_id: Some("user_1".into()),
    };
    reader.api_keys(&filter).collect_all().await.unwrap();
    reader.api_key("apikey_1").await.unwrap();
    reader.rate_limits().collect_all().await.unwrap();
    reader.workspace_rate_limits("wrkspc_1").collect_all().await.unwrap();

    assert_snapshot!(lines(&upstream), @r"
    GET …me
    GET …users limit=1000
    GET …users email=ada+x@example.com&roles[]=admin&roles[]=billing&limit=1000
    GET …users/user_1
    GET …invites statuses[]=pending&statuses[]=expired&limit=1000
    GET …invites/invite_1
    GET …invites email=ada@example.com&statuses[]=pending&limit=1000
    GET …workspaces include_archived=true&include_default=true&limit=1000
    GET …workspaces limit=1000
    GET …workspaces/wrkspc_1
    GET …workspaces/wrkspc_1/members limit=1000
    GET …workspaces/wrkspc_1/members/user_1
    GET …api_keys status=active&workspace_id=wrkspc_1&created_by_user_id=user_1&limit=1000
    GET …api_keys/apikey_1
    GET …rate_limits
    GET …workspaces/wrkspc_1/rate_limits include_inherited=true
    ");
}

#[tokio::test]
async fn every_change_is_exactly_as_documented() {
    let upstream = Upstream::answering(|seen, _| ok(&fitting(seen))).await;
    let (_, writer, _) = upstream.client();

    writer.invite("Ada.L+x@Example.com", &Role::ClaudeCodeUser).await.unwrap();
    assert_eq!(writer.withdraw_invite("invite_1").await, Ok(Removal::Done));
    writer.set_role("user_1", &Role::Billing).await.unwrap();
    assert_eq!(writer.remove_user("user_1").await, Ok(Removal::Done));
    writer.create_workspace("lab \"7\"").await.unwrap();
    writer.rename_workspace("wrkspc_1", "lab").await.unwrap();
    assert!(writer.archive_workspace("wrkspc_1").await.unwrap().is_archived());
    writer.add_workspace_member("wrkspc_1", "user_1", &WorkspaceRole::RestrictedDeveloper).await.unwrap();
    writer.set_workspace_role("wrkspc_1", "user_1", &WorkspaceRole::Admin).await.unwrap();
    assert_eq!(writer.remove_workspace_member("wrkspc_1", "user_1").await, Ok(Removal::Done));
    let settings = [limit(LimitKind::RequestsPerMinute, Some(50)), limit(LimitKind::OutputTokensPerMinute, None)];
    writer.set_rate_limits("wrkspc_1", "rl_1", &settings).await.unwrap();
    writer.rename_key("apikey_1", "for ada").await.unwrap();
    writer.set_key_status("apikey_1", &KeyStatus::Inactive).await.unwrap();

    assert_snapshot!(lines(&upstream), @r#"
    POST …invites  {"email":"Ada.L+x@Example.com","role":"claude_code_user"}
    DELETE …invites/invite_1
    POST …users/user_1  {"role":"billing"}
    DELETE …users/user_1
    POST …workspaces  {"name":"lab \"7\""}
    POST …workspaces/wrkspc_1  {"name":"lab"}
    POST …workspaces/wrkspc_1/archive  {}
    POST …workspaces/wrkspc_1/members  {"user_id":"user_1","workspace_role":"workspace_restricted_developer"}
    POST …workspaces/wrkspc_1/members/user_1  {"workspace_role":"workspace_admin"}
    DELETE …workspaces/wrkspc_1/members/user_1
    POST …workspaces/wrkspc_1/rate_limits/rl_1  {"limits":[{"type":"requests_per_minute","value":50},{"type":"output_tokens_per_minute","value":null}]}
    POST …api_keys/apikey_1  {"name":"for ada"}
    POST …api_keys/apikey_1  {"status":"inactive"}
    "#);
}

#[tokio::test]
async fn every_request_carries_key_version_and_agent_and_no_beta() {
    let upstream = Upstream::answering(|seen, _| ok(&fitting(seen))).await;
    let (reader, writer, _) = upstream.client();
    reader.organization().await.unwrap();
    writer.set_role("user_1", &Role::User).await.unwrap();
    writer.remove_user("user_1").await.unwrap();
    writer.set_rate_limits("wrkspc_1", "rl_1", &[limit(LimitKind::TokensPerDay, Some(1))]).await.unwrap();
    reader.workspace_rate_limits("wrkspc_1").collect_all().await.unwrap();
    for seen in upstream.seen() {
        let header = |name: &str| seen.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("x-api-key"), Some(CANARY));
        assert_eq!(header("anthropic-version"), Some("2023-06-01"));
        assert_eq!(header("user-agent"), Some(concat!("Steward/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(header("content-type"), (seen.method == "POST").then_some("application/json"));
        assert_eq!(header("authorization"), None);
        assert_eq!(seen.parameter("beta"), None);
    }
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let upstream = Upstream::answering(|seen, _| ok(&fitting(seen))).await;
    for base in ["/anthropic", "/anthropic/"] {
        let time = std::sync::Arc::new(super::claude_upstream::FakeTime::default());
        let (reader, _) = steward::claude::connect(settings(&format!("{}{base}", upstream.url)), time).unwrap();
        reader.user("user_1").await.unwrap();
    }
    assert!(upstream.seen().iter().all(|seen| seen.path == "/anthropic/v1/organizations/users/user_1"));
}

/// Whatever is passed as an id, it stays one segment below the path that was meant.
#[tokio::test]
async fn an_id_cannot_reach_another_path() {
    let upstream = Upstream::answering(|_, _| ok(&json!({ "id": "x", "type": "user_deleted" }))).await;
    let (_, writer, _) = upstream.client();
    for id in ["..", ".", "", "a\nb"] {
        assert_eq!(writer.remove_user(id).await, Err(Error::NotAnId));
    }
    assert_eq!(upstream.count(), 0);
    for id in ["../me", "user_1?x=1", "user_1#", "%2e%2e", "..\\invites", "@evil.example", "//evil.example/"] {
        failed(writer.remove_user(id).await);
    }
    for seen in upstream.seen() {
        assert!(seen.path.starts_with("/v1/organizations/users/"), "{}", seen.path);
        assert_eq!(seen.path.matches('/').count(), 4, "{}", seen.path);
        assert!(seen.query.is_empty());
    }
}

#[tokio::test]
async fn admin_and_the_unknown_are_never_sent() {
    let upstream = Upstream::answering(|_, _| ok(&user("user_1"))).await;
    let (_, writer, _) = upstream.client();
    let refused = |name: &str| Error::NotAssignable(name.to_owned());
    for name in ["admin", "owner", "", "Admin", "member"] {
        for role in [Role::from(name), Role::Other(name.to_owned())] {
            assert_eq!(failed(writer.invite("ada@example.com", &role).await), refused(name));
            assert_eq!(failed(writer.set_role("user_1", &role).await), refused(name));
        }
    }
    for name in ["workspace_billing", "workspace_owner"] {
        let role = WorkspaceRole::from(name);
        assert_eq!(failed(writer.add_workspace_member("wrkspc_1", "user_1", &role).await), refused(name));
        assert_eq!(failed(writer.set_workspace_role("wrkspc_1", "user_1", &role).await), refused(name));
    }
    for name in ["enqueued_batch_requests", "thoughts_per_minute", ""] {
        let settings = [limit(LimitKind::RequestsPerMinute, Some(1)), limit(LimitKind::from(name), Some(1))];
        assert_eq!(failed(writer.set_rate_limits("wrkspc_1", "rl_1", &settings).await), refused(name));
    }
    for name in ["expired", "frozen"] {
        assert_eq!(failed(writer.set_key_status("apikey_1", &KeyStatus::from(name)).await), refused(name));
    }
    assert_eq!(upstream.count(), 0);
}

async fn read_key(changes: Value) -> ApiKey {
    let upstream = Upstream::saying(with(key("apikey_1"), &changes)).await;
    upstream.client().0.api_key("apikey_1").await.unwrap()
}

#[tokio::test]
async fn keys_are_understood_in_both_shapes() {
    let personal = read_key(json!({})).await;
    assert_eq!(personal.principal, Some(Principal::User("user_1".into())));
    assert_eq!(personal.scope, Some(Scope::Workspace("wrkspc_1".into())));
    assert_eq!(personal.created_by.unwrap().kind, MakerKind::User);
    assert_eq!(personal.created_at.to_string(), "2026-04-30T22:00:00Z");

    let service = json!({ "principal": { "type": "service_account_actor", "service_account_id": "svac_1" } });
    assert_eq!(read_key(service).await.principal, Some(Principal::ServiceAccount("svac_1".into())));
    let older = json!({ "principal": { "type": "service_account", "id": "svac_1" }, "scope": null });
    let older = read_key(older).await;
    assert_eq!(older.principal, Some(Principal::ServiceAccount("svac_1".into())));
    assert_eq!(older.scope, Some(Scope::Workspace("wrkspc_1".into())));

    let legacy = json!({ "principal": null, "scope": null, "workspace_id": null, "created_by": null,
        "expires_at": null, "partial_key_hint": null, "new_field": { "deep": [1, 2] } });
    let legacy = read_key(legacy).await;
    assert_eq!((legacy.principal, legacy.scope, legacy.created_by, legacy.expires_at), (None, None, None, None));

    let wide = read_key(json!({ "scope": { "type": "organization" }, "workspace_id": null })).await;
    assert_eq!(wide.scope, Some(Scope::Organization));
    let future = json!({ "principal": { "type": "robot", "robot_id": "r" }, "scope": { "type": "galaxy" },
        "status": "dreaming", "created_by": { "id": "r", "type": "robot" } });
    let future = read_key(future).await;
    assert_eq!(future.principal, Some(Principal::Other("robot".into())));
    assert_eq!(future.scope, Some(Scope::Other("galaxy".into())));
    assert_eq!(future.status.as_str(), "dreaming");
}

#[tokio::test]
async fn rate_limits_are_understood_in_both_shapes() {
    let limits = json!([{ "type": "requests_per_minute", "value": 4000 }, { "type": "tokens_per_day", "value": null }]);
    let body = json!({ "next_page": null, "data": [
        { "id": "rl_1", "group_type": "model_group", "models": ["m"], "limits": limits, "type": "rate_limit" },
        { "id": "rl_2", "group": { "type": "batch", "id": "rlg_2" }, "models": null, "limits": [] },
    ]});
    let found = Upstream::saying(body).await.client().0.rate_limits().collect_all().await;
    let found = found.unwrap();
    assert_eq!(found[0].limits[0].value, Some(4000));
    assert_eq!(found[0].limits[1].value, None);
    assert_eq!(
        (&found[0].limits[0].kind, &found[0].limits[1].kind),
        (&LimitKind::RequestsPerMinute, &LimitKind::TokensPerDay)
    );
    let older = found[0].group.as_ref().unwrap();
    assert_eq!((older.kind.as_str(), older.id.as_deref()), ("model_group", None));
    assert_eq!(found[1].group.as_ref().unwrap().id.as_deref(), Some("rlg_2"));
    assert!(found[1].models.is_empty());
}

fn limit(kind: LimitKind, value: Option<u64>) -> LimitSetting {
    LimitSetting { kind, value }
}

#[tokio::test]
async fn a_workspace_s_limits_are_told_from_the_organization_s_in_both_shapes() {
    let body = json!({ "next_page": null, "data": [
        { "rate_limit_id": "rl_1", "workspace_id": "wrkspc_1", "group": { "type": "model_group", "id": "rlg_1",
          "display_name": "Claude Opus 5" }, "models": ["m"], "type": "workspace_rate_limit", "limits": [
            { "type": "requests_per_minute", "value": 50, "org_limit": 2000, "source": { "type": "workspace" } },
            { "type": "output_tokens_per_minute", "value": 9, "org_limit": 9, "source": { "type": "organization" } },
            { "type": "thoughts_per_minute", "value": null, "source": { "type": "galaxy" } },
        ]},
        { "rate_limit_id": "rl_2", "workspace_id": "wrkspc_1", "group_type": "batch", "models": null, "limits": [
            { "type": "tokens_per_day", "value": 7, "org_limit": null } ]},
    ]});
    let found = Upstream::saying(body).await.client().0.workspace_rate_limits("wrkspc_1").collect_all().await.unwrap();
    let told: Vec<_> =
        found[0].limits.iter().map(|it| (it.kind.as_str(), it.value, it.org_limit, it.source.as_str())).collect();
    assert_eq!(
        told,
        [
            ("requests_per_minute", Some(50), Some(2000), "workspace"),
            ("output_tokens_per_minute", Some(9), Some(9), "organization"),
            ("thoughts_per_minute", None, None, "galaxy"),
        ]
    );
    assert_eq!(found[0].group.as_ref().unwrap().display_name.as_deref(), Some("Claude Opus 5"));
    assert_eq!(found[0].limit(&LimitKind::RequestsPerMinute).unwrap().value, Some(50));
    let older = &found[1].limits[0];
    assert_eq!((&older.source, older.org_limit), (&LimitSource::Workspace, None), "only what was set was listed");
    assert_eq!(found[1].group.as_ref().unwrap().kind, "batch");
}

/// What was set has to be seen in the answer; a value above the organization's may come back as the lower one.
#[tokio::test]
async fn an_answer_about_limits_shows_what_was_set() {
    let answered = async |limits: Value, settings: &[LimitSetting]| {
        let upstream = Upstream::saying(with(own_limits("wrkspc_1", "rl_1"), &json!({ "limits": limits }))).await;
        upstream.client().1.set_rate_limits("wrkspc_1", "rl_1", settings).await
    };
    let shown = |value: Value, source: &str| json!([{ "type": "requests_per_minute", "value": value, "org_limit": 100, "source": { "type": source } }]);
    let (set, raised, cleared) = (
        [limit(LimitKind::RequestsPerMinute, Some(50))],
        [limit(LimitKind::RequestsPerMinute, Some(900))],
        [limit(LimitKind::RequestsPerMinute, None)],
    );
    assert!(answered(shown(json!(50), "workspace"), &set).await.is_ok());
    assert!(answered(shown(json!(100), "workspace"), &raised).await.is_ok());
    assert!(answered(shown(json!(900), "workspace"), &raised).await.is_ok());
    assert!(answered(json!([]), &cleared).await.is_ok());
    assert!(answered(shown(json!(100), "organization"), &cleared).await.is_ok());
    for (limits, settings) in [
        (shown(json!(49), "workspace"), &set),
        (json!([]), &set),
        (json!(null), &set),
        (shown(json!(50), "workspace"), &cleared),
    ] {
        let error = failed(answered(limits.clone(), settings).await);
        assert!(matches!(error, Error::Malformed { .. }) && error.is_ambiguous(), "{limits}: {error}");
    }
}

/// Setting a value twice is setting it once.
#[tokio::test]
async fn setting_limits_is_repeated_when_it_fails_in_passing() {
    let upstream = Upstream::answering(|seen, number| {
        if number == 0 { super::claude_upstream::with_header(503, "x-none", "") } else { ok(&fitting(seen)) }
    })
    .await;
    let (_, writer, _) = upstream.client();
    writer.set_rate_limits("wrkspc_1", "rl_1", &[limit(LimitKind::RequestsPerMinute, Some(50))]).await.unwrap();
    assert_eq!(upstream.count(), 2);
}

/// The API ignores plus-tags when it filters; somebody else's invite must not be taken for this one.
#[tokio::test]
async fn a_pending_invite_is_to_exactly_this_address() {
    let rows = [
        invite("invite_1", "ada+evil@example.com"),
        with(invite("invite_2", "ada@example.com"), &json!({ "status": "expired" })),
        invite("invite_3", "Ada@Example.com"),
        with(invite("invite_4", "ada@example.com"), &json!({ "invited_at": "2026-11-02T09:00:00Z" })),
    ];
    let upstream = Upstream::saying(page(&rows, false)).await;
    let (reader, ..) = upstream.client();
    assert_eq!(reader.pending_invite("ADA@example.com").await.unwrap().unwrap().id, "invite_4");
    assert_eq!(reader.pending_invite("bo@example.com").await.unwrap(), None);
    assert_eq!(upstream.seen()[0].parameter("statuses[]"), Some("pending"));
}

#[tokio::test]
async fn the_api_s_clock_is_seen() {
    let upstream = Upstream::answering(|_, _| {
        let mut response = ok(&organization());
        response.headers_mut().insert("date", "Mon, 23 Nov 2026 10:00:07 GMT".parse().unwrap());
        response
    })
    .await;
    let (reader, _, time) = upstream.client();
    assert_eq!(reader.upstream_date(), None);
    time.advance(5_000);
    reader.organization().await.unwrap();
    let seen = reader.upstream_date().unwrap();
    assert_eq!((seen.date.to_string().as_str(), seen.seen_at_ms), ("2026-11-23T10:00:07Z", 5_000));
}
