//! `/claude workspace show <workspace>`: who works in it, which keys live in it, and what it may use.
//!
//! - Needs: [`Permission::MemberSee`]; other people's keys are shown to whoever manages members or keys.
//! - Reads: the organization, four calls, on the first page; the directory on the others. Leaves behind: the directory as it
//!   was found.

use super::look::{self, Looked};
use super::offers::offers;
use super::words;
use crate::change::{Asker, Failure};
use crate::chat::{Block, Button, Message, Table, Text, grouped};
use crate::claude::{LimitSource, WorkspaceRateLimit};
use crate::command::ask::Listing;
use crate::command::{Outcome, Tools, find, listing};
use crate::domain::{Permission, Right, Toward, WorkspaceName};
use crate::store::{KeysOf, Page, WorkspaceKeyRow, WorkspaceMemberRow, WorkspaceRow};
use crate::view::rate_limit;

/// More than a workspace can have.
const ALL: i64 = 100_000;

/// One workspace, its members and API keys.
///
/// Read again from Anthropic at once. You see your own API keys there; an admin sees all of them.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "workspace show research\nworkspace show default\nworkspace show research --page 2")]
pub struct Show {
    /// Name, wrkspc_… id or default.
    #[arg(value_name = "workspace")]
    pub workspace: WorkspaceName,
    /// How its members and keys are shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// What is shown of a workspace.
struct Content {
    workspace: WorkspaceRow,
    members: Page<WorkspaceMemberRow>,
    keys: Page<WorkspaceKeyRow>,
    /// The keys are the asker's own alone.
    only_own: bool,
}

impl Show {
    /// Shows one workspace, read again from the organization just now; if that fails, as recorded, and says so.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no workspace or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let recorded = find::workspace(tools, &self.workspace).await?;
        let is_first = self.listing.number() == 1;
        let looked = if is_first || self.listing.json {
            look::afresh(tools, &recorded).await?
        } else {
            Looked { limits: None, age: look::age(tools, &recorded).await? }
        };
        let content = self.content(tools, asker, recorded).await?;
        if self.listing.json {
            return Ok(Outcome::says(listing::json(&as_json(tools, &content, looked.limits.as_deref()))));
        }
        let id = content.workspace.id.clone();
        let mut message = Message::new(Text::new().strong(content.workspace.name.clone()));
        if is_first {
            message = message.fields(facts(tools, &content)).fields(limits(looked.limits.as_deref()));
        }
        message = with_tables(message, &content).hint(looked.age);
        if !is_first && content.members.rows.is_empty() && content.keys.rows.is_empty() {
            message = message.paragraph("Nothing is left for this page.");
        }
        if is_first {
            message = message.button(Button::new("Rate limits", &["workspace", "limits", &id]));
            let is_default = tools.store.default_workspace().await?.is_some_and(|it| it.id == id);
            // All of them are on the first page, or they are too many to be sure that somebody is not among them.
            let knows_all = usize::try_from(content.members.total).is_ok_and(|it| it == content.members.rows.len());
            if content.workspace.archived_at.is_none() && !is_default {
                let offers = offers(asker, &content.workspace, content.members.rows.as_slice());
                message = offers
                    .into_iter()
                    .filter(|it| knows_all || it.label != "Ask to join")
                    .fold(message, Message::button);
            }
        }
        let longest = content.members.total.max(content.keys.total);
        Ok(Outcome::says(listing::paged(message, &self.listing, longest, &["workspace", "show", &id])))
    }

    /// From the directory, which was just renewed.
    async fn content(&self, tools: &Tools, asker: &Asker, recorded: WorkspaceRow) -> Result<Content, Failure> {
        let (offset, limit) = if self.listing.json { (0, ALL) } else { (self.listing.offset(), listing::PAGE) };
        let id = recorded.id.clone();
        let manages = [Permission::MemberManage, Permission::KeyManage]
            .into_iter()
            .any(|it| asker.right(it, Toward::Other) == Right::Do);
        let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref()).filter(|_| asker.linked);
        let keys = match own {
            _ if manages => tools.store.workspace_keys(&id, KeysOf::All, offset, limit).await?,
            Some(member) => tools.store.workspace_keys(&id, KeysOf::Member(member), offset, limit).await?,
            None => Page { rows: Vec::new(), total: 0 },
        };
        Ok(Content {
            workspace: tools.store.workspace(&id).await?.unwrap_or(recorded),
            members: tools.store.workspace_members(&id, offset, limit).await?,
            keys,
            only_own: !manages,
        })
    }
}

fn facts(tools: &Tools, content: &Content) -> Vec<(String, Text)> {
    let Content { workspace, members, keys, only_own } = content;
    let mut facts = vec![
        ("Id".to_owned(), Text::new().code(workspace.id.clone())),
        ("Made".into(), Text::new().time(workspace.created_at)),
    ];
    if let Some(at) = workspace.archived_at {
        facts.push(("Archived".into(), Text::new().time(at).then("; its API keys no longer work")));
    }
    facts.push(("Environment".into(), Text::plain(words::environment(&tools.rules.now(), &workspace.name))));
    facts.push(("Members".into(), Text::plain(members.total.to_string())));
    let label = if *only_own { "Your API keys here" } else { "API keys" };
    facts.push((label.into(), Text::plain(keys.total.to_string())));
    facts
}

/// One line for each group of models that the workspace has a limit of its own for; the others are the organization's.
fn limits(limits: Option<&[WorkspaceRateLimit]>) -> Vec<(String, Text)> {
    let all = |what: &str| ("Rate limits".to_owned(), Text::plain(what));
    let Some(limits) = limits else { return vec![all("not known at the moment")] };
    let has_own = |it: &&WorkspaceRateLimit| it.limits.iter().any(|limit| limit.source == LimitSource::Workspace);
    let own: Vec<&WorkspaceRateLimit> = limits.iter().filter(has_own).collect();
    if own.is_empty() {
        return vec![all("the organization's, none of its own")];
    }
    let line = |entry: &WorkspaceRateLimit| {
        let all = entry.limits.iter().map(|it| {
            let value = it.value.map_or_else(|| "no number".to_owned(), grouped);
            let whose = match (&it.source, it.org_limit) {
                (LimitSource::Workspace, Some(most)) => {
                    format!(" (its own; the organization's is {})", grouped(most))
                }
                (LimitSource::Workspace, None) => " (its own)".to_owned(),
                _ => String::new(),
            };
            format!("{value} {}{whose}", rate_limit::limit(&it.kind))
        });
        let group = rate_limit::group(entry.group.as_ref(), &entry.models);
        (format!("Rate limits, {group}"), Text::plain(all.collect::<Vec<_>>().join("; ")))
    };
    let others = all("the organization's, for everything that is not named above");
    own.into_iter().map(line).chain([others]).collect()
}

fn with_tables(mut message: Message, content: &Content) -> Message {
    let name = &content.workspace.name;
    let knows_since = content.members.rows.iter().any(|it| it.since.is_some());
    let columns = ["Member", "Address", "Role here", "Seen here since"];
    let columns = if knows_since { &columns[..] } else { &columns[..3] };
    if !content.members.rows.is_empty() {
        message = message.block(Block::Table(Table {
            caption: format!("Members of {name}"),
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: content.members.rows.iter().map(|it| member(it, knows_since)).collect(),
        }));
    }
    if !content.keys.rows.is_empty() {
        let whose = if content.only_own { "Your API keys in" } else { "API keys in" };
        message = message.block(Block::Table(Table {
            caption: format!("{whose} {name}"),
            columns: ["API key", "Kind", "Owner", "State"].map(ToOwned::to_owned).to_vec(),
            rows: content.keys.rows.iter().map(key).collect(),
        }));
    }
    message
}

fn member(it: &WorkspaceMemberRow, with_since: bool) -> Vec<Text> {
    // What comes from the role in the organization can only be changed there.
    let inherited = match (it.role.as_deref(), it.workspace_role.as_str()) {
        (Some("admin"), "workspace_admin") => ", as an admin of the organization",
        (Some("billing"), "workspace_billing") => ", by the role billing in the organization",
        _ => "",
    };
    let mut cells = vec![
        it.name.clone().map_or_else(|| Text::new().code(it.user_id.clone()), Text::plain),
        Text::plain(it.email.clone().unwrap_or_else(|| "not known yet".into())),
        Text::plain(format!("{}{inherited}", it.workspace_role)),
    ];
    if with_since {
        cells.push(it.since.map_or_else(|| Text::plain("not known"), |at| Text::new().time(at)));
    }
    cells
}

fn key(it: &WorkspaceKeyRow) -> Vec<Text> {
    vec![
        Text::plain(it.key.name.clone()),
        Text::plain(it.key.kind.replace('_', " ")),
        words::owner(it),
        words::state(it),
    ]
}

fn as_json(tools: &Tools, content: &Content, limits: Option<&[WorkspaceRateLimit]>) -> serde_json::Value {
    let member = |it: &WorkspaceMemberRow| {
        serde_json::json!({
            "user_id": it.user_id, "name": it.name, "email": it.email, "workspace_role": it.workspace_role,
            "role": it.role, "since": it.since,
        })
    };
    let key = |it: &WorkspaceKeyRow| {
        serde_json::json!({
            "id": it.key.id, "name": it.key.name, "kind": it.key.kind, "status": it.key.status,
            "owner_id": it.key.owner_id, "owner": it.owner, "created_by": it.key.created_by, "maker": it.maker,
            "hint": it.key.hint, "created_at": it.key.created_at, "expires_at": it.key.expires_at,
        })
    };
    let limit = |entry: &WorkspaceRateLimit| {
        let values = entry.limits.iter().map(|it| {
            serde_json::json!({
                "type": it.kind.as_str(), "value": it.value, "organization": it.org_limit, "source": it.source.as_str(),
            })
        });
        serde_json::json!({
            "rate_limit_id": entry.rate_limit_id, "group": rate_limit::group(entry.group.as_ref(), &entry.models),
            "models": entry.models, "limits": values.collect::<Vec<_>>(),
        })
    };
    let workspace = &content.workspace;
    serde_json::json!({
        "id": workspace.id, "name": workspace.name, "created_at": workspace.created_at, "archived_at": workspace.archived_at,
        "environment": tools.rules.now().place(&workspace.name).environment.as_str(),
        "members": content.members.rows.iter().map(member).collect::<Vec<_>>(),
        "api_keys": content.keys.rows.iter().map(key).collect::<Vec<_>>(), "only_own_api_keys": content.only_own,
        "rate_limits": limits.map(|all| all.iter().map(limit).collect::<Vec<_>>()),
    })
}
