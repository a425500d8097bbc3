//! What only the directory can suggest while somebody types. Leaves no row.

use clap::ValueEnum;

use super::complete::{Expected, Expecting};
use super::{Tools, complete};
use crate::change::{Asker, Failure};
use crate::domain::{Permission, Right, Toward, WorkspaceName, WorkspaceRole};
use crate::store::{ListedWorkspace, MemberFilter, RequestFilter};

/// How many are suggested; Discord shows no more.
const MOST: usize = 25;

/// More than an organization has; beyond that, names are typed.
const MOST_WORKSPACES: i64 = 1_000;

/// Suggestions for the last of `words`: what is inserted, what is read. Only from what the asker may see.
///
/// # Errors
///
/// [`Failure::Internal`] if the database could not be asked.
pub async fn suggestions(tools: &Tools, asker: &Asker, words: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    if let Some(expected) = complete::expects(words) {
        found = looked_up(tools, asker, &expected).await?;
    }
    found.extend(complete::suggest(words));
    found.truncate(MOST);
    Ok(found)
}

async fn looked_up(tools: &Tools, asker: &Asker, expected: &Expected) -> Result<Vec<(String, String)>, Failure> {
    let partial = expected.partial.trim_start_matches('@');
    let sees_members = asker.right(Permission::MemberSee, Toward::Other) == Right::Do;
    let pairs: Vec<(String, String)> = match expected.what {
        Expecting::Member | Expecting::Person if sees_members => {
            let filter = MemberFilter { find: Some(partial.to_owned()), role: None };
            let page = tools.store.members(&filter, 0, 25).await?;
            page.rows.into_iter().map(|it| (it.email, format!("{}, {}", it.name, it.role))).collect()
        }
        Expecting::Invite if sees_members => {
            let open = tools
                .store
                .invites(None)
                .await?
                .into_iter()
                .filter(|it| it.status == "pending" && it.email.contains(&partial.to_lowercase()));
            open.map(|it| (it.email, format!("invited as {}", it.role))).collect()
        }
        Expecting::Request => requests(tools, asker, partial).await?,
        Expecting::Workspace if sees_members => workspaces(tools, partial).await?,
        Expecting::Membership if sees_members => memberships(tools, partial).await?,
        _ => Vec::new(),
    };
    Ok(pairs.into_iter().map(|(value, read)| (format!("{}{value}", expected.before), read)).collect())
}

/// Workspaces that have this somewhere in their name.
async fn workspaces(tools: &Tools, partial: &str) -> Result<Vec<(String, String)>, Failure> {
    let all = tools.store.listed_workspaces(false, 0, MOST_WORKSPACES).await?.rows;
    let default = tools.store.default_workspace().await?.map(|it| it.id);
    let wanted = partial.trim().to_lowercase();
    let found = all.iter().filter(|it| it.workspace.name.to_lowercase().contains(&wanted));
    let suggested = found.map(|it| {
        let is_default = default.as_ref() == Some(&it.workspace.id);
        let name = if is_default { WorkspaceName::Default.to_string() } else { typed_as(it, &all) };
        let members = it.members_seen_at.map_or_else(String::new, |_| format!(", {} members", it.members));
        (name, format!("{}{members}", it.workspace.name))
    });
    let mut suggested: Vec<_> = suggested.collect();
    suggested.sort_by_key(|(_, read)| !read.to_lowercase().starts_with(&wanted));
    Ok(suggested)
}

/// What means exactly this workspace, in one word: its name, or its id where the name is several words or another's, too.
fn typed_as(it: &ListedWorkspace, all: &[ListedWorkspace]) -> String {
    let name = it.workspace.name.as_str();
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    let is_word = name.starts_with(char::is_alphanumeric) && name.chars().all(is_plain);
    let same = |other: &&ListedWorkspace| other.workspace.name.to_lowercase() == name.to_lowercase();
    let is_meant = name.parse() == Ok(WorkspaceName::Name(name.to_owned())) && all.iter().filter(same).count() == 1;
    if is_word && is_meant { name.to_owned() } else { it.workspace.id.clone() }
}

/// First the workspace, then, behind its colon, the role there.
async fn memberships(tools: &Tools, partial: &str) -> Result<Vec<(String, String)>, Failure> {
    let Some((workspace, role)) = partial.rsplit_once(':') else { return workspaces(tools, partial).await };
    let roles = WorkspaceRole::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let fitting = roles.filter(|it| it.get_name().contains(&role.to_lowercase()));
    let read = |it: &clap::builder::PossibleValue| it.get_help().map(ToString::to_string).unwrap_or_default();
    Ok(fitting.map(|it| (format!("{workspace}:{}", it.get_name()), read(&it))).collect())
}

async fn requests(tools: &Tools, asker: &Asker, partial: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut rows = tools.store.requests(&RequestFilter::Waiting, 100).await?;
    let own = asker.person.as_ref().map(|it| &it.id);
    rows.retain(|it| Some(&it.asked.asked_by) == own || asker.may_approve(&it.asked.decision));
    let pairs = rows.into_iter().map(|it| (it.id.to_string(), it.asked.plan.summary));
    Ok(pairs.filter(|(id, _)| id.to_lowercase().starts_with(&partial.to_lowercase())).collect())
}
