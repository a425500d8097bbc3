//! Reads one workspace again, as it is now: itself, its members, its keys and its rate limits, and writes into the directory
//! what belongs there.

use futures_util::try_join;

use crate::change::Failure;
use crate::chat::Text;
use crate::claude::{Error, KeyFilter, Pages, RateLimit, WorkspaceRateLimit};
use crate::command::Tools;
use crate::store::{Pass, WorkspaceRow};
use crate::view;

/// What was found of a workspace beside what the directory keeps.
pub(super) struct Looked {
    /// Its rate limits, its own and the organization's; none if Anthropic could not be asked.
    pub(super) limits: Option<Vec<WorkspaceRateLimit>>,
    /// How old everything is.
    pub(super) age: Text,
}

/// Reads a workspace from the organization, or says how old the copy is.
///
/// # Errors
///
/// [`Failure::Mistake`] if it is no longer there, [`Failure::Internal`] if the database could not be asked.
pub(super) async fn afresh(tools: &Tools, workspace: &WorkspaceRow) -> Result<Looked, Failure> {
    match read(tools, workspace).await {
        Ok(limits) => Ok(Looked { limits: Some(limits), age: Text::plain("Read from Anthropic just now.") }),
        Err(Failure::Upstream(_)) => {
            let age = Text::plain("Anthropic could not be asked. ").join(age(tools, workspace).await?);
            Ok(Looked { limits: None, age })
        }
        Err(failure) => Err(failure),
    }
}

/// How old the directory's word on a workspace's members is.
///
/// # Errors
///
/// [`Failure::Internal`] if the database could not be asked.
pub(super) async fn age(tools: &Tools, workspace: &WorkspaceRow) -> Result<Text, Failure> {
    Ok(match tools.store.members_seen_at(&workspace.id).await? {
        Some(at) => Text::plain(format!("As of {}.", view::age(at, tools.clock.now()))),
        None => Text::plain("Its members were never looked at yet."),
    })
}

/// The rate limits of a workspace and of the organization.
///
/// # Errors
///
/// [`Failure::Mistake`] if the workspace is no longer there, [`Failure::Upstream`] if they could not be read.
pub(super) async fn limits(
    tools: &Tools,
    workspace: &WorkspaceRow,
) -> Result<(Vec<WorkspaceRateLimit>, Vec<RateLimit>), Failure> {
    let reader = &tools.reader;
    let own = reader.workspace_rate_limits(&workspace.id).collect_all();
    match try_join!(own, reader.rate_limits().collect_all()) {
        Ok(both) => Ok(both),
        Err(error) if error.is_not_found() => Err(gone(tools, workspace).await?),
        Err(error) => Err(error.into()),
    }
}

async fn read(tools: &Tools, workspace: &WorkspaceRow) -> Result<Vec<WorkspaceRateLimit>, Failure> {
    let (reader, id, now) = (&tools.reader, workspace.id.as_str(), tools.clock.now());
    let found = match reader.workspace(id).await {
        Ok(found) => found,
        Err(error) if error.is_not_found() => return Err(gone(tools, workspace).await?),
        Err(error) => return Err(error.into()),
    };
    let filter = KeyFilter { workspace_id: Some(id.to_owned()), ..KeyFilter::default() };
    let (members, keys, limits) = try_join!(
        rows(reader.workspace_members(id)),
        rows(reader.api_keys(&filter)),
        rows(reader.workspace_rate_limits(id)),
    )?;
    let members: Vec<_> = members.into_iter().map(Into::into).collect();
    tools.store.write_page(&Pass::Workspaces(vec![found.into()]), now).await?;
    tools.store.write_memberships(id, &members, now).await?;
    tools.store.write_page(&Pass::ApiKeys(keys.into_iter().map(Into::into).collect()), now).await?;
    Ok(limits)
}

/// All rows of a list. What an archived workspace no longer tells is nothing, not trouble.
async fn rows<T>(pages: Pages<T>) -> Result<Vec<T>, Error> {
    match pages.collect_all().await {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        answer => answer,
    }
}

async fn gone(tools: &Tools, workspace: &WorkspaceRow) -> Result<Failure, Failure> {
    tools.store.workspace_gone(&workspace.id, tools.clock.now()).await?;
    Ok(Failure::mistake(
        format!("The workspace {} is no longer there.", workspace.name),
        Text::plain("All of them: ").command("workspace list").then("."),
    ))
}
