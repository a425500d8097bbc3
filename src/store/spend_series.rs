//! What facts are about, by number: a combination of key, workspace, model and the rest is written down once.

use std::collections::HashMap;
use std::sync::Arc;

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

/// The combinations that are known, and their numbers. One that was written in a transaction which did not come to its end is not
/// kept: whoever meets an error lets go of the book.
#[derive(Debug, Default)]
pub struct SeriesBook {
    entries: Vec<Entry>,
    places: HashMap<Arc<Series>, usize>,
    numbers: HashMap<i64, usize>,
}

#[derive(Debug)]
struct Entry {
    series: Arc<Series>,
    /// None until it is written.
    number: Option<i64>,
}

impl SeriesBook {
    /// Where a combination stands in this book. Nothing is written: [`SeriesBook::number_new`] does.
    pub fn place(&mut self, series: Series) -> usize {
        if let Some(place) = self.places.get(&series) {
            return *place;
        }
        let (place, series) = (self.entries.len(), Arc::new(series));
        self.places.insert(Arc::clone(&series), place);
        self.entries.push(Entry { series, number: None });
        place
    }

    /// Gives a number to every combination that has none, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn number_new(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for place in 0..self.entries.len() {
            if self.entries[place].number.is_none() {
                let number = number(tx, &self.entries[place].series).await?;
                self.entries[place].number = Some(number);
                self.numbers.insert(number, place);
            }
        }
        Ok(())
    }

    /// The number of the combination at a place; none before it has one.
    #[must_use]
    pub fn number_at(&self, place: usize) -> Option<i64> {
        self.entries.get(place)?.number
    }

    /// The combination of a number; none of one that this book does not know.
    #[must_use]
    pub fn series(&self, number: i64) -> Option<&Series> {
        self.numbers.get(&number).map(|place| &*self.entries[*place].series)
    }

    /// The number of a combination, new or known, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn number(&mut self, tx: &mut Tx<'_>, series: &Series) -> Result<i64, Error> {
        let known = self.places.get(series).and_then(|place| self.number_at(*place));
        if let Some(number) = known {
            return Ok(number);
        }
        let number = number(tx, series).await?;
        self.know(number, series.clone());
        Ok(number)
    }

    /// Reads what others have written since, in the caller's transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn catch_up(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let newest = self.numbers.keys().max().copied().unwrap_or(0);
        let rows = sqlx::query(SINCE).bind(newest).fetch_all(&mut **tx).await?;
        self.know_all(&rows)
    }

    fn know_all(&mut self, rows: &[AnyRow]) -> Result<(), Error> {
        for row in rows {
            self.know(row.try_get(0)?, series(row, 1)?);
        }
        Ok(())
    }

    fn know(&mut self, number: i64, series: Series) {
        let place = self.place(series);
        self.entries[place].number = Some(number);
        self.numbers.insert(number, place);
    }
}

const SINCE: &str =
    "SELECT id, key_id, actor, workspace_id, model, tier, geo, context, kind FROM spend_series WHERE id > $1";

async fn number(tx: &mut Tx<'_>, series: &Series) -> Result<i64, Error> {
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
    Ok(row.try_get(0)?)
}

impl Store {
    /// All combinations that are known, with their numbers.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn series_book(&self) -> Result<SeriesBook, Error> {
        let mut book = SeriesBook::default();
        book.know_all(&sqlx::query(SINCE).bind(0).fetch_all(&self.reader).await?)?;
        Ok(book)
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
