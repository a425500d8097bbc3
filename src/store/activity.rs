//! What Anthropic's activity feed told, next to what the ledger says was done.

use std::collections::HashSet;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Activity, FeedState};

/// Where reading the feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Whether it answers.
    pub state: FeedState,
    /// Since when it does, or does not.
    pub since: Option<Moment>,
    /// When it was asked last.
    pub asked_at: Option<Moment>,
    /// Everything before this was read.
    pub read_to: Option<Moment>,
    /// Whether it takes the list of kinds that are asked for. Otherwise all are read, and sifted here.
    pub sifted: bool,
}

/// A call that was begun: the feed should show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BegunCall {
    /// The change, by number.
    pub number: i64,
    /// The change, by its visible id.
    pub change: String,
    /// The call's place in it.
    pub position: i64,
    /// The call, as JSON.
    pub body: String,
    /// What came back, as JSON; none unless it is done.
    pub result: Option<String>,
    /// When it was begun first.
    pub intended_at: Moment,
    /// When it was seen to be done; none while it is not.
    pub done_at: Option<Moment>,
    /// The kinds of activity that it was found under.
    pub shown_as: Vec<String>,
    /// What was noted because the feed did not show it: `missing`, `elsewhere`, `late`.
    pub gap: Option<String>,
}

impl Store {
    /// Where reading the feed stands.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn feed(&self) -> Result<Feed, Error> {
        let row =
            sqlx::query("SELECT state, since_ms, asked_at_ms, read_to_ms, sifted FROM activity_feed WHERE id = 1")
                .fetch_optional(&self.reader)
                .await?
                .ok_or(Error::Corrupt("activity feed"))?;
        let at = |column: usize| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(moment));
        Ok(Feed {
            state: FeedState::named(row.try_get(0)?).ok_or(Error::Corrupt("activity feed"))?,
            since: at(1)?,
            asked_at: at(2)?,
            read_to: at(3)?,
            sifted: row.try_get::<i64, _>(4)? == 1,
        })
    }

    /// Writes down where reading the feed stands.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keep_feed(&self, tx: &mut Tx<'_>, feed: &Feed) -> Result<(), Error> {
        let ms = |at: Option<Moment>| at.map(Moment::as_millisecond);
        sqlx::query(
            "UPDATE activity_feed SET state = $1, since_ms = $2, asked_at_ms = $3, read_to_ms = $4, sifted = $5 WHERE id = 1",
        )
        .bind(feed.state.as_str())
        .bind(ms(feed.since))
        .bind(ms(feed.asked_at))
        .bind(ms(feed.read_to))
        .bind(i64::from(feed.sifted))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// The activities that are kept from `since` on, by id.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn kept_activities(&self, since: Moment) -> Result<HashSet<String>, Error> {
        let rows = sqlx::query("SELECT id FROM activity WHERE at_ms >= $1").bind(since.as_millisecond());
        rows.fetch_all(&self.reader).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Keeps an activity: one that belongs to a call, or one that was done outside. False if it was kept before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn keep_activity(
        &self,
        tx: &mut Tx<'_>,
        it: &Activity,
        call: Option<(i64, i64)>,
        seen: Moment,
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "INSERT INTO activity (id, kind, about, who, what, own_key, at_ms, seen_at_ms, change_number, position)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        )
        .bind(&it.id)
        .bind(&it.kind)
        .bind(&it.about)
        .bind(&it.who)
        .bind(&it.what)
        .bind(i64::from(it.own_key))
        .bind(it.at.as_millisecond())
        .bind(seen.as_millisecond())
        .bind(call.map(|(number, _)| number))
        .bind(call.map(|(_, position)| position))
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Calls that may have reached the organization at or after `since`, with what the feed has shown of them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn begun_calls(&self, since: Moment) -> Result<Vec<BegunCall>, Error> {
        let rows = sqlx::query(
            "SELECT e.change_number, c.id, e.position, e.body, e.result, COALESCE(e.intended_at_ms, e.done_at_ms, 0),
                    CASE WHEN e.state = 'done' THEN e.done_at_ms END, g.what
               FROM effect e JOIN change c ON c.number = e.change_number
               LEFT JOIN activity_gap g ON g.change_number = e.change_number AND g.position = e.position
              WHERE e.state IN ('sending', 'parked') OR (e.state = 'done' AND e.done_at_ms >= $1)
              ORDER BY e.intended_at_ms, e.change_number, e.position",
        )
        .bind(since.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        let mut calls = rows.iter().map(begun).collect::<Result<Vec<_>, Error>>()?;
        let shown = sqlx::query(
            "SELECT a.change_number, a.position, a.kind FROM activity a
               JOIN effect e ON e.change_number = a.change_number AND e.position = a.position
              WHERE e.state IN ('sending', 'parked') OR (e.state = 'done' AND e.done_at_ms >= $1)",
        );
        for row in shown.bind(since.as_millisecond()).fetch_all(&self.reader).await? {
            let place: (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            if let Some(call) = calls.iter_mut().find(|it| (it.number, it.position) == place) {
                call.shown_as.push(row.try_get(2)?);
            }
        }
        Ok(calls)
    }

    /// Whether the same was done by somebody else at that time: one of these kinds, about this, between two moments.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn done_elsewhere(&self, kind: &str, about: &str, from: Moment, to: Moment) -> Result<bool, Error> {
        let row = sqlx::query(
            "SELECT 1 FROM activity WHERE change_number IS NULL AND kind = $1 AND about = $2 AND at_ms >= $3 AND at_ms <= $4",
        )
        .bind(kind)
        .bind(about)
        .bind(from.as_millisecond())
        .bind(to.as_millisecond())
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.is_some())
    }

    /// Who did something about one of these two names past Steward last, as the feed says, at or before a moment.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn who_did(&self, names: [&str; 2], until: Moment) -> Result<Option<String>, Error> {
        let row = sqlx::query(
            "SELECT who FROM activity WHERE change_number IS NULL AND about IN ($1, $2) AND at_ms <= $3
              ORDER BY at_ms DESC, id LIMIT 1",
        )
        .bind(names[0])
        .bind(names[1])
        .bind(until.as_millisecond())
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Notes that the feed does not show a call, or why that is well by now.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn note_gap(&self, tx: &mut Tx<'_>, call: &BegunCall, what: &str, at: Moment) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO activity_gap (change_number, position, what, at_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (change_number, position) DO UPDATE SET what = $3, at_ms = $4",
        )
        .bind(call.number)
        .bind(call.position)
        .bind(what)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// What was done outside and nobody was told of yet, oldest first, and when somebody was told last.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn untold_activities(&self) -> Result<(Vec<Activity>, Option<Moment>), Error> {
        let rows = sqlx::query(
            "SELECT id, kind, about, who, what, own_key, at_ms FROM activity
              WHERE change_number IS NULL AND told_at_ms IS NULL ORDER BY at_ms, id",
        )
        .fetch_all(&self.reader)
        .await?;
        let last = sqlx::query("SELECT MAX(told_at_ms) FROM activity").fetch_one(&self.reader).await?;
        let untold = rows.iter().map(activity).collect::<Result<_, Error>>()?;
        Ok((untold, last.try_get::<Option<i64>, _>(0)?.map(moment)))
    }

    /// Notes that people were told. False if somebody else has told them.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn activity_told(&self, tx: &mut Tx<'_>, id: &str, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query("UPDATE activity SET told_at_ms = $1 WHERE id = $2 AND told_at_ms IS NULL")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets what the feed told before `before`. What was done outside stays in the trail.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_activities(&self, before: Moment) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "DELETE FROM activity WHERE at_ms < $1 AND (change_number IS NOT NULL OR told_at_ms IS NOT NULL)",
        )
        .bind(before.as_millisecond())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

fn begun(row: &AnyRow) -> Result<BegunCall, Error> {
    Ok(BegunCall {
        number: row.try_get(0)?,
        change: row.try_get(1)?,
        position: row.try_get(2)?,
        body: row.try_get(3)?,
        result: row.try_get(4)?,
        intended_at: moment(row.try_get(5)?),
        done_at: row.try_get::<Option<i64>, _>(6)?.map(moment),
        shown_as: Vec::new(),
        gap: row.try_get(7)?,
    })
}

fn activity(row: &AnyRow) -> Result<Activity, Error> {
    Ok(Activity {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        about: row.try_get(2)?,
        who: row.try_get(3)?,
        what: row.try_get(4)?,
        own_key: row.try_get::<i64, _>(5)? == 1,
        at: moment(row.try_get(6)?),
    })
}
