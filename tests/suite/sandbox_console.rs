//! The simulated Console and mail, the seeded company, and keeping it on disk.

use crate::sandbox_stage::{DAY_MS, Sandbox, first_of_december, hear};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::PathBuf;
use steward::random::Random;
use steward::sandbox::{InviteStatus, KeyKind, KeyStatus, LoadError, Organization, Role};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(Random::system().id("steward-sandbox"));
        std::fs::create_dir(&path).expect("the folder for temporary files must be writable");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn a_secret_is_said_once_and_works_in_either_header() {
    let it = Sandbox::seeded().await;
    let (id, secret) = it.make_key("mira", "research", "workspace").await;
    let middle = secret.strip_prefix("sk-ant-api03-").unwrap().strip_suffix("AA").unwrap();
    assert_eq!(middle.len(), 93);

    let heard = it.message(&secret).await.ok();
    assert_eq!((heard.text("/type"), heard.text("/role")), ("message".to_owned(), "assistant".to_owned()));
    let body = json!({ "model": "claude-opus-5-5", "max_tokens": 8, "messages": [] });
    let request = it.bare("POST", "/anthropic/v1/messages").header("anthropic-version", "2026-10-21").json(&body);
    hear(request.bearer_auth(&secret)).await.ok();
    it.message(&secret).await.ok();
    it.message(&it.org.admin_key()).await.refused(401, "authentication_error");
    it.message("sk-ant-api03-unknown").await.refused(401, "authentication_error");

    let meter = it.org.meter();
    assert_eq!(meter.requests_of(&id), 3);
    assert_eq!(meter.rows.len(), 2, "one row a minute for each model");
    assert!(meter.rows.iter().all(|row| row.input_tokens > 0 && row.output_tokens > 0));
    assert_eq!(meter.rows[0].workspace_id, it.workspace("research"));

    let everything = [
        it.get("/api_keys?limit=1000").await.body.to_string(),
        it.get(&format!("/api_keys/{id}")).await.body.to_string(),
        it.desk("GET", "/api/console", Value::Null).await.body.to_string(),
        format!("{:?}", it.org.keys()),
    ];
    assert!(everything.iter().all(|text| !text.contains(&secret) && !text.contains(middle)));
}

#[tokio::test]
async fn keys_are_made_by_those_who_may() {
    let it = Sandbox::seeded().await;
    let orders = [
        ("nobody", "research", "k", "workspace", 404),
        ("mira", "nowhere", "k", "workspace", 404),
        ("mira", "research", "", "workspace", 400),
        ("mira", "research", "k", "team", 400),
        ("finn", "research", "k", "workspace", 403),
        ("amara", "", "k", "personal", 403),
        ("ada", "Research", "k", "workspace", 200),
        ("mira@example.com", "", "k", "personal", 200),
    ];
    for (by, workspace, name, kind, status) in orders {
        let order = json!({ "as": by, "workspace": workspace, "name": name, "kind": kind });
        let heard = it.desk("POST", "/api/console/key", order).await;
        assert_eq!(heard.status, status, "{by} {workspace} {kind}: {}", heard.body);
        assert!(status == 200 || heard.text("/error").ends_with('.'));
    }
    let missing = it.desk("POST", "/api/console/key", json!({ "name": "k" })).await;
    assert_eq!(missing.status, 400);
    it.post(&format!("/workspaces/{}/archive", it.workspace("evals")), json!({})).await.ok();
    let order = json!({ "as": "ada", "workspace": "evals", "name": "k", "kind": "workspace" });
    assert_eq!(it.desk("POST", "/api/console/key", order).await.status, 409);
}

#[tokio::test]
async fn a_restricted_developer_makes_only_their_own_keys() {
    let it = Sandbox::seeded().await;
    let home = it.post("/workspaces", json!({ "name": "narrow" })).await.ok().text("/id");
    let added = json!({ "user_id": it.id_of("mira"), "workspace_role": "workspace_restricted_developer" });
    it.post(&format!("/workspaces/{home}/members"), added).await.ok();
    let order = |kind: &str| json!({ "as": "mira", "workspace": "narrow", "name": "k", "kind": kind });
    assert_eq!(it.desk("POST", "/api/console/key", order("workspace")).await.status, 403);
    assert_eq!(it.desk("POST", "/api/console/key", order("personal")).await.status, 200);
    let stranger = json!({ "as": "jonas", "workspace": "narrow", "name": "k", "kind": "personal" });
    assert_eq!(it.desk("POST", "/api/console/key", stranger).await.status, 403);
}

#[tokio::test]
async fn a_key_of_the_whole_organization_has_its_owners_rights() {
    let it = Sandbox::seeded().await;
    let me = |secret: &str| {
        it.bare("GET", "/anthropic/v1/organizations/me").header("anthropic-version", "2023-06-01").bearer_auth(secret)
    };
    let (admins, admins_secret) = it.make_key("ada", "*", "personal").await;
    let (_, developers_secret) = it.make_key("mira", "*", "personal").await;
    let (_, accounts_secret) = it.make_key("ada", "*", "service_account").await;
    hear(me(&admins_secret)).await.ok();
    hear(me(&developers_secret)).await.refused(403, "permission_error");
    hear(me(&accounts_secret)).await.refused(403, "permission_error");
    let shown = it.get(&format!("/api_keys/{admins}")).await.ok().body;
    assert_eq!((&shown["scope"], &shown["workspace_id"]), (&json!({ "type": "organization" }), &Value::Null));

    let named = |workspace: String| {
        let body = json!({ "model": "claude-opus-5-5", "max_tokens": 8, "messages": [] });
        let request = it.bare("POST", "/anthropic/v1/messages").header("anthropic-version", "2023-06-01");
        hear(request.bearer_auth(&developers_secret).header("anthropic-workspace-id", workspace).json(&body))
    };
    it.message(&developers_secret).await.refused(400, "invalid_request_error");
    named(it.workspace("research")).await.ok();
    named("wrkspc_01x".to_owned()).await.refused(404, "not_found_error");
    let elsewhere = it.post("/workspaces", json!({ "name": "elsewhere" })).await.ok().text("/id");
    named(elsewhere).await.refused(404, "not_found_error");
    it.post(&format!("/api_keys/{admins}"), json!({ "status": "inactive" })).await.ok();
    hear(me(&admins_secret)).await.refused(401, "authentication_error");
    let order = json!({ "as": "ada", "workspace": "*", "name": "k", "kind": "workspace" });
    assert_eq!(it.desk("POST", "/api/console/key", order).await.status, 400);
}

#[tokio::test]
async fn the_console_has_a_page_and_a_list() {
    let it = Sandbox::seeded().await;
    let page = hear(it.bare("GET", "/console")).await;
    assert_eq!(page.status, 200);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(page.body.as_str().unwrap().contains("<title>Console"));
    let all = it.desk("GET", "/api/console", Value::Null).await;
    assert_eq!(all.body["keys"].as_array().unwrap().len(), 30);
    assert_eq!(all.body["workspaces"].as_array().unwrap().len(), 7);
    assert_eq!(all.body["members"].as_array().unwrap().len(), 40);
}

#[tokio::test]
async fn a_mail_is_accepted_once_and_makes_a_member() {
    let it = Sandbox::seeded().await;
    let invite = it.post("/invites", json!({ "email": "lea@example.com", "role": "developer" })).await.ok().text("/id");
    let mails = it.desk("GET", "/api/mail", Value::Null).await;
    let mail = &mails.body[0];
    assert_eq!(
        (&mail["to"], &mail["state"], &mail["invite"]),
        (&json!("lea@example.com"), &json!("pending"), &json!(invite))
    );
    assert_eq!(mail["subject"], "Join Meridian Labs on the Claude Console");
    let accept = format!("/api/mail/{}/accept", mail["id"].as_str().unwrap());

    let accepted = it.desk("POST", &accept, json!({})).await;
    assert_eq!(accepted.text("/member/name"), "Lea Novak");
    let newest = it.get("/users?limit=1").await.ok();
    assert_eq!(newest.text("/data/0/email"), "lea@example.com");
    assert_eq!(newest.text("/data/0/role"), "developer");
    let invite = it.get(&format!("/invites/{invite}")).await.ok();
    assert_eq!(
        (invite.text("/status"), invite.text("/accepted_at")),
        ("accepted".to_owned(), "2026-12-01T09:00:00Z".to_owned())
    );
    assert_eq!(it.get("/invites?statuses[]=accepted").await.ok().each("id").len(), 1);

    let again = it.desk("POST", &accept, json!({})).await;
    assert_eq!((again.status, again.text("/error")), (409, "This invitation was accepted already.".to_owned()));
    assert_eq!(it.desk("POST", "/api/mail/mail_01x/accept", json!({})).await.status, 404);
    let derived = it.org.mails().into_iter().find(|mail| mail.to.starts_with("nadia.petrov")).unwrap();
    assert_eq!(it.org.accept_mail(&derived.id).unwrap().name, "Nadia Petrov");
    assert_eq!(it.org.members().len(), 42);
}

#[test]
fn the_company_is_believable_and_as_large_as_promised() {
    let clock = first_of_december();
    let now = clock.now();
    let org = Organization::seeded(7, clock);
    let members = org.members();
    let of = |role| members.iter().filter(|member| member.role == role).count();
    assert_eq!(members.len(), 40);
    assert_eq!([Role::Admin, Role::Billing, Role::Developer].map(of), [3, 2, 20]);
    assert_eq!([Role::ClaudeCodeUser, Role::User].map(of), [5, 10]);
    assert_eq!(members.iter().map(|member| &member.email).collect::<HashSet<_>>().len(), 40);
    assert!(members.is_sorted_by_key(|member| member.added_at));
    assert!(members.iter().all(|member| member.added_at < now));

    let workspaces = org.workspaces();
    assert_eq!(workspaces.iter().filter(|it| !it.is_default && it.archived_at.is_none()).count(), 6);
    for workspace in workspaces.iter().filter(|it| !it.is_default) {
        assert!(org.workspace_members().iter().any(|row| row.workspace_id == workspace.id), "{}", workspace.name);
    }

    let statuses: Vec<_> = org.invites().iter().map(|invite| invite.status(now)).collect();
    assert_eq!(statuses, [InviteStatus::Expired, InviteStatus::Pending, InviteStatus::Pending]);
    assert_eq!(org.mails().len(), 3);
}

#[test]
fn the_seeded_keys_have_their_open_ends() {
    let clock = first_of_december();
    let now = clock.now();
    let org = Organization::seeded(7, clock);
    let (members, keys) = (org.members(), org.keys());
    assert_eq!(keys.len(), 30);
    let kinds = keys.iter().fold([0; 3], |mut count, key| {
        count[match key.kind {
            KeyKind::Workspace => 0,
            KeyKind::Personal(_) => 1,
            KeyKind::ServiceAccount(_) => 2,
        }] += 1;
        count
    });
    assert_eq!(kinds, [14, 10, 6]);
    let gone = |id: &String| members.iter().all(|member| member.id != *id);
    let left_by: Vec<_> = keys.iter().filter(|key| key.created_by.as_ref().is_some_and(gone)).collect();
    assert_eq!(left_by.len(), 1, "one leaver's key is left");
    assert_eq!((&left_by[0].kind, left_by[0].status(now)), (&KeyKind::Workspace, KeyStatus::Active));
    let soon = |key: &&steward::sandbox::Key| {
        key.expires_at.is_some_and(|at| (0..7 * DAY_MS).contains(&(at.as_millisecond() - now.as_millisecond())))
    };
    let ending: Vec<_> = keys.iter().filter(soon).map(|key| key.name.as_str()).collect();
    assert_eq!(ending, ["ingrid-bench"]);
    assert!(keys.iter().any(|key| key.name == "test key 2 (do not use)"));
    assert!(keys.iter().all(|key| key.workspace_id.is_some() && key.created_at < now));
    for key in &keys {
        let KeyKind::Personal(owner) = &key.kind else { continue };
        let here = |row: &steward::sandbox::WorkspaceMember| {
            row.user_id == *owner && Some(&row.workspace_id) == key.workspace_id.as_ref()
        };
        assert!(org.workspace_members().iter().any(here), "{} is used where its owner is not", key.name);
    }
}

#[test]
fn the_cast_sits_in_the_organization_but_for_two() {
    let org = Organization::seeded(7, first_of_december());
    let cast = org.cast();
    assert_eq!(cast.len(), 12);
    let of = |id: &str| cast.iter().find(|player| player.id == id).unwrap();
    assert_eq!((of("ada").name.as_str(), of("ada").role), ("Ada Brandt", Some(Role::Admin)));
    assert_eq!((of("grace").role, of("finn").role), (Some(Role::Admin), Some(Role::Billing)));
    assert_eq!((of("mira").role, of("jonas").role), (Some(Role::Developer), Some(Role::Developer)));
    for outside in ["lea", "tom"] {
        assert_eq!((of(outside).role, &of(outside).member), (None, &None));
    }
    let inside: HashSet<_> = org.members().into_iter().map(|member| member.id).collect();
    assert_eq!(cast.iter().filter_map(|player| player.member.as_ref()).filter(|id| inside.contains(*id)).count(), 10);
}

#[test]
fn a_seed_makes_the_same_company_again() {
    let [one, same, other] = [7, 7, 8].map(|seed| Organization::seeded(seed, first_of_december()));
    assert_eq!(one.admin_key(), same.admin_key());
    assert_eq!((one.id(), one.members(), one.invites()), (same.id(), same.members(), same.invites()));
    assert_eq!((one.workspaces(), one.workspace_members()), (same.workspaces(), same.workspace_members()));
    assert_eq!((one.keys(), one.mails()), (same.keys(), same.mails()));
    assert_ne!(one.admin_key(), other.admin_key());
    assert_ne!(one.keys(), other.keys());
}

#[test]
fn an_organization_of_any_size() {
    let org = Organization::filled(5_000, 500, 10_000, 3, first_of_december());
    assert_eq!((org.members().len(), org.workspaces().len(), org.keys().len()), (5_000, 501, 10_000));
    let ids: HashSet<_> = org.keys().into_iter().map(|key| key.id).collect();
    assert_eq!(ids.len(), 10_000);
}

#[tokio::test]
async fn a_large_organization_is_listed_in_sixteen_calls() {
    let clock = first_of_december();
    let it = Sandbox::serve(Organization::filled(5_000, 500, 10_000, 3, clock.clone()), clock).await;
    let mut calls = 0;
    for (list, size) in [("/users", 5_000), ("/workspaces", 500), ("/api_keys", 10_000)] {
        let mut found = HashSet::new();
        let mut path = format!("{list}?limit=1000");
        for _ in 0..20 {
            let page = it.get(&path).await.ok();
            calls += 1;
            found.extend(page.each("id"));
            if page.body["has_more"] == false {
                break;
            }
            path = format!("{list}?limit=1000&after_id={}", page.text("/last_id"));
        }
        assert_eq!(found.len(), size, "{list}");
    }
    assert_eq!(calls, 16);
}

#[tokio::test]
async fn what_is_kept_comes_back_as_it_was() {
    let folder = Folder::new();
    let path = folder.0.join("organization.json");
    let it = Sandbox::seeded().await;
    it.org.save_to(&path).unwrap();
    let (key, secret) = it.make_key("mira", "research", "personal").await;
    it.post("/invites", json!({ "email": "lea@example.com", "role": "user" })).await.ok();
    it.message(&secret).await.ok();

    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&secret), "only a hash is kept");
    assert!(!folder.0.join("organization.json.new").exists());
    let clock = it.clock.clone();
    let again = Sandbox::serve(Organization::load(&path, clock.clone()).unwrap(), clock.clone()).await;
    assert_eq!(again.org.admin_key(), it.org.admin_key());
    assert_eq!((again.org.members(), again.org.invites()), (it.org.members(), it.org.invites()));
    assert_eq!((again.org.keys(), again.org.mails()), (it.org.keys(), it.org.mails()));
    assert_eq!(
        (again.org.workspaces(), again.org.workspace_members()),
        (it.org.workspaces(), it.org.workspace_members())
    );
    assert_eq!(again.org.meter().requests_of(&key), 1);

    again.message(&secret).await.ok();
    again.delete(&format!("/users/{}", again.id_of("mira"))).await.ok();
    let third = Organization::load(&path, clock).unwrap();
    assert_eq!(third.members().len(), 39, "it goes on being kept where it was loaded from");
    assert_eq!(third.meter().requests_of(&key), 2);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.0.join("organization.json");
    Organization::empty(1, first_of_december()).save_to(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_not_ours_is_not_loaded() {
    let folder = Folder::new();
    let path = folder.0.join("organization.json");
    let load = || Organization::load(&path, first_of_december()).err().unwrap();
    assert!(matches!(load(), LoadError::Unreadable(std::io::ErrorKind::NotFound)));
    std::fs::write(&path, "{\"half\":").unwrap();
    assert!(matches!(load(), LoadError::NotOurs));
    Organization::empty(1, first_of_december()).save_to(&path).unwrap();
    let newer = std::fs::read_to_string(&path).unwrap().replacen("\"format\":1", "\"format\":2", 1);
    std::fs::write(&path, newer).unwrap();
    assert!(matches!(load(), LoadError::NotOurs));
    assert!(Organization::empty(1, first_of_december()).save_to(&folder.0.join("no/such/folder")).is_err());
}

#[tokio::test]
async fn changes_are_announced_and_reads_are_not() {
    let it = Sandbox::seeded().await;
    let mut changes = it.org.changes();
    it.get("/users").await.ok();
    it.post("/invites", json!({ "email": "mira@example.com", "role": "user" }))
        .await
        .refused(400, "invalid_request_error");
    assert!(!changes.has_changed().unwrap());
    it.post("/invites", json!({ "email": "tom@example.com", "role": "user" })).await.ok();
    assert!(changes.has_changed().unwrap());
    assert_eq!(*changes.borrow_and_update(), 1);
}
