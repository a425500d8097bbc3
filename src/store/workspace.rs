//! Workspaces of the local copy: by id, by name, page by page with what is in them.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::directory::{key, workspace};
use super::directory_search::folded;
use super::{ApiKeyRow, Error, Page, Store, WorkspaceRow};
use crate::clock::{Moment, moment};

/// What the API calls the workspace that every organization has. It cannot be renamed, but others may be called so, too.
const DEFAULT: &str = "Default";

/// A workspace and how much is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedWorkspace {
    /// The workspace.
    pub workspace: WorkspaceRow,
    /// How many members it has, by the last look at them.
    pub members: i64,
    /// How many keys it has that are not archived.
    pub keys: i64,
    /// When its members were last looked at; none: never.
    pub members_seen_at: Option<Moment>,
}

/// A key of a workspace, with the names behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceKeyRow {
    /// The key.
    pub key: ApiKeyRow,
    /// The member that it acts as, by name; also one who has left.
    pub owner: Option<String>,
    /// The member who made it, by name; also one who has left.
    pub maker: Option<String>,
    /// Whoever made it has left since.
    pub maker_left: bool,
}

/// Whose keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysOf<'a> {
    /// Everybody's.
    All,
    /// Those that act as this member (`user_…`), or that they made.
    Member(&'a str),
}

fn listed(row: &AnyRow) -> Result<ListedWorkspace, Error> {
    Ok(ListedWorkspace {
        workspace: workspace(row)?,
        members: row.try_get("members")?,
        keys: row.try_get("api_keys")?,
        members_seen_at: row.try_get::<Option<i64>, _>("members_seen_at_ms")?.map(moment),
    })
}

fn named_key(row: &AnyRow) -> Result<WorkspaceKeyRow, Error> {
    Ok(WorkspaceKeyRow {
        key: key(row)?,
        owner: row.try_get("owner")?,
        maker: row.try_get("maker")?,
        maker_left: row.try_get::<Option<i64>, _>("maker_gone_at_ms")?.is_some(),
    })
}

impl Store {
    /// One workspace, archived or not.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspace(&self, id: &str) -> Result<Option<WorkspaceRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, created_at_ms, archived_at_ms FROM workspace WHERE id = $1 AND gone_at_ms IS NULL",
        );
        query.bind(id).fetch_optional(&self.reader).await?.as_ref().map(workspace).transpose()
    }

    /// The workspaces with this name, capital letters aside, oldest first: those in use, or, if there are none, the archived
    /// ones. Names are not unique.
    ///
    /// Compared here, because the two databases fold letters differently; an organization has a hundred of them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspaces_named(&self, name: &str) -> Result<Vec<WorkspaceRow>, Error> {
        let name = folded(name.trim());
        let mut found = self.workspaces(true).await?;
        found.retain(|it| folded(it.name.trim()) == name);
        if found.iter().any(|it| it.archived_at.is_none()) {
            found.retain(|it| it.archived_at.is_none());
        }
        found.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(found)
    }

    /// The workspace that every organization has. Of several with its name it is the oldest: it was there before anybody
    /// could make another.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn default_workspace(&self) -> Result<Option<WorkspaceRow>, Error> {
        let query = sqlx::query(
            "SELECT id, name, created_at_ms, archived_at_ms FROM workspace
              WHERE name = $1 AND gone_at_ms IS NULL AND archived_at_ms IS NULL ORDER BY created_at_ms, id LIMIT 1",
        );
        query.bind(DEFAULT).fetch_optional(&self.reader).await?.as_ref().map(workspace).transpose()
    }

    /// Workspaces by name with what is in them, `limit` from the `offset`-th on; archived ones only if asked for.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn listed_workspaces(
        &self,
        archived: bool,
        offset: i64,
        limit: i64,
    ) -> Result<Page<ListedWorkspace>, Error> {
        let rows = sqlx::query(
            "SELECT w.id, w.name, w.created_at_ms, w.archived_at_ms, w.members_seen_at_ms,
                    (SELECT COUNT(*) FROM membership s LEFT JOIN member m ON m.id = s.user_id
                      WHERE s.workspace_id = w.id AND m.gone_at_ms IS NULL) AS members,
                    (SELECT COUNT(*) FROM api_key k
                      WHERE k.workspace_id = w.id AND k.gone_at_ms IS NULL AND k.status <> 'archived') AS api_keys
               FROM workspace w
              WHERE w.gone_at_ms IS NULL AND ($1 = 1 OR w.archived_at_ms IS NULL)
              ORDER BY LOWER(w.name), w.created_at_ms, w.id LIMIT $2 OFFSET $3",
        )
        .bind(i64::from(archived))
        .bind(limit)
        .bind(offset)
        .fetch_all(&self.reader)
        .await?;
        let total = sqlx::query(
            "SELECT COUNT(*) FROM workspace WHERE gone_at_ms IS NULL AND ($1 = 1 OR archived_at_ms IS NULL)",
        )
        .bind(i64::from(archived))
        .fetch_one(&self.reader)
        .await?
        .try_get(0)?;
        Ok(Page { rows: rows.iter().map(listed).collect::<Result<_, _>>()?, total })
    }

    /// The keys of a workspace by name, archived ones left out, `limit` from the `offset`-th on.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspace_keys(
        &self,
        workspace_id: &str,
        whose: KeysOf<'_>,
        offset: i64,
        limit: i64,
    ) -> Result<Page<WorkspaceKeyRow>, Error> {
        let (everybodys, member) = match whose {
            KeysOf::All => (1_i64, ""),
            KeysOf::Member(id) => (0, id),
        };
        let rows = sqlx::query(
            "SELECT k.id, k.name, k.status, k.kind, k.owner_id, k.workspace_id, k.created_by, k.hint, k.created_at_ms,
                    k.expires_at_ms, o.name AS owner, c.name AS maker, c.gone_at_ms AS maker_gone_at_ms
               FROM api_key k LEFT JOIN member o ON o.id = k.owner_id LEFT JOIN member c ON c.id = k.created_by
              WHERE k.workspace_id = $1 AND k.gone_at_ms IS NULL AND k.status <> 'archived'
                AND ($2 = 1 OR k.owner_id = $3 OR k.created_by = $3)
              ORDER BY LOWER(k.name), k.id LIMIT $4 OFFSET $5",
        )
        .bind(workspace_id)
        .bind(everybodys)
        .bind(member)
        .bind(limit)
        .bind(offset)
        .fetch_all(&self.reader)
        .await?;
        let total = sqlx::query(
            "SELECT COUNT(*) FROM api_key k
              WHERE k.workspace_id = $1 AND k.gone_at_ms IS NULL AND k.status <> 'archived'
                AND ($2 = 1 OR k.owner_id = $3 OR k.created_by = $3)",
        )
        .bind(workspace_id)
        .bind(everybodys)
        .bind(member)
        .fetch_one(&self.reader)
        .await?
        .try_get(0)?;
        Ok(Page { rows: rows.iter().map(named_key).collect::<Result<_, _>>()?, total })
    }

    /// When the members of a workspace were last looked at; none: never, or there is no such workspace.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn members_seen_at(&self, workspace_id: &str) -> Result<Option<Moment>, Error> {
        let query = sqlx::query("SELECT members_seen_at_ms FROM workspace WHERE id = $1 AND gone_at_ms IS NULL");
        match query.bind(workspace_id).fetch_optional(&self.reader).await? {
            Some(row) => Ok(row.try_get::<Option<i64>, _>(0)?.map(moment)),
            None => Ok(None),
        }
    }

    /// Marks a workspace as gone: a re-read did not find it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn workspace_gone(&self, id: &str, at: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE workspace SET gone_at_ms = $1 WHERE id = $2 AND gone_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
