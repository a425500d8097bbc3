//! What facts are about, by number: a combination of key, workspace, model and the rest is written down once.

use std::collections::HashMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};

/// One combination. An empty text stands for "none".
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series {
    /// `apikey_…`.
    pub key_id: String,
    /// Whoever used it, where no key was used: `user_…`, `svac_…`.
    pub actor: String,
    /// `wrkspc_…`.
    pub workspace_id: String,
    /// The model.
    pub model: String,
    /// `standard`, `batch` …
    pub tier: String,
    /// `global`, `us` …
    pub geo: String,
    /// `0-200k` …
    pub context: String,
    /// What is paid for: `tokens`, `web_search` …
    pub kind: String,
}

/// The numbers of the combinations that are known. One that was written in a transaction which did not come to its end is not
/// kept: whoever meets an error lets go of the book.
#[derive(Debug, Default)]
pub struct SeriesBook {
    numbers: HashMap<Series, i64>,
}

impl SeriesBook {
    /// The number of a combination, new or known, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn number(&mut self, tx: &mut Tx<'_>, series: &Series) -> Result<i64, Error> {
        if let Some(number) = self.numbers.get(series) {
            return Ok(*number);
        }
        let next = Store::count(tx, "spend series").await?;
        let row = sqlx::query(
            "INSERT INTO spend_series (id, key_id, actor, workspace_id, model, tier, geo, context, kind)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (key_id, actor, workspace_id, model, tier, geo, context, kind) DO UPDATE SET kind = $9
             RETURNING id",
        )
        .bind(next)
        .bind(&series.key_id)
        .bind(&series.actor)
        .bind(&series.workspace_id)
        .bind(&series.model)
        .bind(&series.tier)
        .bind(&series.geo)
        .bind(&series.context)
        .bind(&series.kind)
        .fetch_one(&mut **tx)
        .await?;
        let number = row.try_get(0)?;
        self.numbers.insert(series.clone(), number);
        Ok(number)
    }
}

impl Store {
    /// All combinations that are known, with their numbers.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn series_book(&self) -> Result<SeriesBook, Error> {
        let query = "SELECT id, key_id, actor, workspace_id, model, tier, geo, context, kind FROM spend_series";
        let rows = sqlx::query(query).fetch_all(&self.reader).await?;
        let read = |row: &AnyRow| Ok((series(row, 1)?, row.try_get(0)?));
        Ok(SeriesBook { numbers: rows.iter().map(read).collect::<Result<_, Error>>()? })
    }
}

/// A combination whose eight columns begin at `at`.
pub(super) fn series(row: &AnyRow, at: usize) -> Result<Series, Error> {
    Ok(Series {
        key_id: row.try_get(at)?,
        actor: row.try_get(at + 1)?,
        workspace_id: row.try_get(at + 2)?,
        model: row.try_get(at + 3)?,
        tier: row.try_get(at + 4)?,
        geo: row.try_get(at + 5)?,
        context: row.try_get(at + 6)?,
        kind: row.try_get(at + 7)?,
    })
}
