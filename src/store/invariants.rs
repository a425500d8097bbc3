//! What must hold of the rows, whatever happened: looked at by `steward verify`, and by the tests after every storm.

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::change_row::{columns, read};
use super::link_row::{bound, columns as link_columns};
use super::{Act, Error, Store};
use crate::clock::Moment;

/// How many changes are read at once.
const CHUNK: i64 = 500;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The invariant, in a word or two.
    pub invariant: &'static str,
    /// The row, by its id.
    pub about: String,
    /// What is wrong with it.
    pub what: String,
}

/// Invariants that one statement can look for: it answers the ids of the rows that break it.
const QUERIES: [(&str, &str, &str); 8] = [
    (
        "one person, one member",
        "several people are this member",
        "SELECT member_id FROM person WHERE member_id IS NOT NULL GROUP BY member_id HAVING COUNT(*) > 1 ORDER BY member_id",
    ),
    (
        "no call without a decision",
        "a call was made, but the change is in a state in which none can have been",
        "SELECT DISTINCT c.id FROM effect e JOIN change c ON c.number = e.change_number
          WHERE e.state IN ('done', 'sending') AND c.state IN ('waiting', 'approved', 'denied', 'expired', 'withdrawn') ORDER BY c.id",
    ),
    (
        "applied means all calls",
        "it counts as applied, but not all of its calls are done",
        "SELECT DISTINCT c.id FROM effect e JOIN change c ON c.number = e.change_number
          WHERE (e.state <> 'done' AND c.state = 'applied')
             OR (c.state = 'undone' AND (e.state NOT IN ('done', 'planned')
                 OR NOT EXISTS (SELECT 1 FROM effect d WHERE d.change_number = c.number AND d.state = 'done'))) ORDER BY c.id",
    ),
    (
        "no change without its audit entries",
        "it was applied, but the trail holds no entry that it was asked, approved and applied",
        // What waited for an event half-way may have been taken back before it counted as applied.
        "SELECT c.id FROM change c WHERE c.state IN ('applied', 'undone')
            AND (SELECT COUNT(DISTINCT a.action) FROM audit a
                  WHERE a.about = c.id AND a.action IN (c.kind || '.asked', c.kind || '.approved', c.kind || '.applied'))
                < CASE WHEN c.state = 'undone' AND EXISTS (SELECT 1 FROM effect e WHERE e.change_number = c.number AND e.state <> 'done')
                       THEN 2 ELSE 3 END
          ORDER BY c.id",
    ),
    (
        "no call without its audit entry",
        "a call was made, but the trail holds no entry that it was about to be",
        "SELECT DISTINCT c.id FROM effect e JOIN change c ON c.number = e.change_number
          WHERE e.state = 'done' AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.about = c.id AND a.action = c.kind || '.sending') ORDER BY c.id",
    ),
    (
        "no decision without a decider",
        "it was decided, but by nobody",
        "SELECT id FROM change WHERE state IN ('approved', 'applying', 'applied', 'denied', 'undone')
            AND (decided_by IS NULL OR decided_at_ms IS NULL) ORDER BY id",
    ),
    (
        "undone by a change that was applied",
        "it counts as undone, but the change that undid it was not applied",
        "SELECT c.id FROM change c WHERE c.state = 'undone'
            AND NOT EXISTS (SELECT 1 FROM change u WHERE u.id = c.undone_by AND u.state IN ('applied', 'undone')) ORDER BY c.id",
    ),
    (
        "every account has its person",
        "nobody is behind this account",
        "SELECT l.account FROM link l WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.id = l.person_id) ORDER BY l.account",
    ),
];

impl Store {
    /// Looks for everything that must not be. The audit trail has a check of its own, [`Store::verify_audit`].
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked. A broken row is no error: it is in the answer.
    pub async fn violations(&self) -> Result<Vec<Violation>, Error> {
        let mut found = self.forged_changes().await?;
        for about in self.forged_grants().await?.into_iter().chain(self.forged_delegations().await?) {
            let what = "it was not given, or not ended, by this Steward, and gives nothing".to_owned();
            found.push(Violation { invariant: "every right that was given is genuine", about, what });
        }
        for about in self.forged_tokens().await? {
            let what = "it was not written by this Steward, or the trail says that it became another; it gives nothing";
            found.push(Violation { invariant: "every access is genuine", about, what: what.to_owned() });
        }
        found.extend(self.forged_links().await?);
        for (invariant, what, query) in QUERIES {
            for row in sqlx::query(query).fetch_all(&self.reader).await? {
                found.push(Violation { invariant, about: row.try_get(0)?, what: what.to_owned() });
            }
        }
        let row =
            sqlx::query("SELECT (SELECT value FROM counter WHERE name = 'change'), (SELECT COUNT(*) FROM change)")
                .fetch_one(&self.reader)
                .await?;
        let (given, there): (Option<i64>, i64) = (row.try_get(0)?, row.try_get(1)?);
        if given != Some(there) {
            let what = format!("{} numbers were given, {there} changes are there", given.unwrap_or_default());
            found.push(Violation { invariant: "no change vanishes", about: "change".to_owned(), what });
        }
        Ok(found)
    }

    /// Changes that were not written, or not decided, by this Steward.
    async fn forged_changes(&self) -> Result<Vec<Violation>, Error> {
        let mut found = Vec::new();
        let mut after = i64::MIN;
        loop {
            let rows =
                sqlx::query(concat!("SELECT ", columns!(), " FROM change WHERE number > $1 ORDER BY number LIMIT $2"))
                    .bind(after)
                    .bind(CHUNK)
                    .fetch_all(&self.reader)
                    .await?;
            let Some(last) = rows.last() else { return Ok(found) };
            after = last.try_get("number")?;
            found.extend(rows.iter().filter_map(|row| self.forged(row)));
        }
    }

    /// Links that were not made by this Steward. They are held back.
    async fn forged_links(&self) -> Result<Vec<Violation>, Error> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            link_columns!(),
            " FROM link l JOIN person p ON p.id = l.person_id ORDER BY l.account"
        ))
        .fetch_all(&self.reader)
        .await?;
        let links = rows.iter().map(bound).collect::<Result<Vec<_>, _>>()?;
        let what = "it was not made by this Steward, and is held back";
        let forged = links.into_iter().filter(|it| !self.keys.link_is_ours(it));
        Ok(forged
            .map(|it| Violation { invariant: "every link is genuine", about: it.account, what: what.to_owned() })
            .collect())
    }

    fn forged(&self, row: &AnyRow) -> Option<Violation> {
        let what = match read(row) {
            Ok(change) if self.is_genuine(&change) => return None,
            Ok(_) => "it was not written, or not decided, by this Steward",
            Err(_) => "its row cannot be read",
        };
        let about = row.try_get("id").unwrap_or_else(|_| "a change without an id".to_owned());
        Some(Violation { invariant: "every change is genuine", about, what: what.to_owned() })
    }

    /// Could an entry be appended to the audit trail now? Tried out, and taken back.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be written. A head that was tampered with is no error: the answer is false.
    pub async fn can_append(&self, at: Moment) -> Result<bool, Error> {
        let mut tx = self.begin().await?;
        let act = Act { at, actor: "steward", action: "ready", about: "steward", detail: serde_json::json!({}) };
        let tried = self.append(&mut tx, &act).await;
        tx.rollback().await?;
        match tried {
            Ok(_) => Ok(true),
            Err(Error::Corrupt("audit head")) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
