//! Writing the local copy: whole passes that mark what is gone, and single rows that were re-read.

use sqlx::Row;

use super::directory_search::searchable;
use super::{ApiKeyRow, Error, InviteRow, MemberRow, Store, Tx, WorkspaceRow};
use crate::clock::{Moment, moment};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Members.
    Members,
    /// Invitations.
    Invites,
    /// Workspaces.
    Workspaces,
    /// API keys.
    ApiKeys,
    /// Who is in which workspace.
    Memberships,
    /// What the keys used.
    KeyUsage,
}

impl Resource {
    /// All lists.
    pub const ALL: [Self; 6] =
        [Self::Members, Self::Invites, Self::Workspaces, Self::ApiKeys, Self::Memberships, Self::KeyUsage];

    /// The name in the store and in `status`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Invites => "invites",
            Self::Workspaces => "workspaces",
            Self::ApiKeys => "API keys",
            Self::Memberships => "workspace memberships",
            Self::KeyUsage => "usage of API keys",
        }
    }
}

/// How old a list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The list, by its name.
    pub resource: String,
    /// When it was last read to its end.
    pub complete_at: Option<Moment>,
    /// When that was last tried.
    pub tried_at: Moment,
    /// What stopped the last attempt, as a code.
    pub trouble: Option<String>,
}

/// A page of a list, to be written.
#[derive(Clone, Debug)]
pub enum Pass {
    /// Members.
    Members(Vec<MemberRow>),
    /// Invitations.
    Invites(Vec<InviteRow>),
    /// Workspaces.
    Workspaces(Vec<WorkspaceRow>),
    /// API keys.
    ApiKeys(Vec<ApiKeyRow>),
}

impl Store {
    /// Writes a page of a list as seen at `seen`, in one transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn write_page(&self, page: &Pass, seen: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        match page {
            Pass::Members(rows) => {
                for row in rows {
                    put_member(&mut tx, row, seen).await?;
                }
            }
            Pass::Invites(rows) => {
                for row in rows {
                    put_invite(&mut tx, row, seen).await?;
                }
            }
            Pass::Workspaces(rows) => {
                for row in rows {
                    put_workspace(&mut tx, row, seen).await?;
                }
            }
            Pass::ApiKeys(rows) => {
                for row in rows {
                    put_key(&mut tx, row, seen).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Marks what a whole pass begun at `begun` did not find as gone, and the list as complete. Answers how many went. Whoever
    /// is no member any more has no access by tokens any more.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn end_pass(&self, resource: Resource, begun: Moment) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        let query = match resource {
            // What is read again replaces what was there: nothing is left over.
            Resource::KeyUsage => {
                note_freshness(&mut tx, resource, begun, None).await?;
                tx.commit().await?;
                return Ok(0);
            }
            Resource::Members => {
                sqlx::query("UPDATE member SET gone_at_ms = $1 WHERE seen_at_ms < $1 AND gone_at_ms IS NULL")
            }
            Resource::Invites => {
                sqlx::query("UPDATE invite SET gone_at_ms = $1 WHERE seen_at_ms < $1 AND gone_at_ms IS NULL")
            }
            Resource::Workspaces => {
                sqlx::query("UPDATE workspace SET gone_at_ms = $1 WHERE seen_at_ms < $1 AND gone_at_ms IS NULL")
            }
            Resource::ApiKeys => {
                sqlx::query("UPDATE api_key SET gone_at_ms = $1 WHERE seen_at_ms < $1 AND gone_at_ms IS NULL")
            }
            Resource::Memberships => sqlx::query(
                "DELETE FROM membership WHERE workspace_id NOT IN (SELECT id FROM workspace WHERE gone_at_ms IS NULL) AND $1 > 0",
            ),
        };
        let gone = query.bind(begun.as_millisecond()).execute(&mut *tx).await?.rows_affected();
        if resource == Resource::Members {
            self.end_tokens_of_gone(&mut tx, begun).await?;
        }
        note_freshness(&mut tx, resource, begun, None).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Notes that a pass was stopped by `trouble`. What was written stays.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stop_pass(&self, resource: Resource, at: Moment, trouble: &str) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        note_freshness(&mut tx, resource, at, Some(trouble)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Writes what a call made of a key, in the caller's transaction: the copy knows it as soon as the ledger does.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn write_key_status(&self, tx: &mut Tx<'_>, id: &str, status: &str) -> Result<(), Error> {
        sqlx::query("UPDATE api_key SET status = $1 WHERE id = $2").bind(status).bind(id).execute(&mut **tx).await?;
        Ok(())
    }

    /// Marks a member as gone: a re-read did not find them. Their access by tokens is over.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn member_gone(&self, id: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE member SET gone_at_ms = $1 WHERE id = $2 AND gone_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        self.end_tokens_of_gone(&mut tx, at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Marks an invitation as gone: a re-read did not find it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn invite_gone(&self, id: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE invite SET gone_at_ms = $1 WHERE id = $2 AND gone_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// How old each list is.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn freshness(&self) -> Result<Vec<Freshness>, Error> {
        let rows =
            sqlx::query("SELECT resource, complete_at_ms, tried_at_ms, trouble FROM freshness ORDER BY resource")
                .fetch_all(&self.reader)
                .await?;
        rows.iter()
            .map(|row| {
                Ok(Freshness {
                    resource: row.try_get(0)?,
                    complete_at: row.try_get::<Option<i64>, _>(1)?.map(moment),
                    tried_at: moment(row.try_get(2)?),
                    trouble: row.try_get(3)?,
                })
            })
            .collect()
    }
}

async fn note_freshness(tx: &mut Tx<'_>, resource: Resource, at: Moment, trouble: Option<&str>) -> Result<(), Error> {
    let complete = trouble.is_none().then(|| at.as_millisecond());
    sqlx::query(
        "INSERT INTO freshness (resource, complete_at_ms, tried_at_ms, trouble) VALUES ($1, $2, $3, $4)
         ON CONFLICT (resource) DO UPDATE SET complete_at_ms = COALESCE($2, freshness.complete_at_ms), tried_at_ms = $3, trouble = $4",
    )
    .bind(resource.as_str())
    .bind(complete)
    .bind(at.as_millisecond())
    .bind(trouble)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn put_member(tx: &mut Tx<'_>, row: &MemberRow, seen: Moment) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO member (id, email, name, role, search, added_at_ms, seen_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET email = $2, name = $3, role = $4, search = $5, added_at_ms = $6, seen_at_ms = $7, gone_at_ms = NULL",
    )
    .bind(&row.id)
    .bind(row.email.to_lowercase())
    .bind(&row.name)
    .bind(&row.role)
    .bind(searchable(&row.name, &row.email))
    .bind(row.added_at.as_millisecond())
    .bind(seen.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn put_invite(tx: &mut Tx<'_>, row: &InviteRow, seen: Moment) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO invite (id, email, role, status, invited_at_ms, expires_at_ms, accepted_at_ms, seen_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET email = $2, role = $3, status = $4, invited_at_ms = $5, expires_at_ms = $6,
             accepted_at_ms = $7, seen_at_ms = $8, gone_at_ms = NULL",
    )
    .bind(&row.id)
    .bind(row.email.to_lowercase())
    .bind(&row.role)
    .bind(&row.status)
    .bind(row.invited_at.as_millisecond())
    .bind(row.expires_at.as_millisecond())
    .bind(row.accepted_at.map(Moment::as_millisecond))
    .bind(seen.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn put_workspace(tx: &mut Tx<'_>, row: &WorkspaceRow, seen: Moment) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO workspace (id, name, created_at_ms, archived_at_ms, seen_at_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET name = $2, created_at_ms = $3, archived_at_ms = $4, seen_at_ms = $5, gone_at_ms = NULL",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(row.created_at.as_millisecond())
    .bind(row.archived_at.map(Moment::as_millisecond))
    .bind(seen.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn put_key(tx: &mut Tx<'_>, row: &ApiKeyRow, seen: Moment) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO api_key (id, name, status, kind, owner_id, workspace_id, created_by, hint, created_at_ms, expires_at_ms, seen_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET name = $2, status = $3, kind = $4, owner_id = $5, workspace_id = $6, created_by = $7,
             hint = $8, created_at_ms = $9, expires_at_ms = $10, seen_at_ms = $11, gone_at_ms = NULL",
    )
    .bind(&row.id)
    .bind(&row.name)
    .bind(&row.status)
    .bind(&row.kind)
    .bind(row.owner_id.as_deref())
    .bind(row.workspace_id.as_deref())
    .bind(row.created_by.as_deref())
    .bind(row.hint.as_deref())
    .bind(row.created_at.as_millisecond())
    .bind(row.expires_at.map(Moment::as_millisecond))
    .bind(seen.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
