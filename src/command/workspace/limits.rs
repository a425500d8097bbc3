//! `/claude workspace limits <workspace>`: its rate limits beside the organization's; with `--set` and `--clear`, others.
//!
//! - Needs: [`crate::domain::Permission::MemberSee`], to change them [`crate::domain::Permission::WorkspaceManage`].
//! - Reads: the organization, two calls; limits are not kept in the directory. Proposes: [`SetWorkspaceLimits`]. Leaves
//!   behind: nothing.

use super::throttle::Listed;
use super::{LimitName, LimitValue, look};
use crate::change::{Failure, Proposal, SetWorkspaceLimits};
use crate::chat::{Block, Message, Table, Text, grouped};
use crate::claude::{LimitKind, LimitSource, RateLimit, WorkspaceRateLimit};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools, find, listing};
use crate::domain::WorkspaceName;
use crate::store::WorkspaceRow;
use crate::view::rate_limit;

/// Its rate limits beside the organization's.
///
/// The lower of the two counts. A change of a limit takes up to about an hour to work. A group of models goes by its name, a
/// model of it, or a part of either; what is counted is requests, input, output, or whatever the API calls it.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace limits research\n\
    workspace limits research --set opus:requests=100 --set opus:output=20000\n\
    workspace limits research --clear opus:requests\n\
    workspace limits research --clear all --dry-run")]
pub struct Limits {
    /// Name, wrkspc_… id or default.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// A limit of its own, such as opus:requests=100.
    #[arg(long, value_name = "group:limit=number", value_delimiter = ',')]
    pub set: Vec<LimitValue>,
    /// Take it away: opus:requests, opus or all.
    #[arg(long, value_name = "group:limit", value_delimiter = ',')]
    pub clear: Vec<LimitName>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// One thing that is counted: what the organization may use of it, and what the workspace may.
struct Pair {
    /// Names the entry when a limit is set.
    rate_limit_id: String,
    group: String,
    kind: LimitKind,
    organization: Option<u64>,
    /// The workspace's own.
    own: Option<u64>,
}

impl Limits {
    /// True if it is not only to be looked at.
    #[must_use]
    pub fn changes(&self) -> bool {
        !self.set.is_empty() || !self.clear.is_empty()
    }

    /// Shows both, read just now; or proposes others.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no workspace or several are meant, [`Failure::Upstream`] if Anthropic could not be asked.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let workspace = find::workspace(tools, &self.workspace).await?;
        let (own, organization) = look::limits(tools, &workspace).await?;
        if self.changes() {
            let listed = Listed { organization: &organization, own: &own };
            let groups = listed.meant(&self.set, &self.clear)?;
            let proposal = SetWorkspaceLimits { workspace_id: workspace.id, groups };
            return Ok(Outcome::proposes(self.ask.request(Proposal::WorkspaceLimits(proposal))));
        }
        let pairs = pairs(&organization, &own);
        if self.json {
            let rows: Vec<_> = pairs.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let has_own = pairs.iter().any(|it| it.own.is_some());
        let headline = if has_own { " has rate limits of its own." } else { " has no rate limits of its own." };
        let message = Message::new(Text::new().strong(workspace.name.clone()).then(headline))
            .block(Block::Table(table(&pairs)))
            .paragraph("The lower of the two counts. A change takes up to about an hour to work.")
            .hint("Read from Anthropic just now.");
        Ok(Outcome::says(match why_none(tools, &workspace).await? {
            Some(why) => message.paragraph(why),
            None => message,
        }))
    }
}

/// Why no limit of its own can be set on a workspace; none if one can.
async fn why_none(tools: &Tools, workspace: &WorkspaceRow) -> Result<Option<&'static str>, Failure> {
    let is_default = tools.store.default_workspace().await?.is_some_and(|it| it.id == workspace.id);
    Ok(match workspace.archived_at {
        _ if is_default => Some("This is the Default Workspace: it can have no limits of its own."),
        Some(_) => Some("It is archived: its limits can no longer be changed."),
        None => None,
    })
}

/// Everything that is counted, as the organization lists it; then what is counted for the workspace alone.
fn pairs(organization: &[RateLimit], own: &[WorkspaceRateLimit]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for entry in organization {
        let here = own.iter().find(|it| it.rate_limit_id == entry.id);
        let group = rate_limit::group(entry.group.as_ref(), &entry.models);
        pairs.extend(entry.limits.iter().map(|limit| Pair {
            rate_limit_id: entry.id.clone(),
            group: group.clone(),
            kind: limit.kind.clone(),
            organization: limit.value,
            own: here.and_then(|it| own_value(it, &limit.kind)),
        }));
        let alone = here.into_iter().flat_map(|it| it.limits.iter().map(|limit| &limit.kind));
        let alone = alone.filter(|kind| entry.limits.iter().all(|it| it.kind != **kind));
        pairs.extend(alone.map(|kind| Pair {
            rate_limit_id: entry.id.clone(),
            group: group.clone(),
            kind: kind.clone(),
            organization: None,
            own: here.and_then(|it| own_value(it, kind)),
        }));
    }
    pairs
}

fn own_value(entry: &WorkspaceRateLimit, kind: &LimitKind) -> Option<u64> {
    entry.limit(kind).filter(|it| it.source == LimitSource::Workspace).and_then(|it| it.value)
}

fn table(pairs: &[Pair]) -> Table {
    let number = |value: Option<u64>, none: &str| value.map_or_else(|| none.to_owned(), grouped);
    let row = |it: &Pair| {
        vec![
            Text::plain(it.group.clone()),
            Text::plain(rate_limit::limit(&it.kind)),
            Text::plain(number(it.organization, "none")),
            Text::plain(number(it.own, "the same")),
        ]
    };
    Table {
        caption: "Rate limits of the organization and of this workspace".into(),
        columns: ["For", "Limit", "Organization", "This workspace"].map(ToOwned::to_owned).to_vec(),
        rows: pairs.iter().map(row).collect(),
    }
}

fn as_json(it: &Pair) -> serde_json::Value {
    serde_json::json!({
        "rate_limit_id": it.rate_limit_id, "group": it.group, "type": it.kind.as_str(),
        "organization": it.organization, "workspace": it.own,
    })
}
