//! Who is in which workspace, as last seen: written workspace by workspace, read page by page.
//!
//! The API does not tell since when somebody is in a workspace, so it is noted when a look first finds them there. Nobody
//! knows that of those whom the first look of all found.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::directory::workspace;
use super::{Error, MembershipRow, Page, Store, Tx, WorkspaceRow};
use crate::clock::{Moment, moment};

/// Somebody in a workspace, with what the directory knows of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceMemberRow {
    /// `user_…`.
    pub user_id: String,
    /// Their role in the workspace, as the API calls it.
    pub workspace_role: String,
    /// Their name; none as long as no pass over the members has met them.
    pub name: Option<String>,
    /// Their address, as far as their name is known.
    pub email: Option<String>,
    /// Their role in the organization, as far as their name is known.
    pub role: Option<String>,
    /// Since when they are there, at the latest. None: longer than Steward looks.
    pub since: Option<Moment>,
}

fn workspace_member(row: &AnyRow) -> Result<WorkspaceMemberRow, Error> {
    Ok(WorkspaceMemberRow {
        user_id: row.try_get("user_id")?,
        workspace_role: row.try_get("workspace_role")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: row.try_get("role")?,
        since: row.try_get::<Option<i64>, _>("since_ms")?.map(moment),
    })
}

impl Store {
    /// Replaces the members of one workspace, as seen at `seen`. Whoever stays keeps their date, whoever comes gets this one.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn write_memberships(
        &self,
        workspace_id: &str,
        rows: &[MembershipRow],
        seen: Moment,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        // Of two rows about one member the last one counts.
        let now: BTreeMap<&str, &str> =
            rows.iter().map(|row| (row.user_id.as_str(), row.workspace_role.as_str())).collect();
        let before = recorded(&mut tx, workspace_id).await?;
        for user_id in before.keys().filter(|it| !now.contains_key(it.as_str())) {
            take_out(&mut tx, workspace_id, user_id).await?;
        }
        let is_first_look = !is_seen(&mut tx, workspace_id).await?;
        let since = (!is_first_look).then(|| seen.as_millisecond());
        for (user_id, role) in now.into_iter().filter(|(user, role)| before.get(*user).is_none_or(|it| it != role)) {
            put(&mut tx, (workspace_id, user_id, role), since).await?;
        }
        sqlx::query("UPDATE workspace SET members_seen_at_ms = $1 WHERE id = $2")
            .bind(seen.as_millisecond())
            .bind(workspace_id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes what a look at one member's place in one workspace found, at `seen`: their role there, or none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn write_seat(&self, seat: (&str, &str), role: Option<&str>, seen: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        self.write_seat_in(&mut tx, seat, role, seen).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The same, in the caller's transaction: what a call made is known as soon as the call is known to be made.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn write_seat_in(
        &self,
        tx: &mut Tx<'_>,
        (workspace_id, user_id): (&str, &str),
        role: Option<&str>,
        seen: Moment,
    ) -> Result<(), Error> {
        match role {
            Some(role) => {
                let since = is_seen(tx, workspace_id).await?.then(|| seen.as_millisecond());
                put(tx, (workspace_id, user_id, role), since).await
            }
            None => take_out(tx, workspace_id, user_id).await,
        }
    }

    /// A member's role in a workspace, by the last look at it; none if they were not there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspace_role_of(&self, workspace_id: &str, user_id: &str) -> Result<Option<String>, Error> {
        let query = sqlx::query("SELECT workspace_role FROM membership WHERE workspace_id = $1 AND user_id = $2");
        let row = query.bind(workspace_id).bind(user_id).fetch_optional(&self.reader).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// The workspaces whose members were looked at longest ago, never-seen ones first, with the time.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stalest_workspaces(&self, limit: i64) -> Result<Vec<(String, Option<Moment>)>, Error> {
        let rows = sqlx::query(
            "SELECT id, members_seen_at_ms FROM workspace WHERE gone_at_ms IS NULL AND archived_at_ms IS NULL
              ORDER BY COALESCE(members_seen_at_ms, 0), id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<Option<i64>, _>(1)?.map(moment)))).collect()
    }

    /// The workspaces of a member, with their role in each.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspaces_of(&self, user_id: &str) -> Result<Vec<(WorkspaceRow, String)>, Error> {
        let rows = sqlx::query(
            "SELECT w.id, w.name, w.created_at_ms, w.archived_at_ms, s.workspace_role
               FROM membership s JOIN workspace w ON w.id = s.workspace_id
              WHERE s.user_id = $1 AND w.gone_at_ms IS NULL AND w.archived_at_ms IS NULL ORDER BY w.name, w.id",
        )
        .bind(user_id)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok((workspace(row)?, row.try_get("workspace_role")?))).collect()
    }

    /// The members of a workspace by name, `limit` from the `offset`-th on. Whoever has left the organization is not among
    /// them, even if the last look at the workspace still found them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspace_members(
        &self,
        workspace_id: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Page<WorkspaceMemberRow>, Error> {
        let rows = sqlx::query(
            "SELECT s.user_id, s.workspace_role, s.since_ms, m.name, m.email, m.role
               FROM membership s LEFT JOIN member m ON m.id = s.user_id
              WHERE s.workspace_id = $1 AND m.gone_at_ms IS NULL
              ORDER BY COALESCE(m.name, s.user_id), s.user_id LIMIT $2 OFFSET $3",
        )
        .bind(workspace_id)
        .bind(limit)
        .bind(offset)
        .fetch_all(&self.reader)
        .await?;
        let total = sqlx::query(
            "SELECT COUNT(*) FROM membership s LEFT JOIN member m ON m.id = s.user_id
              WHERE s.workspace_id = $1 AND m.gone_at_ms IS NULL",
        )
        .bind(workspace_id)
        .fetch_one(&self.reader)
        .await?
        .try_get(0)?;
        Ok(Page { rows: rows.iter().map(workspace_member).collect::<Result<_, _>>()?, total })
    }
}

/// Notes somebody's place. Whoever was there before keeps their date.
async fn put(
    tx: &mut Tx<'_>,
    (workspace_id, user_id, role): (&str, &str, &str),
    since: Option<i64>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO membership (workspace_id, user_id, workspace_role, since_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, user_id) DO UPDATE SET workspace_role = $3",
    )
    .bind(workspace_id)
    .bind(user_id)
    .bind(role)
    .bind(since)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn take_out(tx: &mut Tx<'_>, workspace_id: &str, user_id: &str) -> Result<(), Error> {
    let query = sqlx::query("DELETE FROM membership WHERE workspace_id = $1 AND user_id = $2");
    query.bind(workspace_id).bind(user_id).execute(&mut **tx).await?;
    Ok(())
}

async fn recorded(tx: &mut Tx<'_>, workspace_id: &str) -> Result<BTreeMap<String, String>, Error> {
    let query = sqlx::query("SELECT user_id, workspace_role FROM membership WHERE workspace_id = $1");
    let rows = query.bind(workspace_id).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Were the members of this workspace looked at before?
async fn is_seen(tx: &mut Tx<'_>, workspace_id: &str) -> Result<bool, Error> {
    let query = sqlx::query("SELECT members_seen_at_ms FROM workspace WHERE id = $1");
    match query.bind(workspace_id).fetch_optional(&mut **tx).await? {
        Some(row) => Ok(row.try_get::<Option<i64>, _>(0)?.is_some()),
        None => Ok(false),
    }
}
