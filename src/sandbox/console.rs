//! The Console: where keys are made by people, and where a secret is said, once.

use super::admin_api::key_shown;
use super::federation::FederationRule;
use super::feed::Actor;
use super::ids;
use super::nouns::{Key, KeyKind, KeyStatus, Member, Role, ServiceAccount, Workspace, WorkspaceRole};
use super::organization::{Organization, Tools};
use super::state::{State, TooManyKeys};
use super::workload::Rhythm;
use crate::clock::{Moment, moment};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::HashMap;

const DAY_MS: i64 = 86_400_000;
const WEEK_MS: i64 = 7 * DAY_MS;
const LONGEST_NAME: usize = 500;

/// A key that somebody wants.
#[derive(Clone, Debug, Default)]
pub struct KeyOrder {
    /// Who makes it: a member's id, address, or the name before the `@`.
    pub by: String,
    /// The workspace's name or id; empty: the Default Workspace; `*`: the whole organization, for what is not a
    /// workspace's key.
    pub workspace: String,
    /// What it is called.
    pub name: String,
    /// `workspace`, `personal` or `service_account`.
    pub kind: String,
    /// After how many days it expires, if ever.
    pub expires_in_days: Option<u32>,
}

/// A new key, with the only copy of its secret.
pub struct MadeKey {
    /// The key.
    pub key: Key,
    /// What opens it. Nobody else has it: only a hash was kept.
    pub secret: SecretString,
}

/// Why no key was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refused {
    /// 400, 403, 404 or 409.
    pub status: u16,
    /// For whoever asked.
    pub sentence: String,
}

pub(super) fn refused(status: u16, sentence: impl Into<String>) -> Refused {
    Refused { status, sentence: sentence.into() }
}

impl Organization {
    /// Makes a key as somebody in the Console would. The secret is answered here and never again.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the person, the workspace or the kind is unknown, they may not, or there are too many.
    pub fn make_key(&self, order: &KeyOrder) -> Result<MadeKey, Refused> {
        self.change(|state, tools| {
            let name = order.name.trim();
            if name.is_empty() || name.chars().count() > LONGEST_NAME {
                return Err(refused(400, format!("A key's name has 1 to {LONGEST_NAME} characters.")));
            }
            let maker = who(state, &order.by)?.clone();
            let actor = Actor::user(&maker);
            let home = place(state, &order.workspace)?;
            may_make(state, &maker, home, &order.kind)?;
            let workspace_id = home.map(|it| it.id.clone());
            state.room_for_key(workspace_id.as_deref(), tools.now).map_err(|which| match which {
                TooManyKeys::InOrganization => refused(409, "The organization has no room for another active key."),
                TooManyKeys::InWorkspace => refused(409, "The workspace has no room for another active key."),
            })?;
            let kind = match order.kind.as_str() {
                "workspace" => KeyKind::Workspace,
                "personal" => KeyKind::Personal(maker.id.clone()),
                _ => KeyKind::ServiceAccount(account(state, tools, name)),
            };
            let secret = ids::api_secret(tools.random);
            let life_ms = order.expires_in_days.map(|days| i64::from(days) * DAY_MS);
            let key = Key {
                id: ids::id(tools.random, "apikey"),
                name: name.to_owned(),
                switched: KeyStatus::Active,
                created_at: tools.now,
                created_by: Some(maker.id),
                expires_at: life_ms.map(|life_ms| moment(tools.now.as_millisecond() + life_ms)),
                hint: ids::hint(&secret),
                kind,
                workspace_id,
                hash: ids::hash(&secret),
            };
            state.keys.push(key.clone());
            state.feed.leave(tools, &actor, "platform_api_key_created", json!({ "api_key_id": key.id }));
            Ok(MadeKey { key, secret: secret.into() })
        })
    }

    /// Gives a key another name and switches it off, as an admin would in the Console. Nothing, if there is no such key.
    pub fn park_key(&self, id: &str, name: &str) {
        let _none = self.change(|state, _| {
            let key = state.keys.iter_mut().find(|it| it.id == id).ok_or(())?;
            name.clone_into(&mut key.name);
            key.switched = KeyStatus::Inactive;
            Ok::<_, ()>(())
        });
    }

    /// What the Console shows: workspaces, members and keys, newest key first.
    pub(super) fn console_shown(&self) -> Value {
        let now = self.now();
        self.read(|state| {
            let mut requests: HashMap<String, i64> = HashMap::new();
            let since = moment(now.as_millisecond() - WEEK_MS);
            for row in state.used_by_programs(since, now).chain(state.used_by_hand(since, now)) {
                *requests.entry(row.key_id).or_default() += row.requests;
            }
            let keys = state.keys.iter().rev().map(|key| {
                let mut shown = key_shown(state, key, now);
                shown["kind"] = json!(kind_name(&key.kind));
                shown["workspace"] =
                    json!(key.workspace_id.as_ref().and_then(|id| state.workspace(id)).map(|it| &it.name));
                shown["made_by"] = json!(key.created_by.as_ref().and_then(|id| state.member(id)).map(|it| &it.name));
                shown["requests_7_days"] = json!(requests.get(key.id.as_str()).copied().unwrap_or(0));
                shown["rhythm"] = json!(state.rhythm_of(&key.id).map(Rhythm::as_str));
                shown
            });
            json!({
                "now": now,
                "organization": { "id": state.id, "name": state.name },
                "activity_feed": state.feed.on,
                "workspaces": state.workspaces.iter().map(|it| workspace_shown(state, it, now)).collect::<Vec<_>>(),
                "members": state.members.iter().map(member_shown).collect::<Vec<_>>(),
                "keys": keys.collect::<Vec<_>>(),
                "federation_rules": state.federated.rules.iter().rev().map(rule_shown).collect::<Vec<_>>(),
            })
        })
    }
}

pub(super) fn who<'a>(state: &'a State, by: &str) -> Result<&'a Member, Refused> {
    let named = |member: &&Member| {
        member.id == by
            || member.email.eq_ignore_ascii_case(by)
            || member.email.split('@').next().is_some_and(|handle| handle.eq_ignore_ascii_case(by))
    };
    state
        .members
        .iter()
        .find(named)
        .ok_or_else(|| refused(404, "Whoever makes the key must be a member; this is none."))
}

/// The workspace that was asked for; none for the whole organization.
fn place<'a>(state: &'a State, wanted: &str) -> Result<Option<&'a Workspace>, Refused> {
    let wanted = wanted.trim();
    if wanted == "*" {
        return Ok(None);
    }
    let named = |it: &&Workspace| match wanted {
        "" => it.is_default,
        wanted => it.id == wanted || it.name.eq_ignore_ascii_case(wanted),
    };
    let found = state.workspaces.iter().filter(named).min_by_key(|it| it.archived_at.is_some());
    let found = found.ok_or_else(|| refused(404, "There is no such workspace."))?;
    if found.archived_at.is_some() {
        return Err(refused(409, format!("{} is archived.", found.name)));
    }
    Ok(Some(found))
}

/// Developers and admins make keys, where they are developers or admins; restricted developers only their own.
fn may_make(state: &State, maker: &Member, home: Option<&Workspace>, kind: &str) -> Result<(), Refused> {
    if !["workspace", "personal", "service_account"].contains(&kind) {
        return Err(refused(400, "A key is of the kind workspace, personal or service_account."));
    }
    if !matches!(maker.role, Role::Developer | Role::Admin) {
        return Err(refused(403, format!("{} is no developer and cannot make keys.", maker.name)));
    }
    let Some(home) = home else {
        let ownerless = || refused(400, "A workspace's key needs a workspace.");
        return if kind == "workspace" { Err(ownerless()) } else { Ok(()) };
    };
    match state.role_in(home, maker) {
        Some(WorkspaceRole::Admin | WorkspaceRole::Developer) => Ok(()),
        Some(WorkspaceRole::RestrictedDeveloper) if kind == "personal" => Ok(()),
        Some(_) => Err(refused(403, format!("{} may not make such a key in {}.", maker.name, home.name))),
        None => Err(refused(403, format!("{} is not in {}.", maker.name, home.name))),
    }
}

/// The service account that is called like the key, made if there is none.
fn account(state: &mut State, tools: &Tools<'_>, key_name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let slug: String = key_name.chars().take(255).map(letter).collect();
    let known = state.service_accounts.iter().find(|it| it.name == slug && it.archived_at.is_none());
    if let Some(known) = known {
        return known.id.clone();
    }
    let id = ids::id(tools.random, "svac");
    let made = ServiceAccount { id, name: slug, description: None, created_at: tools.now, archived_at: None };
    let id = made.id.clone();
    state.service_accounts.push(made);
    id
}

pub(super) fn kind_name(kind: &KeyKind) -> &'static str {
    match kind {
        KeyKind::Workspace => "workspace",
        KeyKind::Personal(_) => "personal",
        KeyKind::ServiceAccount(_) => "service_account",
    }
}

fn workspace_shown(state: &State, workspace: &Workspace, now: Moment) -> Value {
    let here = state.keys.iter().filter(|key| key.workspace_id.as_ref() == Some(&workspace.id));
    let added = state.workspace_members.iter().filter(|row| row.workspace_id == workspace.id);
    json!({
        "id": workspace.id,
        "name": workspace.name,
        "color": workspace.display_color,
        "default": workspace.is_default,
        "archived": workspace.archived_at.is_some(),
        "members": added.count(),
        "active_keys": here.filter(|key| key.status(now) == KeyStatus::Active).count(),
    })
}

fn rule_shown(rule: &FederationRule) -> Value {
    json!({ "id": rule.id, "name": rule.name, "subject": rule.subject_prefix, "archived": rule.archived_at.is_some() })
}

fn member_shown(member: &Member) -> Value {
    json!({
        "id": member.id,
        "name": member.name,
        "email": member.email,
        "role": member.role.as_str(),
        "added_at": member.added_at,
    })
}
