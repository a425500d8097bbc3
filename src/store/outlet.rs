//! How far the audit trail was carried out of the database: as signed heads, and entry by entry to a webhook.
//!
//! The trail itself is the source; an outlet is a place in it. So nothing is copied, nothing is lost while a receiver is down,
//! and however much waits, one parcel is on its way at a time.

use sqlx::Row;

use super::outbox::ENTRIES;
use super::{Error, Parcel, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Head, SignedHead};

/// A way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Signed heads.
    Head,
    /// Entries, to the webhook.
    Webhook,
}

impl Way {
    fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Webhook => "webhook",
        }
    }
}

/// Where an outlet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// On its way, up to this entry.
    pub taken: i64,
    /// Arrived, up to this entry.
    pub carried: i64,
    /// When the last of it arrived; none if nothing ever did.
    pub at: Option<Moment>,
    /// The newest entry of the trail.
    pub newest: i64,
    /// When the oldest entry was written that has not arrived; none if all have.
    pub oldest_waiting: Option<Moment>,
}

impl Outlet {
    /// How many entries have not arrived.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        (self.newest - self.carried).max(0)
    }

    /// True if more was carried out than the trail holds: somebody has cut it, or an older copy was put back.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        self.carried > self.newest
    }
}

impl Store {
    /// Where an outlet stands.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn outlet(&self, way: Way) -> Result<Outlet, Error> {
        let row = sqlx::query(
            "SELECT o.taken, o.carried, o.at_ms, (SELECT seq FROM audit_head WHERE id = 1),
                    (SELECT at_ms FROM audit WHERE seq = o.carried + 1)
               FROM audit_outlet o WHERE o.name = $1",
        )
        .bind(way.as_str())
        .fetch_optional(&self.reader)
        .await?
        .ok_or(Error::Corrupt("audit outlet"))?;
        let at_ms: i64 = row.try_get(2)?;
        Ok(Outlet {
            taken: row.try_get(0)?,
            carried: row.try_get(1)?,
            at: (at_ms > 0).then(|| moment(at_ms)),
            newest: row.try_get::<Option<i64>, _>(3)?.ok_or(Error::Corrupt("audit head"))?,
            oldest_waiting: row.try_get::<Option<i64>, _>(4)?.map(moment),
        })
    }

    /// What the webhook's parcel came to last, if one is on its way and was tried: how often, and a code.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn webhook_trouble(&self) -> Result<Option<(i64, String)>, Error> {
        let row = sqlx::query(
            "SELECT attempts, trouble FROM outbox WHERE about = $1 AND state = 'open' AND trouble IS NOT NULL ORDER BY id LIMIT 1",
        )
        .bind(ENTRIES)
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    /// The head of the trail as it is now, signed. None while the trail is empty.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if the head was tampered with: what is not ours is not signed.
    pub async fn sign_head(&self, at: Moment) -> Result<Option<SignedHead>, Error> {
        let row =
            sqlx::query("SELECT seq, hash, mac FROM audit_head WHERE id = 1").fetch_optional(&self.reader).await?;
        let row = row.ok_or(Error::Corrupt("audit head"))?;
        let (seq, hash, mac): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if !self.keys.head_is_ours(seq, &hash, &mac) {
            return Err(Error::Corrupt("audit head"));
        }
        Ok((seq > 0).then(|| Head { seq, hash, at }.signed(&self.keys.heads)))
    }

    /// What the signatures of heads are checked with.
    #[must_use]
    pub fn head_key(&self) -> crate::seal::PublicKey {
        self.keys.heads.public()
    }

    /// Notes that a head was told, unless somebody else has told one since `before` was looked up. Whoever is told `true` owes
    /// it to the channel, in the same transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn head_told(&self, tx: &mut Tx<'_>, before: &Outlet, seq: i64, at: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE audit_outlet SET taken = $1, carried = $1, at_ms = $2 WHERE name = 'head' AND carried = $3",
        )
        .bind(seq)
        .bind(at.as_millisecond())
        .bind(before.carried)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts the entries behind `after`, up to `upto`, on their way to the webhook. False if others are on their way already.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn send_entries(&self, tx: &mut Tx<'_>, after: i64, upto: i64, at: Moment) -> Result<bool, Error> {
        let done =
            sqlx::query("UPDATE audit_outlet SET taken = $1 WHERE name = 'webhook' AND taken = $2 AND carried = $2")
                .bind(upto)
                .bind(after)
                .execute(&mut **tx)
                .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        self.post(tx, ENTRIES, &Parcel::Entries { after, upto }, at).await?;
        Ok(true)
    }

    /// Notes that entries have arrived at the webhook, up to `upto`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn entries_arrived(&self, tx: &mut Tx<'_>, upto: i64, at: Moment) -> Result<(), Error> {
        sqlx::query("UPDATE audit_outlet SET carried = $1, at_ms = $2 WHERE name = 'webhook' AND carried < $1")
            .bind(upto)
            .bind(at.as_millisecond())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Takes back what is on its way to the webhook: there is none any more. It goes on from there, should there be one again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn recall_entries(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        sqlx::query("UPDATE audit_outlet SET taken = carried WHERE name = 'webhook'").execute(&mut **tx).await?;
        Ok(())
    }
}
