//! Reads a part of the organization again, as it is, and writes it into the directory.

use futures_util::TryStreamExt;

use super::failure::Failure;
use crate::claude::{self, Reader};
use crate::clock::Moment;
use crate::store::{MembershipRow, Pass, Store};

pub(super) async fn look_at_workspace(store: &Store, reader: &Reader, id: &str, at: Moment) -> Result<(), Failure> {
    match reader.workspace(id).await {
        Ok(workspace) => Ok(store.write_page(&Pass::Workspaces(vec![workspace.into()]), at).await?),
        Err(error) if error.is_not_found() => Ok(store.workspace_gone(id, at).await?),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn look_at_all_workspaces(store: &Store, reader: &Reader, at: Moment) -> Result<(), Failure> {
    let all = claude::WorkspaceFilter { include_archived: true, include_default: true };
    let found = reader.workspaces(all).collect_all().await?;
    Ok(store.write_page(&Pass::Workspaces(found.into_iter().map(Into::into).collect()), at).await?)
}

pub(super) async fn look_at_seat(
    store: &Store,
    reader: &Reader,
    (workspace_id, user_id): (&str, &str),
    at: Moment,
) -> Result<(), Failure> {
    look_at_workspace(store, reader, workspace_id, at).await?;
    match reader.user(user_id).await {
        Ok(user) => store.write_page(&Pass::Members(vec![user.into()]), at).await?,
        Err(error) if error.is_not_found() => return Ok(store.member_gone(user_id, at).await?),
        Err(error) => return Err(error.into()),
    }
    let role = match reader.workspace_member(workspace_id, user_id).await {
        Ok(found) => Some(MembershipRow::from(found).workspace_role),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error.into()),
    };
    Ok(store.write_seat((workspace_id, user_id), role.as_deref(), at).await?)
}

pub(super) async fn look_at_members(store: &Store, reader: &Reader, id: &str, at: Moment) -> Result<(), Failure> {
    let members: Vec<MembershipRow> = match reader.workspace_members(id).collect_all().await {
        Ok(members) => members.into_iter().map(Into::into).collect(),
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(store.write_memberships(id, &members, at).await?)
}

pub(super) async fn look_at_keys(store: &Store, reader: &Reader, id: &str, at: Moment) -> Result<(), Failure> {
    let filter = claude::KeyFilter { workspace_id: Some(id.to_owned()), ..claude::KeyFilter::default() };
    let mut pages = reader.api_keys(&filter);
    while let Some(page) = pages.try_next().await? {
        store.write_page(&Pass::ApiKeys(page.items.into_iter().map(Into::into).collect()), at).await?;
    }
    Ok(())
}

pub(super) async fn look_at_email(store: &Store, reader: &Reader, email: &str, at: Moment) -> Result<(), Failure> {
    let users = claude::UserFilter { email: Some(email.to_owned()), ..claude::UserFilter::default() };
    let invites = claude::InviteFilter { email: Some(email.to_owned()), ..claude::InviteFilter::default() };
    let (members, invites) = (reader.users(&users).collect_all().await?, reader.invites(&invites).collect_all().await?);
    for recorded in store.members_at(email).await? {
        if !members.iter().any(|it| it.id == recorded.id) {
            store.member_gone(&recorded.id, at).await?;
        }
    }
    for recorded in store.invites(Some(email)).await? {
        if !invites.iter().any(|it| it.id == recorded.id) {
            store.invite_gone(&recorded.id, at).await?;
        }
    }
    store.write_page(&Pass::Members(members.into_iter().map(Into::into).collect()), at).await?;
    store.write_page(&Pass::Invites(invites.into_iter().map(Into::into).collect()), at).await?;
    Ok(())
}

pub(super) async fn look_at_member(store: &Store, reader: &Reader, id: &str, at: Moment) -> Result<(), Failure> {
    match reader.user(id).await {
        Ok(user) => store.write_page(&Pass::Members(vec![user.into()]), at).await?,
        Err(error) if error.is_not_found() => return Ok(store.member_gone(id, at).await?),
        Err(error) => return Err(error.into()),
    }
    let filter = claude::KeyFilter { created_by_user_id: Some(id.to_owned()), ..claude::KeyFilter::default() };
    let mut pages = reader.api_keys(&filter);
    while let Some(page) = pages.try_next().await? {
        store.write_page(&Pass::ApiKeys(page.items.into_iter().map(Into::into).collect()), at).await?;
    }
    Ok(())
}
