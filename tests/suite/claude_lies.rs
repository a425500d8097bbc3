//! The Admin API client and answers that are not what they should be: made systematically from good ones, each must end
//! in an error, and none in a panic.

use std::sync::{Arc, Mutex};

use axum::response::IntoResponse;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use steward::claude::{
    Error, InviteFilter, KeyFilter, KeyStatus, LimitKind, LimitSetting, Reader, Role, UserFilter, WorkspaceFilter,
    WorkspaceRole, Writer,
};

use super::claude_upstream::{Upstream, failed, invite, key, member, organization, own_limits, page, user, workspace};

/// A call, the good answer to it, and which of that answer's fields it can do without.
struct Probe {
    name: &'static str,
    good: Value,
    optional: &'static [&'static str],
    ignored: &'static [&'static str],
    run: fn(Reader, Writer) -> BoxFuture<'static, Result<(), Error>>,
}

macro_rules! probe {
    ($name:literal, $good:expr, $optional:expr, $ignored:expr, |$reader:ident, $writer:ident| $call:expr) => {
        Probe {
            name: $name,
            good: $good,
            optional: &$optional,
            ignored: &$ignored,
            run: |$reader, $writer| {
                Box::pin(async move {
                    let _ = (&$reader, &$writer);
                    $call.await.map(drop)
                })
            },
        }
    };
}

const KEY_OPTIONAL: [&str; 7] =
    ["type", "created_by", "expires_at", "partial_key_hint", "principal", "scope", "workspace_id"];
const WORKSPACE_OPTIONAL: [&str; 3] = ["type", "archived_at", "display_color"];
const WORKSPACE_IGNORED: [&str; 4] = ["tags", "compartment_id", "external_key_id", "data_residency"];

fn looks() -> Vec<Probe> {
    vec![
        probe!("organization", organization(), ["type"], [], |r, w| r.organization()),
        probe!("user", user("user_1"), ["type", "name"], [], |r, w| r.user("user_1")),
        probe!("invite", invite("invite_1", "a@b.c"), ["type", "accepted_at"], ["rbac_group_ids"], |r, w| r
            .invite("invite_1")),
        probe!("workspace", workspace("wrkspc_1"), WORKSPACE_OPTIONAL, WORKSPACE_IGNORED, |r, w| {
            r.workspace("wrkspc_1")
        }),
        probe!("member", member("wrkspc_1", "user_1"), ["type"], [], |r, w| r.workspace_member("wrkspc_1", "user_1")),
        probe!("key", key("apikey_1"), KEY_OPTIONAL, [], |r, w| r.api_key("apikey_1")),
    ]
}

fn changes() -> Vec<Probe> {
    let archived = json!({ "id": "wrkspc_1", "name": "lab", "created_at": "2026-01-01T00:00:00Z",
        "archived_at": "2026-11-23T00:00:00Z", "type": "workspace" });
    let left = json!({ "user_id": "user_1", "workspace_id": "wrkspc_1", "type": "workspace_member_deleted" });
    vec![
        probe!("send", invite("invite_1", "a@b.c"), ["type", "accepted_at"], ["rbac_group_ids"], |r, w| {
            w.invite("a@b.c", &Role::User)
        }),
        probe!("withdraw", json!({ "id": "invite_1", "type": "invite_deleted" }), [], [], |r, w| {
            w.withdraw_invite("invite_1")
        }),
        probe!("set role", user("user_1"), ["type", "name"], [], |r, w| w.set_role("user_1", &Role::Developer)),
        probe!("remove", json!({ "id": "user_1", "type": "user_deleted" }), [], [], |r, w| w.remove_user("user_1")),
        probe!("archive", archived, ["type"], [], |r, w| w.archive_workspace("wrkspc_1")),
        probe!("add", member("wrkspc_1", "user_1"), ["type"], [], |r, w| {
            w.add_workspace_member("wrkspc_1", "user_1", &WorkspaceRole::Developer)
        }),
        probe!("leave", left, [], [], |r, w| w.remove_workspace_member("wrkspc_1", "user_1")),
        probe!("limit", own_limits("wrkspc_1", "rl_1"), ["type", "group_type", "group", "models"], [], |r, w| {
            set_limit(w)
        }),
        probe!("switch", key("apikey_1"), KEY_OPTIONAL, [], |r, w| w.set_key_status("apikey_1", &KeyStatus::Active)),
    ]
}

async fn set_limit(writer: Writer) -> Result<steward::claude::WorkspaceRateLimit, Error> {
    let setting = LimitSetting { kind: LimitKind::RequestsPerMinute, value: Some(50) };
    writer.set_rate_limits("wrkspc_1", "rl_1", &[setting]).await
}

fn lists() -> Vec<Probe> {
    vec![
        probe!("users", user("user_1"), ["type", "name"], [], |r, w| r.users(&UserFilter::default()).collect_all()),
        probe!("invites", invite("invite_1", "a@b.c"), ["type", "accepted_at"], ["rbac_group_ids"], |r, w| {
            r.invites(&InviteFilter::default()).collect_all()
        }),
        probe!("workspaces", workspace("wrkspc_1"), WORKSPACE_OPTIONAL, WORKSPACE_IGNORED, |r, w| {
            r.workspaces(WorkspaceFilter::default()).collect_all()
        }),
        probe!("members", member("wrkspc_1", "user_1"), ["type"], [], |r, w| {
            r.workspace_members("wrkspc_1").collect_all()
        }),
        probe!("keys", key("apikey_1"), KEY_OPTIONAL, [], |r, w| r.api_keys(&KeyFilter::default()).collect_all()),
    ]
}

/// An upstream whose answer is set before each call.
struct Liar {
    upstream: Upstream,
    next: Arc<Mutex<Vec<u8>>>,
}

impl Liar {
    async fn new() -> Self {
        let next: Arc<Mutex<Vec<u8>>> = Arc::default();
        let body = Arc::clone(&next);
        let upstream = Upstream::answering(move |_, _| body.lock().unwrap().clone().into_response()).await;
        Self { upstream, next }
    }

    async fn says(&self, probe: &Probe, body: impl Into<Vec<u8>>) -> Result<(), Error> {
        *self.next.lock().unwrap() = body.into();
        let (reader, writer, _) = self.upstream.client();
        let before = self.upstream.count();
        let answer = (probe.run)(reader, writer).await;
        assert_eq!(self.upstream.count(), before + 1, "{}: a lie is not asked for again", probe.name);
        answer
    }
}

/// Every field gone, null, and of every other type. With each whether that must fail.
fn spoilt(probe: &Probe) -> Vec<(String, Value, bool)> {
    let mut all = Vec::new();
    for (field, value) in probe.good.as_object().unwrap() {
        let is = |list: &[&str]| list.contains(&field.as_str());
        let (optional, ignored) = (is(probe.optional), is(probe.ignored));
        let mut without = probe.good.clone();
        without.as_object_mut().unwrap().remove(field);
        all.push((format!("{field} gone"), without, !optional && !ignored));
        for other in [json!(null), json!(true), json!(17), json!([]), json!({}), json!(["a"])] {
            if std::mem::discriminant(&other) == std::mem::discriminant(value) {
                continue;
            }
            let mut with = probe.good.clone();
            with[field] = other.clone();
            let fails = !ignored && (!optional || !other.is_null());
            all.push((format!("{field} = {other}"), with, fails));
        }
        let is_named = field == "id" || field == "type" || field.ends_with("_at");
        if is_named && value.is_string() {
            for text in ["", "banana", "2026-13-45T99:00:00Z"] {
                let mut with = probe.good.clone();
                with[field] = json!(text);
                // A listing has no id to compare with, and the organization is named by the answer alone.
                let free = field == "id" && !text.is_empty() && !changes_or_looks_by_id(probe);
                all.push((format!("{field} = {text:?}"), with, !free));
            }
        }
    }
    all
}

fn changes_or_looks_by_id(probe: &Probe) -> bool {
    !matches!(probe.name, "organization" | "users" | "invites" | "workspaces" | "members" | "keys" | "send")
}

/// What is no object of the API at all.
fn rubbish(good: &str) -> Vec<Vec<u8>> {
    let half = good.len() / 2;
    let mut all: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "12",
        "\"ok\"",
        "[]",
        "{}",
        "[[]]",
        "<html></html>",
        "{\"id\":",
        "{'id':'user_1'}",
        "{\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}",
        "{\"data\":{}}",
        "{\"data\":null,\"has_more\":false}",
        "{\"data\":[null],\"has_more\":false}",
        "{\"data\":[[]],\"has_more\":false}",
        "{\"data\":[7],\"has_more\":false}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    all.push(good[..half].into());
    all.push(good[half..].into());
    all.push(format!("{good}{good}").into());
    all.push(format!("{good} x").into());
    all.push(format!("[{good}]").into());
    all.push(vec![0; 64]);
    all.push([&b"\xff\xfe"[..], good.as_bytes()].concat());
    all.push("[".repeat(100_000).into());
    all.push(format!("{}{good}", "{\"a\":".repeat(5_000)).into());
    all.push(format!("{},{}", &good[..good.len() - 1], &good[1..]).into());
    all
}

#[tokio::test]
async fn no_lie_is_believed() {
    let liar = Liar::new().await;
    let mut lies = 0;
    let listed = lists().into_iter().map(|probe| (probe, true));
    let single = looks().into_iter().chain(changes()).map(|probe| (probe, false));
    for (probe, in_page) in single.chain(listed) {
        let wrap = |row: Value| if in_page { page(&[row], false).to_string() } else { row.to_string() };
        liar.says(&probe, wrap(probe.good.clone())).await.unwrap_or_else(|error| panic!("{}: {error}", probe.name));
        for (what, body, fails) in spoilt(&probe) {
            let answer = liar.says(&probe, wrap(body)).await;
            assert_eq!(answer.is_err(), fails, "{}, {what}: {answer:?}", probe.name);
            if let Err(error) = answer {
                lies += 1;
                assert!(matches!(error, Error::Malformed { .. }) && error.is_ambiguous(), "{}: {error}", probe.name);
            }
        }
        for body in rubbish(&wrap(probe.good.clone())) {
            let error = failed(liar.says(&probe, body).await);
            lies += 1;
            assert!(matches!(error, Error::Malformed { .. }), "{}: {error}", probe.name);
        }
    }
    assert!(lies >= 1_000, "{lies}");
}

/// Well-formed answers that say something else than was asked for.
#[tokio::test]
async fn an_answer_that_contradicts_the_question_is_not_believed() {
    let liar = Liar::new().await;
    let contradictions = [
        ("set role", "role", "user"),
        ("send", "role", "billing"),
        ("send", "email", "eve@b.c"),
        ("add", "workspace_role", "workspace_admin"),
        ("add", "user_id", "user_2"),
        ("add", "workspace_id", "wrkspc_2"),
        ("switch", "status", "inactive"),
        ("limit", "workspace_id", "wrkspc_2"),
        ("limit", "rate_limit_id", "rl_2"),
        ("leave", "user_id", "user_2"),
        ("remove", "type", "user"),
        ("remove", "id", "user_2"),
    ];
    for (name, field, value) in contradictions {
        let probe = changes().into_iter().find(|probe| probe.name == name).unwrap();
        let mut body = probe.good.clone();
        body[field] = json!(value);
        let error = failed(liar.says(&probe, body.to_string()).await);
        assert!(matches!(error, Error::Malformed { flaw: "it contradicts what was asked", .. }), "{name}: {error}");
        assert!(error.is_ambiguous());
    }
}

/// One bad row among a thousand good ones fails the listing: skipping it would make somebody vanish.
#[tokio::test]
async fn no_row_is_skipped() {
    let mut rows: Vec<Value> = (0..1_000).map(|n| user(&format!("user_{n}"))).collect();
    rows[500].as_object_mut().unwrap().remove("id");
    let upstream = Upstream::saying(page(&rows, false)).await;
    let error = failed(upstream.client().0.users(&UserFilter::default()).collect_all().await);
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
}
