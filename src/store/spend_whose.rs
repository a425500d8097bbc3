//! Who a key belongs to, and which tags its name fits: read once for a question, and only if it asks.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;

use super::{Error, Store};
use crate::domain::{Dimension, Scope, SpendQuery, fits};

/// What is known of keys and people, as far as a question needs it.
#[derive(Debug, Default)]
pub(super) struct Whose {
    /// Key -> person or member.
    owners: BTreeMap<String, String>,
    /// Member -> person.
    people: BTreeMap<String, String>,
    /// Key -> its first tag.
    tags: BTreeMap<String, String>,
    /// The keys of the tag that is asked about.
    tagged: BTreeSet<String>,
}

impl Whose {
    /// Whose spending it is: the key's owner, or whoever used it without a key.
    pub(super) fn person(&self, key: &str, actor: &str) -> Option<&str> {
        if !key.is_empty() {
            return self.owners.get(key).map(String::as_str);
        }
        let member = Some(actor).filter(|it| it.starts_with("user_"))?;
        // Not `actor` itself: it lives shorter than what is known.
        self.people.get(member).map(String::as_str)
    }

    /// The first tag of a key.
    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.get(key).map(String::as_str)
    }

    /// True if a row of this key, actor, workspace and model is within the scope.
    pub(super) fn is_within(&self, scope: &Scope, [key, actor, workspace, model]: [&str; 4]) -> bool {
        match scope {
            Scope::Organization => true,
            Scope::Workspace(it) => it == workspace,
            Scope::Key(it) => it == key,
            Scope::Model(it) => it == model,
            Scope::Tag(_) => self.tagged.contains(key),
            Scope::Person(it) => self.person(key, actor) == Some(it),
        }
    }
}

impl Store {
    pub(super) async fn whose_spend(&self, query: &SpendQuery) -> Result<Whose, Error> {
        let mut whose = Whose::default();
        if matches!(query.scope, Scope::Person(_)) || query.by.contains(&Dimension::Person) {
            self.read_owners(&mut whose).await?;
        }
        if matches!(query.scope, Scope::Tag(_)) || query.by.contains(&Dimension::Tag) {
            self.read_tags(&mut whose, &query.scope).await?;
        }
        Ok(whose)
    }

    async fn read_owners(&self, whose: &mut Whose) -> Result<(), Error> {
        // Members and whoever used something without a key: as the person whom an account is linked to, or as themselves.
        let rows = sqlx::query(
            "SELECT id FROM member UNION SELECT actor FROM spend_series WHERE actor LIKE 'user!_%' ESCAPE '!'",
        )
        .fetch_all(&self.reader)
        .await?;
        for row in &rows {
            let id: String = row.try_get(0)?;
            whose.people.insert(id.clone(), id);
        }
        let rows =
            sqlx::query("SELECT member_id, id FROM person WHERE member_id IS NOT NULL ORDER BY created_at_ms DESC")
                .fetch_all(&self.reader)
                .await?;
        for row in &rows {
            whose.people.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let rows = sqlx::query("SELECT id, owner_id FROM api_key WHERE kind = 'personal' AND owner_id IS NOT NULL")
            .fetch_all(&self.reader)
            .await?;
        for row in &rows {
            let (key, member): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let person = whose.people.get(&member).cloned().unwrap_or(member);
            whose.owners.insert(key, person);
        }
        for record in self.key_records().await? {
            whose.owners.insert(record.key_id, record.owner.0);
        }
        Ok(())
    }

    async fn read_tags(&self, whose: &mut Whose, scope: &Scope) -> Result<(), Error> {
        let rows =
            sqlx::query("SELECT name, pattern FROM spend_tag ORDER BY name, pattern").fetch_all(&self.reader).await?;
        let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        let tags: Vec<(String, String)> = rows.iter().map(read).collect::<Result<_, Error>>()?;
        let rows = sqlx::query("SELECT id, name FROM api_key").fetch_all(&self.reader).await?;
        for row in &rows {
            let (key, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let mut fitting = tags.iter().filter(|(_, pattern)| fits(pattern, &name)).map(|(tag, _)| tag);
            if let Scope::Tag(asked) = scope
                && fitting.clone().any(|tag| tag == asked)
            {
                whose.tagged.insert(key.clone());
            }
            if let Some(tag) = fitting.next() {
                whose.tags.insert(key, tag.clone());
            }
        }
        Ok(())
    }
}
