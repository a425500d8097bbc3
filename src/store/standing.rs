//! What the chats last said of linked accounts, and what a comparison with the workspace map needs of it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;

use super::{Error, Store};
use crate::chat::{Account, Kind, Standing};
use crate::clock::{Moment, moment};
use crate::domain::{MappedPerson, MappedPlace};

impl Store {
    /// Writes down what the chats just said of these accounts.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn write_standings(&self, standings: &[(Account, Standing)], seen: Moment) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for (account, standing) in standings {
            // Whoever is no colleague, or none any more, is in no group that counts.
            let groups: &[String] = if standing.kind == Kind::Person { &standing.groups } else { &[] };
            let groups = serde_json::to_string(groups).map_err(|_| Error::Corrupt("standing.groups_json"))?;
            sqlx::query(
                "INSERT INTO standing (account, kind, groups_json, seen_at_ms) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (account) DO UPDATE SET kind = $2, groups_json = $3, seen_at_ms = $4",
            )
            .bind(account.to_string())
            .bind(word(standing.kind))
            .bind(groups)
            .bind(seen.as_millisecond())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The linked accounts of which the chats said something longest ago, if that was before `before`; never-asked ones first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stalest_standings(&self, before: Moment, limit: i64) -> Result<Vec<Account>, Error> {
        let rows = sqlx::query(
            "SELECT l.account FROM link l LEFT JOIN standing s ON s.account = l.account
              WHERE l.state = 'active' AND l.platform <> 'operator' AND COALESCE(s.seen_at_ms, 0) < $1
              ORDER BY COALESCE(s.seen_at_ms, 0), l.account LIMIT $2",
        )
        .bind(before.as_millisecond())
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| row.try_get::<String, _>(0)?.parse().map_err(|_| Error::Corrupt("link.account")))
            .collect()
    }

    /// Everybody linked to a present member, with what the chats last said of all their accounts.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn mapped_people(&self) -> Result<Vec<MappedPerson>, Error> {
        self.mapped("").await
    }

    /// One of them, by member.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn mapped_person(&self, user_id: &str) -> Result<Option<MappedPerson>, Error> {
        Ok(self.mapped(user_id).await?.pop())
    }

    async fn mapped(&self, user_id: &str) -> Result<Vec<MappedPerson>, Error> {
        let rows = sqlx::query(
            "SELECT m.id, m.email, m.role, l.account, s.groups_json, s.seen_at_ms
               FROM link l JOIN person p ON p.id = l.person_id JOIN member m ON m.id = p.member_id
               LEFT JOIN standing s ON s.account = l.account
              WHERE l.state = 'active' AND l.platform <> 'operator' AND m.gone_at_ms IS NULL AND ($1 = '' OR m.id = $1)
              ORDER BY m.id, l.account",
        )
        .bind(user_id)
        .fetch_all(&self.reader)
        .await?;
        let mut people: BTreeMap<String, MappedPerson> = BTreeMap::new();
        for row in &rows {
            let id: String = row.try_get(0)?;
            let account: Account = row.try_get::<String, _>(3)?.parse().map_err(|_| Error::Corrupt("link.account"))?;
            let person = match people.entry(id.clone()) {
                std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => free.insert(MappedPerson {
                    user_id: id,
                    email: row.try_get(1)?,
                    role: row.try_get(2)?,
                    accounts: Vec::new(),
                    groups: BTreeSet::new(),
                    seen: Some(Moment::MAX),
                }),
            };
            person.accounts.push(account);
            let groups: Option<String> = row.try_get(4)?;
            let groups: Vec<String> = groups
                .map_or_else(|| Ok(Vec::new()), |it| serde_json::from_str(&it))
                .map_err(|_| Error::Corrupt("standing.groups_json"))?;
            person.groups.extend(groups);
            let seen = row.try_get::<Option<i64>, _>(5)?.map(moment);
            person.seen = person.seen.zip(seen).map(|(one, other)| one.min(other));
        }
        Ok(people.into_values().collect())
    }

    /// The workspaces with these names or ids that are in use, with who is in them. Whoever has left the organization is not.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn mapped_places(&self, named: &[String]) -> Result<Vec<MappedPlace>, Error> {
        let rows = sqlx::query(
            "SELECT w.id, w.name, s.user_id, s.workspace_role, m.gone_at_ms
               FROM workspace w LEFT JOIN membership s ON s.workspace_id = w.id
               LEFT JOIN member m ON m.id = s.user_id
              WHERE w.gone_at_ms IS NULL AND w.archived_at_ms IS NULL ORDER BY w.id",
        )
        .fetch_all(&self.reader)
        .await?;
        let mut places: BTreeMap<String, MappedPlace> = BTreeMap::new();
        for row in &rows {
            let (id, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            if !named.iter().any(|it| it.eq_ignore_ascii_case(&name) || *it == id) {
                continue;
            }
            let place = places.entry(id.clone()).or_insert_with(|| MappedPlace { id, name, members: BTreeMap::new() });
            let has_left = row.try_get::<Option<i64>, _>(4)?.is_some();
            if let Some(user_id) = row.try_get::<Option<String>, _>(2)?.filter(|_| !has_left) {
                place.members.insert(user_id, row.try_get(3)?);
            }
        }
        Ok(places.into_values().collect())
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "person",
        Kind::Guest => "guest",
        Kind::Outsider => "outsider",
        Kind::Bot => "bot",
        Kind::Deactivated => "deactivated",
        Kind::Unknown => "unknown",
    }
}
