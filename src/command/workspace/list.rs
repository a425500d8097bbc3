//! `/claude workspace list`: all workspaces, from Steward's own copy.
//!
//! - Needs: [`crate::domain::Permission::MemberSee`]. Reads: the directory. Leaves behind: nothing.

use std::collections::BTreeSet;

use super::words;
use crate::change::Failure;
use crate::chat::{Block, Message, Table, Text};
use crate::command::ask::Listing;
use crate::command::{Outcome, Tools, listing};
use crate::store::{ListedWorkspace, Resource};

/// More than an organization can have.
const ALL: i64 = 100_000;

/// All workspaces.
///
/// How many members and API keys each has, and what the configuration says it is for. From Steward's own copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace list\nworkspace list --archived\nworkspace list --page 2")]
pub struct List {
    /// Also archived ones.
    #[arg(long)]
    pub archived: bool,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

impl List {
    /// Lists workspaces from the directory, by name.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the directory could not be read.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        if self.listing.json {
            let all = tools.store.listed_workspaces(self.archived, 0, ALL).await?;
            let rows: Vec<_> = all.rows.iter().map(|it| as_json(tools, it)).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let page = tools.store.listed_workspaces(self.archived, self.listing.offset(), listing::PAGE).await?;
        let mut message = Message::plain(match (page.total, page.rows.len()) {
            (0, _) => "There is no workspace.".to_owned(),
            (1, _) => "One workspace.".to_owned(),
            (total, shown) if usize::try_from(total).is_ok_and(|it| it == shown) => format!("{total} workspaces."),
            (total, 0) => format!("{total} workspaces, none of them on this page."),
            (total, shown) => format!(
                "Workspaces {} to {} of {total}.",
                self.listing.offset() + 1,
                self.listing.offset() + i64::try_from(shown).unwrap_or(0)
            ),
        });
        if !page.rows.is_empty() {
            message = message.block(Block::Table(self.table(tools, &page.rows)));
        }
        message = message.hint(listing::as_of(tools, Resource::Workspaces).await?);
        let words: &[&str] = if self.archived { &["workspace", "list", "--archived"] } else { &["workspace", "list"] };
        Ok(Outcome::says(listing::paged(message, &self.listing, page.total, words)))
    }

    fn table(&self, tools: &Tools, rows: &[ListedWorkspace]) -> Table {
        let name = |it: &ListedWorkspace| it.workspace.name.to_lowercase();
        let mut once = BTreeSet::new();
        let twice: BTreeSet<String> = rows.iter().map(name).filter(|it| !once.insert(it.clone())).collect();
        let row = |it: &ListedWorkspace| {
            let shown = Text::plain(it.workspace.name.clone());
            let shown = if twice.contains(&name(it)) { shown.then(" ").code(it.workspace.id.clone()) } else { shown };
            let members = it.members_seen_at.map_or_else(|| "not known yet".to_owned(), |_| it.members.to_string());
            let mut cells = vec![
                shown,
                Text::plain(words::environment(&tools.rules.now(), &it.workspace.name)),
                Text::plain(members),
                Text::plain(it.keys.to_string()),
            ];
            if self.archived {
                cells.push(it.workspace.archived_at.map_or_else(|| Text::plain("no"), |at| Text::new().time(at)));
            }
            cells
        };
        let columns = ["Workspace", "Environment", "Members", "API keys", "Archived"];
        let shown = if self.archived { &columns[..] } else { &columns[..4] };
        Table {
            caption: "Workspaces of the organization".into(),
            columns: shown.iter().map(ToString::to_string).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }
}

fn as_json(tools: &Tools, it: &ListedWorkspace) -> serde_json::Value {
    serde_json::json!({
        "id": it.workspace.id, "name": it.workspace.name, "created_at": it.workspace.created_at,
        "archived_at": it.workspace.archived_at, "environment": tools.rules.now().place(&it.workspace.name).environment.as_str(),
        "members": it.members, "members_seen_at": it.members_seen_at, "api_keys": it.keys,
    })
}
