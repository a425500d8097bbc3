//! Finding members by a few letters.

use sqlx::Row;

use super::directory::member;
use super::{Error, MemberRow, Store};

/// Which members to list, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Letters of the name or the address, case ignored.
    pub find: Option<String>,
    /// Only this role.
    pub role: Option<String>,
}

/// A part of a list, and how long the list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// This part.
    pub rows: Vec<T>,
    /// How many there are in all.
    pub total: i64,
}

impl Store {
    /// Present members, `limit` from the `offset`-th on.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn members(&self, filter: &MemberFilter, offset: i64, limit: i64) -> Result<Page<MemberRow>, Error> {
        let pattern = filter.find.as_deref().map_or_else(|| "%".to_owned(), like);
        let role = filter.role.clone().unwrap_or_default();
        let rows = sqlx::query(
            "SELECT id, email, name, role, added_at_ms, COUNT(*) OVER () AS total FROM member
              WHERE gone_at_ms IS NULL AND search LIKE $1 ESCAPE '!' AND ($2 = '' OR role = $2)
              ORDER BY name, id LIMIT $3 OFFSET $4",
        )
        .bind(&pattern)
        .bind(&role)
        .bind(limit)
        .bind(offset)
        .fetch_all(&self.reader)
        .await?;
        let total = match rows.first() {
            Some(row) => row.try_get("total")?,
            None if offset > 0 || limit == 0 => self.count_members(&pattern, &role).await?,
            None => 0,
        };
        Ok(Page { rows: rows.iter().map(member).collect::<Result<_, _>>()?, total })
    }

    /// How many members fit: a page behind the last one has no row that could tell.
    async fn count_members(&self, pattern: &str, role: &str) -> Result<i64, Error> {
        let query = sqlx::query(
            "SELECT COUNT(*) FROM member
              WHERE gone_at_ms IS NULL AND search LIKE $1 ESCAPE '!' AND ($2 = '' OR role = $2)",
        );
        Ok(query.bind(pattern).bind(role).fetch_one(&self.reader).await?.try_get(0)?)
    }
}

/// What a member is found by: name and address, folded here, because the two databases fold differently.
pub(super) fn searchable(name: &str, email: &str) -> String {
    folded(&format!("{name} {email}"))
}

/// Without capital letters. Letter by letter: as a whole, a text's last sigma would depend on where the text ends.
pub(super) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|it| if it == 'ς' { 'σ' } else { it }).collect()
}

fn like(find: &str) -> String {
    let mut pattern = String::from("%");
    for letter in folded(find.trim()).chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
