//! Changes: the row that every decision and every call is settled by.

use data_encoding::HEXLOWER;
use sqlx::Row;

use super::change_row::json;
use super::{Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Approval, Asked, Change, ChangeId, Decided, PersonId, State, Verdict};

/// A change that a worker holds for applying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The change.
    pub number: i64,
    /// Grows with each worker that takes it; a late one is refused by it.
    pub fence: i64,
}

/// A change's way from one state to another.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// The state it must still be in.
    pub from: State,
    /// The state that follows.
    pub to: State,
    /// What became of it, in our words; none keeps what was said before.
    pub note: Option<&'a str>,
    /// When.
    pub at: Moment,
}

impl Store {
    /// Writes a new change in state `waiting`. None if an open one of the same kind and subject is there:
    /// nothing was written.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn ask(&self, tx: &mut Tx<'_>, new: Asked) -> Result<Option<Change>, Error> {
        let number = Self::count(tx, "change").await?;
        let digest = new.plan.digest();
        let id = ChangeId::new(number, &digest);
        let mut row = Change {
            id,
            digest,
            asked: new,
            state: State::Waiting,
            note: None,
            approvals: Vec::new(),
            decided: None,
            settled_at: None,
            reminders: 0,
            undone_by: None,
            fence: 0,
            retry_at: None,
            mac: String::new(),
        };
        row.mac = self.change_mac(&row);
        let written = sqlx::query(
            "INSERT INTO change (number, id, kind, subject, body, plan, digest, decision, state, reason, asked_by, asker_account,
                                 asker_standing, for_person, asked_at_ms, expires_at_ms, remind_at_ms, reminders, undoes, mac, fence)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18, 0)
             ON CONFLICT (kind, subject) WHERE state IN ('waiting', 'approved', 'applying') DO NOTHING",
        )
        .bind(number)
        .bind(row.id.to_string())
        .bind(row.asked.kind.as_str())
        .bind(&row.asked.subject)
        .bind(&row.asked.body)
        .bind(json(&row.asked.plan)?)
        .bind(row.digest.as_str())
        .bind(json(&row.asked.decision)?)
        .bind(row.asked.reason.as_deref())
        .bind(row.asked.asked_by.as_str())
        .bind(row.asked.asker_account.to_string())
        .bind(json(&row.asked.asker_standing)?)
        .bind(row.asked.for_person.as_ref().map(PersonId::as_str))
        .bind(row.asked.asked_at.as_millisecond())
        .bind(row.asked.expires_at.as_millisecond())
        .bind(row.asked.remind_at.as_millisecond())
        .bind(row.asked.undoes.as_ref().map(ToString::to_string))
        .bind(&row.mac)
        .execute(&mut **tx)
        .await?;
        if written.rows_affected() == 0 {
            // The number goes back, so that no gap is left.
            Self::uncount(tx, "change").await?;
            return Ok(None);
        }
        Ok(Some(row))
    }

    /// Records that nobody has to agree, or that somebody said no, if nobody was faster.
    ///
    /// Two people may press at the same moment, on two replicas. The row settles it: only a change that is still waiting
    /// and has not expired moves on, and only the press that moved it is told `true`. Whoever is told `true` owes the asker
    /// the news, in the same transaction.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn decide(&self, tx: &mut Tx<'_>, row: &Change, verdict: Verdict, by: Decided) -> Result<bool, Error> {
        let decided = Change { decided: Some(by), state: verdict.state(), ..row.clone() };
        self.write_decision(tx, row, &decided).await
    }

    /// Adds one person's yes to those that were there when `row` was read. With `last`, it decides: the change is approved.
    ///
    /// False if anything happened to the row since: whoever is told `false` reads again. So two approvals at the same moment
    /// both count, one after the other, and none twice.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn approve(&self, tx: &mut Tx<'_>, row: &Change, yes: Approval, last: bool) -> Result<bool, Error> {
        let mut approved = row.clone();
        if last {
            let (by, account) = (yes.by.clone(), yes.account.clone());
            approved.decided = Some(Decided { by, account, at: moment(yes.at_ms) });
            approved.state = State::Approved;
        }
        approved.approvals.push(yes);
        self.write_decision(tx, row, &approved).await
    }

    async fn write_decision(&self, tx: &mut Tx<'_>, was: &Change, is: &Change) -> Result<bool, Error> {
        let at = is.decided.as_ref().map(|it| it.at.as_millisecond());
        let now = at.or(is.approvals.last().map(|it| it.at_ms)).unwrap_or(i64::MAX);
        let done = sqlx::query(
            "UPDATE change SET state = $1, approvals = $2, decided_by = $3, decider_account = $4, decided_at_ms = $5,
                               settled_at_ms = $6, mac = $7
              WHERE number = $8 AND state = 'waiting' AND approvals = $9 AND expires_at_ms > $10",
        )
        .bind(is.state.as_str())
        .bind(json(&is.approvals)?)
        .bind(is.decided.as_ref().map(|it| it.by.as_str().to_owned()))
        .bind(is.decided.as_ref().map(|it| it.account.to_string()))
        .bind(at)
        .bind(at.filter(|_| is.state == State::Denied))
        .bind(self.change_mac(is))
        .bind(was.id.number())
        .bind(json(&was.approvals)?)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Moves a change on, if it is still in `from`, and says what became of it. Ends with a `settled` time unless it stays open.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn move_change(&self, tx: &mut Tx<'_>, number: i64, to: Move<'_>) -> Result<bool, Error> {
        let Move { from, to, note, at } = to;
        let settled = (!to.is_open()).then(|| at.as_millisecond());
        let done = sqlx::query(
            "UPDATE change SET state = $1, note = COALESCE($2, note), settled_at_ms = COALESCE($3, settled_at_ms), retry_at_ms = NULL
              WHERE number = $4 AND state = $5",
        )
        .bind(to.as_str())
        .bind(note)
        .bind(settled)
        .bind(number)
        .bind(from.as_str())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Marks `original` as taken back by `by`, if it is applied, or waits for an event half-way, and nothing took it back
    /// before.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn mark_undone(&self, tx: &mut Tx<'_>, original: &ChangeId, by: &ChangeId) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE change SET state = 'undone', undone_by = $1 WHERE id = $2 AND state IN ('applied', 'applying')",
        )
        .bind(by.to_string())
        .bind(original.to_string())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes a decided change for applying, until `until`. None if it is not open for that or somebody else holds it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn hold_change(
        &self,
        number: i64,
        holder: &str,
        now: Moment,
        until: Moment,
    ) -> Result<Option<Hold>, Error> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "UPDATE change SET fence = fence + 1, holder = $1, held_until_ms = $2
              WHERE number = $3 AND state IN ('approved', 'applying') AND (held_until_ms IS NULL OR held_until_ms < $4)
             RETURNING fence",
        )
        .bind(holder)
        .bind(until.as_millisecond())
        .bind(number)
        .bind(now.as_millisecond())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.map(|row| Ok(Hold { number, fence: row.try_get(0)? })).transpose()
    }

    /// Proves, inside a transaction, that the hold with this fence is still ours, and keeps it until `until`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn still_held(&self, tx: &mut Tx<'_>, hold: Hold, until: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE change SET held_until_ms = $1 WHERE number = $2 AND fence = $3 AND held_until_ms IS NOT NULL",
        )
        .bind(until.as_millisecond())
        .bind(hold.number)
        .bind(hold.fence)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets go of a change; not before `retry` if it is to be tried again.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn let_go(&self, hold: Hold, retry: Option<Moment>) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE change SET held_until_ms = NULL, holder = NULL, retry_at_ms = $1 WHERE number = $2 AND fence = $3",
        )
        .bind(retry.map(Moment::as_millisecond))
        .bind(hold.number)
        .bind(hold.fence)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a change waited for has come: it is taken up with the next sweep, whatever pause it was given.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn end_pause(&self, tx: &mut Tx<'_>, number: i64) -> Result<(), Error> {
        let query = "UPDATE change SET retry_at_ms = NULL WHERE number = $1 AND state IN ('approved', 'applying')";
        sqlx::query(query).bind(number).execute(&mut **tx).await?;
        Ok(())
    }

    /// Notes that a reminder went out and when the next one is due. False if another replica was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn reminded(&self, tx: &mut Tx<'_>, row: &Change, next: Moment) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE change SET reminders = reminders + 1, remind_at_ms = $1 WHERE number = $2 AND state = 'waiting' AND reminders = $3",
        )
        .bind(next.as_millisecond())
        .bind(row.id.number())
        .bind(row.reminders)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// True if the row was written, and decided, by this Steward: nobody edited it in the database.
    #[must_use]
    pub fn is_genuine(&self, row: &Change) -> bool {
        row.digest == row.asked.plan.digest()
            && HEXLOWER.decode(row.mac.as_bytes()).is_ok_and(|mac| self.keys.rows.verify(covered(row).as_bytes(), &mac))
    }

    fn change_mac(&self, row: &Change) -> String {
        HEXLOWER.encode(&self.keys.rows.sign(covered(row).as_bytes()))
    }
}

/// What a decision is bound to. Fields are JSON strings in one JSON list, so that no two rows read the same.
fn covered(row: &Change) -> String {
    let new = &row.asked;
    let decided = row.decided.as_ref().map(|it| (it.by.as_str(), it.account.to_string(), it.at.as_millisecond()));
    let verdict = if row.state == State::Denied { "denied" } else { "open" };
    let mut covered = vec![serde_json::json!([
        "change",
        row.id.to_string(),
        new.kind.as_str(),
        new.subject,
        new.body,
        row.digest.as_str(),
        new.decision,
        new.reason,
        new.asked_by.as_str(),
        new.asker_account,
        new.for_person.as_ref().map(PersonId::as_str),
        new.asked_at.as_millisecond(),
        new.undoes.as_ref().map(ToString::to_string),
        decided,
        verdict,
    ])];
    // Rows of before there were several approvals have none here.
    covered.extend((!row.approvals.is_empty()).then(|| serde_json::json!(row.approvals)));
    covered.iter().map(ToString::to_string).collect()
}
