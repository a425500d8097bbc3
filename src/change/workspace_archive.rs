//! Archiving a workspace: one `POST` on `/v1/organizations/workspaces/{id}/archive`. Every key in it dies, for good.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::close_workspace::CloseWorkspace;
use super::draft::Draft;
use super::effect::Effect;
use super::failure::Failure;
use super::placing::place;
use super::world::{Seen, World};
use crate::domain::{Fact, Plan, Step};
use crate::store::WorkspaceKeyRow;

/// What Anthropic makes anew whenever somebody signs in to Claude Code.
const CLAUDE_CODE: &str = "Claude Code";

/// The workspace to archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveWorkspace {
    /// `wrkspc_…`.
    pub workspace_id: String,
}

impl ArchiveWorkspace {
    pub(super) fn plan(&self, world: &World) -> Result<Draft, Failure> {
        let seen = place(world, &self.workspace_id, "it cannot be archived")?;
        let workspace = &seen.workspace;
        let keys: Vec<&WorkspaceKeyRow> = seen.keys.iter().filter(|it| it.key.status != "expired").collect();
        let with = match keys.len() {
            0 => "in which there is no API key".to_owned(),
            1 => "and with it 1 API key".to_owned(),
            count => format!("and with it {count} API keys"),
        };
        let effect = CloseWorkspace { workspace_id: workspace.id.clone(), workspace: workspace.name.clone() };
        let mut before = vec![
            Fact::new("Members", members(seen)),
            Fact::new("API keys, which stop for good", keys.len().to_string()),
        ];
        before.extend(key_facts(&keys));
        if workspace.name == CLAUDE_CODE {
            before.push(Fact::new("Note", "Anthropic makes it anew when somebody signs in to Claude Code"));
        }
        let plan = Plan {
            summary: format!("archive the workspace {}, {with}", workspace.name),
            steps: vec![Step {
                call: format!("POST /v1/organizations/workspaces/{}/archive", workspace.id),
                does: format!(
                    "{} is closed and every API key in it stops at once; nothing brings them back",
                    workspace.name
                ),
                exact: String::new(),
            }],
            before,
            after: vec![Fact::new("Workspace", "archived, for good")],
            cost: None,
            undo: None,
        };
        Ok(Draft { plan, effects: vec![Effect::CloseWorkspace(effect)] })
    }
}

/// Who is in it, by address.
fn members(seen: &Seen) -> String {
    let each = seen.members.iter().map(|(member, role)| format!("{} ({role})", member.email));
    let each: Vec<String> = each.collect();
    if each.is_empty() { "none".into() } else { each.join(", ") }
}

/// A line for each key: whose it is, and the day it was made. No age in days: what was approved today is the same tomorrow.
fn key_facts(keys: &[&WorkspaceKeyRow]) -> Vec<Fact> {
    let mut once = BTreeSet::new();
    let twice: BTreeSet<&str> = keys.iter().map(|it| it.key.name.as_str()).filter(|it| !once.insert(*it)).collect();
    let fact = |it: &&WorkspaceKeyRow| {
        let key = &it.key;
        let id = if twice.contains(key.name.as_str()) { format!(" ({})", key.id) } else { String::new() };
        Fact::new(&format!("API key {}{id}", key.name), whose(it))
    };
    keys.iter().map(fact).collect()
}

/// Whose a key is, as far as the directory knows, and the day it was made.
fn whose(it: &WorkspaceKeyRow) -> String {
    let made_by =
        || it.maker.clone().or_else(|| it.key.created_by.clone()).unwrap_or_else(|| "somebody unknown".into());
    let day = it.key.created_at.strftime("%Y-%m-%d");
    match it.key.kind.as_str() {
        "workspace" => format!("the workspace's, made by {} on {day}", made_by()),
        kind => {
            let owner = it.owner.clone().or_else(|| it.key.owner_id.clone());
            let (owner, kind) = (owner.unwrap_or_else(|| "not known".into()), kind.replace('_', " "));
            format!("{owner} ({kind}), made on {day}")
        }
    }
}
