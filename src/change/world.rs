//! The part of the organization that a change looks at: first as recorded, then, before anything is sent, as it is.

use futures_util::TryStreamExt;

use super::failure::Failure;
use crate::claude::{self, Reader};
use crate::clock::Moment;
use crate::store::{self, ApiKeyRow, InviteRow, MemberRow, Pass, Store, WorkspaceRow};

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Everything that has this address.
    Email(String),
    /// A member and what is theirs.
    Member(String),
    /// One invitation.
    Invite(String),
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The members in question.
    pub members: Vec<MemberRow>,
    /// The invitations in question, newest first, whatever their state.
    pub invites: Vec<InviteRow>,
    /// The member's keys, by name.
    pub keys: Vec<ApiKeyRow>,
    /// The member's workspaces, by name, with their role in each.
    pub workspaces: Vec<(WorkspaceRow, String)>,
    /// When it was looked at.
    pub at: Moment,
}

impl World {
    /// As the directory has it.
    ///
    /// # Errors
    ///
    /// [`store::Error`] if the database could not be asked.
    pub async fn recorded(store: &Store, looks: &Looks, at: Moment) -> Result<Self, store::Error> {
        let mut world = Self { at, ..Self::default() };
        match looks {
            Looks::Email(email) => {
                world.members = store.members_at(email).await?;
                world.invites = store.invites(Some(email)).await?;
            }
            Looks::Member(id) => {
                world.members.extend(store.member(id).await?);
                world.keys = store.keys_of(id).await?;
                world.workspaces = store.workspaces_of(id).await?;
            }
            Looks::Invite(id) => world.invites.extend(store.invite(id).await?),
        }
        Ok(world)
    }

    /// As it is: read from the organization, written into the directory, and taken from there.
    ///
    /// # Errors
    ///
    /// That the organization or the database could not be asked.
    pub async fn fresh(store: &Store, reader: &Reader, looks: &Looks, at: Moment) -> Result<Self, Failure> {
        match looks {
            Looks::Email(email) => look_at_email(store, reader, email, at).await?,
            Looks::Member(id) => look_at_member(store, reader, id, at).await?,
            Looks::Invite(id) => match reader.invite(id).await {
                Ok(invite) => store.write_page(&Pass::Invites(vec![invite.into()]), at).await?,
                Err(error) if error.is_not_found() => store.invite_gone(id, at).await?,
                Err(error) => return Err(error.into()),
            },
        }
        Ok(Self::recorded(store, looks, at).await?)
    }

    /// The invitation that is still open: pending, and not past its time.
    #[must_use]
    pub fn open_invite(&self) -> Option<&InviteRow> {
        self.invites.iter().find(|it| it.status == "pending" && it.expires_at > self.at)
    }
}

async fn look_at_email(store: &Store, reader: &Reader, email: &str, at: Moment) -> Result<(), Failure> {
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

async fn look_at_member(store: &Store, reader: &Reader, id: &str, at: Moment) -> Result<(), Failure> {
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
