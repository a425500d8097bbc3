//! The local copy of the organization: members, invites, workspaces, memberships, keys.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store};
use crate::clock::{Moment, moment};

/// A member, as last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// `user_…`.
    pub id: String,
    /// Their address, in lower case.
    pub email: String,
    /// Their name there.
    pub name: String,
    /// Their role in the organization, as the API calls it.
    pub role: String,
    /// When they joined.
    pub added_at: Moment,
}

/// An invitation, as last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteRow {
    /// `invite_…`.
    pub id: String,
    /// Where it went, in lower case.
    pub email: String,
    /// The role it offers.
    pub role: String,
    /// `pending`, `accepted`, `expired`, `deleted`, or what the API adds.
    pub status: String,
    /// When it was sent.
    pub invited_at: Moment,
    /// When it lapses.
    pub expires_at: Moment,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
}

/// A workspace, as last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRow {
    /// `wrkspc_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was archived.
    pub archived_at: Option<Moment>,
}

/// Somebody's place in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipRow {
    /// The workspace.
    pub workspace_id: String,
    /// The member.
    pub user_id: String,
    /// Their role there.
    pub workspace_role: String,
}

/// An API key, as last seen. Never its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// `apikey_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `active`, `inactive`, `archived`, `expired`.
    pub status: String,
    /// `workspace`, `personal` or `service_account`.
    pub kind: String,
    /// The user or service account that it acts as; none for a workspace key.
    pub owner_id: Option<String>,
    /// The one workspace it works in; none if it is not bound to one.
    pub workspace_id: Option<String>,
    /// The user or service account that made it.
    pub created_by: Option<String>,
    /// What may be shown of it.
    pub hint: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it stops by itself.
    pub expires_at: Option<Moment>,
}

pub(super) fn member(row: &AnyRow) -> Result<MemberRow, Error> {
    Ok(MemberRow {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        added_at: moment(row.try_get("added_at_ms")?),
    })
}

pub(super) fn invite(row: &AnyRow) -> Result<InviteRow, Error> {
    Ok(InviteRow {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: row.try_get("role")?,
        status: row.try_get("status")?,
        invited_at: moment(row.try_get("invited_at_ms")?),
        expires_at: moment(row.try_get("expires_at_ms")?),
        accepted_at: row.try_get::<Option<i64>, _>("accepted_at_ms")?.map(moment),
    })
}

pub(super) fn workspace(row: &AnyRow) -> Result<WorkspaceRow, Error> {
    Ok(WorkspaceRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        created_at: moment(row.try_get("created_at_ms")?),
        archived_at: row.try_get::<Option<i64>, _>("archived_at_ms")?.map(moment),
    })
}

pub(super) fn key(row: &AnyRow) -> Result<ApiKeyRow, Error> {
    Ok(ApiKeyRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        status: row.try_get("status")?,
        kind: row.try_get("kind")?,
        owner_id: row.try_get("owner_id")?,
        workspace_id: row.try_get("workspace_id")?,
        created_by: row.try_get("created_by")?,
        hint: row.try_get("hint")?,
        created_at: moment(row.try_get("created_at_ms")?),
        expires_at: row.try_get::<Option<i64>, _>("expires_at_ms")?.map(moment),
    })
}

impl Store {
    /// The present member with this id.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn member(&self, id: &str) -> Result<Option<MemberRow>, Error> {
        let query =
            sqlx::query("SELECT id, email, name, role, added_at_ms FROM member WHERE id = $1 AND gone_at_ms IS NULL");
        query.bind(id).fetch_optional(&self.reader).await?.as_ref().map(member).transpose()
    }

    /// The present members with this address. More than one means that nobody can be told apart by it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn members_at(&self, email: &str) -> Result<Vec<MemberRow>, Error> {
        let query = sqlx::query(
            "SELECT id, email, name, role, added_at_ms FROM member WHERE email = $1 AND gone_at_ms IS NULL ORDER BY id",
        );
        query.bind(email.to_lowercase()).fetch_all(&self.reader).await?.iter().map(member).collect()
    }

    /// Invitations, newest first; all, or only those to one address.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn invites(&self, email: Option<&str>) -> Result<Vec<InviteRow>, Error> {
        let query = sqlx::query(
            "SELECT id, email, role, status, invited_at_ms, expires_at_ms, accepted_at_ms FROM invite
              WHERE gone_at_ms IS NULL AND ($1 = '' OR email = $1) ORDER BY invited_at_ms DESC, id LIMIT 500",
        );
        query.bind(email.unwrap_or_default().to_lowercase()).fetch_all(&self.reader).await?.iter().map(invite).collect()
    }

    /// One invitation.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn invite(&self, id: &str) -> Result<Option<InviteRow>, Error> {
        let query = sqlx::query(
            "SELECT id, email, role, status, invited_at_ms, expires_at_ms, accepted_at_ms FROM invite WHERE id = $1 AND gone_at_ms IS NULL",
        );
        query.bind(id).fetch_optional(&self.reader).await?.as_ref().map(invite).transpose()
    }

    /// Workspaces by name; archived ones only if asked for.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspaces(&self, archived: bool) -> Result<Vec<WorkspaceRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, created_at_ms, archived_at_ms FROM workspace
              WHERE gone_at_ms IS NULL AND ($1 = 1 OR archived_at_ms IS NULL) ORDER BY name, id",
        );
        query.bind(i64::from(archived)).fetch_all(&self.reader).await?.iter().map(workspace).collect()
    }

    /// Who is in a workspace, by address, with their role there. Those whom the member list does not know are left out.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn members_of(&self, workspace_id: &str) -> Result<Vec<(MemberRow, String)>, Error> {
        let rows = sqlx::query(
            "SELECT m.id, m.email, m.name, m.role, m.added_at_ms, s.workspace_role
               FROM membership s JOIN member m ON m.id = s.user_id
              WHERE s.workspace_id = $1 AND m.gone_at_ms IS NULL ORDER BY m.email, m.id",
        )
        .bind(workspace_id)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok((member(row)?, row.try_get("workspace_role")?))).collect()
    }

    /// One API key.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKeyRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, status, kind, owner_id, workspace_id, created_by, hint, created_at_ms, expires_at_ms FROM api_key
              WHERE gone_at_ms IS NULL AND id = $1",
        );
        query.bind(id).fetch_optional(&self.reader).await?.as_ref().map(key).transpose()
    }

    /// All keys, by name; archived ones left out.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keys(&self) -> Result<Vec<ApiKeyRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, status, kind, owner_id, workspace_id, created_by, hint, created_at_ms, expires_at_ms FROM api_key
              WHERE gone_at_ms IS NULL AND status <> 'archived' ORDER BY LOWER(name), id",
        );
        query.fetch_all(&self.reader).await?.iter().map(key).collect()
    }

    /// The keys that work in a workspace; archived ones left out.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keys_in(&self, workspace_id: &str) -> Result<Vec<ApiKeyRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, status, kind, owner_id, workspace_id, created_by, hint, created_at_ms, expires_at_ms FROM api_key
              WHERE gone_at_ms IS NULL AND status <> 'archived' AND workspace_id = $1 ORDER BY name, id",
        );
        query.bind(workspace_id).fetch_all(&self.reader).await?.iter().map(key).collect()
    }

    /// The keys that act as a member, or that they made; archived ones left out.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keys_of(&self, user_id: &str) -> Result<Vec<ApiKeyRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, status, kind, owner_id, workspace_id, created_by, hint, created_at_ms, expires_at_ms FROM api_key
              WHERE gone_at_ms IS NULL AND status <> 'archived' AND (owner_id = $1 OR created_by = $1) ORDER BY name, id",
        );
        query.bind(user_id).fetch_all(&self.reader).await?.iter().map(key).collect()
    }

    /// How many members, open invitations, workspaces and keys the copy holds.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn directory_size(&self) -> Result<[i64; 4], Error> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM member WHERE gone_at_ms IS NULL),
                    (SELECT COUNT(*) FROM invite WHERE gone_at_ms IS NULL AND status = 'pending'),
                    (SELECT COUNT(*) FROM workspace WHERE gone_at_ms IS NULL AND archived_at_ms IS NULL),
                    (SELECT COUNT(*) FROM api_key WHERE gone_at_ms IS NULL AND status <> 'archived')",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?])
    }
}
