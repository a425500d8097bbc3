//! A change's row, column by column.

use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Error;
use crate::chat::Account;
use crate::clock::{Moment, moment};
use crate::domain::{Asked, Change, ChangeId, Decided, Digest, PersonId, State};

/// Everything of a row, in the order that [`read`] expects.
macro_rules! columns {
    () => {
        "number, id, kind, subject, body, plan, digest, decision, state, note, reason, asked_by, asker_account, asker_standing, for_person, asked_at_ms, approvals, decided_by, decider_account, decided_at_ms, settled_at_ms, expires_at_ms, remind_at_ms, reminders, undoes, undone_by, mac, fence, retry_at_ms"
    };
}
pub(super) use columns;

pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| Error::Corrupt("json"))
}

fn parsed<T: DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T, Error> {
    serde_json::from_str(&row.try_get::<String, _>(column)?).map_err(|_| Error::Corrupt(column))
}

fn named<T: std::str::FromStr>(row: &AnyRow, column: &'static str) -> Result<T, Error> {
    row.try_get::<String, _>(column)?.parse().map_err(|_| Error::Corrupt(column))
}

fn maybe<T: std::str::FromStr>(row: &AnyRow, column: &'static str) -> Result<Option<T>, Error> {
    row.try_get::<Option<String>, _>(column)?.map(|it| it.parse().map_err(|_| Error::Corrupt(column))).transpose()
}

fn time(row: &AnyRow, column: &'static str) -> Result<Option<Moment>, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(moment))
}

/// Reads a row of [`columns`].
pub(super) fn read(row: &AnyRow) -> Result<Change, Error> {
    let asked_at = moment(row.try_get("asked_at_ms")?);
    let new = Asked {
        kind: named(row, "kind")?,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
        plan: parsed(row, "plan")?,
        decision: parsed(row, "decision")?,
        reason: row.try_get("reason")?,
        asked_by: PersonId(row.try_get("asked_by")?),
        asker_account: named(row, "asker_account")?,
        asker_standing: parsed(row, "asker_standing")?,
        for_person: row.try_get::<Option<String>, _>("for_person")?.map(PersonId),
        asked_at,
        expires_at: time(row, "expires_at_ms")?.unwrap_or(asked_at),
        remind_at: time(row, "remind_at_ms")?.unwrap_or(asked_at),
        undoes: maybe(row, "undoes")?,
    };
    let by: Option<String> = row.try_get("decided_by")?;
    let account: Option<Account> = maybe(row, "decider_account")?;
    let decided = match (by, account, time(row, "decided_at_ms")?) {
        (Some(by), Some(account), Some(at)) => Some(Decided { by: PersonId(by), account, at }),
        _ => None,
    };
    let id: ChangeId = named(row, "id")?;
    if id.number() != row.try_get::<i64, _>("number")? {
        // The number leads to the calls, the id is what was agreed to: a row in which they differ is nobody's.
        return Err(Error::Corrupt("number"));
    }
    Ok(Change {
        id,
        asked: new,
        digest: Digest::stored(row.try_get("digest")?),
        state: State::stored(&row.try_get::<String, _>("state")?).ok_or(Error::Corrupt("state"))?,
        note: row.try_get("note")?,
        approvals: parsed(row, "approvals")?,
        decided,
        settled_at: time(row, "settled_at_ms")?,
        reminders: row.try_get("reminders")?,
        undone_by: maybe(row, "undone_by")?,
        fence: row.try_get("fence")?,
        retry_at: time(row, "retry_at_ms")?,
        mac: row.try_get("mac")?,
    })
}
