//! Who belongs into which workspace by the workspace map, compared with who is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{RoleMapFrom, WorkspaceRole};
use crate::chat::Account;
use crate::clock::Moment;

/// One line of the workspace map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceMapEntry {
    /// Whom it is about.
    pub from: RoleMapFrom,
    /// Where they belong, by name.
    pub workspace: String,
    /// As what.
    pub role: WorkspaceRole,
}

/// Somebody linked, with what the chats last said of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedPerson {
    /// The member they are.
    pub user_id: String,
    /// Their address in the organization.
    pub email: String,
    /// Their role in the organization, as the API calls it.
    pub role: String,
    /// Their linked accounts.
    pub accounts: Vec<Account>,
    /// The chat groups of all of them.
    pub groups: BTreeSet<String>,
    /// When the chats said so, of the account that was asked for longest ago; none if one was never asked for.
    pub seen: Option<Moment>,
}

/// A workspace of the map, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedPlace {
    /// `wrkspc_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who is in it, with their role there, as the API calls it.
    pub members: BTreeMap<String, String>,
}

/// What becomes of somebody in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Move {
    /// They come in.
    Add {
        /// As what.
        role: String,
    },
    /// Their role there changes.
    Change {
        /// What they are.
        from: String,
        /// What they become.
        to: String,
    },
    /// They leave.
    Remove {
        /// What they were.
        from: String,
    },
    /// They stay as they are.
    Keep {
        /// As what.
        role: String,
    },
    /// They belong there otherwise, but no call can bring it about.
    Cannot,
}

impl Move {
    /// The one word for it, in lists and options.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Add { .. } => "add",
            Self::Change { .. } => "change",
            Self::Remove { .. } => "remove",
            Self::Keep { .. } => "keep",
            Self::Cannot => "cannot",
        }
    }

    /// True if a call is made for it.
    #[must_use]
    pub fn is_call(&self) -> bool {
        matches!(self, Self::Add { .. } | Self::Change { .. } | Self::Remove { .. })
    }
}

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncLine {
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// Its name.
    pub workspace: String,
    /// `user_…`.
    pub user_id: String,
    /// Their address.
    pub email: String,
    /// What becomes of them.
    pub act: Move,
    /// Why, in words.
    pub why: String,
}

/// The whole comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncPlan {
    /// Everybody whom it is about: by workspace, then by address.
    pub lines: Vec<SyncLine>,
    /// Members of the workspaces of whom no chat account is known; nothing is done about them.
    pub unlinked: usize,
    /// Linked people of whom the chats have not said lately in which groups they are; nothing is done about them.
    pub unheard: usize,
    /// People in the groups of the map whose account is not linked, by group, where the platform can list them.
    pub strangers: BTreeMap<String, usize>,
    /// Workspaces of the map that the organization does not have.
    pub missing: Vec<String>,
}

impl SyncPlan {
    /// How many lines have this word.
    #[must_use]
    pub fn count(&self, word: &str) -> usize {
        self.lines.iter().filter(|it| it.act.word() == word).count()
    }

    /// Names what it would do, so that what is made is what was seen.
    ///
    /// # Panics
    ///
    /// Never: the calls are made of strings.
    #[must_use]
    pub fn mark(&self) -> String {
        let calls: Vec<_> = self.calls().map(|it| (&it.workspace_id, &it.user_id, &it.act)).collect();
        let body = serde_json::to_vec(&calls).expect("strings always have a JSON form");
        data_encoding::HEXLOWER.encode(&Sha256::digest(body)[..4])
    }

    /// The lines for which a call is made.
    pub fn calls(&self) -> impl Iterator<Item = &SyncLine> {
        self.lines.iter().filter(|it| it.act.is_call())
    }
}

/// Compares the map with what is. What the chats said before `since` is too old to act on.
#[must_use]
pub fn plan_sync(
    map: &[WorkspaceMapEntry],
    people: &[MappedPerson],
    places: &[MappedPlace],
    since: Moment,
) -> SyncPlan {
    let mut plan = SyncPlan::default();
    let is_heard = |person: &&MappedPerson| person.seen.is_some_and(|it| it >= since);
    plan.unheard = people.iter().filter(|it| !is_heard(it)).count();
    let mut places: Vec<&MappedPlace> = places.iter().collect();
    places.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    let linked: BTreeSet<&str> = people.iter().map(|it| it.user_id.as_str()).collect();
    for place in &places {
        let entries = about(map, place);
        let mut lines: Vec<SyncLine> =
            people.iter().filter(is_heard).filter_map(|person| line(&entries, person, place)).collect();
        lines.sort_by(|one, other| (&one.email, &one.user_id).cmp(&(&other.email, &other.user_id)));
        plan.lines.extend(lines);
        plan.unlinked += place.members.keys().filter(|it| !linked.contains(it.as_str())).count();
    }
    let named: BTreeSet<&str> = map.iter().map(|it| it.workspace.as_str()).collect();
    let is_there = |name: &str| places.iter().any(|it| it.name.eq_ignore_ascii_case(name) || it.id == name);
    plan.missing = named.into_iter().filter(|it| !is_there(it)).map(ToOwned::to_owned).collect();
    plan
}

/// What the map asks for of one person in one workspace; none if they neither are nor belong there.
#[must_use]
pub fn move_of(map: &[WorkspaceMapEntry], person: &MappedPerson, place: &MappedPlace) -> Option<Move> {
    line(&about(map, place), person, place).map(|it| it.act)
}

/// The lines of the map that speak of a workspace.
fn about<'a>(map: &'a [WorkspaceMapEntry], place: &MappedPlace) -> Vec<&'a WorkspaceMapEntry> {
    map.iter().filter(|it| it.workspace.eq_ignore_ascii_case(&place.name) || it.workspace == place.id).collect()
}

/// What becomes of one person in one workspace; none if they neither are nor belong there.
fn line(entries: &[&WorkspaceMapEntry], person: &MappedPerson, place: &MappedPlace) -> Option<SyncLine> {
    let is = place.members.get(&person.user_id);
    let due = entries.iter().filter(|it| is_meant(&it.from, person)).max_by_key(|it| rank(it.role));
    let (act, why) = match (is, due) {
        (None, None) => return None,
        // Admins and billing members of the organization are in every workspace, and cannot be put in or taken out.
        (_, Some(due)) if is_inherited(person) => (
            Move::Cannot,
            format!("{}, but {} of the organization is in every workspace by that", reason(due), person.role),
        ),
        (Some(role), None) if is_inherited(person) => {
            (Move::Keep { role: role.clone() }, format!("{} of the organization", person.role))
        }
        (None, Some(due)) => (Move::Add { role: due.role.to_string() }, reason(due)),
        (Some(role), Some(due)) if role == due.role.as_str() => (Move::Keep { role: role.clone() }, reason(due)),
        (Some(role), Some(due)) => (Move::Change { from: role.clone(), to: due.role.to_string() }, reason(due)),
        (Some(role), None) => (Move::Remove { from: role.clone() }, "in no group that belongs there".into()),
    };
    Some(SyncLine {
        workspace_id: place.id.clone(),
        workspace: place.name.clone(),
        user_id: person.user_id.clone(),
        email: person.email.clone(),
        act,
        why,
    })
}

fn is_meant(from: &RoleMapFrom, person: &MappedPerson) -> bool {
    match from {
        RoleMapFrom::Group(group) => person.groups.contains(group),
        RoleMapFrom::Account(account) => person.accounts.contains(account),
        RoleMapFrom::ClaudeRole(role) => person.role == *role,
    }
}

fn is_inherited(person: &MappedPerson) -> bool {
    matches!(person.role.as_str(), "admin" | "billing")
}

fn rank(role: WorkspaceRole) -> u8 {
    match role {
        WorkspaceRole::WorkspaceUser => 0,
        WorkspaceRole::WorkspaceRestrictedDeveloper => 1,
        WorkspaceRole::WorkspaceDeveloper => 2,
        WorkspaceRole::WorkspaceAdmin => 3,
    }
}

fn reason(due: &WorkspaceMapEntry) -> String {
    let whom = match &due.from {
        RoleMapFrom::Group(group) => format!("in {group}"),
        RoleMapFrom::Account(account) => format!("named as {account}"),
        RoleMapFrom::ClaudeRole(role) => format!("{role} of the organization"),
    };
    format!("{whom}, so {}", due.role)
}
