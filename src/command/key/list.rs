//! `/claude key list`: one's own keys, or all of them for whoever looks after them.
//!
//! - Reads: the directory. Leaves behind: nothing.

use super::access::{self, Listed, Whose};
use super::named::{is_own, sees_all};
use crate::change::{Asker, Failure};
use crate::chat::{Block, Message, Table, Text};
use crate::command::ask::Listing;
use crate::command::{Outcome, Tools, find, listing};
use crate::domain::{Environment, WorkspaceName, spoken_name};
use crate::store::{ListedKey, Resource};

/// How many days before its end a key counts as expiring.
const SOON_MS: i64 = 30 * 86_400_000;
/// After so long without use a key counts as unused.
const IDLE_MS: i64 = 30 * 86_400_000;

/// API keys.
///
/// Yours; for whoever looks after them, all. From Steward's own copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "key list\nkey list --workspace research\nkey list --only unclaimed\nkey list --only expiring --only production"
)]
pub struct List {
    /// Only of this workspace.
    #[arg(long, value_name = "workspace")]
    pub workspace: Option<WorkspaceName>,
    /// Only some of them.
    #[arg(long, value_enum, ignore_case = true)]
    pub only: Vec<Only>,
    /// Also revoked ones.
    #[arg(long)]
    pub archived: bool,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// Which keys are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    /// Your own.
    Mine,
    /// Nobody asked for it.
    Unclaimed,
    /// To be replaced, or to end, within 30 days.
    Expiring,
    /// For production.
    Production,
    /// Works, and was not used for 30 days.
    Unused,
}

impl Only {
    fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Unclaimed => "unclaimed",
            Self::Expiring => "expiring",
            Self::Production => "production",
            Self::Unused => "unused",
        }
    }

    fn takes(self, tools: &Tools, asker: &Asker, it: &ListedKey) -> bool {
        let record = it.record.as_ref();
        match self {
            Self::Mine => is_own(asker, it),
            Self::Unclaimed => record.is_none() && it.key.kind == "workspace" && !it.in_stock,
            Self::Expiring => {
                let soon = tools.clock.now().as_millisecond() + SOON_MS;
                let ends = [it.key.expires_at, record.and_then(|it| it.rotate_at)];
                ends.into_iter().flatten().any(|at| at.as_millisecond() <= soon)
            }
            Self::Production => record.is_some_and(|it| it.environment == Environment::Production),
            Self::Unused => {
                let long_ago = tools.clock.now().as_millisecond() - IDLE_MS;
                let began = record.map_or(it.key.created_at, |it| it.since);
                it.key.status == "active" && it.used.last.unwrap_or(began).max(began).as_millisecond() <= long_ago
            }
        }
    }
}

impl List {
    /// Lists keys, by name.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the directory could not be read.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let workspace = match &self.workspace {
            Some(name) => Some(find::workspace(tools, name).await?.id),
            None => None,
        };
        let all = sees_all(asker) && !self.only.contains(&Only::Mine);
        let mut keys = tools.store.listed_keys(self.archived, tools.clock.now()).await?;
        keys.retain(|it| (all || is_own(asker, it)) && self.only.iter().all(|only| only.takes(tools, asker, it)));
        keys.retain(|it| workspace.is_none() || it.key.workspace_id == workspace);
        let access = self.access(tools, asker, workspace.as_deref()).await?;
        if self.listing.json {
            let rows: Vec<_> = keys.iter().map(as_json).chain(access.iter().map(access::as_json)).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let total = keys.len();
        let from = usize::try_from(self.listing.offset()).unwrap_or(usize::MAX).min(total);
        let shown = &keys[from..total.min(from + usize::try_from(listing::PAGE).unwrap_or(usize::MAX))];
        let whose = if all { "" } else { " of yours" };
        let mut message = Message::plain(match total {
            0 => format!("There is no such API key{whose}."),
            1 => format!("One API key{whose}."),
            _ => format!("{total} API keys{whose}."),
        });
        if !shown.is_empty() {
            message = message.block(Block::Table(table(shown)));
        }
        if let Some(table) = access::table(&access) {
            message = message.block(table);
        }
        let as_of = listing::as_of(tools, Resource::ApiKeys).await?;
        message = message.hint(as_of.then(" Look at one with ").command("key show …").then("."));
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Ok(Outcome::says(listing::paged(message, &self.listing, i64::try_from(total).unwrap_or(i64::MAX), &words)))
    }

    /// What is by tokens: never unclaimed, and it does not expire.
    async fn access(&self, tools: &Tools, asker: &Asker, workspace: Option<&str>) -> Result<Vec<Listed>, Failure> {
        let whose = if self.only.contains(&Only::Mine) { Whose::Own } else { Whose::Known };
        let fits = |environment: Option<Environment>| {
            self.only.iter().all(|only| match only {
                Only::Mine => true,
                Only::Production => environment == Some(Environment::Production),
                Only::Unclaimed | Only::Expiring | Only::Unused => false,
            })
        };
        access::listed(tools, asker, whose, workspace, fits).await
    }

    /// The command, without its page.
    fn words(&self) -> Vec<String> {
        let workspace = self.workspace.iter().flat_map(|it| ["--workspace".to_owned(), it.to_string()]);
        let only = self.only.iter().flat_map(|it| ["--only".to_owned(), it.as_str().to_owned()]);
        let archived = self.archived.then(|| "--archived".to_owned());
        ["key".to_owned(), "list".to_owned()].into_iter().chain(workspace).chain(only).chain(archived).collect()
    }
}

fn table(keys: &[ListedKey]) -> Table {
    let row = |it: &ListedKey| {
        let status = if it.in_stock { "in stock".to_owned() } else { it.key.status.clone() };
        let rotate = it.record.as_ref().and_then(|it| it.rotate_at);
        vec![
            Text::plain(spoken_name(&it.key.name)),
            Text::plain(it.workspace.clone().unwrap_or_else(|| "none".into())),
            Text::plain(whose(it)),
            Text::plain(status),
            Text::plain(it.key.hint.clone().unwrap_or_default()),
            it.used.last.map_or_else(|| Text::plain("-"), |at| Text::new().time(at)),
            rotate.map_or_else(|| Text::plain("-"), |at| Text::new().time(at)),
        ]
    };
    let columns = ["Key", "Workspace", "Owner", "State", "Hint", "Last used", "Replace by"];
    Table {
        caption: "API keys".into(),
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: keys.iter().map(row).collect(),
    }
}

fn whose(it: &ListedKey) -> String {
    let owner = it.owner.as_deref().unwrap_or("nobody");
    match it.record.as_ref().and_then(|it| it.team.as_deref()) {
        Some(team) => format!("{owner}, for {team}"),
        None => owner.to_owned(),
    }
}

pub(super) fn as_json(it: &ListedKey) -> serde_json::Value {
    let record = it.record.as_ref();
    serde_json::json!({
        "id": it.key.id, "name": it.key.name, "status": it.key.status, "kind": it.key.kind, "hint": it.key.hint,
        "workspace_id": it.key.workspace_id, "workspace": it.workspace, "owner": it.owner, "in_stock": it.in_stock,
        "team": record.and_then(|it| it.team.as_deref()),
        "purpose": record.map(|it| it.purpose.as_str()), "environment": record.map(|it| it.environment),
        "last_used_at": it.used.last, "tokens_7_days": it.used.week,
        "created_at": it.key.created_at, "expires_at": it.key.expires_at, "replace_by": record.and_then(|it| it.rotate_at),
    })
}
